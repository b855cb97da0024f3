"""The dark book: continuous matching at the lit midpoint.

Room: who trades with whom outside crossing sessions. The midpoint is `dark_price.py`'s, what an
execution changes is `trade.py`'s. Rules:

- All executions happen at the midpoint of the moment. An order whose limit does not reach it is
  passed over; a better limit gives no priority. Priority is time, the place in the queue.
- An execution is at least as large as the minimum quantity of each of the two orders, or takes all
  that is left of that order; a counterparty with whom it would be smaller is passed over, and met
  again once what is left has become small enough.
- Own orders are R5's: the later order is the incoming one, whose mode rules.
- IOC and FOK act once, on entry. FOK is judged by the same walk without effect.
- Every order that rests is tried again after a command that moved the midpoint or touched the dark
  book, after stops and pegs (`aftermath.py`): as if all came in again in order of their places.
  Nobody comes in then, so such trades have no aggressor.

Cost: a walk is linear in the opposite orders within the midpoint. A retry looks at nobody unless
both sides have such an order, and lets them walk only if two of them fit, so that something
happens. Where minimum quantities keep all orders apart, whatever the midpoint, the book knows it
until one of them changes; else to find out is O(n log n) in the orders within the midpoint.
"""

from __future__ import annotations

from exchange.engine.reference.dark_book import DarkBook, has_fitting_pair, least_qty, limit_of
from exchange.engine.reference.dark_price import NO_PRICE, midpoint
from exchange.engine.reference.departure import cancel
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.order import Order
from exchange.engine.reference.self_trade import is_prevented, passes_own, prevent_self_trade
from exchange.engine.reference.state import Listing, State
from exchange.engine.reference.trade import NO_AGGRESSOR, Print, execute
from exchange.model.enums import CancelReason, Side, TimeInForce

_BUY = Side.BUY.value
_IOC = TimeInForce.IOC.value
_FOK = TimeInForce.FOK.value


def enter_dark(state: State, out: Emitter, listing: Listing, order: Order) -> None:
    """Let a live dark order that stands nowhere act as incoming order; what is left rests."""
    dark = listing.dark
    price = midpoint(state, listing) if dark.rules.is_continuous else NO_PRICE
    if order.time_in_force == _FOK and _executable_qty(dark, order, price) < order.leaves_qty:
        cancel(state, out, order, CancelReason.FOK_NOT_FILLABLE)
        return
    while order.leaves_qty and _walk(state, out, dark, order, (price, order.side)):
        pass
    if not order.leaves_qty:
        return
    if order.time_in_force in (_IOC, _FOK):
        cancel(state, out, order, CancelReason.UNFILLED_REMAINDER)
    else:
        state.rest(order)


def retry_dark(state: State, out: Emitter, listing: Listing) -> bool:
    """Try the orders that rest at the midpoint of now; say whether anything happened."""
    dark = listing.dark
    if dark.is_empty() or not dark.rules.is_continuous:
        return False
    price = midpoint(state, listing)
    if price == dark.tried_price:
        return False
    happened = False
    reached = price and dark.bids.reaches(price) and dark.offers.reaches(price)
    if reached and not dark.is_kept_apart():
        buys, sells = list(dark.bids.at(price)), list(dark.offers.at(price))
        if has_fitting_pair(buys, sells):
            for order in sorted((*buys, *sells), key=lambda order: dark.places[order.order_id]):
                if order.is_resting:
                    happened |= _walk(state, out, dark, order, (price, NO_AGGRESSOR))
    if not happened:
        dark.tried_price = price
    return happened


def could_trade(incoming: Order, resting: Order, qty: int) -> bool:
    """Whether an execution of `qty` between the two is as large as both ask for."""
    return qty >= least_qty(incoming) and qty >= least_qty(resting)


def _walk(
    state: State, out: Emitter, dark: DarkBook, incoming: Order, terms: tuple[int, int]
) -> bool:
    """Meet the opposite orders once, earlier places only; say whether anything happened.

    `terms` are the price and the aggressor's side.
    """
    price, aggressor = terms
    if not price or not _takes(incoming, price):
        return False
    happened = False
    for resting in list(dark.opposite(incoming.side).at(price)):
        if not incoming.leaves_qty or _came_later(dark, resting, incoming):
            break
        qty = min(incoming.leaves_qty, resting.leaves_qty)
        if not could_trade(incoming, resting, qty):
            continue
        happened = True
        if is_prevented(incoming, resting):
            prevent_self_trade(state, out, incoming, resting)
            continue
        buy, sell = (incoming, resting) if incoming.side == _BUY else (resting, incoming)
        execute(state, out, Print(buy, sell, price, qty, aggressor))
    return happened


def _executable_qty(dark: DarkBook, incoming: Order, price: int) -> int:
    """What a fill-or-kill order would execute now: the walk without its effects."""
    need = incoming.leaves_qty
    if not price or not _takes(incoming, price):
        return 0
    for resting in dark.opposite(incoming.side).at(price):
        qty = min(need, resting.leaves_qty)
        if not need or qty < least_qty(resting):
            continue
        if is_prevented(incoming, resting):
            if not passes_own(incoming):
                break
            continue
        need -= qty
    return incoming.leaves_qty - need


def _takes(order: Order, price: int) -> bool:
    limit = limit_of(order)
    return price <= limit if order.side == _BUY else price >= limit


def _came_later(dark: DarkBook, resting: Order, incoming: Order) -> bool:
    place = dark.places.get(incoming.order_id)
    return place is not None and dark.places[resting.order_id] > place
