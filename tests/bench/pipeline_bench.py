"""Orders a second over `OrderSession`, with 100 and 1000 commands a message, fsync on.

Two members, a stream each, WINDOW messages in flight a stream (closed loop). Then the same at half
of the rate just measured, open loop: what an order waits when the exchange is busy, not choked.
Client and server share the machine.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from exchange.client import AsyncClient, OrderSession
from tests.bench.figures import Report
from tests.bench.open_loop import open_loop
from tests.bench.served_node import MEMBERS, OrderFlow, served_node

WINDOW = 4
RUNS = 3
HALF = 0.5


def bench_pipeline(report: Report, directory: Path, *, quick: bool) -> None:
    """`pipeline.single.n100.*` and `pipeline.single.n1000.*`."""
    for size in (100, 1000):
        messages = (6_000 if quick else 24_000) // size
        with served_node(directory / f"pipeline-{size}") as node:
            rates, closed, half = asyncio.run(_measure(node.endpoint, size, messages))
        name = f"pipeline.single.n{size}"
        report.rate(f"{name}.orders_per_s", rates, note=f"2 streams, {WINDOW} messages in flight")
        report.latency(f"{name}.closed", closed, "a message, at full load")
        report.latency(f"{name}.half_load", half, "a message, open loop at half of that rate")


async def _measure(
    endpoint: str, size: int, messages: int
) -> tuple[list[float], list[int], list[int]]:
    rates: list[float] = []
    closed: list[int] = []
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
            samples = await asyncio.gather(
                *(
                    closed_loop(session, tape)
                    for (session, _), tape in zip(sessions, tapes, strict=True)
                )
            )
            rates.append(sum(map(len, tapes)) * size / (time.perf_counter() - began))
            closed += [sample for part in samples for sample in part]
        tape = [flow.take(size) for _, flow in sessions for _ in range(max(messages // 4, 15))]
        per_s = HALF * sorted(rates)[RUNS // 2] / size
        half = await open_loop(lambda: first.send(tape.pop()), per_s, len(tape))
    return rates, closed, half


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
