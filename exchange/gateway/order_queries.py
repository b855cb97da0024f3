"""Reads of OrderService: orders of the trading day and positions.

Room: questions to the engine between two entries, and their answers. A member finds its own only;
another member's order is not found, as one that does not exist.
"""

from __future__ import annotations

from typing import NamedTuple

from exchange.api.v1 import order_service_pb2 as pb
from exchange.api.v1.common_pb2 import Order
from exchange.engine.port import Engine, OrderView, PositionView
from exchange.errors import ClientFault
from exchange.gateway.api_enum import api_enum
from exchange.gateway.call import Call
from exchange.gateway.field_checks import NS_PER_S, fault, identifier
from exchange.gateway.header import response_header
from exchange.gateway.page_token import decode_page_token, encode_page_token, page_size
from exchange.gateway.ports import Core
from exchange.gateway.principal import EVERY_MEMBER, readable_member_id
from exchange.gateway.reports import Reporter, terms_message
from exchange.model.terms import NO_TERMS


class Wanted(NamedTuple):
    """Which orders a list is about; 0 = any."""

    member_id: int
    account_id: int
    instrument_id: int
    is_live: bool

    def orders(self, engine: Engine, after: int, limit: int) -> list[OrderView]:
        """The first `limit` of them with order_id > `after`, by order_id."""
        found: list[OrderView] = []
        while len(found) < limit:
            page = engine.orders(
                self.member_id, self.instrument_id, after, limit, live=self.is_live
            )
            found += [x for x in page if self.account_id in {0, x.order.account_id}]
            if len(page) < limit:
                break
            after = page[-1].order.order_id
        return found[:limit]


class OrderQueries:
    """Answers GetOrder, ListOrders and GetPositions."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._names = Reporter(core.directory)

    async def GetOrder(self, request: pb.GetOrderRequest, call: Call) -> pb.GetOrderResponse:
        """One order by order_id or cl_ord_id."""
        member_id = readable_member_id(call.principal, request.member, self._core.directory)
        order_id, cl_ord_id = request.order_id, identifier(request.cl_ord_id, "cl_ord_id")
        if bool(order_id) == bool(cl_ord_id):
            raise fault("order_id", "exactly one of order_id and cl_ord_id is required")
        if cl_ord_id and member_id == EVERY_MEMBER:
            raise fault("member", "a cl_ord_id is a member's; name the member")
        view = await self._core.query(
            lambda engine: (
                engine.order(order_id)
                if order_id
                else engine.order_by_cl_ord_id(member_id, cl_ord_id)
            )
        )
        if view is None or member_id not in {EVERY_MEMBER, view.order.member_id}:
            raise ClientFault("UNKNOWN_ORDER", f"there is no order {order_id or cl_ord_id!r} today")
        return pb.GetOrderResponse(header=response_header(self._core), order=self._order(view))

    async def ListOrders(self, request: pb.ListOrdersRequest, call: Call) -> pb.ListOrdersResponse:
        """Orders by order_id, page by page."""
        member_id = readable_member_id(call.principal, request.member, self._core.directory)
        size = page_size(request.page_size)
        filters = (member_id, request.symbol, request.live_only, request.account)
        after = decode_page_token(request.page_token, *filters)
        instrument_id = 0
        if request.symbol:
            instrument = self._core.directory.instrument_by_symbol(request.symbol)
            if instrument is None:
                raise ClientFault("UNKNOWN_SYMBOL", f"there is no instrument {request.symbol!r}")
            instrument_id = instrument.instrument_id
        account_id = self._account_id(member_id, request.account)
        wanted = Wanted(member_id, account_id, instrument_id, is_live=request.live_only)
        views = await self._core.query(lambda engine: wanted.orders(engine, after, size + 1))
        token = ""
        if len(views) > size:
            token = encode_page_token(views[size - 1].order.order_id, *filters)
        return pb.ListOrdersResponse(
            header=response_header(self._core),
            orders=[self._order(view) for view in views[:size]],
            next_page_token=token,
        )

    async def GetPositions(
        self, request: pb.GetPositionsRequest, call: Call
    ) -> pb.GetPositionsResponse:
        """Positions other than zero, by account and instrument."""
        directory = self._core.directory
        member_id = readable_member_id(call.principal, request.member, directory)
        accounts = {row.account_id: row for row in directory.accounts(member_id)}
        only = self._account_id(member_id, request.account)
        if only:
            accounts = {only: accounts[only]}

        def read(engine: Engine) -> list[PositionView]:
            return [row for key in accounts for row in engine.positions(key)]

        members = {row.member_id: row.name for row in directory.members()}
        return pb.GetPositionsResponse(
            header=response_header(self._core),
            positions=[
                pb.Position(
                    member=members[accounts[row.account_id].member_id],
                    account=accounts[row.account_id].name,
                    symbol=directory.symbol(row.instrument_id),
                    qty=row.qty,
                )
                for row in await self._core.query(read)
            ],
        )

    def _account_id(self, member_id: int, name: str) -> int:
        """The account that a filter names; 0 = any."""
        if not name:
            return 0
        if member_id == EVERY_MEMBER:
            raise fault("member", "an account is a member's; name the member")
        account = self._core.directory.account_by_name(member_id, name)
        if account is None:
            raise ClientFault("UNKNOWN_ACCOUNT", f"there is no account {name!r}")
        return account.account_id

    def _order(self, view: OrderView) -> Order:
        order = self._names.order(view.order)
        order.reject_reason = api_enum(view.reject_reason)
        order.entry_time.seconds, order.entry_time.nanos = divmod(view.entry_ts_ns, NS_PER_S)
        order.transact_time.seconds, order.transact_time.nanos = divmod(view.last_ts_ns, NS_PER_S)
        if view.terms != NO_TERMS:
            order.terms.CopyFrom(terms_message(view.terms))
        order.is_waiting = view.is_waiting
        return order
