"""Market data fan-out: each trade to every subscriber of the trades of its instrument.

Latency counts from the time of the log entry to the subscriber's code, by the wall clock of one
machine; so the commit to disk is in it.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from exchange.client import AsyncClient, new_order
from exchange.model.enums import TimeInForce
from tests.bench.figures import Report
from tests.bench.served_node import MID_TICKS, SYMBOL, TICK, served_node

PRICE = MID_TICKS * TICK
RESTING_QTY = 1_000_000
BATCH = 10
GRACE_S = 30.0


def bench_feed(report: Report, directory: Path, *, quick: bool) -> None:
    """`feed.trades.s1.*` and `feed.trades.s16.*`."""
    trades = 1_000 if quick else 5_000
    with served_node(directory / "feed") as node:
        for subscribers in (1, 16):
            rate, latencies = asyncio.run(_measure(node.endpoint, subscribers, trades))
            name = f"feed.trades.s{subscribers}"
            report.rate(f"{name}.deliveries_per_s", [rate], note=f"{subscribers} subscribers")
            report.latency(f"{name}.latency", latencies, "log entry to subscriber")


async def _measure(endpoint: str, subscribers: int, trades: int) -> tuple[float, list[int]]:
    latencies: list[int] = []
    async with (
        AsyncClient(endpoint, member="m1") as maker,
        AsyncClient(endpoint, member="m2") as taker,
        AsyncClient(endpoint, member="m1") as reader,
    ):
        await maker.send(new_order(SYMBOL, "sell", RESTING_QTY, PRICE))
        start_seq = (await reader.status()).last_seq + 1

        async def subscribe() -> None:
            seen = 0
            async with reader.trades(SYMBOL, start_seq=start_seq) as stream:
                async for trade in stream:
                    seen += 1
                    at_ns = trade.transact_time.ToNanoseconds()
                    latencies.append(time.time_ns() - at_ns)
                    if seen == trades:
                        return

        tasks = [asyncio.create_task(subscribe()) for _ in range(subscribers)]
        await asyncio.sleep(0.2)  # the streams are open: what is measured is delivery
        began = time.perf_counter()
        async with taker.order_session() as session:
            for _ in range(trades // BATCH):
                await session.send(
                    [new_order(SYMBOL, "buy", 1, PRICE, tif=TimeInForce.IOC) for _ in range(BATCH)]
                )
        async with asyncio.timeout(GRACE_S):
            await asyncio.gather(*tasks)
        return subscribers * trades / (time.perf_counter() - began), latencies
