"""R3, R4: a new order, from the repeat check to what rests.

Room: the course of one NewOrder. Idempotency, ladder, Accepted, trades, remainder:

- LIMIT with DAY, GTC or GTD rests;
- IOC and MARKET: the remainder is canceled, UNFILLED_REMAINDER;
- FOK that cannot execute whole: canceled, FOK_NOT_FILLABLE, with no trade and no effect on others.

An order id is consumed only on acceptance. `stp` 0 becomes the instrument's default (R5).
"""

from __future__ import annotations

from exchange.engine.reference.departure import cancel
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.ladder import refuse_new_order
from exchange.engine.reference.matching import is_fillable, match
from exchange.engine.reference.order import Order, order_state
from exchange.engine.reference.origin import Origin
from exchange.engine.reference.repeat import answer_repeat, remember
from exchange.engine.reference.risk import admit
from exchange.engine.reference.state import Listing, State
from exchange.model.command import NewOrder
from exchange.model.enums import CancelReason, OrdStatus, OrdType, TimeInForce
from exchange.model.event import Accepted, EventKind, Rejected

_MARKET = OrdType.MARKET.value
_IOC = TimeInForce.IOC.value
_FOK = TimeInForce.FOK.value
_NEW = OrdStatus.NEW.value


def new_order(state: State, out: Emitter, command: NewOrder, origin: Origin) -> None:
    """Carry out one NewOrder."""
    if answer_repeat(state, out, command.member_id, command.cl_ord_id, origin):
        return
    key = (command.member_id, command.cl_ord_id)
    reason = refuse_new_order(state, command, origin.session_id)
    if reason:
        refused = order_state(command, origin.session_id, OrdStatus.REJECTED.value)
        remember(state, key, origin, (EventKind.REJECTED, reason), refused=refused)
        out.emit(Rejected(reason, refused))
        return
    listing = state.listings[command.instrument_id]
    order = accept(state, listing, command, origin.session_id)
    remember(state, key, origin, (EventKind.ACCEPTED, 0), order=order)
    out.emit(Accepted(order.state()))
    if order.time_in_force == _FOK and not is_fillable(listing, order):
        cancel(state, out, order, CancelReason.FOK_NOT_FILLABLE)
        return
    match(state, out, listing, order)
    if not order.leaves_qty:
        return
    if order.ord_type == _MARKET or order.time_in_force == _IOC:
        cancel(state, out, order, CancelReason.UNFILLED_REMAINDER)
    else:
        state.rest(order)


def accept(state: State, listing: Listing, command: NewOrder, session_id: int) -> Order:
    """Take in an order that passed the ladder: its id, its reservation; it does not rest yet."""
    state.last_order_id += 1
    order = Order(
        state.last_order_id,
        command.member_id,
        command.account_id,
        command.instrument_id,
        session_id,
        command.side,
        command.ord_type,
        command.time_in_force,
        command.stp or listing.instrument.stp_default,
        _NEW,
        command.flags,
        command.order_qty,
        0,
        command.order_qty,
        command.price,
        command.expire_ts_ns,
        0,
        command.cl_ord_id,
        state.now_ns,
        state.now_ns,
    )
    state.add_order(order)
    admit(state, listing, order, command)
    return order
