"""The trade tape: live, from history, and newest first page by page."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.feeds import history as history_module
from exchange.feeds import trades
from exchange.feeds.history import History
from exchange.feeds.subscription import HistoryGone, SlowReader
from exchange.feeds.trades import TradeFeed, TradeSubscription, TradeTick
from exchange.model.command import Command
from exchange.model.event import Trade
from tests.exchange.feeds.market_run import Entries, MarketRun, memory_history, trading
from tests.recorder import buy, sell


class Rig:
    """A market, its history in memory and the tape, fed as the core feeds them."""

    def __init__(self) -> None:
        self.market = MarketRun()
        self.history: History[Any] = memory_history()
        self.history.replayed(self.market.batches)
        self.feed = TradeFeed(self.history)

    def send(self, *commands: Command) -> None:
        batch = self.market.send(*commands)
        self.history.on_batch(batch)
        self.feed.on_batch(batch)

    def tape(self, instrument_id: int, start_seq: int = 1) -> list[TradeTick]:
        return [
            TradeTick(record.seq, batch.head.ts_ns, record.event)
            for batch in self.market.batches
            for record in batch.events
            if isinstance(record.event, Trade)
            and record.event.instrument_id == instrument_id
            and record.seq >= start_seq
        ]


async def drained(subscription: TradeSubscription) -> list[TradeTick]:
    """All that a subscription gives: its past, then what waits."""
    seen = [tick async for page in subscription.history() for tick in page]
    try:
        async with asyncio.timeout(0):
            seen += await subscription.live()
    except TimeoutError:
        return seen
    return seen


STARTS = st.lists(
    st.none() | st.tuples(st.integers(1, 2), st.floats(0, 1)), min_size=25, max_size=25
)


@given(trading(), STARTS, st.sampled_from([1, 500, 1 << 18]))
@settings(max_examples=50)
def test_from_wherever_a_reader_starts_it_gets_the_tape_from_there(
    run: Entries, starts: list[tuple[int, float] | None], read_bytes: int
) -> None:
    async def play() -> None:
        rig = Rig()
        readers = []
        for commands, start in zip(run, starts, strict=False):
            if start is not None:
                instrument_id, share = start
                seq = 1 + int(share * rig.history.last_seq)
                readers.append((instrument_id, seq, rig.feed.subscribe(instrument_id, seq)))
            rig.send(*commands)
        for instrument_id, seq, subscription in readers:
            assert await drained(subscription) == rig.tape(instrument_id, seq)
        await rig.history.stop()

    with mock.patch.object(history_module, "READ_BYTES", read_bytes):
        asyncio.run(play())


@given(trading(), st.integers(1, 5))
@settings(max_examples=40)
def test_pages_newest_first_are_the_tape_backwards(run: Entries, size: int) -> None:
    async def play() -> None:
        rig = Rig()
        for commands in run:
            rig.send(*commands)
        for instrument_id in (1, 2):
            found = await rig.feed.newest(instrument_id, size)
            pages = list(found)
            while found:
                found = await rig.feed.newest(instrument_id, size, found[-1].trade.trade_id)
                assert len(found) <= size
                pages += found
            assert pages[::-1] == rig.tape(instrument_id)
        await rig.history.stop()

    asyncio.run(play())


@pytest.mark.parametrize("before", [0, 1])
async def test_there_is_nothing_before_the_first_trade(before: int) -> None:
    rig = Rig()
    rig.send(buy(1, "a", 10, 1000), sell(2, "b", 10, 1000))
    assert await rig.feed.newest(1, 5, before) == []
    assert len(await rig.feed.newest(1, 5, 2)) == 1
    await rig.history.stop()


async def test_a_reader_from_now_on_does_not_see_what_was() -> None:
    rig = Rig()
    rig.send(buy(1, "a", 10, 1000), sell(2, "b", 10, 1000))
    subscription = rig.feed.subscribe(1, 0)
    rig.send(buy(1, "c", 10, 1000), sell(2, "d", 10, 1000))
    assert await drained(subscription) == rig.tape(1)[1:]
    await rig.history.stop()


async def test_a_reader_may_start_at_any_trade_of_an_entry() -> None:
    rig = Rig()
    rig.send(buy(1, "a", 10, 1000), buy(3, "b", 10, 1000), sell(2, "c", 20, 1000))
    first, second = rig.tape(1)
    assert await drained(rig.feed.subscribe(1, second.seq)) == [second]
    assert await drained(rig.feed.subscribe(1, first.seq)) == [first, second]
    await rig.history.stop()


async def test_what_was_live_does_not_come_from_history_again() -> None:
    rig = Rig()
    rig.send(buy(1, "a", 10, 1000), sell(2, "b", 10, 1000))
    subscription = rig.feed.subscribe(1, 1)
    rig.send(buy(1, "c", 10, 1000), sell(2, "d", 10, 1000))
    assert await drained(subscription) == rig.tape(1)
    assert len(rig.tape(1)) == 2
    await rig.history.stop()


async def test_a_slow_reader_is_cut_and_told_where_to_resume() -> None:
    rig = Rig()
    with mock.patch.object(trades, "QUEUE_BOUND", 2):
        subscription = rig.feed.subscribe(1, 0)
    for number in range(4):
        rig.send(buy(1, f"a{number}", 10, 1000), sell(2, f"b{number}", 10, 1000))
    tape = rig.tape(1)
    assert await subscription.live() == tape[:2]
    with pytest.raises(SlowReader) as raised:
        await subscription.live()
    assert await drained(rig.feed.subscribe(1, raised.value.resume_seq)) == tape[2:]
    await rig.history.stop()


async def test_the_future_is_refused() -> None:
    rig = Rig()
    newest = rig.history.last_seq
    rig.feed.subscribe(1, newest + 1)
    with pytest.raises(HistoryGone, match=f"seq {newest + 2} is not available"):
        rig.feed.subscribe(1, newest + 2)
    await rig.history.stop()


async def test_closing_ends_every_reader_after_what_waits() -> None:
    rig = Rig()
    readers = [rig.feed.subscribe(1, 0), rig.feed.subscribe(2, 0)]
    assert rig.feed.subscriber_count == 2
    rig.send(buy(1, "a", 10, 1000), sell(2, "b", 10, 1000))
    rig.feed.close()
    assert rig.feed.subscriber_count == 0
    assert [await reader.live() for reader in readers] == [rig.tape(1), []]
    assert [await reader.live() for reader in readers] == [[], []]
    await rig.history.stop()
