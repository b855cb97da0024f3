"""The tape of `real_flow.py` over the public API: set up, replayed, and the market read back.

Room: an order session and queries. The session goes on by itself when the node is restarted: it
repeats what is unanswered under the same cl_ord_ids.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from exchange.client import AsyncClient
from tests.real_flow import (
    ASK_ACCOUNT,
    MEMBER,
    SYMBOL,
    Content,
    FlowCommand,
    api_instrument,
    level_row,
    order_row,
)

TIMEOUT_S = 120.0


async def set_up(endpoint: str) -> None:
    """Member, account, instrument, continuous trading; the ids are those of the tape."""
    async with AsyncClient(endpoint, operator="flow") as client:
        await client.create_member(MEMBER)
        await client.create_account(MEMBER, ASK_ACCOUNT)
        await client.create_instrument(api_instrument())
        await client.open_session()


def messages_of(commands: Sequence[FlowCommand], sizes: Iterable[int]) -> list[list[Any]]:
    """The commands in messages of these sizes, in order; `sizes` must reach."""
    messages: list[list[Any]] = []
    start = 0
    for size in sizes:
        if start >= len(commands):
            return messages
        messages.append([command.message() for command in commands[start : start + size]])
        start += size
    if start < len(commands):
        raise ValueError(f"sizes end after {start} of {len(commands)} commands")
    return messages


async def replay(endpoint: str, messages: Sequence[list[Any]], in_flight: int) -> int:
    """Send all, `in_flight` messages at a time; how many results came. Raises on a fault."""
    results = 0
    async with (
        AsyncClient(endpoint, member=MEMBER, timeout=TIMEOUT_S) as client,
        client.order_session() as session,
    ):
        waiting: set[asyncio.Future[Any]] = set()
        for message in messages:
            while len(waiting) >= in_flight:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                results += sum(_taken(future) for future in done)
            waiting |= set(await session.post(message))
        for future in waiting:
            await future
            results += _taken(future)
    return results


def _taken(future: asyncio.Future[Any]) -> int:
    results = future.result()
    for result in results:
        if result.HasField("fault"):
            raise RuntimeError(f"command {result.request_no} was not taken: {result.fault}")
    return len(results)


async def content_of(endpoint: str) -> Content:
    """The market as its queries show it."""
    async with AsyncClient(endpoint, member=MEMBER, timeout=TIMEOUT_S) as client:
        # The stream begins with the whole book; GetOrderBook ends at 1000 levels a side.
        watching = client.watch_book(SYMBOL)
        book = await anext(watching)
        await watching.aclose()
        trades = await client.list_trades(SYMBOL)
        return Content(
            [order_row(order) for order in await client.list_orders()],
            [level_row(level) for level in book.bids()],
            [level_row(level) for level in book.asks()],
            [position.qty for position in await client.positions()],
            [(row.trade_id, row.price, row.qty, int(row.aggressor)) for row in reversed(trades)],
        )
