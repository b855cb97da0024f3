"""The commit mark: the id of the newest commit, kept beside LMDB's own file.

Room: one small file per environment, written after each commit and compared at each start.
Why: LMDB keeps its two last commits in two meta pages and uses the one with the higher id. If a
damaged byte lowers that id, or a disk forgets a flush it has confirmed, LMDB falls back to the
commit before, in which nothing is wrong except that an acknowledged entry is gone. The mark says
that it was there. It is written (not flushed) after the commit is durable, so it is never ahead of
the disk: a mark that is behind proves nothing, a mark that is ahead proves a lost commit.

    offset  size  type   field (little-endian)
    0       8     bytes  b"LSMARK1" 0x00
    8       8     u64    transaction id
    16      4     u32    crc32c of bytes 0 to 16
"""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import Final

from storage.errors import CorruptionError
from storage.format import crc32c

MARK_FILE: Final = "commit-mark"

_MAGIC: Final = b"LSMARK1\0"
_BODY = struct.Struct("<8sQ")
_MARK = struct.Struct("<8sQI")
_ACTION: Final = (
    "Refused. Run `exctl journal verify` and compare with a copy or a peer; only if the last "
    "entries are known to be whole, remove this file and start again: it is then written anew."
)


class CommitMark:
    """Writer of one mark file; thread-safe, because each write is one small `pwrite`."""

    def __init__(self, environment: Path) -> None:
        """Open or create the mark file in the directory `environment`."""
        path = environment / MARK_FILE
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)

    def write(self, txn_id: int) -> None:
        """Note that commit `txn_id` is durable. Not flushed. Raises OSError."""
        body = _BODY.pack(_MAGIC, txn_id)
        os.pwrite(self._fd, body + crc32c(body).to_bytes(4, "little"), 0)

    def close(self) -> None:
        """Close the file; the mark stays."""
        os.close(self._fd)


def read_mark(environment: Path) -> int | None:
    """Return the transaction id of the mark, or None when the file is not there or empty.

    Raises:
        CorruptionError: the file is damaged.
    """
    path = environment / MARK_FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    if not content:
        return None
    if len(content) != _MARK.size:
        raise _corrupt(path, f"the mark has {len(content)} bytes, not {_MARK.size}")
    magic, txn_id, crc = _MARK.unpack(content)
    if magic != _MAGIC or crc != crc32c(content[: _BODY.size]):
        raise _corrupt(path, "the mark's magic or CRC32C is wrong")
    return int(txn_id)


def check_mark(environment: Path, newest_txn_id: int) -> None:
    """Check that the data file has reached the marked commit.

    Raises:
        CorruptionError: the mark is damaged, or commits it has seen are gone.
    """
    marked = read_mark(environment)
    if marked is not None and marked > newest_txn_id:
        raise _corrupt(
            environment / MARK_FILE,
            f"commit {marked} was durable, but the data file ends at commit {newest_txn_id}: "
            "a damaged meta page, or a disk that forgot a flush",
        )


def _corrupt(path: Path, what: str) -> CorruptionError:
    return CorruptionError(str(path), "", "", what=what, action=_ACTION)
