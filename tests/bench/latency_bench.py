"""One order at a time over the Python client, fsync on: closed loop, and open loop at a low rate.

The floor is a bare gRPC echo and a bare LMDB commit, measured in turns with the orders, TURN of
each at a time, so that what else the machine does falls on all. `latency.single.over_floor` is the
ratio that PERFORMANCE section 5 limits to 1.3.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import grpc

from exchange.client import AsyncClient, Client
from tests.bench.disk_bench import bare_commit
from tests.bench.echo_bench import MESSAGE, echo_server
from tests.bench.echo_server import STREAM
from tests.bench.figures import Report
from tests.bench.open_loop import open_loop
from tests.bench.served_node import SYMBOL, TICK, OrderFlow, served_node

WARM_UP = 50
IDLE_PER_S = 200.0
TURN = 50


class Samples(NamedTuple):
    """Nanoseconds of single operations."""

    session: list[int]
    echo: list[int]
    commit: list[int]
    unary: list[int]
    idle: list[int]


def bench_latency(report: Report, directory: Path, *, quick: bool) -> None:
    """`latency.*` of single orders, and their floor."""
    rounds = 300 if quick else 2_000
    commit = bare_commit(directory / "latency-floor", 1)
    with served_node(directory / "latency") as node, echo_server() as target:
        samples = asyncio.run(_measure(node.endpoint, target, commit, rounds))
        report.latency("latency.single", samples.session, "OrderSession, one order a message")
        report.latency("latency.floor.echo", samples.echo, "bare gRPC stream, in turns with it")
        report.latency("latency.floor.commit", samples.commit, "bare LMDB, in turns with it")
        report.latency("latency.single.unary_async", samples.unary, "SubmitOrder, AsyncClient")
        blocking = _measure_blocking(node.endpoint, rounds)
        report.latency("latency.single.unary_sync", blocking, "SubmitOrder, Client")
        report.latency("latency.idle", samples.idle, f"open loop, {IDLE_PER_S:.0f} orders/s")
    floor_ns = statistics.median(samples.echo) + statistics.median(samples.commit)
    ratio = statistics.median(samples.session) / floor_ns
    note = "p50 over (gRPC stream echo + LMDB commit), both p50"
    report.value("latency.single.over_floor", [ratio], "ratio", note=note)


async def _measure(endpoint: str, target: str, commit: Callable[[], None], rounds: int) -> Samples:
    samples = Samples([], [], [], [], [])
    gc.collect()
    gc.freeze()  # what was imported here is not walked again beneath the clock
    async with (
        AsyncClient(endpoint, member="m1") as client,
        grpc.aio.insecure_channel(target) as channel,
    ):
        echo: grpc.aio.StreamStreamCall[bytes, bytes] = channel.stream_stream(STREAM)()
        flow = OrderFlow("s", 1)
        async with client.order_session() as session:
            for number in range(WARM_UP + rounds):
                if number % TURN == 0:
                    for _ in range(TURN):
                        samples.echo.append(await _timed(_echo(echo)))
                        began = time.perf_counter_ns()
                        commit()
                        samples.commit.append(time.perf_counter_ns() - began)
                samples.session.append(await _timed(session.send([flow.next()])))
            count = max(rounds // 4, 100)
            idle = await open_loop(lambda: session.send([flow.next()]), IDLE_PER_S, count)
        await echo.done_writing()
        unary = [await _timed(client.send(flow.next())) for _ in range(WARM_UP + rounds)]
    return Samples(
        session=samples.session[WARM_UP:],
        echo=samples.echo[WARM_UP:],
        commit=samples.commit[WARM_UP:],
        unary=unary[WARM_UP:],
        idle=idle,
    )


async def _echo(call: Any) -> None:
    await call.write(MESSAGE)
    await call.read()


async def _timed(call: Any) -> int:
    began = time.perf_counter_ns()
    await call
    return time.perf_counter_ns() - began


def _measure_blocking(endpoint: str, rounds: int) -> list[int]:
    samples = []
    with Client(endpoint, member="m2") as client:
        for number in range(WARM_UP + rounds):
            began = time.perf_counter_ns()
            client.submit_order(SYMBOL, "buy", 1, TICK, cl_ord_id=f"b{number}")
            samples.append(time.perf_counter_ns() - began)
    return samples[WARM_UP:]
