"""Begin the index anew: a way out when derived data is damaged or does not fit the log.

Room: sets the index environment aside, whole, and puts an empty one in its place. Everything in it
(snapshots, event batches, index records) is derived: the next start replays the log from its first
entry and makes it again. That needs a log which still begins at entry 1, so this is checked first.
Nothing is deleted.

Order: an empty environment is made under another name and flushed, then two renames. A crash
between them leaves no `index`; running it again finishes.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from storage.data_directory import INDEX_DATABASES, LOG_DATABASES, environment_paths
from storage.durable import fsync_directory
from storage.env import open_environment
from storage.errors import ForeignDataError, StorageError
from storage.journal import LmdbJournal
from storage.lock import DirectoryLock
from storage.marker import read_marker


class LogIsCutError(StorageError):
    """The log no longer begins at entry 1, so the index cannot be made from it."""

    def __init__(self, path: Path, first_index: int) -> None:
        super().__init__(
            f"{path}: the log begins at entry {first_index}, so the snapshots in the index are "
            "needed. Restore the index from a copy, or empty the directory and let the node catch "
            "up from its peer."
        )


def reset_index(path: Path) -> Path:
    """Replace the index of the data directory `path` by an empty one; return where the old one is.

    Raises:
        ForeignDataError: no data directory there.
        DataDirectoryBusyError: a node has it open.
        LogIsCutError: the log has lost its beginning; nothing is changed.
        CorruptionError: the log itself is damaged; nothing is changed.
    """
    if read_marker(path) is None:
        raise ForeignDataError(path, "there is no data directory here", "Check the path.")
    lock = DirectoryLock.acquire(path)
    try:
        log_path, index_path, _ = environment_paths(path)
        env = open_environment(log_path, LOG_DATABASES, readonly=True)
        try:
            first_index = LmdbJournal(env).first_index
        finally:
            env.close()
        if first_index != 1:
            raise LogIsCutError(path, first_index)
        fresh = path / "index.new"
        if fresh.exists():
            shutil.rmtree(fresh)  # of an attempt that was cut off
        open_environment(fresh, INDEX_DATABASES, create=True).close()
        fsync_directory(fresh)
        aside = _free_name(path)
        if index_path.exists():
            index_path.rename(aside)
        fresh.rename(index_path)
        fsync_directory(path)
        return aside
    finally:
        lock.release()


def _free_name(path: Path) -> Path:
    number = 1
    while (path / f"index.aside-{number}").exists():
        number += 1
    return path / f"index.aside-{number}"
