"""The rows of a snapshot, one by one, without building a state of them.

Room: reading for people who compare two snapshots. What does not decode is given as bytes: a
snapshot that differs may well be one that is damaged.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

from exchange.engine.reference.canonical import MAGIC, SNAPSHOT_FORMAT
from exchange.engine.reference.sections import SECTIONS
from exchange.model.layout import CodecError

_COUNT = struct.Struct("<Q")
_LENGTH = struct.Struct("<H")


class SnapshotRow(NamedTuple):
    """One row: its section's number and name, its place there, its bytes and what they mean."""

    section_no: int
    section: str
    row_no: int
    raw: bytes
    value: Any


def snapshot_rows(data: bytes) -> Iterator[SnapshotRow]:
    """The rows in order. Raises CodecError where the bytes end or begin wrongly."""
    head = MAGIC + SNAPSHOT_FORMAT.to_bytes(2, "little")
    if data[: len(head)] != head:
        raise CodecError(f"not a snapshot of format {SNAPSHOT_FORMAT}")
    at = len(head)
    try:
        for section_no, section in enumerate(SECTIONS):
            (count,) = _COUNT.unpack_from(data, at)
            at += _COUNT.size
            for row_no in range(count):
                (length,) = _LENGTH.unpack_from(data, at)
                at += _LENGTH.size
                raw = data[at : at + length]
                at += length
                name = section.layout.record.__name__
                yield SnapshotRow(section_no, name, row_no, raw, _value(section.layout, raw))
    except struct.error as error:
        raise CodecError(f"the snapshot is cut off near byte {at}") from error


def _value(layout: Any, raw: bytes) -> Any:
    try:
        return layout.decode(raw)
    except CodecError:
        return raw
