"""Recovery: a log of so many commands, replayed; a snapshot, restored; a node, started on both.

The log holds the plain workload, so a command costs what it costs in trading.
"""

from __future__ import annotations

import time
from pathlib import Path

from chaos.process import NodeProcess
from exchange.engine.build import AUTO, BUILT_ENGINES, build_engine
from exchange.engine.port import Engine, digest_of
from exchange.model.batch import EventBatch
from exchange.model.codec import decode_entry_head
from exchange.sequencer.recovery import RecoveryReport, recover
from storage.data_directory import DataDirectory
from tests.bench.figures import Report
from tests.bench.workload import PlainWorkload

MILLION = 1_000_000
RUNS = 3


def bench_recovery(report: Report, directory: Path, *, quick: bool) -> None:
    """`recovery.*`."""
    tape = PlainWorkload(1, 10, 200).tape(10_000 if quick else 50_000)
    entries = [*tape.setup, *tape.entries]
    commands = sum(decode_entry_head(entry).command_count for entry in entries)
    node = NodeProcess(directory / "recovery")
    with DataDirectory.open(node.data_dir, create=True, cluster_id="bench") as data:
        data.journal.append(list(enumerate(entries, 1)))
        rates = []
        engine = build_engine(AUTO)
        for _ in range(RUNS):
            engine, done = _replay(data)
            rates.append(done.replayed_commands / done.seconds)
        payload = engine.snapshot()
        report.rate(
            "recovery.commands_per_s",
            rates,
            note=f"{commands} commands, {BUILT_ENGINES[-1]} engine",
        )
        seconds = [MILLION / rate for rate in rates]
        report.value("recovery.seconds_per_million_commands", seconds, "s")
        restores = [_restore_s(payload) for _ in range(RUNS)]
        note = f"{len(payload)} bytes after {commands} commands"
        report.value("recovery.snapshot.restore_s", restores, "s", note=note)
        report.value(
            "recovery.snapshot.seconds_per_million_commands",
            [MILLION / commands * restore for restore in restores],
            "s",
            note="state of a trading day grows with its commands (RULEBOOK R10.1)",
        )
    report.value("recovery.node.replay_start_s", [_start_s(node)], "s", note="process to port")
    with DataDirectory.open(node.data_dir, create=False) as data:
        engine, _ = _replay(data)
        payload = engine.snapshot()
        data.snapshots.write(
            log_index=engine.applied_index,
            chain_digest=data.journal.chain_digest(engine.applied_index),
            state_digest=digest_of(payload),
            next_event_seq=engine.next_event_seq,
            payload=payload,
            engine=BUILT_ENGINES[-1],
        )
    report.value("recovery.node.snapshot_start_s", [_start_s(node)], "s", note="process to port")


def _replay(data: DataDirectory) -> tuple[Engine, RecoveryReport]:
    engine = build_engine(AUTO)
    journal = data.journal
    return engine, recover(engine, journal, None, journal.chain_digest, _drop)


def _drop(_: EventBatch) -> None:
    """The event index is not measured here."""


def _restore_s(payload: bytes) -> float:
    engine = build_engine(AUTO)
    began = time.perf_counter()
    engine.restore(payload)
    return time.perf_counter() - began


def _start_s(node: NodeProcess) -> float:
    began = time.perf_counter()
    node.start()
    node.wait_serving()
    elapsed = time.perf_counter() - began
    node.stop()
    return elapsed
