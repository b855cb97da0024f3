"""Byte layouts as tables: how one record becomes bytes and back.

Room: the machinery; the tables themselves are `exchange.model.records`. All numbers are
little-endian and unaligned. The bytes of a record are, each group in the order of its class: the
fixed fields, the nested records, the lists of nested records, the strings.

| type      | bytes  | meaning                                                          |
|-----------|--------|------------------------------------------------------------------|
| u8..u64   | 1..8   | unsigned integer                                                 |
| i64       | 8      | signed integer, two's complement                                 |
| u128      | 16     | unsigned integer                                                 |
| i256      | 32     | signed integer, two's complement: sums of money never leave it   |
| id        | 1 + n  | length, then n <= 36 bytes of printable ASCII                    |
| name      | 1 + n  | the same, n <= 32                                                |
| text      | 1 + n  | length, then n <= 200 bytes of UTF-8                             |
| list      | 2 + n  | number of nested records, then each; a tuple in the class        |

Decoding is strict: what does not decode to the last byte is a `CodecError`, never a guess.
"""

from __future__ import annotations

import struct
from typing import Any, Generic, TypeVar

import msgspec

from exchange.model.units import CL_ORD_ID_MAX, NAME_MAX, TEXT_MAX

FIXED_CODES = {
    "u8": "B",
    "u16": "H",
    "u32": "I",
    "u64": "Q",
    "i64": "q",
    "u128": "16s",
    "i256": "32s",
}
WIDE_CODES = {"u128": (16, False), "i256": (32, True)}
LIST_MAX = 3_000
"""Records of a list; with the widest of them a log record still fits its 16-bit length."""

STRING_MAX = {"id": CL_ORD_ID_MAX, "name": NAME_MAX, "text": TEXT_MAX}

R = TypeVar("R", bound=msgspec.Struct)


class CodecError(ValueError):
    """Bytes that are not a record, or a value that has no bytes; the message names the field."""


class Layout(Generic[R]):
    """The layout of one record class.

    Args:
        record: the msgspec class; its fields are named by `fields` in the same order.
        fields: "name type, name type, ..." with the types of the module docstring.
        nested: the layouts of the fields of type `record`, then of those of type `list`, each in
            the order in which they stand.
    """

    def __init__(self, record: type[R], fields: str, *nested: Layout[Any]) -> None:
        pairs = [(item.split()[0], item.split()[1]) for item in fields.split(",")]
        declared = [field.name for field in msgspec.structs.fields(record)]
        if [name for name, _ in pairs] != declared:
            raise TypeError(f"layout of {record.__name__} does not list its fields: {declared}")
        fixed = [i for i, (_, kind) in enumerate(pairs) if kind in FIXED_CODES]
        records = [i for i, (_, kind) in enumerate(pairs) if kind == "record"]
        lists = [i for i, (_, kind) in enumerate(pairs) if kind == "list"]
        strings = [i for i, (_, kind) in enumerate(pairs) if kind in STRING_MAX]
        order = fixed + records + lists + strings
        if len(order) != len(pairs) or len(records) + len(lists) != len(nested):
            raise TypeError(f"layout of {record.__name__}: unknown type or missing nested layout")
        # Position in the class of each value in byte order; None where the two agree.
        self._class_order = None if order == sorted(order) else tuple(order)
        self.record = record
        self.pairs = pairs
        self.nested = nested
        self._records = nested[: len(records)]
        self._lists = nested[len(records) :]
        self._strings = tuple(pairs[i] for i in strings)
        self._struct = struct.Struct("<" + "".join(FIXED_CODES[pairs[i][1]] for i in fixed))
        self._fixed_count = len(fixed)
        self._wide = tuple(
            (at, *WIDE_CODES[pairs[i][1]])
            for at, i in enumerate(fixed)
            if pairs[i][1] in WIDE_CODES
        )

    @property
    def fixed_size(self) -> int:
        """Bytes of the fixed fields."""
        return self._struct.size

    def encode(self, value: R) -> bytes:
        """The bytes of `value`.

        Raises:
            CodecError: a number does not fit its field or a string is too long.
        """
        values = msgspec.structs.astuple(value)
        if self._class_order is not None:
            values = tuple(values[i] for i in self._class_order)
        fixed: list[Any] | tuple[Any, ...] = values[: self._fixed_count]
        try:
            if self._wide:
                fixed = list(fixed)
                for i, size, signed in self._wide:
                    fixed[i] = fixed[i].to_bytes(size, "little", signed=signed)
            parts = [self._struct.pack(*fixed)]
        except (struct.error, OverflowError) as error:
            raise CodecError(f"{self.record.__name__}: {error} in {values}") from error
        at = self._fixed_count
        for layout in self._records:
            parts.append(layout.encode(values[at]))
            at += 1
        for layout in self._lists:
            parts.append(_encode_list(values[at], layout))
            at += 1
        for name, kind in self._strings:
            parts.append(_encode_string(values[at], kind, name))
            at += 1
        return b"".join(parts)

    def decode(self, data: bytes, start: int = 0, end: int | None = None) -> R:
        """The record that fills `data[start:end]` exactly.

        Raises:
            CodecError: too short, too long, or a string that is not what its type says.
        """
        stop = len(data) if end is None else end
        value, at = self.decode_at(data, start, stop)
        if at != stop:
            raise CodecError(f"{self.record.__name__}: {stop - at} bytes left over")
        return value

    def decode_at(self, data: bytes, start: int, stop: int) -> tuple[R, int]:
        """The record that begins at `start` and ends before `stop`, and where it ends."""
        at = start + self._struct.size
        if at > stop:
            raise CodecError(f"{self.record.__name__}: {stop - start} bytes are too few")
        values = list(self._struct.unpack_from(data, start))
        for i, _, signed in self._wide:
            values[i] = int.from_bytes(values[i], "little", signed=signed)
        for layout in self._records:
            nested, at = layout.decode_at(data, at, stop)
            values.append(nested)
        for layout in self._lists:
            several, at = _decode_list(data, at, stop, layout)
            values.append(several)
        for name, kind in self._strings:
            text, at = _decode_string(data, at, stop, kind, name)
            values.append(text)
        if self._class_order is not None:
            in_bytes = values
            values = list(in_bytes)
            for position, item in zip(self._class_order, in_bytes, strict=True):
                values[position] = item
        return self.record(*values), at


def _encode_list(values: tuple[Any, ...], layout: Layout[Any]) -> bytes:
    if len(values) > LIST_MAX:
        raise CodecError(f"list of {len(values)} records, at most {LIST_MAX} fit")
    return len(values).to_bytes(2, "little") + b"".join(layout.encode(item) for item in values)


def _decode_list(
    data: bytes, at: int, stop: int, layout: Layout[Any]
) -> tuple[tuple[Any, ...], int]:
    start = at + 2
    if start > stop:
        raise CodecError(f"list of {layout.record.__name__}: missing")
    values = []
    count = int.from_bytes(data[at:start], "little")
    at = start
    if count > LIST_MAX:
        raise CodecError(f"list of {count} records, at most {LIST_MAX} fit")
    for _ in range(count):
        item, at = layout.decode_at(data, at, stop)
        values.append(item)
    return tuple(values), at


def _encode_string(value: str, kind: str, name: str) -> bytes:
    try:
        raw = value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise CodecError(f"{name}: {error.reason}") from error
    if len(raw) > STRING_MAX[kind]:
        raise CodecError(f"{name}: {len(raw)} bytes, at most {STRING_MAX[kind]} fit")
    if kind != "text" and not (value.isascii() and value.isprintable()):
        raise CodecError(f"{name}: only printable ASCII characters are allowed")
    return bytes((len(raw),)) + raw


def _decode_string(data: bytes, at: int, stop: int, kind: str, name: str) -> tuple[str, int]:
    if at >= stop:
        raise CodecError(f"{name}: missing")
    size = data[at]
    end = at + 1 + size
    if end > stop or size > STRING_MAX[kind]:
        raise CodecError(f"{name}: a length of {size} bytes does not fit")
    try:
        value = str(data[at + 1 : end], "utf-8")
    except UnicodeDecodeError as error:
        raise CodecError(f"{name}: not UTF-8") from error
    if kind != "text" and not (value.isascii() and value.isprintable()):
        raise CodecError(f"{name}: not printable ASCII")
    return value, end
