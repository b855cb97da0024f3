"""R3, R4: what a live order does in the market when it acts as an incoming order.

Room: one course for every order that comes in: a new one, a replaced one (R4.4), a released stop
(R4.7). Before it trades, in this order:

- an order of the dark book goes its own way (`dark_matching.py`);
- PEGGED takes its price from the book (`pegs.py`) and goes its own way;
- FOK that cannot execute whole: canceled, FOK_NOT_FILLABLE (R4.3); with a minimum quantity, less
  of which would execute in sum at once: canceled, MIN_QTY_NOT_FILLABLE (R3.3); neither has any
  effect on others;
- post-only that would take: canceled, POST_ONLY_WOULD_TAKE, or with POST_ONLY_REPRICE moved one
  tick away from the order it would take, and restated (R3.3). The ladder refuses a new or replaced
  one already; here it meets a stop-limit at its release;
- MARKET_TO_LIMIT takes the best opposite price as its limit (the displayed one; if all is hidden,
  the tick at or beyond it): so what it does not fill rests at the price of its last execution. A
  price beyond its reach (R8.7) is none.

What is left rests, or is canceled, UNFILLED_REMAINDER: IOC, MARKET, a released STOP, and a
MARKET_TO_LIMIT that executed nothing. Outside CONTINUOUS, also where an execution was interrupted
(R7.2), an order without a price rests and waits for the uncross (R3.1).
"""

from __future__ import annotations

from exchange.engine.reference.availability import executable_qty, is_in_reach
from exchange.engine.reference.dark_matching import enter_dark
from exchange.engine.reference.departure import cancel
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.matching import match
from exchange.engine.reference.order import Order
from exchange.engine.reference.pegs import enter_peg
from exchange.engine.reference.state import Listing, State
from exchange.model.dark import is_dark
from exchange.model.enums import CancelReason, OrderFlag, OrdType, Phase, Side, TimeInForce
from exchange.model.event import Restated
from exchange.model.units import PRICE_MAX

_BUY = Side.BUY.value
_PEGGED = OrdType.PEGGED.value
_MARKET_TO_LIMIT = OrdType.MARKET_TO_LIMIT.value
_CONTINUOUS = Phase.CONTINUOUS.value
_AT_THE_CLOSE = TimeInForce.AT_THE_CLOSE.value
_IOC = TimeInForce.IOC.value
_FOK = TimeInForce.FOK.value
_REPRICE = OrderFlag.POST_ONLY_REPRICE.value
POST_ONLY = OrderFlag.POST_ONLY.value | _REPRICE
"""Either variant of post-only."""


def enter(state: State, out: Emitter, listing: Listing, order: Order) -> None:
    """Let a live order that stands nowhere act as incoming order, and settle what is left."""
    if is_dark(order.flags):
        enter_dark(state, out, listing, order)
        return
    if order.ord_type == _PEGGED:
        enter_peg(state, out, listing, order)
        return
    if not _may_act(state, out, listing, order):
        return
    matches = listing.phase == _CONTINUOUS and order.time_in_force != _AT_THE_CLOSE
    converts = matches and order.ord_type == _MARKET_TO_LIMIT and not order.price
    if converts:
        order.price = _best_limit(listing, order)
        if not order.price:
            cancel(state, out, order, CancelReason.UNFILLED_REMAINDER)
            return
    match(state, out, listing, order)
    if not order.leaves_qty:
        return
    waits = listing.phase != _CONTINUOUS or order.time_in_force == _AT_THE_CLOSE
    never_rests = order.time_in_force == _IOC or not (order.price or waits)
    if never_rests or (converts and not order.cum_qty):
        cancel(state, out, order, CancelReason.UNFILLED_REMAINDER)
    else:
        state.rest(order)


def price_taken(listing: Listing, side: int, price: int, qty: int) -> int:
    """Price of the order that an incoming one of these terms would take first; 0 if none.

    Whose orders stand there does not matter: STP acts only when orders meet.
    """
    resting = listing.book.opposite(side).next_resting(qty)
    if resting is None or not is_in_reach(side, price, resting.price):
        return 0
    return resting.price


def price_beside(listing: Listing, side: int, taken: int) -> int:
    """The tick nearest to a price that does not take it; 0 if no valid price is left."""
    tick = listing.instrument.tick_size
    price = (taken - 1) // tick * tick if side == _BUY else (taken // tick + 1) * tick
    band = listing.instrument.band()
    if not 1 <= price <= PRICE_MAX or (band is not None and not band[0] <= price <= band[1]):
        return 0
    return price


def _may_act(state: State, out: Emitter, listing: Listing, order: Order) -> bool:
    min_qty = order.terms.min_qty
    if order.time_in_force == _FOK or min_qty:
        executable = executable_qty(state, listing, order)
        if order.time_in_force == _FOK and executable < order.leaves_qty:
            cancel(state, out, order, CancelReason.FOK_NOT_FILLABLE)
            return False
        if executable < min_qty:
            cancel(state, out, order, CancelReason.MIN_QTY_NOT_FILLABLE)
            return False
    if order.flags & POST_ONLY:
        return _stays_passive(state, out, listing, order)
    return True


def _stays_passive(state: State, out: Emitter, listing: Listing, order: Order) -> bool:
    taken = price_taken(listing, order.side, order.price, order.leaves_qty)
    if not taken:
        return True
    beside = price_beside(listing, order.side, taken) if order.flags & _REPRICE else 0
    if not beside:
        cancel(state, out, order, CancelReason.POST_ONLY_WOULD_TAKE)
        return False
    order.price = beside
    out.emit(Restated(CancelReason.POST_ONLY_REPRICED.value, order.state()))
    return True


def _best_limit(listing: Listing, order: Order) -> int:
    opposite = listing.book.opposite(order.side)
    limit = opposite.best_price()
    if not limit:
        tick = listing.instrument.tick_size
        hidden = price_taken(listing, order.side, 0, order.leaves_qty)
        limit = -(-hidden // tick) * tick if order.side == _BUY else hidden // tick * tick
    return limit if is_in_reach(order.side, order.cap_price, limit) else 0
