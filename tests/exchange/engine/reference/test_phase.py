"""R2, R7.4, R7.5: phases, trading session, halt and resume."""

from __future__ import annotations

import msgspec
import pytest

from exchange.model.command import (
    CloseSession,
    Command,
    CreateInstrument,
    Halt,
    OpenSession,
    Resume,
    SetPhase,
    UpdateInstrument,
)
from exchange.model.enums import AssetClass, OrdStatus, Phase, TimeInForce
from exchange.model.event import Expired, PhaseChanged
from tests.recorder import ABC, Recorder, buy, sell, tell

BTC = msgspec.structs.replace(ABC, symbol="BTC", asset_class=AssetClass.CRYPTO)
GTC = TimeInForce.GTC


@pytest.fixture
def venue() -> Recorder:
    """ABC (1) and BTC (2), both CONTINUOUS."""
    recorder = Recorder()
    recorder.open_market(ABC, BTC)
    return recorder


def test_an_instrument_begins_closed_and_opens() -> None:
    """R2."""
    venue = Recorder()
    venue.send(CreateInstrument(ABC, "i", "op"))

    assert [view.phase for view in venue.engine.instruments()] == [Phase.CLOSED]
    assert venue.told(OpenSession(1, "o", "op")) == ["admin_accepted 1", "phase 1 CONTINUOUS"]
    assert [view.phase for view in venue.engine.instruments()] == [Phase.CONTINUOUS]


def test_opening_the_market_opens_what_is_closed(venue: Recorder) -> None:
    venue.send(CloseSession(2, "c", "op"))

    assert venue.told(OpenSession(0, "o", "op")) == ["admin_accepted 0", "phase 2 CONTINUOUS"]
    assert venue.told(OpenSession(0, "p", "op")) == ["admin_rejected WRONG_PHASE "]


def test_closing_one_expires_its_day_orders_only(venue: Recorder) -> None:
    """R2, R3.2: GTC and GTD stay."""
    venue.send(buy(1, "a", 10, 900), buy(1, "b", 10, 900, time_in_force=GTC))
    later = venue.ts_ns + 1
    venue.send(buy(1, "g", 10, 900, time_in_force=TimeInForce.GTD, expire_ts_ns=later))
    venue.send(sell(2, "c", 10, 1100), buy(1, "d", 10, 900, instrument_id=2))

    assert venue.told(CloseSession(1, "x", "op")) == [
        "admin_accepted 1",
        "expired a 10 END_OF_DAY",
        "expired c 10 END_OF_DAY",
        "phase 1 CLOSED",
    ]
    assert venue.book() == ([(900, 20, 2)], [])
    assert venue.engine.trading_day == 1
    assert venue.wait(1) == ["expired g 10 GOOD_TILL_DATE"]


def test_closing_the_market_ends_the_trading_day(venue: Recorder) -> None:
    """R2, R10.1: done orders are forgotten, GTC and GTD stay with their place."""
    venue.send(buy(1, "a", 10, 900), buy(1, "g", 10, 900, time_in_force=GTC))
    venue.send(buy(2, "d", 10, 900, instrument_id=2), buy(2, "e", 10, 900))

    assert venue.told(CloseSession(0, "x", "op")) == [
        "admin_accepted 0",
        "expired a 10 END_OF_DAY",
        "expired d 10 END_OF_DAY",
        "expired e 10 END_OF_DAY",
        "trading_day 2",
        "phase 1 CLOSED",
        "phase 2 CLOSED",
    ]
    assert [v.order.cl_ord_id for v in venue.engine.orders(0, 0, 0, 9, live=False)] == ["g"]
    assert venue.engine.order(1) is None


def test_an_expired_order_is_shown_as_that(venue: Recorder) -> None:
    """R11.2."""
    venue.send(buy(1, "a", 30, 900), sell(2, "b", 10, 900))
    (event,) = [x for x in venue.send(CloseSession(1, "x", "op")) if isinstance(x, Expired)]

    assert (event.expired_qty, event.order.cum_qty, event.order.leaves_qty) == (20, 10, 0)
    assert event.order.ord_status == OrdStatus.EXPIRED


def test_the_market_closes_even_when_each_instrument_has(venue: Recorder) -> None:
    venue.send(CloseSession(1, "x", "op"), CloseSession(2, "y", "op"))

    assert venue.told(CloseSession(0, "z", "op")) == ["admin_accepted 0", "trading_day 2"]


def test_halt_keeps_orders_and_resume_goes_on(venue: Recorder) -> None:
    """R7.4, R7.5."""
    venue.send(buy(1, "a", 10, 900))

    assert venue.told(Halt(1, 0, 0, "h", "op", "news")) == ["admin_accepted 1", "phase 1 HALTED"]
    assert venue.book() == ([(900, 10, 1)], [])
    assert venue.told(Resume(1, 0, 1, "r", "op", "over")) == [
        "admin_accepted 1",
        "phase 1 CONTINUOUS",
    ]
    assert venue.told(sell(2, "b", 10, 900))[1:] == ["trade a b 10 @ 900"]


def test_a_phase_change_tells_who_and_why_and_stands_last(venue: Recorder) -> None:
    """R11.1: after cancels, levels and BBO."""
    venue.send(buy(1, "a", 10, 900), buy(1, "b", 10, 900, instrument_id=2))
    records = venue.records(Halt(0, AssetClass.EQUITY, 1, "h", "olga", "news"))

    assert [tell(r.event) for r in records] == [
        "admin_accepted 0",
        "canceled a 10 CANCEL_ON_TRADING_HALT",
        "level BUY 900 0 x0",
        "bbo 0 0 0 0",
        "phase 1 HALTED",
    ]
    assert records[-1].event == PhaseChanged(1, Phase.HALTED, Phase.CONTINUOUS, "olga", "news")


def test_halt_and_resume_by_asset_class_and_market(venue: Recorder) -> None:
    """R7.4: those that are not in the phase are passed over."""
    crypto = AssetClass.CRYPTO
    assert venue.told(Halt(0, crypto, 0, "a", "op", "x"))[1:] == ["phase 2 HALTED"]
    assert venue.told(Halt(0, 0, 0, "b", "op", "x"))[1:] == ["phase 1 HALTED"]
    assert venue.told(Resume(0, crypto, 1, "c", "op", "x"))[1:] == ["phase 2 CONTINUOUS"]
    assert venue.told(Resume(0, 0, 1, "d", "op", "x"))[1:] == ["phase 1 CONTINUOUS"]


REFUSED: list[tuple[Command, str]] = [
    (OpenSession(1, "x", "op"), "WRONG_PHASE ABC"),
    (OpenSession(9, "x", "op"), "UNKNOWN_SYMBOL "),
    (CloseSession(9, "x", "op"), "UNKNOWN_SYMBOL "),
    (Halt(1, 0, 0, "x", "op", ""), "REASON_REQUIRED "),
    (Halt(9, 0, 0, "x", "op", "why"), "UNKNOWN_SYMBOL "),
    (Halt(0, 9, 0, "x", "op", "why"), "INVALID_FIELD asset_class"),
    (Halt(1, 1, 0, "x", "op", "why"), "INVALID_FIELD asset_class"),
    (Halt(0, AssetClass.BOND, 0, "x", "op", "why"), "WRONG_PHASE "),
    (Resume(1, 0, 0, "x", "op", ""), "REASON_REQUIRED "),
    (Resume(1, 0, 0, "x", "op", "why"), "WRONG_PHASE ABC"),
    (Resume(0, 0, 0, "x", "op", "why"), "WRONG_PHASE "),
    (SetPhase(1, 0, "x", "op"), "INVALID_FIELD phase"),
    (SetPhase(1, 9, "x", "op"), "INVALID_FIELD phase"),
    (SetPhase(9, Phase.HALTED, "x", "op"), "UNKNOWN_SYMBOL "),
    (SetPhase(1, Phase.CONTINUOUS, "x", "op"), "NO_CHANGE ABC"),
    (SetPhase(1, Phase.PRE_OPEN, "x", "op"), "WRONG_PHASE ABC"),
    (SetPhase(1, Phase.OPENING_AUCTION, "x", "op"), "WRONG_PHASE ABC"),
]


@pytest.mark.parametrize(("command", "told"), REFUSED)
def test_a_step_that_cannot_be_is_refused(venue: Recorder, command: Command, told: str) -> None:
    assert venue.told(command) == [f"admin_rejected {told}"]
    assert {view.phase for view in venue.engine.instruments()} == {Phase.CONTINUOUS}


def test_set_phase_follows_the_transitions(venue: Recorder) -> None:
    """R2(b): CLOSED cannot be halted; moving to CLOSED expires DAY orders."""
    venue.send(buy(1, "a", 10, 900))

    def move(phase: Phase) -> list[str]:
        return venue.told(SetPhase(1, phase, venue.request_id(), "op"))

    assert move(Phase.HALTED) == ["admin_accepted 1", "phase 1 HALTED"]
    assert move(Phase.CONTINUOUS) == ["admin_accepted 1", "phase 1 CONTINUOUS"]
    assert move(Phase.CLOSED)[1:] == ["expired a 10 END_OF_DAY", "phase 1 CLOSED"]
    assert move(Phase.HALTED) == ["admin_rejected WRONG_PHASE ABC"]


def test_a_halted_instrument_is_not_opened_and_a_closed_one_not_resumed(venue: Recorder) -> None:
    venue.send(Halt(1, 0, 0, "h", "op", "x"), CloseSession(2, "c", "op"))

    assert venue.told(OpenSession(1, "o", "op")) == ["admin_rejected WRONG_PHASE ABC"]
    assert venue.told(Resume(2, 0, 0, "r", "op", "x")) == ["admin_rejected WRONG_PHASE BTC"]
    assert venue.told(CloseSession(2, "d", "op")) == ["admin_rejected WRONG_PHASE BTC"]


def test_a_retired_instrument_never_opens(venue: Recorder) -> None:
    """R1.2."""
    retired = msgspec.structs.replace(ABC, instrument_id=1, status=2)
    venue.send(UpdateInstrument(retired, "u", "op"), CloseSession(2, "c", "op"))

    assert venue.told(OpenSession(1, "o", "op")) == ["admin_rejected INSTRUMENT_RETIRED ABC"]
    assert venue.told(Halt(1, 0, 0, "h", "op", "x")) == ["admin_rejected INSTRUMENT_RETIRED ABC"]
    assert venue.told(OpenSession(0, "p", "op")) == ["admin_accepted 0", "phase 2 CONTINUOUS"]
