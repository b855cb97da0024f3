"""MarketDataService: how instruments trade, once and as a stream.

Room: trading states and public events as messages; who is told when is the feed's. Operators stay
unnamed here: their reasons are public, their names are not. Needs no principal.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence

from google.protobuf.timestamp_pb2 import Timestamp

from exchange.api.v1 import market_data_service_pb2 as pb
from exchange.errors import ClientFault
from exchange.feeds.directory import Directory
from exchange.feeds.status_feed import EVERY, Notice, PublicEvent, StatusUpdate
from exchange.feeds.trading_states import TradingState
from exchange.gateway.api_enum import api_enum
from exchange.gateway.call import Call
from exchange.gateway.field_checks import NS_PER_S
from exchange.gateway.header import response_header
from exchange.gateway.live_reader import Idle, next_or_idle
from exchange.gateway.ports import Core
from exchange.model.auction_event import (
    AuctionExtended,
    BreakerTripped,
    ClosingPrice,
    Uncrossed,
    VolatilityInterrupted,
)
from exchange.model.corporate_action import InstrumentSplit
from exchange.model.enums import BreakerScope
from exchange.model.event import PhaseChanged
from exchange.model.risk_event import TradeBusted, TradeCorrected

NO_UPDATE = None


class TradingStatusQueries:
    """Answers GetTradingStatus and SubscribeTradingStatus."""

    def __init__(self, core: Core, *, heartbeat_s: float) -> None:
        self._core = core
        self._heartbeat_s = heartbeat_s

    async def GetTradingStatus(
        self, request: pb.GetTradingStatusRequest, call: Call
    ) -> pb.GetTradingStatusResponse:
        """How instruments trade now."""
        states = self._core.projections.trading_status.states_of(self._followed(request.symbols))
        return pb.GetTradingStatusResponse(
            header=response_header(self._core),
            statuses=[status_message(state, self._core.directory) for state in states],
        )

    async def SubscribeTradingStatus(
        self, request: pb.SubscribeTradingStatusRequest, call: Call
    ) -> AsyncIterator[pb.SubscribeTradingStatusResponse]:
        """A snapshot, then what changed."""
        core = self._core
        subscription = core.projections.trading_status.subscribe(self._followed(request.symbols))

        async def read() -> StatusUpdate | None:
            return await anext(subscription, NO_UPDATE)

        try:
            while True:
                got = await next_or_idle(read, lambda: core.last_seq, self._heartbeat_s)
                if got is None:
                    raise call.end_of_stream()
                message = pb.SubscribeTradingStatusResponse(header=response_header(core))
                if isinstance(got, Idle):
                    message.seq, message.heartbeat = got.seq, True
                else:
                    message.seq = core.last_seq  # every batch so far is in `got`, or came before
                    self._fill_status(message, got)
                yield message
        finally:
            subscription.close()

    def _followed(self, symbols: Sequence[str]) -> Iterable[int]:
        found = []
        for symbol in symbols:
            instrument = self._core.directory.instrument_by_symbol(symbol)
            if instrument is None:
                raise ClientFault(
                    "UNKNOWN_SYMBOL", f"there is no instrument {symbol[:50]!r}", field="symbols"
                )
            found.append(instrument.instrument_id)
        return found or [EVERY]

    def _fill_status(
        self, message: pb.SubscribeTradingStatusResponse, update: StatusUpdate
    ) -> None:
        directory = self._core.directory
        message.snapshot, message.conflated = update.snapshot, update.conflated
        message.statuses.extend(status_message(state, directory) for state in update.states)
        message.notices.extend(notice_message(notice, directory) for notice in update.notices)


def status_message(state: TradingState, directory: Directory) -> pb.TradingStatus:
    """A trading state as the API shows it."""
    status = pb.TradingStatus(
        symbol=directory.symbol(state.instrument_id),
        seq=state.seq,
        transact_time=_time(state.ts_ns),
        phase=api_enum(state.phase),
        indicative_px=state.price,
        indicative_volume=str(state.volume),
        imbalance_side=api_enum(state.imbalance_side),
        imbalance_qty=str(state.imbalance_qty),
        extended=state.is_extended,
        halted_for_the_day=state.is_barred,
    )
    if state.reopen_ts_ns:
        status.reopen_time.CopyFrom(_time(state.reopen_ts_ns))
    return status


def notice_message(notice: Notice, directory: Directory) -> pb.TradingNotice:
    """A public event as the API shows it."""
    message = pb.TradingNotice(
        seq=notice.seq,
        transact_time=_time(notice.ts_ns),
        symbol=directory.symbol(notice.event.instrument_id),
    )
    _tell(message, notice.event)
    return message


def _tell(message: pb.TradingNotice, event: PublicEvent) -> None:
    match event:
        case PhaseChanged():
            message.phase.phase = api_enum(event.phase)
            message.phase.previous = api_enum(event.previous)
            message.phase.reason = event.reason
        case Uncrossed():
            message.uncross.price = event.price
            message.uncross.volume = str(event.volume)
            message.uncross.imbalance_side = api_enum(event.imbalance_side)
            message.uncross.imbalance_qty = str(event.imbalance_qty)
        case AuctionExtended():
            message.extension.price = event.price
            message.extension.end_time.CopyFrom(_time(event.until_ts_ns))
        case VolatilityInterrupted():
            message.volatility.price = event.price
            message.volatility.reference_price = event.reference_price
            message.volatility.end_time.CopyFrom(_time(event.until_ts_ns))
        case BreakerTripped():
            message.breaker.level = event.level
            message.breaker.market_wide = event.scope == BreakerScope.MARKET
            message.breaker.price = event.price
            message.breaker.reference_price = event.reference_price
            if event.reopen_ts_ns:
                message.breaker.reopen_time.CopyFrom(_time(event.reopen_ts_ns))
        case ClosingPrice():
            message.closing_price.price = event.price
        case InstrumentSplit():
            message.split.num, message.split.den = event.num, event.den
            message.split.reference_price = event.reference_price
        case TradeBusted():
            message.trade_change.trade_id, message.trade_change.busted = event.trade_id, True
        case TradeCorrected():
            message.trade_change.trade_id = event.trade_id
            message.trade_change.price, message.trade_change.qty = event.price, event.qty


def _time(ts_ns: int) -> Timestamp:
    seconds, nanos = divmod(ts_ns, NS_PER_S)
    return Timestamp(seconds=seconds, nanos=nanos)
