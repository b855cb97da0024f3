"""Sessions of real calendars: holidays, early closes, and the clock changes of two continents."""

from __future__ import annotations

import sys
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from exchange.schedule.faults import ScheduleFault
from exchange.schedule.moments import show_moment
from exchange.schedule.sessions import read_sessions


def hours(calendar: str, first: date, last: date) -> dict[str, str]:
    """Day -> UTC open and local open-close, as `13:30Z 09:30-16:00`."""
    found = read_sessions(calendar, first, last)
    zone = ZoneInfo(found.zone)
    return {
        f"{session.day:%m-%d}": f"{show_moment(session.open_ns)[11:16]}Z "
        f"{show_moment(session.open_ns, zone)[11:16]}-{show_moment(session.close_ns, zone)[11:16]}"
        for session in found.sessions
    }


def test_new_york_changes_its_clocks_before_europe() -> None:
    """2026-03-08: the wall clock of the open stays, its UTC moves."""
    assert hours("XNYS", date(2026, 3, 5), date(2026, 3, 10)) == {
        "03-05": "14:30Z 09:30-16:00",
        "03-06": "14:30Z 09:30-16:00",
        "03-09": "13:30Z 09:30-16:00",
        "03-10": "13:30Z 09:30-16:00",
    }
    assert set(hours("XFRA", date(2026, 3, 5), date(2026, 3, 10)).values()) == {
        "08:00Z 09:00-17:30"
    }


def test_frankfurt_changes_its_clocks_three_weeks_later() -> None:
    assert hours("XFRA", date(2026, 3, 27), date(2026, 3, 30)) == {
        "03-27": "08:00Z 09:00-17:30",
        "03-30": "07:00Z 09:00-17:30",
    }


@pytest.mark.parametrize(
    ("calendar", "before", "after"),
    [
        ("XFRA", date(2026, 10, 23), date(2026, 10, 26)),
        ("XNYS", date(2026, 10, 30), date(2026, 11, 2)),
    ],
)
def test_the_autumn_change_adds_an_hour(calendar: str, before: date, after: date) -> None:
    first, second = read_sessions(calendar, before, after).sessions

    assert second.open_ns - first.open_ns == (3 * 24 + 1) * 3_600 * 10**9


def test_holidays_and_early_closes_of_new_york() -> None:
    """Thanksgiving, the day after it, and Christmas."""
    assert hours("XNYS", date(2026, 11, 25), date(2026, 11, 27)) == {
        "11-25": "14:30Z 09:30-16:00",
        "11-27": "14:30Z 09:30-13:00",
    }
    assert hours("XNYS", date(2026, 12, 24), date(2026, 12, 28)) == {
        "12-24": "14:30Z 09:30-13:00",
        "12-28": "14:30Z 09:30-16:00",
    }


def test_the_last_day_of_frankfurt_is_short() -> None:
    assert hours("XFRA", date(2026, 12, 29), date(2027, 1, 4)) == {
        "12-29": "08:00Z 09:00-17:30",
        "12-30": "08:00Z 09:00-14:00",
        "01-04": "08:00Z 09:00-17:30",
    }


def test_a_midday_break_is_told() -> None:
    (session,) = read_sessions("XHKG", date(2026, 3, 9), date(2026, 3, 9)).sessions

    assert session.break_ns is not None
    zone = ZoneInfo("Asia/Hong_Kong")
    assert [show_moment(ns, zone)[11:16] for ns in session.break_ns] == ["12:00", "13:00"]


def test_round_the_clock_needs_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "exchange_calendars", None)
    found = read_sessions("24/7", date(2026, 2, 28), date(2026, 3, 1))

    assert [show_moment(session.open_ns) for session in found.sessions] == [
        "2026-02-28T00:00:00+00:00",
        "2026-03-01T00:00:00+00:00",
    ]
    with pytest.raises(ScheduleFault, match=r"pip install 'lockstep-exchange\[calendar\]'"):
        read_sessions("XNYS", date(2026, 2, 28), date(2026, 3, 1))


def test_a_calendar_that_the_library_cannot_compute_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Orthodox Easter, for one, fails in some versions of pandas."""
    exchange_calendars = pytest.importorskip("exchange_calendars")

    def fail(*_: object, **__: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr(exchange_calendars, "get_calendar", fail)
    with pytest.raises(ScheduleFault, match=r"CALENDAR_BROKEN: .* XNYS"):
        read_sessions("XNYS", date(2026, 3, 9), date(2026, 3, 9))


@pytest.mark.parametrize(
    ("calendar", "first", "last", "reason"),
    [
        ("XNOPE", date(2026, 3, 9), date(2026, 3, 9), "CALENDAR_UNKNOWN"),
        ("XNYS", date(2026, 3, 9), date(2026, 3, 6), "DAYS_INVALID"),
        ("XNYS", date(2026, 3, 9), date(2036, 3, 9), "DAYS_INVALID"),
        ("XNYS", date(2026, 3, 7), date(2026, 3, 8), "NO_SESSION"),
        ("XSHG", date(2026, 12, 1), date(2099, 1, 1), "DAYS_INVALID"),
        ("XSHG", date(2099, 1, 1), date(2099, 1, 5), "DAYS_INVALID"),  # beyond known holidays
    ],
)
def test_what_makes_no_sessions_is_refused_by_name(
    calendar: str, first: date, last: date, reason: str
) -> None:
    with pytest.raises(ScheduleFault) as caught:
        read_sessions(calendar, first, last)

    assert caught.value.reason == reason
