"""A corrupted byte anywhere is detected, named and refused.

Bytes are flipped in the files while nobody has them open. LMDB keeps older copies of pages, so a
record's content stands in the file more than once: each copy is flipped in turn, and the one in
use must be found; and all at once.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from storage.data_directory import DataDirectory
from storage.errors import CorruptionError
from storage.pages import read_meta_pages, structure_faults
from storage.quarantine import read_quarantine
from storage.verify import verify

ENTRIES = 300  # as in conftest: what the sound directory holds
SECOND_CHUNK = b"<second chunk>"


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
    ("index", SECOND_CHUNK + b"200", "snapshot_chunks", "log index 200 chunk 1"),
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
        SECOND_CHUNK + b"200",
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
    flip(damaged / "index" / "data.mdb", SECOND_CHUNK + b"200")
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
