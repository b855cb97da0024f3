"""How far an order without a price may go (R8.7, R8.11), row by row of the table in `reach.py`."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from exchange.engine.reference.canonical import decode_state
from exchange.model.enums import OrdType, PegType
from exchange.model.risk import AccountType
from tests.recorder import ABC, buy, sell, with_terms
from tests.risk_desk import RiskDesk, risk_desk

NO_BAND = msgspec.structs.replace(ABC, static_band_bp=0)


def bounded() -> RiskDesk:
    """Account 1 pays in cash and has plenty; bid 990, ask 1020 of others."""
    desk = risk_desk(NO_BAND)
    desk.limit(1, account_type=AccountType.CASH)
    desk.pay(1, 1_000_000)
    desk.deliver(1, 1_000)
    desk.send(buy(2, "bid", 100, 990), sell(3, "ask", 10, 1_020))
    return desk


def reach(desk: RiskDesk, cl_ord_id: str) -> tuple[int, int]:
    """Reserved price and cap of an order of member 1."""
    state = decode_state(desk.engine.snapshot())
    order = state.orders[state.remembered_orders[1, cl_ord_id].order_id]
    return order.worst_price, order.cap_price


@pytest.mark.parametrize(
    ("ord_type", "terms", "expected"),
    [
        (OrdType.STOP, {"stop_price": 1_050}, (1_102, 1_102)),  # the stop price plus 5 %
        (OrdType.STOP, {"stop_price": 1_010}, (1_071, 1_071)),  # the ask is higher
        (OrdType.PEGGED, {"peg": PegType.PRIMARY}, (1_071, 1_071)),
        (OrdType.PEGGED, {"peg": PegType.PRIMARY, "peg_limit": 1_000}, (1_000, 1_000)),
        (OrdType.PEGGED, {"peg": PegType.PRIMARY, "peg_limit": 2_000}, (1_071, 1_071)),
    ],
)
def test_what_a_buy_without_a_price_reserves(
    ord_type: OrdType, terms: dict[str, Any], expected: tuple[int, int]
) -> None:
    desk = bounded()
    desk.send(with_terms(buy(1, "x", 10, 0, ord_type=ord_type), **terms))
    assert reach(desk, "x") == expected


def test_a_sell_peg_falls_no_further_than_the_collar() -> None:
    desk = bounded()
    peg = with_terms(sell(1, "x", 10, 0, ord_type=OrdType.PEGGED), peg=PegType.MARKET)
    desk.send(peg)
    assert reach(desk, "x") == (990, 941)


def test_an_account_without_type_and_collar_is_not_bounded() -> None:
    desk = bounded()
    stop = with_terms(buy(2, "x", 10, 0, ord_type=OrdType.STOP), stop_price=1_050)
    desk.send(stop)
    state = decode_state(desk.engine.snapshot())
    order = state.orders[state.remembered_orders[2, "x"].order_id]
    assert (order.worst_price, order.cap_price) == (1_050, 0)


def test_nothing_that_says_a_price_is_refused_for_cash() -> None:
    nothing = msgspec.structs.replace(NO_BAND, reference_price=0)
    desk = risk_desk(nothing)
    desk.limit(1, account_type=AccountType.CASH)
    desk.pay(1, 1_000_000)
    peg = with_terms(buy(1, "x", 10, 0, ord_type=OrdType.PEGGED), peg=PegType.PRIMARY)
    assert desk.told(peg) == ["rejected x INSUFFICIENT_CASH"]
