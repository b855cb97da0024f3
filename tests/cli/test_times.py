"""Times of options: every form of a moment arrives at the exchange as that moment."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime

import pytest

from tests.cli.conftest import Exctl

NEW_YEAR_NS = int(datetime(2036, 1, 1, tzinfo=UTC).timestamp()) * 10**9
GTD = ("order", "submit", "--member", "alice", "XYZ", "buy", "1", "20", "--tif", "GTD")


def expiry(exctl: Exctl, text: str) -> str:
    name = uuid.uuid4().hex[:20]
    exctl(*GTD, "--cl-ord-id", name, "--expire", text)
    shown = exctl.json("order", "show", "--member", "alice", name)
    exctl("order", "cancel", "--member", "alice", name)
    return str(shown["expire_time"])


@pytest.mark.parametrize(
    "text",
    [
        "2036-01-01T00:00:00Z",
        "2035-12-31 19:00 America/New_York",
        "2036-01-01 01:00:00.000+01:00",
        str(NEW_YEAR_NS),
    ],
)
def test_an_order_is_good_till_that_moment(exctl: Exctl, text: str) -> None:
    assert expiry(exctl, text) == "2036-01-01T00:00:00Z"


def test_a_length_counts_from_now(exctl: Exctl) -> None:
    before_s = time.time()
    told = datetime.fromisoformat(expiry(exctl, "+1h")[:19] + "+00:00").timestamp()

    assert before_s + 3_599 <= told <= time.time() + 3_601


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("3600", "is no time"),  # seconds, nanoseconds, a year?
        ("2036-01-01 00:00", "names no time zone"),
        ("2036-03-09 02:30 America/New_York", "the clocks skip it"),
        ("+1 hour", "no length of time"),
    ],
)
def test_what_could_be_misread_is_usage(exctl: Exctl, text: str, words: str) -> None:
    assert words in exctl(*GTD, "--expire", text, code=2).stderr
