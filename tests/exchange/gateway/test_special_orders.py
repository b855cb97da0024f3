"""Special orders over a real channel: every term in, every event out."""

from __future__ import annotations

from typing import Any

import pytest

from exchange.api.v1 import common_pb2 as common
from exchange.api.v1 import order_service_pb2 as pb
from tests.exchange.gateway.venue import M1, M2, PX, Venue, limit, refused

STOP_TERMS = common.OrderTerms(stop_price=11 * PX)


def stop_order(name: str, terms: common.OrderTerms) -> pb.NewOrder:
    order = limit(name, "buy", 10, 0)
    order.ord_type = common.ORD_TYPE_STOP
    order.terms.CopyFrom(terms)
    return order


async def submit(venue: Venue, order: pb.NewOrder, who: Any = M1) -> list[Any]:
    request = pb.SubmitOrderRequest(order=order)
    return list((await venue.orders.SubmitOrder(request, metadata=who)).reports)


async def test_a_stop_waits_is_changed_and_is_released(venue: Venue) -> None:
    """R4.7: acknowledgement, terms, and with the trade that triggers it everything after."""
    told = await submit(venue, stop_order("x1", STOP_TERMS))
    change = pb.ReplaceOrder(
        cl_ord_id="x2", orig_cl_ord_id="x1", terms=common.ChangedTerms(stop_price=10 * PX)
    )
    replaced = await venue.orders.ReplaceOrder(pb.ReplaceOrderRequest(replace=change), metadata=M1)
    waiting = await venue.orders.GetOrder(pb.GetOrderRequest(cl_ord_id="x2"), metadata=M1)
    await venue.submit("s1", "sell", 50, 10, M2)
    reports = await venue.submit("b1", "buy", 5, 10)

    assert [report.exec_type for report in told] == [
        common.EXEC_TYPE_NEW,
        common.EXEC_TYPE_RESTATED,
    ]
    assert told[1].terms == STOP_TERMS
    assert [report.exec_type for report in replaced.reports] == [
        common.EXEC_TYPE_REPLACED,
        common.EXEC_TYPE_RESTATED,
    ]
    assert replaced.reports[1].terms.stop_price == 10 * PX
    assert waiting.order.is_waiting
    assert waiting.order.terms.stop_price == 10 * PX
    assert [(report.cl_ord_id, report.exec_type) for report in reports] == [
        ("b1", common.EXEC_TYPE_NEW),
        ("b1", common.EXEC_TYPE_TRADE),
        ("x2", common.EXEC_TYPE_TRIGGERED),
        ("x2", common.EXEC_TYPE_TRADE),
    ]
    assert reports[2].trigger_price == 10 * PX


async def test_terms_that_the_market_refuses_are_reported(venue: Venue) -> None:
    order = limit("a1", "buy", 10, 10)
    order.terms.display_qty = 11

    (report,) = await submit(venue, order)

    assert report.exec_type == common.EXEC_TYPE_REJECTED
    assert report.reject_reason == common.REJECT_REASON_INVALID_DISPLAY_QTY
    assert "display_qty" in report.text


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (common.OrderTerms(stop_price=-1), "terms.stop_price"),
        (common.OrderTerms(trail=-1), "terms.trail"),
        (common.OrderTerms(peg_limit=-1), "terms.peg_limit"),
        (common.OrderTerms(display_qty=-1), "terms.display_qty"),
        (common.OrderTerms(min_qty=-1), "terms.min_qty"),
        (common.OrderTerms(oco_cl_ord_id="x" * 37), "terms.oco_cl_ord_id"),
    ],
)
async def test_terms_out_of_range_never_reach_the_market(
    venue: Venue, terms: common.OrderTerms, field: str
) -> None:
    request = pb.SubmitOrderRequest(order=stop_order("x1", terms))

    refusal = await refused(venue.orders.SubmitOrder(request, metadata=M1))

    assert refusal.reason == "INVALID_FIELD"
    assert field in refusal.message
