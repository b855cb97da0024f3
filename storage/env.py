"""An LMDB environment with every option written out, and the one way to read and write it.

Room: opens LMDB, turns its errors into ours, keeps the commit mark, and latches after a fault.
It knows databases and transactions, not what is in them.

Threads: a write transaction belongs to the thread that began it; the log environment has one
writer thread. Readers may be in any thread; each takes its own short read transaction, because
a long one stops LMDB from reusing pages and the file grows. Not usable across `fork()`.

Options, and why

    sync=True          commit returns after fdatasync of the pages: an acknowledgement is durable
    metasync=True      and after the meta page is on disk too: the last commit cannot be undone
                       (Durability.METASYNC_OFF leaves that out)
    writemap=False     the map is read-only: a stray write in the process cannot damage the file
    map_async=False    has no meaning without writemap; written out so that nobody adds it
    map_size           64 GiB: address space, not disk. Growing it later needs a stop of all
                       transactions, so it is large once; the disk-space alarm is the real bound
    lock=True          readers register, so pages they use are not reused
    subdir=True        data.mdb and lock.mdb in a directory of their own
    readahead=True     replay and catch-up read in order
    meminit=True       no old heap contents in unused parts of pages
    max_readers=126    LMDB's default; threads of one node and a few offline readers
    max_spare_txns=4   read transactions kept for reuse
    lib_version=0      LMDB 0.9, the on-disk format that storage.pages reads
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Final, Literal

import lmdb

from storage.commit_mark import MARK_FILE, CommitMark, check_mark, read_mark
from storage.errors import CorruptionError, DiskFaultError, StorageError
from storage.pages import DATA_FILE, quick_check

MAP_BYTES_DEFAULT: Final = 64 * 1024**3

_LIVE_ATTEMPTS: Final = 4
_LIVE_PAUSE_S: Final = 0.02

_CORRUPT_ACTION: Final = (
    "Refused. Run `exctl journal verify`; restore the data directory from a copy, or empty it "
    "and let the node catch up from its peer."
)
_CORRUPT_ERRORS: Final = (
    lmdb.CorruptedError,
    lmdb.PageNotFoundError,
    lmdb.InvalidError,
    lmdb.VersionMismatchError,
    lmdb.IncompatibleError,
)


class Durability(Enum):
    """What a returned commit means.

    SYNC: data and meta page are flushed; the commit survives power loss. The default.
    METASYNC_OFF: data is flushed, the meta page is not: integrity is kept, but power loss may
        undo the last commit. Saves one flush. Never for an acknowledgement that rests on a single
        copy. The commit mark is not kept, since an undone commit is then no fault.
    """

    SYNC = "sync"
    METASYNC_OFF = "metasync_off"


class LmdbEnv:
    """One open LMDB environment and its named databases."""

    def __init__(
        self, raw: lmdb.Environment, path: Path, names: Sequence[str], *, readonly: bool
    ) -> None:
        """Wrap an open environment; use `open_environment`."""
        self.raw = raw
        self.path = path
        self.file = str(path / DATA_FILE)
        self._mark: CommitMark | None = None
        self._fault: DiskFaultError | None = None
        self._databases = {name: raw.open_db(name.encode(), create=not readonly) for name in names}

    def database(self, name: str) -> lmdb._Database:
        """Return the handle of a database named at opening."""
        return self._databases[name]

    def read(self) -> ReadTransaction:
        """Return a read transaction for a `with` statement; keep it short.

        Raises CorruptionError when LMDB meets a damaged page.
        """
        return ReadTransaction(self)

    def write(self) -> WriteTransaction:
        """Return a write transaction for a `with` statement.

        Leaving the block commits (durable when `with` is left, see `Durability`); an exception
        in the block aborts, and nothing of it is visible.

        Raises:
            DiskFaultError: the write or an earlier one failed. The caller must stop the process.
            CorruptionError: LMDB met a damaged page.
        """
        return WriteTransaction(self)

    def sync(self) -> None:
        """Flush data and meta page, whatever the durability. Raises DiskFaultError."""
        self.refuse_after_fault()
        try:
            self.raw.sync(force=True)
        except (lmdb.Error, OSError) as error:
            raise self.fault(error) from error

    def entries(self, name: str) -> int:
        """Return the number of records in a database."""
        with self.read() as txn:
            return txn.stat(self._databases[name])["entries"]

    def keep_mark(self) -> None:
        """Start to keep the commit mark beside the data file (`storage.commit_mark`)."""
        self._mark = CommitMark(self.path)

    def note_commit(self, txn_id: int) -> None:
        """Note in the mark that commit `txn_id` is durable. Raises DiskFaultError."""
        if self._mark is None:
            return
        try:
            self._mark.note(txn_id)
        except OSError as error:
            raise self.fault(error) from error

    def refuse_after_fault(self) -> None:
        """Raise the first DiskFaultError again, once there was one."""
        if self._fault is not None:
            raise DiskFaultError(self.path, f"an earlier write failed ({self._fault.what})")

    def fault(self, error: BaseException) -> StorageError:
        """Translate a failed write; latches unless it is corruption."""
        if isinstance(error, _CORRUPT_ERRORS):
            return self.corrupt(error)
        self._fault = DiskFaultError(self.path, f"{type(error).__name__}: {error}")
        return self._fault

    def corrupt(self, error: BaseException) -> CorruptionError:
        """Translate LMDB's complaint about its own pages."""
        return CorruptionError(self.file, "", "", what=str(error), action=_CORRUPT_ACTION)

    def close(self) -> None:
        """Close; no transaction may be open."""
        self.raw.close()
        if self._mark is not None:
            self._mark.close()
            self._mark = None


class ReadTransaction:
    """Context manager of one read transaction; see `LmdbEnv.read`."""

    __slots__ = ("_env", "_txn")

    def __init__(self, env: LmdbEnv) -> None:
        self._env = env
        self._txn: lmdb.Transaction[bytes] | None = None

    def __enter__(self) -> lmdb.Transaction[bytes]:
        try:
            self._txn = self._env.raw.begin()
        except lmdb.Error as error:
            raise self._env.corrupt(error) from error
        return self._txn

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> Literal[False]:
        if self._txn is not None:
            self._txn.abort()
            self._txn = None
        if isinstance(error, lmdb.Error):
            raise self._env.corrupt(error) from error
        return False


class WriteTransaction:
    """Context manager of one write transaction; see `LmdbEnv.write`."""

    __slots__ = ("_env", "_txn")

    def __init__(self, env: LmdbEnv) -> None:
        self._env = env
        self._txn: lmdb.Transaction[bytes] | None = None

    def __enter__(self) -> lmdb.Transaction[bytes]:
        self._env.refuse_after_fault()
        try:
            self._txn = self._env.raw.begin(write=True)
        except (lmdb.Error, OSError) as error:
            raise self._env.fault(error) from error
        return self._txn

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> Literal[False]:
        txn = self._txn
        if txn is None:
            return False
        self._txn = None
        if error is not None:
            txn.abort()
            if isinstance(error, (lmdb.Error, OSError)):
                raise self._env.fault(error) from error
            return False
        try:
            txn_id = txn.id()
            txn.commit()
        except (lmdb.Error, OSError, MemoryError) as failure:
            raise self._env.fault(failure) from failure
        self._env.note_commit(txn_id)
        return False


def open_environment(
    path: Path,
    databases: Sequence[str],
    *,
    create: bool = False,
    readonly: bool = False,
    durability: Durability = Durability.SYNC,
    map_bytes: int = MAP_BYTES_DEFAULT,
) -> LmdbEnv:
    """Open the environment in the directory `path`, after checking that its file is sound.

    Args:
        path: directory of the environment; made when `create`.
        databases: names of all databases in it.
        create: allow a new, empty environment; without it a missing file is corruption.
        readonly: for offline readers, also while a node runs; changes nothing.
        durability: what a returned commit means.
        map_bytes: upper bound of the file; a write beyond it is a DiskFaultError.

    Raises:
        CorruptionError: meta pages, length or commit mark are wrong, or a database is missing.
        StorageError: the operating system or LMDB refuses to open it.
    """
    fresh = create and not (path / DATA_FILE).exists()
    if fresh:
        path.mkdir(mode=0o750, exist_ok=True)
    else:
        check_soundness(path, live=readonly)
    try:
        raw = lmdb.Environment(
            os.fspath(path),
            map_size=map_bytes,
            subdir=True,
            readonly=readonly,
            metasync=durability is Durability.SYNC,
            sync=True,
            map_async=False,
            mode=0o640,
            create=fresh,
            readahead=True,
            writemap=False,
            meminit=True,
            max_readers=126,
            max_dbs=len(databases),
            max_spare_txns=4,
            lock=True,
            lib_version=0,
        )
    except _CORRUPT_ERRORS as error:
        what = str(error)
        raise CorruptionError(str(path), "", "", what=what, action=_CORRUPT_ACTION) from error
    except (lmdb.Error, OSError) as error:
        raise StorageError(f"cannot open the LMDB environment {path}: {error}") from error
    try:
        env = LmdbEnv(raw, path, databases, readonly=readonly)
    except CorruptionError:
        raw.close()
        raise
    except lmdb.Error as error:
        raw.close()
        what = f"a database is missing or damaged: {error}"
        raise CorruptionError(str(path), "", "", what=what, action=_CORRUPT_ACTION) from error
    if not readonly:
        raw.reader_check()
        if durability is Durability.SYNC:
            env.keep_mark()
        else:
            (path / MARK_FILE).unlink(missing_ok=True)
    return env


def check_soundness(path: Path, *, live: bool = False) -> None:
    """Check meta pages, length and commit mark of the environment in `path`, without LMDB.

    Args:
        path: directory of the environment.
        live: a node may be writing the very page that is read; a fault is looked at again a few
            times, since damage stays and a half-written page does not.

    Raises:
        CorruptionError: one of them is wrong, or they do not fit each other.
    """
    for _ in range(_LIVE_ATTEMPTS if live else 0):
        try:
            return _check_once(path)
        except CorruptionError:
            time.sleep(_LIVE_PAUSE_S)
    return _check_once(path)


def _check_once(path: Path) -> None:
    mark = read_mark(path)  # before the data file: where a node writes, that is never behind it
    newest, older = quick_check(path)
    if mark is not None:
        check_mark(path, mark, newest, older)
