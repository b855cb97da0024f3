"""R9.4: busts and corrections reverse exactly, are events, and edit nothing."""

from __future__ import annotations

import msgspec
import pytest

from exchange.model import risk_event as re
from exchange.model.command import CloseSession
from exchange.model.enums import AssetClass
from exchange.model.risk_command import BustTrade
from tests.recorder import ABC, buy, sell
from tests.risk_desk import UNIT, RiskDesk, risk_desk

SHARE = msgspec.structs.replace(ABC, min_order_qty=5)
FUTURE = msgspec.structs.replace(SHARE, symbol="FUT", asset_class=AssetClass.FUTURE)
Money = list[tuple[int, int, int, int]]


def trade(desk: RiskDesk, buyer: int, seller: int, qty: int, price: int) -> None:
    """The seller rests, the buyer takes."""
    mark = desk.engine.next_event_seq
    desk.send(sell(seller, f"s{mark}", qty, price, stp=1), buy(buyer, f"b{mark}", qty, price))


def money(desk: RiskDesk) -> Money:
    """Cash, position, cost and result of the three accounts."""
    return [
        (desk.balance(n).cash, desk.holding(n).qty, desk.holding(n).cost, desk.holding(n).realised)
        for n in (1, 2, 3)
    ]


@pytest.fixture(params=[SHARE, FUTURE], ids=["share", "future"])
def desk(request: pytest.FixtureRequest) -> RiskDesk:
    desk = risk_desk(request.param)
    desk.fees(-100, 300)
    trade(desk, 1, 2, 10, 1_000)
    return desk


@pytest.mark.parametrize(
    ("buyer", "seller", "qty"), [(1, 2, 20), (2, 1, 5), (2, 1, 30), (3, 1, 10), (3, 2, 10)]
)
def test_a_bust_puts_money_and_positions_back(
    desk: RiskDesk, buyer: int, seller: int, qty: int
) -> None:
    before = money(desk)
    venue = desk.engine.venue_cash()
    trade(desk, buyer, seller, qty, 1_050)
    assert money(desk) != before
    desk.bust(2)

    assert money(desk) == before
    assert desk.engine.venue_cash() == venue


def test_a_bust_of_an_older_trade_leaves_what_the_others_made(desk: RiskDesk) -> None:
    """Whatever was traded since: cash and position are those of the trades that are left."""
    trade(desk, 1, 2, 20, 1_040)
    trade(desk, 3, 1, 15, 1_060)
    desk.bust(2)
    other = risk_desk(desk.engine.instruments()[0].instrument)
    other.fees(-100, 300)
    trade(other, 1, 2, 10, 1_000)
    trade(other, 3, 1, 15, 1_060)

    if desk.engine.instruments()[0].instrument.asset_class == AssetClass.FUTURE:
        worth = [desk.balance(n).equity for n in (1, 2, 3)]
        assert worth == [other.balance(n).equity for n in (1, 2, 3)]
    else:
        assert [x[:2] for x in money(desk)] == [x[:2] for x in money(other)]
        sums = [(x[2] - x[3]) for x in money(desk)]
        assert sums == [(x[2] - x[3]) for x in money(other)]
    assert [x[1] for x in money(desk)] == [x[1] for x in money(other)]


def test_a_flat_position_keeps_no_cost_after_a_bust() -> None:
    desk = risk_desk()
    trade(desk, 1, 2, 10, 1_000)
    trade(desk, 1, 2, 10, 1_100)
    trade(desk, 3, 1, 10, 1_150)
    desk.bust(2)

    held = desk.holding(1)
    assert (held.qty, held.cost, held.realised) == (0, 0, 1_500 * UNIT)


def test_the_event_tells_the_trade_and_the_order_stays(desk: RiskDesk) -> None:
    events = desk.send(BustTrade(1, *desk.tail(), "error"))
    (busted,) = [event for event in events if isinstance(event, re.TradeBusted)]

    assert (busted.trade_id, busted.qty, busted.price) == (1, 10, 1_000)
    assert (busted.buy.account_id, busted.sell.account_id) == (1, 2)
    assert (busted.buy_fee, busted.sell_fee) == (3 * UNIT, -1 * UNIT)
    order = desk.engine.order(2)
    assert order is not None
    assert order.order.cum_qty == 10
    assert desk.engine.instruments()[0].last_price == 1_000


def test_a_trade_is_busted_once_and_only_on_its_day(desk: RiskDesk) -> None:
    assert desk.bust(9) == ["admin_rejected UNKNOWN_TRADE 9"]
    desk.bust(1)
    assert desk.bust(1) == ["admin_rejected TRADE_BUSTED 1"]
    assert desk.correct(1, price=1_010) == ["admin_rejected TRADE_BUSTED 1"]
    trade(desk, 1, 2, 10, 1_000)
    desk.send(CloseSession(0, *desk.tail()))
    assert desk.bust(2) == ["admin_rejected UNKNOWN_TRADE 2"]


def test_a_correction_is_as_if_traded_so(desk: RiskDesk) -> None:
    trade(desk, 1, 2, 20, 1_050)
    told = desk.correct(2, price=1_020, qty=15)
    other = risk_desk(desk.engine.instruments()[0].instrument)
    other.fees(-100, 300)
    trade(other, 1, 2, 10, 1_000)
    trade(other, 1, 2, 15, 1_020)

    assert told[-1] == "TradeCorrected"
    assert money(desk) == money(other)
    assert desk.engine.venue_cash() == other.engine.venue_cash()
    view = desk.engine.trade(2)
    assert view is not None
    assert (view.price, view.qty, view.buy_fee) == (1_020, 15, 15_300 * UNIT * 3 // 10_000)
    desk.bust(2)
    assert desk.holding(1).qty == 10


@pytest.mark.parametrize(
    ("price", "qty", "refusal"),
    [
        (1_005, 0, "INVALID_FIELD price"),
        (-10, 0, "INVALID_FIELD price"),
        (0, 15, "INVALID_FIELD qty"),
        (0, 7, "INVALID_FIELD qty"),
        (0, -5, "INVALID_FIELD qty"),
        (0, 0, "NO_CHANGE "),
        (1_000, 10, "NO_CHANGE "),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused(
    desk: RiskDesk, price: int, qty: int, refusal: str
) -> None:
    assert desk.correct(1, price, qty) == [f"admin_rejected {refusal}"]


def test_a_reason_is_required(desk: RiskDesk) -> None:
    assert desk.told(BustTrade(1, *desk.tail(), "")) == ["admin_rejected REASON_REQUIRED "]
