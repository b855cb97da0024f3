"""A write or flush that fails: nothing of it is visible, the rest is whole, and writing ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from storage.data_directory import DataDirectory
from storage.errors import DiskFaultError
from storage.event_layout import EventBatchRecord
from storage.verify import verify

ROOT = Path(__file__).resolve().parents[2]

LIMITED = """
import resource, sys
from pathlib import Path
from storage.data_directory import DataDirectory
from storage.errors import DiskFaultError
directory = DataDirectory.open(Path(sys.argv[1]), create=True)
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
journal = directory.journal
acknowledged = 0
try:
    while True:
        journal.append([(acknowledged + 1, b"x" * 5000), (acknowledged + 2, b"y" * 5000)])
        acknowledged += 2
except DiskFaultError as error:
    print(error)
print(acknowledged, journal.last_index, len(list(journal.scan(1))))
try:
    journal.append([(acknowledged + 1, b"small")])
except DiskFaultError as error:
    print(error)
try:
    directory.meta.put_many({"epoch": b"1"})
except DiskFaultError as error:
    print(error)
"""


def test_a_write_that_the_system_refuses_stops_the_log(tmp_path: Path) -> None:
    """EFBIG stands for every failed write: full disk, quota, device error."""
    result = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path / "d")],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    first, counts, again, meta = result.stdout.splitlines()
    acknowledged, last_index, scanned = map(int, counts.split())

    assert acknowledged == last_index == scanned > 50
    assert "Input/output error" in first or "File too large" in first  # short write, then EFBIG
    assert "Stop the node" in first
    assert "an earlier write failed" in again
    assert "an earlier write failed" in meta
    assert verify(tmp_path / "d").faults == ()
    with DataDirectory.open(tmp_path / "d", create=False) as directory:
        assert directory.journal.last_index == acknowledged
        assert directory.journal.read(acknowledged) == b"y" * 5000
        assert directory.meta.get("epoch") is None
        directory.journal.append([(acknowledged + 1, b"goes on after the disk is mended")])


def test_a_full_map_is_a_disk_fault_and_leaves_nothing_of_the_batch(tmp_path: Path) -> None:
    directory = DataDirectory.open(tmp_path / "d", create=True, log_map_bytes=256 * 1024)
    journal = directory.journal
    journal.append([(1, b"one"), (2, b"two")])
    digest = journal.last_chain_digest

    with pytest.raises(DiskFaultError, match="MapFullError"):
        journal.append([(3, b"three"), (4, bytes(512 * 1024))])
    assert (journal.last_index, journal.last_chain_digest) == (2, digest)
    assert list(journal.scan(1)) == [(1, b"one"), (2, b"two")]
    with pytest.raises(DiskFaultError, match="an earlier write failed"):
        journal.append([(3, b"three")])
    with pytest.raises(DiskFaultError, match="an earlier write failed"):
        journal.delete_prefix(2)
    directory.close()

    assert verify(tmp_path / "d").facts["log_last"] == 2
    with DataDirectory.open(tmp_path / "d", create=False) as reopened:
        reopened.journal.append([(3, b"three"), (4, bytes(512 * 1024))])
        assert reopened.journal.last_index == 4


def test_a_full_index_stops_snapshots_and_events_and_not_the_log(tmp_path: Path) -> None:
    with DataDirectory.open(tmp_path / "d", create=True, index_map_bytes=1 << 20) as directory:
        directory.events.append([EventBatchRecord(1, 1, 1, b"e")])
        with pytest.raises(DiskFaultError, match="MapFullError"):
            directory.snapshots.write(
                log_index=1,
                chain_digest=bytes(16),
                state_digest=b"",
                next_event_seq=2,
                payload=bytes(3 << 20),
                engine="reference",
            )
        assert directory.snapshots.list() == []
        with pytest.raises(DiskFaultError, match="an earlier write failed"):
            directory.events.append([EventBatchRecord(2, 2, 1, b"e")])
        directory.journal.append([(1, b"goes on")])
    with DataDirectory.open(tmp_path / "d", create=False) as directory:
        assert directory.snapshots.list() == []
        assert directory.events.last_seq == 1


def test_a_quarantine_that_cannot_be_written_removes_nothing(tmp_path: Path) -> None:
    with DataDirectory.open(tmp_path / "d", create=True) as directory:
        directory.journal.append([(1, b"one"), (2, b"two")])
        blocked = tmp_path / "file"
        blocked.write_text("in the way")
        with pytest.raises(DiskFaultError, match="log-2-2"):
            directory.journal.truncate_suffix(2, blocked, "test")
        assert directory.journal.last_index == 2
        assert directory.journal.read(2) == b"two"


def test_a_mistake_of_the_caller_is_no_disk_fault(tmp_path: Path) -> None:
    with DataDirectory.open(tmp_path / "d", create=True) as directory:
        with pytest.raises(ValueError, match="where index 1 is next"):
            directory.journal.append([(2, b"")])
        directory.journal.append([(1, b"")])
        assert directory.journal.last_index == 1
