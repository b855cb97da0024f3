"""How a trading day runs: from sessions to the steps of a schedule.

Room: the templates as data, and the one fold over sessions. A timed call ends by itself, after its
random extension, in the phase that follows it (R2), so CONTINUOUS after the opening and POST_CLOSE
after the closing auction are no steps of their own.

    equity            PRE_OPEN  OPENING_AUCTION | CLOSING_AUCTION  CLOSED, day end
    equity-extended   the same with a long PRE_OPEN, then CONTINUOUS after hours, CLOSED, day end
    crypto            CONTINUOUS for good; a day end every day, which closes nothing

The calendar's open is when the opening call ends, its close when the closing call begins: R7.3
counts its cutoff back from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from typing import NamedTuple

from exchange.model.enums import Phase
from exchange.model.trading_rules import ScheduleStep
from exchange.schedule.faults import ScheduleFault
from exchange.schedule.moments import HOUR_NS, MINUTE_NS, local_moment, zone_of
from exchange.schedule.sessions import ALWAYS, CalendarSessions, TradingSession


@dataclass(frozen=True, slots=True)
class DayTemplate:
    """The lengths of a trading day with auctions, nanoseconds.

    Attributes:
        pre_open_ns: from the begin of PRE_OPEN to the open; at least the opening call.
        opening_call_ns: from the begin of the opening call to the open; 0 = no auction.
        closing_call_ns: from the close on; 0 = no auction.
        post_close_ns: from the close to CLOSED; longer than the closing call with its extension.
        after_hours_ns: begin and end of trading after hours, from the close; None = there is none.
        closes_for_break: a midday break closes the instrument, which ends orders of the day;
            without it a calendar that has breaks is refused.
    """

    pre_open_ns: int
    opening_call_ns: int = 5 * MINUTE_NS
    closing_call_ns: int = 5 * MINUTE_NS
    post_close_ns: int = 15 * MINUTE_NS
    after_hours_ns: tuple[int, int] | None = None
    closes_for_break: bool = False


CRYPTO = "crypto"
DAY_TEMPLATES = {
    "equity": DayTemplate(pre_open_ns=HOUR_NS),
    "equity-extended": DayTemplate(
        pre_open_ns=5 * HOUR_NS + 30 * MINUTE_NS, after_hours_ns=(16 * MINUTE_NS, 4 * HOUR_NS)
    ),
}
TEMPLATES = (*DAY_TEMPLATES, CRYPTO)


class Plan(NamedTuple):
    """What is sent to the exchange: steps and day ends, both rising."""

    steps: tuple[ScheduleStep, ...]
    day_ends_ns: tuple[int, ...]


def plan_days(
    found: CalendarSessions, day: DayTemplate, *, day_end: time | None = None, zone: str = ""
) -> Plan:
    """The steps of every session.

    Args:
        found: sessions of a calendar with an open and a close.
        day: the template.
        day_end: local time of the day end; None = with the last step of the session.
        zone: in which `day_end` is local; "" = that of the calendar.

    Raises:
        ScheduleFault: CALENDAR_UNFIT (24/7, or a midday break), DAY_END_TOO_EARLY.
        TimeFault: `day_end` does not exist on one of the days.
    """
    if found.calendar == ALWAYS:
        raise ScheduleFault("CALENDAR_UNFIT", f"{ALWAYS} never closes; take --template {CRYPTO}")
    steps: list[ScheduleStep] = []
    ends: list[int] = []
    local = zone_of(zone or found.zone)
    for session in found.sessions:
        steps.extend(_day_steps(found.calendar, session, day))
        last_ns = steps[-1].ts_ns
        end_ns = local_moment(session.day, day_end, local) if day_end else last_ns
        if end_ns < last_ns:
            raise ScheduleFault(
                "DAY_END_TOO_EARLY", f"the day end of {session.day} lies before its last step"
            )
        ends.append(end_ns)
    return Plan(tuple(steps), tuple(ends))


def plan_always(found: CalendarSessions, *, zone: str, day_end: time) -> Plan:
    """Trading round the clock: one step, and a day end at a local time of every day.

    Raises:
        ScheduleFault: CALENDAR_UNFIT (not 24/7). TimeFault: as `plan_days`.
    """
    if found.calendar != ALWAYS:
        raise ScheduleFault("CALENDAR_UNFIT", f"{found.calendar} closes; --calendar {ALWAYS} fits")
    local = zone_of(zone)
    days = [session.day for session in found.sessions]
    start_ns = local_moment(days[0], time(), local)
    moments = [local_moment(day, day_end, local) for day in [*days, days[-1] + timedelta(days=1)]]
    ends = tuple(ns for ns in moments if ns > start_ns)
    return Plan((ScheduleStep(start_ns, Phase.CONTINUOUS.value, 0),), ends)


def _day_steps(calendar: str, session: TradingSession, day: DayTemplate) -> Iterator[ScheduleStep]:
    yield from _opening(session.open_ns, day)
    if session.break_ns:
        if not day.closes_for_break:
            raise ScheduleFault(
                "CALENDAR_UNFIT",
                f"{calendar} has a midday break on {session.day}, which no phase holds without "
                "ending the orders of the day; --midday-close accepts that",
            )
        begin_ns, end_ns = session.break_ns
        yield ScheduleStep(begin_ns, Phase.CLOSED.value, 0)
        reopening = min(day.pre_open_ns, (end_ns - begin_ns) // 2)
        yield from _opening(end_ns, day, pre_open_ns=max(reopening, day.opening_call_ns))
    close_ns = session.close_ns
    if day.closing_call_ns:
        yield ScheduleStep(close_ns, Phase.CLOSING_AUCTION.value, day.closing_call_ns)
    else:
        yield ScheduleStep(close_ns, Phase.POST_CLOSE.value, 0)
    yield ScheduleStep(close_ns + day.post_close_ns, Phase.CLOSED.value, 0)
    if day.after_hours_ns:
        begin_ns, end_ns = day.after_hours_ns
        yield ScheduleStep(close_ns + begin_ns, Phase.CONTINUOUS.value, 0)
        yield ScheduleStep(close_ns + end_ns, Phase.CLOSED.value, 0)


def _opening(
    open_ns: int, day: DayTemplate, *, pre_open_ns: int | None = None
) -> Sequence[ScheduleStep]:
    length_ns = day.pre_open_ns if pre_open_ns is None else pre_open_ns
    steps = []
    if length_ns > day.opening_call_ns:
        steps.append(ScheduleStep(open_ns - length_ns, Phase.PRE_OPEN.value, 0))
    if day.opening_call_ns:
        begin_ns = open_ns - day.opening_call_ns
        steps.append(ScheduleStep(begin_ns, Phase.OPENING_AUCTION.value, day.opening_call_ns))
    else:
        steps.append(ScheduleStep(open_ns, Phase.CONTINUOUS.value, 0))
    return steps
