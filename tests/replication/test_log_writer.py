"""The one writer of the log: order, joined flushes, holding it still, and its end."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from pathlib import Path

from replication.log_writer import HERE_BYTES_MAX, HERE_S_MAX, LogWriter, WriteEntries
from storage.errors import DiskFaultError
from storage.memory import MemoryJournal
from tests.replication.log_cluster import until


class GatedJournal(MemoryJournal):
    """Counts its writes; each waits for the gate."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.writes: list[list[int]] = []

    def append(self, entries: Sequence[tuple[int, bytes]], *, committed: int = 0) -> None:
        assert self.gate.wait(10)
        self.writes.append([index for index, _ in entries])
        super().append(entries, committed=committed)


def _one(index: int, committed: int = 0) -> WriteEntries:
    return WriteEntries([(index, b"%d" % index)], committed)


def test_appends_that_wait_share_a_flush_and_other_work_keeps_its_place() -> None:
    journal = GatedJournal()
    told: queue.Queue[tuple[int, bytes]] = queue.Queue()
    trail: list[int] = []
    faults: list[BaseException] = []
    writer = LogWriter(journal, lambda index, digest: told.put((index, digest)), faults.append)
    writer.start()
    writer.put(_one(1))
    until(lambda: not writer._queue, "the first write to begin")  # noqa: SLF001 - a seam of time
    for index in (2, 3, 4):
        writer.put(_one(index, committed=index - 1))
    writer.put(lambda: trail.append(journal.last_index))
    writer.put(_one(5))
    journal.gate.set()
    writer.stop()
    assert journal.writes == [[1], [2, 3, 4], [5]]
    assert trail == [4]
    assert [told.get(timeout=5)[0] for _ in range(3)] == [1, 4, 5]
    assert journal.committed_index == 3
    assert not faults


def test_a_primary_waits_for_what_was_queued_or_gives_up() -> None:
    journal = GatedJournal()
    writer = LogWriter(journal, lambda _, __: None, _raise)
    writer.start()
    writer.put(_one(1))
    assert not writer.hold(lambda: False)
    journal.gate.set()
    assert writer.hold(lambda: True)
    assert journal.last_index == 1
    writer.put(_one(2))
    threading.Event().wait(0.05)
    assert journal.last_index == 1
    writer.let_go()
    until(lambda: journal.last_index == 2, "the write that was kept still")
    writer.stop()


def test_a_fault_is_told_once_and_ends_the_writer() -> None:
    class Failing(MemoryJournal):
        def append(self, entries: Sequence[tuple[int, bytes]], *, committed: int = 0) -> None:
            raise DiskFaultError(Path("log"), "no space left")

    faults: list[BaseException] = []
    told: list[int] = []
    writer = LogWriter(Failing(), lambda index, _: told.append(index), faults.append)
    writer.start()
    writer.put(_one(1))
    writer.put(_one(2))
    until(lambda: bool(faults), "a fault")
    assert not writer.hold(lambda: True)
    writer.stop()
    assert [type(error) for error in faults] == [DiskFaultError]
    assert not told


def _raise(error: BaseException) -> None:
    raise error


def _attended() -> tuple[GatedJournal, LogWriter, list[tuple[int, str]]]:
    """An open journal, its writer, and who flushed up to what."""
    journal = GatedJournal()
    journal.gate.set()
    told: list[tuple[int, str]] = []
    writer = LogWriter(
        journal, lambda index, _: told.append((index, threading.current_thread().name)), _raise
    )
    writer.start()
    return journal, writer, told


def test_small_appends_are_written_by_who_brought_them_in_one_flush() -> None:
    journal, writer, told = _attended()
    here = threading.current_thread().name
    for index in (1, 2, 3):
        writer.put(_one(index), is_attended=True)
    threading.Event().wait(0.05)
    assert not journal.writes, "nobody was woken for what is attended"
    writer.attend()
    assert journal.writes == [[1, 2, 3]]
    assert told == [(3, here)]
    assert writer.hold(lambda: True), "nothing is left to wait for"
    writer.let_go()
    writer.attend()
    writer.stop()
    assert journal.writes == [[1, 2, 3]]


def test_much_and_other_work_are_left_to_the_writers_thread() -> None:
    journal, writer, told = _attended()
    writer.put(WriteEntries([(1, bytes(HERE_BYTES_MAX + 1))], 0), is_attended=True)
    writer.attend()
    until(lambda: len(told) == 1, "a long append")
    trail: list[str] = []
    writer.put(_one(2), is_attended=True)
    writer.put(lambda: trail.append(threading.current_thread().name))
    writer.attend()
    writer.stop()
    assert journal.last_index == 2
    assert {name for _, name in told} | set(trail) == {"log-writer"}


def test_a_slow_disk_is_left_to_the_writers_thread_until_it_is_quick_again() -> None:
    journal, writer, told = _attended()
    here = threading.current_thread().name
    journal.gate.clear()
    threading.Timer(3 * HERE_S_MAX, journal.gate.set).start()
    for index in (1, 2, 3):
        writer.put(_one(index), is_attended=True)
        writer.attend()
        assert writer.hold(lambda: True), "its flush is done"
        writer.let_go()
    writer.stop()
    assert told == [(1, here), (2, "log-writer"), (3, here)]


def test_what_comes_while_another_thread_writes_keeps_its_place() -> None:
    journal, writer, told = _attended()
    journal.gate.clear()
    writer.put(_one(1), is_attended=True)
    receiving = threading.Thread(target=writer.attend, name="receiving")
    receiving.start()
    until(lambda: writer.waits_here_s > 0, "the receiving thread to write")
    writer.put(_one(2))  # wakes the writer's thread, which must not go first
    writer.put(_one(3), is_attended=True)
    writer.attend()
    assert not writer.hold(lambda: False)
    journal.gate.set()
    receiving.join(10)
    writer.stop()
    assert [index for write in journal.writes for index in write] == [1, 2, 3]
    assert told[0] == (1, "receiving")
    assert writer.waits_here_s == 0
