"""The order book of one instrument: price levels, a FIFO queue in each, what is displayed.

Room: queues and displayed quantities. Everything that changes the place of an order lives here; it
matches nothing and emits nothing. Invariants: a level exists while it holds an order; its `qty` is
the sum of the leaves of its queue; the queue is in time priority (R4.1).

Data structures: `SortedList` of the prices (insertion and removal O(log n), best price O(1)), a
dict from price to level, and an `OrderedDict` as queue: its linked list takes the head and any
order out in O(1), where taking the head of a plain dict again and again is quadratic.

While a command runs the book notes each level it touches, with the displayed (qty, count) from
before; `changes` compares when the command is done (R11.1: book events come last).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from sortedcontainers import SortedList

from exchange.engine.port import LevelView
from exchange.engine.reference.order import Order
from exchange.errors import InvariantViolation
from exchange.model.enums import OrdType, Side
from exchange.model.event import BboChanged, LevelChanged

_BUY = Side.BUY.value
_SELL = Side.SELL.value
_MARKET = OrdType.MARKET.value

Bbo = tuple[int, int, int, int]
"""bid price, bid qty, ask price, ask qty; zeros for an empty side."""


class Level:
    """One price: its queue, oldest first, and the displayed sum of leaves in base units."""

    __slots__ = ("price", "qty", "queue")

    def __init__(self, price: int) -> None:
        self.price = price
        self.qty = 0
        self.queue: OrderedDict[int, Order] = OrderedDict()

    def head(self) -> Order:
        """The order that trades next."""
        return next(iter(self.queue.values()))


class BookSide:
    """All levels of one side."""

    __slots__ = ("levels", "prices", "side")

    def __init__(self, side: int) -> None:
        self.side = side
        self.levels: dict[int, Level] = {}
        self.prices: SortedList = SortedList()

    def best_price(self) -> int:
        """Highest bid or lowest ask; 0 if the side is empty."""
        if not self.levels:
            return 0
        price: int = self.prices[-1 if self.side == _BUY else 0]
        return price

    def best_first(self) -> Iterator[Level]:
        """All levels, best price first."""
        prices = reversed(self.prices) if self.side == _BUY else iter(self.prices)
        return (self.levels[price] for price in prices)

    def views(self, count: int) -> list[LevelView]:
        """The best `count` levels as displayed (0 = all)."""
        found = []
        for level in self.best_first():
            found.append(LevelView(level.price, level.qty, len(level.queue)))
            if len(found) == count:
                break
        return found


class Book:
    """Both sides of one instrument.

    Args:
        instrument_id: whose book it is.
        dirty: the engine's register of books touched by the running command.
    """

    __slots__ = ("_bbo_before", "_dirty", "_touched", "asks", "bids", "instrument_id")

    def __init__(self, instrument_id: int, dirty: dict[int, Book]) -> None:
        self.instrument_id = instrument_id
        self.bids = BookSide(_BUY)
        self.asks = BookSide(_SELL)
        self._dirty = dirty
        self._touched: dict[tuple[int, int], tuple[int, int]] = {}
        self._bbo_before: Bbo = (0, 0, 0, 0)

    def side(self, side: int) -> BookSide:
        """The levels of a side."""
        return self.bids if side == _BUY else self.asks

    def opposite(self, side: int) -> BookSide:
        """The levels that an order of `side` trades against."""
        return self.asks if side == _BUY else self.bids

    def add(self, order: Order) -> None:
        """Put an order at the back of the queue of its price."""
        side = self.side(order.side)
        level = side.levels.get(order.price)
        self._touch(side, order.price, level)
        if level is None:
            level = side.levels[order.price] = Level(order.price)
            side.prices.add(order.price)
        level.queue[order.order_id] = order
        level.qty += order.leaves_qty
        order.is_resting = True

    def remove(self, order: Order) -> None:
        """Take an order out of its queue, with what it still has open."""
        side = self.side(order.side)
        level = side.levels[order.price]
        self._touch(side, order.price, level)
        del level.queue[order.order_id]
        level.qty -= order.leaves_qty
        order.is_resting = False
        if not level.queue:
            if level.qty:
                raise InvariantViolation("level_qty_is_sum_of_leaves", order_id=order.order_id)
            del side.levels[order.price]
            side.prices.remove(order.price)

    def reduce(self, order: Order, qty: int) -> None:
        """Display `qty` less of a resting order; the caller lowers its leaves by as much."""
        side = self.side(order.side)
        level = side.levels[order.price]
        self._touch(side, order.price, level)
        level.qty -= qty

    def crosses(self, side: int, ord_type: int, price: int) -> bool:
        """Whether an order of these terms would trade against the best opposite price now."""
        best = self.opposite(side).best_price()
        if not best:
            return False
        return ord_type == _MARKET or (best <= price if side == _BUY else best >= price)

    def is_crossed(self) -> bool:
        """Whether the best bid reaches the best ask (R4.9: never in CONTINUOUS)."""
        bid, ask = self.bids.best_price(), self.asks.best_price()
        return bool(bid and ask and bid >= ask)

    def bbo(self) -> Bbo:
        """Best bid and offer as displayed."""
        bid, ask = self.bids.best_price(), self.asks.best_price()
        return (
            bid,
            self.bids.levels[bid].qty if bid else 0,
            ask,
            self.asks.levels[ask].qty if ask else 0,
        )

    def changes(self) -> tuple[list[LevelChanged], BboChanged | None]:
        """What the command changed in the display, bids best first, then asks best first.

        Ends the noting for this command; a level that is as it was before gives no event.
        """
        changed = []
        for key in sorted(self._touched, key=_display_order):
            side, price = key
            level = self.side(side).levels.get(price)
            now = (level.qty, len(level.queue)) if level else (0, 0)
            if now != self._touched[key]:
                changed.append(LevelChanged(self.instrument_id, side, price, *now))
        self._touched.clear()
        bbo = self.bbo()
        if bbo == self._bbo_before:
            return changed, None
        return changed, BboChanged(self.instrument_id, *bbo)

    def _touch(self, side: BookSide, price: int, level: Level | None) -> None:
        if not self._touched:
            self._bbo_before = self.bbo()
            self._dirty[self.instrument_id] = self
        key = (side.side, price)
        if key not in self._touched:
            self._touched[key] = (level.qty, len(level.queue)) if level else (0, 0)


def _display_order(key: tuple[int, int]) -> tuple[int, int]:
    side, price = key
    return (side, -price if side == _BUY else price)
