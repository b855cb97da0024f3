"""Calls (R2, R6.1, R6.4): their timed end, what is indicated meanwhile, how they move on."""

from __future__ import annotations

import msgspec
import pytest

from exchange.engine.reference.canonical import decode_state
from exchange.model import auction_event as ae
from exchange.model.auction_command import SetTradingRules
from exchange.model.command import CancelOrder, SetPhase, UpdateInstrument
from exchange.model.enums import OrdType, Phase
from exchange.model.event import Event, PhaseChanged
from exchange.model.instrument import mask_of
from exchange.model.trading_rules import default_rules
from tests.recorder import ABC, Recorder, buy, cancel, sell

CALL, CONTINUOUS = Phase.VOLATILITY_AUCTION.value, Phase.CONTINUOUS.value


def in_call() -> Recorder:
    """An instrument in a call that an operator began."""
    venue = Recorder()
    venue.open_market()
    venue.send(SetPhase(1, CALL, venue.request_id(), "op"))
    return venue


def indicated(events: list[Event]) -> list[tuple[int, int]]:
    """(price, volume) of what was published."""
    return [(x.price, x.volume) for x in events if isinstance(x, ae.Indicative)]


def test_each_change_is_indicated_once_and_nothing_else_is() -> None:
    venue = in_call()
    assert indicated(venue.send(buy(1, "a", 20, 1_010))) == []
    assert indicated(venue.send(sell(2, "b", 10, 1_000))) == [(1_010, 10)]
    assert indicated(venue.send(buy(1, "c", 20, 900))) == []
    assert indicated(venue.send(cancel(2, "b", "b2"))) == [(0, 0)]


def test_one_entry_indicates_once_however_much_it_changes() -> None:
    venue = in_call()
    several = [buy(1, f"a{n}", 10, 1_000 + 10 * n) for n in range(4)]
    asks = [sell(2, f"b{n}", 10, 1_000) for n in range(4)]
    assert len(indicated(venue.send(*several, *asks))) == 1


def test_a_call_that_was_left_leaves_no_curve_behind() -> None:
    """A later call counts what is there then, not what a former one knew."""
    venue = in_call()
    venue.send(buy(1, "a", 20, 990), sell(2, "b", 10, 1_010))
    venue.send(SetPhase(1, CONTINUOUS, venue.request_id(), "op"))
    venue.send(CancelOrder(1, 0, "x", "a"), buy(1, "c", 30, 980))
    venue.send(SetPhase(1, CALL, venue.request_id(), "op"))
    assert indicated(venue.send(sell(2, "d", 50, 980))) == [(980, 30)]


def test_market_orders_alone_meet_at_the_reference_price() -> None:
    venue = in_call()
    venue.send(buy(1, "a", 20, 0, ord_type=OrdType.MARKET))
    told = venue.send(sell(2, "b", 10, 0, ord_type=OrdType.MARKET))
    assert indicated(told) == [(ABC.reference_price, 10)]


@pytest.mark.parametrize("again", [False, True])
def test_an_uncross_outside_the_band_is_extended_once(*, again: bool) -> None:
    venue = in_call()
    venue.send(buy(1, "a", 20, 1_100), sell(2, "b", 20, 1_100))
    narrow = msgspec.structs.replace(ABC, instrument_id=1, static_band_bp=100)
    mask = mask_of(["static_band_bp"])
    venue.send(UpdateInstrument(narrow, venue.request_id(), "op", mask))
    told = venue.send(SetPhase(1, CONTINUOUS, venue.request_id(), "op"))
    assert any(isinstance(event, ae.AuctionExtended) for event in told)
    if again:
        told = venue.send(SetPhase(1, CONTINUOUS, venue.request_id(), "op"))
        (moved,) = [event for event in told if isinstance(event, PhaseChanged)]
        assert moved.phase == Phase.HALTED


def test_a_timed_call_ends_within_its_random_extension() -> None:
    """R2: not before its length, and not later than the longest extension after it."""
    venue = Recorder()
    venue.open_market()
    rules = msgspec.structs.replace(
        default_rules(1), dynamic_band_bp=100, volatility_call_ns=100, random_end_max_ns=50
    )
    venue.send(SetTradingRules(rules, venue.request_id(), "op"))
    venue.send(sell(2, "b", 10, 1_100))
    venue.send(buy(1, "a", 10, 1_100))
    state = decode_state(venue.engine.snapshot())
    assert state.listings[1].phase == CALL
    assert venue.wait(99) == []
    venue.wait(1)
    told = venue.wait(50)
    assert told[0] == "trade a b 10 @ 1100"
    assert told[-1] == "phase 1 CONTINUOUS"
