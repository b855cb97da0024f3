"""A real node in this process, with two instruments, two members and trading open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from exchange.client import AsyncClient, instrument
from exchange.config import NodeConfig
from exchange.node import Node
from tests.exchange.client.lossy_proxy import LossyProxy

MEMBERS = ("alice", "bob")


class Venue:
    """A node that can be stopped and started again on the same port and data."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self.endpoint = "127.0.0.1:0"
        self.node: Node | None = None

    async def start(self) -> None:
        self.node = Node(NodeConfig(data_dir=str(self._data), listen=self.endpoint))
        await self.node.start()
        self.endpoint = self.node.endpoint

    async def stop(self) -> None:
        if self.node is not None:
            await self.node.stop()
            self.node = None


async def until(check: Callable[[], Awaitable[bool]]) -> None:
    """Wait until `check` says yes; the test's own timeout is the bound."""
    while True:
        if await check():
            return
        await asyncio.sleep(0.01)


async def order_count(client: AsyncClient, *, live_only: bool = False) -> int:
    return len(await client.list_orders(live_only=live_only))


@pytest.fixture
async def venue(tmp_path: Path) -> AsyncIterator[Venue]:
    venue = Venue(tmp_path / "data")
    await venue.start()
    async with AsyncClient(venue.endpoint, operator="ops") as client:
        await client.create_instrument(
            instrument("ABC", "equity", currency="USD", mic="XLOC", tick_size="0.01")
        )
        await client.create_instrument(
            instrument(
                "BTC-USD", "crypto", currency="USD", mic="XLOC", tick_size="0.01", qty_decimals=8
            )
        )
        for member in MEMBERS:
            await client.create_member(member)
        await client.open_session()
    yield venue
    await venue.stop()


@pytest.fixture
async def proxy(venue: Venue) -> AsyncIterator[LossyProxy]:
    async with LossyProxy(venue.endpoint) as proxy:
        yield proxy


@pytest.fixture
async def alice(venue: Venue) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(venue.endpoint, member="alice") as client:
        yield client


@pytest.fixture
async def bob(venue: Venue) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(venue.endpoint, member="bob") as client:
        yield client
