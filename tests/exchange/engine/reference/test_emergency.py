"""R9.3: emergency market close: reject, cancel, disable, publish, dump, in this order."""

from __future__ import annotations

import pytest

from exchange.model.auction_command import SetSchedule
from exchange.model.auction_event import ScheduleChanged
from exchange.model.command import OpenSession, ReleaseKillSwitch, SessionOpened
from exchange.model.enums import KillScope, Phase
from exchange.model.risk_command import EmergencyClose
from exchange.model.risk_event import EmergencyClosed
from exchange.model.trading_rules import ScheduleStep
from tests.recorder import buy, sell
from tests.risk_desk import RiskDesk, risk_desk


@pytest.fixture
def desk() -> RiskDesk:
    desk = risk_desk()
    desk.send(SessionOpened(1, 1, "s1"), SessionOpened(2, 0, "s2"))
    desk.send(buy(1, "a", 10, 1_000), session_id=1)
    desk.send(sell(2, "b", 10, 1_100))
    return desk


def close(desk: RiskDesk) -> EmergencyClose:
    return EmergencyClose(*desk.tail(), "fire")


def test_everything_happens_in_the_order_of_the_rule(desk: RiskDesk) -> None:
    command = close(desk)

    assert desk.told(command) == [
        "admin_accepted 0",
        "kill_switch 5 0 1",
        "canceled a 10 EMERGENCY_CLOSE",
        "canceled b 10 EMERGENCY_CLOSE",
        "session 1 closed fire",
        "session 2 closed fire",
        "phase 1 CLOSED",
        "EmergencyClosed",
    ]
    assert desk.told(command) == ["admin_accepted 0 repeated"]


def test_the_last_event_names_the_entry_that_the_dump_shows(desk: RiskDesk) -> None:
    last = [record.event for record in desk.records(close(desk))][-1]

    assert last == EmergencyClosed(desk.engine.applied_index, 2, 2, "op", "fire")


def test_nothing_is_taken_until_the_switch_is_released(desk: RiskDesk) -> None:
    desk.send(close(desk))

    assert desk.told(buy(1, "c", 10, 1_000)) == ["rejected c KILL_SWITCH_ENGAGED"]
    assert desk.told(SessionOpened(1, 0, "s3")) == ["admin_rejected KILL_SWITCH_ENGAGED "]
    assert desk.told(close(desk)) == ["admin_rejected ALREADY_ENGAGED "]
    desk.send(ReleaseKillSwitch(KillScope.MARKET, 0, *desk.tail(), "over"))
    desk.send(OpenSession(0, *desk.tail()))
    assert desk.told(SessionOpened(1, 0, "s4"))[0] == "admin_accepted 3"
    assert desk.told(buy(1, "d", 10, 1_000)) == ["accepted d 10 @ 1000"]


def test_no_schedule_opens_the_market_again(desk: RiskDesk) -> None:
    far_ns = 1 << 62
    steps = (
        ScheduleStep(far_ns, Phase.CLOSED.value, 0),
        ScheduleStep(far_ns + 100, Phase.CONTINUOUS.value, 0),
    )
    desk.send(SetSchedule(1, 0, steps, *desk.tail()))
    assert desk.engine.next_timer_ns() == far_ns
    told = [record.event for record in desk.records(close(desk))]

    assert ScheduleChanged(1, 0, 0, 0) in told
    assert desk.engine.next_timer_ns() is None
    assert not desk.engine.schedule(1)


def test_a_reason_is_required(desk: RiskDesk) -> None:
    assert desk.told(EmergencyClose(*desk.tail(), "")) == ["admin_rejected REASON_REQUIRED "]
