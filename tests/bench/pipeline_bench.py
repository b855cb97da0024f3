"""Orders a second over `OrderSession`, with 100 and 1000 commands a message, fsync on.

`pipeline.single.*`: two members, a stream each, from a process that sends bytes made before
(`load_client.py`), IN_FLIGHT commands in flight a stream (closed loop). Then the same at half of
the rate just measured, open loop: what a message waits when the exchange is busy, not choked.

`pipeline.client.*`: the same orders through the Python client, which makes, serialises and reads
every one of them; WINDOW messages in flight. Client and server share the machine.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from pathlib import Path
from typing import Any

from exchange.client import AsyncClient, OrderSession
from tests.bench.figures import Report
from tests.bench.load_client import Load, run_load
from tests.bench.served_node import MEMBERS, OrderFlow, served_node

IN_FLIGHT = 8_000
WINDOW = 4
RUNS = 3
ORDERS = {100: 120_000, 1000: 240_000}
"""Orders in a run, by the size of its messages."""

HALF = 0.5


def bench_pipeline(report: Report, directory: Path, *, quick: bool) -> None:
    """`pipeline.single.n100.*` and `n1000.*`, and the same of `pipeline.client`."""
    for size, orders in ORDERS.items():
        load = Load(size, (orders // 10 if quick else orders) // size // 2, IN_FLIGHT // size)
        with served_node(directory / f"pipeline-{size}") as node:
            _bytes(report, node.endpoint, load)
            rates = asyncio.run(_client(node.endpoint, size, (4_000 if quick else 24_000) // size))
        note = f"Python client, 2 streams, {WINDOW} messages in flight"
        report.rate(f"pipeline.client.n{size}.orders_per_s", rates, note=note)


def _bytes(report: Report, endpoint: str, load: Load) -> None:
    runs = run_load(endpoint, load._replace(runs=RUNS))
    name = f"pipeline.single.n{load.size}"
    rates = [run.rate for run in runs]
    note = f"bytes made before, 2 streams, {load.window} messages in flight"
    report.rate(f"{name}.orders_per_s", rates, note=note)
    closed = [sample for run in runs for sample in run.latencies_ns]
    report.latency(f"{name}.closed", closed, "a message, at full load")
    per_s = HALF * statistics.median(rates) / load.size
    half = run_load(endpoint, load._replace(per_s=per_s, seed=1 + len(MEMBERS)))
    note = "a message, open loop at half of that rate"
    report.latency(f"{name}.half_load", half[0].latencies_ns, note)


async def _client(endpoint: str, size: int, messages: int) -> list[float]:
    rates: list[float] = []
    async with (
        AsyncClient(endpoint, member=MEMBERS[0], timeout=60) as one,
        AsyncClient(endpoint, member=MEMBERS[1], timeout=60) as two,
        one.order_session() as first,
        two.order_session() as second,
    ):
        sessions = [(first, OrderFlow("a", 1)), (second, OrderFlow("b", 2))]
        for _ in range(RUNS):
            tapes = [[flow.take(size) for _ in range(messages // 2)] for _, flow in sessions]
            began = time.perf_counter()
            await asyncio.gather(
                *(
                    closed_loop(session, tape)
                    for (session, _), tape in zip(sessions, tapes, strict=True)
                )
            )
            rates.append(sum(map(len, tapes)) * size / (time.perf_counter() - began))
    return rates


async def closed_loop(session: OrderSession, tape: list[list[Any]]) -> list[int]:
    """Send all messages, WINDOW in flight; nanoseconds of each."""
    samples: list[int] = []
    room = asyncio.Semaphore(WINDOW)

    async def one(commands: list[Any]) -> None:
        async with room:
            began = time.perf_counter_ns()
            await session.send(commands)
            samples.append(time.perf_counter_ns() - began)

    await asyncio.gather(*(one(commands) for commands in tape))
    return samples
