"""The order book of one instrument: price levels, a FIFO queue in each, what is displayed.

Room: queues and displayed quantities. Everything that changes the place of an order lives here; it
matches nothing and emits nothing. A level has two queues, each in time priority: what is displayed,
and behind it what is dark (R4.1): hidden orders, all-or-none orders and midpoint pegs. Invariants:
a level exists while it holds an order; its `qty` is what its displayed queue shows: an iceberg's
tranche, of all others the leaves.

Orders without a price (market orders, which rest outside CONTINUOUS only, R3.1) have a queue of
their own in front of all levels. AT_THE_CLOSE orders are parked beside the book until the closing
call. Neither is displayed.

Data structures: `SortedList` of the prices (insertion and removal O(log n), best price O(1)), a
dict from price to level, and an `OrderedDict` as queue: its linked list takes the head and any
order out in O(1), where taking the head of a plain dict again and again is quadratic. Two more
sorted lists know which prices are displayed, and which by an order that is no peg (R4.6).

While a command runs the book notes each level it touches, with the displayed (qty, count) from
before; `changes` compares when the command is done (R11.1: book events come last).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from sortedcontainers import SortedList

from exchange.engine.port import LevelView
from exchange.engine.reference.auction_curve import AuctionCurve
from exchange.engine.reference.order import Order
from exchange.errors import InvariantViolation
from exchange.model.enums import OrderFlag, OrdType, Side
from exchange.model.event import BboChanged, LevelChanged

_BUY = Side.BUY.value
_SELL = Side.SELL.value
_MARKET = OrdType.MARKET.value
_PEGGED = OrdType.PEGGED.value
_ALL_OR_NONE = OrderFlag.ALL_OR_NONE.value

Bbo = tuple[int, int, int, int]
"""bid price, bid qty, ask price, ask qty; zeros for an empty side."""


class Level:
    """One price.

    Attributes:
        queue: the displayed orders, oldest first.
        dark: the others, oldest first.
        qty: displayed sum in base units.
        anchor_count: displayed orders that are no pegs.
        whole_count: all-or-none orders.
        auction_qty: open quantity that takes part in an uncross (R6.3): not that of all-or-none
            orders and midpoint pegs.
    """

    __slots__ = ("anchor_count", "auction_qty", "dark", "price", "qty", "queue", "whole_count")

    def __init__(self, price: int) -> None:
        self.price = price
        self.qty = 0
        self.auction_qty = 0
        self.anchor_count = 0
        self.whole_count = 0
        self.queue: OrderedDict[int, Order] = OrderedDict()
        self.dark: OrderedDict[int, Order] = OrderedDict()

    def head(self) -> Order:
        """The displayed order that trades next."""
        return next(iter(self.queue.values()))


class BookSide:
    """All levels of one side; `displayed` and `anchors` are the prices of those that have such.

    `market` are the orders without a price, oldest first, `market_qty` their sum. `curve` has the
    auction quantities while somebody asks for uncross prices, else None (`calls.py`).
    """

    __slots__ = (
        "anchors",
        "curve",
        "displayed",
        "levels",
        "market",
        "market_qty",
        "prices",
        "side",
    )

    def __init__(self, side: int) -> None:
        self.side = side
        self.curve: AuctionCurve | None = None
        self.levels: dict[int, Level] = {}
        self.prices: SortedList = SortedList()
        self.displayed: SortedList = SortedList()
        self.anchors: SortedList = SortedList()
        self.market: OrderedDict[int, Order] = OrderedDict()
        self.market_qty = 0

    def gather(self, level: Level, qty: int) -> None:
        """Add a signed quantity that takes part in an uncross."""
        level.auction_qty += qty
        if self.curve is not None:
            self.curve.add(level.price, qty)

    def best_price(self) -> int:
        """Highest displayed bid or lowest displayed ask; 0 if there is none."""
        return self._best_of(self.displayed)

    def best_anchor(self) -> int:
        """Best displayed price of an order that is no peg (R4.6); 0 if there is none."""
        return self._best_of(self.anchors)

    def best_open_price(self) -> int:
        """Best price, displayed or hidden, of an order that is not all-or-none; 0 if none."""
        for level in self.best_first():
            if level.queue or len(level.dark) > level.whole_count:
                return level.price
        return 0

    def best_first(self) -> Iterator[Level]:
        """All levels, best price first."""
        prices = reversed(self.prices) if self.side == _BUY else iter(self.prices)
        return (self.levels[price] for price in prices)

    def next_resting(self, leaves_qty: int) -> Order | None:
        """Whom an incoming order with these leaves meets first (R4.1, R4.8), at whatever price.

        It passes over all-or-none orders that it cannot fill whole; the cost grows with those.
        """
        if not self.levels:
            return None
        best = self.levels[self.prices[-1 if self.side == _BUY else 0]]
        if best.queue:
            return best.head()
        for level in self.best_first():
            if level.queue:
                return level.head()
            for order in level.dark.values():
                if order.leaves_qty <= leaves_qty or not order.flags & _ALL_OR_NONE:
                    return order
        return None

    def views(self, count: int) -> list[LevelView]:
        """The best `count` levels as displayed (0 = all)."""
        found = []
        for price in reversed(self.displayed) if self.side == _BUY else iter(self.displayed):
            level = self.levels[price]
            found.append(LevelView(price, level.qty, len(level.queue)))
            if len(found) == count:
                break
        return found

    def _best_of(self, prices: SortedList) -> int:
        if not prices:
            return 0
        price: int = prices[-1 if self.side == _BUY else 0]
        return price


class Book:
    """Both sides of one instrument.

    Args:
        instrument_id: whose book it is.
        dirty: the engine's register of books touched by the running command.
    """

    __slots__ = ("_bbo_before", "_dirty", "_touched", "asks", "bids", "instrument_id", "parked")

    def __init__(self, instrument_id: int, dirty: dict[int, Book]) -> None:
        self.instrument_id = instrument_id
        self.bids = BookSide(_BUY)
        self.asks = BookSide(_SELL)
        self.parked: dict[int, Order] = {}
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
        """Put an order at the back of the queue of its price; an iceberg shows a full tranche."""
        display_qty = order.terms.display_qty
        if display_qty:
            order.shown_qty = min(display_qty, order.leaves_qty)
        self.put(order)

    def put(self, order: Order) -> None:
        """Put an order at the back of its queue, an iceberg with the tranche that it has."""
        side = self.side(order.side)
        price = order.price
        if not price:
            self._dirty[self.instrument_id] = self
            side.market[order.order_id] = order
            side.market_qty += order.leaves_qty
            order.is_resting = True
            return
        level = side.levels.get(price)
        self._touch(side, price, level)
        if level is None:
            level = side.levels[price] = Level(price)
            side.prices.add(price)
        order.is_resting = True
        if order.is_auctioned():
            side.gather(level, order.leaves_qty)
        if order.is_dark():
            level.dark[order.order_id] = order
            level.whole_count += bool(order.flags & _ALL_OR_NONE)
            return
        if not level.queue:
            side.displayed.add(price)
        level.queue[order.order_id] = order
        level.qty += order.meets_qty()
        if order.ord_type != _PEGGED:
            if not level.anchor_count:
                side.anchors.add(price)
            level.anchor_count += 1

    def park(self, order: Order) -> None:
        """Keep an order beside the book; it neither trades nor is displayed."""
        self.parked[order.order_id] = order
        order.is_resting = True

    def remove(self, order: Order) -> None:
        """Take an order out of its queue, with what it still has open."""
        order.is_resting = False
        if self.parked.pop(order.order_id, None) is not None:
            return
        side = self.side(order.side)
        if not order.price:
            self._dirty[self.instrument_id] = self
            del side.market[order.order_id]
            side.market_qty -= order.leaves_qty
            return
        level = side.levels[order.price]
        self._touch(side, order.price, level)
        if order.is_auctioned():
            side.gather(level, -order.leaves_qty)
        if order.is_dark():
            del level.dark[order.order_id]
            level.whole_count -= bool(order.flags & _ALL_OR_NONE)
        else:
            del level.queue[order.order_id]
            level.qty -= order.meets_qty()
            self._hide(side, level, order)
        if not level.queue and not level.dark:
            del side.levels[order.price]
            side.prices.remove(order.price)

    def execute(self, order: Order, qty: int) -> None:
        """Display what an execution of `qty` leaves; the order itself is filled by the caller.

        An iceberg trades its tranche first. If that is used up it shows the next one, at the back
        of the queue (R4.5). In an auction one execution may be larger than the tranche.
        """
        level = self._lower(order, qty)
        if level is None or order.is_dark():
            return
        display_qty = order.terms.display_qty
        if not display_qty:
            level.qty -= qty
            return
        level.qty -= order.shown_qty
        order.shown_qty = max(order.shown_qty - qty, 0)
        if not order.shown_qty and order.leaves_qty > qty:
            order.shown_qty = min(display_qty, order.leaves_qty - qty)
            level.queue.move_to_end(order.order_id)
        level.qty += order.shown_qty

    def reduce(self, order: Order, qty: int) -> None:
        """Show a resting order with `qty` less; the caller lowers its leaves by as much.

        An iceberg gives from what it does not show first; the place in the queue stays.
        """
        level = self._lower(order, qty)
        if level is None or order.is_dark():
            return
        if order.terms.display_qty:
            less = max(order.shown_qty - (order.leaves_qty - qty), 0)
            order.shown_qty -= less
            level.qty -= less
        else:
            level.qty -= qty

    def crosses(self, side: int, ord_type: int, price: int) -> bool:
        """Whether an order of these terms reaches the best opposite price, displayed or hidden."""
        best = self.opposite(side).best_open_price()
        if not best:
            return False
        return ord_type == _MARKET or (best <= price if side == _BUY else best >= price)

    def is_crossed(self) -> bool:
        """Whether the best bid displayed reaches the best ask (R4.9: never in CONTINUOUS)."""
        bid, ask = self.bids.best_price(), self.asks.best_price()
        return bool(bid and ask and bid >= ask)

    def has_market_orders(self) -> bool:
        """Whether a market order rests (never in CONTINUOUS, R3.1)."""
        return bool(self.bids.market or self.asks.market)

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
        if not self._touched:
            return [], None
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

    def _hide(self, side: BookSide, level: Level, order: Order) -> None:
        if order.ord_type != _PEGGED:
            level.anchor_count -= 1
            if not level.anchor_count:
                side.anchors.remove(level.price)
        if not level.queue:
            if level.qty:
                raise InvariantViolation("level_qty_is_what_it_shows", order_id=order.order_id)
            side.displayed.remove(level.price)

    def _lower(self, order: Order, qty: int) -> Level | None:
        """Take `qty` of an order out of the sums; its level, None where it has no price."""
        if order.order_id in self.parked:
            return None
        side = self.side(order.side)
        if not order.price:
            self._dirty[self.instrument_id] = self
            side.market_qty -= qty
            return None
        level = side.levels[order.price]
        self._touch(side, order.price, level)
        if order.is_auctioned():
            side.gather(level, -qty)
        return level

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
