"""Public market data: order books, trades, trading status.

Room: MarketDataService. The streams go on over lost connections (`streams.py`).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator

from exchange.api.v1 import market_data_service_pb2 as pb
from exchange.client.caller import Caller
from exchange.client.local_book import LocalBook
from exchange.client.streams import Call, ResumingStream, messages_of

PAGE_SIZE = 1000


class MarketDataCalls(Caller):
    """MarketDataService."""

    async def order_book(self, symbol: str, *, depth: int = 0) -> pb.OrderBook:
        """The displayed book, best first; `depth` levels a side, 0 = all, at most 1000.

        Raises NotFoundError if there is no such instrument.
        """
        request = pb.GetOrderBookRequest(symbol=symbol, depth=depth)
        return (await self._call(self._market_data.GetOrderBook, request)).book

    async def list_trades(self, symbol: str, *, limit: int = 0) -> list[pb.Trade]:
        """Trades, newest first; at most `limit`, 0 = all. The pages are fetched as needed."""
        request = pb.ListTradesRequest(symbol=symbol)
        found: list[pb.Trade] = []
        while True:
            request.page_size = min(PAGE_SIZE, limit - len(found)) if limit else PAGE_SIZE
            answer = await self._call(self._market_data.ListTrades, request)
            found.extend(answer.trades)
            if not answer.next_page_token or (limit and len(found) >= limit):
                return found
            request.page_token = answer.next_page_token

    def trades(self, symbol: str, start_seq: int = 0) -> ResumingStream[pb.Trade]:
        """Trades as they happen, in order of seq, without gap or repetition.

        Args:
            symbol: instrument.
            start_seq: first sequence number wanted, inclusive; 0 = from now on.
        """

        def open_stream(seq: int) -> Call[pb.SubscribeTradesResponse]:
            request = pb.SubscribeTradesRequest(symbol=symbol, start_seq=seq)
            return self._market_data.SubscribeTrades(request, metadata=self._metadata)

        messages = messages_of(self, open_stream, start_seq)
        return ResumingStream(messages, lambda message: list(message.trades), start_seq)

    async def trading_status(self, *symbols: str) -> list[pb.TradingStatus]:
        """How instruments trade now: phase, auction call, halt; no symbol = all.

        Raises NotFoundError if there is no such instrument.
        """
        request = pb.GetTradingStatusRequest(symbols=symbols)
        answer = await self._call(self._market_data.GetTradingStatus, request)
        return list(answer.statuses)

    async def watch_trading_status(
        self, *symbols: str
    ) -> AsyncGenerator[pb.SubscribeTradingStatusResponse, None]:
        """How instruments trade, after each change; no symbol = all, also those to come.

        The first message tells all of them (`snapshot`), so does the first one after a lost
        connection; notices of what happened meanwhile are then missing. Raises NotFoundError if
        there is no such instrument.
        """
        request = pb.SubscribeTradingStatusRequest(symbols=symbols)

        def open_stream(_: int) -> Call[pb.SubscribeTradingStatusResponse]:
            return self._market_data.SubscribeTradingStatus(request, metadata=self._metadata)

        messages = messages_of(self, open_stream, 0)
        try:
            async for message in messages:
                if not message.heartbeat:
                    yield message
        finally:
            await messages.aclose()

    async def watch_book(self, symbol: str) -> AsyncGenerator[LocalBook, None]:
        """The displayed book after each change; always the same object, updated in place.

        The first one is the book as it is. After a lost connection it goes on with the book as it
        is then. Raises NotFoundError if there is no such instrument.
        """
        request = pb.SubscribeOrderBookRequest(symbol=symbol)

        def open_stream(_: int) -> Call[pb.SubscribeOrderBookResponse]:
            return self._market_data.SubscribeOrderBook(request, metadata=self._metadata)

        book = LocalBook(symbol)
        messages = messages_of(self, open_stream, 0)
        try:
            async for message in messages:
                if book.apply(message):
                    yield book
        finally:
            await messages.aclose()
