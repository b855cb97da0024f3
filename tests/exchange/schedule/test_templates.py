"""From a calendar to the steps of a schedule, and through the engine to the phases of a day."""

from __future__ import annotations

import functools
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.engine.port import Engine
from exchange.model.auction_command import SetDayEnds, SetIndex, SetSchedule, SetTradingRules
from exchange.model.command import CloseSession
from exchange.model.enums import BreakerScope, Phase
from exchange.model.event import PhaseChanged, TradingDayChanged
from exchange.model.trading_rules import DayEnd, default_rules
from exchange.schedule.faults import ScheduleFault
from exchange.schedule.judgement import judge
from exchange.schedule.moments import MINUTE_NS, parse_moment, show_moment
from exchange.schedule.sessions import CalendarSessions, read_sessions
from exchange.schedule.templates import DAY_TEMPLATES, DayTemplate, Plan, plan_always, plan_days
from tests.recorder import ABC, Recorder

EQUITY = DAY_TEMPLATES["equity"]


def told(plan: Plan, zone: str) -> list[str]:
    local = ZoneInfo(zone)
    return [
        f"{show_moment(step.ts_ns, local)[5:16]} {Phase(step.phase).name}"
        + (f" {step.call_ns // MINUTE_NS}m" if step.call_ns else "")
        for step in plan.steps
    ]


def of_equity(calendar: str, first: date, last: date, day: DayTemplate = EQUITY) -> Plan:
    plan = plan_days(read_sessions(calendar, first, last), day)
    judge(plan)
    return plan


def test_a_day_with_an_early_close() -> None:
    plan = of_equity("XNYS", date(2026, 11, 27), date(2026, 11, 27))

    assert told(plan, "America/New_York") == [
        "11-27T08:30 PRE_OPEN",
        "11-27T09:25 OPENING_AUCTION 5m",
        "11-27T13:00 CLOSING_AUCTION 5m",
        "11-27T13:15 CLOSED",
    ]
    assert plan.day_ends_ns == (plan.steps[-1].ts_ns,)


def test_after_hours_are_a_session_of_their_own() -> None:
    found = read_sessions("XNYS", date(2026, 3, 9), date(2026, 3, 10))
    plan = plan_days(found, DAY_TEMPLATES["equity-extended"], day_end=time(20, 30))
    judge(plan)

    assert told(plan, "America/New_York")[:6] == [
        "03-09T04:00 PRE_OPEN",
        "03-09T09:25 OPENING_AUCTION 5m",
        "03-09T16:00 CLOSING_AUCTION 5m",
        "03-09T16:15 CLOSED",
        "03-09T16:16 CONTINUOUS",
        "03-09T20:00 CLOSED",
    ]
    assert [show_moment(ns)[:16] for ns in plan.day_ends_ns] == [
        "2026-03-10T00:30",
        "2026-03-11T00:30",
    ]


def test_a_midday_break_closes_only_where_that_was_asked_for() -> None:
    with pytest.raises(ScheduleFault, match="CALENDAR_UNFIT: XTKS has a midday break"):
        of_equity("XTKS", date(2026, 3, 9), date(2026, 3, 9))
    day = DayTemplate(pre_open_ns=60 * MINUTE_NS, closes_for_break=True)

    assert told(of_equity("XTKS", date(2026, 3, 9), date(2026, 3, 9), day), "Asia/Tokyo") == [
        "03-09T08:00 PRE_OPEN",
        "03-09T08:55 OPENING_AUCTION 5m",
        "03-09T11:30 CLOSED",
        "03-09T12:00 PRE_OPEN",
        "03-09T12:25 OPENING_AUCTION 5m",
        "03-09T15:30 CLOSING_AUCTION 5m",
        "03-09T15:45 CLOSED",
    ]


def test_without_auctions() -> None:
    day = DayTemplate(pre_open_ns=10 * MINUTE_NS, opening_call_ns=0, closing_call_ns=0)

    assert told(of_equity("XNYS", date(2026, 3, 9), date(2026, 3, 9), day), "UTC") == [
        "03-09T13:20 PRE_OPEN",
        "03-09T13:30 CONTINUOUS",
        "03-09T20:00 POST_CLOSE",
        "03-09T20:15 CLOSED",
    ]


def test_round_the_clock_has_day_ends_only() -> None:
    """A local day end keeps to the wall clock through a clock change."""
    found = read_sessions("24/7", date(2026, 3, 28), date(2026, 3, 30))
    plan = plan_always(found, zone="Europe/Berlin", day_end=time())
    judge(plan)

    assert told(plan, "UTC") == ["03-27T23:00 CONTINUOUS"]
    assert [show_moment(ns)[5:16] for ns in plan.day_ends_ns] == [
        "03-28T23:00",
        "03-29T22:00",
        "03-30T22:00",
    ]


def test_a_template_fits_its_calendar_only() -> None:
    always = read_sessions("24/7", date(2026, 3, 9), date(2026, 3, 9))
    wall_street = read_sessions("XNYS", date(2026, 3, 9), date(2026, 3, 9))

    with pytest.raises(ScheduleFault, match="CALENDAR_UNFIT: 24/7 never closes"):
        plan_days(always, EQUITY)
    with pytest.raises(ScheduleFault, match="CALENDAR_UNFIT: XNYS closes"):
        plan_always(wall_street, zone="UTC", day_end=time())
    with pytest.raises(ScheduleFault, match="DAY_END_TOO_EARLY"):
        plan_days(wall_street, EQUITY, day_end=time(16, 10))


@pytest.mark.parametrize("calendar", ["XNYS", "XFRA", "XLON", "XSWX", "XTSE", "XPAR"])
@pytest.mark.parametrize("template", sorted(DAY_TEMPLATES))
def test_a_year_of_any_calendar_is_taken_by_the_engine(calendar: str, template: str) -> None:
    plan = of_equity(calendar, date(2026, 1, 1), date(2026, 12, 31), DAY_TEMPLATES[template])
    venue = Recorder()
    venue.open_market()
    venue.ts_ns = plan.steps[0].ts_ns - 1

    assert "admin_accepted 1" in venue.told(SetSchedule(1, 0, plan.steps, "s", "op"))[0]
    ends = tuple(DayEnd(ns) for ns in plan.day_ends_ns)
    assert "admin_accepted 0" in venue.told(SetDayEnds(ends, "d", "op"))[0]
    assert len(plan.steps) > 4 * 250


def test_the_engine_runs_two_days_across_the_clock_change() -> None:
    """R2: Friday in winter time, Monday in summer time; the phases by the clock on the wall."""
    plan = of_equity("XNYS", date(2026, 3, 6), date(2026, 3, 9))
    venue = Recorder()
    venue.open_market(ABC)
    venue.ts_ns = parse_moment("2026-03-06 00:00 America/New_York", now_ns=0)
    venue.send(CloseSession(0, "c", "op"))
    venue.send(SetSchedule(1, 0, plan.steps, "s", "op"))
    venue.send(SetDayEnds(tuple(DayEnd(ns) for ns in plan.day_ends_ns), "d", "op"))

    assert run_timers(venue) == [
        "03-06T08:30 PRE_OPEN",
        "03-06T09:25 OPENING_AUCTION",
        "03-06T09:30 CONTINUOUS",
        "03-06T16:00 CLOSING_AUCTION",
        "03-06T16:05 POST_CLOSE",
        "03-06T16:15 CLOSED",
        "03-06T16:15 day 3",
        "03-09T08:30 PRE_OPEN",
        "03-09T09:25 OPENING_AUCTION",
        "03-09T09:30 CONTINUOUS",
        "03-09T16:00 CLOSING_AUCTION",
        "03-09T16:05 POST_CLOSE",
        "03-09T16:15 CLOSED",
        "03-09T16:15 day 4",
    ]


@pytest.mark.parametrize(
    ("moment", "halts"),
    [
        ("2026-11-25 15:24", True),
        ("2026-11-25 15:26", False),
        ("2026-11-27 12:24", True),  # the early close: 35 minutes before 13:00
        ("2026-11-27 12:26", False),
    ],
)
def test_the_breaker_knows_the_close_of_the_day(moment: str, *, halts: bool) -> None:
    """R7.3: levels 1 and 2 do not halt in the last 35 minutes of continuous trading."""
    plan = of_equity("XNYS", date(2026, 11, 25), date(2026, 11, 27))
    venue = Recorder()
    venue.open_market(msgspec.structs.replace(ABC, reference_price=1_000))
    at_ns = parse_moment(f"{moment} America/New_York", now_ns=0)
    venue.ts_ns = plan.steps[0].ts_ns - 1
    rules = msgspec.structs.replace(default_rules(1), breaker_scope=BreakerScope.MARKET.value)
    venue.send(SetTradingRules(rules, "r", "op"), SetSchedule(1, 0, plan.steps, "s", "op"))
    while (due_ns := venue.engine.next_timer_ns()) is not None and due_ns <= at_ns:
        venue.ts_ns = due_ns
        venue.records()
    venue.ts_ns = at_ns
    venue.send(SetIndex(1, 920, "i", "op"))

    (view,) = venue.engine.instruments()
    assert view.phase == (Phase.HALTED if halts else Phase.CONTINUOUS)


def run_timers(venue: Recorder) -> list[str]:
    """Let log time pass from timer to timer; what changed, in New York time."""
    new_york = ZoneInfo("America/New_York")
    engine: Engine = venue.engine
    seen = []
    while (due_ns := engine.next_timer_ns()) is not None:
        venue.ts_ns = due_ns
        at = show_moment(due_ns, new_york)[5:16]
        for record in venue.records():
            if isinstance(record.event, PhaseChanged):
                seen.append(f"{at} {Phase(record.event.phase).name}")
            elif isinstance(record.event, TradingDayChanged):
                seen.append(f"{at} day {record.event.trading_day}")
    return seen


@functools.cache
def march_of(calendar: str) -> CalendarSessions:
    return read_sessions(calendar, date(2026, 3, 26), date(2026, 3, 31))


LENGTHS_NS = st.integers(0, 12 * 60).map(lambda minutes: minutes * MINUTE_NS)


@given(
    pre_open_ns=LENGTHS_NS,
    opening_call_ns=LENGTHS_NS,
    closing_call_ns=LENGTHS_NS,
    post_close_ns=LENGTHS_NS,
    after_hours_ns=st.none() | st.tuples(LENGTHS_NS, LENGTHS_NS),
    calendar=st.sampled_from(["XNYS", "XFRA", "XHKG"]),
)
@settings(max_examples=60, deadline=None)
def test_tool_and_engine_say_the_same_of_any_template(calendar: str, **lengths: Any) -> None:
    """What the tool takes, the engine takes; what it refuses, the engine refuses by that name."""
    plan = plan_days(march_of(calendar), DayTemplate(closes_for_break=True, **lengths))
    venue = Recorder()
    venue.open_market()
    venue.ts_ns = plan.steps[0].ts_ns - 1
    told = venue.told(SetSchedule(1, 0, plan.steps, "s", "op"))[0]
    try:
        judge(plan)
    except ScheduleFault as fault:
        refused = fault.reason
    else:
        refused = ""
    assert told.startswith(f"admin_rejected {refused} steps[" if refused else "admin_accepted 1")
