"""Runs of a market as the feeds see them: engines that move, and the batches that they give.

Room: making batches, by Hypothesis or by hand, and a history in memory. It knows no feed's rules.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from exchange.engine.port import Engine
from exchange.feeds.history import History
from exchange.model import event as e
from exchange.model.batch import EventBatch
from exchange.model.codec import EventRecord
from exchange.model.command import Command
from exchange.model.enums import Side
from exchange.model.event import Event
from storage.event_layout import EventBatchRecord
from storage.memory_index import MemoryEventStore
from tests.recorder import Recorder, order
from tests.strategies import SMALL_WORLD, commands, new_orders

Entries = list[list[Command]]


def entries(max_size: int = 25) -> st.SearchStrategy[Entries]:
    """Commands of the small world, some to an entry; mostly orders, so that something trades."""
    mostly_orders = st.one_of(new_orders(), new_orders(), commands())
    return st.lists(st.lists(mostly_orders, max_size=5), max_size=max_size)


@st.composite
def trading(draw: st.DrawFn, max_size: int = 25) -> Entries:
    """Entries of plain orders at three prices, each under its own name: many of them trade."""
    plan = draw(
        st.lists(
            st.lists(
                st.tuples(
                    st.integers(1, 3),
                    st.sampled_from(Side),
                    st.sampled_from([990, 1000, 1010]),
                    st.integers(2, 8),
                    st.integers(1, 2),
                ),
                min_size=1,
                max_size=5,
            ),
            min_size=5,
            max_size=max_size,
        )
    )
    return [
        [
            order(member, f"{number}-{at}", side, 5 * lots, price, instrument_id=instrument)
            for at, (member, side, price, lots, instrument) in enumerate(several)
        ]
        for number, several in enumerate(plan)
    ]


class MarketRun:
    """A market that is open, moved entry by entry."""

    def __init__(self, *, opened: bool = True) -> None:
        self._recorder = Recorder()
        self.batches: list[EventBatch] = []
        if opened:
            self._recorder.open_market(*SMALL_WORLD)
            self.batches = [EventBatch(raw) for raw in self._recorder.batches]

    @property
    def engine(self) -> Engine:
        """The engine, at the end of what was sent."""
        return self._recorder.engine

    def send(self, *commands: Command) -> EventBatch:
        """One entry, 10 ns later than the one before."""
        self._recorder.ts_ns += 10
        self._recorder.records(*commands)
        self.batches.append(EventBatch(self._recorder.batches[-1]))
        return self.batches[-1]

    def records(self, start_seq: int = 1) -> list[EventRecord]:
        """All event records so far, from a seq on."""
        return [r for batch in self.batches for r in batch.events if r.seq >= start_seq]


def memory_history() -> History[Any]:
    """A history whose store is in memory; a fault of it fails the test."""

    def fail(error: BaseException) -> None:
        raise AssertionError("the event index failed") from error

    return History(MemoryEventStore(), EventBatchRecord, fail)


def owners(event: Event) -> set[int]:
    """Members whom an order event concerns, read off its order states: a second opinion."""
    states = [
        state
        for name in ("order", "buy", "sell")
        if isinstance(state := getattr(event, name, None), e.OrderState)
    ]
    if isinstance(event, e.CancelRejected | e.MassCanceled):
        return {event.member_id}
    return {state.member_id for state in states}
