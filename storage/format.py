"""Byte layouts of every record and key that storage writes.

Room: pure functions between values and bytes. No file, no LMDB, no order, no event.
Invariant: no record is believed before its CRC32C, which also covers where the record belongs,
so a flipped byte and a record that turned up at another key are both found.

Keys (big-endian, so that byte order is numeric order)

    database          key                                            record
    log               u64 log_index; u64 0 for the base record       log record / sealed
    meta              UTF-8 text                                      sealed
    snapshots         u64 log_index                                   sealed
    snapshot_chunks   u64 log_index, u32 chunk number                 sealed
    events            u64 first_seq                                   sealed
    event_index       bytes chosen by the caller                      sealed

Log record (little-endian), 36 bytes and the entry

    offset  size  type   field
    0       4     u32    crc32c of bytes 4 to the end
    4       2     u16    format version, LOG_FORMAT
    6       2     u16    reserved, 0
    8       8     u64    log_index
    16      16    bytes  chain digest = xxh3_128(chain digest of the entry before || entry)
    32      4     u32    length of the entry, bytes
    36      n     bytes  entry

Sealed record (little-endian), 12 bytes and the body

    offset  size  type   field
    0       4     u32    crc32c of: database name, 0x00, key, then bytes 4 to the end
    4       2     u16    format version, SEALED_FORMAT
    6       2     u16    reserved, 0
    8       4     u32    length of the body, bytes
    12      n     bytes  body
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final

import google_crc32c
import xxhash

from storage.errors import CorruptionError

LOG_FORMAT: Final = 1
SEALED_FORMAT: Final = 1

DIGEST_BYTES: Final = 16
"""Length of a chain digest and of a payload digest (xxh3_128)."""

GENESIS_DIGEST: Final = bytes(DIGEST_BYTES)
"""Chain digest before the first entry."""

ENTRY_BYTES_MAX: Final = 64 * 1024 * 1024
"""Longest log entry; bounds the memory of one append, far above any batch the node admits."""

_CRC = struct.Struct("<I")
_LOG_REST = struct.Struct("<HHQ16sI")
_LOG_RECORD = struct.Struct("<IHHQ16sI")
_SEALED_REST = struct.Struct("<HHI")
_SEALED = struct.Struct("<IHHI")
_U64 = struct.Struct(">Q")
_CHUNK_KEY = struct.Struct(">QI")

LOG_HEADER_BYTES: Final = _LOG_RECORD.size
SEALED_HEADER_BYTES: Final = _SEALED.size

_LOG_ACTION: Final = (
    "Refused. Run `exctl journal verify`; restore this node's data directory from a copy, "
    "or empty it and let the node catch up from its peer."
)
_DERIVED_ACTION: Final = (
    "Refused. It is derived from the log: move the index directory away and start the node, "
    "which rebuilds it, if the log still reaches back far enough."
)
_ACTIONS: Final = {
    "log": _LOG_ACTION,
    "meta": _LOG_ACTION,
    "snapshots": "Refused; an older snapshot is used. Create a new one (`exctl snapshot create`).",
    "snapshot_chunks": (
        "Refused; an older snapshot is used. Create a new one (`exctl snapshot create`)."
    ),
    "events": _DERIVED_ACTION,
    "event_index": _DERIVED_ACTION,
}

crc32c: Callable[[bytes], int] = google_crc32c.value
"""CRC32C (Castagnoli) of bytes."""

crc32c_extend: Callable[[int, bytes], int] = google_crc32c.extend
"""CRC32C of what gave the first argument, followed by the second."""


def corruption(file: str, database: str, key: str, what: str) -> CorruptionError:
    """Build the error for a damaged record, with the advice that fits its database."""
    action = _ACTIONS.get(database, _LOG_ACTION)
    return CorruptionError(file, database, key, what=what, action=action)


def u64_key(number: int) -> bytes:
    """Encode an index or sequence (0 to 2**64 - 1) as a key."""
    return _U64.pack(number)


def key_u64(key: bytes) -> int:
    """Decode what `u64_key` wrote; the first 8 bytes of longer keys."""
    return int.from_bytes(key[:8], "big")


def chunk_key(log_index: int, number: int) -> bytes:
    """Encode the key of chunk `number` (from 0) of the snapshot at `log_index`."""
    return _CHUNK_KEY.pack(log_index, number)


def payload_digest(payload: bytes | memoryview) -> bytes:
    """Return the 16-byte xxh3_128 of a whole payload."""
    return xxhash.xxh3_128_digest(payload)


class StreamedDigest:
    """`payload_digest` of a payload that comes in parts."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._state = xxhash.xxh3_128()

    def add(self, part: bytes) -> None:
        """Take the next part."""
        self._state.update(part)

    def value(self) -> bytes:
        """Return the digest of all parts so far."""
        return self._state.digest()


def next_chain_digest(previous: bytes, entry: bytes) -> bytes:
    """Return the chain digest of `entry`, whose predecessor has the digest `previous`."""
    return xxhash.xxh3_128_digest(previous + entry)


def encode_log_record(log_index: int, chain_digest: bytes, entry: bytes) -> bytes:
    """Encode one log record (module docstring)."""
    rest = _LOG_REST.pack(LOG_FORMAT, 0, log_index, chain_digest, len(entry)) + entry
    return _CRC.pack(crc32c(rest)) + rest


def decode_log_record(record: bytes, log_index: int, file: str) -> tuple[bytes, bytes]:
    """Check one log record and return its chain digest and its entry.

    Args:
        record: the stored bytes.
        log_index: the key under which they were found.
        file: the environment, named in the error.

    Raises:
        CorruptionError: CRC, version, index or length do not fit.
    """
    if len(record) < LOG_HEADER_BYTES:
        what = f"{len(record)} bytes are too few for a log record"
        raise corruption(file, "log", f"index {log_index}", what)
    crc, version, reserved, index, digest, length = _LOG_RECORD.unpack_from(record)
    actual = crc32c(record[4:])
    if crc != actual:
        what = f"CRC32C is {actual:08x}, the record says {crc:08x}"
    elif version != LOG_FORMAT or reserved:
        what = f"format {version}/{reserved} is not one this version reads ({LOG_FORMAT}/0)"
    elif index != log_index:
        what = f"the record belongs to index {index}"
    elif length != len(record) - LOG_HEADER_BYTES:
        what = f"length {length} does not fit {len(record) - LOG_HEADER_BYTES} stored bytes"
    else:
        return digest, record[LOG_HEADER_BYTES:]
    raise corruption(file, "log", f"index {log_index}", what)


def seal(database: str, key: bytes, body: bytes | memoryview) -> bytes:
    """Encode a sealed record for `key` of `database` (module docstring)."""
    rest = _SEALED_REST.pack(SEALED_FORMAT, 0, len(body)) + body
    return _CRC.pack(_sealed_crc(database, key, rest)) + rest


def unseal(database: str, key: bytes, record: bytes, *, file: str, name: str) -> bytes:
    """Check a sealed record and return its body.

    Args:
        database: the database in which the record was found.
        key: the key under which it was found.
        record: the stored bytes.
        file: the environment, named in the error.
        name: the key in words, named in the error.

    Raises:
        CorruptionError: CRC, version or length do not fit, or it belongs elsewhere.
    """
    if len(record) < SEALED_HEADER_BYTES:
        what = f"{len(record)} bytes are too few for a sealed record"
        raise corruption(file, database, name, what)
    crc, version, reserved, length = _SEALED.unpack_from(record)
    actual = _sealed_crc(database, key, record[4:])
    if crc != actual:
        what = f"CRC32C is {actual:08x}, the record says {crc:08x}, or it belongs to another key"
    elif version != SEALED_FORMAT or reserved:
        what = f"format {version}/{reserved} is not one this version reads ({SEALED_FORMAT}/0)"
    elif length != len(record) - SEALED_HEADER_BYTES:
        what = f"length {length} does not fit {len(record) - SEALED_HEADER_BYTES} stored bytes"
    else:
        return record[SEALED_HEADER_BYTES:]
    raise corruption(file, database, name, what)


def _sealed_crc(database: str, key: bytes, rest: bytes) -> int:
    return crc32c_extend(crc32c(database.encode() + b"\0" + key), rest)
