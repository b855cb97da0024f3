"""A reader rebuilds the exact book, however slow it is (invariant I5)."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.engine.port import DepthView, Engine, LevelView
from exchange.feeds.order_books import BookSubscription, BookUpdate, OrderBooks
from exchange.model.enums import Side
from exchange.model.event import LevelChanged
from tests.exchange.feeds.market_run import Entries, MarketRun, entries
from tests.recorder import buy, cancel, sell

INSTRUMENT = 1


class Rebuilt:
    """A book made from the updates of one subscription alone."""

    def __init__(self, subscription: BookSubscription) -> None:
        self.subscription = subscription
        self.sides: tuple[dict[int, LevelView], dict[int, LevelView]] = ({}, {})
        self.updates: list[BookUpdate] = []

    async def read(self) -> bool:
        """Take one update if one waits; False if none does or the end is reached."""
        try:
            async with asyncio.timeout(0):
                update = await anext(self.subscription)
        except (TimeoutError, StopAsyncIteration):
            return False
        assert update.snapshot == (not self.updates)
        if self.updates:
            assert update.seq > self.updates[-1].seq
        self.updates.append(update)
        for side, levels in zip(self.sides, (update.bids, update.asks), strict=True):
            for level in levels:
                side[level.price] = level
                if not level.qty:
                    del side[level.price]
        assert update.bids == sorted(update.bids, reverse=True)
        assert update.asks == sorted(update.asks)
        return True

    def depth(self) -> DepthView:
        bids, asks = self.sides
        return DepthView(sorted(bids.values(), reverse=True), sorted(asks.values()))


def depth_of(engine: Engine) -> DepthView:
    depth = engine.depth(INSTRUMENT, 0)
    assert depth is not None
    return depth


@given(entries(), st.lists(st.lists(st.integers(0, 3), max_size=3), min_size=26, max_size=26))
@settings(max_examples=60)
def test_whatever_the_interleaving_of_reads_the_rebuilt_book_is_the_engines(
    run: Entries, reads: list[list[int]]
) -> None:
    async def play() -> None:
        market = MarketRun()
        books = OrderBooks()
        books.load(market.engine)
        readers: list[Rebuilt] = []
        for commands, picks in zip(run, reads, strict=False):
            if len(readers) < 4:
                readers.append(Rebuilt(books.subscribe(INSTRUMENT)))
            books.on_batch(market.send(*commands))
            assert books.depth(INSTRUMENT) == depth_of(market.engine)
            for pick in picks:
                reader = readers[pick % len(readers)]
                if await reader.read():
                    assert reader.depth() == depth_of(market.engine)
        for reader in readers:
            while await reader.read():
                pass
            assert reader.depth() == depth_of(market.engine)

    asyncio.run(play())


@given(entries())
@settings(max_examples=30)
def test_loaded_in_the_middle_or_folded_from_genesis_the_books_are_equal(run: Entries) -> None:
    market = MarketRun()
    folded, loaded = OrderBooks(), OrderBooks()
    half = len(run) // 2
    for number, commands in enumerate(run):
        if number == half:
            loaded.load(market.engine)
        market.send(*commands)
    if half == len(run):
        loaded.load(market.engine)
    for batch in market.batches:
        folded.on_batch(batch)
    for batch in market.batches[len(market.batches) - (len(run) - half) :]:
        loaded.on_batch(batch)
    for view in market.engine.instruments():
        number = view.instrument.instrument_id
        assert folded.depth(number) == loaded.depth(number) == market.engine.depth(number, 0)


async def test_skipped_values_are_said_and_only_skipped_ones() -> None:
    market, books, reader = fresh()
    books.on_batch(market.send(buy(1, "a", 10, 1000)))
    books.on_batch(market.send(buy(1, "b", 10, 1000)))
    first = await anext(reader)
    assert (first.snapshot, first.conflated) == (True, False)
    books.on_batch(market.send(buy(1, "c", 10, 1000)))
    second = await anext(reader)
    assert (second.snapshot, second.conflated) == (False, False)
    assert second.bids == [LevelView(1000, 30, 3)]
    books.on_batch(market.send(buy(1, "d", 10, 1000)))
    books.on_batch(market.send(cancel(1, "d", "x")))
    third = await anext(reader)
    assert third.conflated
    assert third.bids == [LevelView(1000, 30, 3)]
    reader.close()


def fresh() -> tuple[MarketRun, OrderBooks, BookSubscription]:
    market = MarketRun()
    books = OrderBooks()
    books.load(market.engine)
    return market, books, books.subscribe(INSTRUMENT)


async def test_the_sequence_is_that_of_the_newest_level() -> None:
    market, books, reader = fresh()
    await anext(reader)
    batch = market.send(buy(1, "a", 10, 1000), sell(2, "b", 10, 1010))
    books.on_batch(batch)
    update = await anext(reader)
    newest = [r.seq for r in batch.events if isinstance(r.event, LevelChanged)][-1]
    assert (update.seq, update.ts_ns) == (newest, batch.head.ts_ns)
    assert books.snapshot(INSTRUMENT).seq == newest


async def test_a_reader_that_was_closed_gets_what_waits_beginning_with_a_snapshot() -> None:
    market, books, unread = fresh()
    read = books.subscribe(INSTRUMENT)
    await anext(read)
    books.on_batch(market.send(buy(1, "a", 10, 1000)))
    books.close()
    assert [update.snapshot async for update in unread] == [True]
    assert [update.bids async for update in read] == [[LevelView(1000, 10, 1)]]
    assert [update async for update in read] == []
    assert books.subscriber_count == 0


async def test_a_closed_reader_is_told_no_more() -> None:
    market, books, reader = fresh()
    await anext(reader)
    reader.close()
    reader.close()
    books.on_batch(market.send(buy(1, "a", 10, 1000)))
    assert [update async for update in reader] == []


async def test_readers_of_other_books_hear_nothing() -> None:
    market, books, _ = fresh()
    other = Rebuilt(books.subscribe(2))
    assert await other.read()
    books.on_batch(market.send(buy(1, "a", 10, 1000)))
    assert not await other.read()
    assert books.subscriber_count == 2


def test_depth_is_cut_to_the_best_levels_of_each_side() -> None:
    market, books, _ = fresh()
    for number, price in enumerate((990, 980, 1000)):
        books.on_batch(market.send(buy(1, f"b{number}", 10, price)))
    books.on_batch(market.send(sell(2, "s", 10, 1020), sell(2, "t", 10, 1010)))
    cut = books.depth(INSTRUMENT, 2)
    assert [level.price for level in cut.bids] == [1000, 990]
    assert [level.price for level in cut.asks] == [1010, 1020]
    assert cut == market.engine.depth(INSTRUMENT, 2)
    assert books.snapshot(INSTRUMENT, 1).bids == cut.bids[:1]
    assert books.depth(99) == DepthView([], [])


def test_sides_are_told_apart_by_their_number() -> None:
    market = MarketRun()
    batch = market.send(buy(1, "a", 10, 1000))
    events = [r.event for r in batch.events if isinstance(r.event, LevelChanged)]
    assert [(event.side, event.price) for event in events] == [(Side.BUY, 1000)]
