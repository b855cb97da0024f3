"""What is told of a batch without making its events is what its events tell."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.engine.build import AUTO, build_engine
from exchange.model import event_scan
from exchange.model.batch import EventBatch
from exchange.model.codec import encode_batch, encode_command, encode_entry, encode_event
from exchange.model.event import Accepted, Event, LevelChanged, Trade
from exchange.model.layout import CodecError
from exchange.model.level_notes import ChangedLevel, LevelNotes, PlainLevelNotes, level_notes
from exchange.model.records import EVENTS
from tests.exchange.engine.native.whole_market import WholeMarket
from tests.recorder import START_NS
from tests.strategies import wild_events

ENTRIES = 300
WANTED = (
    event_scan.kinds_of(*(layout.record for layout in EVENTS.values())),
    event_scan.kinds_of(),
    event_scan.kinds_of(Trade, LevelChanged),
    event_scan.kinds_of(Accepted),
)
needs_native = pytest.mark.skipif(
    not event_scan.NATIVE_SCAN, reason="the native scan is not built: no C++20 compiler"
)


def _agree(raw: bytes) -> None:
    for wanted in WANTED:
        expected = event_scan.select_plain(EventBatch(raw), wanted)
        assert event_scan.select(EventBatch(raw), wanted) == expected
        assert EventBatch(raw).of_kinds(wanted) == expected
    batch = EventBatch(raw)
    assert event_scan.kinds_in(batch) == event_scan.kinds_in_plain(batch)
    noted = _noted(level_notes(), [batch, batch])
    assert noted == _noted(PlainLevelNotes(), [batch, batch])
    assert event_scan.tally(batch) == event_scan.tally_plain(batch)
    assert event_scan.concerned(batch) == event_scan.concerned_plain(batch)
    assert event_scan.bookings(batch) == event_scan.bookings_plain(batch)


@needs_native
def test_batches_of_random_markets_are_told_alike(seed: int) -> None:
    """Entries with many commands, so that levels change more than once."""
    chance = random.Random(seed)
    market, engine, ts_ns = WholeMarket(chance), build_engine(AUTO), START_NS
    records = [encode_command(command) for command in market.desk.opening()]
    trades = repeated = 0
    for index in range(1, ENTRIES):
        ts_ns += market.leap_ns()
        entry = encode_entry(index, 1, ts_ns, len(records), b"".join(records))
        raw = engine.apply(entry)
        _agree(raw)
        batch = EventBatch(raw)
        trades += event_scan.tally(batch).trades
        repeated += any(level.repeated for level in _noted(level_notes(), [batch]))
        records = [market.record(ts_ns) for _ in range(20)]
    assert trades > 0
    assert repeated > 0


@needs_native
@given(st.lists(wild_events(), max_size=6))
def test_any_event_is_told_alike(events: list[Event]) -> None:
    """Values from the edges of every field; nothing is taken twice or left out."""
    records = [encode_event(event, number) for number, event in enumerate(events)]
    _agree(encode_batch(1, START_NS, 1, records))


@pytest.mark.parametrize("cut", [1, 39, 41, 48, 60])
def test_bytes_that_are_no_batch_are_refused(cut: int) -> None:
    raw = encode_batch(1, START_NS, 1, [encode_event(LevelChanged(1, 1, 5, 1, 1), 0)])
    batch = EventBatch(raw[:cut])
    for question in (
        event_scan.tally,
        event_scan.concerned,
        event_scan.kinds_in,
        event_scan.bookings,
    ):
        with pytest.raises(CodecError):
            question(batch)
    for notes in (level_notes(), PlainLevelNotes()):
        with pytest.raises(CodecError):
            notes.note(batch)


def test_a_level_that_changes_twice_is_told_once() -> None:
    """Its newest value, at its newest seq; that there was another is told."""
    changes = [
        LevelChanged(1, 1, 5, 9, 2),
        LevelChanged(1, 2, 6, 3, 1),
        LevelChanged(1, 1, 5, 0, 0),
    ]
    raw = encode_batch(1, START_NS, 7, [encode_event(event, 0) for event in changes])
    for notes in (level_notes(), PlainLevelNotes()):
        found = _noted(notes, [EventBatch(raw)])
        assert found == [
            (START_NS, 8, 1, 2, 6, 3, 1, False),
            (START_NS, 9, 1, 1, 5, 0, 0, True),
        ]
        assert (len(notes), notes.take()) == (0, [])


def test_thousands_of_levels_are_noted_alike(seed: int) -> None:
    """The native table grows and is emptied many times."""
    chance = random.Random(seed)
    one, other = level_notes(), PlainLevelNotes()
    seq = 1
    for turn in range(30):
        changes = [
            LevelChanged(chance.randint(1, 3), chance.randint(1, 2), chance.randint(1, 900), qty, 1)
            for qty in range(chance.choice((1, 50, 2_000)))
        ]
        events = [encode_event(event, 0) for event in changes]
        raw = encode_batch(1, START_NS + turn, seq, events)
        seq += len(changes)
        one.note(EventBatch(raw))
        other.note(EventBatch(raw))
        assert len(one) == len(other)
        if chance.random() < 0.3:
            assert one.take() == other.take()
    assert one.take() == other.take()


def _noted(notes: LevelNotes, batches: list[EventBatch]) -> list[ChangedLevel]:
    for batch in batches:
        notes.note(batch)
    count = len(notes)
    found = notes.take()
    assert len(found) == count
    return found
