"""Order events per member: the execution stream, from any sequence number, never conflated.

Room: who gets which order event. Turning an event into an execution report is the gateway's.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

from exchange.feeds.history import History
from exchange.feeds.subscription import HistoryGone, LiveQueue, Readers
from exchange.model.batch import EventBatch
from exchange.model.codec import EventRecord
from exchange.model.event_scan import members_of

QUEUE_EVENTS = 32_768
"""Events that a reader may be behind before it is dropped; history serves it when it returns. Not
batches, of which one may hold thousands: about 20 MB for a reader who stands still."""

PAGE = 512
"""Batches of history found per index scan."""


class ExecutionBatch(NamedTuple):
    """Events of one entry that concern one member, in order, with the entry's place and time."""

    log_index: int
    ts_ns: int
    records: list[EventRecord]


class ExecutionSubscription:
    """One member's order events from `start_seq` on; iterate `batches()`, then `close()`."""

    def __init__(
        self, feed: ExecutionFeed, history: History[Any], member_id: int, start_seq: int
    ) -> None:
        self.member_id = member_id
        self._feed = feed
        self._history = history
        self._live = LiveQueue[ExecutionBatch](QUEUE_EVENTS)
        self._live_from = history.last_seq + 1
        self._start_seq = start_seq or self._live_from

    def put(self, batch: ExecutionBatch) -> None:
        """Queue one live batch."""
        self._live.put(batch, batch.records[0].seq, len(batch.records))

    async def history(self) -> AsyncIterator[ExecutionBatch]:
        """What happened from start_seq up to the moment of subscription."""
        if self._start_seq >= self._live_from:
            return
        await self._history.settle()
        seq = self._start_seq
        while True:
            found = self._history.member_batches(self.member_id, seq, PAGE)
            for first_seq in found:
                if first_seq >= self._live_from:
                    return
                batch = self._history.batch_at(first_seq)
                mine = concerning(batch, self.member_id, self._start_seq)
                if mine is not None:
                    yield mine
                seq = batch.head.last_seq + 1
            if len(found) < PAGE:
                return
            await asyncio.sleep(0)

    async def live(self) -> list[ExecutionBatch]:
        """Live batches that wait, at least one; [] when the feed is closed; SlowReader if cut."""
        return await self._live.get()

    def close(self) -> None:
        """Stop following."""
        self._live.close()
        self._feed.forget(self)


class ExecutionFeed:
    """All members' order events. Event loop thread only."""

    def __init__(self, history: History[Any]) -> None:
        self._history = history
        self._readers = Readers[ExecutionSubscription]()

    def on_batch(self, batch: EventBatch) -> None:
        """Tell the readers; call it after `History.on_batch`."""
        if not self._readers:
            return
        found: dict[int, list[EventRecord]] = {}
        for record in batch.events:  # once, however many readers there are
            for member_id in members_of(record.event):
                if member_id in self._readers:
                    found.setdefault(member_id, []).append(record)
        for member_id, records in found.items():
            mine = ExecutionBatch(batch.head.log_index, batch.head.ts_ns, records)
            for reader in self._readers.of(member_id):
                reader.put(mine)

    def subscribe(self, member_id: int, start_seq: int) -> ExecutionSubscription:
        """Follow a member from `start_seq` (inclusive; 0 = from now).

        Raises:
            HistoryGone: older than what is kept, or in the future.
        """
        oldest, newest = self._history.first_seq, self._history.last_seq
        if start_seq and not oldest <= start_seq <= newest + 1:
            raise HistoryGone(start_seq, oldest, newest)
        reader = ExecutionSubscription(self, self._history, member_id, start_seq)
        self._readers.add(member_id, reader)
        return reader

    def forget(self, reader: ExecutionSubscription) -> None:
        """Stop feeding a reader; used by its `close`."""
        self._readers.discard(reader.member_id, reader)

    def close(self) -> None:
        """End all subscriptions (the node stops)."""
        self._readers.close()

    @property
    def subscriber_count(self) -> int:
        """Readers now."""
        return self._readers.count


def concerning(batch: EventBatch, member_id: int, from_seq: int) -> ExecutionBatch | None:
    """The events of a batch from a seq on that concern a member, or None."""
    records = [
        record
        for record in batch.events
        if record.seq >= from_seq and member_id in members_of(record.event)
    ]
    return ExecutionBatch(batch.head.log_index, batch.head.ts_ns, records) if records else None
