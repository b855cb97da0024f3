"""Moments and lengths of time: what people write, and what is refused by name."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.schedule.faults import TimeFault
from exchange.schedule.moments import (
    local_moment,
    parse_length,
    parse_moment,
    show_length,
    show_moment,
)

NEW_YORK = ZoneInfo("America/New_York")
OPEN_NS = int(datetime(2026, 3, 9, 13, 30, tzinfo=UTC).timestamp()) * 10**9
YEAR_9999_NS = 253_402_300_799 * 10**9


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("2026-03-09T09:30:00-04:00", OPEN_NS),
        ("2026-03-09 09:30 America/New_York", OPEN_NS),
        ("2026-03-09 13:30Z", OPEN_NS),
        ("2026-03-09T13:30:00.000000001 UTC", OPEN_NS + 1),
        ("2026-03-09 09:30", OPEN_NS),
        (str(OPEN_NS), OPEN_NS),
        ("now", 5),
        ("+1h30m", 5_400 * 10**9 + 5),
        (" +250ms ", 250_000_005),
    ],
)
def test_every_form_is_the_same_moment(text: str, ns: int) -> None:
    assert parse_moment(text, now_ns=5, zone=NEW_YORK) == ns


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no time"),
        ("tomorrow", "is no time"),
        ("1773063000", "is no time"),  # seconds, where nanoseconds are meant
        ("2026-02-30 09:30Z", "day"),
        ("2026-03-09 25:00Z", "hour"),
        ("2026-03-09 09:30", "names no time zone"),
        ("2026-03-09 09:30 Mars/Base", "no time zone known"),
        ("2026-03-09 09:30Z Europe/Berlin", "an offset and a zone"),
        ("+soon", "no length of time"),
        ("2300-01-01 00:00Z", "out of range"),
        ("1969-12-31 23:00Z", "out of range"),
        ("2026-03-08 02:30 America/New_York", "does not exist: the clocks skip it"),
        ("2026-11-01 01:30 America/New_York", "comes twice that night"),
    ],
)
def test_what_is_no_moment_is_refused_by_name(text: str, words: str) -> None:
    with pytest.raises(TimeFault, match=words):
        parse_moment(text, now_ns=0)


def test_the_offset_says_which_of_two_equal_times_is_meant() -> None:
    first = parse_moment("2026-11-01 01:30-04:00", now_ns=0)
    second = parse_moment("2026-11-01 01:30-05:00", now_ns=0)

    assert second - first == 3_600 * 10**9
    assert show_moment(first, NEW_YORK) == "2026-11-01T01:30:00-04:00"
    assert show_moment(second, NEW_YORK) == "2026-11-01T01:30:00-05:00"


@given(
    st.integers(0, 9_223_372_036_854_775_807),
    st.sampled_from(["UTC", "America/New_York", "Europe/Berlin", "Asia/Kathmandu"]),
)
def test_what_is_shown_is_read_back(ns: int, zone: str) -> None:
    assert parse_moment(show_moment(ns, ZoneInfo(zone)), now_ns=0) == ns


@given(st.integers(0, YEAR_9999_NS))
def test_a_length_is_read_back(ns: int) -> None:
    assert parse_length(show_length(ns)) == ns


@pytest.mark.parametrize("text", ["", "5", "m", "5 m", "-5m", "5m3", "1.5h", "٣m"])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(TimeFault, match="no length of time"):
        parse_length(text)


def test_a_wall_clock_time_keeps_to_the_wall() -> None:
    """Midnight in Berlin is 23:00 UTC in winter and 22:00 in summer."""
    berlin = ZoneInfo("Europe/Berlin")
    winter = local_moment(date(2026, 3, 29), time(), berlin)
    summer = local_moment(date(2026, 3, 30), time(), berlin)

    assert summer - winter == 23 * 3_600 * 10**9
    with pytest.raises(TimeFault, match="the clocks skip it"):
        local_moment(date(2026, 3, 29), time(2, 30), berlin)
