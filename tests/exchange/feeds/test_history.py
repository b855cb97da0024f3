"""The way of a batch into the event index: complete after `settle`, in groups, never retried."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings

from exchange.errors import Overloaded
from exchange.feeds import history as history_module
from exchange.feeds.history import History, index_keys
from exchange.model.event import Trade
from exchange.model.event_scan import members_of
from storage.errors import CorruptionError, DiskFaultError
from storage.event_layout import EventBatchRecord
from storage.memory_index import MemoryEventStore
from tests.exchange.feeds.market_run import Entries, MarketRun, entries, memory_history, owners
from tests.recorder import buy, sell
from tests.strategies import wild_events

WAIT_S = 10


@given(wild_events())
def test_an_event_concerns_the_members_that_its_order_states_name(event: Any) -> None:
    found = members_of(event)
    assert len(set(found)) == len(found)
    if set(found) != owners(event):
        raise AssertionError(f"{event}: {found}")


@given(entries())
@settings(max_examples=40)
def test_after_settle_everything_delivered_is_read_and_found(run: Entries) -> None:
    async def play() -> None:
        market = MarketRun()
        history = memory_history()
        history.replayed(market.batches)
        for commands in run:
            history.on_batch(market.send(*commands))
        assert history.last_seq == market.engine.next_event_seq - 1
        await history.settle()
        stored = [batch for batch in market.batches if batch.head.event_count]
        assert [batch.raw for batch in history.read_from(1)] == [batch.raw for batch in stored]
        for member in (1, 2, 3):
            starts = [b.head.first_seq for b in stored if concerns(b, member)]
            assert history.member_batches(member, 1, 10_000) == starts
        for instrument in (1, 2):
            seqs = [r.seq for r in market.records() if traded(r.event, instrument)]
            assert history.trade_seqs(instrument, 10**6, 10_000) == seqs[::-1]
        for record in market.records()[::7]:
            assert record in history.batch_at(record.seq).events
        await history.stop()

    asyncio.run(play())


def concerns(batch: Any, member: int) -> bool:
    return any(member in owners(record.event) for record in batch.events)


def traded(event: Any, instrument: int) -> bool:
    return isinstance(event, Trade) and event.instrument_id == instrument


def test_index_keys_name_each_member_once_and_each_trade() -> None:
    market = MarketRun()
    batch = market.send(buy(1, "a", 10, 1000), buy(1, "b", 10, 1000), sell(2, "c", 20, 1000))
    first = batch.head.first_seq.to_bytes(8, "big")
    (one, two) = [r.seq.to_bytes(8, "big") for r in batch.events if traded(r.event, 1)]
    number = (1).to_bytes(4, "big")
    assert list(index_keys(batch)) == [
        (b"T" + number + (1).to_bytes(8, "big"), one),
        (b"T" + number + (2).to_bytes(8, "big"), two),
        (b"M" + number + first, b""),
        (b"M" + (2).to_bytes(4, "big") + first, b""),
    ]


async def test_waiting_batches_are_written_in_one_transaction() -> None:
    calls: list[int] = []

    class Counting(MemoryEventStore):
        def append(self, batches: Sequence[EventBatchRecord]) -> None:
            calls.append(len(batches))
            super().append(batches)

    market = MarketRun()
    history: History[Any] = History(Counting(), EventBatchRecord, raising)
    for batch in market.batches:
        history.on_batch(batch)
    await history.settle()
    await history.settle()
    assert calls == [len(market.batches)]
    await history.stop()


def raising(error: BaseException) -> None:
    raise AssertionError("the event index failed") from error


async def test_many_waiting_bytes_are_written_without_waiting_for_the_period() -> None:
    market = MarketRun()
    history = memory_history()
    with (
        mock.patch.object(history_module, "SETTLE_BYTES", 1),
        mock.patch.object(history_module, "SETTLE_PERIOD_S", 3600.0),
    ):
        history.start()
        await asyncio.sleep(0)
        history.on_batch(market.batches[0])
        async with asyncio.timeout(WAIT_S):
            while not history.read_from(1):  # noqa: ASYNC110 - the writer's doing, not ours
                await asyncio.sleep(0.001)
        await history.stop()


async def test_the_period_alone_writes_what_waits() -> None:
    market = MarketRun()
    history = memory_history()
    with mock.patch.object(history_module, "SETTLE_PERIOD_S", 0.01):
        history.start()
        history.on_batch(market.batches[0])
        async with asyncio.timeout(WAIT_S):
            while not history.read_from(1):  # noqa: ASYNC110 - the writer's doing, not ours
                await asyncio.sleep(0.001)
        await history.stop()


async def test_stopping_writes_what_waits() -> None:
    market = MarketRun()
    store = MemoryEventStore()
    history: History[Any] = History(store, EventBatchRecord, raising)
    history.start()
    for batch in market.batches:
        history.on_batch(batch)
    await history.stop()
    assert store.last_seq == market.engine.next_event_seq - 1


async def test_a_backlog_beyond_its_bound_refuses_until_it_is_written() -> None:
    market = MarketRun()
    history = memory_history()
    with mock.patch.object(history_module, "BACKLOG_BYTES_MAX", len(market.batches[0].raw)):
        history.on_batch(market.batches[0])
        history.refuse_when_behind()
        history.on_batch(market.batches[1])
        with pytest.raises(Overloaded) as raised:
            history.refuse_when_behind()
        assert raised.value.reason == "EVENT_INDEX_BEHIND"
        await history.settle()
        history.refuse_when_behind()
    await history.stop()


async def test_a_store_that_fails_is_a_fault_of_the_node() -> None:
    class Failing(MemoryEventStore):
        def append(self, batches: Sequence[EventBatchRecord]) -> None:
            raise DiskFaultError(Path("index"), "no space left")

    faults: list[BaseException] = []
    history: History[Any] = History(Failing(), EventBatchRecord, faults.append)
    history.on_batch(MarketRun().batches[0])
    with pytest.raises(DiskFaultError):
        await history.settle()
    assert [type(fault) for fault in faults] == [DiskFaultError]
    await history.stop()


async def test_a_replay_that_differs_from_what_is_stored_is_refused() -> None:
    one, other = MarketRun(), MarketRun()
    one.send(buy(1, "a", 10, 1000))
    other.send(buy(1, "a", 15, 1000))
    history = memory_history()
    history.replayed(one.batches)
    history.replayed(one.batches)
    with pytest.raises(CorruptionError):
        history.replayed(other.batches)
    await history.stop()


async def test_batches_without_events_are_not_kept() -> None:
    market = MarketRun()
    history = memory_history()
    history.replayed(market.batches)
    newest = history.last_seq
    history.on_batch(market.send())
    assert history.last_seq == newest
    await history.settle()
    assert history.read_from(newest + 1) == []
    await history.stop()


async def test_damage_that_a_reader_meets_is_final() -> None:
    class Damaged(MemoryEventStore):
        @property
        def last_seq(self) -> int:
            return 5

        def read_from(self, seq: int, max_bytes: int) -> list[EventBatchRecord]:
            raise CorruptionError("data.mdb", "events", str(seq), what="CRC32C", action="stop")

    faults: list[BaseException] = []
    history: History[Any] = History(Damaged(), EventBatchRecord, faults.append)
    with pytest.raises(CorruptionError):
        history.read_from(1)
    assert [type(fault) for fault in faults] == [CorruptionError]
