"""R9.2: client sessions, cancel-on-disconnect, epochs."""

from __future__ import annotations

import pytest

from exchange.model.command import (
    EpochStarted,
    RecordMembership,
    SessionClosed,
    SessionOpened,
    UpdateMember,
)
from exchange.model.enums import Standing
from tests.recorder import Recorder, buy


@pytest.fixture
def venue() -> Recorder:
    recorder = Recorder()
    recorder.open_market()
    return recorder


def test_sessions_get_ids_from_a_counter(venue: Recorder) -> None:
    """R1.4."""
    assert venue.told(SessionOpened(1, 1, "s")) == ["admin_accepted 1", "session 1 open"]
    assert venue.told(SessionOpened(2, 0, "s")) == ["admin_accepted 2", "session 2 open"]
    assert venue.engine.open_sessions() == [(1, 1), (2, 2)]


def test_a_repeat_gets_the_same_session(venue: Recorder) -> None:
    """R10.1; request ids are the member's own and apart from those of operators."""
    venue.send(SessionOpened(1, 1, "s"))

    assert venue.told(SessionOpened(1, 1, "s")) == ["admin_accepted 1 repeated"]
    assert venue.told(SessionOpened(1, 0, "s")) == ["admin_rejected DUPLICATE_REQUEST_ID "]
    assert venue.told(SessionOpened(1, 1, "")) == ["admin_rejected INVALID_REQUEST_ID "]
    assert venue.engine.open_sessions() == [(1, 1)]


def test_only_an_active_member_opens_a_session(venue: Recorder) -> None:
    venue.send(UpdateMember(2, Standing.DISABLED, "u", "op"))

    assert venue.told(SessionOpened(9, 1, "s")) == ["admin_rejected UNKNOWN_MEMBER "]
    assert venue.told(SessionOpened(2, 1, "s")) == ["admin_rejected MEMBER_DISABLED "]


def test_a_lost_session_cancels_its_orders_if_it_asked_for_that(venue: Recorder) -> None:
    """R9.2."""
    venue.send(SessionOpened(1, 1, "s1"), SessionOpened(1, 0, "s2"))
    venue.send(buy(1, "a", 10, 900), buy(1, "b", 10, 900), session_id=1)
    venue.send(buy(1, "c", 10, 900), session_id=2)
    venue.send(buy(1, "d", 10, 900))

    assert venue.told(SessionClosed(1, "lost")) == [
        "canceled a 10 CANCEL_ON_DISCONNECT",
        "canceled b 10 CANCEL_ON_DISCONNECT",
        "session 1 closed lost",
    ]
    assert venue.told(SessionClosed(2, "logout")) == ["session 2 closed logout"]
    assert venue.told(SessionClosed(2, "again")) == ["admin_rejected UNKNOWN_SESSION 2"]
    assert venue.book() == ([(900, 20, 2)], [])


def test_a_new_epoch_closes_every_session(venue: Recorder) -> None:
    venue.send(SessionOpened(1, 1, "s"), SessionOpened(2, 0, "s"))
    venue.send(buy(1, "a", 10, 900), session_id=1)

    assert venue.told(EpochStarted(7, "n1")) == [
        "epoch 7",
        "canceled a 10 CANCEL_ON_DISCONNECT",
        "session 1 closed epoch 7 started",
        "session 2 closed epoch 7 started",
    ]
    assert venue.engine.open_sessions() == []


def test_a_change_of_membership_is_told_and_changes_nothing(venue: Recorder) -> None:
    venue.send(SessionOpened(1, 1, "s"), buy(1, "a", 10, 900))
    told = venue.told(RecordMembership(7, 1, 3, "n2", "pause", "n2", "n1 left"))
    assert told == ["membership 7: n1 left"]
    assert venue.engine.open_sessions() == [(1, 1)]
    assert venue.book() == ([(900, 10, 1)], [])
