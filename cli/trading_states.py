"""The trading states of many instruments, asked for a few at a time.

Room: one fan-out for verbs that look at a class or the whole market.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from exchange.client import AsyncClient

AT_ONCE = 16


async def trading_states(client: AsyncClient, symbols: Iterable[str]) -> list[tuple[str, Any]]:
    """Symbol and GetTradingStateResponse of each, in the order given. Raises ClientError."""
    free = asyncio.Semaphore(AT_ONCE)

    async def ask(symbol: str) -> tuple[str, Any]:
        async with free:
            return symbol, await client.trading_state(symbol)

    return await asyncio.gather(*map(ask, symbols))
