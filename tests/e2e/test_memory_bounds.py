"""A primary whose peers and clients do not take what it has for them: its memory stays bounded.

The table of all queues and their bounds is in `exchange/README.md`. Here a follower and subscribers
stand still (SIGSTOP) while others trade on, and a trader sends without reading.
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

from chaos.bulk import MEMBERS, PROBE, set_up, trade_a_day
from chaos.cluster import Cluster
from replication.links import QUEUE_BYTES_MAX

T = TypeVar("T")

DAY = 60_000
DAYS, FILLED = 8, 5
"""With everybody asleep: in the first the queues fill, in the others nothing may come on top."""

LOOK_S = 0.02
GROWTH_BYTES = 32 << 20
"""Of the later days over the earlier ones; without a bound it is about 25 MB a day."""

SETTLE_S, STILL_S = 5.0, 1.5

# Reads executions and trades, until it is stopped by a signal.
READER = """
import asyncio, sys
from exchange.client import AsyncClient

async def read(stream):
    async for _ in stream:
        pass

async def main(endpoint, member):
    async with AsyncClient(endpoint, member=member, timeout=600) as client:
        async with client.executions() as executions, client.trades("ABC") as made:
            print("ready", flush=True)
            await asyncio.gather(read(executions), read(made))

asyncio.run(main(sys.argv[1], sys.argv[2]))
"""

# Sends orders as fast as they are taken, and never reads an answer.
FLOOD = """
import sys, time
import grpc
from exchange.api.v1 import order_service_pb2 as pb
from exchange.api.v1.order_service_pb2_grpc import OrderServiceStub
from exchange.client.commands import new_order

def requests():
    yield pb.OrderSessionRequest(logon=pb.Logon())
    number = 0
    while True:
        message = pb.OrderSessionRequest()
        for _ in range(1000):
            number += 1
            item = message.commands.add(request_no=number)
            order = new_order("ABC", "buy", 1, "0.01", cl_ord_id=str(number), tif="ioc")
            item.submit.CopyFrom(order)
        yield message

channel = grpc.insecure_channel(sys.argv[1])
metadata = [("lockstep-member", sys.argv[2])]
call = OrderServiceStub(channel).OrderSession(requests(), metadata=metadata)
print("ready", flush=True)
time.sleep(600)
"""


class Client:
    """A client in a process of its own."""

    def __init__(self, endpoint: str, member: str, script: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", script, endpoint, member],
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
async def clients(endpoint: str, *kinds: tuple[str, str]) -> AsyncIterator[list[Client]]:
    made = [Client(endpoint, member, script) for member, script in kinds]
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
        pid = cluster.processes[view.primary].pid
        endpoint = cluster.processes[view.primary].endpoint
        await set_up(cluster)
        subscribed = [(member, READER) for member in (*MEMBERS, *MEMBERS)]
        async with clients(endpoint, *subscribed) as readers:
            await trade_a_day(cluster, 0, DAY)
            cluster.processes["dr"].pause()
            for one in readers:
                one.stand_still()
            days = [
                await peak(pid, trade_a_day(cluster, done, DAY))
                for done in range(DAY, (1 + DAYS) * DAY, DAY)
            ]
            assert await queued(cluster, view.primary) <= QUEUE_BYTES_MAX
            told = [size >> 20 for size in days]
            assert max(days[FILLED:]) - max(days[:FILLED]) <= GROWTH_BYTES, told
            cluster.processes["dr"].resume()
            after = await cluster.wait_whole()
            assert after.primary == view.primary
        await cluster.close()


@pytest.mark.long
@pytest.mark.timeout(200)
async def test_a_session_that_is_not_read_is_not_read_either(tmp_path: Path) -> None:
    with Cluster(tmp_path / "run") as cluster:
        cluster.start()
        view = await cluster.wait_whole()
        await set_up(cluster)
        async with clients(cluster.processes[view.primary].endpoint, (PROBE, FLOOD)):
            await asyncio.sleep(SETTLE_S)
            first = (await cluster.look()).nodes[view.primary]
            await asyncio.sleep(STILL_S)
            second = (await cluster.look()).nodes[view.primary]
            assert first.applied_seq > view.nodes[view.primary].applied_seq + 5, "it was served"
            assert second.applied_seq == first.applied_seq
            assert second.pending_commands == 0
        await cluster.close()
