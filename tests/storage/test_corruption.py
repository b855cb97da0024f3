"""A corrupted byte anywhere is detected, named and refused.

Bytes are flipped in the files while nobody has them open. LMDB keeps older copies of pages, so a
record's content stands in the file more than once: each copy is flipped in turn, and the one in
use must be found; and all at once.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.data_directory import DataDirectory, environment_paths
from storage.errors import CorruptionError, StorageError
from storage.event_layout import EventBatchRecord
from storage.pages import read_meta_pages, structure_faults
from storage.quarantine import read_quarantine
from storage.snapshot_layout import CHUNK_BYTES
from storage.verify import verify
from storage.verify_content import STAGES, Findings, run_stage

ENTRIES = 300
CHUNK_MARKS = [b"<first chunk>", b"<second chunk>"]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with some of everything, closed."""
    path = tmp_path_factory.mktemp("sound") / "data"
    with DataDirectory.open(path, create=True, cluster_id="alpha") as directory:
        journal = directory.journal
        for first in range(1, ENTRIES, 20):
            journal.append([(index, b"<entry %d>" % index) for index in range(first, first + 20)])
        journal.append([(ENTRIES + 1, b"<long>" + bytes(20_000) + b"<tail>")])
        journal.append([(ENTRIES + 2, b"to be removed")])
        journal.truncate_suffix(ENTRIES + 2, directory.quarantine_path, "replaced")
        journal.delete_prefix(10)
        directory.meta.put_many({"epoch": b"<epoch value>", "node": b"<node value>"})
        filler = bytes(CHUNK_BYTES - len(CHUNK_MARKS[0]))
        for index in (100, 200):
            directory.snapshots.write(
                log_index=index,
                chain_digest=journal.chain_digest(index),
                state_digest=b"<state %d>" % index,
                next_event_seq=index,
                payload=CHUNK_MARKS[0] + filler + CHUNK_MARKS[1] + b"%d" % index,
                engine=f"<engine {index}>",
            )
        for seq in range(1, 60):
            index_records = [(b"<key %d>" % seq, b"<value %d>" % seq)]
            batch = EventBatchRecord(seq, seq, seq, b"<batch %d>" % seq, index_records)
            directory.events.append([batch])
    return path


@pytest.fixture
def damaged(sound: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "data"
    shutil.copytree(sound, copy)
    return copy


def flip(file: Path, content: bytes, *, nth: int | None = None) -> int:
    """Flip a bit of the nth copy (None = all) of `content` in a file; return the copies found."""
    data = bytearray(file.read_bytes())
    copies = 0
    at = data.find(content)
    while at >= 0:
        if nth is None or nth == copies:
            data[at + len(content) // 2] ^= 0x10
        copies += 1
        at = data.find(content, at + len(content))
    file.write_bytes(data)
    return copies


CASES = [
    ("log", b"<entry 123>", "log", "index 123"),
    ("log", b"<tail>", "log", f"index {ENTRIES + 1}"),
    ("log", b"<epoch value>", "meta", "key 'epoch'"),
    ("index", b"<state 200>", "snapshots", "log index 200"),
    ("index", b"<engine 100>", "snapshots", "log index 100"),
    ("index", CHUNK_MARKS[1] + b"200", "snapshot_chunks", "log index 200 chunk 1"),
    ("index", b"<batch 42>", "events", "seq 42"),
    ("index", b"<value 42>", "event_index", f"key {b'<key 42>'.hex()}"),
]


@pytest.mark.parametrize(("environment", "content", "database", "key"), CASES)
def test_a_flipped_bit_in_a_record_is_named(
    damaged: Path, environment: str, content: bytes, database: str, key: str
) -> None:
    file = damaged / environment / "data.mdb"
    original = file.read_bytes()
    copies = flip(file, content)
    assert copies >= 1
    report = verify(damaged)
    named = [(fault.file, fault.database, fault.key) for fault in report.faults]
    assert (str(file), database, key) in named
    assert all("CRC32C" in fault.what for fault in report.faults if fault.key == key)
    assert not report.ok

    found_by_one_copy = 0
    for nth in range(copies):
        file.write_bytes(original)
        flip(file, content, nth=nth)
        found_by_one_copy += not verify(damaged).ok
    assert found_by_one_copy == 1  # the copy in use, and only that one


def _scan_log(directory: DataDirectory) -> object:
    return list(directory.journal.scan(10))


READS: list[tuple[str, bytes, Callable[[DataDirectory], object], str]] = [
    ("log", b"<entry 123>", lambda opened: opened.journal.read(123), "[log index 123]"),
    ("log", b"<entry 123>", _scan_log, "[log index 123]"),
    ("log", b"<epoch value>", lambda opened: opened.meta.get("epoch"), "[meta key 'epoch']"),
    ("index", b"<state 200>", lambda opened: opened.snapshots.list(), "[snapshots log index 200]"),
    (
        "index",
        CHUNK_MARKS[1] + b"200",
        lambda opened: opened.snapshots.read(200),
        "[snapshot_chunks log index 200 chunk 1]",
    ),
    ("index", b"<batch 42>", lambda opened: opened.events.read_from(42, 1), "[events seq 42]"),
    (
        "index",
        b"<value 42>",
        lambda opened: opened.events.scan_index(b"<key 4", limit=99),
        "[event_index key ",
    ),
]


@pytest.mark.parametrize(("environment", "content", "read", "named"), READS)
def test_a_damaged_record_is_refused_where_it_is_read(
    damaged: Path,
    environment: str,
    content: bytes,
    read: Callable[[DataDirectory], object],
    named: str,
) -> None:
    flip(damaged / environment / "data.mdb", content)
    with (
        DataDirectory.open(damaged, create=False) as directory,
        pytest.raises(CorruptionError) as caught,
    ):
        read(directory)
    assert named in str(caught.value)
    assert "Refused" in str(caught.value)


def test_damage_among_the_last_entries_is_found_at_the_start(damaged: Path) -> None:
    flip(damaged / "log" / "data.mdb", b"<entry 290>")
    with pytest.raises(CorruptionError, match="index 290"):
        DataDirectory.open(damaged, create=False)


def test_a_damaged_snapshot_gives_way_to_an_older_one_and_says_so(damaged: Path) -> None:
    flip(damaged / "index" / "data.mdb", CHUNK_MARKS[1] + b"200")
    with DataDirectory.open(damaged, create=False) as directory:
        found, refused = directory.snapshots.newest_verified()
        assert found is not None
        assert found[0].log_index == 100
        assert [one.log_index for one in refused] == [200]
        assert "chunk 1]: CRC32C" in refused[0].why

        info = found[0]
        directory.snapshots.write(  # a sound one at the same place replaces it
            log_index=200,
            chain_digest=directory.journal.chain_digest(200),
            state_digest=b"again",
            next_event_seq=200,
            payload=found[1],
            engine=info.engine,
        )
        newest, refused = directory.snapshots.newest_verified()
        assert newest is not None
        assert (newest[0].log_index, refused) == (200, [])
    assert verify(damaged).ok


def test_a_record_moved_to_another_key_is_refused(damaged: Path) -> None:
    """A whole record at the wrong place has a good body and a wrong CRC."""
    with DataDirectory.open(damaged, create=False) as directory:
        env, db = directory.meta._env, directory.meta._db  # noqa: SLF001 - plants the damage
        with env.write() as txn:
            record = txn.get(b"node", db=db)
            assert record is not None
            txn.put(b"epoch", record, db=db)
        with pytest.raises(CorruptionError, match="belongs to another key"):
            directory.meta.get("epoch")
        assert directory.meta.get("node") == b"<node value>"


def test_missing_and_exchanged_entries_are_named(damaged: Path) -> None:
    with DataDirectory.open(damaged, create=False) as directory:
        env, db = directory.journal._env, directory.journal._db  # noqa: SLF001 - plants the damage
        with env.write() as txn:
            txn.delete((50).to_bytes(8, "big"), db=db)
            other = txn.get((61).to_bytes(8, "big"), db=db)
            assert other is not None
            txn.put((60).to_bytes(8, "big"), other, db=db)
        with pytest.raises(CorruptionError, match=r"index 60\]: the record belongs to index 61"):
            directory.journal.read(60)
        with pytest.raises(CorruptionError, match=r"index 50\]: the entry is missing"):
            list(directory.journal.scan(40))
    named = {fault.key: fault.what for fault in verify(damaged).faults}
    assert named["index 50"] == "entries 50..50 are missing"
    assert named["index 60"] == "the record belongs to index 61"
    with pytest.raises(CorruptionError, match="entries are stored for indexes"):
        DataDirectory.open(damaged, create=False)


def test_an_entry_with_a_good_crc_that_breaks_the_chain_is_named(damaged: Path) -> None:
    from storage.format import encode_log_record  # noqa: PLC0415 - forges one record

    with DataDirectory.open(damaged, create=False) as directory:
        journal = directory.journal
        forged = encode_log_record(77, journal.chain_digest(77), b"another entry")
        with journal._env.write() as txn:  # noqa: SLF001 - plants the damage
            txn.put((77).to_bytes(8, "big"), forged, db=journal._db)  # noqa: SLF001
        with pytest.raises(CorruptionError, match=r"index 77\]: chain digest is"):
            list(journal.scan(70))
    faults = verify(damaged).faults
    assert [fault.key for fault in faults] == ["index 77"]


def test_every_flipped_byte_of_the_commit_mark_is_refused(damaged: Path) -> None:
    mark = damaged / "log" / "commit-mark"
    content = mark.read_bytes()
    for position in range(len(content)):
        wrong = bytearray(content)
        wrong[position] ^= 0x80
        mark.write_bytes(wrong)
        with pytest.raises(CorruptionError, match="commit-mark"):
            DataDirectory.open(damaged, create=False)
    assert any("commit-mark" in fault.file for fault in verify(damaged).faults)


def test_every_flipped_byte_of_a_quarantine_file_is_refused(damaged: Path) -> None:
    (file,) = (damaged / "quarantine").iterdir()
    content = file.read_bytes()
    for position in range(len(content)):
        wrong = bytearray(content)
        wrong[position] ^= 0x02
        file.write_bytes(wrong)
        with pytest.raises(CorruptionError, match=r"\.quarantine"):
            read_quarantine(file)
    assert [fault.file for fault in verify(damaged).faults] == [str(file)]


@pytest.mark.parametrize("commits", [1, 2])
def test_an_older_commit_that_poses_as_the_newest_is_refused(damaged: Path, commits: int) -> None:
    """LMDB takes the meta page with the higher id; a flipped bit of an id can be either way."""
    file = damaged / "log" / "data.mdb"
    with DataDirectory.open(damaged, create=False) as directory:
        for number in range(commits):  # so that the newest commit is once in each meta page
            directory.meta.put_many({"epoch": b"%d" % number})
    data = bytearray(file.read_bytes())
    newest, older = read_meta_pages(file)
    at = older.place * 4096 + 144
    data[at : at + 8] = (newest.txn_id + 1).to_bytes(8, "little")
    file.write_bytes(data)

    with pytest.raises(CorruptionError, match=f"commit {older.txn_id} poses as"):
        DataDirectory.open(damaged, create=False)
    assert any("poses as" in fault.what for fault in verify(damaged).faults)
    data[at : at + 8] = older.txn_id.to_bytes(8, "little")
    at = newest.place * 4096 + 144
    data[at : at + 8] = (newest.txn_id - 2).to_bytes(8, "little")
    file.write_bytes(data)
    with pytest.raises(CorruptionError, match=f"commit {newest.txn_id} was durable"):
        DataDirectory.open(damaged, create=False)


@pytest.mark.parametrize("pages", [0, 1, 2, 5])
def test_a_file_cut_short_is_refused_before_lmdb_maps_it(damaged: Path, pages: int) -> None:
    file = damaged / "log" / "data.mdb"
    file.write_bytes(file.read_bytes()[: pages * 4096])

    with pytest.raises(CorruptionError, match=r"data\.mdb: "):
        DataDirectory.open(damaged, create=False)
    report = verify(damaged)
    assert any(fault.file == str(file) for fault in report.faults)
    assert "log content" in report.skipped
    assert report.facts["snapshots"] == 2  # the other environment is still checked


def test_a_page_of_rubbish_is_found_without_a_crash(damaged: Path) -> None:
    file = damaged / "index" / "data.mdb"
    data = bytearray(file.read_bytes())
    newest, _ = read_meta_pages(file)
    main_root = int.from_bytes(data[newest.place * 4096 + 128 :][:8], "little")
    data[main_root * 4096 + 16 : main_root * 4096 + 600] = b"\xa5" * 584
    file.write_bytes(data)

    assert structure_faults(damaged / "index") != []
    report = verify(damaged)
    assert any(fault.key == "LMDB pages" for fault in report.faults)
    assert "snapshots" in report.skipped


def everything(path: Path) -> object:
    """Read all content through the stores."""
    with DataDirectory.open(path, create=False) as directory:
        journal = directory.journal
        snapshots = [directory.snapshots.read(one.log_index) for one in directory.snapshots.list()]
        return (
            directory.marker,
            (journal.first_index, journal.last_index, journal.last_chain_digest),
            list(journal.scan(journal.first_index)),
            [directory.meta.get(key) for key in ("epoch", "node")],
            snapshots,
            (directory.events.first_seq, directory.events.last_seq),
            directory.events.read_from(1, 10**9),
            directory.events.scan_index(b"", limit=10**6),
        )


@pytest.mark.parametrize("environment", ["log", "index"])
def test_any_flipped_byte_is_detected_or_was_not_in_use(
    sound: Path, tmp_path_factory: pytest.TempPathFactory, environment: str
) -> None:
    """Property: verify finds the damage, or everything reads back as it was written."""
    copy = tmp_path_factory.mktemp("property") / "data"
    shutil.copytree(sound, copy)
    expected = everything(copy)
    file = environment_paths(copy)[environment == "index"] / "data.mdb"
    original = file.read_bytes()
    metas = st.integers(0, 2 * 4096 - 1) | st.integers(0, 160) | st.integers(4096, 4096 + 160)
    outcomes = {"detected": 0, "unused": 0}

    @settings(max_examples=400, deadline=None, database=None)
    @given(position=metas | st.integers(0, len(original) - 1), bit=st.integers(0, 7))
    def check(position: int, bit: int) -> None:
        wrong = bytearray(original)
        wrong[position] ^= 1 << bit
        file.write_bytes(wrong)
        if stage_faults(copy):
            outcomes["detected"] += 1
            return
        try:
            content = everything(copy)
        except StorageError as error:
            raise AssertionError(f"verify missed byte {position} bit {bit}: {error}") from error
        assert content == expected, f"byte {position} bit {bit}"
        file.write_bytes(original)
        outcomes["unused"] += 1

    check()
    assert outcomes["detected"] > 20
    assert outcomes["unused"] > 20


def stage_faults(path: Path) -> list[object]:
    """What the stages report, in this process, up to the first one with a fault.

    Structure is walked without LMDB before LMDB opens the file, so this cannot crash.
    """
    faults: list[object] = []

    def emit(report: dict[str, object]) -> None:
        faults.extend([report["fault"]] if "fault" in report else [])

    for stage in STAGES:
        run_stage(path, stage, Findings(emit))
        if faults:
            break
    return faults
