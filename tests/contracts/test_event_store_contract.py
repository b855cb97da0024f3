"""The contract of the event store, held by the LMDB and by the in-memory implementation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.data_directory import DataDirectory
from storage.errors import CorruptionError, EntryNotFoundError
from storage.event_layout import INDEX_KEY_BYTES_MAX, INDEX_VALUE_BYTES_MAX, EventBatchRecord
from storage.events import LmdbEventStore
from storage.memory_index import MemoryEventStore

Store = LmdbEventStore | MemoryEventStore


@pytest.fixture(params=["lmdb", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryEventStore()
        return
    with DataDirectory.open(tmp_path / "data", create=True) as opened:
        yield opened.events


def batch(first: int, last: int, *keys: bytes) -> EventBatchRecord:
    index = [(key, b"%s of %d" % (key, first)) for key in keys]
    return EventBatchRecord(first, last, first * 10, b"events %d" % first, index)


def bare(first: int, last: int) -> EventBatchRecord:
    return EventBatchRecord(first, last, first * 10, b"events %d" % first)


def test_a_new_store_is_empty(store: Store) -> None:
    assert (store.first_seq, store.last_seq) == (0, 0)
    assert store.read_from(1, 100) == []
    assert store.scan_index(b"", limit=10) == []
    store.delete_before(100)
    assert store.last_seq == 0


def test_batches_are_read_from_the_one_that_holds_the_sequence(store: Store) -> None:
    store.append([batch(1, 3), batch(4, 4)])
    store.append([batch(5, 9)])
    store.append([])

    assert (store.first_seq, store.last_seq) == (1, 9)
    assert store.read_from(1, 10**6) == [bare(1, 3), bare(4, 4), bare(5, 9)]
    assert store.read_from(3, 10**6) == [bare(1, 3), bare(4, 4), bare(5, 9)]
    assert store.read_from(7, 10**6) == [bare(5, 9)]
    assert store.read_from(10, 10**6) == []
    assert store.read_from(2, 0) == [bare(1, 3)]
    assert store.read_from(2, len(b"events 1") + 1) == [bare(1, 3), bare(4, 4)]


def test_the_first_batch_may_begin_anywhere_and_a_gap_is_refused_whole(store: Store) -> None:
    store.append([batch(100, 101)])
    with pytest.raises(ValueError, match="seq 104 where 103 is next"):
        store.append([batch(102, 102, b"k"), batch(104, 104)])

    assert (store.first_seq, store.last_seq) == (100, 101)
    assert store.scan_index(b"", limit=10) == []
    with pytest.raises(EntryNotFoundError) as caught:
        store.read_from(99, 1)
    assert (caught.value.first, caught.value.last) == (100, 101)


def test_a_replay_of_equal_batches_changes_nothing(store: Store) -> None:
    store.append([batch(1, 3, b"order"), batch(4, 6, b"order")])
    store.append([batch(1, 3, b"order"), batch(4, 6, b"order"), batch(7, 7)])

    assert store.last_seq == 7
    assert store.scan_index(b"order", limit=10) == [(b"order", b"order of 4")]


@pytest.mark.parametrize(
    "other",
    [
        EventBatchRecord(4, 6, 40, b"events X"),
        EventBatchRecord(4, 6, 41, b"events 4"),
        EventBatchRecord(4, 5, 40, b"events 4"),
        EventBatchRecord(5, 6, 40, b"events 4"),
    ],
)
def test_a_replay_that_differs_is_refused(store: Store, other: EventBatchRecord) -> None:
    """DESIGN I3: equal index, equal digest; other events from the same log are a fork."""
    store.append([batch(1, 3), batch(4, 6)])

    with pytest.raises(CorruptionError, match=r"replay differs.*same log gave different events"):
        store.append([batch(1, 3), other, batch(7, 7)])
    assert store.last_seq == 6


def test_index_records_are_found_by_prefix_in_both_directions(store: Store) -> None:
    names = [b"a1", b"b", b"b1", b"b2", b"b3", b"b\xff", b"b\xff\xff", b"c"]
    store.append([batch(1, 1, *reversed(names))])

    def scan(
        prefix: bytes, start: bytes | None = None, *, limit: int = 99, reverse: bool
    ) -> list[bytes]:
        found = store.scan_index(prefix, start=start, limit=limit, reverse=reverse)
        assert all(value == b"%s of 1" % key for key, value in found)
        return [key for key, _ in found]

    under_b = [b"b", b"b1", b"b2", b"b3", b"b\xff", b"b\xff\xff"]
    assert scan(b"b", reverse=False) == under_b
    assert scan(b"b", reverse=True) == under_b[::-1]
    assert scan(b"", reverse=False) == names
    assert scan(b"", reverse=True) == names[::-1]
    assert scan(b"b", b"b2", reverse=False) == [b"b2", b"b3", b"b\xff", b"b\xff\xff"]
    assert scan(b"b", b"b2", reverse=True) == [b"b2", b"b1", b"b"]
    assert scan(b"b", b"b22", limit=1, reverse=False) == [b"b3"]
    assert scan(b"b", b"b22", limit=1, reverse=True) == [b"b2"]
    assert scan(b"b\xff", reverse=True) == [b"b\xff\xff", b"b\xff"]
    assert scan(b"\xff", reverse=True) == []
    assert scan(b"d", reverse=False) == []
    with pytest.raises(ValueError, match="at least 1"):
        store.scan_index(b"b", limit=0)
    with pytest.raises(ValueError, match="begin with the prefix"):
        store.scan_index(b"b", start=b"c", limit=1)


def test_dropped_batches_take_their_own_index_records_along(store: Store) -> None:
    store.append([batch(1, 3, b"x", b"y"), batch(4, 6, b"y", b"z"), batch(7, 9, b"w")])
    store.delete_before(6)
    assert (store.first_seq, store.last_seq) == (4, 9)
    assert [key for key, _ in store.scan_index(b"", limit=9)] == [b"w", b"y", b"z"]

    store.append([batch(1, 3, b"x", b"y")])  # replay of what is dropped: passed over
    assert store.first_seq == 4
    store.delete_before(10**9)
    assert (store.first_seq, store.last_seq) == (7, 9)
    assert store.read_from(8, 100) == [bare(7, 9)]
    assert store.scan_index(b"", limit=9) == [(b"w", b"w of 7")]
    with pytest.raises(EntryNotFoundError):
        store.read_from(6, 100)


@pytest.mark.parametrize(
    "wrong",
    [
        EventBatchRecord(0, 0, 1, b""),
        EventBatchRecord(5, 4, 1, b""),
        EventBatchRecord(2, 2, 1, b"", [(b"", b"")]),
        EventBatchRecord(2, 2, 1, b"", [(bytes(INDEX_KEY_BYTES_MAX + 1), b"")]),
        EventBatchRecord(2, 2, 1, b"", [(b"k", bytes(INDEX_VALUE_BYTES_MAX + 1))]),
    ],
)
def test_a_batch_out_of_bounds_is_refused_whole(store: Store, wrong: EventBatchRecord) -> None:
    with pytest.raises(ValueError, match=r"range|bytes"):
        store.append([batch(1, 1), wrong])
    assert store.last_seq == 0


def test_many_batches_are_dropped(store: Store) -> None:
    store.append([batch(seq, seq, b"%05d" % seq) for seq in range(1, 1001)])
    store.delete_before(900)

    assert (store.first_seq, store.last_seq) == (900, 1000)
    assert len(store.scan_index(b"", limit=10**6)) == 101


def test_a_cleared_store_begins_anywhere(store: Store) -> None:
    store.append([batch(1, 3, b"k1"), batch(4, 4, b"k2")])
    store.clear()
    assert (store.first_seq, store.last_seq) == (0, 0)
    assert store.read_from(1, 100) == []
    assert store.scan_index(b"", limit=10) == []
    store.append([batch(100, 101, b"k3")])
    assert (store.first_seq, store.last_seq) == (100, 101)
    assert [key for key, _ in store.scan_index(b"", limit=10)] == [b"k3"]
