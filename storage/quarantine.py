"""Quarantine files: the removed tail of a log, kept as evidence and for a person to judge.

Room: writes and reads one file format. A removed entry may have been acknowledged to somebody,
so it is never simply deleted (RELIABILITY section 5.1, rule 6).

    offset  size  type   field (little-endian)
    0       8     bytes  b"LSQUAR1" 0x00
    8       8     u64    first log_index
    16      8     u64    last log_index
    24      16    bytes  chain digest of the entry before the first one
    40      4     u32    length of the reason, bytes
    44      n     UTF-8  reason
    then for each entry, in order:
    0       4     u32    length of the log record, bytes
    4       m     bytes  log record (storage.format)
    at the end:
    0       4     u32    crc32c of everything before
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from storage.durable import fsync_directory
from storage.errors import CorruptionError, DiskFaultError
from storage.format import (
    DIGEST_BYTES,
    crc32c,
    crc32c_extend,
    decode_log_record,
    next_chain_digest,
)

SUFFIX: Final = ".quarantine"

_MAGIC: Final = b"LSQUAR1\0"
_HEADER = struct.Struct("<8sQQ16sI")
_U32 = struct.Struct("<I")
_ACTION: Final = "Refused. Keep the file for inspection; the node does not need it to run."


@dataclass(frozen=True, slots=True)
class Quarantine:
    """A removed tail: why, which indexes (inclusive), and the entries in order."""

    reason: str
    first_index: int
    last_index: int
    previous_chain_digest: bytes
    entries: tuple[tuple[int, bytes], ...]


@dataclass(frozen=True, slots=True)
class TailHeader:
    """What a quarantine file says about itself: indexes are inclusive."""

    first_index: int
    last_index: int
    previous_chain_digest: bytes
    reason: str


def write_quarantine(directory: Path, header: TailHeader, records: Iterable[bytes]) -> Path:
    """Write a new quarantine file, durable on return, and return its path.

    Args:
        directory: where; made when missing.
        header: what is removed and why.
        records: the log records of all indexes of the header, in order.

    Raises:
        DiskFaultError: the file could not be written; nothing may be removed then.
    """
    stem = f"log-{header.first_index}-{header.last_index}"
    try:
        directory.mkdir(mode=0o750, parents=True, exist_ok=True)
        path = _free_name(directory, stem)
        partial = path.with_suffix(".partial")
        with partial.open("wb") as file:
            crc = crc32c(b"")
            for block in _blocks(header, records):
                crc = crc32c_extend(crc, block)
                file.write(block)
            file.write(_U32.pack(crc))
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
        fsync_directory(directory)
    except OSError as error:
        raise DiskFaultError(directory / stem, str(error)) from error
    return path


def read_quarantine(path: Path) -> Quarantine:
    """Read a quarantine file and check every byte of it.

    Raises:
        CorruptionError: the file, a record or the chain is damaged.
        OSError: the file cannot be read.
    """
    content = path.read_bytes()
    if len(content) < _HEADER.size + _U32.size or not content.startswith(_MAGIC):
        raise _corrupt(path, "it is not a quarantine file")
    body, (crc,) = content[: -_U32.size], _U32.unpack(content[-_U32.size :])
    actual = crc32c(body)
    if actual != crc:
        raise _corrupt(path, f"CRC32C is {actual:08x}, the file says {crc:08x}")
    _, first, last, previous, reason_bytes = _HEADER.unpack_from(body)
    offset = _HEADER.size + reason_bytes
    reason = body[_HEADER.size : offset].decode()
    entries: list[tuple[int, bytes]] = []
    chain = previous
    for index in range(first, last + 1):
        (size,) = _U32.unpack_from(body, offset)
        offset += _U32.size
        digest, entry = decode_log_record(body[offset : offset + size], index, str(path))
        offset += size
        chain = next_chain_digest(chain, entry)
        if chain != digest:
            raise _corrupt(path, f"the chain digest breaks at index {index}")
        entries.append((index, entry))
    if offset != len(body):
        raise _corrupt(path, f"{len(body) - offset} bytes follow the last entry")
    return Quarantine(reason, first, last, previous, tuple(entries))


def _blocks(header: TailHeader, records: Iterable[bytes]) -> Iterator[bytes]:
    reason = header.reason.encode()
    previous = header.previous_chain_digest
    if len(previous) != DIGEST_BYTES:
        raise ValueError(f"a chain digest has {DIGEST_BYTES} bytes, not {len(previous)}")
    first, last = header.first_index, header.last_index
    yield _HEADER.pack(_MAGIC, first, last, previous, len(reason)) + reason
    for record in records:
        yield _U32.pack(len(record))
        yield record


def _free_name(directory: Path, stem: str) -> Path:
    path = directory / f"{stem}{SUFFIX}"
    number = 1
    while path.exists():
        number += 1
        path = directory / f"{stem}-{number}{SUFFIX}"
    return path


def _corrupt(path: Path, what: str) -> CorruptionError:
    return CorruptionError(str(path), "", "", what=what, action=_ACTION)
