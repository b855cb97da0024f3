"""The sequencer as a value machine: order, batches, bounds and time (RULEBOOK R1.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.errors import ClientFault, ExchangeError, Overloaded
from exchange.model.batch import Outcome
from exchange.model.codec import (
    ENTRY_BYTES_MAX,
    ENTRY_COMMANDS_MAX,
    command_records,
    decode_entry_head,
    encode_command,
)
from exchange.model.command import EpochStarted
from exchange.model.units import TIMESTAMP_MAX_NS
from exchange.sequencer.sequencer import Bounds, Draft, Sequencer, Submission

BOUNDS = Bounds(entry_commands=4, entry_bytes=200, pending_commands=10, pending_bytes=500)
SIZE = len(encode_command(EpochStarted(0, "n")))
"""Bytes of one command as `submission` makes it."""


def unanswered(_: Outcome | ExchangeError) -> None:
    raise AssertionError("the sequencer answers nobody")


def submission(number: int, count: int = 1) -> Submission:
    """`count` commands that can be told from all others by `number`."""
    body = b"".join(encode_command(EpochStarted(number, "n"), session) for session in range(count))
    return Submission(body, count, unanswered, unanswered)


def sequencer(bounds: Bounds = BOUNDS, last_ts_ns: int = 0) -> Sequencer:
    return Sequencer(next_index=1, last_ts_ns=last_ts_ns, epoch=3, bounds=bounds)


def test_nothing_waits_nothing_is_drafted() -> None:
    assert sequencer().draft(100, None) is None


def test_one_submission_is_one_entry_at_once() -> None:
    machine = sequencer()
    one = submission(1)
    machine.admit(one)
    draft = machine.draft(100, None)
    assert draft is not None
    assert (draft.log_index, draft.ts_ns, draft.command_count) == (1, 100, 1)
    assert draft.submissions == [(one, 0)]
    assert decode_entry_head(draft.entry) == (1, 3, 100, 1)
    assert machine.draft(101, None) is None


def test_what_waits_goes_together_up_to_the_bound_and_no_submission_is_split() -> None:
    machine = sequencer()
    waiting = [submission(number, count) for number, count in enumerate((1, 2, 2, 4, 1))]
    for one in waiting:
        machine.admit(one)
    drafts = drain(machine)
    assert [draft.command_count for draft in drafts] == [3, 2, 4, 1]
    assert [positions(draft) for draft in drafts] == [[0, 1], [0], [0], [0]]


def test_an_entry_is_bounded_in_bytes_too() -> None:
    bounds = BOUNDS._replace(entry_bytes=2 * SIZE)
    machine = sequencer(bounds)
    for number in range(5):
        machine.admit(submission(number))
    assert [draft.command_count for draft in drain(machine)] == [2, 2, 1]


def drain(machine: Sequencer) -> list[Draft]:
    drafts = []
    while (draft := machine.draft(1, None)) is not None:
        drafts.append(draft)
    return drafts


def positions(draft: Draft) -> list[int]:
    return [first for _, first in draft.submissions]


@pytest.mark.parametrize(
    ("bounds", "count"),
    [(BOUNDS, 5), (BOUNDS._replace(entry_bytes=2 * SIZE - 1), 2)],
    ids=["commands", "bytes"],
)
def test_a_submission_larger_than_an_entry_is_refused_for_good(bounds: Bounds, count: int) -> None:
    machine = sequencer(bounds)
    with pytest.raises(ClientFault, match="split it") as raised:
        machine.admit(submission(1, count))
    assert raised.value.reason == "MESSAGE_TOO_LARGE"
    assert machine.draft(1, None) is None


@pytest.mark.parametrize(
    ("bounds", "admitted"),
    [(BOUNDS, 10), (BOUNDS._replace(pending_bytes=3 * SIZE), 3)],
    ids=["commands", "bytes"],
)
def test_a_full_queue_refuses_until_entries_are_answered(bounds: Bounds, admitted: int) -> None:
    machine = sequencer(bounds)
    for number in range(admitted):
        machine.admit(submission(number))
    with pytest.raises(Overloaded, match="nothing of yours was queued") as raised:
        machine.admit(submission(99))
    assert raised.value.reason == "QUEUE_FULL"
    assert raised.value.retry_after_ms > 0
    draft = machine.draft(1, None)
    assert draft is not None
    with pytest.raises(Overloaded):  # drafted is not answered
        machine.admit(submission(99))
    machine.release(draft)
    machine.admit(submission(99))
    assert machine.pending_commands == admitted - draft.command_count + 1


@pytest.mark.parametrize(
    ("now_ns", "timer_ns", "made"),
    [(100, 101, False), (100, 100, True), (100, 50, True), (100, None, False), (10, 60, True)],
    ids=["not due", "due", "overdue", "none", "due by the log's own time"],
)
def test_a_due_timer_makes_an_entry_without_commands(
    now_ns: int, timer_ns: int | None, made: bool
) -> None:
    machine = sequencer(last_ts_ns=60)
    draft = machine.draft(now_ns, timer_ns)
    assert (draft is not None) is made
    if draft is not None:
        assert (draft.command_count, draft.submissions) == (0, [])
        assert draft.ts_ns == max(now_ns, 60)
        assert command_records(draft.entry) == []


def test_time_does_not_fall_when_the_clock_does() -> None:
    machine = sequencer(last_ts_ns=500)
    times = []
    for now_ns in (400, 600, 100, 601, -5):
        machine.admit(submission(1))
        draft = machine.draft(now_ns, None)
        assert draft is not None
        times.append(draft.ts_ns)
    assert times == [500, 600, 600, 601, 601]


def test_time_ends_at_the_bound_of_its_field() -> None:
    machine = sequencer()
    machine.admit(submission(1))
    draft = machine.draft(1 << 70, None)
    assert draft is not None
    assert draft.ts_ns == TIMESTAMP_MAX_NS


@pytest.mark.parametrize(
    "bounds",
    [Bounds(entry_commands=ENTRY_COMMANDS_MAX + 1), Bounds(entry_bytes=ENTRY_BYTES_MAX + 1)],
)
def test_bounds_above_those_of_the_format_are_refused(bounds: Bounds) -> None:
    with pytest.raises(ValueError, match=str(ENTRY_COMMANDS_MAX)):
        sequencer(bounds)


class Step(NamedTuple):
    """Something that happens to a sequencer: admit `size` commands, draft, or answer."""

    act: str
    size: int
    now_ns: int
    timer_ns: int | None


STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from(["admit", "admit", "draft", "answer"]),
        st.integers(1, 5),
        st.integers(-100, 1_000),
        st.one_of(st.none(), st.integers(0, 1_000)),
    ),
    max_size=60,
)


@given(STEPS, st.integers(0, 300))
def test_whatever_happens_each_admitted_submission_is_in_one_entry_whole_and_in_order(
    steps: list[Step], last_ts_ns: int
) -> None:
    machine = sequencer(last_ts_ns=last_ts_ns)
    admitted: list[Submission] = []
    drafts: list[Draft] = []
    answered = 0
    for number, step in enumerate(steps):
        pending = len(admitted_commands(admitted)) - sum(d.command_count for d in drafts[:answered])
        assert machine.pending_commands == pending <= BOUNDS.pending_commands
        assert 0 <= machine.pending_bytes <= BOUNDS.pending_bytes
        if step.act == "admit":
            one = submission(number, step.size)
            if taken(machine.admit, one):
                admitted.append(one)
        elif step.act == "draft":
            draft = machine.draft(step.now_ns, step.timer_ns)
            if draft is not None:
                drafts.append(draft)
        elif answered < len(drafts):
            machine.release(drafts[answered])
            answered += 1
    drafts += drain(machine)
    check_entries(drafts, last_ts_ns)
    assert [one for draft in drafts for one, _ in draft.submissions] == admitted
    assert b"".join(draft.entry[40:] for draft in drafts) == b"".join(s.body for s in admitted)


def admitted_commands(submissions: list[Submission]) -> list[int]:
    return [n for one in submissions for n in range(one.command_count)]


def taken(admit: Callable[[Submission], None], one: Submission) -> bool:
    try:
        admit(one)
    except (ClientFault, Overloaded):
        return False
    return True


def check_entries(drafts: list[Draft], last_ts_ns: int) -> None:
    ts_ns = last_ts_ns
    for index, draft in enumerate(drafts, start=1):
        head = decode_entry_head(draft.entry)
        assert head == (index, 3, draft.ts_ns, draft.command_count)
        assert draft.log_index == index
        assert head.ts_ns >= ts_ns
        ts_ns = head.ts_ns
        records = command_records(draft.entry)
        assert len(records) <= BOUNDS.entry_commands
        assert len(draft.entry) - 40 <= BOUNDS.entry_bytes
        for one, first in draft.submissions:
            own = records[first : first + one.command_count]
            assert [record.session_id for record in own] == list(range(one.command_count))
