"""The asynchronous client: every service on one connection.

Room: puts the services together; what a call does is in the file of its service.
"""

from __future__ import annotations

from typing import Self

from exchange.client.auction_calls import AuctionCalls
from exchange.client.cluster_calls import ClusterCalls
from exchange.client.dark_calls import DarkCalls
from exchange.client.ledger_calls import LedgerCalls
from exchange.client.market_data_calls import MarketDataCalls
from exchange.client.order_calls import OrderCalls
from exchange.client.risk_calls import RiskCalls


class AsyncClient(
    OrderCalls, MarketDataCalls, AuctionCalls, RiskCalls, DarkCalls, LedgerCalls, ClusterCalls
):
    """A client of the exchange for asyncio. Arguments: see `Caller`.

    Make it where an event loop runs, use it on that loop, by as many tasks as you like:

        async with AsyncClient("127.0.0.1:7001", member="alice") as client:
            outcome = await client.submit_order("ABC", "buy", 10, "101.25")
    """

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
