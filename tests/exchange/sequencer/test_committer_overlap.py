"""Two threads, two duties: the disk writes while the engine applies, and order holds anyway."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence

import pytest

from exchange.engine.reference.engine import ReferenceEngine
from exchange.errors import NotLeader, OutcomeUnknown
from exchange.model.codec import decode_entry_head
from replication import log_view
from storage.memory import MemoryJournal
from tests.exchange.sequencer.test_committer import Rig, member
from tests.exchange.sequencer.test_committer_window import Rig as WindowRig

WAIT_S = 10.0
SUBMISSIONS = 200


class GatedEngine(ReferenceEngine):
    """Applies the first entry only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.began, self.go_on = threading.Event(), threading.Event()

    def apply(self, entry: bytes) -> bytes:
        self.began.set()
        assert self.go_on.wait(WAIT_S)
        return super().apply(entry)


class UnsteadyEngine(ReferenceEngine):
    """Takes now long, now short, and nothing that is not on the disk."""

    def __init__(self, chance: random.Random, journal: MemoryJournal) -> None:
        super().__init__()
        self._chance = chance
        self._journal = journal

    def apply(self, entry: bytes) -> bytes:
        assert decode_entry_head(entry).log_index <= self._journal.last_index
        time.sleep(self._chance.choice((0, 0, 0.0005, 0.002)))
        return super().apply(entry)


class UnsteadyJournal(MemoryJournal):
    """So does its disk."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance

    def append(self, entries: Sequence[tuple[int, bytes]], *, committed: int = 0) -> None:
        time.sleep(self._chance.choice((0, 0, 0.0005, 0.002)))
        super().append(entries, committed=committed)


def until(is_so: object, *, what: str) -> None:
    assert callable(is_so)
    deadline = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.002)


def test_the_next_entry_is_written_while_the_one_before_is_applied() -> None:
    engine = GatedEngine()
    rig = Rig(engine=engine)
    rig.committer.start()
    rig.submit(member(1))
    assert engine.began.wait(WAIT_S)
    rig.submit(member(2))
    until(lambda: rig.journal.last_index == 2, what="the second entry is not written")
    rig.submit(member(3))
    until(lambda: rig.journal.last_index == 3, what="the third entry is not written")
    assert rig.delivered.empty()
    engine.go_on.set()
    assert [rig.next().draft.log_index for _ in range(3)] == [1, 2, 3]
    rig.committer.stop()
    assert rig.faults.empty()


def test_every_entry_is_durable_then_applied_then_delivered_in_log_order(seed: int) -> None:
    """Under load both threads work; neither order nor a single submission gets lost."""
    chance = random.Random(seed)
    journal = UnsteadyJournal(chance)
    rig = Rig(engine=UnsteadyEngine(chance, journal), journal=journal)
    rig.committer.start()
    commands = 0
    for number in range(SUBMISSIONS):
        rig.submit(member(number))
        if chance.random() < 0.3:
            time.sleep(0.001)
        while not rig.delivered.empty():
            applied = rig.delivered.get()
            commands += applied.draft.command_count
            rig.committer.release(applied)
    rig.committer.stop()
    while not rig.delivered.empty():
        commands += rig.delivered.get().draft.command_count
    assert commands == SUBMISSIONS
    assert rig.faults.empty()
    for act in ("append", "apply", "deliver"):
        indexes = [index for done, index in rig.trail if done == act]
        assert indexes == list(range(1, rig.journal.last_index + 1))
    at = {(act, index): place for place, (act, index) in enumerate(rig.trail)}
    for index in range(1, rig.journal.last_index + 1):
        assert at["apply", index] < at["deliver", index]
    assert rig.threads == {"committer-0", "committer-1"}


def test_a_change_of_role_waits_for_the_entry_that_is_being_applied() -> None:
    """What is applied then was committed and is answered; what was only written is not."""
    rig = WindowRig(log_view.LogView(log_view.PRIMARY, 1, "n1", 1))
    applying, go_on = threading.Event(), threading.Event()
    apply = rig.engine.apply

    def gated(entry: bytes) -> bytes:
        applying.set()
        assert go_on.wait(WAIT_S)
        return apply(entry)

    rig.engine.apply = gated  # type: ignore[method-assign]
    rig.until_written(1)
    rig.submit(1)
    rig.until_written(2)
    rig.log.commit(1)
    assert applying.wait(WAIT_S)
    rig.log.turn(log_view.STANDBY, 2, "n2")
    time.sleep(0.05)
    assert rig.views.empty()
    go_on.set()
    assert rig.delivered.get(timeout=WAIT_S).draft.log_index == 1
    lost, error = rig.abandoned.get(timeout=WAIT_S)
    assert (len(lost), type(error)) == (1, OutcomeUnknown)
    assert rig.views.get(timeout=WAIT_S).role == log_view.STANDBY
    with pytest.raises(NotLeader, match="n2"):
        rig.submit(2)
    rig.committer.stop()
    assert rig.faults.empty()
