"""R4.1-R4.3, R5: continuous matching, self-trade prevention, fill-or-kill."""

from __future__ import annotations

import msgspec
import pytest

from exchange.model.enums import OrdType, StpMode, TimeInForce
from exchange.model.event import BboChanged, LevelChanged, Trade
from tests.recorder import ABC, Recorder, buy, sell, tell

FOK = TimeInForce.FOK
IOC = TimeInForce.IOC


@pytest.fixture
def venue() -> Recorder:
    recorder = Recorder()
    recorder.open_market()
    return recorder


def test_best_price_first_then_oldest_at_the_resting_price(venue: Recorder) -> None:
    """R4.1, R4.2."""
    venue.send(sell(1, "a", 10, 1010), sell(2, "b", 10, 1000), sell(1, "c", 10, 1000))

    assert venue.told(buy(3, "d", 25, 1020)) == [
        "accepted d 25 @ 1020",
        "trade d b 10 @ 1000",
        "trade d c 10 @ 1000",
        "trade d a 5 @ 1010",
    ]
    assert venue.book() == ([], [(1010, 5, 1)])


def test_remainder_of_a_day_limit_rests_at_its_price(venue: Recorder) -> None:
    """R4.2."""
    venue.send(buy(1, "a", 10, 990))

    assert venue.told(sell(2, "b", 30, 980)) == ["accepted b 30 @ 980", "trade a b 10 @ 990"]
    assert venue.book() == ([], [(980, 20, 1)])


def test_an_order_that_does_not_cross_does_not_trade(venue: Recorder) -> None:
    venue.send(sell(1, "a", 10, 1010))

    assert venue.told(buy(2, "b", 10, 1000)) == ["accepted b 10 @ 1000"]


@pytest.mark.parametrize(
    "more",
    [{"time_in_force": IOC}, {"ord_type": OrdType.MARKET, "price": 0}],
    ids=["ioc", "market"],
)
def test_remainder_of_ioc_and_market_is_canceled(venue: Recorder, more: dict[str, int]) -> None:
    """R3.1, R3.2."""
    venue.send(sell(1, "a", 10, 1000), sell(1, "b", 10, 1190))
    price = 1000 if "time_in_force" in more else 0
    more = {"price": price} | more
    told = venue.told(buy(2, "c", 50, **more))

    expected = ["accepted c 50 @ 1000", "trade c a 10 @ 1000"]
    if not price:
        expected = ["accepted c 50 @ 0", "trade c a 10 @ 1000", "trade c b 10 @ 1190"]
    left = 40 if price else 30
    assert told == [*expected, f"canceled c {left} UNFILLED_REMAINDER"]


def test_trade_shows_both_orders_after_it(venue: Recorder) -> None:
    """R11.1, R11.2."""
    venue.send(sell(1, "a", 10, 1000))
    (trade,) = [x for x in venue.send(buy(2, "b", 30, 1010)) if isinstance(x, Trade)]

    assert (trade.trade_id, trade.aggressor, trade.price, trade.qty) == (1, 1, 1000, 10)
    assert (trade.buy.cum_qty, trade.buy.leaves_qty, trade.buy.cum_notional) == (10, 20, 10_000)
    assert (trade.sell.cum_qty, trade.sell.leaves_qty, trade.sell.ord_status) == (10, 0, 3)
    assert [tuple(p) for p in venue.engine.positions(0)] == [(1, 1, -10), (2, 1, 10)]


def test_events_of_a_command_end_with_levels_then_bbo(venue: Recorder) -> None:
    """R11.1: bids best first, asks best first, then the BBO."""
    venue.send(sell(1, "a", 10, 1000), sell(1, "b", 10, 1010))
    records = venue.records(buy(2, "c", 30, 1010))

    assert [tell(r.event) for r in records] == [
        "accepted c 30 @ 1010",
        "trade c a 10 @ 1000",
        "trade c b 10 @ 1010",
        "level BUY 1010 10 x1",
        "level SELL 1000 0 x0",
        "level SELL 1010 0 x0",
        "bbo 1010 10 0 0",
    ]


def test_a_level_that_is_as_before_gives_no_event(venue: Recorder) -> None:
    records = venue.records(buy(1, "a", 10, 1000, time_in_force=IOC))

    assert not [r for r in records if isinstance(r.event, LevelChanged | BboChanged)]


def test_fok_executes_whole(venue: Recorder) -> None:
    """R4.3."""
    venue.send(sell(1, "a", 10, 1000), sell(2, "b", 10, 1010))

    assert venue.told(buy(3, "c", 20, 1010, time_in_force=FOK)) == [
        "accepted c 20 @ 1010",
        "trade c a 10 @ 1000",
        "trade c b 10 @ 1010",
    ]


@pytest.mark.parametrize(("qty", "price"), [(25, 1010), (20, 1000)], ids=["qty", "price"])
def test_fok_that_cannot_execute_whole_does_nothing(venue: Recorder, qty: int, price: int) -> None:
    """R4.3."""
    venue.send(sell(1, "a", 10, 1000), sell(2, "b", 10, 1010))
    before = venue.book()

    assert venue.told(buy(3, "c", qty, price, time_in_force=FOK)) == [
        f"accepted c {qty} @ {price}",
        f"canceled c {qty} FOK_NOT_FILLABLE",
    ]
    assert venue.book() == before


def test_market_fok_takes_any_price(venue: Recorder) -> None:
    """R3.1, R4.3."""
    venue.send(sell(1, "a", 10, 1000), sell(1, "b", 10, 1200))
    fok = buy(2, "c", 20, 0, ord_type=OrdType.MARKET, time_in_force=FOK)

    assert venue.told(fok)[-1] == "trade c b 10 @ 1200"


@pytest.mark.parametrize(
    ("stp", "told"),
    [
        (StpMode.ALLOW, ["trade c own 10 @ 1000", "trade c b 20 @ 1010"]),
        (StpMode.CANCEL_RESTING, ["canceled c 30 FOK_NOT_FILLABLE"]),
        (StpMode.CANCEL_INCOMING, ["canceled c 30 FOK_NOT_FILLABLE"]),
        (StpMode.CANCEL_BOTH, ["canceled c 30 FOK_NOT_FILLABLE"]),
        (StpMode.DECREMENT_AND_CANCEL, ["canceled c 30 FOK_NOT_FILLABLE"]),
    ],
)
def test_fok_is_judged_after_stp(venue: Recorder, stp: StpMode, told: list[str]) -> None:
    """R4.3: own orders of 10 in front, 20 of another behind; the FOK needs 30."""
    venue.send(sell(1, "own", 10, 1000), sell(2, "b", 20, 1010))
    got = venue.told(buy(1, "c", 30, 1010, time_in_force=FOK, stp=stp))

    assert got[1:] == told


def test_fok_with_cancel_resting_passes_its_own_when_others_suffice(venue: Recorder) -> None:
    """R4.3: the own order is canceled only because the FOK executes."""
    venue.send(sell(1, "own", 10, 1000), sell(2, "b", 30, 1010), sell(1, "far", 10, 1010))
    fok = buy(1, "c", 30, 1010, time_in_force=FOK, stp=StpMode.CANCEL_RESTING)

    assert venue.told(fok)[1:] == [
        "canceled own 10 SELF_TRADE_PREVENTION",
        "trade c b 30 @ 1010",
    ]
    assert venue.book() == ([], [(1010, 10, 1)])


def test_fok_ignores_own_orders_behind_its_fill(venue: Recorder) -> None:
    """R4.3: an own order that is never met changes nothing."""
    venue.send(sell(2, "b", 30, 1000), sell(1, "own", 10, 1000))
    fok = buy(1, "c", 30, 1000, time_in_force=FOK, stp=StpMode.CANCEL_INCOMING)

    assert venue.told(fok)[1:] == ["trade c b 30 @ 1000"]


STP = "SELF_TRADE_PREVENTION"
STP_CASES = [
    (StpMode.ALLOW, 30, ["trade c a 10 @ 1000", "trade c own 20 @ 1000"], []),
    (StpMode.CANCEL_INCOMING, 30, ["trade c a 10 @ 1000", f"canceled c 20 {STP}"], [20]),
    (StpMode.CANCEL_RESTING, 30, ["trade c a 10 @ 1000", f"canceled own 20 {STP}"], []),
    (
        StpMode.CANCEL_BOTH,
        40,
        ["trade c a 10 @ 1000", f"canceled own 20 {STP}", f"canceled c 30 {STP}"],
        [],
    ),
    (
        StpMode.DECREMENT_AND_CANCEL,
        40,
        ["trade c a 10 @ 1000", f"canceled own 20 {STP}", "restated c 10 of 20"],
        [],
    ),
    (
        StpMode.DECREMENT_AND_CANCEL,
        25,
        ["trade c a 10 @ 1000", f"canceled c 15 {STP}", "restated own 5 of 5"],
        [5],
    ),
    (
        StpMode.DECREMENT_AND_CANCEL,
        30,
        ["trade c a 10 @ 1000", f"canceled own 20 {STP}", f"canceled c 20 {STP}"],
        [],
    ),
]


@pytest.mark.parametrize(("stp", "qty", "told", "asks"), STP_CASES)
def test_stp_acts_where_the_orders_meet(
    venue: Recorder, stp: StpMode, qty: int, told: list[str], asks: list[int]
) -> None:
    """R5: 10 of another in front of 20 of one's own."""
    venue.send(sell(2, "a", 10, 1000), sell(1, "own", 20, 1000))

    assert venue.told(buy(1, "c", qty, 1000, stp=stp))[1:] == told
    assert [level[1] for level in venue.book()[1]] == asks


def test_decrement_keeps_the_place_of_the_larger_resting_order(venue: Recorder) -> None:
    """R5."""
    venue.send(sell(1, "own", 20, 1000), sell(2, "b", 10, 1000))
    venue.send(buy(1, "c", 10, 1000, stp=StpMode.DECREMENT_AND_CANCEL))

    assert venue.told(buy(3, "d", 10, 1000))[1:] == ["trade d own 10 @ 1000"]


def test_an_order_without_mode_takes_the_instrument_default(venue: Recorder) -> None:
    """R5; ABC's default is CANCEL_INCOMING."""
    venue.send(sell(1, "own", 10, 1000))

    assert venue.told(buy(1, "c", 10, 1000))[1:] == [f"canceled c 10 {STP}"]


def test_the_default_is_the_instruments_own() -> None:
    """R5."""
    venue = Recorder()
    venue.open_market(msgspec.structs.replace(ABC, stp_default=StpMode.ALLOW))
    venue.send(sell(1, "own", 10, 1000))

    assert venue.told(buy(1, "c", 10, 1000))[1:] == ["trade c own 10 @ 1000"]


def test_the_mode_of_the_incoming_order_rules(venue: Recorder) -> None:
    """R5."""
    venue.send(sell(1, "own", 10, 1000, stp=StpMode.CANCEL_RESTING))

    assert venue.told(buy(1, "c", 10, 1000, stp=StpMode.ALLOW))[1:] == ["trade c own 10 @ 1000"]


def test_books_of_instruments_are_apart() -> None:
    venue = Recorder()
    venue.open_market(ABC, msgspec.structs.replace(ABC, symbol="XYZ"))
    venue.send(sell(1, "a", 10, 1000))

    assert venue.told(buy(2, "b", 10, 1000, instrument_id=2)) == ["accepted b 10 @ 1000"]
