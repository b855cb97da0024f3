"""Snapshots of a big market: how long one takes, and what clients feel of it.

An engine and a node with a million resting orders. `snapshot.client` is an open loop of single
orders across one snapshot; what was due while it was captured and stored counts, beside what was
due before it.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import NamedTuple

from chaos.process import NodeProcess
from exchange.client import AsyncClient
from exchange.engine.build import BUILT_ENGINES, build_engine
from exchange.engine.port import NATIVE, Engine
from storage.data_directory import DataDirectory
from tests.bench.figures import Report
from tests.bench.open_loop import open_loop
from tests.bench.served_node import OrderFlow
from tests.bench.workload import PlainWorkload, Tape

RUNS = 3
PER_S = 300.0
CALM_S = 2.0


class Felt(NamedTuple):
    """Nanoseconds from due to done: before a snapshot and across it; how long that took."""

    calm: list[int]
    across: list[int]
    snapshot_s: float


def bench_snapshot(report: Report, directory: Path, *, quick: bool) -> None:
    """`core.native.restore_1m`, `snapshot.*`."""
    resting = 20_000 if quick else 1_000_000
    tape = PlainWorkload(1, 100, resting // 100).tape(0)
    if NATIVE in BUILT_ENGINES:
        _bench_engine(report, tape, f"{resting} resting orders")
    node = NodeProcess(directory / "snapshot")
    with DataDirectory.open(node.data_dir, create=True, cluster_id="bench") as data:
        data.journal.append(list(enumerate(tape.setup, 1)))
    node.start()
    try:
        node.wait_serving(300)
        felt = asyncio.run(_felt(node.endpoint))
        node.stop()
    finally:
        node.kill()
    note = f"{resting} resting orders, {BUILT_ENGINES[-1]} engine, {PER_S:.0f} orders/s"
    report.latency("snapshot.client.before", felt.calm, note)
    report.latency("snapshot.client.across", felt.across, note)
    worst = [max(felt.across) / 1e6]
    report.value("snapshot.client.across.max_ms", worst, "ms", note="the longest of these")
    report.value("snapshot.node.taken_s", [felt.snapshot_s], "s", note="asked to durable")


def _bench_engine(report: Report, tape: Tape, note: str) -> None:
    engine = build_engine(NATIVE)
    for entry in tape.setup:
        engine.apply(entry)
    held, begun, whole, payload = [], [], [], b""
    for _ in range(RUNS):
        began = time.perf_counter()
        payload = engine.snapshot()
        held.append(time.perf_counter() - began)
        began = time.perf_counter()
        capture = engine.begin_snapshot()
        begun.append((time.perf_counter() - began) * 1e3)
        capture.wait()
        whole.append(time.perf_counter() - began)
    report.value("snapshot.native.held_s", held, "s", note=f"{note}, {len(payload)} bytes")
    report.value("snapshot.native.stands_still_ms", begun, "ms", note="the fork")
    report.value("snapshot.native.captured_s", whole, "s", note="by a child process")
    restores = [_restore_s(build_engine(NATIVE), payload) for _ in range(RUNS)]
    report.value("core.native.restore_1m.seconds", restores, "s", note=note)


def _restore_s(engine: Engine, payload: bytes) -> float:
    began = time.perf_counter()
    engine.restore(payload)
    return time.perf_counter() - began


async def _felt(endpoint: str) -> Felt:
    async with (
        AsyncClient(endpoint, member="m1") as member,
        AsyncClient(endpoint, operator="bench") as operator,
        member.order_session() as session,
    ):
        flow = OrderFlow("s", 1)
        calm = await open_loop(lambda: session.send([flow.next()]), PER_S, int(PER_S * CALM_S))
        began = time.perf_counter()
        asked = asyncio.create_task(operator.create_snapshot())
        across: list[int] = []
        while not asked.done():
            across += await open_loop(lambda: session.send([flow.next()]), PER_S, int(PER_S / 10))
        await asked
        return Felt(calm, across, time.perf_counter() - began)
