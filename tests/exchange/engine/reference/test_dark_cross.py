"""The dark book: periodic crossing sessions."""

from __future__ import annotations

from typing import Any

import pytest

from exchange.model import command as c
from exchange.model.enums import Phase, StpMode, TimeInForce
from tests.dark_desk import SECOND_NS, dark_buy, dark_market, dark_sell, set_rules
from tests.recorder import Recorder, buy, cancel, with_terms

INTERVAL_NS = 10 * SECOND_NS
CROSSING: dict[str, Any] = {"is_continuous": 0, "cross_interval_ns": INTERVAL_NS}


@pytest.fixture
def venue() -> Recorder:
    """Sessions every ten seconds and nothing between them; lit 990 / 1010."""
    return dark_market(**CROSSING)


def test_orders_wait_for_the_session(venue: Recorder) -> None:
    assert venue.told(dark_buy(1, "b", 100), dark_sell(2, "s", 100))[1:] == [
        "indication - 100",
        "accepted s 100 @ 0",
    ]
    assert venue.wait(INTERVAL_NS - 1) == []
    assert venue.wait(1) == ["trade b s 100 @ 1000", "crossed 100 @ 1000", "indication - 0"]


def test_the_largest_first_then_time(venue: Recorder) -> None:
    venue.send(dark_buy(1, "small", 100), dark_buy(1, "large", 300), dark_buy(4, "later", 300))
    venue.send(dark_sell(2, "s", 200), dark_sell(2, "t", 450))

    assert venue.wait(INTERVAL_NS)[:4] == [
        "trade large t 300 @ 1000",
        "trade later t 150 @ 1000",
        "trade later s 150 @ 1000",
        "trade small s 50 @ 1000",
    ]


def test_what_is_open_counts_as_size_and_not_what_was_ordered(venue: Recorder) -> None:
    venue.send(dark_buy(1, "was-large", 500), dark_sell(2, "s", 400))
    venue.wait(INTERVAL_NS)
    venue.send(dark_buy(4, "is-large", 200), dark_sell(2, "t", 100))

    assert venue.wait(INTERVAL_NS)[0] == "trade is-large t 100 @ 1000"


def test_limits_that_do_not_reach_the_midpoint_take_no_part(venue: Recorder) -> None:
    venue.send(dark_buy(1, "low", 900, 990), dark_buy(4, "b", 100, 1000), dark_sell(2, "s", 1000))

    assert venue.wait(INTERVAL_NS)[:2] == ["trade b s 100 @ 1000", "crossed 100 @ 1000"]


def test_a_session_without_a_midpoint_executes_nothing(venue: Recorder) -> None:
    venue.send(dark_buy(1, "b", 100), dark_sell(2, "s", 100), cancel(3, "bid", "x"))

    assert venue.wait(INTERVAL_NS) == ["crossed 0 @ 0"]
    assert venue.told(buy(3, "bid2", 10, 980)) == ["accepted bid2 10 @ 980"]
    assert venue.wait(INTERVAL_NS)[0] == "trade b s 100 @ 995"


def test_own_orders_are_not_paired(venue: Recorder) -> None:
    """R5 as in an uncross: the quantity goes to the next in rank, what finds nobody stays."""
    venue.send(dark_buy(1, "b", 500), dark_sell(1, "own", 400), dark_sell(2, "s", 100))

    assert venue.wait(INTERVAL_NS) == ["trade b s 100 @ 1000", "crossed 100 @ 1000"]
    both = {"stp": StpMode.ALLOW}
    venue.send(dark_buy(4, "b4", 800, **both), dark_sell(4, "s4", 900, **both))
    assert venue.wait(INTERVAL_NS)[0] == "trade b4 s4 800 @ 1000"


def test_one_side_that_prevents_is_enough(venue: Recorder) -> None:
    venue.send(dark_buy(1, "b", 100, stp=StpMode.ALLOW), dark_sell(1, "own", 100))

    assert venue.wait(INTERVAL_NS) == ["crossed 0 @ 1000"]


def test_a_minimum_quantity_is_met_by_the_sum(venue: Recorder) -> None:
    venue.send(with_terms(dark_buy(1, "b", 500), min_qty=300))
    venue.send(dark_sell(2, "s", 150), dark_sell(4, "t", 150))

    assert venue.wait(INTERVAL_NS)[:3] == [
        "trade b s 150 @ 1000",
        "trade b t 150 @ 1000",
        "crossed 300 @ 1000",
    ]


def test_who_cannot_get_the_minimum_takes_no_part(venue: Recorder) -> None:
    venue.send(with_terms(dark_buy(1, "b", 500), min_qty=400))
    venue.send(dark_buy(4, "next", 100), dark_sell(2, "s", 300))

    assert venue.wait(INTERVAL_NS)[:2] == ["trade next s 100 @ 1000", "crossed 100 @ 1000"]


def test_the_lowest_in_rank_gives_way_first(venue: Recorder) -> None:
    """Both buys lack some of their minimum, as each passes over an own sell order.

    The smaller gives way; the larger still lacks some, gives way too, and nobody is asked again.
    """
    venue.send(dark_sell(1, "s1", 100), dark_sell(2, "s2", 100), dark_sell(4, "s4", 100))
    venue.send(with_terms(dark_buy(1, "larger", 500), min_qty=300))
    venue.send(with_terms(dark_buy(2, "smaller", 400), min_qty=200))

    assert venue.wait(INTERVAL_NS) == ["crossed 0 @ 1000"]
    venue.send(cancel(1, "larger", "x"))
    assert venue.wait(INTERVAL_NS)[:2] == [
        "trade smaller s1 100 @ 1000",
        "trade smaller s4 100 @ 1000",
    ]


def test_continuous_matching_and_sessions_go_together() -> None:
    """A session finds for a minimum quantity the sum that no single counterparty has."""
    venue = dark_market(cross_interval_ns=INTERVAL_NS)
    venue.send(with_terms(dark_buy(1, "b", 500), min_qty=300))
    assert len(venue.told(dark_sell(2, "s", 250), dark_sell(4, "t", 250))) == 2

    assert venue.wait(INTERVAL_NS)[:2] == ["trade b s 250 @ 1000", "trade b t 250 @ 1000"]


def test_sessions_are_held_whole_intervals_apart(venue: Recorder) -> None:
    """Log time that leaps over several sessions holds one, and keeps the beat."""
    assert venue.wait(3 * INTERVAL_NS + 1) == ["crossed 0 @ 1000"]
    assert venue.wait(INTERVAL_NS - 2) == []
    assert venue.wait(1) == ["crossed 0 @ 1000"]


def test_sessions_are_held_in_continuous_trading_only(venue: Recorder) -> None:
    venue.send(c.SetPhase(1, Phase.CLOSING_AUCTION, "call", "op"))
    assert venue.engine.next_timer_ns() is None
    assert venue.wait(2 * INTERVAL_NS) == []
    venue.send(c.SetPhase(1, Phase.VOLATILITY_AUCTION, "v", "op"))
    venue.send(c.SetPhase(1, Phase.CONTINUOUS, "go", "op"))

    assert venue.engine.next_timer_ns() == venue.ts_ns + INTERVAL_NS
    assert venue.wait(INTERVAL_NS) == ["crossed 0 @ 1000"]


def test_an_operator_sets_the_interval_anew(venue: Recorder) -> None:
    venue.wait(INTERVAL_NS - 1)
    set_rules(venue, is_continuous=0, cross_interval_ns=2 * INTERVAL_NS)

    assert venue.wait(2 * INTERVAL_NS - 1) == []
    assert venue.wait(1) == ["crossed 0 @ 1000"]
    set_rules(venue)
    assert venue.engine.next_timer_ns() is None


def test_an_order_that_expires_when_the_session_is_held_takes_no_part(venue: Recorder) -> None:
    """Timers of one moment fire by kind: GOOD_TILL_DATE comes before the session."""
    due = venue.ts_ns + INTERVAL_NS
    venue.send(dark_buy(1, "b", 100, time_in_force=TimeInForce.GTD, expire_ts_ns=due))
    venue.send(dark_sell(2, "s", 100))

    assert venue.wait(INTERVAL_NS) == ["expired b 100 GOOD_TILL_DATE", "crossed 0 @ 1000"]
