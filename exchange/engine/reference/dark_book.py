"""The dark midpoint book of one instrument: who waits in it, in time priority.

Room: the queue and what is known of it in sum. It matches nothing (`dark_matching.py`,
`dark_cross.py`), emits nothing and is never part of the displayed book. All orders are LIMIT or
MARKET orders (`dark_ladder.py`); one without a limit takes any midpoint, up to its collar.

Data structures: an `OrderedDict` a side (back of the queue, removal O(1)), and a `SortedList` a
side of the limits, so that a moving midpoint which nobody's limit reaches costs O(log n). `places`
number the entries over both sides: of two orders the one with the higher place came later.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from itertools import accumulate

from sortedcontainers import SortedList

from exchange.engine.reference.order import Order
from exchange.model.dark import DarkRules, default_dark_rules
from exchange.model.enums import Side
from exchange.model.units import PRICE_MAX

_BUY = Side.BUY.value
_SELL = Side.SELL.value
_ANY_BUY = PRICE_MAX + 1
_ANY_SELL = 0
EITHER_SIDE = 0
"""Key of `DarkBook.indicated` where the rules do not tell the side."""


class DarkSide:
    """The orders of one side, oldest place first; `open_qty` is the sum of their leaves."""

    __slots__ = ("limits", "open_qty", "orders", "side")

    def __init__(self, side: int) -> None:
        self.side = side
        self.orders: OrderedDict[int, Order] = OrderedDict()
        self.limits: SortedList = SortedList()
        self.open_qty = 0

    def reaches(self, price: int) -> bool:
        """Whether any order would trade at a price."""
        if not self.limits:
            return False
        best: int = self.limits[-1] if self.side == _BUY else self.limits[0]
        return best >= price if self.side == _BUY else best <= price

    def at(self, price: int) -> Iterator[Order]:
        """The orders that would trade at a price, oldest place first."""
        for order in self.orders.values():
            limit = limit_of(order)
            if limit >= price if self.side == _BUY else limit <= price:
                yield order


class DarkBook:
    """Both sides, the rules, and what was published.

    Args:
        instrument_id: whose book it is.
        touched: the engine's register of dark books touched by the running command.

    Attributes:
        rules: the dark rules of the instrument.
        tried_price: midpoint at which the orders, as they are, were matched in vain; 0 = they are
            to be tried at the next midpoint.
        cross_ns: when the next crossing session is held, 0 = none is on the agenda.
        indicated: the quantity of each published indication by side, 0 = either side.
    """

    __slots__ = (
        "_is_apart",
        "_last_place",
        "_touched",
        "bids",
        "cross_ns",
        "indicated",
        "instrument_id",
        "offers",
        "places",
        "rules",
        "tried_price",
    )

    def __init__(self, instrument_id: int, touched: dict[int, DarkBook]) -> None:
        self.instrument_id = instrument_id
        self.rules: DarkRules = default_dark_rules(instrument_id)
        self.bids = DarkSide(_BUY)
        self.offers = DarkSide(_SELL)
        self.places: dict[int, int] = {}
        self.tried_price = 0
        self.cross_ns = 0
        self.indicated: dict[int, int] = {}
        self._last_place = 0
        self._is_apart: bool | None = None
        self._touched = touched

    def side(self, side: int) -> DarkSide:
        """The orders of a side."""
        return self.bids if side == _BUY else self.offers

    def opposite(self, side: int) -> DarkSide:
        """The orders that an order of `side` trades against."""
        return self.offers if side == _BUY else self.bids

    def is_empty(self) -> bool:
        """Whether nobody waits."""
        return not self.places

    def is_kept_apart(self) -> bool:
        """Whether no two orders can trade at any price, for their minimum quantities.

        Found once and kept until something changes: what follows from the orders is no state.
        """
        if self._is_apart is None:
            bids, offers = self.bids.orders.values(), self.offers.orders.values()
            self._is_apart = not has_fitting_pair(bids, offers)
        return self._is_apart

    def by_place(self) -> list[Order]:
        """All orders of both sides, oldest place first."""
        both = [*self.bids.orders.values(), *self.offers.orders.values()]
        return sorted(both, key=lambda order: self.places[order.order_id])

    def add(self, order: Order) -> None:
        """Put an order at the back of the queue."""
        self.touch()
        self._last_place += 1
        self.places[order.order_id] = self._last_place
        side = self.side(order.side)
        side.orders[order.order_id] = order
        side.limits.add(limit_of(order))
        side.open_qty += order.leaves_qty
        order.is_resting = True

    def remove(self, order: Order) -> None:
        """Take an order out, with what it still has open and at the limit that it has."""
        self.touch()
        order.is_resting = False
        side = self.side(order.side)
        del self.places[order.order_id]
        del side.orders[order.order_id]
        side.limits.remove(limit_of(order))
        side.open_qty -= order.leaves_qty

    def lower(self, order: Order, qty: int) -> None:
        """Count a resting order with `qty` less; the caller lowers its leaves by as much."""
        self.touch()
        self.side(order.side).open_qty -= qty

    def touch(self) -> None:
        """Note that the running command changed something: the orders are to be tried again."""
        self.tried_price = 0
        self._is_apart = None
        self._touched[self.instrument_id] = self


def limit_of(order: Order) -> int:
    """The worst price that a dark order takes; beyond every price where it takes any."""
    return order.limit() or (_ANY_BUY if order.side == _BUY else _ANY_SELL)


def least_qty(order: Order) -> int:
    """The smallest execution that a dark order takes: its minimum, or all that is left of it."""
    return min(order.terms.min_qty, order.leaves_qty)


def has_fitting_pair(buys: Iterable[Order], sells: Iterable[Order]) -> bool:
    """Whether any two could trade as far as their minimum quantities go; O(n log n).

    Two fit if each has at least what the other asks for. The sells are ranked by what they ask for,
    with the largest quantity up to there.
    """
    ranked = sorted((least_qty(sell), sell.leaves_qty) for sell in sells)
    asked = [least for least, _ in ranked]
    largest = list(accumulate((qty for _, qty in ranked), max))
    for buy in buys:
        fitting = bisect_right(asked, buy.leaves_qty)
        if fitting and largest[fitting - 1] >= least_qty(buy):
            return True
    return False
