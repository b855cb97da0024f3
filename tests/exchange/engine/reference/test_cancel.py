"""R2, R9.2: cancel and mass cancel."""

from __future__ import annotations

import msgspec
import pytest

from exchange.model.command import (
    UNKNOWN_ID,
    CancelOrder,
    CloseSession,
    CreateAccount,
    EngageKillSwitch,
    Halt,
    MassCancel,
    UpdateMember,
)
from exchange.model.enums import KillScope, Side, Standing, TimeInForce
from exchange.model.event import Canceled
from tests.recorder import ABC, Recorder, buy, cancel, sell

GTC = TimeInForce.GTC


@pytest.fixture
def venue() -> Recorder:
    recorder = Recorder()
    recorder.open_market()
    return recorder


def test_a_cancel_by_either_name(venue: Recorder) -> None:
    venue.send(buy(1, "a", 10, 1000), buy(1, "b", 10, 1000))

    assert venue.told(cancel(1, "a", "x")) == ["canceled a 10 REQUESTED"]
    assert venue.told(CancelOrder(1, 2, "y", "")) == ["canceled b 10 REQUESTED"]
    assert venue.book() == ([], [])


def test_canceled_shows_what_was_open_and_who_asked(venue: Recorder) -> None:
    """R11.2."""
    venue.send(buy(1, "a", 30, 1000), sell(2, "b", 10, 1000))
    (event,) = venue.send(cancel(1, "a", "x"))

    assert isinstance(event, Canceled)
    assert (event.canceled_qty, event.request_cl_ord_id) == (20, "x")
    assert (event.order.cum_qty, event.order.leaves_qty, event.order.ord_status) == (10, 0, 4)


def test_an_unknown_or_done_order_is_refused(venue: Recorder) -> None:
    venue.send(buy(1, "a", 10, 1000), cancel(1, "a", "x"))

    assert venue.told(cancel(1, "a", "y")) == ["cancel_rejected y TOO_LATE"]
    assert venue.told(cancel(1, "x", "z")) == ["cancel_rejected z UNKNOWN_ORDER"]
    assert venue.told(cancel(2, "a", "z")) == ["cancel_rejected z UNKNOWN_ORDER"]
    assert venue.told(CancelOrder(2, 1, "q", "")) == ["cancel_rejected q UNKNOWN_ORDER"]
    assert venue.told(CancelOrder(1, 0, "r", "")) == ["cancel_rejected r UNKNOWN_ORDER"]
    assert venue.told(cancel(9, "a", "z")) == ["cancel_rejected z UNKNOWN_MEMBER"]


def test_a_cancel_needs_its_own_unused_id(venue: Recorder) -> None:
    """R10.1."""
    venue.send(buy(1, "a", 10, 1000))

    assert venue.told(cancel(1, "a", "")) == ["cancel_rejected  INVALID_CL_ORD_ID"]
    assert venue.told(cancel(1, "a", "a")) == ["cancel_rejected a DUPLICATE_CL_ORD_ID"]
    assert venue.book() == ([(1000, 10, 1)], [])


def test_a_cancel_is_allowed_whatever_happened(venue: Recorder) -> None:
    """R2: halted, closed, disabled, session gone."""
    for name in "abcd":
        venue.send(buy(1, name, 10, 1000, time_in_force=GTC))
    venue.send(Halt(0, 0, 0, "h", "op", "news"))
    assert venue.told(cancel(1, "a", "xa")) == ["canceled a 10 REQUESTED"]
    venue.send(CloseSession(0, "c", "op"))
    assert venue.told(cancel(1, "b", "xb")) == ["canceled b 10 REQUESTED"]
    venue.send(UpdateMember(1, Standing.DISABLED, "u", "op"))
    assert venue.told(cancel(1, "c", "xc")) == ["canceled c 10 REQUESTED"]
    assert venue.told(cancel(1, "d", "xd"), session_id=77) == ["canceled d 10 REQUESTED"]


def test_a_kill_switch_does_not_stop_a_cancel(venue: Recorder) -> None:
    """R9.1: it refuses the cancel only because it has canceled the order itself."""
    venue.send(buy(1, "a", 10, 1000))
    venue.send(EngageKillSwitch(KillScope.MEMBER, 1, "k", "op", "runaway"))

    assert venue.told(cancel(1, "a", "x")) == ["cancel_rejected x TOO_LATE"]


@pytest.fixture
def busy() -> Recorder:
    """m1: a, b buy and c sell of ABC on account 1, d of XYZ on account 4; m2: e of ABC."""
    recorder = Recorder()
    xyz = msgspec.structs.replace(ABC, symbol="XYZ")
    recorder.open_market(ABC, xyz)
    recorder.send(CreateAccount(1, "second", "acc", "op"))
    recorder.send(buy(1, "a", 10, 900), buy(1, "b", 10, 910), sell(1, "c", 10, 1100))
    recorder.send(buy(1, "d", 10, 900, instrument_id=2, account_id=4), buy(2, "e", 10, 900))
    return recorder


MASS_CASES = [
    ((0, 0, 0), "abcd"),
    ((0, 1, 0), "abc"),
    ((0, 0, Side.SELL), "c"),
    ((0, 1, Side.BUY), "ab"),
    ((4, 0, 0), "d"),
    ((4, 1, 0), ""),
]


@pytest.mark.parametrize(("filters", "names"), MASS_CASES)
def test_mass_cancel_takes_what_passes_every_filter(
    busy: Recorder, filters: tuple[int, int, int], names: str
) -> None:
    """R9.2: by order_id, after the count."""
    account_id, instrument_id, side = filters

    assert busy.told(MassCancel(1, account_id, instrument_id, side, "x")) == [
        f"mass_canceled x {len(names)}",
        *[f"canceled {name} 10 MASS_CANCEL" for name in names],
    ]


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (MassCancel(9, 0, 0, 0, "x"), "UNKNOWN_MEMBER"),
        (MassCancel(1, 0, 0, 0, ""), "INVALID_CL_ORD_ID"),
        (MassCancel(1, 0, 0, 3, "x"), "INVALID_SIDE"),
        (MassCancel(1, UNKNOWN_ID, 0, 0, "x"), "UNKNOWN_ACCOUNT"),
        (MassCancel(1, 2, 0, 0, "x"), "UNKNOWN_ACCOUNT"),
        (MassCancel(1, 0, UNKNOWN_ID, 0, "x"), "UNKNOWN_SYMBOL"),
        (MassCancel(1, 0, 0, 0, "a"), "DUPLICATE_CL_ORD_ID"),
    ],
)
def test_a_mass_cancel_that_names_what_is_not_there_cancels_nothing(
    busy: Recorder, command: MassCancel, reason: str
) -> None:
    assert busy.told(command) == [f"cancel_rejected {command.cl_ord_id} {reason}"]
    assert len(busy.engine.orders(0, 0, 0, 10, live=True)) == 5
