"""OrderService: order entry one by one, and the order session.

Room: one method per RPC that changes orders; queries and streams of a member are mixed in from
`order_queries.py` and `execution_stream.py`. No rule of the market lives here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

from exchange.api.v1 import order_service_pb2 as pb
from exchange.gateway.call import Call
from exchange.gateway.execution_stream import ExecutionStream
from exchange.gateway.header import response_header
from exchange.gateway.order_codec import OrderCodec, mass_cancel_answer
from exchange.gateway.order_queries import OrderQueries
from exchange.gateway.order_session import OrderSession
from exchange.gateway.ports import Core
from exchange.gateway.principal import member_id_of
from exchange.gateway.reports import Reporter
from exchange.gateway.session_machine import SessionMachine
from exchange.gateway.translate_orders import (
    OrderEntry,
    cancel_order,
    mass_cancel,
    new_order,
    replace_order,
)
from exchange.model.batch import Outcome
from exchange.model.codec import encode_command

NO_SESSION = 0


class SessionBounds(NamedTuple):
    """Bounds of every order session."""

    commands_max: int
    message_bytes_max: int


class OrderServicer(OrderQueries, ExecutionStream):
    """Answers OrderService."""

    def __init__(
        self, core: Core, codec: OrderCodec, bounds: SessionBounds, *, heartbeat_s: float
    ) -> None:
        OrderQueries.__init__(self, core)
        ExecutionStream.__init__(self, core, heartbeat_s=heartbeat_s)
        self._codec = codec
        self._bounds = bounds
        self._reporter = Reporter(core.directory)

    async def SubmitOrder(
        self, request: pb.SubmitOrderRequest, call: Call
    ) -> pb.SubmitOrderResponse:
        """Enter one order."""
        member_id = member_id_of(call.principal, self._core.directory)
        outcome = await self._submit(new_order(request.order, member_id, self._core.directory))
        return pb.SubmitOrderResponse(
            header=response_header(self._core, outcome.batch.head.log_index),
            reports=self._reports(outcome, member_id),
        )

    async def CancelOrder(
        self, request: pb.CancelOrderRequest, call: Call
    ) -> pb.CancelOrderResponse:
        """Cancel one order."""
        member_id = member_id_of(call.principal, self._core.directory)
        outcome = await self._submit(cancel_order(request.cancel, member_id))
        return pb.CancelOrderResponse(
            header=response_header(self._core, outcome.batch.head.log_index),
            reports=self._reports(outcome, member_id),
        )

    async def ReplaceOrder(
        self, request: pb.ReplaceOrderRequest, call: Call
    ) -> pb.ReplaceOrderResponse:
        """Change one order."""
        member_id = member_id_of(call.principal, self._core.directory)
        outcome = await self._submit(replace_order(request.replace, member_id))
        return pb.ReplaceOrderResponse(
            header=response_header(self._core, outcome.batch.head.log_index),
            reports=self._reports(outcome, member_id),
        )

    async def MassCancelOrders(
        self, request: pb.MassCancelOrdersRequest, call: Call
    ) -> pb.MassCancelOrdersResponse:
        """Cancel all own open orders that pass the filters."""
        directory = self._core.directory
        member_id = member_id_of(call.principal, directory)
        outcome = await self._submit(mass_cancel(request.mass_cancel, member_id, directory))
        head = outcome.batch.head
        response = pb.MassCancelOrdersResponse(header=response_header(self._core, head.log_index))
        for record in outcome.all():
            place = (record, member_id, head.log_index, head.ts_ns)
            if not response.HasField("report"):
                report = mass_cancel_answer(self._reporter, *place)
                if report is not None:
                    response.report.CopyFrom(report)
                    continue
            response.reports.extend(self._reporter.reports(*place))
        return response

    async def OrderSession(
        self, messages: AsyncIterator[bytes], call: Call
    ) -> AsyncIterator[bytes]:
        """Order entry with many commands a message; bytes in, bytes out."""
        member_id = member_id_of(call.principal, self._core.directory)
        machine = SessionMachine(
            commands_max=self._bounds.commands_max,
            message_bytes_max=self._bounds.message_bytes_max,
        )
        session = OrderSession(self._core, self._codec, machine, call, member_id)
        responses = session.run(messages)
        try:
            async for response in responses:
                yield response
        finally:
            await responses.aclose()

    async def _submit(self, command: OrderEntry) -> Outcome:
        return await self._core.submit(encode_command(command, NO_SESSION), 1)

    def _reports(self, outcome: Outcome, member_id: int) -> list[pb.ExecutionReport]:
        head = outcome.batch.head
        return [
            report
            for record in outcome.all()
            for report in self._reporter.reports(record, member_id, head.log_index, head.ts_ns)
        ]
