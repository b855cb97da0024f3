"""Instruments: what can be traded and in which steps.

Room: ReferenceDataService, and how many decimals a quantity of an instrument is shown with, which
is remembered for INSTRUMENT_TTL_S.
"""

from __future__ import annotations

import time

from exchange.api.v1 import reference_data_service_pb2 as pb
from exchange.api.v1.common_pb2 import Instrument
from exchange.client.caller import Caller

PAGE_SIZE = 1000

INSTRUMENT_TTL_S = 60.0
"""How long a scale is remembered. It changes only by an operator, while no order is open; trade in
base units (int) where even that is too long."""


class ReferenceDataCalls(Caller):
    """ReferenceDataService."""

    async def get_instrument(self, symbol: str) -> Instrument:
        """One instrument. Raises NotFoundError if there is none of that symbol."""
        request = pb.GetInstrumentRequest(symbol=symbol)
        instrument = (await self._call(self._reference_data.GetInstrument, request)).instrument
        self._qty_decimals[symbol] = (time.monotonic(), instrument.qty_decimals)
        return instrument

    async def list_instruments(self) -> list[Instrument]:
        """All instruments by instrument_id; the pages are fetched as they are needed."""
        request = pb.ListInstrumentsRequest(page_size=PAGE_SIZE)
        found: list[Instrument] = []
        while True:
            answer = await self._call(self._reference_data.ListInstruments, request)
            found.extend(answer.instruments)
            if not answer.next_page_token:
                return found
            request.page_token = answer.next_page_token

    async def qty_decimals(self, symbol: str) -> int:
        """Decimals of a shown quantity: one base unit is 10**-qty_decimals. Raises NotFoundError.

        At most INSTRUMENT_TTL_S old.
        """
        asked_at, decimals = self._qty_decimals.get(symbol, (float("-inf"), 0))
        if time.monotonic() - asked_at > INSTRUMENT_TTL_S:
            return (await self.get_instrument(symbol)).qty_decimals
        return decimals
