"""`exctl schedule`: from a calendar to a file, and from a file to the exchange (R2)."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from tests.cli.conftest import Exctl, run

XNYS = ("schedule", "generate", "--calendar", "XNYS", "--from", "2036-11-24", "--to", "2036-11-28")


@pytest.fixture
def week(tmp_path: Path) -> Path:
    """Thanksgiving week of 2036 in New York, for equities."""
    path = tmp_path / "week.toml"
    told = run("-o", "json", *XNYS, "--asset-class", "equity", "--out", str(path))
    assert json.loads(told.stdout) == {"file": str(path), "steps": 16, "day_ends": 4}
    return path


def test_a_week_of_new_york_is_a_readable_file(week: Path) -> None:
    read = tomllib.loads(week.read_text())

    assert (read["zone"], read["asset_class"]) == ("America/New_York", "equity")
    assert [row["at"] for row in read["steps"] if row["phase"] == "closing_auction"] == [
        "2036-11-24T16:00:00-05:00",
        "2036-11-25T16:00:00-05:00",
        "2036-11-26T16:00:00-05:00",
        "2036-11-28T13:00:00-05:00",  # an early close, after a holiday
    ]


def test_a_file_is_judged_set_shown_and_cleared(exctl: Exctl, week: Path) -> None:
    dry = exctl.json("schedule", "set", str(week), "--dry-run")
    assert (dry["scope"], dry["steps"], dry["day_ends"], dry["sent"]) == ("equity", 16, 4, False)
    assert exctl.json("schedule", "show", "ABC")["steps"] == []

    asked = exctl("schedule", "set", str(week), code=6).stderr
    assert "replaces the schedules of 2 instruments, and 0 day ends of the market by 4" in asked
    assert exctl.json("schedule", "set", str(week), "--yes")["sent"] is True
    shown = exctl("schedule", "show", "XYZ", "--zone", "America/New_York").stdout.splitlines()
    assert shown[1].split() == ["2036-11-24T08:30:00-05:00", "pre_open"]
    assert shown[2].split() == ["2036-11-24T09:25:00-05:00", "opening_auction", "5m"]
    assert shown[5].split() == ["2036-11-24T16:15:00-05:00", "(day", "end)"]
    assert len(shown) == 1 + 16 + 4
    assert exctl.json("schedule", "show", "BTC-USD")["steps"] == []

    assert (
        "drops the schedule of equity"
        in exctl("schedule", "clear", "--asset-class", "equity", code=6).stderr
    )
    exctl("schedule", "clear", "--asset-class", "equity", "--yes")
    told = exctl.json("schedule", "show", "ABC")
    assert (told["steps"], len(told["day_ends_ns"])) == ([], 4)
    exctl("schedule", "clear", "--market", "--day-ends", "--yes")
    assert exctl.json("schedule", "show", "ABC")["day_ends_ns"] == []


def test_day_ends_are_the_markets_even_in_the_file_of_one_symbol(exctl: Exctl, week: Path) -> None:
    asked = exctl("schedule", "set", str(week), "--symbol", "ABC", code=6).stderr

    assert "replaces the schedule of ABC, and 0 day ends of the market by 4" in asked
    assert exctl.json("schedule", "show", "ABC")["day_ends_ns"] == []


def test_a_class_without_instruments_is_refused(exctl: Exctl, week: Path) -> None:
    told = exctl("schedule", "set", str(week), "--asset-class", "bond", code=1).stderr

    assert "NO_INSTRUMENT: bond" in told


def test_json_is_set_as_well_and_stdin_too(exctl: Exctl) -> None:
    text = run(*XNYS, "-o", "json", "--no-day-ends").stdout
    told = exctl("schedule", "set", "-", "--symbol", "ABC", "-o", "json", stdin=text).stdout

    assert json.loads(told)["day_ends"] == "kept"
    assert len(exctl.json("schedule", "show", "ABC")["steps"]) == 16
    exctl("schedule", "clear", "ABC", "--yes")


def test_steps_by_hand_take_times_as_people_write_them(exctl: Exctl) -> None:
    exctl(
        *("schedule", "set", "--symbol", "ABC"),
        *("--step", "2036-03-10 08:30 America/New_York=pre_open"),
        *("--step", "2036-03-10T13:25:00Z=opening_auction:5m"),
    )
    shown = exctl("schedule", "show", "ABC").stdout.splitlines()

    assert [line.split()[0] for line in shown[1:]] == [
        "2036-03-10T12:30:00+00:00",
        "2036-03-10T13:25:00+00:00",
    ]
    exctl("schedule", "clear", "ABC", "--yes")


def test_a_running_day_is_joined(exctl: Exctl, tmp_path: Path) -> None:
    path = tmp_path / "day.toml"
    path.write_text(
        'format = 1\nsymbol = "ABC"\n'
        '[[steps]]\nat = "2020-01-01 00:00Z"\nphase = "pre_open"\n'
        '[[steps]]\nat = "2036-01-01 00:00Z"\nphase = "closed"\n'
    )
    refused = exctl("schedule", "set", str(path), code=1).stderr
    assert "SCHEDULE_IN_THE_PAST: step 1, pre_open at 2020-01-01T00:00:00+00:00" in refused
    assert "--skip-past" in refused

    joined = exctl("schedule", "set", str(path), "--skip-past")
    assert "left_out  1" in joined.stdout
    assert "ABC is continuous, by the schedule pre_open" in joined.stderr
    exctl("schedule", "clear", "ABC", "--yes")


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        (("2036-01-01 09:00Z=closed", "2036-01-01 09:00Z=pre_open"), "SCHEDULE_OVERLAPS: step 2"),
        (("2036-01-01 09:00Z=closed", "2036-01-01 10:00Z=post_close"), "SCHEDULE_TRANSITION"),
        (("2036-01-01 09:00Z=opening_auction",), "CALL_LENGTH_INVALID"),
        (("2036-01-01 09:00Z=halted",), "INVALID_FIELD: step 1, halted"),
    ],
)
def test_nonsense_is_refused_by_name(exctl: Exctl, steps: tuple[str, ...], reason: str) -> None:
    words = [word for step in steps for word in ("--step", step)]

    assert reason in exctl("schedule", "set", "--symbol", "ABC", *words, code=1).stderr
    assert exctl.json("schedule", "show", "ABC")["steps"] == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("set",), "name a FILE, or --step"),
        (("set", "--step", "+1h=closed"), "whose schedule is it?"),
        (("set", "--symbol", "ABC", "--step", "+1h closed"), "is no TIME=PHASE"),
        (("set", "--symbol", "ABC", "--step", "2036-01-01 09:00=closed"), "names no time zone"),
        (("set", "--symbol", "ABC", "--market", "--step", "+1h=closed"), "name one of"),
        (("set", "absent.toml"), "absent.toml: No such file"),
        (("clear",), "name one of SYMBOL"),
        (("show", "ABC", "--zone", "Mars"), "is no time zone"),
        (("generate", "--from", "2036-01-01", "--to", "2036-01-02"), "name --calendar"),
        (
            ("generate", "--calendar", "XNOPE", "--from", "2036-01-01", "--to", "2036-01-02"),
            "CALENDAR_UNKNOWN",
        ),
        ((*XNYS[1:], "--post-close", "5m"), "SCHEDULE_OVERLAPS: step 4"),
        ((*XNYS[1:], "--template", "crypto"), "CALENDAR_UNFIT"),
        ((*XNYS[1:], "--symbol", "ABC", "--asset-class", "equity"), "not both"),
        ((*XNYS[1:], "--out", "/nowhere/x.toml"), "No such file"),
        (("generate", "--template", "crypto", "--pre-open", "1h", *XNYS[4:]), "no opening"),
    ],
)
def test_what_is_no_schedule_is_usage(exctl: Exctl, words: tuple[str, ...], told: str) -> None:
    assert told in exctl("schedule", *words, code=2).stderr


def test_two_commands_have_two_request_ids(exctl: Exctl, week: Path) -> None:
    """R10.1: a repeat under the same id changes nothing; one that cannot be split is refused."""
    asked = ("schedule", "set", str(week), "--yes", "--request-id")
    exctl(*asked, "monday-1")
    exctl("schedule", "clear", "--market", "--day-ends", "--yes")
    exctl(*asked, "monday-1")

    told = exctl.json("schedule", "show", "ABC")
    assert (told["steps"], told["day_ends_ns"]) == ([], [])
    assert "31 characters" in exctl(*asked, "x" * 32, code=2).stderr
    assert exctl.json("schedule", "show", "ABC")["steps"] == []
