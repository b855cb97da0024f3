"""A primary whose peers and clients do not take what it has for them: its memory stays bounded.

The table of all queues and their bounds is in `exchange/README.md`. Here a follower, subscribers
and a trader stand still (SIGSTOP) while others trade on; what the primary needs more than in the
same time with everybody awake must be less than the bounds that are met here allow.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from chaos.bulk import PROBE, set_up, trade_a_day
from chaos.cluster import Cluster
from replication.links import QUEUE_BYTES_MAX

T = TypeVar("T")

DAY = 200_000
LOOK_S = 0.02
ALLOWED_BYTES = 64 << 20
"""The window to one follower (8 MiB), the queues of five readers, and the transport's buffers; what
waits without a bound is at least DAY reports of 300 bytes for each of them."""

# Reads executions, trades and books for ever, or sends orders; until it is stopped by a signal.
CLIENT = """
import asyncio, sys
from exchange.client import AsyncClient
from exchange.client.commands import new_order

async def read(stream):
    async for _ in stream:
        pass

async def main(endpoint, member, trades):
    async with AsyncClient(endpoint, member=member, timeout=600) as client:
        if trades:
            async with client.order_session() as session:
                print("ready", flush=True)
                number = 0
                while True:
                    orders = [
                        new_order("ABC", "buy", 1, "0.01", cl_ord_id=f"{number}-{n}", tif="ioc")
                        for n in range(500)
                    ]
                    await session.post(orders)
                    number += 1
        async with client.executions() as executions, client.trades("ABC") as made:
            print("ready", flush=True)
            await asyncio.gather(read(executions), read(made))

asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3] == "trade"))
"""


class Client:
    """A client in a process of its own."""

    def __init__(self, endpoint: str, member: str, what: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", CLIENT, endpoint, member, what],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )

    def wait_ready(self) -> None:
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"

    def stand_still(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def end(self) -> None:
        self._process.kill()
        self._process.wait(20)


@asynccontextmanager
async def clients(endpoint: str) -> AsyncIterator[list[Client]]:
    made = [Client(endpoint, member, "read") for member in ("m1", "m2", "m1", "m2")]
    made.append(Client(endpoint, PROBE, "trade"))
    try:
        for one in made:
            await asyncio.to_thread(one.wait_ready)
        yield made
    finally:
        for one in made:
            one.end()


def anonymous_bytes(pid: int) -> int:
    """What the process itself asked for; pages of LMDB's files come and go with the kernel."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if "RssAnon" in line) << 10


async def peak(pid: int, work: Awaitable[None]) -> int:
    """Memory at its most while the work is done."""
    running = asyncio.ensure_future(work)
    most = 0
    while not running.done():
        most = max(most, anonymous_bytes(pid))
        await asyncio.wait([running], timeout=LOOK_S)
    await running
    return most


async def queued(cluster: Cluster, primary: str) -> int:
    view = await cluster.look()
    return int(view.nodes[primary].queued_bytes) if primary in view.nodes else 0


@pytest.mark.long
@pytest.mark.timeout(400)
async def test_who_does_not_read_costs_no_more_than_the_bounds(tmp_path: Path) -> None:
    with Cluster(tmp_path / "run") as cluster:
        cluster.start()
        view = await cluster.wait_whole()
        process = cluster.processes[view.primary]
        await set_up(cluster)
        async with clients(process.endpoint) as readers:
            await trade_a_day(cluster, 0, DAY)
            awake = await peak(process.pid, trade_a_day(cluster, DAY, DAY))

            cluster.processes["dr"].pause()
            for one in readers:
                one.stand_still()
            asleep = await peak(process.pid, trade_a_day(cluster, 2 * DAY, DAY))

            assert await queued(cluster, view.primary) <= QUEUE_BYTES_MAX
            assert asleep - awake <= ALLOWED_BYTES, (awake >> 20, asleep >> 20)
            cluster.processes["dr"].resume()
            after = await cluster.wait_whole()
            assert after.primary == view.primary
        await cluster.close()
