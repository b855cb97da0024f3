"""The trading sessions of a calendar between two days.

Room: the only place that knows the library exchange-calendars (extra `[calendar]`), which is
imported when a calendar is asked for. It knows holidays, early closes and zones; what comes out are
integers. The calendar `24/7` needs no library.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Any

from exchange.schedule.faults import ScheduleFault

ALWAYS = "24/7"
DAYS_MAX = 3 * 366


@dataclass(frozen=True, slots=True)
class TradingSession:
    """One trading day of a calendar; moments in nanoseconds since the Unix epoch.

    Attributes:
        day: by which the calendar calls it; local.
        open_ns: begin of continuous trading.
        close_ns: its end; an early close is in it already.
        break_ns: begin and end of a midday break, or None.
    """

    day: date
    open_ns: int
    close_ns: int
    break_ns: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class CalendarSessions:
    """The sessions of a calendar, in order, and the name of its time zone."""

    calendar: str
    zone: str
    sessions: tuple[TradingSession, ...]


def read_sessions(calendar: str, first: date, last: date) -> CalendarSessions:
    """The sessions from `first` to `last`, both included.

    Args:
        calendar: an ISO 10383 code as XNYS, another name the library knows, or `24/7`.
        first: local day.
        last: local day, at most three years later.

    Raises:
        ScheduleFault: DAYS_INVALID, NO_SESSION, CALENDAR_UNKNOWN, CALENDAR_BROKEN,
            CALENDAR_EXTRA_MISSING.
    """
    if not first <= last <= first + timedelta(days=DAYS_MAX):
        raise ScheduleFault(
            "DAYS_INVALID",
            f"{first} to {last}: the last day is at or after the first, at most {DAYS_MAX} days",
        )
    if calendar == ALWAYS:
        return _always(first, last)
    library = _library()
    try:
        with warnings.catch_warnings():
            # What the library asks of pandas in an old way is not the operator's to mend.
            warnings.simplefilter("ignore", DeprecationWarning)
            # A day before: the library refuses a range of one day. No day after: some calendars
            # end with the year up to which their holidays are known.
            found = library.get_calendar(calendar, start=first - timedelta(days=1), end=last)
    except library.errors.InvalidCalendarName as error:
        raise ScheduleFault(
            "CALENDAR_UNKNOWN", f"{calendar!r}; known are XNYS, XNAS, XFRA, XLON ... and {ALWAYS}"
        ) from error
    except NotImplementedError as error:
        raise ScheduleFault(
            "CALENDAR_BROKEN",
            f"exchange-calendars cannot compute {calendar} with the pandas that is installed",
        ) from error
    except ValueError as error:
        raise ScheduleFault("DAYS_INVALID", f"{calendar}, {first} to {last}: {error}") from error
    sessions = tuple(
        _session(row) for row in found.schedule.itertuples() if first <= row.Index.date() <= last
    )
    if not sessions:
        raise ScheduleFault("NO_SESSION", f"{calendar} has none from {first} to {last}")
    return CalendarSessions(calendar, str(found.tz), sessions)


def _session(row: Any) -> TradingSession:
    pause = (
        None if row.break_start != row.break_start else (_ns(row.break_start), _ns(row.break_end))
    )
    return TradingSession(row.Index.date(), _ns(row.open), _ns(row.close), pause)


def _ns(timestamp: Any) -> int:
    return int(timestamp.as_unit("ns").value)


def _always(first: date, last: date) -> CalendarSessions:
    day_ns = 24 * 3600 * 10**9
    sessions = []
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        start_ns = (ordinal - date(1970, 1, 1).toordinal()) * day_ns
        sessions.append(TradingSession(date.fromordinal(ordinal), start_ns, start_ns + day_ns))
    return CalendarSessions(ALWAYS, str(UTC), tuple(sessions))


def _library() -> Any:
    try:
        import exchange_calendars  # noqa: PLC0415 - an extra, and slow to import
    except ModuleNotFoundError as error:
        raise ScheduleFault(
            "CALENDAR_EXTRA_MISSING",
            f"calendars other than {ALWAYS} come from exchange-calendars, which is not installed: "
            "pip install 'lockstep-exchange[calendar]'",
        ) from error
    return exchange_calendars
