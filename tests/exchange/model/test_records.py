"""The tables cover every kind once, and each class comes back from its bytes unchanged."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.model.codec import RECORD_HEAD_SIZE
from exchange.model.command import Command, CommandKind
from exchange.model.event import Event, EventKind
from exchange.model.layout import FIXED_CODES, LIST_MAX, STRING_MAX, CodecError, Layout
from exchange.model.records import COMMAND_KIND, COMMANDS, EVENT_KIND, EVENTS
from tests.strategies import wild_record

LAYOUTS = [*COMMANDS.values(), *EVENTS.values()]
EXAMPLES = settings(max_examples=20)


def test_every_command_kind_has_one_class_and_one_layout() -> None:
    assert set(COMMANDS) == set(CommandKind)
    assert {row.record for row in COMMANDS.values()} == set(get_args(Command))
    assert {kind: row.record for kind, row in COMMANDS.items()} == {
        kind: record for record, kind in COMMAND_KIND.items()
    }


def test_every_event_kind_has_one_class_and_one_layout() -> None:
    assert set(EVENTS) == set(EventKind)
    assert {row.record for row in EVENTS.values()} == set(get_args(Event))
    assert {kind: row.record for kind, row in EVENTS.items()} == {
        kind: record for record, kind in EVENT_KIND.items()
    }


def test_the_longest_record_fits_its_length_field() -> None:
    for layout in LAYOUTS:
        assert RECORD_HEAD_SIZE + longest(layout) < 1 << 16


def longest(layout: Layout[Any]) -> int:
    widths = {"B": 1, "H": 2, "I": 4, "Q": 8, "q": 8, "16s": 16, "32s": 32}
    kinds = [kind for _, kind in layout.pairs]
    fixed = sum(widths[FIXED_CODES[kind]] for kind in kinds if kind in FIXED_CODES)
    strings = sum(1 + STRING_MAX[kind] for kind in kinds if kind in STRING_MAX)
    plain = kinds.count("record")
    records = sum(longest(nested) for nested in layout.nested[:plain])
    lists = sum(2 + LIST_MAX * longest(nested) for nested in layout.nested[plain:])
    return fixed + strings + records + lists


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.record.__name__)
@given(data=st.data())
@EXAMPLES
def test_a_record_comes_back_from_its_bytes(layout: Layout[Any], data: st.DataObject) -> None:
    record = data.draw(wild_record(layout))
    raw = layout.encode(record)
    assert layout.decode(raw) == record
    assert len(raw) <= longest(layout)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.record.__name__)
@given(data=st.data())
@EXAMPLES
def test_a_record_cut_short_or_made_longer_is_refused(
    layout: Layout[Any], data: st.DataObject
) -> None:
    raw = layout.encode(data.draw(wild_record(layout)))
    cut = data.draw(st.integers(0, len(raw) - 1))
    with pytest.raises(CodecError):
        layout.decode(raw[:cut])
    with pytest.raises(CodecError):
        layout.decode(raw + data.draw(st.binary(min_size=1, max_size=20)))


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.record.__name__)
@given(data=st.data())
@EXAMPLES
def test_any_bytes_are_a_record_or_a_codec_error(layout: Layout[Any], data: st.DataObject) -> None:
    raw = bytearray(layout.encode(data.draw(wild_record(layout))))
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    for candidate in (bytes(raw), data.draw(st.binary(max_size=200))):
        try:
            record = layout.decode(candidate)
        except CodecError:
            continue
        assert layout.encode(record) == candidate  # one record, one encoding
