"""The engine and the codec alone: one thread, no disk, no socket.

The tape is made before the clock starts. Setup entries, which bring the books to their size, are
applied unmeasured.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from exchange.engine.build import AUTO, BUILT_ENGINES, build_engine
from exchange.model.codec import (
    command_records,
    decode_batch,
    decode_command,
    encode_command,
    encode_entry,
    encode_event,
)
from tests.bench.figures import Report
from tests.bench.mix_workload import mix_tape
from tests.bench.peers import measure_peers
from tests.bench.workload import BATCH, PlainWorkload, Tape

SEED = 1
RUNS = 3


def bench_core(report: Report, *, quick: bool) -> None:
    """`core.*` and `codec.log.*`: plain workload and full mix of each engine, growth, log codec."""
    instruments, resting, commands = (10, 100, 10_000) if quick else (100, 1_000, 50_000)
    tape = PlainWorkload(SEED, instruments, resting).tape(commands)
    mix = mix_tape(SEED, 5_000 if quick else 40_000)
    single = PlainWorkload(SEED, 10, 100).tape(3_000 if quick else 10_000)
    peers = measure_peers(report, quick=quick)
    for engine in BUILT_ENGINES:
        report.rate(
            f"core.{engine}.plain.commands_per_s",
            [_apply(engine, tape) for _ in range(RUNS)],
            note=f"{instruments} instruments, {resting} resting each, batches of {BATCH}",
            peers=peers,
        )
        report.rate(
            f"core.{engine}.mix.commands_per_s",
            [_apply(engine, mix) for _ in range(RUNS)],
            note=f"all order types, replaces, halts, auctions, batches of {BATCH}",
        )
        latencies = _apply_singly(engine, single)
        report.latency(
            f"core.{engine}.plain.command", latencies, note="apply of one-command entries"
        )
    _growth(report, quick=quick)
    _log_codec(report, tape)


def _growth(report: Report, *, quick: bool) -> None:
    sizes = (100, 1_000) if quick else (100, 1_000, 10_000, 100_000, 1_000_000)
    for resting in sizes:
        tape = PlainWorkload(SEED, 1, resting).tape(5_000 if quick else 20_000)
        for engine in BUILT_ENGINES:
            is_long = engine == "reference" and resting > 100_000
            rates = [_apply(engine, tape) for _ in range(1 if is_long else RUNS)]
            name = f"core.{engine}.resting_{resting}.commands_per_s"
            report.rate(name, rates, note="one instrument")
    for instruments in (1, 100) if quick else (1, 10, 100, 1_000):
        tape = PlainWorkload(SEED, instruments, 20).tape(5_000 if quick else 20_000)
        for engine in BUILT_ENGINES:
            rates = [_apply(engine, tape) for _ in range(RUNS)]
            name = f"core.{engine}.instruments_{instruments}.commands_per_s"
            report.rate(name, rates, note="20 resting orders each")


def _apply(name: str, tape: Tape) -> float:
    """Commands a second through a fresh engine."""
    engine = build_engine(name)
    for entry in tape.setup:
        engine.apply(entry)
    with _without_collector():
        began = time.perf_counter()
        for entry in tape.entries:
            engine.apply(entry)
        return tape.commands / (time.perf_counter() - began)


def _apply_singly(name: str, tape: Tape) -> list[int]:
    """Nanoseconds of each entry of one command."""
    engine = build_engine(name)
    for entry in tape.setup:
        engine.apply(entry)
    index, ts_ns = engine.applied_index, engine.now_ns
    singles = []
    for entry in tape.entries:
        for row in command_records(entry):
            index += 1
            body = encode_command(decode_command(row), row.session_id)
            singles.append(encode_entry(index, 1, ts_ns, 1, body))
    samples = []
    with _without_collector():
        for entry in singles:
            began = time.perf_counter_ns()
            engine.apply(entry)
            samples.append(time.perf_counter_ns() - began)
    return samples


def _log_codec(report: Report, tape: Tape) -> None:
    rows = [row for entry in tape.entries for row in command_records(entry)]
    commands = [decode_command(row) for row in rows]
    engine = build_engine(AUTO)
    batches = [engine.apply(entry) for entry in [*tape.setup, *tape.entries]]
    batches = batches[len(tape.setup) :]
    events = [record for batch in batches for record in decode_batch(batch)[1]]
    for name, count, work in (
        ("encode_command", len(commands), lambda: [encode_command(one) for one in commands]),
        ("decode_command", len(rows), lambda: [decode_command(row) for row in rows]),
        (
            "encode_event",
            len(events),
            lambda: [encode_event(one.event, one.command_no) for one in events],
        ),
        ("decode_event", len(events), lambda: [decode_batch(batch) for batch in batches]),
    ):
        report.rate(f"codec.log.{name}.records_per_s", [_rate(work, count) for _ in range(RUNS)])


def _rate(work: Callable[[], object], count: int) -> float:
    with _without_collector():
        began = time.perf_counter()
        work()
        return count / (time.perf_counter() - began)


@contextmanager
def _without_collector() -> Iterator[None]:
    """The garbage collector does not run inside; what was there before is frozen out of it."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
