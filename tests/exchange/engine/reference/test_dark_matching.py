"""The dark book: continuous matching at the lit midpoint."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.engine.reference.dark_book import has_fitting_pair
from exchange.engine.reference.order import Order
from exchange.model import command as c
from exchange.model.auction_command import SetTradingRules
from exchange.model.enums import OrderFlag, Phase, StpMode, TimeInForce
from exchange.model.event import Trade
from exchange.model.terms import OrderTerms
from exchange.model.trading_rules import default_rules
from tests.dark_desk import dark_buy, dark_market, dark_sell, set_rules
from tests.recorder import ABC, Recorder, buy, cancel, replace, sell, with_terms


@pytest.fixture
def venue() -> Recorder:
    """Lit 990 / 1010 by member 3: the midpoint is 1000. Blocks of 100, sides not told."""
    return dark_market()


def test_two_blocks_trade_at_the_midpoint(venue: Recorder) -> None:
    assert venue.told(dark_buy(1, "b", 300)) == ["accepted b 300 @ 0", "indication - 100"]
    assert venue.told(dark_sell(2, "s", 200)) == ["accepted s 200 @ 0", "trade b s 200 @ 1000"]
    assert venue.told(dark_sell(4, "t", 100, 1000)) == [
        "accepted t 100 @ 1000",
        "trade b t 100 @ 1000",
        "indication - 0",
    ]
    assert [tuple(x) for x in venue.engine.positions(0)] == [
        (1, 1, 300),
        (2, 1, -200),
        (4, 1, -100),
    ]


def test_a_midpoint_between_two_ticks_is_exact(venue: Recorder) -> None:
    venue.send(buy(4, "better", 10, 1000), dark_buy(1, "b", 100))

    assert venue.told(dark_sell(2, "s", 100))[1] == "trade b s 100 @ 1005"


def test_a_midpoint_of_half_a_unit_is_rounded_down() -> None:
    """Half of 3 units of 1e-9 is 1, and no sell limit of 2 is traded through."""
    venue = Recorder()
    tiny = msgspec.structs.replace(ABC, tick_size=1, static_band_bp=0, reference_price=0)
    venue.open_market(tiny)
    set_rules(venue)
    venue.send(buy(3, "bid", 50, 1), sell(3, "offer", 50, 2))

    assert (
        venue.told(dark_buy(1, "b", 100, 2), dark_sell(2, "s", 100, 2))[-1] == "accepted s 100 @ 2"
    )
    assert "trade b t 100 @ 1" in venue.told(dark_sell(2, "t", 100, 1))


def test_a_limit_short_of_the_midpoint_waits_until_the_midpoint_comes(venue: Recorder) -> None:
    venue.send(dark_buy(1, "b", 100, 990), dark_sell(2, "s", 100))

    assert venue.told(sell(4, "lower", 10, 1000)) == ["accepted lower 10 @ 1000"]
    assert venue.told(cancel(3, "bid", "x")) == ["canceled bid 50 REQUESTED"]
    assert venue.told(buy(4, "bid2", 10, 980)) == [
        "accepted bid2 10 @ 980",
        "trade b s 100 @ 990",
        "indication - 0",
    ]


def test_a_better_limit_gives_no_priority(venue: Recorder) -> None:
    venue.send(dark_buy(1, "first", 100, 1000), dark_buy(4, "better", 100, 1100))

    assert venue.told(dark_sell(2, "s", 100))[1] == "trade first s 100 @ 1000"


def test_without_a_midpoint_nothing_executes() -> None:
    venue = dark_market(lit=(0, 0))
    venue.send(dark_buy(1, "b", 100), dark_sell(2, "s", 100), buy(3, "bid", 50, 990))
    fok = dark_buy(4, "fok", 100, time_in_force=TimeInForce.FOK)
    ioc = dark_buy(4, "ioc", 100, time_in_force=TimeInForce.IOC)

    assert venue.told(fok)[1] == "canceled fok 100 FOK_NOT_FILLABLE"
    assert venue.told(ioc)[1] == "canceled ioc 100 UNFILLED_REMAINDER"
    assert venue.told(sell(3, "offer", 50, 1010))[1] == "trade b s 100 @ 1000"


def test_dark_orders_are_tried_in_the_order_of_their_places(venue: Recorder) -> None:
    """As if all came in again: s2 meets b1, b3 what is left of s2, s4 what is left of b1 and b3."""
    venue.send(cancel(3, "offer", "x"))
    venue.send(dark_buy(1, "b1", 300), dark_sell(2, "s2", 200))
    venue.send(dark_buy(4, "b3", 100), dark_sell(2, "s4", 400))

    assert venue.told(sell(3, "offer2", 50, 1010))[1:] == [
        "trade b1 s2 200 @ 1000",
        "trade b1 s4 100 @ 1000",
        "trade b3 s4 100 @ 1000",
    ]


def test_who_comes_in_is_the_aggressor_and_a_midpoint_that_comes_has_none(venue: Recorder) -> None:
    venue.send(dark_buy(1, "b", 100))
    (taken,) = [x for x in venue.send(dark_sell(2, "s", 100)) if isinstance(x, Trade)]
    venue.send(cancel(3, "offer", "x"), dark_buy(1, "b2", 100), dark_sell(2, "s2", 100))
    (met,) = [x for x in venue.send(sell(3, "o2", 50, 1010)) if isinstance(x, Trade)]

    assert (taken.aggressor, met.aggressor) == (2, 0)
    assert (taken.trade_id, met.trade_id) == (1, 2)
    assert taken.buy.flags == taken.sell.flags == OrderFlag.DARK_BOOK


def test_a_minimum_quantity_passes_over_smaller_counterparties(venue: Recorder) -> None:
    venue.send(dark_sell(2, "small", 100), dark_sell(4, "large", 400))

    assert venue.told(with_terms(dark_buy(1, "b", 500), min_qty=300))[2:] == [
        "trade b large 400 @ 1000",
        "trade b small 100 @ 1000",
        "indication - 0",
    ]


def test_the_minimum_quantity_of_a_resting_order_counts_too(venue: Recorder) -> None:
    venue.send(with_terms(dark_buy(1, "b", 500), min_qty=300))

    assert venue.told(dark_sell(2, "s", 200)) == ["accepted s 200 @ 0"]
    # Then 200 are left, less than the minimum: all of it is enough now, and s is there.
    assert venue.told(dark_sell(2, "t", 300))[1:] == [
        "trade b t 300 @ 1000",
        "trade b s 200 @ 1000",
        "indication - 0",
    ]


def test_all_that_is_left_is_always_enough(venue: Recorder) -> None:
    venue.send(with_terms(dark_buy(1, "b", 500), min_qty=300), dark_sell(2, "s", 400))

    assert venue.told(dark_sell(2, "t", 100))[1] == "trade b t 100 @ 1000"


def test_ioc_and_fok_act_once(venue: Recorder) -> None:
    venue.send(dark_sell(2, "s", 100))
    fok = dark_buy(1, "fok", 200, time_in_force=TimeInForce.FOK)
    ioc = dark_buy(1, "ioc", 200, time_in_force=TimeInForce.IOC)

    assert venue.told(fok) == ["accepted fok 200 @ 0", "canceled fok 200 FOK_NOT_FILLABLE"]
    assert venue.told(ioc) == [
        "accepted ioc 200 @ 0",
        "trade ioc s 100 @ 1000",
        "canceled ioc 100 UNFILLED_REMAINDER",
        "indication - 0",
    ]


def test_fok_does_not_count_what_it_would_not_get(venue: Recorder) -> None:
    venue.send(with_terms(dark_sell(2, "least", 300), min_qty=300), dark_sell(4, "own", 100))
    venue.send(dark_sell(2, "plain", 100))

    own = {"time_in_force": TimeInForce.FOK, "stp": StpMode.CANCEL_RESTING}
    assert "FOK_NOT_FILLABLE" in venue.told(dark_buy(4, "f1", 200, **own))[1]
    own["stp"] = StpMode.CANCEL_INCOMING
    assert "FOK_NOT_FILLABLE" in venue.told(dark_buy(4, "f2", 100, **own))[1]
    own["stp"] = StpMode.CANCEL_RESTING
    assert venue.told(dark_buy(4, "f3", 100, **own))[1:3] == [
        "canceled own 100 SELF_TRADE_PREVENTION",
        "trade f3 plain 100 @ 1000",
    ]


@pytest.mark.parametrize(
    ("stp", "expected"),
    [
        (StpMode.ALLOW, ["trade b s 100 @ 1000"]),
        (StpMode.CANCEL_INCOMING, ["canceled s 100 SELF_TRADE_PREVENTION"]),
        (StpMode.CANCEL_RESTING, ["canceled b 200 SELF_TRADE_PREVENTION"]),
        (
            StpMode.CANCEL_BOTH,
            ["canceled b 200 SELF_TRADE_PREVENTION", "canceled s 100 SELF_TRADE_PREVENTION"],
        ),
        (
            StpMode.DECREMENT_AND_CANCEL,
            ["canceled s 100 SELF_TRADE_PREVENTION", "restated b 100 of 100"],
        ),
    ],
)
@pytest.mark.parametrize("arrives", ["order", "midpoint"])
def test_self_trade_prevention(
    venue: Recorder, stp: StpMode, expected: list[str], arrives: str
) -> None:
    """R5, also where the midpoint comes to two orders that rest: the later is the incoming one."""
    seller = dark_sell(1, "s", 100, stp=stp)
    venue.send(dark_buy(1, "b", 200))
    if arrives == "order":
        told = venue.told(seller)
    else:
        venue.send(cancel(3, "bid", "x"), seller)
        told = venue.told(buy(3, "bid2", 50, 990))

    assert [line for line in told[1:] if not line.startswith("indication")] == expected


def test_an_stp_group_narrows_the_scope(venue: Recorder) -> None:
    venue.send(with_terms(dark_buy(1, "b", 100), stp_group=7))

    assert venue.told(with_terms(dark_sell(1, "s", 100), stp_group=8))[2] == "trade b s 100 @ 1000"


def test_less_quantity_keeps_the_place_and_a_new_limit_loses_it(venue: Recorder) -> None:
    venue.send(dark_buy(1, "b1", 300, 1000), dark_buy(4, "b2", 200), dark_buy(4, "b3", 200))
    assert venue.told(replace(1, "b1", "b1a", qty=200)) == ["replaced b1 by b1a 200 @ 1000 kept"]
    assert venue.told(replace(4, "b2", "b2a", qty=250)) == ["replaced b2 by b2a 250 @ 0 lost"]

    assert venue.told(dark_sell(2, "s", 600))[1:4] == [
        "trade b1a s 200 @ 1000",
        "trade b3 s 200 @ 1000",
        "trade b2a s 200 @ 1000",
    ]


def test_a_replace_that_reaches_the_midpoint_trades_at_once(venue: Recorder) -> None:
    venue.send(dark_buy(1, "b", 100, 990), dark_sell(2, "s", 100))

    assert venue.told(replace(1, "b", "c", price=1000))[:2] == [
        "replaced b by c 100 @ 1000 lost",
        "trade c s 100 @ 1000",
    ]


def test_dark_trades_are_no_prints(venue: Recorder) -> None:
    """Last price, stops, dynamic reference and closing price belong to the lit market."""
    stop = with_terms(buy(4, "stop", 10, 0, ord_type=3), stop_price=1000)
    venue.send(buy(1, "x", 10, 1010), stop)
    assert venue.told(dark_buy(1, "b", 100), dark_sell(2, "s", 100))[1:] == [
        "indication - 100",
        "accepted s 100 @ 0",
        "trade b s 100 @ 1000",
        "indication - 0",
    ]
    assert venue.engine.instruments()[0][2:] == (1010, 10)


def test_a_day_of_dark_trades_has_no_closing_price(venue: Recorder) -> None:
    venue.send(dark_buy(1, "b", 100), dark_sell(2, "s", 100))

    told = venue.told(c.CloseSession(0, "close", "op"))
    assert "ClosingPrice" not in told
    assert venue.engine.instruments()[0].instrument.reference_price == 1000


def test_a_dark_trade_can_stand_far_from_the_last_price(venue: Recorder) -> None:
    venue.send(buy(4, "t", 50, 1010), sell(3, "far", 50, 1200), dark_buy(1, "b", 100))

    assert venue.told(dark_sell(2, "s", 100))[1] == "trade b s 100 @ 1095"
    assert venue.engine.instruments()[0].last_price == 1010


def test_a_midpoint_outside_the_dynamic_band_waits(venue: Recorder) -> None:
    band = msgspec.structs.replace(default_rules(1), dynamic_band_bp=50)
    venue.send(SetTradingRules(band, "band", "op"), cancel(3, "offer", "x"))
    venue.send(sell(3, "far", 50, 1030), dark_buy(1, "b", 100))

    assert venue.told(dark_sell(2, "s", 100)) == ["accepted s 100 @ 0"]
    assert venue.told(sell(3, "near", 50, 1010))[1] == "trade b s 100 @ 1000"


def test_dark_orders_trade_in_continuous_trading_only(venue: Recorder) -> None:
    venue.send(c.SetPhase(1, Phase.CLOSING_AUCTION, "call", "op"))
    assert venue.told(dark_buy(1, "b", 100), dark_sell(2, "s", 100))[-1] == "accepted s 100 @ 0"
    assert venue.told(replace(1, "b", "b2", qty=150))[0] == "replaced b by b2 150 @ 0 lost"

    venue.send(c.SetPhase(1, Phase.VOLATILITY_AUCTION, "v", "op"))
    told = venue.told(c.SetPhase(1, Phase.CONTINUOUS, "go", "op"))
    assert told[1:] == [
        "Uncrossed",
        "trade b2 s 100 @ 1000",
        "indication - 0",
        "phase 1 CONTINUOUS",
    ]


def test_a_halt_keeps_dark_orders_and_lets_them_be_reduced(venue: Recorder) -> None:
    venue.send(dark_buy(1, "b", 300))
    venue.send(c.Halt(1, 0, 0, "halt", "op", "news"))

    assert venue.told(dark_sell(2, "s", 100)) == ["rejected s INSTRUMENT_HALTED"]
    assert venue.told(replace(1, "b", "b2", qty=200)) == ["replaced b by b2 200 @ 0 kept"]
    assert venue.told(c.Resume(1, 0, 1, "resume", "op", "over"))[1:] == ["phase 1 CONTINUOUS"]
    assert venue.told(dark_sell(2, "s2", 200))[1] == "trade b2 s2 200 @ 1000"


def test_a_dark_market_order_survives_an_uncross(venue: Recorder) -> None:
    """The dark book has no part in auctions: nobody cancels its orders without a limit there."""
    venue.send(dark_buy(1, "b", 100), c.SetPhase(1, Phase.VOLATILITY_AUCTION, "v", "op"))

    assert venue.told(c.SetPhase(1, Phase.CONTINUOUS, "go", "op"))[1:] == [
        "Uncrossed",
        "phase 1 CONTINUOUS",
    ]
    assert venue.engine.order_by_cl_ord_id(1, "b").order.leaves_qty == 100  # type: ignore[union-attr]


def test_what_a_dark_trade_sets_in_motion_in_the_lit_book(venue: Recorder) -> None:
    """R3.3: a dark trade that flattens a position cancels the lit reduce-only order of it."""
    venue.send(dark_buy(1, "b", 100), dark_sell(2, "s", 100))
    venue.send(sell(1, "reduce", 100, 1020, flags=OrderFlag.REDUCE_ONLY))
    venue.send(dark_buy(2, "back", 100))

    assert venue.told(dark_sell(1, "out", 100))[1:3] == [
        "trade back out 100 @ 1000",
        "canceled reduce 100 REDUCE_ONLY_POSITION",
    ]


def test_a_peg_that_moves_the_best_price_moves_the_midpoint(venue: Recorder) -> None:
    """R4.6 first: the peg follows, then dark orders are tried at the midpoint that it makes."""
    peg = with_terms(buy(4, "peg", 10, 0, ord_type=6), peg=1, peg_offset=10)
    venue.send(peg, dark_buy(1, "b", 100), dark_sell(2, "s", 100, 1020))

    assert venue.told(replace(3, "offer", "o2", price=1030)) == [
        "replaced offer by o2 50 @ 1030 lost"
    ]
    assert venue.told(buy(3, "bid2", 10, 1000)) == [
        "accepted bid2 10 @ 1000",
        "restated peg 10 of 10",
        "trade b s 100 @ 1020",
        "indication - 0",
    ]


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 12)), max_size=6), st.data())
def test_fitting_pairs_are_found_as_by_trying_all(
    buys: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Against every pair: an execution is as large as both ask for, or all that is left."""
    sizes = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 12)), max_size=6)
    sells = data.draw(sizes)
    both = [[_resting(*size) for size in side] for side in (buys, sells)]

    def fits(buy: Order, sell: Order) -> bool:
        qty = min(buy.leaves_qty, sell.leaves_qty)
        return all(qty >= o.terms.min_qty or qty == o.leaves_qty for o in (buy, sell))

    expected = any(fits(buy, sell) for buy in both[0] for sell in both[1])
    assert has_fitting_pair(*both) == expected


def _resting(leaves_qty: int, min_qty: int) -> Order:
    order = Order(*(0,) * 13, leaves_qty, *(0,) * 3, "", 0, 0)
    order.terms = OrderTerms(min_qty=min_qty)
    return order
