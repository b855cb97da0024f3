"""R9.1, R9.2: kill switches and the operator's mass cancel."""

from __future__ import annotations

import pytest

from exchange.model.command import (
    Command,
    EngageKillSwitch,
    OperatorCancel,
    ReleaseKillSwitch,
    SessionClosed,
    SessionOpened,
)
from exchange.model.enums import KillScope, Side
from tests.recorder import Recorder, buy, sell

SCOPES = [
    (KillScope.SESSION, 1, "a"),
    (KillScope.ACCOUNT, 1, "ab"),
    (KillScope.MEMBER, 2, "c"),
    (KillScope.INSTRUMENT, 1, "abc"),
    (KillScope.MARKET, 0, "abc"),
]


@pytest.fixture
def venue() -> Recorder:
    """Orders a (m1, over session 1), b (m1) and c (m2), all open."""
    recorder = Recorder()
    recorder.open_market()
    recorder.send(SessionOpened(1, 0, "s"))
    recorder.send(buy(1, "a", 10, 900), session_id=1)
    recorder.send(sell(1, "b", 10, 1100), buy(2, "c", 10, 900))
    return recorder


@pytest.mark.parametrize(("scope", "target_id", "names"), SCOPES)
def test_engaging_cancels_what_is_in_scope(
    venue: Recorder, scope: KillScope, target_id: int, names: str
) -> None:
    """R9.1."""
    assert venue.told(EngageKillSwitch(scope, target_id, "k", "op", "runaway")) == [
        f"admin_accepted {target_id}",
        f"kill_switch {scope} {target_id} 1",
        *[f"canceled {name} 10 KILL_SWITCH" for name in names],
    ]
    (switch,) = venue.engine.kill_switches()
    assert switch == (scope, target_id, "op", "runaway", venue.ts_ns)


def test_releasing_lets_orders_in_again(venue: Recorder) -> None:
    """R9.1."""
    venue.send(EngageKillSwitch(KillScope.MEMBER, 1, "k", "op", "runaway"))
    assert venue.told(buy(1, "d", 10, 900)) == ["rejected d KILL_SWITCH_ENGAGED"]

    assert venue.told(ReleaseKillSwitch(KillScope.MEMBER, 1, "r", "op", "calm")) == [
        "admin_accepted 1",
        "kill_switch 3 1 0",
    ]
    assert venue.told(buy(1, "e", 10, 900)) == ["accepted e 10 @ 900"]
    assert venue.engine.kill_switches() == []


REFUSED: list[tuple[Command, str]] = [
    (EngageKillSwitch(KillScope.MARKET, 0, "x", "op", ""), "REASON_REQUIRED "),
    (EngageKillSwitch(0, 0, "x", "op", "why"), "INVALID_FIELD scope"),
    (EngageKillSwitch(6, 0, "x", "op", "why"), "INVALID_FIELD scope"),
    *[(EngageKillSwitch(scope, 9, "x", "op", "why"), "UNKNOWN_TARGET ") for scope in KillScope],
    (ReleaseKillSwitch(KillScope.MEMBER, 9, "x", "op", "why"), "UNKNOWN_TARGET "),
    (ReleaseKillSwitch(KillScope.MEMBER, 1, "x", "op", "why"), "NOT_ENGAGED "),
    (ReleaseKillSwitch(KillScope.MEMBER, 1, "x", "op", ""), "REASON_REQUIRED "),
    (OperatorCancel(0, 0, 0, 0, "x", "op", ""), "REASON_REQUIRED "),
    (OperatorCancel(0, 0, 0, 3, "x", "op", "why"), "INVALID_SIDE side"),
    (OperatorCancel(9, 0, 0, 0, "x", "op", "why"), "UNKNOWN_TARGET member"),
    (OperatorCancel(0, 9, 0, 0, "x", "op", "why"), "UNKNOWN_TARGET account"),
    (OperatorCancel(0, 0, 9, 0, "x", "op", "why"), "UNKNOWN_TARGET instrument"),
]


@pytest.mark.parametrize(("command", "told"), REFUSED)
def test_a_refusal_cancels_nothing(venue: Recorder, command: Command, told: str) -> None:
    assert venue.told(command) == [f"admin_rejected {told}"]
    assert len(venue.engine.orders(0, 0, 0, 9, live=True)) == 3


def test_engaging_twice_is_refused(venue: Recorder) -> None:
    venue.send(EngageKillSwitch(KillScope.MARKET, 0, "k", "op", "runaway"))

    told = venue.told(EngageKillSwitch(KillScope.MARKET, 0, "l", "op", "again"))
    assert told == ["admin_rejected ALREADY_ENGAGED "]


def test_a_switch_outlives_its_session(venue: Recorder) -> None:
    venue.send(EngageKillSwitch(KillScope.SESSION, 1, "k", "op", "runaway"))
    venue.send(SessionClosed(1, "lost"))

    told = venue.told(ReleaseKillSwitch(KillScope.SESSION, 1, "r", "op", "calm"))
    assert told == ["admin_accepted 1", "kill_switch 1 1 0"]


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ((0, 0, 0, 0), "abc"),
        ((1, 0, 0, 0), "ab"),
        ((0, 2, 0, 0), "c"),
        ((0, 0, 1, Side.SELL), "b"),
        ((2, 1, 0, 0), ""),
    ],
)
def test_operator_cancel(venue: Recorder, filters: tuple[int, int, int, int], names: str) -> None:
    """R9.2."""
    assert venue.told(OperatorCancel(*filters, "x", "op", "cleanup")) == [
        "admin_accepted 0",
        *[f"canceled {name} 10 CANCELED_BY_OPERATOR" for name in names],
    ]
