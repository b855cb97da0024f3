"""R8: what trades, fees and deliveries do to cash, cost and result; I7 for money."""

from __future__ import annotations

import msgspec
import pytest

from exchange.engine.reference.fees import fee_of
from exchange.engine.reference.risk_books import Holding
from exchange.engine.reference.settlement import close_out
from exchange.model import risk_event as re
from exchange.model.command import CloseSession, OpenSession, UpdateInstrument
from exchange.model.enums import AssetClass
from exchange.model.units import cash_scale
from tests.recorder import ABC, buy, sell
from tests.risk_desk import UNIT, RiskDesk, risk_desk

FUTURE = msgspec.structs.replace(ABC, symbol="FUT", asset_class=AssetClass.FUTURE)
COIN = msgspec.structs.replace(ABC, symbol="BTC", qty_decimals=8, tick_size=1, lot_size=1)


def trade(desk: RiskDesk, buyer: int, seller: int, qty: int, price: int) -> None:
    """The seller rests, the buyer takes."""
    names = (f"s{desk.engine.next_event_seq}", f"b{desk.engine.next_event_seq}")
    desk.send(sell(seller, names[0], qty, price, stp=1), buy(buyer, names[1], qty, price, stp=1))


def test_a_trade_moves_its_notional_from_buyer_to_seller() -> None:
    desk = risk_desk()
    trade(desk, 1, 2, 10, 1_010)

    assert (desk.cash(1), desk.cash(2)) == (-10_100, 10_100)
    assert desk.holding(1).cost == 10_100 * UNIT
    assert desk.holding(2).cost == -10_100 * UNIT


def test_the_smallest_part_of_a_coin_is_exact() -> None:
    """A price of 1e-9 for 1e-8 of a coin is ten units of 1e-18; none is lost."""
    desk = risk_desk(msgspec.structs.replace(COIN, reference_price=0, min_order_qty=1))
    trade(desk, 1, 2, 3, 7)

    assert desk.balance(1).cash == -21 * cash_scale(8, 1)
    assert cash_scale(8, 1) == 10
    assert cash_scale(9, 1) == 1
    assert cash_scale(0, 50) == 50 * 10**9


def test_the_multiplier_counts() -> None:
    desk = risk_desk(msgspec.structs.replace(ABC, contract_multiplier=100))
    trade(desk, 1, 2, 10, 1_000)

    assert desk.cash(2) == 1_000_000


def test_average_cost_and_result_of_a_long_position() -> None:
    desk = risk_desk()
    trade(desk, 1, 2, 10, 1_000)
    trade(desk, 1, 2, 30, 1_040)
    trade(desk, 3, 1, 20, 1_050)

    held = desk.holding(1)
    assert held.qty == 20
    assert held.cost == 20 * 1_030 * UNIT
    assert held.realised == 20 * 20 * UNIT
    assert held.unrealised == 20 * 20 * UNIT


def test_a_position_that_turns_begins_with_a_new_cost() -> None:
    desk = risk_desk()
    trade(desk, 1, 2, 10, 1_000)
    trade(desk, 3, 1, 30, 1_050)

    held = desk.holding(1)
    assert (held.qty, held.cost, held.realised) == (-20, -21_000 * UNIT, 500 * UNIT)


def test_a_short_position_gains_when_the_price_falls() -> None:
    desk = risk_desk()
    trade(desk, 2, 1, 20, 1_000)
    trade(desk, 1, 2, 10, 900)

    held = desk.holding(1)
    assert (held.realised, held.unrealised) == (1_000 * UNIT, 1_000 * UNIT)


def test_a_flat_position_keeps_its_result_and_no_cost() -> None:
    desk = risk_desk()
    trade(desk, 1, 2, 10, 1_000)
    trade(desk, 2, 1, 10, 990)

    held = desk.holding(1)
    assert (held.qty, held.cost, held.realised, held.unrealised) == (0, 0, -100 * UNIT, 0)
    assert desk.cash(1) == -100


@pytest.mark.parametrize(
    ("position", "cost", "qty", "price"),
    [(3, 10, -1, 7), (3, 10, -2, 7), (-3, -10, 1, 2), (7, 100, -9, 3), (-7, -100, 9, 3)],
)
def test_cost_is_the_sum_of_notionals_and_result_also_where_it_does_not_divide(
    position: int, cost: int, qty: int, price: int
) -> None:
    held = Holding(cost)
    realised = close_out(held, position, qty, qty * price)

    assert held.cost == cost + qty * price + realised
    assert held.realised == realised


@pytest.mark.parametrize(
    ("value", "ppm", "fee"), [(999_999, 1, 0), (1_000_000, 1, 1), (3, -500_000, -1), (7, 0, 0)]
)
def test_a_fee_is_rounded_towards_zero(value: int, ppm: int, fee: int) -> None:
    assert fee_of(value, ppm) == fee


def test_the_maker_gets_a_rebate_the_taker_pays_the_venue_keeps_the_rest() -> None:
    desk = risk_desk()
    desk.fees(-1_000, 3_000)
    desk.send(sell(2, "s", 10, 1_000))
    *_, fees = desk.send(buy(1, "b", 10, 1_000))

    assert fees == re.TradeFees(1, 1, 2, 30 * UNIT, -10 * UNIT, "USD")
    assert (desk.cash(1), desk.cash(2)) == (-10_030, 10_010)
    assert desk.engine.venue_cash() == [("USD", 20 * UNIT)]


def test_a_schedule_of_the_instrument_comes_before_the_general_one() -> None:
    desk = risk_desk()
    desk.fees(0, 1_000)
    desk.fees(0, 0, instrument=1)
    trade(desk, 1, 2, 10, 1_000)

    assert desk.engine.venue_cash() == []


def test_a_member_pays_by_its_tier() -> None:
    desk = risk_desk()
    desk.fees(0, 1_000)
    desk.fees(0, 500, tier=1)
    desk.limit_member(1, fee_tier=1)
    trade(desk, 1, 2, 10, 1_000)
    trade(desk, 2, 1, 10, 1_000)

    assert desk.cash(1) == -5
    assert desk.cash(2) == -10


def test_a_future_moves_no_notional_and_pays_what_is_closed() -> None:
    desk = risk_desk(FUTURE)
    trade(desk, 1, 2, 20, 1_000)
    assert (desk.cash(1), desk.cash(2)) == (0, 0)
    trade(desk, 3, 1, 10, 1_030)

    assert (desk.cash(1), desk.cash(3)) == (300, 0)
    assert desk.holding(1).unrealised == 300 * UNIT


def test_a_future_is_marked_at_the_end_of_the_day() -> None:
    desk = risk_desk(FUTURE)
    trade(desk, 1, 2, 20, 1_000)
    trade(desk, 3, 2, 10, 1_030)
    events = desk.send(CloseSession(0, *desk.tail()))

    settled = [event for event in events if isinstance(event, re.VariationSettled)]
    assert [(x.account_id, x.qty, x.amount // UNIT) for x in settled] == [
        (1, 20, 600),
        (2, -30, -600),
        (3, 10, 0),
    ]
    assert (desk.cash(1), desk.cash(2), desk.cash(3)) == (600, -600, 0)
    assert desk.holding(1).unrealised == 0


def test_a_future_pays_in_the_end_what_it_gained_from_first_to_last() -> None:
    desk = risk_desk(FUTURE)
    trade(desk, 1, 2, 10, 1_000)
    desk.send(CloseSession(0, *desk.tail()))
    desk.send(OpenSession(0, *desk.tail()))
    trade(desk, 2, 1, 10, 1_100)

    assert (desk.cash(1), desk.cash(2)) == (1_000, -1_000)


@pytest.mark.parametrize(
    ("field", "value"),
    [("asset_class", 3), ("currency", "EUR"), ("qty_decimals", 2), ("contract_multiplier", 5)],
)
def test_what_money_depends_on_does_not_change_while_anybody_holds_it(
    field: str, value: int | str
) -> None:
    desk = risk_desk()
    trade(desk, 1, 2, 10, 1_000)
    changed = msgspec.structs.replace(ABC, instrument_id=1, **{field: value})

    told = desk.told(UpdateInstrument(changed, *desk.tail()))
    assert told == [f"admin_rejected POSITIONS_EXIST {field}"]


def test_money_and_securities_come_and_go() -> None:
    desk = risk_desk()
    desk.pay(1, 500)
    desk.deliver(1, 20, 1_000)
    desk.deliver(1, -5)

    assert desk.cash(1) == 500
    held = desk.holding(1)
    assert (held.qty, held.cost, held.realised) == (15, 15_000 * UNIT, 0)
    assert desk.pay(1, -501) == ["admin_rejected INSUFFICIENT_BALANCE USD"]
    desk.send(sell(1, "s", 10, 1_100))
    assert desk.deliver(1, -10) == ["admin_rejected INSUFFICIENT_BALANCE ABC"]
    assert desk.deliver(1, -5)[0].startswith("admin_accepted")


def test_what_open_orders_reserve_cannot_be_withdrawn() -> None:
    desk = risk_desk()
    desk.limit(1, account_type=1)
    desk.limit(2, account_type=2)
    desk.pay(1, 20_000)
    desk.pay(2, 20_000)
    desk.send(buy(1, "a", 10, 1_000), buy(2, "b", 10, 1_000))

    assert desk.pay(1, -10_001) == ["admin_rejected INSUFFICIENT_BALANCE USD"]
    assert desk.pay(1, -10_000)[0].startswith("admin_accepted")
    assert desk.pay(2, -15_001) == ["admin_rejected INSUFFICIENT_BALANCE USD"]
    assert desk.pay(2, -15_000)[0].startswith("admin_accepted")
