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
    batches = [batch, batch]
    assert event_scan.changed_levels(batches) == event_scan.changed_levels_plain(batches)
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
        repeated += any(level.repeated for level in event_scan.changed_levels([batch]))
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
    with pytest.raises(CodecError):
        event_scan.changed_levels([batch])


def test_a_level_that_changes_twice_is_told_once() -> None:
    """Its newest value, at its newest seq; that there was another is told."""
    changes = [
        LevelChanged(1, 1, 5, 9, 2),
        LevelChanged(1, 2, 6, 3, 1),
        LevelChanged(1, 1, 5, 0, 0),
    ]
    raw = encode_batch(1, START_NS, 7, [encode_event(event, 0) for event in changes])
    for answer in (event_scan.changed_levels, event_scan.changed_levels_plain):
        found = answer([EventBatch(raw)])
        assert found == [(0, 8, 1, 2, 6, 3, 1, False), (0, 9, 1, 1, 5, 0, 0, True)]
