"""The committer over a log that commits later: the window, role changes, and what is told then."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator

import pytest

from exchange.engine.build import build_engine
from exchange.errors import ExchangeError, NotLeader, NotServing, OutcomeUnknown
from exchange.model.batch import Outcome
from exchange.model.codec import decode_entry_head, encode_command, encode_entry
from exchange.model.command import CreateMember, EpochStarted
from exchange.sequencer import committer as committer_module
from exchange.sequencer.committer import Applied, Committer, Handover
from exchange.sequencer.ports import LogView
from exchange.sequencer.sequencer import Bounds, Sequencer, Submission
from replication import log_view
from storage.memory import MemoryJournal
from tests.recorder import START_NS

WAIT_S = 10.0


class HeldLog(MemoryJournal):
    """A log whose entries are committed when the test says so."""

    def __init__(self, view: log_view.LogView) -> None:
        super().__init__()
        self.view = view
        self.held_index = 0
        self.may_serve = True
        self.age_ns = 0
        self.refuses = False
        self.is_held = False
        self.pause = ""
        self.reports: list[int] = []
        self.on_change: Callable[[], None] = lambda: None
        self.lend = self.on_change

    @property
    def committed_index(self) -> int:
        return self.held_index

    def append(self, entries: object, *, committed: int = 0) -> bool:  # type: ignore[override]
        if self.refuses:
            return False
        super().append(entries)  # type: ignore[arg-type]
        return True

    def applied(self, log_index: int, events_digest: bytes) -> None:
        assert len(events_digest) == 16
        self.reports.append(log_index)

    def listen(self, on_change: Callable[[], None], lend: Callable[[], None] | None = None) -> None:
        self.on_change = on_change
        self.lend = lend or on_change

    def commit(self, index: int, *, lends: bool = False) -> None:
        self.held_index = index
        (self.lend if lends else self.on_change)()

    def turn(self, role: str, epoch: int, primary: str = "", since: int = 0) -> None:
        self.view = log_view.LogView(role, epoch, primary, since)
        self.on_change()


class Clock:
    def now_ns(self) -> int:
        return START_NS


class Rig:
    def __init__(self, view: log_view.LogView) -> None:
        self.log = HeldLog(view)
        self.delivered: queue.Queue[Applied] = queue.Queue()
        self.abandoned: queue.Queue[tuple[list[Submission], ExchangeError]] = queue.Queue()
        self.views: queue.Queue[LogView] = queue.Queue()
        self.faults: queue.Queue[BaseException] = queue.Queue()
        self.engine = build_engine("reference")
        self.deliverers: list[str] = []
        self.committer = Committer(
            sequencer=Sequencer(next_index=1, last_ts_ns=0, epoch=0, bounds=Bounds()),
            log=self.log,
            engine=self.engine,
            clock=Clock(),
            to=Handover(
                self._deliver,
                lambda submissions, error: self.abandoned.put((submissions, error)),
                self.views.put,
                self.faults.put,
            ),
            first_of_epoch=lambda epoch: _submission(EpochStarted(epoch, "n1")),
        )
        self.committer.start()

    def _deliver(self, applied: Applied) -> None:
        self.deliverers.append(threading.current_thread().name)
        self.delivered.put(applied)

    def submit(self, number: int) -> None:
        self.committer.submit(_submission(CreateMember(f"m{number}", f"r{number}", "op")))

    def until_written(self, index: int) -> None:
        deadline = threading.Event()
        for _ in range(1000):
            if self.log.last_index >= index:
                return
            deadline.wait(0.005)
        raise AssertionError(f"the log ends at {self.log.last_index}, not at {index}")

    def next_index(self) -> int:
        applied = self.delivered.get(timeout=WAIT_S)
        self.committer.release(applied)
        return applied.draft.log_index


def _submission(command: EpochStarted | CreateMember) -> Submission:
    return Submission(encode_command(command), 1, _ignore, _ignore)


def _ignore(_: Outcome | ExchangeError) -> None:
    """Nobody waits: the tests watch the handover."""


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig(log_view.LogView(log_view.PRIMARY, 4, "n1", 4))
    yield made
    made.log.commit(made.log.last_index)
    made.committer.stop()
    assert made.faults.empty(), made.faults.get()


def test_a_leadership_begins_with_its_epoch_and_nothing_is_told_before_it_is_committed(
    rig: Rig,
) -> None:
    rig.submit(1)
    rig.until_written(1)
    head = decode_entry_head(rig.log.read(1))
    assert (head.epoch, head.log_index) == (4, 1)
    assert rig.delivered.empty()
    rig.log.commit(1)
    assert rig.next_index() == 1


def test_a_thread_of_the_log_applies_a_short_entry_itself(rig: Rig) -> None:
    here = threading.current_thread().name
    rig.submit(1)
    for index in (1, 2):
        rig.until_written(index)
        rig.log.commit(index, lends=True)
        assert rig.next_index() == index
    assert rig.deliverers == [here, here]
    assert rig.log.reports == [1, 2]
    rig.submit(2)
    rig.until_written(3)
    rig.log.commit(3)
    assert rig.next_index() == 3
    assert rig.deliverers[2] != here


def test_several_entries_and_long_ones_are_left_to_the_workers(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2):
        rig.submit(number)
        rig.until_written(number + 1)
    rig.log.commit(3, lends=True)
    assert [rig.next_index() for _ in range(3)] == [1, 2, 3]
    monkeypatch.setattr(committer_module, "LENT_COMMANDS", 0)
    rig.submit(3)
    rig.until_written(4)
    rig.log.commit(4, lends=True)
    assert rig.next_index() == 4
    assert threading.current_thread().name not in rig.deliverers


def test_a_thread_of_the_log_waits_for_nobody_who_reads_the_engine(rig: Rig) -> None:
    rig.until_written(1)
    reading, done = threading.Event(), threading.Event()

    def read(_: object) -> None:
        reading.set()
        assert done.wait(WAIT_S)

    reader = threading.Thread(target=rig.committer.query, args=(read,))
    reader.start()
    assert reading.wait(WAIT_S)
    rig.log.commit(1, lends=True)  # returns although the reader has the engine
    assert rig.delivered.empty()
    done.set()
    reader.join(WAIT_S)
    assert rig.next_index() == 1


def test_a_fault_on_a_thread_of_the_log_stops_the_node_and_not_the_thread(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.until_written(1)
    monkeypatch.setattr(rig.engine, "apply", _raise)
    rig.log.commit(1, lends=True)
    assert isinstance(rig.faults.get(timeout=WAIT_S), RuntimeError)
    with pytest.raises(NotServing):
        rig.submit(1)


def _raise(_: bytes) -> bytes:
    raise RuntimeError("the engine is broken")


def test_entries_follow_each_other_uncommitted_up_to_the_window(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committer_module, "WINDOW_ENTRIES", 4)
    for number in range(1, 8):
        rig.submit(number)
        rig.until_written(min(number + 1, 4))
    threading.Event().wait(0.05)
    assert rig.log.last_index == 4
    assert rig.delivered.empty()
    rig.log.commit(2)
    assert [rig.next_index(), rig.next_index()] == [1, 2]
    rig.until_written(5)
    rig.log.commit(rig.log.last_index)
    assert rig.next_index() == 3


def test_a_deposed_primary_answers_what_it_cannot_know_as_unknown(rig: Rig) -> None:
    rig.submit(1)
    rig.until_written(2)
    rig.log.turn(log_view.STANDBY, 5, "n2")
    lost, error = rig.abandoned.get(timeout=WAIT_S)
    assert isinstance(error, OutcomeUnknown)
    assert len(lost) == 2
    assert rig.committer.pending_commands == 0
    with pytest.raises(NotLeader) as raised:
        rig.submit(2)
    assert (raised.value.leader_id, raised.value.epoch) == ("n2", 5)
    assert rig.views.get(timeout=WAIT_S).role == log_view.STANDBY
    rig.log.commit(2)  # the new primary had them: they are applied here too, and told to nobody
    assert [rig.next_index(), rig.next_index()] == [1, 2]


def test_a_write_that_is_refused_was_never_made(rig: Rig) -> None:
    rig.until_written(1)
    rig.log.commit(1)
    assert rig.next_index() == 1
    rig.log.refuses = True
    rig.submit(1)
    dropped, error = rig.abandoned.get(timeout=WAIT_S)
    assert len(dropped) == 1
    assert isinstance(error, NotLeader)
    rig.log.turn(log_view.STANDBY, 5, "n2")
    assert rig.committer.pending_commands == 0


def test_a_member_taken_in_raises_the_epoch_and_nothing_is_dropped(rig: Rig) -> None:
    rig.submit(1)
    rig.until_written(2)
    rig.log.turn(log_view.PRIMARY, 5, "n1", since=4)
    rig.views.get(timeout=WAIT_S)
    rig.submit(2)
    rig.until_written(3)
    rig.log.commit(3)
    assert [rig.next_index() for _ in range(3)] == [1, 2, 3]
    assert [decode_entry_head(rig.log.read(index)).epoch for index in (1, 2, 3)] == [4, 4, 5]
    assert rig.abandoned.empty()


def test_a_lead_that_was_lost_and_won_again_between_two_looks_keeps_nothing(rig: Rig) -> None:
    rig.submit(1)
    rig.until_written(2)
    rig.log.turn(log_view.PRIMARY, 9, "n1", since=9)
    lost, error = rig.abandoned.get(timeout=WAIT_S)
    assert (len(lost), type(error)) == (2, OutcomeUnknown)
    rig.until_written(3)
    assert decode_entry_head(rig.log.read(3)).epoch == 9


def test_a_follower_applies_what_is_committed_and_leads_after_all_it_holds() -> None:
    rig = Rig(log_view.LogView(log_view.STANDBY, 4, "n2"))
    with pytest.raises(NotLeader):
        rig.submit(1)
    bodies = [encode_command(EpochStarted(4, "n2"))]
    bodies += [encode_command(CreateMember(f"m{n}", f"r{n}", "op")) for n in range(3)]
    later_ns = START_NS + 5_000_000_000
    for index, body in enumerate(bodies, start=1):
        rig.log.append([(index, encode_entry(index, 4, later_ns + index, 1, body))])
    rig.log.commit(2)
    assert [rig.next_index(), rig.next_index()] == [1, 2]
    rig.log.turn(log_view.PRIMARY, 5, "n1", since=5)
    rig.until_written(5)
    head = decode_entry_head(rig.log.read(5))
    assert (head.epoch, head.ts_ns) == (5, later_ns + 4)
    assert rig.delivered.empty()
    rig.log.commit(5)
    assert [rig.next_index() for _ in range(3)] == [3, 4, 5]
    assert [member.name for member in rig.engine.members()] == ["m0", "m1", "m2"]
    rig.committer.stop()
    assert rig.faults.empty()


def test_the_log_is_told_of_every_entry_that_was_applied() -> None:
    rig = Rig(log_view.LogView(log_view.STANDBY, 4, "n2"))
    for index in range(1, 8):
        rig.log.append([(index, encode_entry(index, 4, START_NS, 0, b""))])
    rig.log.commit(7)
    assert [rig.next_index() for _ in range(7)][-1] == 7
    rig.committer.stop()
    assert rig.log.reports == [1, 2, 3, 4, 5, 6, 7]


def test_a_follower_applies_no_faster_than_its_readers_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(committer_module, "UNDELIVERED_ENTRIES", 3)
    rig = Rig(log_view.LogView(log_view.STANDBY, 4, "n2"))
    for index in range(1, 9):
        rig.log.append([(index, encode_entry(index, 4, START_NS, 0, b""))])
    rig.log.commit(8)
    held = [rig.delivered.get(timeout=WAIT_S) for _ in range(3)]
    threading.Event().wait(0.05)
    assert rig.delivered.empty()
    assert rig.engine.applied_index == 3
    for applied in held:
        rig.committer.release(applied)
    assert [rig.next_index() for _ in range(5)] == [4, 5, 6, 7, 8]
    rig.committer.stop()
    assert rig.faults.empty()


def test_nothing_is_drafted_while_the_leadership_is_handed_over(rig: Rig) -> None:
    rig.until_written(1)
    rig.log.is_held = True
    rig.submit(1)
    rig.log.commit(1)
    assert rig.next_index() == 1
    threading.Event().wait(0.05)
    assert rig.log.last_index == 1
    rig.log.is_held = False
    rig.log.on_change()
    rig.until_written(2)


def test_stopping_gives_up_on_what_is_never_committed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(committer_module, "STOP_GRACE_S", 0.05)
    rig = Rig(log_view.LogView(log_view.PRIMARY, 1, "n1", 1))
    rig.submit(1)
    rig.until_written(2)
    rig.committer.stop()
    lost, error = rig.abandoned.get(timeout=WAIT_S)
    assert (len(lost), type(error)) == (2, OutcomeUnknown)
    with pytest.raises(NotServing, match="stopping"):
        rig.submit(2)
    assert rig.faults.empty()
