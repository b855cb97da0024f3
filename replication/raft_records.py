"""What the register's journal holds on disk: batches of records, each batch whole or not there.

Room: bytes <-> records, pure; no file. The rule for a damaged end is here.

Batch (little-endian), one for each `RaftJournal.sync`

    offset  size  type   field
    0       4     u32    length of the body, bytes
    4       4     u32    crc32c of the body
    8       4     u32    number of the batch in this file, from 0
    12      4     u32    crc32c of bytes 0 to 12
    16      n     bytes  body: records, one after the other

Record: u8 kind, then

| kind | name       | fields                                                                      |
|------|------------|-----------------------------------------------------------------------------|
| 1    | IDENTITY   | u64 store id, 16 bytes cluster hash, text node; first record of a file, once |
| 2    | HARD_STATE | u64 term, text name of the node voted for in it, "" = none                  |
| 3    | ENTRY      | u64 index, u64 term, u32 length, command                                    |
| 4    | TRUNCATE   | u64 index of the first entry removed                                        |
| 5    | PEER       | u64 store id, text node: the store that this peer showed; 0 = forget it     |
| 6    | PROBATION  | u8 1 = this store replaces one that peers remember, and has no vote; 2 = it  |
|      |            | was level since, and has                                                    |

Text: u16 length, UTF-8.

Damage. Only the last batch can be torn by a crash, and it was not relied on by anybody: nothing is
sent before `sync` returns. A last batch counts as torn when the file ends inside it, or holds only
zeros from its header on. Every other difference is corruption: terms and votes may be lost with
it, so the journal is refused.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from storage.format import crc32c

IDENTITY: Final = 1
HARD_STATE: Final = 2
ENTRY: Final = 3
TRUNCATE: Final = 4
PEER: Final = 5
PROBATION: Final = 6

BATCH_BYTES_MAX: Final = 1 << 30
_BATCH_FIRST = struct.Struct("<III")
_U32 = struct.Struct("<I")
_U16 = struct.Struct("<H")
_U64 = struct.Struct("<Q")
_ENTRY = struct.Struct("<BQQI")
_HASH_BYTES: Final = 16
BATCH_HEADER_BYTES: Final = _BATCH_FIRST.size + _U32.size

Fields = tuple[int | bytes | str, ...]


class RecordError(Exception):
    """The bytes are no journal of this format."""


def pack_batch(number: int, records: bytes) -> bytes:
    """Frame the records of one sync."""
    first = _BATCH_FIRST.pack(len(records), crc32c(records), number)
    return first + _U32.pack(crc32c(first)) + records


def pack_identity(store_id: int, cluster: bytes, node: str) -> bytes:
    """Build an IDENTITY record."""
    return bytes((IDENTITY,)) + _U64.pack(store_id) + cluster + _text(node)


def pack_hard_state(term: int, voted_for: str) -> bytes:
    """Build a HARD_STATE record."""
    return bytes((HARD_STATE,)) + _U64.pack(term) + _text(voted_for)


def pack_entry(index: int, term: int, command: bytes) -> bytes:
    """Build an ENTRY record."""
    return _ENTRY.pack(ENTRY, index, term, len(command)) + command


def pack_truncate(first_removed: int) -> bytes:
    """Build a TRUNCATE record."""
    return bytes((TRUNCATE,)) + _U64.pack(first_removed)


def pack_peer(store_id: int, node: str) -> bytes:
    """Build a PEER record."""
    return bytes((PEER,)) + _U64.pack(store_id) + _text(node)


def pack_probation(standing: int) -> bytes:
    """Build a PROBATION record."""
    return bytes((PROBATION, standing))


def batches(content: bytes) -> tuple[list[bytes], int]:
    """The record bytes of every whole batch, and where the torn end begins (or the file ends).

    Raises RecordError on corruption.
    """
    found: list[bytes] = []
    begin = 0
    while begin < len(content):
        if len(content) - begin < BATCH_HEADER_BYTES or not any(content[begin:]):
            break
        length, crc, number = _BATCH_FIRST.unpack_from(content, begin)
        (header_crc,) = _U32.unpack_from(content, begin + _BATCH_FIRST.size)
        if header_crc != crc32c(content[begin : begin + _BATCH_FIRST.size]):
            raise RecordError(f"batch {len(found)} at byte {begin}: header checksum is wrong")
        if number != len(found) or length > BATCH_BYTES_MAX:
            raise RecordError(f"batch {len(found)} at byte {begin}: it says it is batch {number}")
        end = begin + BATCH_HEADER_BYTES + length
        if end > len(content):
            break
        records = content[begin + BATCH_HEADER_BYTES : end]
        if crc32c(records) != crc:
            raise RecordError(f"batch {number} at byte {begin}: checksum is wrong")
        found.append(records)
        begin = end
    return found, begin


def records_of(body: bytes) -> Iterator[tuple[int, Fields]]:
    """Yield (kind, fields) of each record of a batch. Raises RecordError."""
    at = 0
    try:
        while at < len(body):
            kind = body[at]
            fields, at = _record(kind, body, at)
            yield kind, fields
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise RecordError(f"record at byte {at} of its batch cannot be read: {error}") from error


def _record(kind: int, body: bytes, at: int) -> tuple[Fields, int]:
    if kind == ENTRY:
        _, index, term, length = _ENTRY.unpack_from(body, at)
        begin = at + _ENTRY.size
        if begin + length > len(body):
            raise IndexError("entry is cut off")
        return (index, term, body[begin : begin + length]), begin + length
    if kind == PROBATION:
        return (body[at + 1],), at + 2
    (number,) = _U64.unpack_from(body, at + 1)
    at += 1 + _U64.size
    if kind == TRUNCATE:
        return (number,), at
    if kind in {HARD_STATE, PEER}:
        text, at = _read_text(body, at)
        return (number, text), at
    if kind == IDENTITY:
        text, end = _read_text(body, at + _HASH_BYTES)
        return (number, body[at : at + _HASH_BYTES], text), end
    raise RecordError(f"record of unknown kind {kind}")


def _text(text: str) -> bytes:
    raw = text.encode()
    return _U16.pack(len(raw)) + raw


def _read_text(body: bytes, at: int) -> tuple[str, int]:
    (length,) = _U16.unpack_from(body, at)
    begin = at + _U16.size
    if begin + length > len(body):
        raise IndexError("text is cut off")
    return body[begin : begin + length].decode(), begin + length
