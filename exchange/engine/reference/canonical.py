"""Snapshot and restore: the whole state as canonical bytes (R11.4).

Room: the snapshot format. Equal states give equal bytes, whatever their history: every section is
sorted, every number has a fixed width, nothing depends on the order of a dict. Little-endian.

| part     | bytes | meaning                                                              |
|----------|-------|----------------------------------------------------------------------|
| magic    | 4     | b"LSNP"                                                              |
| format   | 2     | SNAPSHOT_FORMAT                                                      |
| sections | ...   | those of `SECTIONS`, in that order                                   |
| section  | 8 + n | u64 count of its records, then each as u16 length + bytes            |

Records are the tables of `rows.py`. A price level's queue is not stored as such: section
`queue` lists the resting orders by instrument, side, price and place, which is all there is to
know of it; levels, indexes and sums are rebuilt. `restore` proves itself: what it rebuilt must
encode to the very bytes it was given.
"""

from __future__ import annotations

import struct

from exchange.engine.reference.sections import SECTIONS, index_open_orders
from exchange.engine.reference.state import State
from exchange.errors import InvariantViolation
from exchange.model.layout import CodecError

MAGIC = b"LSNP"
SNAPSHOT_FORMAT = 1

_COUNT = struct.Struct("<Q")
_LENGTH = struct.Struct("<H")
_HEAD = MAGIC + SNAPSHOT_FORMAT.to_bytes(2, "little")


def encode_state(state: State) -> bytes:
    """The canonical bytes of a state."""
    parts = [_HEAD]
    for section in SECTIONS:
        encode = section.layout.encode
        records = [encode(row) for row in section.rows(state)]
        parts.append(_COUNT.pack(len(records)))
        for record in records:
            parts.append(_LENGTH.pack(len(record)))
            parts.append(record)
    return b"".join(parts)


def decode_state(data: bytes) -> State:
    """The state whose canonical bytes these are; CodecError if they are not that."""
    if data[: len(_HEAD)] != _HEAD:
        raise CodecError(f"not a snapshot of format {SNAPSHOT_FORMAT}")
    state = State()
    at = len(_HEAD)
    try:
        for section in SECTIONS:
            (count,) = _COUNT.unpack_from(data, at)
            at += _COUNT.size
            for _ in range(count):
                (length,) = _LENGTH.unpack_from(data, at)
                at += _LENGTH.size
                if at + length > len(data):
                    raise CodecError("a record is cut off")
                section.load(state, section.layout.decode(data, at, at + length))
                at += length
        index_open_orders(state)
        _settle(state)
        again = encode_state(state)
    except (struct.error, KeyError, ValueError, InvariantViolation) as error:
        raise CodecError(f"snapshot is damaged near byte {at}: {error}") from error
    if again != data:
        raise CodecError("snapshot is not canonical: its content encodes to other bytes")
    return state


def _settle(state: State) -> None:
    # Filling the books noted every level as touched; no command did.
    for listing in state.listings.values():
        listing.book.changes()
    state.dirty.clear()
    state.dark_touched.clear()
