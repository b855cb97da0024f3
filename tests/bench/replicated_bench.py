"""What replication costs: a cluster of four processes against one node, and the stream alone.

Orders go to both in turns, TURN at a time, so that what else the machine does falls on both. All
four nodes and the client share the machine. `replicated.p50_over_single` is the ratio that the
project limits to 1.6, `replicated.throughput_share` the one that it wants above 0.7.

The stream alone has no engine: two replicators with TLS links, journals and fsync, in this process,
so both share one interpreter.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos.cluster import Cluster
from chaos.site import loopback
from exchange.client import AsyncClient, OrderSession
from exchange.node import SWITCH_INTERVAL_S
from tests.bench.figures import Report
from tests.bench.load_client import Load, run_load
from tests.bench.pipeline_bench import IN_FLIGHT, ORDERS, RUNS, closed_loop
from tests.bench.served_node import MEMBERS, OrderFlow, served_node, set_up
from tests.bench.stream_pair import StreamPair

TURN = 50
WARM_UP = 50
MESSAGE_COMMANDS = 1000
ENTRY_BYTES = 64 * 1024


def bench_replicated(report: Report, directory: Path, *, quick: bool) -> None:
    """`replicated.*`: single orders, 1000 commands a message, and the stream without engine.

    And `pipeline.replicated.*`: what `pipeline.single.*` is, on the cluster.
    """
    rounds, messages = (200, 6) if quick else (2_000, 24)
    with (
        served_node(directory / "alone") as node,
        served_cluster(directory / "cluster") as cluster,
    ):
        alone, replicated = asyncio.run(_orders(node.endpoint, cluster.endpoints, rounds))
        rates = asyncio.run(_messages(node.endpoint, cluster.endpoints, messages))
        _bytes(report, asyncio.run(_primary(cluster)), quick=quick)
    report.latency("replicated.alone", alone, "OrderSession, one order a message, one node")
    report.latency("replicated.single", replicated, "the same on the cluster, in turns with it")
    ratio = statistics.median(replicated) / statistics.median(alone)
    report.value("replicated.p50_over_single", [ratio], "ratio", note="cluster over one node, p50")
    one, four = rates
    report.rate("replicated.n1000.alone.orders_per_s", one, note="one node")
    report.rate("replicated.n1000.orders_per_s", four, note="cluster, in turns with it")
    share = statistics.median(four) / statistics.median(one)
    report.value("replicated.throughput_share", [share], "ratio", note="cluster over one node")
    _stream(report, directory, quick=quick)


@contextmanager
def served_cluster(directory: Path) -> Iterator[Cluster]:
    """A cluster of processes that is whole, set up; killed at the end.

    Its clocks cannot be bent: a chaos run looks for a file at each stamp, which would count too.
    """
    site = loopback(directory, relayed=False)._replace(tables_of=lambda _: {})
    with Cluster(directory, site=site) as cluster:
        cluster.start()
        asyncio.run(_whole(cluster))
        asyncio.run(set_up(cluster.endpoints))
        yield cluster


def _bytes(report: Report, endpoint: str, *, quick: bool) -> None:
    for size, orders in ORDERS.items():
        messages = (orders // 10 if quick else orders // 2) // size // 2
        runs = run_load(endpoint, Load(size, messages, IN_FLIGHT // size, runs=RUNS, seed=size))
        note = f"bytes made before, 2 streams, {IN_FLIGHT // size} messages in flight, cluster"
        rates = [run.rate for run in runs]
        report.rate(f"pipeline.replicated.n{size}.orders_per_s", rates, note=note)


async def _primary(cluster: Cluster) -> str:
    try:
        return cluster.processes[(await cluster.wait_primary()).primary].endpoint
    finally:
        await cluster.close()


async def _whole(cluster: Cluster) -> None:
    try:
        await cluster.wait_whole()
    finally:
        await cluster.close()


async def _orders(alone: str, cluster: str, rounds: int) -> tuple[list[int], list[int]]:
    samples: tuple[list[int], list[int]] = ([], [])
    async with (
        AsyncClient(alone, member=MEMBERS[0], timeout=60) as one,
        AsyncClient(cluster, member=MEMBERS[0], timeout=60) as many,
        one.order_session() as first,
        many.order_session() as second,
    ):
        flows = (OrderFlow("s", 1), OrderFlow("s", 1))
        sessions = (first, second)
        for turn in range(-(-(rounds + WARM_UP) // TURN)):
            for session, flow, kept in zip(sessions, flows, samples, strict=True):
                for _ in range(TURN):
                    began = time.perf_counter_ns()
                    await session.send([flow.next()])
                    if turn * TURN >= WARM_UP:
                        kept.append(time.perf_counter_ns() - began)
    return samples


async def _messages(alone: str, cluster: str, messages: int) -> tuple[list[float], list[float]]:
    rates: tuple[list[float], list[float]] = ([], [])
    async with (
        AsyncClient(alone, member=MEMBERS[1], timeout=60) as one,
        AsyncClient(cluster, member=MEMBERS[1], timeout=60) as many,
        one.order_session() as first,
        many.order_session() as second,
    ):
        flows = (OrderFlow("t", 2), OrderFlow("t", 2))
        for _ in range(3):
            for session, flow, kept in zip((first, second), flows, rates, strict=True):
                kept.append(await _rate(session, flow, messages))
    return rates


async def _rate(session: OrderSession, flow: OrderFlow, messages: int) -> float:
    tape = [flow.take(MESSAGE_COMMANDS) for _ in range(messages)]
    began = time.perf_counter()
    await closed_loop(session, tape)
    return messages * MESSAGE_COMMANDS / (time.perf_counter() - began)


def _stream(report: Report, directory: Path, *, quick: bool) -> None:
    count = 200 if quick else 2_000
    interval_s = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL_S)  # as a node does
    try:
        _stream_of(report, directory / "stream", count)
    finally:
        sys.setswitchinterval(interval_s)


def _stream_of(report: Report, directory: Path, count: int) -> None:
    with StreamPair(directory) as pair:
        pair.commit(WARM_UP, 200)
        samples = pair.commit(count, 200)
        report.latency("replicated.stream.commit", samples, "200 bytes, durable on both nodes")
        began = time.perf_counter()
        pair.pipeline(count, ENTRY_BYTES)
        size = count * ENTRY_BYTES / 1e6
        rate = size / (time.perf_counter() - began)
        note = f"entries of {ENTRY_BYTES} bytes, pipelined, durable on both nodes"
        report.rate("replicated.stream.rate", [rate], "MB/s", note)
