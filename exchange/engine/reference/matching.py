"""R4.1, R4.2, R4.5: continuous matching.

Room: everything that makes an incoming order trade. Price, then displayed before dark, then time;
executions happen at the resting order's price, best level first, until the incoming order is done
or no longer crosses. It passes over all-or-none orders that it cannot fill whole (R4.8). Own orders
are `self_trade.py` (R5).

What one execution changes is `trade.py`. Outside CONTINUOUS nothing matches (R2), and an
AT_THE_CLOSE order trades in the closing auction only. A trade outside the dynamic band does not
print and ends the matching (R7.2); the circuit breaker looks at the trades when the order has
finished (R7.3).
"""

from __future__ import annotations

from exchange.engine.reference.availability import executable_qty, is_in_reach
from exchange.engine.reference.bands import interrupts
from exchange.engine.reference.breaker import watch_decline
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.order import Order
from exchange.engine.reference.self_trade import is_prevented, prevent_self_trade
from exchange.engine.reference.state import Listing, State
from exchange.engine.reference.trade import Print, execute
from exchange.model.enums import OrderFlag, Phase, Side, TimeInForce

_BUY = Side.BUY.value
_CONTINUOUS = Phase.CONTINUOUS.value
_AT_THE_CLOSE = TimeInForce.AT_THE_CLOSE.value
_ALL_OR_NONE = OrderFlag.ALL_OR_NONE.value


def match(state: State, out: Emitter, listing: Listing, incoming: Order) -> None:
    """Trade a live incoming order that is not in the book until it is done or does not cross.

    An all-or-none order trades whole or not at all (R3.3). Emits Trade, and Canceled and Restated
    of what follows, in the order in which they happen. What is left of the incoming order
    (leaves_qty > 0) is the caller's to rest or cancel.
    """
    if listing.phase != _CONTINUOUS or incoming.time_in_force == _AT_THE_CLOSE:
        return
    whole = incoming.flags & _ALL_OR_NONE
    if whole and executable_qty(state, listing, incoming) < incoming.leaves_qty:
        return
    opposite = listing.book.opposite(incoming.side)
    buying = incoming.side == _BUY
    lowest = 0
    while incoming.leaves_qty:
        resting = opposite.next_resting(incoming.leaves_qty)
        if resting is None or not is_in_reach(incoming.side, incoming.limit(), resting.price):
            break
        if is_prevented(incoming, resting):
            prevent_self_trade(state, out, incoming, resting)
            continue
        price = resting.price
        if interrupts(state, out, listing, price):
            break
        qty = min(incoming.leaves_qty, resting.meets_qty())
        buy, sell = (incoming, resting) if buying else (resting, incoming)
        execute(state, out, Print(buy, sell, price, qty, incoming.side))
        lowest = min(lowest or price, price)
    if lowest:
        watch_decline(state, out, listing, lowest)
