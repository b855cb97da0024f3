"""The data directory of one node: identity, lock, layout, and the stores in it.

Room: finds out whether a directory is ours and free, and opens everything in it in a safe order.

    DIR/LOCKSTEP       marker: format version, cluster id (storage.marker)
    DIR/lock           pid and flock of the process that has it open (storage.lock)
    DIR/log/           LMDB environment: databases log, meta; commit-mark
    DIR/index/         LMDB environment: databases snapshots, snapshot_chunks, events,
                       event_index; commit-mark
    DIR/quarantine/    removed tails of the log (storage.quarantine)

Order of making one: `LOCKSTEP.creating`, then the environments, then the rename to `LOCKSTEP`.
So a marker means that everything was made, and whatever is missing later was lost, not never there.
A directory where only `LOCKSTEP.creating` stands was cut off before its first use: it is made anew.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from storage import events, journal, meta, snapshots
from storage.durable import fsync_directory, write_durably
from storage.env import MAP_BYTES_DEFAULT, Durability, LmdbEnv, open_environment
from storage.errors import DataDirectoryAccessError, ForeignDataError, StorageError
from storage.events import LmdbEventStore
from storage.journal import LmdbJournal
from storage.lock import LOCK_FILE, DirectoryLock
from storage.marker import FORMAT_VERSION, MARKER_FILE, Marker, read_marker
from storage.meta import LmdbMeta
from storage.snapshots import LmdbSnapshotStore

LOG_DATABASES: Final = (journal.DATABASE, meta.DATABASE)
INDEX_DATABASES: Final = (
    snapshots.DATABASE,
    snapshots.CHUNK_DATABASE,
    events.DATABASE,
    events.INDEX_DATABASE,
)

_CREATING_FILE: Final = f"{MARKER_FILE}.creating"
_LOG, _INDEX, _QUARANTINE = "log", "index", "quarantine"
_NOT_DATA: Final = frozenset({LOCK_FILE, f"{_CREATING_FILE}.partial", "lost+found"})


class DataDirectory:
    """An open data directory, held by this process until `close`.

    Attributes:
        path: the directory.
        marker: its identity.
        journal, meta: stores of the log environment; one writer thread.
        snapshots, events: stores of the index environment.
        quarantine_path: where removed tails go.
    """

    def __init__(
        self, path: Path, marker: Marker, lock: DirectoryLock, *, envs: tuple[LmdbEnv, LmdbEnv]
    ) -> None:
        """Open the stores in two open environments; use `open`."""
        self.path = path
        self.marker = marker
        self.quarantine_path = path / _QUARANTINE
        self._lock = lock
        self._envs = envs
        log_env, index_env = envs
        self.journal = LmdbJournal(log_env)
        self.meta = LmdbMeta(log_env)
        self.snapshots = LmdbSnapshotStore(index_env)
        self.events = LmdbEventStore(index_env)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        create: bool,
        cluster_id: str = "",
        durability: Durability = Durability.SYNC,
        log_map_bytes: int = MAP_BYTES_DEFAULT,
        index_map_bytes: int = MAP_BYTES_DEFAULT,
    ) -> DataDirectory:
        """Open the data directory `path` for this process alone.

        Checked before anything is trusted: marker, lock, meta pages, length and commit mark of both
        data files, the last entries of the log. `storage.verify` checks every byte.

        Args:
            path: the directory; made, with its parents, when `create` and absent or empty.
            create: allow a new one.
            cluster_id: written into a new one; an existing one must have the same. "" = any.
            durability: of the log environment; the index environment is always SYNC.
            log_map_bytes: upper bound of the log's file.
            index_map_bytes: upper bound of the index's file.

        Raises:
            ForeignDataError: not ours, absent without `create`, other format, other cluster.
            DataDirectoryBusyError: another process has it open; named by pid.
            DataDirectoryAccessError: the operating system refuses.
            CorruptionError: something in it is damaged or missing.
        """
        try:
            marker = _identify(path, cluster_id, create=create)
            lock = DirectoryLock.acquire(path)
        except OSError as error:
            raise DataDirectoryAccessError(path, str(error)) from error
        opened: list[LmdbEnv] = []
        try:
            if marker is None:  # asked again: another process may have made it meanwhile
                marker = _identify(path, cluster_id, create=create) or _make(path, cluster_id)
            for name, databases, map_bytes in (
                (_LOG, LOG_DATABASES, log_map_bytes),
                (_INDEX, INDEX_DATABASES, index_map_bytes),
            ):
                level = durability if name == _LOG else Durability.SYNC
                opened.append(
                    open_environment(path / name, databases, durability=level, map_bytes=map_bytes)
                )
            return cls(path, marker, lock, envs=(opened[0], opened[1]))
        except (StorageError, OSError) as error:
            for env in opened:
                env.close()
            lock.release()
            if isinstance(error, OSError):
                raise DataDirectoryAccessError(path, str(error)) from error
            raise

    def close(self) -> None:
        """Close the stores and give the lock up; no other thread may use them any more."""
        for env in self._envs:
            env.close()
        self._lock.release()

    def free_bytes(self) -> int:
        """Return the bytes that may still be written to the disk of the directory."""
        return free_bytes(self.path)

    def __enter__(self) -> Self:
        """Return itself; leaving the block closes it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def free_bytes(path: Path) -> int:
    """Return the bytes free to an ordinary user on the disk that holds `path`. Raises OSError."""
    stat = os.statvfs(path)
    return stat.f_bavail * stat.f_frsize


def environment_paths(path: Path) -> tuple[Path, Path, Path]:
    """Return the log environment, the index environment and the quarantine of a directory."""
    return path / _LOG, path / _INDEX, path / _QUARANTINE


def _identify(path: Path, cluster_id: str, *, create: bool) -> Marker | None:
    """Return the marker; None when the directory is to be made, which `create` allows."""
    marker = read_marker(path)
    if marker is not None:
        if cluster_id and marker.cluster_id != cluster_id:
            raise ForeignDataError(
                path,
                f"it belongs to cluster {marker.cluster_id!r}, this node to {cluster_id!r}",
                "Point the node at its own directory, or correct its cluster id.",
            )
        return marker
    names = {entry.name for entry in path.iterdir()} if path.exists() else set()
    if names - _NOT_DATA and _CREATING_FILE not in names:
        raise ForeignDataError(
            path,
            f"it is not empty and has no {MARKER_FILE} file, so it is not a data directory",
            "Choose an empty or a new directory; nothing was changed in this one.",
        )
    if not create:
        raise ForeignDataError(
            path,
            "there is no data directory here",
            "Check the path, or start the node with leave to create one (`exchange up`).",
        )
    path.mkdir(mode=0o750, parents=True, exist_ok=True)
    return None


def _make(path: Path, cluster_id: str) -> Marker:
    marker = Marker(FORMAT_VERSION, cluster_id)
    write_durably(path / _CREATING_FILE, marker.encode())
    for name, databases in ((_LOG, LOG_DATABASES), (_INDEX, INDEX_DATABASES)):
        if (path / name).exists():
            shutil.rmtree(path / name)  # of an attempt that was cut off before its first use
        open_environment(path / name, databases, create=True).close()
        fsync_directory(path / name)
    (path / _QUARANTINE).mkdir(mode=0o750, exist_ok=True)
    (path / _CREATING_FILE).rename(path / MARKER_FILE)
    fsync_directory(path)
    fsync_directory(path.parent)
    return marker
