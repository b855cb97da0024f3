"""Displayed books and their subscribers, conflated level by level.

Room: the L2 book of each instrument, folded from `LevelChanged` alone, and the queues of those who
follow it. A slow reader is never queued for: what waits for it is the newest value of each level
that changed, so its memory is bounded by the book and what it rebuilds is exact (invariant I5).
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from exchange.engine.port import DepthView, Engine, LevelView
from exchange.feeds.subscription import Readers
from exchange.model.batch import EventBatch
from exchange.model.enums import Side
from exchange.model.event import LevelChanged
from exchange.model.event_scan import kinds_of
from exchange.model.level_notes import ChangedLevel, level_notes

_LEVELS = kinds_of(LevelChanged)

WAITING_LEVELS_MAX = 16_384
"""Changed levels that wait to be folded while nobody follows a book: what the first one to look
waits for, some 20 ms at most."""


class BookUpdate(NamedTuple):
    """What a subscriber gets.

    `snapshot` True: `bids` and `asks` are the whole book, forget what you had. False: they are
    changed levels, best first; a quantity of 0 removes the level. `seq` is the event sequence
    number up to which it is complete; `conflated` True: values in between were skipped.
    """

    instrument_id: int
    seq: int
    ts_ns: int
    snapshot: bool
    conflated: bool
    bids: list[LevelView]
    asks: list[LevelView]


class _Book:
    __slots__ = ("asks", "bids", "seq", "ts_ns")

    def __init__(self) -> None:
        self.bids: dict[int, LevelView] = {}
        self.asks: dict[int, LevelView] = {}
        self.seq = 0
        self.ts_ns = 0

    def side(self, side: int) -> dict[int, LevelView]:
        return self.bids if side == Side.BUY else self.asks


class BookSubscription:
    """One reader of one book; iterate it for `BookUpdate`s, the first is a snapshot."""

    def __init__(self, books: OrderBooks, instrument_id: int) -> None:
        self.instrument_id = instrument_id
        self._books = books
        self._wake = asyncio.Event()
        self._wake.set()
        self._levels: dict[tuple[int, int], LevelView] = {}
        self._seq = 0
        self._ts_ns = 0
        self._conflated = False
        self._fresh = True
        self._closed = False

    def put(self, level: ChangedLevel) -> None:
        """Note a changed level; overwrites what the reader has not read yet."""
        key = (level.side, level.price)
        self._conflated |= level.repeated or key in self._levels
        self._levels[key] = LevelView(level.price, level.qty, level.order_count)
        self._seq, self._ts_ns = level.seq, level.ts_ns
        self._wake.set()

    def close(self) -> None:
        """End the iteration after what is pending."""
        self._closed = True
        self._wake.set()
        self._books.forget(self)

    def __aiter__(self) -> BookSubscription:
        return self

    async def __anext__(self) -> BookUpdate:
        """The next update; waits for one. StopAsyncIteration after `close`."""
        await self._wake.wait()
        self._wake.clear()
        if self._closed:
            self._wake.set()
        levels, self._levels = self._levels, {}
        conflated, self._conflated = self._conflated, False
        if self._fresh:
            self._fresh = False
            return self._books.snapshot(self.instrument_id)
        if not levels:
            raise StopAsyncIteration
        bids = [view for (side, _), view in levels.items() if side == Side.BUY]
        asks = [view for (side, _), view in levels.items() if side == Side.SELL]
        bids.sort(reverse=True)
        asks.sort()
        return BookUpdate(
            self.instrument_id,
            self._seq,
            self._ts_ns,
            snapshot=False,
            conflated=conflated,
            bids=bids,
            asks=asks,
        )


class OrderBooks:
    """All displayed books. Event loop thread only."""

    def __init__(self) -> None:
        self._books: dict[int, _Book] = {}
        self._readers = Readers[BookSubscription]()
        self._waiting = level_notes()

    def load(self, engine: Engine) -> None:
        """Take over the books of the engine; used once, at start."""
        for view in engine.instruments():
            instrument_id = view.instrument.instrument_id
            depth = engine.depth(instrument_id, 0)
            book = self._books[instrument_id] = _Book()
            book.seq, book.ts_ns = engine.next_event_seq - 1, engine.now_ns
            if depth is not None:
                book.bids = {level.price: level for level in depth.bids}
                book.asks = {level.price: level for level in depth.asks}

    def on_batch(self, batch: EventBatch) -> None:
        """Take one batch and tell the readers; while there are none, it is folded later."""
        if batch.kinds & _LEVELS.mask:
            self._waiting.note(batch)
            if self._readers or len(self._waiting) > WAITING_LEVELS_MAX:
                self._fold()

    # A level that changed in many batches is folded once: what makes most of them cheap.
    def _fold(self) -> None:
        for level in self._waiting.take():
            book = self._books.setdefault(level.instrument_id, _Book())
            side = book.side(level.side)
            if level.qty or level.order_count:
                side[level.price] = LevelView(level.price, level.qty, level.order_count)
            else:
                side.pop(level.price, None)
            book.seq, book.ts_ns = level.seq, level.ts_ns
            for reader in self._readers.of(level.instrument_id):
                reader.put(level)

    def depth(self, instrument_id: int, levels: int = 0) -> DepthView:
        """The displayed book, best first, at most `levels` a side (0 = all)."""
        self._fold()
        book = self._books.get(instrument_id) or _Book()
        bids = sorted(book.bids.values(), reverse=True)
        asks = sorted(book.asks.values())
        return DepthView(bids[: levels or None], asks[: levels or None])

    def snapshot(self, instrument_id: int, levels: int = 0) -> BookUpdate:
        """The displayed book as an update that replaces everything."""
        self._fold()
        book = self._books.get(instrument_id) or _Book()
        bids, asks = self.depth(instrument_id, levels)
        return BookUpdate(
            instrument_id,
            book.seq,
            book.ts_ns,
            snapshot=True,
            conflated=False,
            bids=bids,
            asks=asks,
        )

    def subscribe(self, instrument_id: int) -> BookSubscription:
        """Follow one book; close the subscription when done."""
        self._fold()  # what happened before is no news to this reader
        reader = BookSubscription(self, instrument_id)
        self._readers.add(instrument_id, reader)
        return reader

    def forget(self, reader: BookSubscription) -> None:
        """Stop feeding a reader; used by its `close`."""
        self._readers.discard(reader.instrument_id, reader)

    def close(self) -> None:
        """End all subscriptions (the node stops)."""
        self._readers.close()

    @property
    def subscriber_count(self) -> int:
        """Readers now."""
        return self._readers.count
