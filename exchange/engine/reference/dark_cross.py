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

DarkCrossed ends a session, also one that executed nothing. Cost: O(n log n) to rank; one
allocation is linear unless many own orders are passed over, and there is one more for each order
that is left out for its minimum quantity.
"""

from __future__ import annotations

from collections import Counter
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
    while True:
        pairs = _pair(buys, sells)
        sums: Counter[int] = Counter()
        for buy, sell, qty in pairs:
            sums[buy.order_id] += qty
            sums[sell.order_id] += qty
        short = [order for order in (*buys, *sells) if 0 < sums[order.order_id] < least_qty(order)]
        if not short:
            return pairs
        last = max(short, key=rank)
        buys = [order for order in buys if order is not last]
        sells = [order for order in sells if order is not last]


def _pair(buys: list[Order], sells: list[Order]) -> list[Pair]:
    left = {order.order_id: order.leaves_qty for order in sells}
    first = 0
    pairs = []
    for buy in buys:
        need = buy.leaves_qty
        while first < len(sells) and not left[sells[first].order_id]:
            first += 1
        for at in range(first, len(sells)):
            if not need:
                break
            sell = sells[at]
            qty = min(need, left[sell.order_id])
            if not qty or is_prevented(buy, sell) or is_prevented(sell, buy):
                continue
            need -= qty
            left[sell.order_id] -= qty
            pairs.append(Pair(buy, sell, qty))
    return pairs
