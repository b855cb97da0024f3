"""Trading states and notices for those who follow them, conflated to slow readers.

Room: who is told of which instrument. A state is told as it is now, however many changes a slow
reader missed; notices (what happened, with its figures) are kept up to NOTICES_MAX a reader, the
oldest go first. Memory is so bounded, and nobody is cut.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple, get_args

from exchange.engine.port import Engine
from exchange.feeds.subscription import Readers
from exchange.feeds.trading_states import TradingState, TradingStates
from exchange.model.auction_event import (
    AuctionExtended,
    BreakerTripped,
    ClosingPrice,
    Uncrossed,
    VolatilityInterrupted,
)
from exchange.model.batch import EventBatch
from exchange.model.corporate_action import InstrumentSplit
from exchange.model.event import PhaseChanged
from exchange.model.event_scan import kinds_of
from exchange.model.risk_event import TradeBusted, TradeCorrected

NOTICES_MAX = 1024
"""Notices that wait for one reader."""

EVERY = 0
"""Followed instead of an instrument: all of them, also those to come."""

PublicEvent = (
    PhaseChanged
    | Uncrossed
    | AuctionExtended
    | VolatilityInterrupted
    | BreakerTripped
    | ClosingPrice
    | TradeBusted
    | TradeCorrected
    | InstrumentSplit
)
"""Events that everybody may see and that states alone do not tell."""

_NOTICED = kinds_of(*get_args(PublicEvent))


class Notice(NamedTuple):
    """One public event with its place and time."""

    seq: int
    ts_ns: int
    event: PublicEvent


class StatusUpdate(NamedTuple):
    """What a reader gets.

    `snapshot` True: `states` are those of all that it follows. False: those that changed. Notices
    are in order of seq; `conflated` True: states or notices in between were skipped.
    """

    snapshot: bool
    conflated: bool
    states: list[TradingState]
    notices: list[Notice]


class StatusSubscription:
    """One reader; iterate it for `StatusUpdate`s, the first is a snapshot. Then `close()`.

    Args:
        instrument_ids: whom it follows; EVERY alone = all.
    """

    def __init__(self, feed: StatusFeed, instrument_ids: Iterable[int]) -> None:
        self.instrument_ids = tuple(dict.fromkeys(instrument_ids))
        self._feed = feed
        self._wake = asyncio.Event()
        self._wake.set()
        self._states: dict[int, TradingState] = {}
        self._notices: deque[Notice] = deque()
        self._conflated = False
        self._fresh = True
        self._closed = False

    def put(self, states: Iterable[TradingState], notices: Iterable[Notice]) -> None:
        """Take what one batch changed; overwrites what the reader has not read yet."""
        for state in states:
            self._conflated |= state.instrument_id in self._states
            self._states[state.instrument_id] = state
        for notice in notices:
            if len(self._notices) == NOTICES_MAX:
                self._notices.popleft()
                self._conflated = True
            self._notices.append(notice)
        self._wake.set()

    def close(self) -> None:
        """End the iteration after what is pending."""
        self._closed = True
        self._wake.set()
        self._feed.forget(self)

    def __aiter__(self) -> StatusSubscription:
        return self

    async def __anext__(self) -> StatusUpdate:
        """The next update; waits for one. StopAsyncIteration after `close`."""
        await self._wake.wait()
        self._wake.clear()
        if self._closed:
            self._wake.set()
        states = [self._states[key] for key in sorted(self._states)]
        notices, conflated = list(self._notices), self._conflated
        self._states.clear()
        self._notices.clear()
        self._conflated = False
        if self._fresh:
            self._fresh = False
            return StatusUpdate(
                snapshot=True,
                conflated=conflated,
                states=self._feed.states_of(self.instrument_ids),
                notices=notices,
            )
        if not (states or notices):
            raise StopAsyncIteration
        return StatusUpdate(snapshot=False, conflated=conflated, states=states, notices=notices)


class StatusFeed:
    """Trading states of all instruments and their readers. Event loop thread only."""

    def __init__(self) -> None:
        self._states = TradingStates()
        self._readers = Readers[StatusSubscription]()

    def load(self, engine: Engine) -> None:
        """Take over the states of the engine; used once, at start."""
        self._states.load(engine)

    def on_batch(self, batch: EventBatch) -> None:
        """Fold one batch and tell the readers."""
        changed = self._states.on_batch(batch)
        if not self._readers:
            return
        notices = [
            Notice(record.seq, batch.head.ts_ns, record.event)
            for record in batch.of_kinds(_NOTICED)
            if isinstance(record.event, PublicEvent)
        ]
        if changed or notices:
            self._tell(changed, notices)

    def of(self, instrument_id: int) -> TradingState:
        """The state of an instrument now."""
        return self._states.of(instrument_id)

    def states_of(self, instrument_ids: Iterable[int]) -> list[TradingState]:
        """The states of some instruments, or of all where EVERY is among them, by instrument."""
        wanted = sorted(set(instrument_ids))
        if EVERY in wanted:
            return self._states.every()
        return [self._states.of(instrument_id) for instrument_id in wanted]

    def subscribe(self, instrument_ids: Iterable[int]) -> StatusSubscription:
        """Follow instruments; close the subscription when done."""
        reader = StatusSubscription(self, instrument_ids)
        for instrument_id in reader.instrument_ids:
            self._readers.add(instrument_id, reader)
        return reader

    def forget(self, reader: StatusSubscription) -> None:
        """Stop feeding a reader; used by its `close`."""
        for instrument_id in reader.instrument_ids:
            self._readers.discard(instrument_id, reader)

    def close(self) -> None:
        """End all subscriptions (the node stops)."""
        self._readers.close()

    @property
    def subscriber_count(self) -> int:
        """Instruments followed, summed over the readers."""
        return self._readers.count

    def _tell(self, states: list[TradingState], notices: list[Notice]) -> None:
        for reader in self._readers.of(EVERY):
            reader.put(states, notices)
        concerned = {state.instrument_id for state in states}
        concerned |= {notice.event.instrument_id for notice in notices}
        # By reader, not by instrument: whoever follows several gets notices in order of seq.
        readers = {id(r): r for number in sorted(concerned) for r in self._readers.of(number)}
        for reader in readers.values():
            wanted = reader.instrument_ids
            reader.put(
                [state for state in states if state.instrument_id in wanted],
                [notice for notice in notices if notice.event.instrument_id in wanted],
            )
