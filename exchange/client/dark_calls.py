"""The dark midpoint books: rules, indications of interest, crossing sessions.

Room: one method per RPC of DarkService. Dark orders are `submit_order(..., book="dark")`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator

from exchange.api.v1 import dark_service_pb2 as pb
from exchange.client.caller import Caller
from exchange.client.commands import new_id
from exchange.client.streams import Call, messages_of


class DarkCalls(Caller):
    """DarkService."""

    async def set_dark_rules(
        self, symbol: str, rules: pb.DarkRules, *, request_id: str | None = None
    ) -> pb.SetDarkRulesResponse:
        """Replace all rules of a dark book; closing it cancels what rests in it."""
        request = pb.SetDarkRulesRequest(
            request_id=request_id or new_id(), symbol=symbol, rules=rules
        )
        return (await self._command(self._dark.SetDarkRules, request, request.request_id))[0]

    async def dark_book(self, symbol: str) -> pb.GetDarkBookResponse:
        """Rules, next crossing session and the indications that stand.

        Raises NotFoundError if there is no such instrument.
        """
        return await self._call(self._dark.GetDarkBook, pb.GetDarkBookRequest(symbol=symbol))

    async def indications(
        self, symbol: str = ""
    ) -> AsyncGenerator[pb.SubscribeIndicationsResponse, None]:
        """Indications and crossing sessions of an instrument ("" = all) as they come.

        A message with `snapshot` holds what stands and replaces all before: the first one is such,
        and so is the first after a lost connection.
        """
        request = pb.SubscribeIndicationsRequest(symbol=symbol)

        def open_stream(_: int) -> Call[pb.SubscribeIndicationsResponse]:
            return self._dark.SubscribeIndications(request, metadata=self._metadata)

        messages = messages_of(self, open_stream, 0)
        try:
            async for message in messages:
                if not message.heartbeat:
                    yield message
        finally:
            await messages.aclose()
