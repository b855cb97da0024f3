"""ReferenceDataService: the instruments, with phase and last trade.

Room: one method per RPC. Needs no principal.
"""

from __future__ import annotations

from exchange.api.v1 import reference_data_service_pb2 as pb
from exchange.errors import ClientFault
from exchange.gateway.call import Call
from exchange.gateway.header import response_header
from exchange.gateway.page_token import decode_page_token, encode_page_token, page_size
from exchange.gateway.ports import Core
from exchange.gateway.translate_admin import describe_instrument

FILTER = "instruments"


class ReferenceDataServicer:
    """Answers ReferenceDataService."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def GetInstrument(
        self, request: pb.GetInstrumentRequest, call: Call
    ) -> pb.GetInstrumentResponse:
        """One instrument."""
        for view in await self._core.query(lambda engine: engine.instruments()):
            if view.instrument.symbol == request.symbol:
                return pb.GetInstrumentResponse(
                    header=response_header(self._core), instrument=describe_instrument(view)
                )
        raise ClientFault(
            "UNKNOWN_SYMBOL", f"there is no instrument {request.symbol[:50]!r}", field="symbol"
        )

    async def ListInstruments(
        self, request: pb.ListInstrumentsRequest, call: Call
    ) -> pb.ListInstrumentsResponse:
        """Instruments by id, page by page."""
        size = page_size(request.page_size)
        after = decode_page_token(request.page_token, FILTER)
        views = await self._core.query(lambda engine: engine.instruments())
        rows = [view for view in views if view.instrument.instrument_id > after]
        token = ""
        if len(rows) > size:
            token = encode_page_token(rows[size - 1].instrument.instrument_id, FILTER)
        return pb.ListInstrumentsResponse(
            header=response_header(self._core),
            instruments=[describe_instrument(view) for view in rows[:size]],
            next_page_token=token,
        )
