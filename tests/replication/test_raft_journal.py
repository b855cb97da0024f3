"""The register's journal: durable before it is told, whole or not at all, refused when damaged.

RELIABILITY section 1 rows 1 to 5, 7, 8, 20, 21; experiment E4; invariants I10 and I11.
"""

from __future__ import annotations

import errno
import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pysyncobj.journal import FileJournal

from replication import raft_journal
from replication.raft_file import DiskFile
from replication.raft_journal import ON_PROBATION, JournalRefused, RaftHalted, RaftJournal
from tests.replication.raft_cluster import Disk

CLUSTER = bytes(range(16))


def opened(disk: Disk, node: str = "n1", cluster: bytes = CLUSTER) -> RaftJournal:
    return RaftJournal(disk, cluster=cluster, node=node)


def entries(journal: RaftJournal) -> list[tuple[bytes, int, int]]:
    return journal[:]


def test_what_was_synced_is_there_again(tmp_path: Path) -> None:
    path = tmp_path / "register.log"
    journal = RaftJournal(DiskFile(path), cluster=CLUSTER, node="n1")
    journal.add(b"\1", 1, 0)
    journal.setCurrentTerm(7, "n2")
    journal.add(b"\0x", 2, 7)
    journal.remember_store("n2", 5)
    journal.set_standing(ON_PROBATION)
    journal.sync()
    journal.add(b"\0not synced", 3, 7)
    store_id = journal.store_id
    journal._destroy()
    again = RaftJournal(DiskFile(path), cluster=CLUSTER, node="n1")
    assert entries(again) == [(b"\1", 1, 0), (b"\0x", 2, 7)]
    assert (again.getCurrentTerm(), again.getVotedForNodeId()) == (7, "n2")
    assert (again.store_id, again.store_of("n2"), again.is_on_probation) == (store_id, 5, True)
    again._destroy()


def test_the_commit_index_is_not_kept() -> None:
    journal = opened(Disk())
    journal.setRaftCommitIndex(50)
    assert journal.getRaftCommitIndex() == 1


def test_one_sync_is_one_write_and_no_change_is_none() -> None:
    disk = Disk()
    journal = opened(disk)
    for index in range(1, 6):
        journal.add(b"\0x", index, 1)
    journal.sync()
    journal.sync()
    assert disk.appends == 1


def filled(disk: Disk) -> list[tuple[int, list[tuple[bytes, int, int]], int]]:
    """Write batches; (bytes, entries, term) after each."""
    journal = opened(disk)
    states = [(len(disk.content), entries(journal), 0)]
    journal.add(b"\1", 1, 0)
    journal.sync()
    states.append((len(disk.content), entries(journal), 0))
    for index in range(2, 6):
        journal.add(b"\0" + b"y" * index, index, 1)
    journal.setCurrentTerm(1, "n1")
    journal.sync()
    states.append((len(disk.content), entries(journal), 1))
    journal.deleteEntriesFrom(2)
    journal.add(b"\0other", 3, 2)
    journal.setCurrentTerm(2, None)
    journal.sync()
    states.append((len(disk.content), entries(journal), 2))
    return states


def test_a_file_cut_anywhere_gives_a_synced_state_back() -> None:
    """I10: a crash at every byte; a truncation and what replaces it come together or not."""
    disk = Disk()
    states = filled(disk)
    whole = disk.content
    for size in range(states[0][0], len(whole) + 1):
        cut = Disk()
        cut.content = whole[:size]
        journal = opened(cut)
        _, expected, term = max(state for state in states if state[0] <= size)
        assert entries(journal) == expected
        assert journal.getCurrentTerm() == term
        journal.add(b"\0more", journal.last_index + 1, 9)
        journal.sync()
        assert entries(opened(cut)) == entries(journal)


def test_zeros_at_the_end_are_a_torn_write() -> None:
    disk = Disk()
    states = filled(disk)
    disk.content += bytes(100)
    assert entries(opened(disk)) == states[-1][1]


def test_a_flipped_bit_anywhere_is_refused() -> None:
    """I11; the last batch too, since a vote could be in it."""
    disk = Disk()
    filled(disk)
    whole = disk.content
    for at in range(len(whole)):
        flipped = Disk()
        flipped.content = whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :]
        with pytest.raises(JournalRefused, match="its vote back"):
            opened(flipped)


@pytest.mark.parametrize("content", [b"x", b"garbage" * 10, bytes(5)])
def test_what_is_no_journal_is_refused(content: bytes) -> None:
    disk = Disk()
    disk.content = content
    with pytest.raises(JournalRefused):
        opened(disk)


@pytest.mark.parametrize(("node", "cluster"), [("n2", CLUSTER), ("n1", bytes(16))])
def test_a_journal_of_somebody_else_is_refused(node: str, cluster: bytes) -> None:
    disk = Disk()
    filled(disk)
    with pytest.raises(JournalRefused, match="of node 'n1'"):
        opened(disk, node, cluster)


def test_a_disk_that_fails_stops_the_voter_for_good() -> None:
    disk = Disk()
    journal = opened(disk)
    journal.add(b"\1", 1, 0)
    disk.tear = lambda data: data[:3]
    with pytest.raises(RaftHalted, match="power lost"):
        journal.sync()
    with pytest.raises(RaftHalted, match="power lost"):
        journal.sync()
    assert entries(opened(disk)) == []


def test_a_full_disk_stops_the_voter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = RaftJournal(DiskFile(tmp_path / "register.log"), cluster=CLUSTER, node="n1")
    journal.add(b"\1", 1, 0)

    def full(fd: int, data: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(RaftHalted, match="No space left"):
            journal.sync()
    journal._destroy()
    again = RaftJournal(DiskFile(tmp_path / "register.log"), cluster=CLUSTER, node="n1")
    assert entries(again) == []
    again._destroy()


def test_applied_entries_are_never_cut() -> None:
    journal = opened(Disk())
    for index in range(1, 6):
        journal.add(b"\0x", index, 1)
    journal.applied_index = 3
    journal.deleteEntriesFrom(3)
    with pytest.raises(RaftHalted, match="3 are applied"):
        journal.deleteEntriesFrom(2)


def test_compaction_is_refused() -> None:
    journal = opened(Disk())
    with pytest.raises(RaftHalted, match="compaction is off"):
        journal.deleteEntriesTo(3)


def test_dead_records_do_not_make_the_file_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raft_journal, "REWRITE_BYTES_MIN", 1000)
    disk = Disk()
    journal = opened(disk)
    journal.add(b"\1", 1, 0)
    for term in range(500):
        journal.setCurrentTerm(term, "n1")
        journal.sync()
    assert len(disk.content) < 2000
    again = opened(disk)
    assert again.getCurrentTerm() == 499
    assert entries(again) == [(b"\1", 1, 0)]


def test_e4_a_crash_in_a_rewrite_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E4: the bare journal clears itself and adds its entries again; ours is put in place whole."""
    bare = FileJournal(str(tmp_path / "bare"))
    for index in range(1, 201):
        bare.add(b"order", index, 1)
    added = bare.add
    count = 0

    def dies(*arguments: object) -> None:
        nonlocal count
        count += 1
        if count == 50:
            raise SystemExit("killed")
        added(*arguments)

    monkeypatch.setattr(bare, "add", dies)
    with pytest.raises(SystemExit):
        bare.deleteEntriesTo(1)
    assert len(FileJournal(str(tmp_path / "bare"))) == 49  # of 200

    monkeypatch.setattr(raft_journal, "REWRITE_BYTES_MIN", 1000)
    path = tmp_path / "ours"
    ours = RaftJournal(DiskFile(path), cluster=CLUSTER, node="n1")
    for index in range(1, 201):
        ours.add(b"\0order", index, 1)
    ours.sync()

    def killed(*_: object) -> None:
        raise SystemExit("killed")

    monkeypatch.setattr(os, "fsync", killed)
    with pytest.raises(SystemExit):
        grow(ours)
    monkeypatch.undo()
    again = RaftJournal(DiskFile(path), cluster=CLUSTER, node="n1")
    assert len(again) == 200
    again._destroy()


def grow(journal: RaftJournal) -> None:
    """Write dead records until the file is rewritten."""
    for term in range(2000):
        journal.setCurrentTerm(term, "n1")
        journal.sync()


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 1 << 32))
def test_any_history_reads_back(seed: int) -> None:
    rng = random.Random(seed)
    disk = Disk()
    journal = opened(disk)
    journal.add(b"\1", 1, 0)
    term = 0
    synced = None
    for _ in range(rng.randint(1, 40)):
        match rng.randint(0, 4):
            case 0 | 1:
                journal.add(bytes([0]) + rng.randbytes(rng.randint(0, 50)), len(journal) + 1, term)
            case 2 if len(journal) > 1:
                journal.deleteEntriesFrom(rng.randint(1, len(journal) - 1))
            case 3:
                term += 1
                journal.setCurrentTerm(term, rng.choice([None, "n1", "n2"]))
            case 4:
                journal.sync()
                synced = (entries(journal), journal.getCurrentTerm(), journal.getVotedForNodeId())
    if synced is not None:
        again = opened(disk)
        read = (entries(again), again.getCurrentTerm(), again.getVotedForNodeId())
        assert read == synced
