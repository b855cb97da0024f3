"""The waiting stops of one instrument, sorted by the price that moves them (R4.7).

Room: indexes; what happens to a stop that is found stands in `stops.py`. A print finds the stops
that it triggers, and the trailing stops that it moves, in O(log n) each: no other stop is looked
at. Invariant: a waiting stop is either under its stop price or among the triggered.
"""

from __future__ import annotations

from typing import NamedTuple

from sortedcontainers import SortedList

from exchange.engine.reference.order import Order
from exchange.model.enums import Side, TrailUnit

_BUY = Side.BUY.value
_BASIS_POINTS = TrailUnit.BASIS_POINTS.value
WHOLE_BP = 10_000


class Triggered(NamedTuple):
    """A stop that was triggered and is not released yet, in the order of release (R4.7).

    `passed` is the distance by which the command's prints passed the stop price, negative: the
    greatest distance comes first.
    """

    passed: int
    order_id: int
    trigger_price: int


def trailed(side: int, tick_size: int, price: int, trail: int, unit: int) -> int:
    """The stop price `trail` away from `price`, on the tick that is further away."""
    if unit == _BASIS_POINTS:
        if side == _BUY:
            away = -(-price * (WHOLE_BP + trail) // WHOLE_BP)
        else:
            away = price * (WHOLE_BP - trail) // WHOLE_BP
    else:
        away = price + trail if side == _BUY else price - trail
    if side == _BUY:
        return -(-away // tick_size) * tick_size
    return away // tick_size * tick_size


def moving_price(order: Order, tick_size: int) -> int:
    """The print that moves a trailing stop: lowest for a sell, highest for a buy (may be < 1)."""
    terms = order.terms
    if order.side == _BUY:
        target = terms.stop_price - tick_size
        if terms.trail_unit == _BASIS_POINTS:
            return target * WHOLE_BP // (WHOLE_BP + terms.trail)
        return target - terms.trail
    target = terms.stop_price + tick_size
    if terms.trail_unit == _BASIS_POINTS:
        return -(-target * WHOLE_BP // (WHOLE_BP - terms.trail))
    return target + terms.trail


class StopIndex:
    """Waiting stops by stop price, trailing ones also by the print that moves them."""

    __slots__ = ("_buys", "_falling", "_keys", "_rising", "_sells", "orders", "triggered")

    def __init__(self) -> None:
        self.orders: dict[int, Order] = {}
        self.triggered: SortedList = SortedList()
        self._buys: SortedList = SortedList()
        self._sells: SortedList = SortedList()
        self._falling: SortedList = SortedList()
        self._rising: SortedList = SortedList()
        self._keys: dict[int, tuple[int, int | None] | Triggered] = {}

    def add(self, order: Order, tick_size: int) -> None:
        """Begin to watch a waiting stop."""
        order_id, stop_price = order.order_id, order.terms.stop_price
        moving = moving_price(order, tick_size) if order.terms.trail else None
        self.orders[order_id] = order
        self._keys[order_id] = (stop_price, moving)
        buying = order.side == _BUY
        (self._buys if buying else self._sells).add((stop_price, order_id))
        if moving is not None:
            (self._falling if buying else self._rising).add((moving, order_id))

    def add_triggered(self, order: Order, triggered: Triggered) -> None:
        """Let a stop wait for its release."""
        self.orders[order.order_id] = order
        self._keys[order.order_id] = triggered
        self.triggered.add(triggered)

    def discard(self, order: Order) -> None:
        """Forget a stop; one that is not here is fine."""
        order_id = order.order_id
        if self.orders.pop(order_id, None) is None:
            return
        key = self._keys.pop(order_id)
        if isinstance(key, Triggered):
            self.triggered.remove(key)
            return
        stop_price, moving = key
        buying = order.side == _BUY
        (self._buys if buying else self._sells).remove((stop_price, order_id))
        if moving is not None:
            (self._falling if buying else self._rising).remove((moving, order_id))

    def take_triggered_by(self, price: int) -> list[Order]:
        """Stop watching, and return, the stops that a print triggers: buy <= price <= sell."""
        found = [self.orders[order_id] for _, order_id in self._buys.irange(None, (price + 1, 0))]
        found += [self.orders[order_id] for _, order_id in self._sells.irange((price, 0), None)]
        for order in found:
            self.discard(order)
        return found

    def moved_by(self, price: int) -> list[Order]:
        """The trailing stops that a print moves, by order_id."""
        ids = [order_id for _, order_id in self._falling.irange((price, 0), None)]
        ids += [order_id for _, order_id in self._rising.irange(None, (price + 1, 0))]
        return [self.orders[order_id] for order_id in sorted(ids)]
