"""Layouts: widths, ranges, and refusal of everything that is not a record to the last byte."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.model.layout import FIXED_CODES, STRING_MAX, CodecError, Layout

WIDTHS = {"u8": 1, "u16": 2, "u32": 4, "u64": 8, "i64": 8, "u128": 16, "i256": 32}


class Numbers(msgspec.Struct, frozen=True):
    tiny: int
    label: str
    small: int
    middle: int
    large: int
    signed: int
    wide: int
    money: int


class Pair(msgspec.Struct, frozen=True):
    note: str
    left: Numbers
    count: int
    right: Numbers


NUMBERS = Layout(
    Numbers,
    "tiny u8, label id, small u16, middle u32, large u64, signed i64, wide u128, money i256",
)
PAIR = Layout(Pair, "note text, left record, count u8, right record", NUMBERS, NUMBERS)
_REST = "small u16, middle u32, large u64, signed i64, wide u128, money i256"
ONE = Numbers(1, "ab", 2, 3, 4, -5, 6, -7)


def test_every_type_has_its_width() -> None:
    assert set(WIDTHS) == set(FIXED_CODES)
    assert len(NUMBERS.encode(ONE)) == sum(WIDTHS.values()) + 1 + len("ab")


def test_bytes_stand_as_documented() -> None:
    wanted = (
        b"\x01"
        b"\x02\x00"
        b"\x03\x00\x00\x00"
        b"\x04\x00\x00\x00\x00\x00\x00\x00"
        b"\xfb\xff\xff\xff\xff\xff\xff\xff"
        b"\x06" + bytes(15) + b"\xf9" + b"\xff" * 31 + b"\x02ab"
    )
    assert NUMBERS.encode(ONE) == wanted


def test_fixed_fields_come_first_then_records_then_strings() -> None:
    one = NUMBERS.encode(ONE)
    two = NUMBERS.encode(msgspec.structs.replace(ONE, label=""))
    pair = Pair("é", ONE, 7, msgspec.structs.replace(ONE, label=""))
    assert PAIR.encode(pair) == b"\x07" + one + two + b"\x02\xc3\xa9"
    assert PAIR.decode(PAIR.encode(pair)) == pair


@pytest.mark.parametrize(
    ("field", "low", "high"),
    [
        ("tiny", 0, (1 << 8) - 1),
        ("small", 0, (1 << 16) - 1),
        ("middle", 0, (1 << 32) - 1),
        ("large", 0, (1 << 64) - 1),
        ("signed", -(1 << 63), (1 << 63) - 1),
        ("wide", 0, (1 << 128) - 1),
        ("money", -(1 << 255), (1 << 255) - 1),
    ],
)
def test_numbers_of_the_whole_range_fit_and_the_next_ones_do_not(
    field: str, low: int, high: int
) -> None:
    for value in (low, high):
        record = msgspec.structs.replace(ONE, **{field: value})
        assert NUMBERS.decode(NUMBERS.encode(record)) == record
    for value in (low - 1, high + 1):
        with pytest.raises(CodecError, match="Numbers"):
            NUMBERS.encode(msgspec.structs.replace(ONE, **{field: value}))


@pytest.mark.parametrize(("kind", "size"), STRING_MAX.items())
def test_strings_have_a_bound_in_bytes(kind: str, size: int) -> None:
    layout = string_layout(kind)
    assert layout.decode(layout.encode(Named("x" * size))) == Named("x" * size)
    with pytest.raises(CodecError, match=f"label: {size + 1} bytes"):
        layout.encode(Named("x" * (size + 1)))
    with pytest.raises(CodecError, match="does not fit"):
        layout.decode(bytes((size + 1,)) + b"x" * (size + 1))


class Named(msgspec.Struct, frozen=True):
    label: str


def string_layout(kind: str) -> Layout[Named]:
    return Layout(Named, f"label {kind}")


def test_a_text_is_measured_in_utf_8() -> None:
    text = string_layout("text")
    assert text.decode(text.encode(Named("é" * 100))) == Named("é" * 100)
    with pytest.raises(CodecError, match="202 bytes"):
        text.encode(Named("é" * 101))


@pytest.mark.parametrize("kind", ["id", "name"])
@pytest.mark.parametrize("value", ["é", "a\n", "\x00", "\x7f", "a\tb"])
def test_ids_and_names_are_printable_ascii_on_both_ways(kind: str, value: str) -> None:
    layout = string_layout(kind)
    raw = value.encode()
    with pytest.raises(CodecError, match="printable ASCII"):
        layout.encode(Named(value))
    with pytest.raises(CodecError, match="printable ASCII"):
        layout.decode(bytes((len(raw),)) + raw)


def test_half_a_surrogate_pair_has_no_bytes() -> None:
    for kind in STRING_MAX:
        with pytest.raises(CodecError, match="label"):
            string_layout(kind).encode(Named("\ud800"))


def test_text_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(CodecError, match="label: not UTF-8"):
        string_layout("text").decode(b"\x02\xc3\x28")


def test_a_missing_string_is_named() -> None:
    with pytest.raises(CodecError, match="label: missing"):
        string_layout("text").decode(b"")


@given(st.binary(max_size=90))
def test_bytes_that_decode_are_the_bytes_of_the_record(data: bytes) -> None:
    try:
        record = NUMBERS.decode(data)
    except CodecError:
        return
    assert NUMBERS.encode(record) == data


@given(st.integers(0, 5), st.integers(0, 5))
def test_a_record_is_read_from_where_it_stands(before: int, after: int) -> None:
    raw = NUMBERS.encode(ONE)
    data = b"\xff" * before + raw + b"\xff" * after
    end = before + len(raw)
    assert NUMBERS.decode(data, before, end) == ONE
    assert NUMBERS.decode_at(data, before, len(data)) == (ONE, end)
    with pytest.raises(CodecError):
        NUMBERS.decode(data, before, end - 1)
    if after:
        with pytest.raises(CodecError, match=f"{after} bytes left over"):
            NUMBERS.decode(data, before)


@pytest.mark.parametrize(
    ("fields", "nested"),
    [
        ("tiny u8, label id, small u16, middle u32, large u64, signed i64", ()),
        (
            f"label id, tiny u8, {_REST}",
            (),
        ),
        (
            f"tiny u9, label id, {_REST}",
            (),
        ),
        (
            f"tiny u8, label record, {_REST}",
            (),
        ),
        (
            f"tiny u8, label id, {_REST}",
            (NUMBERS,),
        ),
    ],
    ids=["a field too few", "other order", "unknown type", "no nested", "too many nested"],
)
def test_a_table_that_does_not_fit_its_class_is_refused(
    fields: str, nested: tuple[Layout[Any], ...]
) -> None:
    with pytest.raises(TypeError, match="layout of Numbers"):
        Layout(Numbers, fields, *nested)
