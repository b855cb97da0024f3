"""DarkService: the rules of dark books, and their indications of interest.

Room: one method per RPC. The engine decides what rules may be; no message here names a member or an
open quantity.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from exchange.api.v1 import dark_service_pb2 as pb
from exchange.engine.dark_views import DarkView
from exchange.errors import ClientFault
from exchange.feeds.indications import EVERY_INSTRUMENT, DarkNews
from exchange.gateway.admin_desk import AdminDesk
from exchange.gateway.api_enum import api_enum
from exchange.gateway.call import Call
from exchange.gateway.header import response_header
from exchange.gateway.live_reader import Idle, next_or_idle
from exchange.gateway.ports import Core
from exchange.gateway.translate_orders import instrument_filter
from exchange.model.dark import DarkCrossed, DarkIndication, DarkRules, SetDarkRules


class DarkServicer:
    """Answers DarkService."""

    def __init__(self, core: Core, *, heartbeat_s: float) -> None:
        self._core = core
        self._desk = AdminDesk(core)
        self._heartbeat_s = heartbeat_s

    async def SetDarkRules(
        self, request: pb.SetDarkRulesRequest, call: Call
    ) -> pb.SetDarkRulesResponse:
        """Replace the rules of a dark book."""
        by = self._desk.signature(call, request.request_id)
        # An unknown name is the engine's to refuse; no name at all is no instrument either.
        if not request.symbol:
            raise ClientFault("INVALID_FIELD", "name an instrument", field="symbol")
        given = request.rules
        rules = DarkRules(
            instrument_id=instrument_filter(request.symbol, self._core.directory),
            is_open=int(given.is_open),
            is_continuous=int(given.is_continuous),
            shows_side=int(given.shows_side),
            min_block_qty=given.min_block_qty,
            cross_interval_ns=given.cross_interval_ns,
        )
        return await self._desk.answer(
            SetDarkRules(rules, by.request_id, by.operator), pb.SetDarkRulesResponse
        )

    async def GetDarkBook(
        self, request: pb.GetDarkBookRequest, call: Call
    ) -> pb.GetDarkBookResponse:
        """Rules, agenda and indications as they are now."""
        number = self._known(request.symbol)
        view = await self._core.query(lambda engine: engine.dark(number))
        if view is None:
            raise _unknown(request.symbol)
        return self._book(view)

    async def SubscribeIndications(
        self, request: pb.SubscribeIndicationsRequest, call: Call
    ) -> AsyncIterator[pb.SubscribeIndicationsResponse]:
        """What stands, then news; SLOW_READER ends it."""
        core = self._core
        number = self._known(request.symbol) if request.symbol else EVERY_INSTRUMENT
        told = core.last_seq
        subscription = core.indications.subscribe(number)
        try:
            first = self._message(told)
            first.snapshot = True
            first.indications.extend(self._standing(subscription.standing))
            yield first
            while True:
                got = await next_or_idle(
                    subscription.live, lambda: core.last_seq, self._heartbeat_s
                )
                if isinstance(got, Idle):
                    told = max(told, got.seq)
                    message = self._message(told)
                    message.heartbeat = True
                elif not got:
                    raise call.end_of_stream()
                else:
                    told = max(told, got[-1].seq)
                    message = self._message(told)
                    self._fill(message, got)
                yield message
        finally:
            subscription.close()

    def _known(self, symbol: str) -> int:
        instrument = self._core.directory.instrument_by_symbol(symbol)
        if instrument is None:
            raise _unknown(symbol)
        return instrument.instrument_id

    def _book(self, view: DarkView) -> pb.GetDarkBookResponse:
        rules = view.rules
        return pb.GetDarkBookResponse(
            header=response_header(self._core),
            rules=pb.DarkRules(
                is_open=bool(rules.is_open),
                is_continuous=bool(rules.is_continuous),
                shows_side=bool(rules.shows_side),
                min_block_qty=rules.min_block_qty,
                cross_interval_ns=rules.cross_interval_ns,
            ),
            next_cross_ns=view.next_cross_ts_ns,
            indications=self._standing(view.indications),
        )

    def _message(self, seq: int) -> pb.SubscribeIndicationsResponse:
        return pb.SubscribeIndicationsResponse(header=response_header(self._core), seq=seq)

    def _standing(self, events: Sequence[DarkIndication]) -> list[pb.Indication]:
        return [self._indication(event) for event in events]

    def _indication(self, event: DarkIndication) -> pb.Indication:
        symbol = self._core.directory.symbol(event.instrument_id)
        return pb.Indication(symbol=symbol, side=api_enum(event.side), qty=event.qty)

    def _fill(self, message: pb.SubscribeIndicationsResponse, news: Sequence[DarkNews]) -> None:
        for seq, ts_ns, event in news:
            row: pb.Indication | pb.CrossingSession
            if isinstance(event, DarkCrossed):
                row = message.crossings.add(
                    symbol=self._core.directory.symbol(event.instrument_id),
                    price=event.price,
                    volume=str(event.volume),
                )
            else:
                row = message.indications.add()
                row.CopyFrom(self._indication(event))
            row.seq = seq
            row.transact_time.FromNanoseconds(ts_ns)


def _unknown(symbol: str) -> ClientFault:
    return ClientFault("UNKNOWN_SYMBOL", f"there is no instrument {symbol[:50]!r}", field="symbol")
