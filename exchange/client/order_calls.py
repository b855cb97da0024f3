"""Orders of a member: enter, cancel, replace, ask.

Room: OrderService's unary methods. Each command has a key; it is repeated under the same key until
an answer comes or the time is up, and the exchange carries it out once (RULEBOOK R10).
"""

from __future__ import annotations

from exchange.api.v1 import order_service_pb2 as pb
from exchange.api.v1.common_pb2 import Order
from exchange.client import commands
from exchange.client.decimals import Number, check_number, quantity_units
from exchange.client.order_session import OrderSession
from exchange.client.outcome import MassCancelOutcome, OrderOutcome
from exchange.client.reference_data_calls import ReferenceDataCalls
from exchange.client.streams import Call, ResumingStream, messages_of
from exchange.client.terms import Terms
from exchange.model.enums import BookKind, OrderFlag, OrdType, Side, StpMode, TimeInForce

PAGE_SIZE = 1000


class OrderCalls(ReferenceDataCalls):
    """OrderService, one command a call."""

    async def submit_order(
        self,
        symbol: str,
        side: Side | str,
        qty: Number,
        price: Number | None = None,
        *,
        cl_ord_id: str | None = None,
        tif: TimeInForce | str = TimeInForce.DAY,
        account: str = "",
        post_only: bool = False,
        flags: OrderFlag | int = 0,
        stp_mode: StpMode | None = None,
        expire_ns: int = 0,
        ord_type: OrdType | str | None = None,
        book: BookKind | str | None = None,
        terms: Terms | None = None,
    ) -> OrderOutcome:
        """Enter an order; returns when it is durable and applied, also if it was refused.

        Args:
            symbol: instrument.
            side: or "buy", "sell".
            qty: int = base units; str or Decimal = as the instrument shows quantities.
            price: limit; int = units of 1e-9, str or Decimal = quote currency; None or "market"
                = a market order.
            cl_ord_id: idempotency key, 1 to 36 printable ASCII characters; None = a fresh UUID.
            tif: or its name.
            account: "" = the member's first account.
            post_only: shorthand for the flag.
            flags: sum of OrderFlag.
            stp_mode: None = the instrument's default.
            expire_ns: for GTD, nanoseconds since the Unix epoch; 0 = none.
            ord_type: or its name; None = LIMIT with a price, MARKET without.
            book: or its name; None = the lit book. A dark order without a price takes any midpoint.
            terms: stop, trail, peg, tranche and so on.

        Raises:
            OutcomeUnknownError: sent, not answered in time; repeat with the same cl_ord_id.
            ClientError: not admitted (errors.py).
            TypeError: a float. ValueError: no number, side, order type, peg or time in force.
        """
        scale = await self.qty_decimals(symbol) if terms and terms.needs_scale() else 0
        order = commands.new_order(
            symbol,
            side,
            await self._base_units(symbol, qty),
            price,
            cl_ord_id=cl_ord_id,
            tif=tif,
            account=account,
            post_only=post_only,
            flags=flags,
            stp_mode=stp_mode,
            expire_ns=expire_ns,
            ord_type=ord_type,
            book=book,
            terms=terms.order_terms(scale) if terms else None,
        )
        return await self.send(order)

    async def cancel_order(
        self, orig_cl_ord_id: str = "", *, order_id: int = 0, cl_ord_id: str | None = None
    ) -> OrderOutcome:
        """Withdraw the order named by its cl_ord_id, or by order_id. Raises as submit_order."""
        return await self.send(
            commands.cancel_order(orig_cl_ord_id, order_id=order_id, cl_ord_id=cl_ord_id)
        )

    async def replace_order(
        self,
        orig_cl_ord_id: str = "",
        *,
        order_id: int = 0,
        qty: Number = 0,
        price: Number = 0,
        cl_ord_id: str | None = None,
        terms: Terms | None = None,
    ) -> OrderOutcome:
        """Give an order a new total quantity, price or terms (RULEBOOK R4.4); 0 keeps what is.

        A decimal quantity asks the exchange first which instrument the order is of. Raises as
        submit_order.
        """
        check_number(qty, "quantity")
        scale = 0
        if not isinstance(qty, int) or (terms and terms.needs_scale()):
            order = await self.get_order(orig_cl_ord_id, order_id=order_id)
            scale = await self.qty_decimals(order.symbol)
            qty = await self._base_units(order.symbol, qty)
        return await self.send(
            commands.replace_order(
                orig_cl_ord_id,
                order_id=order_id,
                qty=qty,
                price=price,
                cl_ord_id=cl_ord_id,
                terms=terms.changed_terms(scale) if terms else None,
            )
        )

    async def mass_cancel(
        self,
        *,
        symbol: str = "",
        account: str = "",
        side: Side | str | None = None,
        cl_ord_id: str | None = None,
    ) -> MassCancelOutcome:
        """Cancel all own open orders that pass the filters. Raises as submit_order."""
        command = commands.mass_cancel(
            symbol=symbol, account=account, side=side, cl_ord_id=cl_ord_id
        )
        request = pb.MassCancelOrdersRequest(mass_cancel=command)
        answer, attempts = await self._command(
            self._orders.MassCancelOrders, request, command.cl_ord_id
        )
        return MassCancelOutcome(
            command.cl_ord_id, answer.report, tuple(answer.reports), answer.header, attempts
        )

    async def send(self, command: pb.NewOrder | pb.CancelOrder | pb.ReplaceOrder) -> OrderOutcome:
        """Carry out a command as `commands` makes it. Raises as submit_order."""
        key = command.cl_ord_id
        if isinstance(command, pb.NewOrder):
            entered, attempts = await self._command(
                self._orders.SubmitOrder, pb.SubmitOrderRequest(order=command), key
            )
            return OrderOutcome(key, tuple(entered.reports), entered.header, attempts)
        if isinstance(command, pb.CancelOrder):
            canceled, attempts = await self._command(
                self._orders.CancelOrder, pb.CancelOrderRequest(cancel=command), key
            )
            return OrderOutcome(key, tuple(canceled.reports), canceled.header, attempts)
        replaced, attempts = await self._command(
            self._orders.ReplaceOrder, pb.ReplaceOrderRequest(replace=command), key
        )
        return OrderOutcome(key, tuple(replaced.reports), replaced.header, attempts)

    async def get_order(self, cl_ord_id: str = "", *, order_id: int = 0, member: str = "") -> Order:
        """An order of this trading day, by any cl_ord_id used for it or by order_id.

        Args:
            cl_ord_id: "" = by order_id.
            order_id: 0 = by cl_ord_id.
            member: whose; only an operator may name another.

        Raises:
            NotFoundError: there is no such order.
            ClientError: errors.py.
        """
        request = pb.GetOrderRequest(order_id=order_id, cl_ord_id=cl_ord_id, member=member)
        return (await self._call(self._orders.GetOrder, request)).order

    async def list_orders(
        self,
        *,
        symbol: str = "",
        live_only: bool = False,
        member: str = "",
        account: str = "",
        limit: int = 0,
    ) -> list[Order]:
        """Orders of this trading day by order_id; the pages are fetched as they are needed.

        Args:
            symbol: "" = any.
            live_only: only those that can still trade.
            member: whose; for an operator "" = of all.
            account: only this account of the member; "" = any.
            limit: at most so many; 0 = all.
        """
        request = pb.ListOrdersRequest(
            symbol=symbol, live_only=live_only, member=member, account=account
        )
        found: list[Order] = []
        while True:
            request.page_size = min(PAGE_SIZE, limit - len(found)) if limit else PAGE_SIZE
            answer = await self._call(self._orders.ListOrders, request)
            found.extend(answer.orders)
            if not answer.next_page_token or (limit and len(found) >= limit):
                return found
            request.page_token = answer.next_page_token

    async def positions(self, *, account: str = "", member: str = "") -> list[pb.Position]:
        """Positions other than zero, by account and instrument; `member` as in list_orders."""
        request = pb.GetPositionsRequest(account=account, member=member)
        return list((await self._call(self._orders.GetPositions, request)).positions)

    def executions(
        self, start_seq: int = 0, *, member: str = ""
    ) -> ResumingStream[pb.ExecutionReport | pb.MassCancelReport]:
        """Reports of the member's orders, in order of exec_id, without gap or repetition.

        Goes on over lost connections and restarts of the exchange.

        Args:
            start_seq: first sequence number wanted, inclusive; 0 = only what happens from now on.
            member: whose; only an operator may name one.
        """

        def open_stream(seq: int) -> Call[pb.SubscribeExecutionsResponse]:
            request = pb.SubscribeExecutionsRequest(start_seq=seq, member=member)
            return self._orders.SubscribeExecutions(request, metadata=self._metadata)

        return ResumingStream(messages_of(self, open_stream, start_seq), _in_order, start_seq)

    def order_session(self, *, cancel_on_disconnect: bool = False) -> OrderSession:
        """A session for many commands at a time: `async with client.order_session() as session`.

        Args:
            cancel_on_disconnect: the exchange cancels the orders of the session when it ends,
                however it ends; commands are then not repeated on another connection.
        """
        return OrderSession(
            self, self._orders, self._metadata, cancel_on_disconnect=cancel_on_disconnect
        )

    async def _base_units(self, symbol: str, qty: Number) -> int:
        check_number(qty, "quantity")
        if isinstance(qty, int):
            return qty
        return quantity_units(qty, await self.qty_decimals(symbol))


# A message holds the two kinds apart; together they are in order of exec_id.
def _in_order(
    message: pb.SubscribeExecutionsResponse,
) -> list[pb.ExecutionReport | pb.MassCancelReport]:
    if not message.mass_cancel_reports:
        return list(message.reports)
    return sorted([*message.reports, *message.mass_cancel_reports], key=lambda row: row.exec_id)
