"""The committer: durable, applied, delivered, in that order; and what ends it (DESIGN 7)."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from exchange.engine.build import build_engine
from exchange.engine.port import Engine
from exchange.engine.reference.engine import ReferenceEngine
from exchange.errors import (
    ClientFault,
    ExchangeError,
    InvariantViolation,
    NotServing,
    Overloaded,
)
from exchange.model.batch import Outcome
from exchange.model.codec import BatchStatus, encode_batch, encode_command
from exchange.model.command import Command, CreateMember, NewOrder
from exchange.model.enums import TimeInForce
from exchange.model.event import AdminAccepted, Expired
from exchange.sequencer.committer import Applied, Committer, Handover
from exchange.sequencer.ports import LogView
from exchange.sequencer.sequencer import Bounds, Sequencer, Submission
from replication.local_log import LocalLog
from storage.errors import DiskFaultError
from storage.memory import MemoryJournal
from tests.recorder import START_NS, Recorder, buy

WAIT_S = 10.0


class HandClock:
    """Stands still until it is set."""

    def __init__(self, now_ns: int = START_NS) -> None:
        self.ns = now_ns

    def now_ns(self) -> int:
        return self.ns


class Rig:
    """A committer with everything around it in memory; `trail` tells what happened in order."""

    def __init__(
        self,
        *,
        engine: Engine | None = None,
        journal: MemoryJournal | None = None,
        bounds: Bounds | None = None,
    ) -> None:
        self.trail: list[tuple[str, int]] = []
        self.delivered: queue.Queue[Applied] = queue.Queue()
        self.faults: queue.Queue[BaseException] = queue.Queue()
        self.views: queue.Queue[LogView] = queue.Queue()
        self.abandoned: queue.Queue[tuple[int, ExchangeError]] = queue.Queue()
        self.threads: set[str] = set()
        self.clock = HandClock()
        self.engine = engine or build_engine("reference")
        self.journal = journal or MemoryJournal()
        self._tell("append", self.journal, lambda entries: entries[0][0])
        self._tell("apply", self.engine, lambda entry: int.from_bytes(entry[8:16], "little"))
        self.committer = Committer(
            sequencer=Sequencer(
                next_index=self.engine.applied_index + 1,
                last_ts_ns=self.engine.now_ns,
                epoch=1,
                bounds=bounds or Bounds(),
            ),
            log=LocalLog(self.journal, epoch=1, node_name="n1"),
            engine=self.engine,
            clock=self.clock,
            to=Handover(self._deliver, self._abandon, self.views.put, self.faults.put),
        )

    # Note in the trail when `act` of `part` has returned.
    def _tell(self, act: str, part: Any, index_of: Callable[[Any], int]) -> None:
        original = getattr(part, act)

        def told(argument: Any) -> Any:
            result = original(argument)
            self.trail.append((act, index_of(argument)))
            self.threads.add(threading.current_thread().name)
            return result

        setattr(part, act, told)

    def _deliver(self, applied: Applied) -> None:
        self.trail.append(("deliver", applied.draft.log_index))
        self.threads.add(threading.current_thread().name)
        self.delivered.put(applied)

    def _abandon(self, submissions: list[Submission], error: ExchangeError) -> None:
        self.abandoned.put((len(submissions), error))

    def submit(self, *commands: Command) -> None:
        body = b"".join(encode_command(command) for command in commands)
        self.committer.submit(Submission(body, len(commands), _ignore, _ignore))

    def next(self) -> Applied:
        return self.delivered.get(timeout=WAIT_S)


def _ignore(_: Outcome | ExchangeError) -> None:
    """An answer that nobody reads: these tests watch `deliver`."""


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    yield made
    made.committer.stop()
    assert made.faults.empty(), made.faults.get()


def member(number: int) -> CreateMember:
    return CreateMember(f"m{number}", f"r{number}", "op")


def test_durable_then_applied_then_delivered_entry_by_entry(rig: Rig) -> None:
    rig.committer.start()
    for number in range(1, 4):
        rig.submit(member(number))
        applied = rig.next()
        assert applied.draft.log_index == number
        assert rig.journal.read(number) == applied.draft.entry
        rig.committer.release(applied)
    assert rig.trail == [
        (act, index) for index in (1, 2, 3) for act in ("append", "apply", "deliver")
    ]
    assert rig.threads <= {"committer-0", "committer-1"}
    assert rig.committer.pending_commands == 0


def test_what_waits_before_the_start_is_one_entry(rig: Rig) -> None:
    for number in range(1, 6):
        rig.submit(member(number))
    assert rig.journal.last_index == 0
    assert rig.committer.pending_commands == 5
    rig.committer.start()
    applied = rig.next()
    assert applied.draft.command_count == 5
    accepted = [r.event for r in applied.batch.events if isinstance(r.event, AdminAccepted)]
    assert [event.target_id for event in accepted] == [1, 2, 3, 4, 5]
    assert applied.events_digest == rig.engine.events_digest()


def test_stopping_finishes_what_was_admitted_and_takes_no_more(rig: Rig) -> None:
    rig.submit(member(1), member(2))
    rig.committer.start()
    rig.committer.stop()
    assert rig.next().draft.command_count == 2
    assert rig.journal.last_index == rig.engine.applied_index == 1
    with pytest.raises(NotServing, match="stopping") as raised:
        rig.submit(member(3))
    assert raised.value.reason == "STOPPING"


def test_stopping_without_start_and_stopping_twice_do_no_harm() -> None:
    unstarted = Rig()
    unstarted.committer.stop()
    with pytest.raises(NotServing):
        unstarted.submit(member(1))
    started = Rig()
    started.committer.start()
    started.committer.stop()
    started.committer.stop()
    assert started.faults.empty()


def test_refusals_of_the_sequencer_reach_the_caller_and_stop_nothing() -> None:
    rig = Rig(bounds=Bounds(entry_commands=2, pending_commands=2))
    with pytest.raises(ClientFault):
        rig.submit(member(1), member(2), member(3))
    rig.submit(member(1), member(2))
    with pytest.raises(Overloaded):
        rig.submit(member(3))
    rig.committer.start()
    rig.committer.release(rig.next())
    rig.submit(member(3))
    assert rig.next().draft.log_index == 2
    rig.committer.stop()


def test_a_query_sees_the_state_between_two_entries(rig: Rig) -> None:
    rig.committer.start()
    rig.submit(member(1))
    rig.next()
    assert rig.committer.query(lambda engine: engine.applied_index) == 1
    assert rig.committer.query(lambda engine: [m.name for m in engine.members()]) == ["m1"]


def test_a_query_never_sees_state_whose_events_were_not_handed_over() -> None:
    rig = Rig()
    delivering, go_on, answered = (threading.Event() for _ in range(3))
    seen: list[int] = []

    def deliver(_: Applied) -> None:
        delivering.set()
        assert go_on.wait(WAIT_S)

    def ask() -> None:
        seen.append(rig.committer.query(lambda engine: engine.applied_index))
        answered.set()

    rig.committer._to = rig.committer._to._replace(deliver=deliver)  # noqa: SLF001 - the seam
    rig.committer.start()
    rig.submit(member(1))
    assert delivering.wait(WAIT_S)
    asking = threading.Thread(target=ask)
    asking.start()
    assert not answered.wait(0.1)
    go_on.set()
    asking.join(WAIT_S)
    assert seen == [1]
    rig.committer.stop()


def test_the_entry_that_was_being_written_lets_the_next_one_fill() -> None:
    gate = threading.Event()
    writing = threading.Event()

    class SlowJournal(MemoryJournal):
        def append(self, entries: Sequence[tuple[int, bytes]], *, committed: int = 0) -> None:
            writing.set()
            assert gate.wait(WAIT_S)
            super().append(entries, committed=committed)

    rig = Rig(journal=SlowJournal())
    rig.committer.start()
    rig.submit(member(1))
    assert writing.wait(WAIT_S)
    for number in range(2, 12):
        rig.submit(member(number))
    gate.set()
    assert [rig.next().draft.command_count for _ in range(2)] == [1, 10]
    rig.committer.stop()


def test_a_timer_that_falls_due_makes_an_entry_of_its_own() -> None:
    recorder = Recorder()
    recorder.open_market()
    gtd: NewOrder = buy(
        1, "g1", 10, 1000, time_in_force=TimeInForce.GTD, expire_ts_ns=START_NS + 1_000
    )
    recorder.send(gtd)
    journal = MemoryJournal()
    journal.append(list(enumerate(recorder.entries, start=1)))
    rig = Rig(engine=recorder.engine, journal=journal)
    rig.clock.ns = START_NS + 999
    rig.committer.start()
    assert rig.delivered.empty()
    rig.clock.ns = START_NS + 1_000
    applied = rig.next()
    assert (applied.draft.command_count, applied.draft.ts_ns) == (0, START_NS + 1_000)
    assert isinstance(applied.batch.events[0].event, Expired)
    rig.committer.stop()
    assert rig.delivered.empty()


class FailingJournal(MemoryJournal):
    """The disk fails at the second entry."""

    def append(self, entries: Sequence[tuple[int, bytes]], *, committed: int = 0) -> None:
        if self.last_index:
            raise DiskFaultError(Path("data.mdb"), "no space left")
        super().append(entries, committed=committed)


class BrokenEngine(ReferenceEngine):
    """Meets a broken invariant at the second entry."""

    def apply(self, entry: bytes) -> bytes:
        if self.applied_index:
            raise InvariantViolation("BOOK_CROSSED", instrument_id=1)
        return super().apply(entry)


class RefusingEngine(ReferenceEngine):
    """Does not take the second entry."""

    def apply(self, entry: bytes) -> bytes:
        if self.applied_index:
            return encode_batch(2, 0, 1, [], BatchStatus.OUT_OF_ORDER)
        return super().apply(entry)


@pytest.mark.parametrize(
    ("make", "fault", "trail"),
    [
        (lambda: Rig(journal=FailingJournal()), DiskFaultError, []),
        (lambda: Rig(engine=BrokenEngine()), InvariantViolation, [("append", 2)]),
        (lambda: Rig(engine=RefusingEngine()), InvariantViolation, [("append", 2), ("apply", 2)]),
    ],
    ids=["journal", "engine", "status"],
)
def test_a_fault_is_told_once_and_nothing_follows(
    make: Callable[[], Rig], fault: type[Exception], trail: list[tuple[str, int]]
) -> None:
    rig = make()
    rig.committer.start()
    rig.submit(member(1))
    rig.next()
    rig.trail.clear()
    rig.submit(member(2))
    assert isinstance(rig.faults.get(timeout=WAIT_S), fault)
    with pytest.raises(NotServing):
        rig.submit(member(3))
    rig.committer.stop()
    assert rig.trail == trail
    assert rig.delivered.empty()
    assert rig.faults.empty()


def test_a_fault_of_deliver_is_a_fault_of_the_node() -> None:
    rig = Rig()

    def fail(_: Applied) -> None:
        raise LookupError("a feed")

    rig.committer._to = rig.committer._to._replace(deliver=fail)  # noqa: SLF001 - the seam
    rig.committer.start()
    rig.submit(member(1))
    assert isinstance(rig.faults.get(timeout=WAIT_S), LookupError)
    rig.committer.stop()
    assert rig.faults.empty()
