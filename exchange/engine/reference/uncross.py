"""R6.3, R6.5, R5: the uncross: allocation at one price, and what it leaves.

Room: who trades with whom once the price is found. Priority on each side: market orders, then the
better limit, displayed before hidden, then time; icebergs take part with their full size, hidden
orders too. All-or-none orders and midpoint pegs take no part; a market order whose collar (R8.7)
does not reach the price is passed over.

Own orders (R5) are not paired with each other, unless neither would prevent it as the incoming one:
each says ALLOW or names an `stp_group` that is not the other's. The two of an OCO are never paired.
The quantity goes to the next in priority, and what finds no other side stays. The best seller that
a buyer may trade with is found in a heap of the sellers' groups, so that an uncross costs
O(orders x log members), whoever they belong to.

Afterwards what cannot go on is canceled, by order_id: AT_THE_OPENING, AT_THE_CLOSE after the
closing auction (AUCTION_UNEXECUTED), and market orders (UNFILLED_REMAINDER). A MARKET_TO_LIMIT
takes the price of the auction as its limit, if that is in its reach (Restated, AUCTION_PRICED).
Orders that were passed over
may still cross; before CONTINUOUS that is undone as in continuous matching, the later entered order
being the incoming one, whose STP mode rules (R4.9).
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from exchange.engine.reference.auction import Uncross
from exchange.engine.reference.availability import is_in_reach
from exchange.engine.reference.book import Book, BookSide, Level
from exchange.engine.reference.departure import cancel
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.matching import match
from exchange.engine.reference.order import Order
from exchange.engine.reference.state import Listing, State, is_parked
from exchange.engine.reference.trade import NO_AGGRESSOR, Print, execute
from exchange.model.auction_event import Uncrossed
from exchange.model.dark import is_dark
from exchange.model.enums import CancelReason, OrdType, Phase, Side, StpMode, TimeInForce
from exchange.model.event import Restated

_BUY = Side.BUY.value
_CONTINUOUS = Phase.CONTINUOUS.value


class Group(NamedTuple):
    """What decides with whom an order may be paired; `linked_id`: its own id, if in an OCO."""

    member_id: int
    allows: bool
    stp_group: int
    linked_id: int


def uncross(state: State, out: Emitter, listing: Listing, found: Uncross) -> None:
    """Execute at the price found, then cancel what cannot go on."""
    volume = _allocate(state, out, listing, found.price) if found.price else 0
    session = listing.session
    if volume:
        session.trail.clear()
        session.dynamic_base = found.price
        if listing.phase == Phase.CLOSING_AUCTION:
            session.auction_close = found.price
    out.emit(
        Uncrossed(
            listing.instrument.instrument_id,
            found.price,
            volume,
            found.imbalance_side,
            found.imbalance_qty,
        )
    )
    _settle_leftovers(state, out, listing, found.price)


def crossing_pair(book: Book) -> tuple[Order, Order] | None:
    """The best bid and ask that take part in auctions, displayed or hidden, if they cross."""
    bid, ask = _first(book.bids), _first(book.asks)
    return (bid, ask) if bid and ask and bid.price >= ask.price else None


def undo_crossing(state: State, out: Emitter, listing: Listing) -> None:
    """R4.9: in CONTINUOUS, let the later entered of two orders that still cross come in again."""
    while listing.phase == _CONTINUOUS and (pair := crossing_pair(listing.book)):
        later = max(pair, key=lambda order: order.order_id)
        state.withdraw(later)
        match(state, out, listing, later)
        if later.leaves_qty:
            state.rest(later)


def _first(side: BookSide) -> Order | None:
    for level in side.best_first():
        if level.auction_qty:
            return next(order for order in _queue(level) if order.is_auctioned())
    return None


def _queue(level: Level) -> Iterator[Order]:
    yield from level.queue.values()
    yield from level.dark.values()


def _settle_leftovers(state: State, out: Emitter, listing: Listing, price: int) -> None:
    in_closing = listing.phase == Phase.CLOSING_AUCTION
    for order in state.open_orders.select(instrument_id=listing.instrument.instrument_id):
        if not order.leaves_qty or is_dark(order.flags) or is_parked(listing, order):
            continue
        at_the_close = order.time_in_force == TimeInForce.AT_THE_CLOSE and in_closing
        if at_the_close or order.time_in_force == TimeInForce.AT_THE_OPENING:
            cancel(state, out, order, CancelReason.AUCTION_UNEXECUTED)
        elif order.is_resting and not order.price:
            converts = order.ord_type == OrdType.MARKET_TO_LIMIT
            if price and converts and is_in_reach(order.side, order.cap_price, price):
                state.withdraw(order)
                order.price = price
                order.last_ts_ns = state.now_ns
                out.emit(Restated(CancelReason.AUCTION_PRICED.value, order.state()))
                state.rest(order)
            else:
                cancel(state, out, order, CancelReason.UNFILLED_REMAINDER)


def _allocate(state: State, out: Emitter, listing: Listing, price: int) -> int:
    sellers = _Sellers(_in_priority(listing.book.asks, price))
    volume = 0
    for buy in list(_in_priority(listing.book.bids, price)):
        while buy.leaves_qty and (sell := sellers.best_for(buy)) is not None:
            qty = min(buy.leaves_qty, sell.leaves_qty)
            execute(state, out, Print(buy, sell, price, qty, NO_AGGRESSOR))
            volume += qty
    return volume


def _in_priority(side: BookSide, price: int) -> Iterator[Order]:
    buying = side.side == _BUY
    for order in side.market.values():
        if is_in_reach(side.side, order.cap_price, price):
            yield order
    for level in side.best_first():
        if level.price < price if buying else level.price > price:
            return
        yield from (order for order in _queue(level) if order.is_auctioned())


def _group(order: Order) -> Group:
    linked_id = order.order_id if order.linked_id else 0
    allows = order.stp == StpMode.ALLOW
    return Group(order.member_id, allows, order.terms.stp_group, linked_id)


def _are_own(buy: Order, buyer: Group, seller: Group) -> bool:
    if buyer.member_id != seller.member_id:
        return False
    if seller.linked_id and buy.linked_id == seller.linked_id:
        return True
    return _prevents(buyer, seller) or _prevents(seller, buyer)


def _prevents(one: Group, other: Group) -> bool:
    return not one.allows and one.stp_group in (0, other.stp_group)


class _Sellers:
    """Sell orders in priority, found by who may buy from them."""

    def __init__(self, orders: Iterator[Order]) -> None:
        self._queues: dict[Group, deque[tuple[int, Order]]] = {}
        for rank, order in enumerate(orders):
            self._queues.setdefault(_group(order), deque()).append((rank, order))
        self._heads = [(queue[0][0], group) for group, queue in self._queues.items()]
        heapq.heapify(self._heads)

    def best_for(self, buy: Order) -> Order | None:
        """The first in priority that is not an own order of the buyer, or may be paired with it."""
        buyer = _group(buy)
        passed = []
        found = None
        while self._heads and found is None:
            rank, group = heapq.heappop(self._heads)
            queue = self._queues[group]
            while queue and not queue[0][1].leaves_qty:
                queue.popleft()  # filled, or canceled by what an execution set in motion
            if not queue:
                continue
            if queue[0][0] != rank:
                heapq.heappush(self._heads, (queue[0][0], group))
                continue
            passed.append((rank, group))
            if not _are_own(buy, buyer, group):
                found = queue[0][1]
        for head in passed:
            heapq.heappush(self._heads, head)
        return found
