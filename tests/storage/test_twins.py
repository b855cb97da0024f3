"""The in-memory twins answer every sequence of calls as the LMDB stores do, errors included."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from storage.data_directory import DataDirectory
from storage.errors import CorruptionError, EntryNotFoundError
from storage.event_layout import EventBatchRecord
from storage.journal import LmdbJournal
from storage.memory import MemoryJournal
from storage.memory_index import MemoryEventStore

small = st.integers(0, 14)
keys = st.binary(min_size=1, max_size=2)


class TwinMachine(RuleBasedStateMachine):
    """Runs each call on both and compares answer or kind of error; reopens the disk at will."""

    def __init__(self) -> None:
        super().__init__()
        self.temporary = tempfile.TemporaryDirectory()
        self.path = Path(self.temporary.name)
        self.disk = DataDirectory.open(self.path / "data", create=True)
        self.journal = MemoryJournal()
        self.events = MemoryEventStore()

    def both(self, on_disk: Callable[[], object], in_memory: Callable[[], object]) -> None:
        assert answer(on_disk) == answer(in_memory)

    @rule(first=st.integers(-1, 2), sizes=st.lists(st.integers(0, 3), max_size=4))
    def append(self, first: int, sizes: list[int]) -> None:
        start = self.journal.last_index + 1 + (first if first != 2 else 0)
        batch = [(start + at, bytes([at]) * size) for at, size in enumerate(sizes)]
        self.both(lambda: self.disk.journal.append(batch), lambda: self.journal.append(batch))

    @rule(start=small, stop=st.none() | small)
    def scan(self, start: int, stop: int | None) -> None:
        def scan(journal: LmdbJournal | MemoryJournal) -> list[tuple[int, bytes]]:
            return list(journal.scan(start, stop))

        self.both(lambda: scan(self.disk.journal), lambda: scan(self.journal))

    @rule(index=small)
    def read(self, index: int) -> None:
        self.both(lambda: self.disk.journal.read(index), lambda: self.journal.read(index))
        self.both(
            lambda: self.disk.journal.chain_digest(index),
            lambda: self.journal.chain_digest(index),
        )

    @rule(before=small)
    def delete_prefix(self, before: int) -> None:
        self.both(
            lambda: self.disk.journal.delete_prefix(before),
            lambda: self.journal.delete_prefix(before),
        )

    @rule(first=small)
    def truncate(self, first: int) -> None:
        def truncate(journal: LmdbJournal | MemoryJournal, name: str) -> bytes | None:
            made = journal.truncate_suffix(first, self.path / name, "test")
            return made.read_bytes() if made else None

        self.both(lambda: truncate(self.disk.journal, "a"), lambda: truncate(self.journal, "b"))

    @rule(
        at=st.integers(-2, 2),
        size=st.integers(0, 2),
        content=st.sampled_from([b"x", b"y"]),
        index=st.lists(st.tuples(keys, keys), max_size=3),
    )
    def append_events(
        self, at: int, size: int, content: bytes, index: list[tuple[bytes, bytes]]
    ) -> None:
        first = self.events.last_seq + 1 + at
        batch = [EventBatchRecord(first, first + size, 1, content, index)]
        self.both(lambda: self.disk.events.append(batch), lambda: self.events.append(batch))

    @rule(seq=small, max_bytes=st.integers(0, 3))
    def read_events(self, seq: int, max_bytes: int) -> None:
        self.both(
            lambda: self.disk.events.read_from(seq, max_bytes),
            lambda: self.events.read_from(seq, max_bytes),
        )

    @rule(
        prefix=st.binary(max_size=1),
        start=st.none() | keys,
        limit=st.integers(0, 3),
        reverse=st.booleans(),
    )
    def scan_index(self, prefix: bytes, start: bytes | None, limit: int, reverse: bool) -> None:
        self.both(
            lambda: self.disk.events.scan_index(prefix, start=start, limit=limit, reverse=reverse),
            lambda: self.events.scan_index(prefix, start=start, limit=limit, reverse=reverse),
        )

    @rule(seq=small)
    def delete_before(self, seq: int) -> None:
        self.both(
            lambda: self.disk.events.delete_before(seq), lambda: self.events.delete_before(seq)
        )

    @rule()
    def reopen(self) -> None:
        self.disk.close()
        self.disk = DataDirectory.open(self.path / "data", create=False)

    @invariant()
    def bounds_are_equal(self) -> None:
        disk, memory = self.disk.journal, self.journal
        assert disk.first_index == memory.first_index
        assert disk.last_index == memory.last_index
        assert disk.last_chain_digest == memory.last_chain_digest
        assert self.disk.events.first_seq == self.events.first_seq
        assert self.disk.events.last_seq == self.events.last_seq

    def teardown(self) -> None:
        self.disk.close()
        self.temporary.cleanup()


def answer(call: Callable[[], object]) -> object:
    """Return what a call returned, or the kind of its refusal, with its numbers."""
    try:
        return call()
    except EntryNotFoundError as error:
        return (EntryNotFoundError, error.wanted, error.first, error.last)
    except (ValueError, CorruptionError) as error:
        return type(error)


TwinMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
test_twins_answer_alike = TwinMachine.TestCase
