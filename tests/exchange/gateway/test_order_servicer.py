"""OrderService, RPC by RPC, over a real channel."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from exchange.api.v1 import common_pb2
from exchange.api.v1 import order_service_pb2 as pb
from tests.exchange.gateway.venue import M1, M2, OPERATOR, PX, Venue, limit, refused


async def test_submit_answers_with_the_acknowledgement(venue: Venue) -> None:
    reports = await venue.submit("a1", "buy", 100, 10)

    assert len(reports) == 1
    report = reports[0]
    assert report.exec_type == common_pb2.EXEC_TYPE_NEW
    assert report.ord_status == common_pb2.ORD_STATUS_NEW
    assert (report.cl_ord_id, report.symbol, report.account) == ("a1", "ABC", "m1")
    assert (report.order_qty, report.cum_qty, report.leaves_qty) == (100, 0, 100)
    assert report.price == 10 * PX
    assert report.order_id == 1
    assert report.exec_id > 0
    assert report.log_index == venue.core.applied_index
    assert report.transact_time.seconds > 0
    assert not report.poss_dup


async def test_trade_is_told_to_each_side_as_its_own(venue: Venue) -> None:
    """R4.2, R11.1: acknowledgement first, then executions at the resting price."""
    await venue.submit("s1", "sell", 30, 10, M2)
    reports = await venue.submit("b1", "buy", 50, 11)

    new, trade = reports
    assert new.exec_type == common_pb2.EXEC_TYPE_NEW
    assert trade.exec_type == common_pb2.EXEC_TYPE_TRADE
    assert (trade.last_qty, trade.last_px) == (30, 10 * PX)
    assert (trade.cum_qty, trade.leaves_qty) == (30, 20)
    assert trade.liquidity == common_pb2.LIQUIDITY_TAKER
    assert trade.cum_notional == str(300 * PX)
    assert trade.avg_px == 10 * PX
    assert trade.trade_id == 1
    assert {report.account for report in reports} == {"m1"}


async def test_refusal_by_the_market_is_a_report(venue: Venue) -> None:
    reports = await venue.submit("a1", "buy", 100, 10, symbol="NONE")

    assert [report.exec_type for report in reports] == [common_pb2.EXEC_TYPE_REJECTED]
    assert reports[0].reject_reason == common_pb2.REJECT_REASON_UNKNOWN_SYMBOL
    assert "exctl instrument list" in reports[0].text


async def test_repeated_submit_gives_the_original_outcome(venue: Venue) -> None:
    """R10.1: a repeat has no effect and is flagged."""
    first = await venue.submit("a1", "buy", 100, 10)
    again = await venue.submit("a1", "buy", 100, 10)

    assert again[0].poss_dup
    assert again[0].exec_type == common_pb2.EXEC_TYPE_NEW
    assert again[0].order_id == first[0].order_id
    assert again[0].exec_id > first[0].exec_id


async def test_cancel_names_both_ids(venue: Venue) -> None:
    await venue.submit("a1", "buy", 100, 10)
    request = pb.CancelOrderRequest(cancel=pb.CancelOrder(cl_ord_id="c1", orig_cl_ord_id="a1"))
    response = await venue.orders.CancelOrder(request, metadata=M1)

    report = response.reports[0]
    assert report.exec_type == common_pb2.EXEC_TYPE_CANCELED
    assert (report.cl_ord_id, report.orig_cl_ord_id) == ("c1", "a1")
    assert report.cancel_reason == common_pb2.CANCEL_REASON_REQUESTED
    assert (report.canceled_qty, report.leaves_qty) == (100, 0)


async def test_cancel_of_an_unknown_order_is_a_cancel_reject(venue: Venue) -> None:
    request = pb.CancelOrderRequest(cancel=pb.CancelOrder(cl_ord_id="c1", orig_cl_ord_id="nix"))
    response = await venue.orders.CancelOrder(request, metadata=M1)

    report = response.reports[0]
    assert report.exec_type == common_pb2.EXEC_TYPE_CANCEL_REJECTED
    assert report.reject_reason == common_pb2.REJECT_REASON_UNKNOWN_ORDER
    assert not report.is_replace


async def test_replace_gives_new_terms_and_a_new_id(venue: Venue) -> None:
    """R4.4: order_qty is the new total."""
    await venue.submit("a1", "buy", 100, 10)
    request = pb.ReplaceOrderRequest(
        replace=pb.ReplaceOrder(cl_ord_id="r1", orig_cl_ord_id="a1", order_qty=60, price=9 * PX)
    )
    response = await venue.orders.ReplaceOrder(request, metadata=M1)

    report = response.reports[0]
    assert report.exec_type == common_pb2.EXEC_TYPE_REPLACED
    assert (report.cl_ord_id, report.orig_cl_ord_id) == ("r1", "a1")
    assert (report.order_qty, report.leaves_qty, report.price) == (60, 60, 9 * PX)


async def test_mass_cancel_reports_the_count_and_each_order(venue: Venue) -> None:
    """R9.2: only the member's own orders that pass the filters."""
    await venue.submit("a1", "buy", 1, 10)
    await venue.submit("a2", "buy", 1, 9)
    await venue.submit("a3", "sell", 1, 20)
    await venue.submit("z1", "buy", 1, 8, M2)
    request = pb.MassCancelOrdersRequest(
        mass_cancel=pb.MassCancel(cl_ord_id="mc", symbol="ABC", side=common_pb2.SIDE_BUY)
    )
    response = await venue.orders.MassCancelOrders(request, metadata=M1)

    assert response.report.canceled_count == 2
    assert response.report.symbol == "ABC"
    assert [report.cl_ord_id for report in response.reports] == ["a1", "a2"]
    again = await venue.orders.MassCancelOrders(request, metadata=M1)
    assert again.report.poss_dup
    assert not again.reports


async def test_mass_cancel_with_an_unknown_filter_is_refused_in_its_report(venue: Venue) -> None:
    await venue.submit("a1", "buy", 1, 10)
    request = pb.MassCancelOrdersRequest(mass_cancel=pb.MassCancel(cl_ord_id="mc", symbol="NONE"))
    response = await venue.orders.MassCancelOrders(request, metadata=M1)

    assert response.report.reject_reason == common_pb2.REJECT_REASON_UNKNOWN_SYMBOL
    assert response.report.canceled_count == 0
    assert not response.reports


async def test_get_order_by_either_id(venue: Venue) -> None:
    await venue.submit("a1", "buy", 100, 10)
    by_name = await venue.orders.GetOrder(pb.GetOrderRequest(cl_ord_id="a1"), metadata=M1)
    by_id = await venue.orders.GetOrder(pb.GetOrderRequest(order_id=1), metadata=M1)

    assert by_name.order == by_id.order
    assert by_id.order.member == "m1"
    assert by_id.order.entry_time == by_id.order.transact_time


async def test_another_members_order_is_not_found(venue: Venue) -> None:
    await venue.submit("a1", "buy", 100, 10)

    got = await refused(venue.orders.GetOrder(pb.GetOrderRequest(order_id=1), metadata=M2))
    assert (got.code, got.reason) == (grpc.StatusCode.NOT_FOUND, "UNKNOWN_ORDER")
    by_operator = pb.GetOrderRequest(cl_ord_id="a1", member="m1")
    assert (await venue.orders.GetOrder(by_operator, metadata=OPERATOR)).order.order_id == 1


async def test_list_orders_pages_without_gap_or_repeat(venue: Venue) -> None:
    for number in range(7):
        await venue.submit(f"a{number}", "buy", 1, 10)
    cancel = pb.CancelOrder(cl_ord_id="c", orig_cl_ord_id="a3")
    await venue.orders.CancelOrder(pb.CancelOrderRequest(cancel=cancel), metadata=M1)

    async def all_pages(**fields: Any) -> list[str]:
        found, token = [], ""
        while True:
            request = pb.ListOrdersRequest(page_size=2, page_token=token, **fields)
            response = await venue.orders.ListOrders(request, metadata=M1)
            found += [order.cl_ord_id for order in response.orders]
            token = response.next_page_token
            if not token:
                return found

    assert await all_pages() == [f"a{number}" for number in range(7)]
    assert await all_pages(live_only=True, symbol="ABC") == ["a0", "a1", "a2", "a4", "a5", "a6"]


async def test_page_token_of_another_list_is_refused(venue: Venue) -> None:
    for number in range(3):
        await venue.submit(f"a{number}", "buy", 1, 10)
    first = await venue.orders.ListOrders(pb.ListOrdersRequest(page_size=1), metadata=M1)
    request = pb.ListOrdersRequest(page_token=first.next_page_token, live_only=True)

    got = await refused(venue.orders.ListOrders(request, metadata=M1))
    assert (got.reason, got.metadata["field"]) == ("INVALID_PAGE_TOKEN", "page_token")


async def test_positions_of_both_sides_sum_to_zero(venue: Venue) -> None:
    """R11.2."""
    await venue.submit("s1", "sell", 30, 10, M2)
    await venue.submit("b1", "buy", 30, 10)
    mine = await venue.orders.GetPositions(pb.GetPositionsRequest(), metadata=M1)
    every = await venue.orders.GetPositions(pb.GetPositionsRequest(), metadata=OPERATOR)

    assert [(p.member, p.account, p.symbol, p.qty) for p in mine.positions] == [
        ("m1", "m1", "ABC", 30)
    ]
    assert sum(position.qty for position in every.positions) == 0
    assert len(every.positions) == 2


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("side", {"side": 0}),
        ("side", {"side": 99}),
        ("ord_type", {"ord_type": 0}),
        ("time_in_force", {"time_in_force": -1}),
        ("stp_mode", {"stp_mode": 77}),
        ("flags", {"flags": 1 << 16}),
        ("order_qty", {"order_qty": -1}),
        ("price", {"price": -(1 << 63)}),
        ("cl_ord_id", {"cl_ord_id": "x" * 37}),
        ("cl_ord_id", {"cl_ord_id": "ä"}),
        ("cl_ord_id", {"cl_ord_id": "a\n"}),
        ("expire_time", {"expire_time": Timestamp(seconds=-5)}),
        ("expire_time", {"expire_time": Timestamp(seconds=1 << 60)}),
        ("expire_time", {"expire_time": Timestamp(seconds=1, nanos=-1)}),
    ],
)
async def test_field_without_bytes_is_refused_by_name(
    venue: Venue, field: str, fields: dict[str, Any]
) -> None:
    before = venue.core.applied_index
    order = _with(limit("a1", "buy", 1, 10), fields)
    got = await refused(venue.orders.SubmitOrder(pb.SubmitOrderRequest(order=order), metadata=M1))

    assert (got.code, got.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
    assert got.metadata["field"] == field
    assert "google.rpc.BadRequest" in got.details
    assert venue.core.applied_index == before


@pytest.mark.parametrize(
    ("reason", "fields"),
    [
        ("INVALID_CL_ORD_ID", {"cl_ord_id": ""}),
        ("INVALID_QUANTITY", {"order_qty": 0}),
        ("INVALID_QUANTITY", {"order_qty": (1 << 63) - 1}),
        ("INVALID_PRICE", {"price": (1 << 63) - 1}),
        ("PRICE_NOT_A_TICK_MULTIPLE", {"price": 1}),
        ("UNKNOWN_ACCOUNT", {"account": "nix"}),
        ("INVALID_EXPIRE_TIME", {"expire_time": Timestamp(seconds=1)}),
    ],
)
async def test_value_that_has_bytes_is_the_markets_to_refuse(
    venue: Venue, reason: str, fields: dict[str, Any]
) -> None:
    order = _with(limit("a1", "buy", 1, 10), fields)
    response = await venue.orders.SubmitOrder(pb.SubmitOrderRequest(order=order), metadata=M1)

    assert [report.exec_type for report in response.reports] == [common_pb2.EXEC_TYPE_REJECTED]
    name = common_pb2.RejectReason.Name(response.reports[0].reject_reason)
    assert name == f"REJECT_REASON_{reason}"


def _with(order: pb.NewOrder, fields: dict[str, Any]) -> pb.NewOrder:
    for name in fields:
        order.ClearField(name)
    order.MergeFrom(pb.NewOrder(**fields))
    return order
