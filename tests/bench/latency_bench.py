"""One order at a time over the Python client, fsync on: closed loop, and open loop at a low rate.

The floor in the same run is a bare gRPC echo and a bare LMDB commit (`echo_bench`, `disk_bench`);
`latency.single.over_floor` is the ratio that PERFORMANCE section 5 limits to 1.3.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from exchange.client import AsyncClient, Client
from tests.bench.figures import Report
from tests.bench.open_loop import open_loop
from tests.bench.served_node import SYMBOL, TICK, OrderFlow, served_node

WARM_UP = 50
IDLE_PER_S = 200.0
FLOOR = ("echo.stream.p50_us", "disk.lmdb_commit.n1.p50_us")


def bench_latency(report: Report, directory: Path, *, quick: bool) -> None:
    """`latency.*` of single orders."""
    rounds = 300 if quick else 2_000
    with served_node(directory / "latency") as node:
        session, unary, idle = asyncio.run(_measure(node.endpoint, rounds))
        report.latency("latency.single", session, "OrderSession, one order a message")
        report.latency("latency.single.unary_async", unary, "SubmitOrder, AsyncClient")
        blocking = _measure_blocking(node.endpoint, rounds)
        report.latency("latency.single.unary_sync", blocking, "SubmitOrder, Client")
        report.latency("latency.idle", idle, f"open loop, {IDLE_PER_S:.0f} orders/s")
    floor = [report.of(name) for name in FLOOR]
    p50 = report.of("latency.single.p50_us")
    if p50 is not None and floor[0] is not None and floor[1] is not None:
        report.value(
            "latency.single.over_floor",
            [p50 / (floor[0] + floor[1])],
            "ratio",
            note="p50 over (gRPC stream echo + LMDB commit), both p50",
        )
    else:
        report.skip("latency.single.over_floor", "needs `echo` and `disk` in the same run")


async def _measure(endpoint: str, rounds: int) -> tuple[list[int], list[int], list[int]]:
    async with AsyncClient(endpoint, member="m1") as client:
        flow = OrderFlow("s", 1)
        async with client.order_session() as session:
            of_session = [await _timed(session.send([flow.next()])) for _ in range(rounds)]
            idle = await open_loop(
                lambda: session.send([flow.next()]), IDLE_PER_S, max(rounds // 4, 100)
            )
        of_unary = [await _timed(client.send(flow.next())) for _ in range(rounds)]
    return of_session[WARM_UP:], of_unary[WARM_UP:], idle


async def _timed(call: Any) -> int:
    began = time.perf_counter_ns()
    await call
    return time.perf_counter_ns() - began


def _measure_blocking(endpoint: str, rounds: int) -> list[int]:
    samples = []
    with Client(endpoint, member="m2") as client:
        for number in range(rounds):
            began = time.perf_counter_ns()
            client.submit_order(SYMBOL, "buy", 1, TICK, cl_ord_id=f"b{number}")
            samples.append(time.perf_counter_ns() - began)
    return samples[WARM_UP:]
