"""The dark book: periodic crossing sessions at the lit midpoint.

Room: one session and when the next is held. A session is a timer of the log: it runs while
the instrument trades continuously and its dark book is open, the first one interval after both
began. Allocation:

- Part take the orders whose limit reaches the midpoint. The largest open quantity comes first, then
  time (the place in the queue); all trades are at the midpoint and have no aggressor.
- As in an uncross (R6.3) own orders are not paired with each other unless neither would prevent it
  as the incoming one; the quantity goes to the next in rank, what finds no other side stays.
- A minimum quantity is met by the sum of the session's executions. Where the sum would be smaller,
  the order takes no part: the lowest in rank goes first, and the rest is allocated anew.

DarkCrossed ends a session, also one that executed nothing. Cost: O(n log n) to rank; the allocation
is linear unless many own orders are passed over, and an order that is left out costs what was given
out from its first pair on.
"""

from __future__ import annotations

from typing import NamedTuple

from exchange.engine.reference.dark_agenda import set_next_crossing
from exchange.engine.reference.dark_book import DarkBook, least_qty
from exchange.engine.reference.dark_price import midpoint
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.order import Order
from exchange.engine.reference.self_trade import is_prevented
from exchange.engine.reference.state import Listing, State
from exchange.engine.reference.trade import NO_AGGRESSOR, Print, execute
from exchange.model.dark import DarkCrossed


class Pair(NamedTuple):
    """Two orders that are to trade with each other."""

    buy: Order
    sell: Order
    qty: int


def cross(state: State, out: Emitter, listing: Listing) -> None:
    """Hold the session that is due, and put the next on the agenda."""
    dark = listing.dark
    set_next_crossing(state, listing)
    price = midpoint(state, listing)
    volume = 0
    for buy, sell, qty in allocation(dark, price) if price else ():
        execute(state, out, Print(buy, sell, price, qty, NO_AGGRESSOR))
        volume += qty
    out.emit(DarkCrossed(dark.instrument_id, price, volume))


def allocation(dark: DarkBook, price: int) -> list[Pair]:
    """Who trades with whom in a session at a price, in the order of execution."""

    def rank(order: Order) -> tuple[int, int]:
        return -order.leaves_qty, dark.places[order.order_id]

    buys, sells = sorted(dark.bids.at(price), key=rank), sorted(dark.offers.at(price), key=rank)
    given = _Allocation(buys, sells)
    while short := given.short():
        given.leave_out(max(short, key=rank))
    return given.pairs


class _Allocation:
    """Quantities given out in rank; one that is left out is given out anew from there on."""

    def __init__(self, buys: list[Order], sells: list[Order]) -> None:
        self.pairs: list[Pair] = []
        self._buys, self._sells = buys, sells
        self._place = {o.order_id: at for side in (buys, sells) for at, o in enumerate(side)}
        self._left = {o.order_id: o.leaves_qty for o in (*buys, *sells)}
        self._first_pair: dict[int, int] = {}
        self._partial: dict[int, Order] = {}
        self._first_sell = 0
        self._give_out(0)

    def short(self) -> list[Order]:
        """Those that got something, and less than their minimum quantity."""
        return [
            order
            for order in self._partial.values()
            if order.leaves_qty - self._left[order.order_id] < least_qty(order)
        ]

    def leave_out(self, order: Order) -> None:
        """Take everything back from its first pair on, and give it out without this order."""
        cut = self._first_pair[order.order_id]
        taken, self.pairs = self.pairs[cut:], self.pairs[:cut]
        for buy, sell, qty in taken:
            self._move(buy, qty)
            self._move(sell, qty)
            self._first_sell = min(self._first_sell, self._place[sell.order_id])
            for side in (buy, sell):
                if self._first_pair.get(side.order_id, -1) >= cut:
                    del self._first_pair[side.order_id]
        self._left[order.order_id] = 0
        self._partial.pop(order.order_id, None)
        self._give_out(self._place[taken[0].buy.order_id])

    def _give_out(self, start: int) -> None:
        sells, left = self._sells, self._left
        for at in range(start, len(self._buys)):
            while self._first_sell < len(sells) and not left[sells[self._first_sell].order_id]:
                self._first_sell += 1
            if self._first_sell == len(sells):
                return
            buy = self._buys[at]
            for place in range(self._first_sell, len(sells)):
                sell = sells[place]
                qty = min(left[buy.order_id], left[sell.order_id])
                if not left[buy.order_id]:
                    break
                if qty and not (is_prevented(buy, sell) or is_prevented(sell, buy)):
                    self._pair(Pair(buy, sell, qty))

    def _pair(self, pair: Pair) -> None:
        for side in (pair.buy, pair.sell):
            self._first_pair.setdefault(side.order_id, len(self.pairs))
            self._move(side, -pair.qty)
        self.pairs.append(pair)

    def _move(self, order: Order, qty: int) -> None:
        left = self._left[order.order_id] = self._left[order.order_id] + qty
        if 0 < left < order.leaves_qty:
            self._partial[order.order_id] = order
        else:
            self._partial.pop(order.order_id, None)
