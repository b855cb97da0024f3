"""A damaged index is derived data: it can be set aside and made anew, and nothing is deleted."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.data_directory import DataDirectory
from storage.errors import CorruptionError, DataDirectoryBusyError, ForeignDataError
from storage.event_layout import EventBatchRecord
from storage.format import ENTRY_BYTES_MAX
from storage.index_reset import LogIsCutError, reset_index


def filled(path: Path) -> None:
    with DataDirectory.open(path, create=True, cluster_id="c") as data:
        data.journal.append([(1, b"one"), (2, b"two"), (3, b"three")])
        data.events.append([EventBatchRecord(1, 4, 1, b"events")])


def test_log_stays_and_index_is_empty_after_a_reset(tmp_path: Path) -> None:
    path = tmp_path / "d"
    filled(path)

    aside = reset_index(path)

    assert (aside / "data.mdb").stat().st_size > 0
    with DataDirectory.open(path, create=False) as data:
        assert (data.journal.last_index, data.events.last_seq) == (3, 0)
    assert reset_index(path) != aside


def test_index_that_cannot_be_opened_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "d"
    filled(path)
    (path / "index" / "data.mdb").write_bytes(b"garbage" * 4096)
    with pytest.raises(CorruptionError):
        DataDirectory.open(path, create=False)

    reset_index(path)

    DataDirectory.open(path, create=False).close()


def test_crash_between_the_renames_is_finished_by_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "d"
    filled(path)
    (path / "index").rename(path / "index.aside-1")

    reset_index(path)

    with DataDirectory.open(path, create=False) as data:
        assert data.events.last_seq == 0


def test_log_without_its_beginning_needs_its_snapshots(tmp_path: Path) -> None:
    path = tmp_path / "d"
    filled(path)
    with DataDirectory.open(path, create=False) as data:
        data.journal.delete_prefix(3)

    with pytest.raises(LogIsCutError, match="begins at entry 3"):
        reset_index(path)
    with DataDirectory.open(path, create=False) as data:
        assert data.events.last_seq == 4


def test_busy_and_foreign_directories_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "d"
    with pytest.raises(ForeignDataError):
        reset_index(tmp_path)
    filled(path)
    with DataDirectory.open(path, create=False), pytest.raises(DataDirectoryBusyError):
        reset_index(path)


def test_a_batch_may_be_far_larger_than_an_entry(tmp_path: Path) -> None:
    # One entry may cancel every open order: its events are bounded by their length field only.
    large = EventBatchRecord(1, 600_000, 1, bytes(ENTRY_BYTES_MAX + 1))
    with DataDirectory.open(tmp_path / "d", create=True, cluster_id="c") as data:
        data.events.append([large])
        assert len(data.events.read_from(1, 1)[0].payload) == ENTRY_BYTES_MAX + 1
