"""R10.1: exactly once."""

from __future__ import annotations

import pytest

from exchange.model.command import (
    CloseSession,
    Command,
    CreateMember,
    MassCancel,
    OpenSession,
    SessionOpened,
)
from exchange.model.enums import TimeInForce
from exchange.model.event import Repeated
from tests.recorder import Recorder, buy, cancel, replace, sell

GTC = TimeInForce.GTC


@pytest.fixture
def venue() -> Recorder:
    recorder = Recorder()
    recorder.open_market()
    recorder.send(sell(2, "rest", 50, 1000), buy(1, "a", 10, 900), buy(1, "b", 10, 900))
    return recorder


CASES: list[tuple[Command, str]] = [
    (buy(1, "x", 60, 1000), "repeated x ACCEPTED PARTIALLY_FILLED"),
    (buy(1, "x", 60, 1000, time_in_force=TimeInForce.FOK), "repeated x ACCEPTED CANCELED"),
    (buy(1, "x", 12, 1000), "repeated x REJECTED REJECTED"),
    (cancel(1, "a", "x"), "repeated x CANCELED CANCELED"),
    (cancel(1, "z", "x"), "repeated x CANCEL_REJECTED -"),
    (replace(1, "a", "x", qty=20), "repeated x REPLACED NEW"),
    (replace(1, "a", "x"), "repeated x CANCEL_REJECTED NEW"),
    (MassCancel(1, 0, 0, 0, "x"), "repeated x MASS_CANCELED -"),
]


@pytest.mark.parametrize(("command", "told"), CASES)
def test_a_repeat_tells_the_outcome_and_changes_nothing(
    venue: Recorder, command: Command, told: str
) -> None:
    venue.send(command)
    before = venue.engine.depth(1, 0), venue.engine.orders(0, 0, 0, 99, live=False)
    first = venue.engine.next_event_seq

    assert venue.told(command) == [told]
    assert (venue.engine.depth(1, 0), venue.engine.orders(0, 0, 0, 99, live=False)) == before
    assert venue.engine.next_event_seq == first + 1


@pytest.mark.parametrize(
    ("command", "other", "told"),
    [
        (buy(1, "x", 10, 900), buy(1, "x", 15, 900), "rejected x DUPLICATE_CL_ORD_ID"),
        (buy(1, "x", 12, 900), buy(1, "x", 15, 900), "rejected x DUPLICATE_CL_ORD_ID"),
        (buy(1, "x", 10, 900), cancel(1, "a", "x"), "cancel_rejected x DUPLICATE_CL_ORD_ID"),
        (cancel(1, "a", "x"), cancel(1, "b", "x"), "cancel_rejected x DUPLICATE_CL_ORD_ID"),
        (cancel(1, "a", "x"), buy(1, "x", 10, 900), "rejected x DUPLICATE_CL_ORD_ID"),
    ],
)
def test_other_content_under_a_used_id_is_refused_and_the_first_meaning_stands(
    venue: Recorder, command: Command, other: Command, told: str
) -> None:
    venue.send(command)

    assert venue.told(other) == [told]
    assert venue.told(command)[0].startswith("repeated x")


def test_an_earlier_reason_does_not_overwrite_the_first_meaning(venue: Recorder) -> None:
    """The ladder finds UNKNOWN_SYMBOL first; x still means the accepted order."""
    venue.send(buy(1, "x", 10, 900))

    assert venue.told(buy(1, "x", 10, 900, instrument_id=9)) == ["rejected x UNKNOWN_SYMBOL"]
    assert venue.told(buy(1, "x", 10, 900)) == ["repeated x ACCEPTED NEW"]


def test_ids_belong_to_the_member(venue: Recorder) -> None:
    venue.send(buy(1, "x", 10, 900))

    assert venue.told(buy(2, "x", 10, 900)) == ["accepted x 10 @ 900"]


def test_a_repeat_over_another_session_is_a_repeat(venue: Recorder) -> None:
    venue.send(SessionOpened(1, 0, "s1"), SessionOpened(1, 0, "s2"))
    venue.send(buy(1, "x", 10, 900), session_id=1)

    assert venue.told(buy(1, "x", 10, 900), session_id=2) == ["repeated x ACCEPTED NEW"]


def test_a_repeat_shows_the_order_under_its_new_name(venue: Recorder) -> None:
    venue.send(replace(1, "a", "a2", qty=20))
    (event,) = venue.send(buy(1, "a", 10, 900))

    assert isinstance(event, Repeated)
    assert (event.cl_ord_id, event.order.cl_ord_id, event.order.order_qty) == ("a", "a2", 20)


def test_nothing_is_remembered_of_an_unknown_member(venue: Recorder) -> None:
    assert venue.told(buy(4, "x", 10, 900)) == ["rejected x UNKNOWN_MEMBER"]
    venue.send(CreateMember("m4", "new", "op"))
    assert venue.told(buy(4, "x", 10, 900)) == ["accepted x 10 @ 900"]


def test_the_memory_is_that_of_the_trading_day(venue: Recorder) -> None:
    """Live orders are still named by their id; everything else is free again."""
    venue.send(buy(1, "g", 10, 900, time_in_force=GTC), cancel(1, "b", "x"))
    venue.send(replace(1, "g", "g2", qty=15))
    venue.send(CloseSession(0, "close", "op"), OpenSession(0, "open", "op"))

    assert venue.told(buy(1, "g2", 10, 900)) == ["rejected g2 DUPLICATE_CL_ORD_ID"]
    assert venue.told(replace(1, "g", "g2", qty=15)) == ["repeated g2 REPLACED NEW"]
    assert venue.told(buy(1, "a", 10, 900), buy(1, "g", 10, 900)) == [
        "accepted a 10 @ 900",
        "accepted g 10 @ 900",
    ]
    assert venue.told(buy(1, "x", 10, 900)) == ["accepted x 10 @ 900"]


def test_the_close_that_ends_the_day_is_known_in_the_next(venue: Recorder) -> None:
    """Else a repeat of it, by a client that heard no answer, would end another day."""
    venue.send(CloseSession(0, "close", "op"))

    assert venue.told(CloseSession(0, "close", "op")) == ["admin_accepted 0 repeated"]
    assert venue.engine.trading_day == 2


def test_a_command_of_another_kind_with_the_same_bytes_is_no_repeat(venue: Recorder) -> None:
    """OpenSession and CloseSession have one layout; only the kind tells them apart."""
    venue.send(CloseSession(1, "r", "op"))

    told = venue.told(OpenSession(1, "r", "op"))
    assert told == ["admin_rejected DUPLICATE_REQUEST_ID "]


def test_request_ids_are_free_again_the_next_day(venue: Recorder) -> None:
    venue.send(CreateMember("m4", "r", "op"), CloseSession(0, "close", "op"))

    assert venue.told(CreateMember("m5", "r", "op"))[0] == "admin_accepted 5"


def test_admin_requests_are_remembered_with_their_target(venue: Recorder) -> None:
    assert venue.told(CreateMember("m4", "r", "op"))[0] == "admin_accepted 4"
    assert venue.told(CreateMember("m4", "r", "op")) == ["admin_accepted 4 repeated"]
    assert venue.told(CreateMember("m5", "r", "op")) == ["admin_rejected DUPLICATE_REQUEST_ID "]
    assert venue.told(CreateMember("m4", "r2", "op")) == ["admin_rejected NAME_EXISTS m4"]
    told = venue.told(CreateMember("m4", "r2", "op"))
    assert told == ["admin_rejected NAME_EXISTS m4 repeated"]
    assert venue.told(CreateMember("m5", "", "op")) == ["admin_rejected INVALID_REQUEST_ID "]
