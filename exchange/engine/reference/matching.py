"""R4.1, R4.2, R4.5: continuous matching.

Room: everything that makes an incoming order trade. Price, then displayed before dark, then time;
executions happen at the resting order's price, best level first, until the incoming order is done
or no longer crosses. It passes over all-or-none orders that it cannot fill whole (R4.8). Own orders
are `self_trade.py` (R5).

What follows from one execution happens right after its Trade, before the next: the other order of
an OCO is canceled (R3.3), incoming order's first; then reduce-only orders of the two accounts are
brought into line (`reduce_only.py`), buyer first.
"""

from __future__ import annotations

from exchange.engine.reference.availability import executable_qty, is_in_reach
from exchange.engine.reference.departure import cancel
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.order import Order
from exchange.engine.reference.reduce_only import trim
from exchange.engine.reference.self_trade import is_prevented, prevent_self_trade
from exchange.engine.reference.settlement import Execution, settle
from exchange.engine.reference.state import Listing, State
from exchange.model.enums import CancelReason, OrderFlag, OrdStatus, Side
from exchange.model.event import Trade

_BUY = Side.BUY.value
_FILLED = OrdStatus.FILLED.value
_ALL_OR_NONE = OrderFlag.ALL_OR_NONE.value


def match(state: State, out: Emitter, listing: Listing, incoming: Order) -> None:
    """Trade a live incoming order that is not in the book until it is done or does not cross.

    An all-or-none order trades whole or not at all (R3.3). Emits Trade, and Canceled and Restated
    of what follows, in the order in which they happen. What is left of the incoming order
    (leaves_qty > 0) is the caller's to rest or cancel.
    """
    whole = incoming.flags & _ALL_OR_NONE
    if whole and executable_qty(state, listing, incoming) < incoming.leaves_qty:
        return
    opposite = listing.book.opposite(incoming.side)
    while incoming.leaves_qty:
        resting = opposite.next_resting(incoming.leaves_qty)
        if resting is None or not is_in_reach(incoming.side, incoming.limit(), resting.price):
            return
        if is_prevented(incoming, resting):
            prevent_self_trade(state, out, incoming, resting)
        else:
            _execute(state, out, listing, incoming, resting)


def _execute(state: State, out: Emitter, listing: Listing, incoming: Order, resting: Order) -> None:
    price = resting.price
    qty = min(incoming.leaves_qty, resting.meets_qty())
    now_ns = state.now_ns
    linked_ids = (incoming.linked_id, resting.linked_id)
    listing.book.execute(resting, qty)
    resting.fill(price, qty, now_ns)
    incoming.fill(price, qty, now_ns)
    if not resting.leaves_qty:
        state.leave(resting, _FILLED)
    if not incoming.leaves_qty:
        state.leave(incoming, _FILLED)
    listing.record_print(price, qty)
    state.last_trade_id += 1
    buy, sell = (incoming, resting) if incoming.side == _BUY else (resting, incoming)
    instrument_id = incoming.instrument_id
    out.emit(
        Trade(
            state.last_trade_id,
            instrument_id,
            price,
            qty,
            incoming.side,
            buy.state(),
            sell.state(),
        )
    )
    execution = Execution(state.last_trade_id, price, qty, incoming.side, buy, sell)
    settle(state, out, listing, execution)
    for linked_id in linked_ids:
        if linked_id and state.orders[linked_id].leaves_qty:
            cancel(state, out, state.orders[linked_id], CancelReason.LINKED_ORDER_EXECUTED)
    if state.reduce_only:
        trim(state, out, buy.account_id, instrument_id)
        trim(state, out, sell.account_id, instrument_id)
