"""How a follower gets level: from memory, from the journal, by snapshot; and where logs part."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replication import effects as e
from replication import log_stream
from replication.log_stream import SnapshotFacts
from replication.messages import Append, Envelope, Sync
from replication.prefix import PrefixSearch
from replication.tail import Tail
from storage.memory import MemoryJournal
from tests.replication.lab import Lab


@given(low=st.integers(0, 50), size=st.integers(0, 2_000), data=st.data())
def test_the_highest_equal_index_is_found_within_few_questions(
    low: int, size: int, data: st.DataObject
) -> None:
    high = low + size
    common = data.draw(st.integers(low - 1, high))
    search = PrefixSearch(low, high, data.draw(st.integers(0, 3_000)))
    questions = 0
    while not search.done:
        assert low <= search.asked <= high
        search.answer(search.asked, equal=search.asked <= common)
        questions += 1
    assert search.common == (common if common >= low else None)
    assert questions <= size.bit_length() + 3


def test_a_follower_that_lacks_old_entries_reads_them_from_the_journal() -> None:
    lab = Lab("a", "b").settle()
    entries = lab.write(50)
    lab.kill("b")
    lab.kill("a")
    lab.restart("a")
    lab.run(300)
    lab.restart("b", wiped=True)
    lab.run(600)
    assert lab["b"].entries() == entries
    assert any(isinstance(x, e.ReadEntries) for x in lab["a"].told)
    assert lab.register.in_sync == {"a": 1, "b": 102}


def test_a_follower_before_the_beginning_of_the_log_takes_a_snapshot() -> None:
    lab = Lab("a", "b").settle()
    lab.write(40)
    lab["a"].offer_snapshot(30)
    lab.kill("b")
    lab.run(1_500)
    lab.restart("b", wiped=True)
    lab.run(1_000)
    b = lab["b"]
    assert b.journal.first_index == 31
    assert b.entries() == lab["a"].entries()
    assert b.replica.committed_index == 40
    assert lab.register.in_sync == {"a": 1, "b": 102}
    stored = [x for x in b.told if isinstance(x, e.StoreChunk)]
    assert [x.chunk for x in stored] == [0, 1, 2]


@pytest.mark.parametrize(("chunks", "by_snapshot"), [(1, True), (3, False)])
def test_many_bytes_are_replaced_by_a_snapshot_that_has_fewer(
    chunks: int, *, by_snapshot: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few entries may hold millions of commands; a snapshot may be larger than they are."""
    monkeypatch.setattr(log_stream, "SNAPSHOT_GAP_BYTES", 700)
    monkeypatch.setattr(log_stream, "SNAPSHOT_CHUNK_BYTES", 400)
    lab = Lab("a", "b").settle()
    entries = lab.write(60)  # 13 or 14 bytes each
    assert 700 < sum(map(len, entries[:55])) < 3 * 400
    a = lab["a"]
    facts = SnapshotFacts(55, a.journal.chain_digest(55), chunks, b"manifest")
    a.perform(a.replica.on_snapshot(lab.now, facts))
    lab.kill("b")
    lab.run(1_500)
    lab.restart("b", wiped=True)
    lab.run(1_000)
    assert lab["b"].journal.first_index == (56 if by_snapshot else 1)
    assert lab["b"].journal.last_index == 60


def test_the_bytes_of_many_entries_are_guessed_from_a_few() -> None:
    journal = MemoryJournal()
    journal.append([(index, bytes(100 + index % 3)) for index in range(1, 1_001)])
    tail = Tail(journal)
    assert tail.bytes_about(1, 1_000) == pytest.approx(101_000, rel=0.02)
    assert tail.bytes_about(5, 5) == 102
    assert tail.bytes_about(6, 5) == 0


def test_a_snapshot_that_does_not_verify_is_asked_for_again() -> None:
    lab = Lab("a", "b").settle()
    lab.write(40)
    lab["a"].offer_snapshot(30)
    lab.kill("b")
    lab.run(1_500)
    b = lab["b"]
    b.fail_installs = 1
    lab.restart("b", wiped=True)
    lab.run(3_000)
    assert b.entries() == lab["a"].entries()
    assert len([x for x in b.told if isinstance(x, e.InstallSnapshot)]) == 2


def test_a_snapshot_that_is_gone_is_replaced_by_the_newest() -> None:
    """Simulator seed 69."""
    lab = Lab("a", "b").settle()
    lab.write(40)
    lab["a"].offer_snapshot(20)
    lab["a"].lost_chunks = True
    lab.kill("b")
    lab.run(1_500)
    lab.restart("b", wiped=True)
    lab.run(500)
    assert lab["b"].journal.last_index == 0
    assert "and none is newer" in lab["a"].replica.status(lab.now).alarms["NO_SNAPSHOT_FOR_b"]
    lab["a"].offer_snapshot(35)
    lab["a"].lost_chunks = False
    lab.run(6_000)
    assert "NO_SNAPSHOT_FOR_b" not in lab["a"].replica.status(lab.now).alarms
    assert lab["b"].journal.first_index == 36
    assert lab["b"].journal.last_index == 40


def test_a_sync_that_was_overtaken_cuts_nothing() -> None:
    """Simulator seeds 28 and 54: the follower's log has grown since it told where it ends."""
    lab = Lab("a", "b").settle()
    lab.write(5)
    b = lab["b"]
    link = lab.links[frozenset({"a", "b"})]
    sent = [x.envelope for x in lab["a"].told if isinstance(x, e.Send)]
    frame = next(x for x in reversed(sent) if isinstance(x.body, Append))
    digest = b.journal.chain_digest(3)
    stale = Envelope(frame.cluster, 1, frame.epoch, "a", Sync(77, 3, digest, 3, digest))
    b.told.clear()
    b.perform(b.replica.on_message(lab.now, "a", link, stale))
    assert not any(isinstance(x, e.Truncate) for x in b.told)
    assert b.journal.last_index == 5
    lab.run(500)
    lab.write(1)
    assert lab["a"].replica.committed_index == 6


def test_a_follower_that_gave_up_its_agreement_is_agreed_with_again() -> None:
    """Simulator seed 379: back at the same primary in a higher epoch."""
    lab = Lab("a", "b").settle()
    lab.write(3)
    lab.register_up = False
    b = lab["b"]
    b.perform(b.replica.on_register_health(lab.now, healthy=True))
    lab.ask("b", "fence", "a")  # promises a higher epoch; the register does not answer
    lab.run(100)
    lab.register_up = True
    for name in ("a", "b"):
        lab.tell_register(lab[name])
    lab.run(3_000)
    lab.link_all()
    lab.run(3_000)
    leader = lab.primary()
    before = leader.replica.committed_index
    leader.propose(b"goes on")
    lab.run(1_500)
    assert leader.replica.committed_index == before + 1


def test_a_report_of_flushing_that_a_cut_has_overtaken_is_worth_nothing() -> None:
    journal = MemoryJournal()
    tail = Tail(journal)
    tail.push(1, b"one")
    digest = tail.push(2, b"two")
    tail.cut(1)
    assert not tail.flushed(2, digest)
    tail.push(2, b"two")
    assert not tail.flushed(2, digest)  # of the entry before the cut, though the bytes are equal
    tail.was_cut(1)
    assert tail.durable_index == 1
    assert tail.flushed(2, digest)
    assert tail.durable_index == 2


def test_the_tail_refuses_a_gap() -> None:
    tail = Tail(MemoryJournal())
    with pytest.raises(ValueError, match="1 is next"):
        tail.push(2, b"two")
