"""Indications of interest and crossing sessions of the dark books.

Room: the indications that stand, folded from `DarkIndication` alone, and those who follow them.
Interest has no identity in the events, so none can get out here. A reader begins with what stands
now; one that falls behind is cut and begins anew.
"""

from __future__ import annotations

from typing import NamedTuple

from exchange.engine.port import Engine
from exchange.feeds.subscription import LiveQueue, Readers
from exchange.model.batch import EventBatch
from exchange.model.dark import DarkCrossed, DarkIndication
from exchange.model.event_scan import kinds_of

_TOLD = kinds_of(DarkIndication, DarkCrossed)

QUEUE_BOUND = 4_096
"""News that a reader may be behind before it is cut."""

EVERY_INSTRUMENT = 0


class DarkNews(NamedTuple):
    """One piece of news with its place in the event sequence and its time."""

    seq: int
    ts_ns: int
    event: DarkIndication | DarkCrossed


class IndicationSubscription:
    """News of one instrument, or of every one (0); `standing` is what stood at the beginning."""

    def __init__(self, feed: IndicationFeed, instrument_id: int) -> None:
        self.instrument_id = instrument_id
        self.standing = feed.standing(instrument_id)
        self._feed = feed
        self._live = LiveQueue[DarkNews](QUEUE_BOUND)

    def put(self, news: DarkNews) -> None:
        """Queue one piece of news."""
        self._live.put(news, news.seq)

    async def live(self) -> list[DarkNews]:
        """News that wait, at least one; [] when the feed is closed; SlowReader if cut."""
        return await self._live.get()

    def close(self) -> None:
        """Stop following."""
        self._live.close()
        self._feed.forget(self)


class IndicationFeed:
    """All indications. Event loop thread only."""

    def __init__(self) -> None:
        self._standing: dict[tuple[int, int], DarkIndication] = {}
        self._readers = Readers[IndicationSubscription]()

    def load(self, engine: Engine) -> None:
        """Take over what stands in the engine; used once, at start."""
        for view in engine.instruments():
            dark = engine.dark(view.instrument.instrument_id)
            for event in dark.indications if dark else ():
                self._standing[event.instrument_id, event.side] = event

    def on_batch(self, batch: EventBatch) -> None:
        """Fold one batch and tell the readers."""
        for seq, _, event in batch.of_kinds(_TOLD):
            if type(event) is DarkIndication:
                key = (event.instrument_id, event.side)
                if event.qty:
                    self._standing[key] = event
                else:
                    self._standing.pop(key, None)
            elif type(event) is not DarkCrossed:
                continue
            news = DarkNews(seq, batch.head.ts_ns, event)
            for followed_id in (EVERY_INSTRUMENT, event.instrument_id):
                for reader in self._readers.of(followed_id):
                    reader.put(news)

    def standing(self, instrument_id: int) -> list[DarkIndication]:
        """The indications that stand for an instrument (0 = every one), by instrument and side."""
        return [
            event
            for (owner, _), event in sorted(self._standing.items())
            if instrument_id in (EVERY_INSTRUMENT, owner)
        ]

    def subscribe(self, instrument_id: int) -> IndicationSubscription:
        """Follow an instrument, or every one (0); close the subscription when done."""
        reader = IndicationSubscription(self, instrument_id)
        self._readers.add(instrument_id, reader)
        return reader

    def forget(self, reader: IndicationSubscription) -> None:
        """Stop feeding a reader; used by its `close`."""
        self._readers.discard(reader.instrument_id, reader)

    def close(self) -> None:
        """End all subscriptions (the node stops)."""
        self._readers.close()

    @property
    def subscriber_count(self) -> int:
        """Readers now."""
        return self._readers.count
