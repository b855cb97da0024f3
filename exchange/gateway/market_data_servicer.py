"""MarketDataService: displayed books and the trade tape, snapshots and streams.

Room: one method per RPC; trading status is mixed in from `trading_status.py`. Books are conflated
by the feed for slow readers; trades are not, a slow reader is cut with the sequence number to
resume from. Needs no principal.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from exchange.api.v1 import common_pb2
from exchange.api.v1 import market_data_service_pb2 as pb
from exchange.engine.port import LevelView
from exchange.errors import ClientFault
from exchange.feeds.order_books import BookUpdate
from exchange.feeds.trades import TRADE_ID_MAX, TradeTick
from exchange.gateway.api_enum import api_enum
from exchange.gateway.call import Call
from exchange.gateway.field_checks import NS_PER_S, at_most
from exchange.gateway.header import response_header
from exchange.gateway.live_reader import Idle, next_or_idle
from exchange.gateway.page_token import decode_page_token, encode_page_token, page_size
from exchange.gateway.trading_status import TradingStatusQueries, status_message
from exchange.model.dark import is_dark
from exchange.model.enums import Side
from exchange.model.instrument import Instrument

DEPTH_MAX = 1000
TRADES_PER_MESSAGE = 4096
"""About 300 KB, far below the 4 MiB that clients take."""

NO_UPDATE = None


class MarketDataServicer(TradingStatusQueries):
    """Answers MarketDataService."""

    async def GetOrderBook(
        self, request: pb.GetOrderBookRequest, call: Call
    ) -> pb.GetOrderBookResponse:
        """The displayed book now."""
        instrument = self._instrument(request.symbol)
        depth = at_most(request.depth, DEPTH_MAX, "depth") or DEPTH_MAX
        update = self._core.books.snapshot(instrument.instrument_id, depth)
        book = self._book(instrument, update)
        state = self._core.projections.trading_status.of(instrument.instrument_id)
        book.status.CopyFrom(status_message(state, self._core.directory))
        return pb.GetOrderBookResponse(header=response_header(self._core), book=book)

    async def SubscribeOrderBook(
        self, request: pb.SubscribeOrderBookRequest, call: Call
    ) -> AsyncIterator[pb.SubscribeOrderBookResponse]:
        """A snapshot, then changed levels."""
        core = self._core
        instrument = self._instrument(request.symbol)
        subscription = core.books.subscribe(instrument.instrument_id)

        async def read() -> BookUpdate | None:
            return await anext(subscription, NO_UPDATE)

        try:
            told = core.last_seq
            while True:
                got = await next_or_idle(read, lambda: core.last_seq, self._heartbeat_s)
                if got is None:
                    raise call.end_of_stream()
                if isinstance(got, Idle):
                    told = max(told, got.seq)
                    message = self._update(instrument, told)
                    message.heartbeat = True
                else:
                    told = max(told, got.seq)
                    message = self._update(instrument, told)
                    self._fill(message, instrument, got)
                yield message
        finally:
            subscription.close()

    async def SubscribeTrades(
        self, request: pb.SubscribeTradesRequest, call: Call
    ) -> AsyncIterator[pb.SubscribeTradesResponse]:
        """Trades in order of seq; SLOW_READER or SEQ_NOT_AVAILABLE end it."""
        core = self._core
        instrument = self._instrument(request.symbol)
        subscribed_at = core.last_seq
        subscription = core.trades.subscribe(instrument.instrument_id, request.start_seq)
        try:
            told = request.start_seq - 1 if request.start_seq else subscribed_at
            yield self._trades(instrument, [], told)
            async for page in subscription.history():
                for message in self._trade_messages(instrument, page):
                    yield message
            if told < subscribed_at:
                yield self._trades(instrument, [], subscribed_at)
            while True:
                got = await next_or_idle(
                    subscription.live, lambda: core.last_seq, self._heartbeat_s
                )
                if isinstance(got, Idle):
                    message = self._trades(instrument, [], got.seq)
                    message.heartbeat = True
                    yield message
                    continue
                if not got:
                    raise call.end_of_stream()
                for message in self._trade_messages(instrument, got):
                    yield message
        finally:
            subscription.close()

    async def ListTrades(self, request: pb.ListTradesRequest, call: Call) -> pb.ListTradesResponse:
        """Trades newest first, page by page."""
        instrument = self._instrument(request.symbol)
        size = page_size(request.page_size)
        before = decode_page_token(request.page_token, request.symbol) or TRADE_ID_MAX
        found = await self._core.trades.newest(instrument.instrument_id, size + 1, before)
        token = ""
        if len(found) > size:
            token = encode_page_token(found[size - 1].trade.trade_id, request.symbol)
        return pb.ListTradesResponse(
            header=response_header(self._core),
            trades=[_trade(instrument, tick) for tick in found[:size]],
            next_page_token=token,
        )

    def _instrument(self, symbol: str) -> Instrument:
        instrument = self._core.directory.instrument_by_symbol(symbol)
        if instrument is None:
            raise ClientFault(
                "UNKNOWN_SYMBOL", f"there is no instrument {symbol[:50]!r}", field="symbol"
            )
        return instrument

    def _book(self, instrument: Instrument, update: BookUpdate) -> pb.OrderBook:
        return pb.OrderBook(
            symbol=instrument.symbol,
            bids=_levels(update.bids),
            asks=_levels(update.asks),
            seq=update.seq,
            phase=api_enum(self._core.directory.phase(instrument.instrument_id)),
        )

    def _update(self, instrument: Instrument, seq: int) -> pb.SubscribeOrderBookResponse:
        return pb.SubscribeOrderBookResponse(
            header=response_header(self._core),
            seq=seq,
            phase=api_enum(self._core.directory.phase(instrument.instrument_id)),
        )

    def _fill(
        self, message: pb.SubscribeOrderBookResponse, instrument: Instrument, update: BookUpdate
    ) -> None:
        message.conflated = update.conflated
        if update.snapshot:
            message.snapshot = True
            message.book.CopyFrom(self._book(instrument, update))
            return
        for side, levels in ((Side.BUY, update.bids), (Side.SELL, update.asks)):
            for price, qty, order_count in levels:
                message.updates.add(
                    side=api_enum(side), price=price, qty=qty, order_count=order_count
                )

    def _trade_messages(
        self, instrument: Instrument, ticks: Sequence[TradeTick]
    ) -> list[pb.SubscribeTradesResponse]:
        return [
            self._trades(instrument, ticks[start : start + TRADES_PER_MESSAGE])
            for start in range(0, len(ticks), TRADES_PER_MESSAGE)
        ]

    def _trades(
        self, instrument: Instrument, ticks: Sequence[TradeTick], seq: int = 0
    ) -> pb.SubscribeTradesResponse:
        return pb.SubscribeTradesResponse(
            header=response_header(self._core),
            trades=[_trade(instrument, tick) for tick in ticks],
            seq=ticks[-1].seq if ticks else seq,
        )


def _levels(levels: Sequence[LevelView]) -> list[pb.PriceLevel]:
    return [pb.PriceLevel(price=p, qty=q, order_count=n) for p, q, n in levels]


def _trade(instrument: Instrument, tick: TradeTick) -> pb.Trade:
    trade = pb.Trade(
        trade_id=tick.trade.trade_id,
        seq=tick.seq,
        symbol=instrument.symbol,
        price=tick.trade.price,
        qty=tick.trade.qty,
        aggressor=api_enum(tick.trade.aggressor),
    )
    if is_dark(tick.trade.buy.flags):
        trade.book = common_pb2.BOOK_KIND_DARK
    trade.transact_time.seconds, trade.transact_time.nanos = divmod(tick.ts_ns, NS_PER_S)
    return trade
