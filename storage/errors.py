"""The errors of storage; each says what is wrong and what to do about it.

Room: exception types only; this module imports nothing of ours and does nothing.

    StorageError
      DataDirectoryAccessError  the directory cannot be created, read or written by this user
      ForeignDataError          not a Lockstep data directory, another format, another cluster
      DataDirectoryBusyError    another process has it open
      CorruptionError           bytes on disk are not the bytes that were written: refuse them
      DiskFaultError            a write or a flush failed: the process must stop (fail-stop)
      EntryNotFoundError        a position outside of what is stored

A wrong call (an entry out of order, a value too large) is a `ValueError`: it is the caller's bug.
"""

from __future__ import annotations

from pathlib import Path


class StorageError(Exception):
    """Root of the tree; never raised itself."""


class DataDirectoryAccessError(StorageError):
    """The operating system refused access to the data directory."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"cannot use data directory {path}: {why}. "
            "Give the user that runs the node read and write access, or choose another directory."
        )
        self.path = path


class ForeignDataError(StorageError):
    """The directory is not one this node may use: foreign, of another format or cluster."""

    def __init__(self, path: Path, what: str, action: str) -> None:
        super().__init__(f"{path}: {what}. {action}")
        self.path = path
        self.what = what
        self.action = action


class DataDirectoryBusyError(StorageError):
    """Another process holds the lock of the data directory.

    Args:
        path: the data directory.
        pid: process id of the holder; 0 when it could not be read.
    """

    def __init__(self, path: Path, pid: int) -> None:
        holder = f"process {pid}" if pid else "another process"
        super().__init__(
            f"data directory {path} is in use by {holder}. "
            "Stop that node first (`exchange down`), or give this one its own directory."
        )
        self.path = path
        self.pid = pid


class CorruptionError(StorageError):
    """Bytes on disk differ from what was written; they are refused, never repaired by guess.

    Args:
        file: the file or LMDB environment that holds the bytes.
        database: name of the LMDB database in it, or "" for a plain file.
        key: the record, as a person would name it ("index 42"), or "".
        what: what differs.
        action: what to do.
    """

    def __init__(self, file: str, database: str, key: str, *, what: str, action: str) -> None:
        where = " ".join(part for part in (database, key) if part)
        super().__init__(f"{file}{f' [{where}]' if where else ''}: {what}. {action}")
        self.file = file
        self.database = database
        self.key = key
        self.what = what
        self.action = action


class DiskFaultError(StorageError):
    """A write, commit or flush failed; what is on disk of that call is nothing, or unknown.

    After it every further write of the same environment is refused. A failed flush may have
    dropped dirty pages, so repeating it proves nothing: the process stops and recovers from disk.
    """

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(
            f"writing {path} failed: {what}. Stop the node, look at the disk (space, limits, "
            "kernel log), and start it again: it recovers everything that was acknowledged."
        )
        self.path = path
        self.what = what


class EntryNotFoundError(StorageError):
    """The position asked for is not stored.

    Args:
        noun: "log index", "event seq" or "snapshot at log index".
        wanted: the position asked for.
        first: first position stored (0 when nothing is stored).
        last: last position stored (0 when nothing is stored).
    """

    def __init__(self, noun: str, wanted: int, *, first: int, last: int) -> None:
        kept = f"{first}..{last} are stored" if last >= first > 0 else "nothing is stored"
        super().__init__(
            f"{noun} {wanted} is not here: {kept}. "
            "Earlier ones are dropped after a snapshot; ask from the first one, or from a snapshot."
        )
        self.wanted = wanted
        self.first = first
        self.last = last
