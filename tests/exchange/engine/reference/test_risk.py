"""R8: each rung of the pre-trade ladder at its edge, and the order of the rungs."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from exchange.model.command import CloseSession, OpenSession, SessionOpened
from exchange.model.enums import AssetClass, OrdType, TimeInForce
from exchange.model.risk import AccountFlag, AccountType
from exchange.model.units import CASH_SCALE
from tests.recorder import ABC, buy, replace, sell
from tests.risk_desk import UNIT, RiskDesk, risk_desk

CASH = AccountType.CASH.value
MARGIN = AccountType.MARGIN.value
FUTURE = msgspec.structs.replace(ABC, symbol="FUT", asset_class=AssetClass.FUTURE)
MARKET: dict[str, Any] = {"ord_type": OrdType.MARKET}


@pytest.fixture
def desk() -> RiskDesk:
    return risk_desk()


def test_an_account_without_limits_is_unlimited(desk: RiskDesk) -> None:
    assert desk.told(buy(1, "a", 10_000, 1_200)) == ["accepted a 10000 @ 1200"]


def test_limits_of_zeros_are_no_limits(desk: RiskDesk) -> None:
    desk.limit(1, max_order_qty=10)
    desk.limit(1)

    assert desk.told(buy(1, "a", 100, 1_000)) == ["accepted a 100 @ 1000"]


@pytest.mark.parametrize("row", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (0, 1, 1)])
def test_r8_3_a_row_of_the_restricted_list_refuses(desk: RiskDesk, row: tuple[int, ...]) -> None:
    desk.restrict(*row)

    assert desk.told(buy(1, "a", 10, 1_000)) == ["rejected a RESTRICTED"]
    desk.unrestrict(*row)
    assert desk.told(buy(1, "b", 10, 1_000)) == ["accepted b 10 @ 1000"]


@pytest.mark.parametrize("row", [(2, 0, 0), (0, 2, 0), (2, 0, 1), (0, 2, 1)])
def test_r8_3_a_row_about_others_does_not(desk: RiskDesk, row: tuple[int, ...]) -> None:
    desk.restrict(*row)

    assert desk.told(buy(1, "a", 10, 1_000)) == ["accepted a 10 @ 1000"]


def test_r8_3_open_orders_stay_and_may_only_become_less(desk: RiskDesk) -> None:
    desk.send(buy(1, "a", 20, 1_000))
    desk.restrict(1)

    assert desk.told(replace(1, "a", "b", price=1_010)) == ["replace_rejected b RESTRICTED"]
    assert desk.told(replace(1, "a", "c", qty=10)) == ["replaced a by c 10 @ 1000 kept"]


def test_r8_5_a_member_has_so_many_orders_a_second(desk: RiskDesk) -> None:
    desk.limit_member(1, order_rate=2)
    desk.send(buy(1, "a", 10, 1_000), buy(1, "b", 10, 1_000))

    assert desk.told(buy(1, "c", 10, 1_000)) == ["rejected c ORDER_RATE_EXCEEDED"]
    desk.ts_ns += 499_999_999
    assert desk.told(buy(1, "d", 10, 1_000)) == ["rejected d ORDER_RATE_EXCEEDED"]
    desk.ts_ns += 1
    assert desk.told(buy(1, "e", 10, 1_000)) == ["accepted e 10 @ 1000"]
    assert desk.told(buy(2, "f", 10, 1_000)) == ["accepted f 10 @ 1000"]


def test_r8_5_a_burst_may_be_more_than_the_rate(desk: RiskDesk) -> None:
    desk.limit_member(1, order_rate=1, order_burst=3)
    several = [buy(1, name, 10, 1_000) for name in "abcd"]

    assert desk.told(*several)[-1] == "rejected d ORDER_RATE_EXCEEDED"


def test_r8_5_each_session_has_its_own_rate(desk: RiskDesk) -> None:
    desk.limit_member(1, session_rate=1)
    desk.send(SessionOpened(1, 0, "s1"), SessionOpened(1, 0, "s2"))

    assert desk.told(buy(1, "a", 10, 1_000), session_id=1) == ["accepted a 10 @ 1000"]
    assert desk.told(buy(1, "b", 10, 1_000), session_id=1) == ["rejected b ORDER_RATE_EXCEEDED"]
    assert desk.told(buy(1, "c", 10, 1_000), session_id=2) == ["accepted c 10 @ 1000"]
    assert desk.told(buy(1, "d", 10, 1_000)) == ["accepted d 10 @ 1000"]


def test_r8_5_a_refused_order_takes_no_token_and_a_replace_takes_one(desk: RiskDesk) -> None:
    desk.limit_member(1, order_rate=2)
    desk.send(buy(1, "a", 12, 1_000), buy(1, "b", 10, 1_000))

    assert desk.told(replace(1, "b", "c", price=1_010)) == ["replaced b by c 10 @ 1010 lost"]
    assert desk.told(replace(1, "c", "d", price=1_000)) == [
        "replace_rejected d ORDER_RATE_EXCEEDED"
    ]
    assert desk.told(buy(1, "e", 10, 1_000)) == ["rejected e ORDER_RATE_EXCEEDED"]


def test_r8_6_the_account_has_its_own_fat_finger_bounds(desk: RiskDesk) -> None:
    desk.limit(1, max_order_qty=20, max_order_notional=15_000 * UNIT)

    assert desk.told(buy(1, "a", 25, 1_000)) == ["rejected a ABOVE_MAX_ORDER_QTY"]
    assert desk.told(buy(1, "b", 20, 1_000)) == ["rejected b ABOVE_MAX_ORDER_NOTIONAL"]
    assert desk.told(buy(1, "c", 15, 1_000)) == ["accepted c 15 @ 1000"]
    assert desk.told(replace(1, "c", "d", qty=20)) == [
        "replace_rejected d ABOVE_MAX_ORDER_NOTIONAL"
    ]
    assert desk.told(replace(1, "c", "e", qty=30)) == ["replace_rejected e ABOVE_MAX_ORDER_QTY"]


def test_r8_7_a_retail_order_reaches_five_percent_beyond_the_last_price(desk: RiskDesk) -> None:
    desk.limit(1, flags=AccountFlag.RETAIL)

    assert desk.told(buy(1, "a", 10, 1_060)) == ["rejected a PRICE_OUTSIDE_COLLAR"]
    assert desk.told(buy(1, "b", 10, 1_050)) == ["accepted b 10 @ 1050"]
    assert desk.told(buy(1, "c", 10, 900)) == ["accepted c 10 @ 900"]
    assert desk.told(sell(1, "d", 10, 940)) == ["rejected d PRICE_OUTSIDE_COLLAR"]
    assert desk.told(replace(1, "c", "e", price=1_060)) == [
        "replace_rejected e PRICE_OUTSIDE_COLLAR"
    ]


def test_r8_7_the_collar_follows_the_last_trade(desk: RiskDesk) -> None:
    desk.limit(1, collar_bp=100)
    desk.send(sell(2, "s", 10, 1_100), buy(3, "b", 10, 1_100))

    assert desk.told(buy(1, "a", 10, 1_110)) == ["accepted a 10 @ 1110"]
    assert desk.told(buy(1, "c", 10, 1_120)) == ["rejected c PRICE_OUTSIDE_COLLAR"]


def test_r8_7_a_market_order_goes_no_further_than_far_touch_and_collar(desk: RiskDesk) -> None:
    desk.limit(1, flags=AccountFlag.RETAIL)
    desk.send(sell(2, "s1", 10, 1_000), sell(2, "s2", 10, 1_050), sell(2, "s3", 10, 1_060))

    assert desk.told(buy(1, "a", 30, 0, **MARKET)) == [
        "accepted a 30 @ 0",
        "trade a s1 10 @ 1000",
        "trade a s2 10 @ 1050",
        "canceled a 10 UNFILLED_REMAINDER",
    ]


def test_r8_7_a_market_order_is_refused_where_the_far_touch_is_outside(desk: RiskDesk) -> None:
    desk.limit(1, flags=AccountFlag.RETAIL)
    desk.send(sell(2, "s", 10, 1_060))

    assert desk.told(buy(1, "a", 10, 0, **MARKET)) == ["rejected a PRICE_OUTSIDE_COLLAR"]


def test_r8_7_fill_or_kill_does_not_count_beyond_the_cap(desk: RiskDesk) -> None:
    """R4.3 with R8.7."""
    desk.limit(1, flags=AccountFlag.RETAIL)
    desk.send(sell(2, "s1", 10, 1_000), sell(2, "s2", 10, 1_060))
    command = buy(1, "a", 20, 0, time_in_force=TimeInForce.FOK, **MARKET)

    assert desk.told(command)[-1] == "canceled a 20 FOK_NOT_FILLABLE"


def test_r8_9_the_worst_case_position_is_bounded_on_both_sides(desk: RiskDesk) -> None:
    desk.limit(1, max_position=50)
    desk.deliver(1, 20)
    desk.send(buy(1, "a", 20, 900))

    assert desk.told(buy(1, "b", 15, 900)) == ["rejected b POSITION_LIMIT_EXCEEDED"]
    assert desk.told(buy(1, "c", 10, 900)) == ["accepted c 10 @ 900"]
    assert desk.told(sell(1, "d", 75, 1_100)) == ["rejected d POSITION_LIMIT_EXCEEDED"]
    assert desk.told(sell(1, "e", 70, 1_100)) == ["accepted e 70 @ 1100"]
    assert desk.told(replace(1, "a", "f", qty=25)) == ["replace_rejected f POSITION_LIMIT_EXCEEDED"]


def test_r8_10_an_order_is_a_bounded_part_of_the_daily_volume(desk: RiskDesk) -> None:
    desk.limit(1, adv_bp=100)
    assert desk.told(buy(1, "a", 500, 1_000)) == ["accepted a 500 @ 1000"]
    desk.volume(10_000)

    assert desk.told(buy(1, "b", 105, 1_000)) == ["rejected b MARKET_IMPACT_TOO_LARGE"]
    assert desk.told(buy(1, "c", 100, 1_000)) == ["accepted c 100 @ 1000"]


def test_r8_11_a_cash_account_does_not_trade_futures() -> None:
    desk = risk_desk(FUTURE)
    desk.limit(1, account_type=CASH)

    assert desk.told(buy(1, "a", 10, 1_000)) == ["rejected a ACCOUNT_TYPE_NOT_ALLOWED"]


def test_r8_11_credit_covers_positions_and_open_orders(desk: RiskDesk) -> None:
    desk.limit(1, credit_limit=40_000 * UNIT)
    desk.deliver(1, 20)
    desk.send(buy(1, "a", 10, 1_000))

    assert desk.told(buy(1, "b", 15, 1_000)) == ["rejected b CREDIT_LIMIT_EXCEEDED"]
    assert desk.told(buy(1, "c", 10, 1_000)) == ["accepted c 10 @ 1000"]
    assert desk.told(sell(1, "d", 20, 1_010)) == ["accepted d 20 @ 1010"]


def test_r8_11_a_cash_account_pays_with_what_is_not_reserved(desk: RiskDesk) -> None:
    desk.limit(1, account_type=CASH)
    desk.pay(1, 25_000)
    desk.send(buy(1, "a", 15, 1_000))

    assert desk.balance(1).reserved == 15_000 * UNIT
    assert desk.told(buy(1, "b", 15, 1_000)) == ["rejected b INSUFFICIENT_CASH"]
    assert desk.told(buy(1, "c", 10, 1_000)) == ["accepted c 10 @ 1000"]
    assert desk.balance(1).buying_power == 0


def test_r8_11_what_is_canceled_can_be_spent_again(desk: RiskDesk) -> None:
    desk.limit(1, account_type=CASH)
    desk.pay(1, 10_000)
    desk.send(buy(1, "a", 10, 1_000))
    desk.told(replace(1, "a", "a2", price=900))

    assert desk.balance(1).buying_power == 1_000 * UNIT
    assert desk.told(buy(1, "b", 10, 1_000)) == ["rejected b INSUFFICIENT_CASH"]


def test_r8_11_fees_are_reserved_with_the_price(desk: RiskDesk) -> None:
    desk.limit(1, account_type=CASH)
    desk.fees(0, 1_000)
    desk.pay(1, 10_009)

    assert desk.told(buy(1, "a", 10, 1_000)) == ["rejected a INSUFFICIENT_CASH"]
    desk.pay(1, 1)
    assert desk.told(buy(1, "b", 10, 1_000)) == ["accepted b 10 @ 1000"]
    desk.send(sell(2, "s", 10, 1_000))
    assert desk.cash(1) == 10


def test_r8_11_a_cash_market_order_never_overdraws(desk: RiskDesk) -> None:
    """The reservation is the far touch plus the static band of 20 %."""
    desk.limit(1, account_type=CASH)
    desk.pay(1, 11_999)
    desk.send(sell(2, "s1", 5 * 2, 1_000))

    assert desk.told(buy(1, "a", 10, 0, **MARKET)) == ["rejected a INSUFFICIENT_CASH"]
    desk.pay(1, 1)
    assert desk.told(buy(1, "b", 10, 0, **MARKET))[-1] == "trade b s1 10 @ 1000"
    assert desk.cash(1) == 2_000


def test_r8_11_a_cash_order_without_any_price_to_go_by_is_refused() -> None:
    desk = risk_desk(msgspec.structs.replace(ABC, reference_price=0, static_band_bp=0))
    desk.limit(1, account_type=CASH)
    desk.pay(1, 10_000)

    assert desk.told(buy(1, "a", 10, 0, **MARKET)) == ["rejected a INSUFFICIENT_CASH"]


def test_r8_11_a_cash_account_sells_what_it_has_once(desk: RiskDesk) -> None:
    desk.limit(1, account_type=CASH)
    desk.deliver(1, 20)
    desk.send(sell(1, "a", 15, 1_000))

    assert desk.told(sell(1, "b", 10, 1_000)) == ["rejected b INSUFFICIENT_POSITION"]
    assert desk.told(replace(1, "a", "c", qty=25)) == ["replace_rejected c INSUFFICIENT_POSITION"]
    assert desk.told(replace(1, "a", "d", qty=20)) == ["replaced a by d 20 @ 1000 lost"]


def test_r8_11_a_margin_account_needs_half_of_the_worst_case(desk: RiskDesk) -> None:
    desk.limit(1, account_type=MARGIN)
    desk.pay(1, 10_000)

    assert desk.balance(1).buying_power == 20_000 * UNIT
    assert desk.told(buy(1, "a", 25, 1_000)) == ["rejected a INSUFFICIENT_MARGIN"]
    assert desk.told(buy(1, "b", 20, 1_000)) == ["accepted b 20 @ 1000"]
    assert desk.told(sell(1, "c", 20, 1_000, stp=1)) == [
        "accepted c 20 @ 1000",
        "trade b c 20 @ 1000",
    ]


def test_r8_11_both_sides_of_the_market_need_margin_once(desk: RiskDesk) -> None:
    desk.limit(1, account_type=MARGIN)
    desk.pay(1, 10_000)
    desk.send(buy(1, "a", 20, 1_000))

    assert desk.told(sell(1, "b", 15, 1_100)) == ["accepted b 15 @ 1100"]
    assert desk.told(sell(1, "c", 10, 1_100)) == ["rejected c INSUFFICIENT_MARGIN"]


def test_r8_11_margin_rates_are_the_accounts(desk: RiskDesk) -> None:
    desk.limit(1, account_type=MARGIN, initial_margin_bp=10_000)
    desk.pay(1, 10_000)

    assert desk.told(buy(1, "a", 15, 1_000)) == ["rejected a INSUFFICIENT_MARGIN"]
    assert desk.told(buy(1, "b", 10, 1_000)) == ["accepted b 10 @ 1000"]


def test_r8_12_one_instrument_is_a_bounded_part_of_the_portfolio(desk: RiskDesk) -> None:
    desk.limit(1, concentration_bp=5_000)
    desk.pay(1, 40_000)

    assert desk.told(buy(1, "a", 25, 1_000)) == ["rejected a CONCENTRATION_EXCEEDED"]
    assert desk.told(buy(1, "b", 20, 1_000)) == ["accepted b 20 @ 1000"]


def _day_trade(desk: RiskDesk, number: int) -> None:
    desk.send(sell(2, f"x{number}", 10, 1_000), buy(1, f"i{number}", 10, 1_000))
    desk.send(buy(2, f"y{number}", 10, 1_000), sell(1, f"o{number}", 10, 1_000))


def test_r8_13_a_poor_pattern_day_trader_may_only_reduce(desk: RiskDesk) -> None:
    desk.limit(1, flags=AccountFlag.PATTERN_DAY_TRADER)
    for number in range(3):
        _day_trade(desk, number)
    view = desk.engine.portfolio(1)
    assert view is not None
    assert view.day_trades == 3

    assert desk.told(buy(1, "a", 10, 1_000)) == ["rejected a DAY_TRADE_LIMIT_REACHED"]
    desk.pay(1, 25_000 * CASH_SCALE // UNIT)
    assert desk.told(buy(1, "b", 10, 1_000)) == ["accepted b 10 @ 1000"]


def test_r8_13_day_trades_are_forgotten_after_five_days(desk: RiskDesk) -> None:
    desk.limit(1, flags=AccountFlag.PATTERN_DAY_TRADER)
    for number in range(3):
        _day_trade(desk, number)
    for day in range(5):
        assert desk.told(buy(1, f"d{day}", 10, 1_000)) == [
            f"rejected d{day} DAY_TRADE_LIMIT_REACHED"
        ]
        next_day(desk)

    assert desk.told(buy(1, "a", 10, 1_000)) == ["accepted a 10 @ 1000"]


def next_day(desk: RiskDesk) -> None:
    desk.send(CloseSession(0, *desk.tail()))
    desk.send(OpenSession(0, *desk.tail()))


LADDER = [
    ("RESTRICTED", {}),
    ("INVALID_QUANTITY", {"order_qty": 0}),
    ("ORDER_RATE_EXCEEDED", {}),
    ("ABOVE_MAX_ORDER_QTY", {}),
    ("ABOVE_MAX_ORDER_NOTIONAL", {}),
    ("PRICE_OUT_OF_BAND", {"price": 1_210}),
    ("PRICE_OUTSIDE_COLLAR", {}),
    ("POSITION_LIMIT_EXCEEDED", {}),
    ("MARKET_IMPACT_TOO_LARGE", {}),
    ("CREDIT_LIMIT_EXCEEDED", {}),
    ("INSUFFICIENT_CASH", {}),
    ("CONCENTRATION_EXCEEDED", {}),
    ("DAY_TRADE_LIMIT_REACHED", {}),
]


@pytest.mark.parametrize("first", range(len(LADDER)), ids=[name for name, _ in LADDER])
def test_the_first_rung_that_fails_gives_the_reason(desk: RiskDesk, first: int) -> None:
    """R8: all rungs from `first` on are made to fail; the reason is that of `first`."""
    failing = [name for name, _ in LADDER[first:]]
    for number in range(3):
        _day_trade(desk, number)
    desk.volume(1_000)
    if "ORDER_RATE_EXCEEDED" in failing:
        desk.limit_member(1, order_rate=1)
        desk.send(buy(1, "token", 10, 800))
    desk.limit(
        1,
        account_type=CASH if "INSUFFICIENT_CASH" in failing else 0,
        flags=AccountFlag.PATTERN_DAY_TRADER,
        credit_limit=1 if "CREDIT_LIMIT_EXCEEDED" in failing else 0,
        max_position=5 if "POSITION_LIMIT_EXCEEDED" in failing else 0,
        max_order_qty=5 if "ABOVE_MAX_ORDER_QTY" in failing else 0,
        max_order_notional=1 if "ABOVE_MAX_ORDER_NOTIONAL" in failing else 0,
        collar_bp=100 if "PRICE_OUTSIDE_COLLAR" in failing else 0,
        concentration_bp=1 if "CONCENTRATION_EXCEEDED" in failing else 0,
        adv_bp=1 if "MARKET_IMPACT_TOO_LARGE" in failing else 0,
    )
    if "RESTRICTED" in failing:
        desk.restrict(1)
    fields: dict[str, Any] = {}
    for _, more in LADDER[first:]:
        fields.update(more)
    order = msgspec.structs.replace(buy(1, "a", 10, 1_100), **fields)

    assert desk.told(order) == [f"rejected a {LADDER[first][0]}"]
