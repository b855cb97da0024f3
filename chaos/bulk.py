"""Many commands quickly: order sessions with a thousand commands a message, day after day.

Room: a load that fills logs, for runs that measure; it keeps no history. Nothing is left resting,
and a trading day ends after each call, so that what a day remembers stays bounded.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from chaos.cluster import Cluster
from chaos.load import SYMBOLS, TICK, Command
from exchange.client import AsyncClient, instrument
from exchange.client.commands import cancel_order, new_order

MEMBERS = ("m1", "m2")
PROBE = "p1"
MESSAGE = 1000
WINDOW = 4
"""Messages of each member that are not answered."""

CROSSING = 50
"""One order in so many trades; every other one rests until it is cancelled."""

CLIENT_S = 60.0


async def set_up(cluster: Cluster) -> None:
    """Members, one instrument, and a session that is open."""
    async with cluster.operator(CLIENT_S) as operator:
        for name in (*MEMBERS, PROBE):
            await operator.create_member(name, request_id=f"member-{name}")
        new = instrument(SYMBOLS[0], "equity", currency="USD", mic="XLCK", tick_size=TICK)
        await operator.create_instrument(new, request_id="instrument")
        await operator.open_session(request_id="open")


async def trade_a_day(cluster: Cluster, done: int, commands: int) -> None:
    """Let the primary take so many commands, after `done` others; then the day ends, one begins."""

    async def trade(client: AsyncClient, member: str) -> None:
        first, share = done // MESSAGE, commands // len(MEMBERS) // MESSAGE
        async with client, client.order_session() as session:
            under_way: deque[asyncio.Future[Any]] = deque()
            for number in range(first, first + share):
                posted = await session.post(message(member, number))
                under_way.append(asyncio.gather(*posted))
                if len(under_way) >= WINDOW:
                    await under_way.popleft()
            await asyncio.gather(*under_way)

    async with asyncio.TaskGroup() as group:
        for member in MEMBERS:
            group.create_task(
                trade(cluster.access.member(cluster.endpoints, member, CLIENT_S), member)
            )
    async with cluster.operator(CLIENT_S) as operator:
        await operator.close_session(request_id=f"close-{done}")
        await operator.open_session(request_id=f"open-{done}")


def message(member: str, number: int) -> list[Command]:
    """Orders, a tick or more away from the other side but for some, each followed by its cancel."""
    side = "buy" if member == MEMBERS[0] else "sell"
    middle = 10_000
    commands: list[Command] = []
    for order in range(MESSAGE // 2):
        away = 0 if order % CROSSING == 0 else 1 + order % 40
        ticks = middle - away if side == "buy" else middle + away
        name = f"{number}-{order}"
        commands.append(new_order(SYMBOLS[0], side, 1, ticks * TICK, cl_ord_id=name))
        commands.append(cancel_order(name, cl_ord_id=f"{name}c"))
    return commands
