"""A node as a process of its own, with two members and one instrument, for what is measured on it.

Everything is the real thing: `exchange serve`, gRPC on loopback, fsync on, the public client.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chaos.process import NodeProcess
from exchange.client import AsyncClient, instrument, new_order
from exchange.model.enums import StpMode, TimeInForce

SYMBOL = "I1"
MEMBERS = ("m1", "m2")
TICK = 10_000_000
MID_TICKS = 10_000
PASSIVE_SHARE = 0.55
DISTANCE_TICKS = 200
QTY_MAX = 100


@contextmanager
def served_node(directory: Path) -> Iterator[NodeProcess]:
    """A node that serves, set up; stopped at the end."""
    node = NodeProcess(directory)
    node.start()
    try:
        node.wait_serving()
        asyncio.run(set_up(node.endpoint))
        yield node
        node.stop()
    finally:
        node.kill()


async def set_up(endpoint: str) -> None:
    """Two members, one instrument, trading open."""
    async with AsyncClient(endpoint, operator="bench") as client:
        for name in MEMBERS:
            await client.create_member(name)
        new = instrument(SYMBOL, "equity", currency="USD", mic="XLCK", tick_size=TICK)
        await client.create_instrument(new)
        await client.open_session()


class OrderFlow:
    """New orders of one member: a good half rests, the others take what they can and go.

    Args:
        name: prefix of the cl_ord_ids.
        seed: of sides, prices and quantities.
    """

    def __init__(self, name: str, seed: int) -> None:
        self._name = name
        self._chance = random.Random(seed)
        self._number = 0

    def next(self) -> Any:
        """One order."""
        self._number += 1
        chance = self._chance
        side = chance.choice(("buy", "sell"))
        rests = chance.random() < PASSIVE_SHARE
        distance = chance.randrange(1, DISTANCE_TICKS) if rests else -chance.randrange(1, 5)
        ticks = MID_TICKS - distance if side == "buy" else MID_TICKS + distance
        return new_order(
            SYMBOL,
            side,
            chance.randrange(1, QTY_MAX),
            ticks * TICK,
            cl_ord_id=f"{self._name}{self._number}",
            tif=TimeInForce.DAY if rests else TimeInForce.IOC,
            stp_mode=StpMode.CANCEL_RESTING,
        )

    def take(self, count: int) -> list[Any]:
        """Several."""
        return [self.next() for _ in range(count)]
