"""One contract per storage port, held by the LMDB and by the in-memory implementation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import xxhash

from storage.data_directory import DataDirectory
from storage.errors import CorruptionError, EntryNotFoundError
from storage.format import GENESIS_DIGEST
from storage.journal import LmdbJournal
from storage.memory import MemoryJournal, MemoryMeta
from storage.memory_index import MemorySnapshotStore
from storage.meta import KEY_BYTES_MAX, VALUE_BYTES_MAX, LmdbMeta
from storage.quarantine import read_quarantine
from storage.snapshot_layout import CHUNK_BYTES, SnapshotInfo, encode_manifest
from storage.snapshots import LmdbSnapshotStore
from storage.verify import verify

CHAIN = bytes(range(16))


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[DataDirectory]:
    with DataDirectory.open(tmp_path / "data", create=True) as opened:
        yield opened


@pytest.fixture(params=["lmdb", "memory"])
def journal(request: pytest.FixtureRequest) -> LmdbJournal | MemoryJournal:
    if request.param == "memory":
        return MemoryJournal()
    opened: DataDirectory = request.getfixturevalue("directory")
    return opened.journal


@pytest.fixture(params=["lmdb", "memory"])
def meta(request: pytest.FixtureRequest) -> LmdbMeta | MemoryMeta:
    if request.param == "memory":
        return MemoryMeta()
    opened: DataDirectory = request.getfixturevalue("directory")
    return opened.meta


@pytest.fixture(params=["lmdb", "memory"])
def snapshots(request: pytest.FixtureRequest) -> LmdbSnapshotStore | MemorySnapshotStore:
    if request.param == "memory":
        return MemorySnapshotStore()
    opened: DataDirectory = request.getfixturevalue("directory")
    return opened.snapshots


def entries(first: int, last: int) -> list[tuple[int, bytes]]:
    return [(index, b"entry %d" % index) for index in range(first, last + 1)]


class TestJournal:
    def test_a_new_log_is_empty_and_starts_at_one(
        self, journal: LmdbJournal | MemoryJournal
    ) -> None:
        assert (journal.first_index, journal.last_index) == (1, 0)
        assert journal.last_chain_digest == journal.chain_digest(0) == GENESIS_DIGEST
        assert list(journal.scan(1)) == []
        with pytest.raises(EntryNotFoundError) as caught:
            journal.read(1)
        assert (caught.value.wanted, caught.value.first, caught.value.last) == (1, 0, 0)

    def test_appended_entries_are_read_back_and_chained(
        self, journal: LmdbJournal | MemoryJournal
    ) -> None:
        journal.append(entries(1, 3))
        journal.append([(4, b"")])
        journal.append([])

        assert list(journal.scan(1)) == [*entries(1, 3), (4, b"")]
        assert list(journal.scan(2, 4)) == entries(2, 3)
        assert list(journal.scan(3, 3)) == []
        assert journal.read(2) == b"entry 2"
        digest = GENESIS_DIGEST
        for index, entry in journal.scan(1):
            digest = xxhash.xxh3_128_digest(digest + entry)
            assert journal.chain_digest(index) == digest
        assert journal.last_chain_digest == digest

    @pytest.mark.parametrize("indexes", [[2], [1, 3], [1, 1], [0], [5]])
    def test_an_index_that_is_not_next_is_refused_whole(
        self, journal: LmdbJournal | MemoryJournal, indexes: list[int]
    ) -> None:
        with pytest.raises(ValueError, match=r"where index \d is next"):
            journal.append([(index, b"x") for index in indexes])

        assert journal.last_index == 0
        assert journal.last_chain_digest == GENESIS_DIGEST
        journal.append(entries(1, 1))
        assert list(journal.scan(1)) == entries(1, 1)

    @pytest.mark.parametrize(("start", "stop"), [(0, None), (7, None), (1, 7), (9, 12)])
    def test_a_scan_outside_of_the_log_is_refused(
        self, journal: LmdbJournal | MemoryJournal, start: int, stop: int | None
    ) -> None:
        journal.append(entries(1, 5))

        with pytest.raises(EntryNotFoundError) as caught:
            list(journal.scan(start, stop))
        assert (caught.value.first, caught.value.last) == (1, 5)

    def test_a_dropped_prefix_leaves_the_chain_checkable(
        self, journal: LmdbJournal | MemoryJournal
    ) -> None:
        journal.append(entries(1, 9))
        chain = {index: journal.chain_digest(index) for index in range(10)}
        journal.delete_prefix(5)
        journal.delete_prefix(3)

        assert (journal.first_index, journal.last_index) == (5, 9)
        assert list(journal.scan(5)) == entries(5, 9)
        assert [journal.chain_digest(index) for index in range(4, 10)] == [
            chain[index] for index in range(4, 10)
        ]
        for gone in (3, 1):
            with pytest.raises(EntryNotFoundError):
                journal.chain_digest(gone)
        with pytest.raises(EntryNotFoundError):
            journal.read(4)
        with pytest.raises(ValueError, match="ends at 9"):
            journal.delete_prefix(11)

    def test_a_log_dropped_whole_goes_on_where_it_was(
        self, journal: LmdbJournal | MemoryJournal
    ) -> None:
        journal.append(entries(1, 4))
        digest = journal.last_chain_digest
        journal.delete_prefix(5)

        assert (journal.first_index, journal.last_index) == (5, 4)
        assert journal.last_chain_digest == digest
        assert list(journal.scan(5)) == []
        journal.append(entries(5, 6))
        assert list(journal.scan(5)) == entries(5, 6)
        assert journal.chain_digest(5) == xxhash.xxh3_128_digest(digest + b"entry 5")

    def test_a_removed_tail_is_in_quarantine_and_can_be_replaced(
        self, journal: LmdbJournal | MemoryJournal, tmp_path: Path
    ) -> None:
        journal.append(entries(1, 6))
        path = journal.truncate_suffix(4, tmp_path / "q", "epoch 7 replaced them")

        assert path is not None
        kept = read_quarantine(path)
        assert kept.reason == "epoch 7 replaced them"
        assert (kept.first_index, kept.last_index) == (4, 6)
        assert list(kept.entries) == entries(4, 6)
        assert kept.previous_chain_digest == journal.chain_digest(3)
        assert (journal.last_index, journal.last_chain_digest) == (3, journal.chain_digest(3))
        journal.append([(4, b"other")])
        assert list(journal.scan(3)) == [(3, b"entry 3"), (4, b"other")]

    def test_removing_nothing_writes_no_file_and_below_the_start_is_refused(
        self, journal: LmdbJournal | MemoryJournal, tmp_path: Path
    ) -> None:
        journal.append(entries(1, 6))
        journal.delete_prefix(3)

        assert journal.truncate_suffix(7, tmp_path / "q", "") is None
        assert not (tmp_path / "q").exists()
        with pytest.raises(ValueError, match="log starts at 3"):
            journal.truncate_suffix(2, tmp_path / "q", "")
        assert journal.truncate_suffix(3, tmp_path / "q", "all") is not None
        assert (journal.first_index, journal.last_index) == (3, 2)

    def test_two_removed_tails_of_the_same_range_are_two_files(
        self, journal: LmdbJournal | MemoryJournal, tmp_path: Path
    ) -> None:
        paths = []
        for content in (b"a", b"b"):
            journal.append([(1, content)])
            paths.append(journal.truncate_suffix(1, tmp_path, "again"))

        assert [read_quarantine(path).entries for path in paths if path] == [
            ((1, b"a"),),
            ((1, b"b"),),
        ]

    def test_the_committed_index_travels_with_an_append_and_never_falls(
        self, journal: LmdbJournal | MemoryJournal, tmp_path: Path
    ) -> None:
        assert journal.committed_index == 0
        journal.append(entries(1, 3))
        assert journal.committed_index == 0
        journal.append(entries(4, 5), committed=3)
        journal.append(entries(6, 6), committed=2)
        assert journal.committed_index == 3
        with pytest.raises(ValueError, match="committed up to 3"):
            journal.truncate_suffix(3, tmp_path, "a bug")
        assert journal.last_index == 6
        assert journal.truncate_suffix(4, tmp_path, "divergent") is not None
        assert journal.committed_index == 3

    def test_a_log_begins_anew_after_a_snapshot_beyond_its_end(
        self, journal: LmdbJournal | MemoryJournal
    ) -> None:
        journal.append(entries(1, 6), committed=6)
        with pytest.raises(ValueError, match="ends at 6"):
            journal.begin_after(6, CHAIN)
        journal.begin_after(1000, CHAIN)
        assert (journal.first_index, journal.last_index) == (1001, 1000)
        assert journal.last_chain_digest == journal.chain_digest(1000) == CHAIN
        assert journal.committed_index == 1000
        journal.append(entries(1001, 1002))
        assert list(journal.scan(1001)) == entries(1001, 1002)
        assert journal.chain_digest(1001) == xxhash.xxh3_128_digest(CHAIN + b"entry 1001")
        with pytest.raises(EntryNotFoundError):
            journal.read(6)


def test_a_log_that_began_anew_is_there_and_sound_after_a_restart(tmp_path: Path) -> None:
    with DataDirectory.open(tmp_path / "data", create=True) as data:
        data.journal.append(entries(1, 6), committed=5)
        data.journal.begin_after(1000, CHAIN)
        data.journal.append(entries(1001, 1002), committed=1001)
    report = verify(tmp_path / "data")
    assert report.ok, report.faults
    with DataDirectory.open(tmp_path / "data", create=False) as data:
        assert (data.journal.first_index, data.journal.last_index) == (1001, 1002)
        assert data.journal.committed_index == 1001
        assert list(data.journal.scan(1001)) == entries(1001, 1002)


class TestMeta:
    def test_values_are_put_together_and_replaced(self, meta: LmdbMeta | MemoryMeta) -> None:
        assert meta.get("epoch") is None
        meta.put_many({"epoch": b"\x01", "cluster": b"alpha", "empty": b""})
        meta.put_many({"epoch": b"\x02"})
        meta.put_many({})

        assert [meta.get(key) for key in ("epoch", "cluster", "empty", "Epoch")] == [
            b"\x02",
            b"alpha",
            b"",
            None,
        ]

    @pytest.mark.parametrize(
        ("key", "value"),
        [("", b""), ("k" * (KEY_BYTES_MAX + 1), b""), ("k", bytes(VALUE_BYTES_MAX + 1))],
    )
    def test_a_name_or_value_out_of_bounds_is_refused_whole(
        self, meta: LmdbMeta | MemoryMeta, key: str, value: bytes
    ) -> None:
        with pytest.raises(ValueError, match="bytes"):
            meta.put_many({"good": b"1", key: value})
        assert meta.get("good") is None

    def test_the_largest_name_and_value_are_taken(self, meta: LmdbMeta | MemoryMeta) -> None:
        meta.put_many({"k" * KEY_BYTES_MAX: bytes(VALUE_BYTES_MAX)})
        assert meta.get("k" * KEY_BYTES_MAX) == bytes(VALUE_BYTES_MAX)


class TestSnapshots:
    @pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES + 7])
    def test_a_payload_comes_back_whatever_its_number_of_chunks(
        self, snapshots: LmdbSnapshotStore | MemorySnapshotStore, size: int
    ) -> None:
        payload = bytes(number * 31 % 251 for number in range(size))
        info = write(snapshots, 7, payload)

        assert snapshots.read(7) == (info, payload)
        assert info.payload_bytes == size
        assert info.payload_digest == xxhash.xxh3_128_digest(payload)
        assert (info.log_index, info.next_event_seq, info.engine) == (7, 70, "reference")
        assert (info.chain_digest, info.state_digest) == (CHAIN, b"state 7")

    def test_newest_comes_first_and_the_oldest_are_dropped(
        self, snapshots: LmdbSnapshotStore | MemorySnapshotStore
    ) -> None:
        for index in (5, 300, 70):
            write(snapshots, index, b"payload %d" % index)

        assert [info.log_index for info in snapshots.list()] == [300, 70, 5]
        found, refused = snapshots.newest_verified()
        assert found is not None
        assert (found[0].log_index, found[1], refused) == (300, b"payload 300", [])
        found, _ = snapshots.newest_verified(at_most=299)
        assert found is not None
        assert found[0].log_index == 70
        assert snapshots.newest_verified(at_most=4) == (None, [])
        assert snapshots.delete_older_than_newest(2) == [5]
        assert snapshots.delete_older_than_newest(2) == []
        assert [info.log_index for info in snapshots.list()] == [300, 70]
        with pytest.raises(EntryNotFoundError) as caught:
            snapshots.read(5)
        assert (caught.value.first, caught.value.last) == (70, 300)
        with pytest.raises(ValueError, match="at least one"):
            snapshots.delete_older_than_newest(0)

    def test_none_is_stored_at_first(
        self, snapshots: LmdbSnapshotStore | MemorySnapshotStore
    ) -> None:
        assert snapshots.list() == []
        assert snapshots.newest_verified() == (None, [])
        with pytest.raises(EntryNotFoundError):
            snapshots.read(1)

    def test_another_payload_at_the_same_index_replaces(
        self, snapshots: LmdbSnapshotStore | MemorySnapshotStore
    ) -> None:
        write(snapshots, 7, bytes(3 * CHUNK_BYTES))
        write(snapshots, 7, b"small")
        again = write(snapshots, 7, b"small")

        assert snapshots.list() == [again]
        assert snapshots.read(7)[1] == b"small"

    @pytest.mark.parametrize(
        "wrong",
        [
            {"log_index": 0},
            {"chain_digest": b"short"},
            {"state_digest": bytes(65)},
            {"engine": "e" * 201},
            {"pace_bytes_per_s": 0},
        ],
    )
    def test_a_field_out_of_bounds_is_refused(
        self, snapshots: LmdbSnapshotStore | MemorySnapshotStore, wrong: dict[str, object]
    ) -> None:
        fields: dict[str, object] = {
            "log_index": 7,
            "chain_digest": CHAIN,
            "state_digest": b"",
            "next_event_seq": 1,
            "payload": b"x",
            "engine": "reference",
        }
        with pytest.raises(ValueError, match=r"low|bytes|positive"):
            snapshots.write(**{**fields, **wrong})  # type: ignore[arg-type]
        assert snapshots.list() == []


def write(
    store: LmdbSnapshotStore | MemorySnapshotStore, index: int, payload: bytes
) -> SnapshotInfo:
    return store.write(
        log_index=index,
        chain_digest=CHAIN,
        state_digest=b"state %d" % index,
        next_event_seq=index * 10,
        payload=payload,
        engine="reference",
    )


class TestTravellingSnapshots:
    def test_chunks_from_elsewhere_become_a_snapshot_once_they_give_it(
        self, snapshots: LmdbSnapshotStore | MemorySnapshotStore
    ) -> None:
        payload = b"state " * (CHUNK_BYTES // 3)
        source = MemorySnapshotStore()
        info = source.write(
            log_index=70,
            chain_digest=CHAIN,
            state_digest=b"s" * 16,
            next_event_seq=9,
            payload=payload,
            engine="reference",
        )
        manifest = encode_manifest(info)
        assert info.chunks > 1
        assert snapshots.newest_index == 0
        for number in range(info.chunks):
            snapshots.put_chunk(70, number, source.read_chunk(70, number))
        assert snapshots.newest_verified() == (None, [])
        assert snapshots.adopt(manifest) == info
        assert snapshots.newest_index == 70
        assert snapshots.read(70) == (info, payload)
        assert snapshots.read_chunk(70, 1) == source.read_chunk(70, 1)

    def test_chunks_that_do_not_give_what_was_described_are_no_snapshot(
        self, snapshots: LmdbSnapshotStore | MemorySnapshotStore
    ) -> None:
        source = MemorySnapshotStore()
        info = source.write(
            log_index=70,
            chain_digest=CHAIN,
            state_digest=b"s" * 16,
            next_event_seq=9,
            payload=b"right",
            engine="reference",
        )
        snapshots.put_chunk(70, 0, b"wrong")
        with pytest.raises(CorruptionError):
            snapshots.adopt(encode_manifest(info))
        assert snapshots.newest_index == 0
        with pytest.raises(ValueError, match="manifest"):
            snapshots.adopt(b"no manifest")
        snapshots.put_chunk(70, 0, b"right")
        assert snapshots.adopt(encode_manifest(info)) == info
