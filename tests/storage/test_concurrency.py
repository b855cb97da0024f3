"""Readers beside the writer, a snapshot beside appends, and the offline check beside a node."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage.data_directory import DataDirectory
from storage.errors import EntryNotFoundError
from storage.event_layout import EventBatchRecord
from storage.snapshot_layout import CHUNK_BYTES
from storage.verify import verify


@contextmanager
def running(*loops: Callable[[], object]) -> Iterator[list[BaseException]]:
    """Run each loop body again and again in a thread of its own until the block ends."""
    stop = threading.Event()
    errors: list[BaseException] = []

    def run(body: Callable[[], object]) -> None:
        try:
            while not stop.is_set():
                body()
        except BaseException as error:
            errors.append(error)
            raise

    threads = [threading.Thread(target=run, args=(body,)) for body in loops]
    for thread in threads:
        thread.start()
    try:
        yield errors
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_a_scan_in_slow_steps_pins_no_pages_and_sees_no_later_entry(tmp_path: Path) -> None:
    with DataDirectory.open(tmp_path / "d", create=True) as directory:
        journal = directory.journal
        journal.append([(index, bytes(1000)) for index in range(1, 10_001)])
        scan = journal.scan(1)
        assert next(scan) == (1, bytes(1000))
        journal.append([(10_001, b"later")])
        readers = directory.journal._env.raw.readers().split()[3:]  # noqa: SLF001 - pid, thread, id
        assert set(readers[2::3]) == {"-"}  # no read transaction is open
        assert sum(1 for _ in scan) == 9_999


def test_a_scan_whose_entries_are_dropped_meanwhile_says_so(tmp_path: Path) -> None:
    with DataDirectory.open(tmp_path / "d", create=True) as directory:
        journal = directory.journal
        journal.append([(index, bytes(1000)) for index in range(1, 10_001)])
        scan = journal.scan(1)
        next(scan)
        journal.delete_prefix(9_000)
        with pytest.raises(EntryNotFoundError) as caught:
            list(scan)
        assert caught.value.first == 9_000


def test_readers_beside_the_writer_see_whole_prefixes(tmp_path: Path) -> None:
    with DataDirectory.open(tmp_path / "d", create=True) as directory:
        journal, events = directory.journal, directory.events

        def read() -> None:
            last = journal.last_index
            assert [index for index, _ in journal.scan(1, last + 1)] == list(range(1, last + 1))
            seqs = [batch.last_seq for batch in events.read_from(1, 10**9)]
            assert seqs == list(range(1, len(seqs) + 1))

        with running(read, read) as errors:
            for index in range(1, 301):
                journal.append([(index, b"entry %d" % index)])
                events.append([EventBatchRecord(index, index, index, b"e")])
        assert errors == []


def test_snapshots_and_events_share_their_environment(tmp_path: Path) -> None:
    with DataDirectory.open(tmp_path / "d", create=True) as directory:
        written = iter(range(1, 10**6))

        def snapshot() -> None:
            index = next(written)
            directory.snapshots.write(
                log_index=index,
                chain_digest=bytes(16),
                state_digest=b"",
                next_event_seq=index,
                payload=index.to_bytes(4, "big") * (1 << 20),
                engine="reference",
                pace_bytes_per_s=1 << 30,
            )
            directory.snapshots.delete_older_than_newest(2)

        with running(snapshot) as errors:
            for seq in range(1, 301):
                directory.events.append([EventBatchRecord(seq, seq, seq, b"e", [(b"k", b"v")])])
                directory.journal.append([(seq, b"x")])
        assert errors == []
        found, refused = directory.snapshots.newest_verified()
        assert found is not None
        assert refused == []
        assert len(directory.snapshots.list()) <= 2
        assert directory.events.last_seq == 300


def test_a_paced_snapshot_keeps_to_its_rate(tmp_path: Path) -> None:
    with DataDirectory.open(tmp_path / "d", create=True) as directory:
        start = time.monotonic()
        directory.snapshots.write(
            log_index=1,
            chain_digest=bytes(16),
            state_digest=b"",
            next_event_seq=1,
            payload=bytes(4 * CHUNK_BYTES),
            engine="reference",
            pace_bytes_per_s=20 * CHUNK_BYTES,
        )
        assert time.monotonic() - start >= 4 / 20


def test_a_running_node_can_be_verified_while_it_writes(tmp_path: Path) -> None:
    with DataDirectory.open(tmp_path / "d", create=True) as directory:
        journal, events = directory.journal, directory.events
        journal.append([(index, b"entry %d" % index) for index in range(1, 2001)])
        events.append([EventBatchRecord(1, 2000, 1, b"e")])

        def write() -> None:
            first = journal.last_index + 1
            journal.append([(index, b"entry %d" % index) for index in range(first, first + 20)])
            events.append([EventBatchRecord(first, first + 19, first, b"e", [(b"k", b"v")])])
            journal.delete_prefix(first - 1000)
            events.delete_before(first - 1000)

        with running(write) as errors:
            reports = [verify(tmp_path / "d") for _ in range(4)]
        assert errors == []
        for report in reports:
            assert report.faults == ()
            assert report.skipped == ()
        assert int(reports[-1].facts["log_last"]) > int(reports[0].facts["log_last"]) >= 2000
