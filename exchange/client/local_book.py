"""A copy of one displayed order book, kept by a client from the book stream.

Room: applies snapshots and level updates, in the order of the stream. Sans I/O.
Invariant: after each message it equals the displayed book of the exchange at `seq`.
"""

from __future__ import annotations

from typing import NamedTuple

from exchange.api.v1.market_data_service_pb2 import OrderBook, SubscribeOrderBookResponse
from exchange.model.enums import Phase, Side


class Level(NamedTuple):
    """One price: 1e-9 quote units, displayed base units, displayed orders."""

    price: int
    qty: int
    order_count: int


class BookGapError(Exception):
    """A message did not fit what was told before; subscribe again."""


class LocalBook:
    """The displayed book of one instrument; updated in place.

    Attributes:
        symbol: instrument.
        seq: event sequence number up to which the book is told.
        phase: trading phase; None before the first message.
        conflated: whether the newest message left values in between out.
    """

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self.seq = 0
        self.phase: Phase | None = None
        self.conflated = False
        self._levels: dict[int, dict[int, Level]] = {Side.BUY: {}, Side.SELL: {}}
        self._has_snapshot = False

    def apply(self, message: SubscribeOrderBookResponse) -> bool:
        """Take a message of the stream; whether the book or its phase changed.

        Raises BookGapError if a snapshot is missing or the sequence goes back.
        """
        if message.snapshot:
            self._load(message.book)
        elif not self._has_snapshot or message.seq < self.seq:
            raise BookGapError(
                f"{self.symbol}: message of seq {message.seq} after {self.seq}"
                + ("" if self._has_snapshot else ", before any snapshot")
            )
        for update in message.updates:
            side = self._levels[update.side]
            if update.qty:
                side[update.price] = Level(update.price, update.qty, update.order_count)
            else:
                side.pop(update.price, None)
        phase = Phase(message.phase) if message.phase else self.phase
        changed = message.snapshot or bool(message.updates) or phase != self.phase
        self.seq, self.phase, self.conflated = message.seq, phase, message.conflated
        return changed

    def bids(self, depth: int | None = None) -> list[Level]:
        """Buy levels, highest first; the best `depth` of them. O(n log n) in the levels."""
        return sorted(self._levels[Side.BUY].values(), reverse=True)[:depth]

    def asks(self, depth: int | None = None) -> list[Level]:
        """Sell levels, lowest first; the best `depth` of them. O(n log n) in the levels."""
        return sorted(self._levels[Side.SELL].values())[:depth]

    @property
    def best_bid(self) -> Level | None:
        """Highest buy level; None = there is none. O(n) in the levels."""
        return max(self._levels[Side.BUY].values(), default=None)

    @property
    def best_ask(self) -> Level | None:
        """Lowest sell level; None = there is none. O(n) in the levels."""
        return min(self._levels[Side.SELL].values(), default=None)

    def _load(self, book: OrderBook) -> None:
        self._levels = {
            Side.BUY: {row.price: Level(row.price, row.qty, row.order_count) for row in book.bids},
            Side.SELL: {row.price: Level(row.price, row.qty, row.order_count) for row in book.asks},
        }
        self._has_snapshot = True
