"""A batch is decoded on demand, and an outcome finds the events of its own commands."""

from __future__ import annotations

import pytest

from exchange.model.batch import EventBatch, Outcome
from exchange.model.codec import COMMAND_NO_TIMER, encode_batch, encode_event
from exchange.model.event import TradingDayChanged
from exchange.model.layout import CodecError

RAW = encode_batch(
    3,
    50,
    10,
    [
        encode_event(TradingDayChanged(day), number)
        for day, number in enumerate([COMMAND_NO_TIMER, 0, 1, 1, 2, 3])
    ],
)


def days(outcome: Outcome, position: int) -> list[int]:
    events = [record.event for record in outcome.of(position)]
    return [event.trading_day for event in events if isinstance(event, TradingDayChanged)]


def test_head_and_events_of_the_raw_bytes() -> None:
    batch = EventBatch(RAW)
    assert (batch.head.log_index, batch.head.ts_ns, batch.head.event_count) == (3, 50, 6)
    assert [record.seq for record in batch.events] == [10, 11, 12, 13, 14, 15]
    assert batch.raw is RAW
    assert sorted(batch.by_command) == [0, 1, 2, 3, COMMAND_NO_TIMER]


def test_an_outcome_is_of_its_own_commands_only() -> None:
    outcome = Outcome(EventBatch(RAW), first_command_no=1, command_count=2)
    assert [days(outcome, 0), days(outcome, 1)] == [[2, 3], [4]]
    assert [record.seq for record in outcome.all()] == [12, 13, 14]


def test_events_of_timers_belong_to_no_submission() -> None:
    whole = Outcome(EventBatch(RAW), 0, 4)
    assert [record.seq for record in whole.all()] == [11, 12, 13, 14, 15]


def test_bytes_are_judged_when_they_are_read() -> None:
    batch = EventBatch(RAW[:-1])
    with pytest.raises(CodecError):
        _ = batch.head
    with pytest.raises(CodecError):
        _ = batch.events
