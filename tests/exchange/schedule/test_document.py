"""Schedule files: written, read back, judged; nonsense is refused by name."""

from __future__ import annotations

from datetime import date

import pytest

from exchange.model.enums import AssetClass, Phase
from exchange.model.layout import LIST_MAX
from exchange.model.trading_rules import ScheduleStep
from exchange.schedule.document import JSON, TOML, document_of, read_document, write_document
from exchange.schedule.faults import ScheduleFault
from exchange.schedule.judgement import judge, planned_phase, still_to_come
from exchange.schedule.moments import MINUTE_NS, parse_moment
from exchange.schedule.sessions import read_sessions
from exchange.schedule.templates import DAY_TEMPLATES, Plan, plan_days

NEW_YORK = "America/New_York"
HEAD = 'format = 1\nzone = "America/New_York"\n'


def week() -> Plan:
    found = read_sessions("XNYS", date(2026, 3, 6), date(2026, 3, 10))
    return plan_days(found, DAY_TEMPLATES["equity"])


@pytest.mark.parametrize("form", [TOML, JSON])
def test_a_file_is_read_back(form: str) -> None:
    document = document_of(week(), NEW_YORK, calendar="XNYS", template="equity", symbol="ABC")
    text = write_document(document, form)

    assert "2026-03-09T09:25:00-04:00" in text
    assert read_document(text.encode(), form) == document
    assert read_document(text.encode(), form).plan(0) == week()


def test_a_file_by_hand_may_use_local_times() -> None:
    text = HEAD + '[[steps]]\nat = "2026-03-09 09:25"\nphase = "OPENING_AUCTION"\ncall = "5m"\n'
    document = read_document(text.encode(), TOML)

    at_ns = parse_moment("2026-03-09T13:25:00Z", now_ns=0)
    opening = ScheduleStep(at_ns, Phase.OPENING_AUCTION.value, 5 * MINUTE_NS)
    assert document.plan(0) == Plan((opening,), ())
    assert document.day_ends is None
    assert document.scope() == ("", None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("format = 2\n", "<= 1"),
        ("format = 1\nfarmat = 1\n", "unknown field `farmat`"),
        ("zone = 'UTC'\n", "missing required field `format`"),
        ("format 1", "Expected"),
        (HEAD + "steps = 3\n", "Expected `array`"),
        (HEAD + '[[steps]]\nat = "later"\nphase = "closed"\n', "step 1: .*is no time"),
        (HEAD + '[[steps]]\nat = "now"\nphase = "lunch"\n', "step 1: 'lunch' is none of closed"),
        (HEAD + '[[steps]]\nat = "now"\nphase = "closed"\ncall = "x"\n', "no length"),
        ('format = 1\nzone = "Mars"\n', "no time zone known"),
        (HEAD + 'day_ends = ["2026-03-08 02:30"]\n', "the clocks skip it"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(ScheduleFault, match=words):
        read_document(text.encode(), TOML).plan(0)


def test_bytes_that_are_no_text_are_refused() -> None:
    for form in (TOML, JSON):
        with pytest.raises(ScheduleFault, match="FILE_INVALID"):
            read_document(b"\xff\xfe", form)


def test_a_scope_is_one_thing() -> None:
    equity = document_of(week(), NEW_YORK, asset_class="equity")
    assert equity.scope() == ("", AssetClass.EQUITY)
    with pytest.raises(ScheduleFault, match="not both"):
        document_of(week(), NEW_YORK, asset_class="equity", symbol="ABC").scope()
    with pytest.raises(ScheduleFault, match="'cheese' is none of equity"):
        document_of(week(), NEW_YORK, asset_class="cheese").scope()


def step(at: str, phase: Phase, call_ns: int = 0) -> ScheduleStep:
    return ScheduleStep(parse_moment(at, now_ns=0), phase.value, call_ns)


CALL = 5 * MINUTE_NS
PRE_OPEN = step("2026-03-09 08:30Z", Phase.PRE_OPEN)


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([PRE_OPEN, PRE_OPEN], "SCHEDULE_OVERLAPS: step 2, pre_open at 2026-03-09T08:30"),
        (
            [
                step("2026-03-09 09:25Z", Phase.OPENING_AUCTION, CALL),
                step("2026-03-09 09:30Z", Phase.CLOSED),
            ],
            "SCHEDULE_OVERLAPS: step 2",  # the random extension is counted
        ),
        ([PRE_OPEN, step("2026-03-09 09:00Z", Phase.POST_CLOSE)], "SCHEDULE_TRANSITION: step 2"),
        ([step("2026-03-09 09:00Z", Phase.OPENING_AUCTION)], "CALL_LENGTH_INVALID: step 1"),
        ([step("2026-03-09 09:00Z", Phase.CLOSED, CALL)], "CALL_LENGTH_INVALID: step 1"),
        ([step("2026-03-09 09:00Z", Phase.HALTED)], "INVALID_FIELD: step 1, halted"),
        ([step("2026-03-09 07:59Z", Phase.CLOSED)], "SCHEDULE_IN_THE_PAST: step 1"),
        ([PRE_OPEN] * (LIST_MAX + 1), f"TOO_LONG: {LIST_MAX + 1} steps"),
    ],
)
def test_nonsense_is_refused_before_the_engine_does(steps: list[ScheduleStep], words: str) -> None:
    now_ns = parse_moment("2026-03-09 08:00Z", now_ns=0)
    with pytest.raises(ScheduleFault, match=words):
        judge(Plan(tuple(steps), ()), now_ns=now_ns)


def test_day_ends_rise() -> None:
    with pytest.raises(ScheduleFault, match="SCHEDULE_OVERLAPS: day end 2"):
        judge(Plan((), (10**18, 10**18)))


def test_what_is_left_of_a_running_day() -> None:
    now_ns = parse_moment("2026-03-09 10:00 America/New_York", now_ns=0)
    left = still_to_come(week(), now_ns)

    assert [Phase(s.phase).name for s in left.steps[:2]] == ["CLOSING_AUCTION", "CLOSED"]
    assert len(left.day_ends_ns) == 2
    assert planned_phase(week().steps, now_ns) == Phase.CONTINUOUS
    in_call = parse_moment("2026-03-09 09:27 America/New_York", now_ns=0)
    assert planned_phase(week().steps, in_call) == Phase.OPENING_AUCTION
    assert planned_phase(week().steps, 0) is None
