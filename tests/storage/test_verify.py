"""The report of the offline check, its child process, and its command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from storage.data_directory import DataDirectory
from storage.errors import CorruptionError, ForeignDataError
from storage.event_layout import EventBatchRecord
from storage.verify import verify

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data"
    with DataDirectory.open(path, create=True) as directory:
        directory.journal.append([(index, b"<%d>" % index) for index in range(1, 31)])
        directory.journal.delete_prefix(5)
        directory.events.append([EventBatchRecord(1, 9, 3, b"e", [(b"k", b"v"), (b"l", b"w")])])
        directory.snapshots.write(
            log_index=20,
            chain_digest=directory.journal.chain_digest(20),
            state_digest=b"s",
            next_event_seq=10,
            payload=b"payload",
            engine="reference",
        )
    return path


def test_the_report_of_a_sound_directory_counts_what_was_checked(data: Path) -> None:
    seen: list[str] = []
    report = verify(data, progress=lambda stage, _done, _total: seen.append(stage))

    with DataDirectory.open(data, create=False) as directory:
        digest = directory.journal.last_chain_digest.hex()
    assert report.ok
    assert (report.faults, report.notes, report.skipped) == ((), (), ())
    assert report.facts == {
        "log_first": 5,
        "log_last": 30,
        "log_entries": 26,
        "last_chain_digest": digest,
        "snapshots": 1,
        "event_batches": 1,
        "last_event_seq": 9,
        "index_records": 2,
        "quarantine_files": 0,
    }
    assert set(seen) == {"log content", "snapshots"}


def test_checking_changes_no_byte(data: Path) -> None:
    def content() -> dict[Path, bytes]:
        files = (path for path in data.rglob("*") if path.is_file() and path.name != "lock.mdb")
        return {path: path.read_bytes() for path in files}

    before = content()
    assert verify(data).ok
    assert content() == before


def test_a_checker_that_dies_is_a_named_fault_and_the_other_stages_run(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child that is killed in the middle of a stage, as a damaged page could."""
    wrapper = tmp_path / "python"
    wrapper.write_text(
        f'#!/bin/sh\nfor word; do last="$word"; [ "$word" = "log content" ] && hit=1; done\n'
        f'if [ "$6" = "log content" ]; then kill -SEGV $$; fi\n'
        f'if [ -n "$hit" ]; then\n'
        f'  {sys.executable} "$1" "$2" "$3" "$4" "$5" "$6" "$7"; kill -SEGV $$\n'
        f"fi\n"
        f'exec {sys.executable} "$@"\n'
    )
    wrapper.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(wrapper))

    report = verify(data)
    assert [(fault.key, "SIGSEGV" in fault.what) for fault in report.faults] == [
        ("log content", True)
    ]
    assert report.facts["snapshots"] == 1
    assert "log_last" not in report.facts


def test_a_directory_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ForeignDataError, match="no data directory here"):
        verify(tmp_path)


def test_a_lost_marker_is_a_fault(data: Path) -> None:
    (data / "LOCKSTEP").unlink()
    assert [fault.what for fault in verify(data).faults] == ["the marker file is missing"]


def test_a_lost_commit_mark_is_a_note_and_written_anew(data: Path) -> None:
    (data / "log" / "commit-mark").unlink()
    report = verify(data)
    assert report.ok
    assert report.notes == (f"{data / 'log' / 'commit-mark'} is missing; the next start writes it",)
    DataDirectory.open(data, create=False).close()
    assert verify(data).notes == ()


def test_leftover_chunks_are_a_note(data: Path) -> None:
    with DataDirectory.open(data, create=False) as directory:
        store = directory.snapshots
        with store._env.write() as txn:  # noqa: SLF001 - a write that was cut off
            txn.put((99).to_bytes(8, "big") + bytes(4), b"half", db=store._chunks)  # noqa: SLF001
    report = verify(data)
    assert report.ok
    assert report.notes == ("snapshot at log index 99: unfinished, the next start removes it",)


def test_index_records_and_batches_must_fit_each_other(data: Path) -> None:
    with DataDirectory.open(data, create=False) as directory:
        store = directory.events
        with store._env.write() as txn:  # noqa: SLF001 - plants the damage
            txn.delete(b"k", db=store._index)  # noqa: SLF001
    assert [(fault.database, fault.key) for fault in verify(data).faults] == [
        ("event_index", f"key {b'k'.hex()}")
    ]


def test_a_missing_batch_is_named(data: Path) -> None:
    with DataDirectory.open(data, create=False) as directory:
        store = directory.events
        store.append([EventBatchRecord(seq, seq, seq, b"e", [(b"m", b"")]) for seq in (10, 11, 12)])
        with store._env.write() as txn:  # noqa: SLF001 - plants the damage
            txn.delete((11).to_bytes(8, "big"), db=store._db)  # noqa: SLF001
        with pytest.raises(CorruptionError, match=r"seq 11.* is missing"):
            store.read_from(10, 100)
    (fault,) = verify(data).faults
    assert (fault.database, fault.key) == ("events", "seq 12")
    assert fault.what == "the batches from seq 11 on are missing before this one"


def test_the_command_prints_and_exits_by_what_it_found(data: Path, tmp_path: Path) -> None:
    def run(path: Path) -> tuple[int, str]:
        result = subprocess.run(
            [sys.executable, "-m", "storage.verify", str(path)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        return result.returncode, result.stdout + result.stderr

    status, text = run(data)
    assert (status, text.splitlines()[-1]) == (0, "sound")
    assert "log_last: 30" in text
    file = data / "log" / "data.mdb"
    file.write_bytes(file.read_bytes().replace(b"<17>", b"<71>"))
    status, text = run(data)
    assert status == 1
    assert "index 17]: CRC32C" in text
    assert run(tmp_path)[0] == 2
