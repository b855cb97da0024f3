"""The commit mark: which commit is the newest, kept beside LMDB's own file.

Room: one small file per environment, written after each commit and compared at each start.
Why: LMDB keeps its two last commits in two meta pages and uses the one with the higher id. If a
damaged byte lowers the newer id or raises the older one, or a disk forgets a flush it has
confirmed, LMDB takes the commit before, in which nothing is wrong except that an acknowledged
entry is gone. The mark knows. It is written (not flushed) after the commit is durable, so it is
never ahead of the disk: a mark that is behind proves nothing, one that is ahead proves a loss.

    offset  size  type   field (little-endian)
    0       8     bytes  b"LSMARK1" 0x00
    8       8     u64    transaction id N of the newest commit
    16      4     u32    crc32c of the meta page of commit N, without its transaction id
    20      4     u32    the same of commit N - 1; 0 = not known
    24      4     u32    crc32c of bytes 0 to 24

After kill -9 the data file may hold commit N + 1 in the place of N - 1, with other content.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from storage.errors import CorruptionError
from storage.format import crc32c
from storage.pages import DATA_FILE, META_BYTES, TXN_ID_OFFSET, MetaPage, read_meta_pages

MARK_FILE: Final = "commit-mark"

_MAGIC: Final = b"LSMARK1\0"
_BODY = struct.Struct("<8sQII")
_MARK = struct.Struct("<8sQIII")
_TXN_ID = struct.Struct("=Q")
_ACTION: Final = (
    "Refused. Run `exctl journal verify` and compare with a copy or a peer; only if the last "
    "entries are known to be whole, remove this file and start again: it is then written anew."
)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a mark says: commit id, and the content CRCs of its meta page and of the one before."""

    txn_id: int
    newest_crc: int
    older_crc: int


class CommitMark:
    """Writer of one mark file; threads may write to it, each for its own commit."""

    def __init__(self, environment: Path) -> None:
        """Open or create the mark in the directory `environment` and mark its newest commit."""
        newest, older = read_meta_pages(environment / DATA_FILE)
        self._page_bytes = newest.page_bytes
        self._fd = os.open(environment / MARK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        self._data_fd = os.open(environment / DATA_FILE, os.O_RDONLY | os.O_CLOEXEC)
        self._write(newest.txn_id, newest.content_crc, older.content_crc)

    def note(self, txn_id: int) -> None:
        """Note that commit `txn_id` is durable; nothing if it changed nothing. Raises OSError."""
        pages = os.pread(self._data_fd, self._page_bytes + META_BYTES, 0)
        place = (txn_id & 1) * self._page_bytes
        other = self._page_bytes - place
        if _TXN_ID.unpack_from(pages, place + TXN_ID_OFFSET)[0] != txn_id:
            return  # an empty commit takes no id; or another thread has committed twice since
        known = _TXN_ID.unpack_from(pages, other + TXN_ID_OFFSET)[0] == txn_id - 1
        older = crc32c(pages[other : other + TXN_ID_OFFSET]) if known else 0
        self._write(txn_id, crc32c(pages[place : place + TXN_ID_OFFSET]), older)

    def close(self) -> None:
        """Close the files; the mark stays."""
        os.close(self._fd)
        os.close(self._data_fd)

    def _write(self, txn_id: int, newest_crc: int, older_crc: int) -> None:
        body = _BODY.pack(_MAGIC, txn_id, newest_crc, older_crc)
        os.pwrite(self._fd, body + crc32c(body).to_bytes(4, "little"), 0)


def read_mark(environment: Path) -> Mark | None:
    """Return the mark, or None when the file is not there or empty.

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
    magic, txn_id, newest_crc, older_crc, crc = _MARK.unpack(content)
    if magic != _MAGIC or crc != crc32c(content[: _BODY.size]):
        raise _corrupt(path, "the mark's magic or CRC32C is wrong")
    return Mark(txn_id, newest_crc, older_crc)


def check_mark(environment: Path, mark: Mark, newest: MetaPage, older: MetaPage) -> None:
    """Check that the data file holds the marked commit.

    Args:
        environment: named in the error.
        mark: read before the meta pages, when a node writes meanwhile.
        newest: meta page of the newest commit.
        older: meta page of the commit before.

    Raises:
        CorruptionError: the marked commit is gone, or its meta page is not the one it was.
    """
    path = environment / MARK_FILE
    if mark.txn_id > newest.txn_id:
        raise _corrupt(
            path,
            f"commit {mark.txn_id} was durable, but the data file ends at commit {newest.txn_id}: "
            "a damaged meta page, or a disk that forgot a flush",
        )
    marked = {newest.txn_id: newest, older.txn_id: older}.get(mark.txn_id)
    if marked is not None and marked.content_crc != mark.newest_crc:
        raise _corrupt(path, f"the meta page of commit {mark.txn_id} is not the one it was")
    posing = newest.txn_id == mark.txn_id + 1 and newest.content_crc == mark.older_crc
    if posing:
        raise _corrupt(
            path, f"commit {mark.txn_id - 1} poses as commit {newest.txn_id}: a damaged meta page"
        )


def _corrupt(path: Path, what: str) -> CorruptionError:
    return CorruptionError(str(path), "", "", what=what, action=_ACTION)
