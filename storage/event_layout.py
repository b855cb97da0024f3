"""What an event batch is and how it is laid out; both event stores use it.

Room: values and pure functions. A batch is an opaque payload with the range of event sequences in
it, and the index records by which queries find it. Everything here is derived from the log.

Batch body (little-endian; sealed under u64 first_seq in `events`)

    offset  size  type   field
    0       8     u64    first_seq
    8       8     u64    last_seq, inclusive
    16      8     u64    log_index of the entry that gave the events
    24      4     u32    length of the payload, bytes
    28      4     u32    number of index keys
    32      n     bytes  payload
    then for each index key: u16 length, bytes key

Index body (sealed under the caller's key in `event_index`): u64 first_seq of the batch that wrote
it last, then the caller's value. The batch owns the record, and deleting the batch deletes it.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

INDEX_KEY_BYTES_MAX: Final = 500
"""Longest index key; LMDB's own bound is 511."""

INDEX_VALUE_BYTES_MAX: Final = 64 * 1024

BATCH_BYTES_MAX: Final = (1 << 32) - (1 << 20)
"""Most payload of a batch: what the u32 length holds, less room for headers. One entry may have
effects on every open order, so this is not the bound of an entry: a close that cancels ten million
orders makes a batch of 1.1 GB."""

_BATCH = struct.Struct("<QQQII")
_KEY_LENGTH = struct.Struct("<H")
_OWNER = struct.Struct("<Q")


@dataclass(frozen=True, slots=True)
class EventBatchRecord:
    """A batch of events as bytes.

    first_seq, last_seq: event sequences in it, inclusive; 1 or more, without gap between batches.
    log_index: the entry that gave them.
    payload: the events, opaque.
    index: (key, value) records for queries; keys of 1 to 500 bytes, values of at most 64 KiB.
        A later batch that writes the same key replaces the value. Not returned by reads.
    """

    first_seq: int
    last_seq: int
    log_index: int
    payload: bytes
    index: Sequence[tuple[bytes, bytes]] = ()


def check_batch(batch: EventBatchRecord) -> None:
    """Raise ValueError when a field of the batch is out of bounds."""
    if not 1 <= batch.first_seq <= batch.last_seq:
        raise ValueError(f"event batch {batch.first_seq}..{batch.last_seq} is not a range from 1")
    if len(batch.payload) > BATCH_BYTES_MAX:
        raise ValueError(f"event batch: {len(batch.payload)} bytes exceed {BATCH_BYTES_MAX}")
    for key, value in batch.index:
        if not 0 < len(key) <= INDEX_KEY_BYTES_MAX:
            raise ValueError(f"an index key has 1 to {INDEX_KEY_BYTES_MAX} bytes, not {len(key)}")
        if len(value) > INDEX_VALUE_BYTES_MAX:
            raise ValueError(f"index value: {len(value)} bytes exceed {INDEX_VALUE_BYTES_MAX}")


def check_scan(prefix: bytes, start: bytes | None, limit: int) -> None:
    """Raise ValueError when the arguments of an index scan do not fit each other."""
    if limit < 1:
        raise ValueError(f"limit is {limit}, it must be at least 1")
    if start is not None and not start.startswith(prefix):
        raise ValueError("start does not begin with the prefix")


def encode_batch(batch: EventBatchRecord) -> bytes:
    """Encode the batch body (module docstring)."""
    head = _BATCH.pack(
        batch.first_seq, batch.last_seq, batch.log_index, len(batch.payload), len(batch.index)
    )
    keys = b"".join(_KEY_LENGTH.pack(len(key)) + key for key, _ in batch.index)
    return head + batch.payload + keys


def decode_batch(body: bytes) -> tuple[EventBatchRecord, list[bytes]]:
    """Decode a batch body whose seal was checked: the batch without index, and its index keys.

    Raises ValueError when it is not one.
    """
    if len(body) < _BATCH.size:
        raise ValueError(f"an event batch of {len(body)} bytes is too short")
    first, last, log_index, payload_bytes, key_count = _BATCH.unpack_from(body)
    offset = _BATCH.size + payload_bytes
    payload = body[_BATCH.size : offset]
    keys: list[bytes] = []
    for _ in range(key_count):
        (size,) = _KEY_LENGTH.unpack_from(body, offset)
        offset += _KEY_LENGTH.size
        keys.append(body[offset : offset + size])
        offset += size
    if offset != len(body):
        raise ValueError(f"an event batch of {len(body)} bytes does not fit its lengths")
    return EventBatchRecord(first, last, log_index, payload), keys


def encode_index(owner_seq: int, value: bytes) -> bytes:
    """Encode an index body: the owning batch's first_seq, and the value."""
    return _OWNER.pack(owner_seq) + value


def decode_index(body: bytes) -> tuple[int, bytes]:
    """Decode an index body whose seal was checked. Raises ValueError when it is too short."""
    if len(body) < _OWNER.size:
        raise ValueError(f"an index record of {len(body)} bytes is too short")
    return _OWNER.unpack_from(body)[0], body[_OWNER.size :]
