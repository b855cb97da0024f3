"""Trades per instrument: live, and from history page by page.

Room: the public trade tape. Members do not stand on it; the gateway shows price, quantity, time
and the aggressor's side.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

from exchange.feeds.history import History
from exchange.feeds.subscription import HistoryGone, LiveQueue, Readers
from exchange.model.batch import EventBatch
from exchange.model.event import Trade
from exchange.model.event_scan import kinds_of
from exchange.model.units import TIMESTAMP_MAX_NS

_TRADE = kinds_of(Trade)

QUEUE_BOUND = 65_536
"""Trades a reader may be behind before it is dropped."""

TRADE_ID_MAX = TIMESTAMP_MAX_NS


class TradeTick(NamedTuple):
    """A trade with its place in the event sequence and its time."""

    seq: int
    ts_ns: int
    trade: Trade


class TradeSubscription:
    """Trades of one instrument from `start_seq` on."""

    def __init__(
        self, feed: TradeFeed, history: History[Any], instrument_id: int, start_seq: int
    ) -> None:
        self.instrument_id = instrument_id
        self._feed = feed
        self._history = history
        self._live = LiveQueue[TradeTick](QUEUE_BOUND)
        self._live_from = history.last_seq + 1
        self._start_seq = start_seq or self._live_from

    def put(self, tick: TradeTick) -> None:
        """Queue one live trade."""
        self._live.put(tick, tick.seq)

    async def history(self) -> AsyncIterator[list[TradeTick]]:
        """Trades from start_seq up to the moment of subscription, oldest first, in pages."""
        seq = self._start_seq
        if seq >= self._live_from:
            return
        await self._history.settle()
        while seq < self._live_from:
            batches = self._history.read_from(seq)
            if not batches:
                return
            page = [
                tick
                for batch in batches
                for tick in ticks(batch, self.instrument_id)
                if self._start_seq <= tick.seq < self._live_from
            ]
            if page:
                yield page
            seq = batches[-1].head.last_seq + 1
            await asyncio.sleep(0)

    async def live(self) -> list[TradeTick]:
        """Trades that wait, at least one; [] when the feed is closed; SlowReader if cut."""
        return await self._live.get()

    def close(self) -> None:
        """Stop following."""
        self._live.close()
        self._feed.forget(self)


class TradeFeed:
    """All trades. Event loop thread only."""

    def __init__(self, history: History[Any]) -> None:
        self._history = history
        self._readers = Readers[TradeSubscription]()

    def on_batch(self, batch: EventBatch) -> None:
        """Tell the readers; call it after `History.on_batch`."""
        if not self._readers:
            return
        for seq, _, event in batch.of_kinds(_TRADE):
            if isinstance(event, Trade):
                for reader in self._readers.of(event.instrument_id):
                    reader.put(TradeTick(seq, batch.head.ts_ns, event))

    def subscribe(self, instrument_id: int, start_seq: int) -> TradeSubscription:
        """Follow an instrument from `start_seq` (inclusive; 0 = from now); or HistoryGone."""
        oldest, newest = self._history.first_seq, self._history.last_seq
        if start_seq and not oldest <= start_seq <= newest + 1:
            raise HistoryGone(start_seq, oldest, newest)
        reader = TradeSubscription(self, self._history, instrument_id, start_seq)
        self._readers.add(instrument_id, reader)
        return reader

    async def newest(
        self, instrument_id: int, limit: int, before_trade_id: int = TRADE_ID_MAX
    ) -> list[TradeTick]:
        """At most `limit` trades with trade_id < `before_trade_id`, newest first."""
        await self._history.settle()
        found: list[TradeTick] = []
        batch: EventBatch | None = None
        for seq in self._history.trade_seqs(instrument_id, before_trade_id, limit):
            if batch is None or not batch.head.first_seq <= seq <= batch.head.last_seq:
                batch = self._history.batch_at(seq)
            event = batch.events[seq - batch.head.first_seq].event
            if isinstance(event, Trade):
                found.append(TradeTick(seq, batch.head.ts_ns, event))
        return found

    def forget(self, reader: TradeSubscription) -> None:
        """Stop feeding a reader; used by its `close`."""
        self._readers.discard(reader.instrument_id, reader)

    def close(self) -> None:
        """End all subscriptions (the node stops)."""
        self._readers.close()

    @property
    def subscriber_count(self) -> int:
        """Readers now."""
        return self._readers.count


def ticks(batch: EventBatch, instrument_id: int) -> list[TradeTick]:
    """The trades of one instrument in a batch."""
    return [
        TradeTick(seq, batch.head.ts_ns, event)
        for seq, _, event in batch.of_kinds(_TRADE)
        if isinstance(event, Trade) and event.instrument_id == instrument_id
    ]
