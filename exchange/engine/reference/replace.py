"""R4.4: replace of a resting order.

Room: the course and the ladder of one ReplaceOrder. `order_qty` is the new total. Ladder:

1. UNKNOWN_MEMBER, MEMBER_DISABLED, UNKNOWN_SESSION, kill switch of market, member or session;
2. INVALID_CL_ORD_ID, UNKNOWN_ORDER, TOO_LATE; then what hangs on the order found:
   ACCOUNT_DISABLED, kill switch of its account or instrument;
3. phase: CLOSED refuses, HALTED lets only a lower quantity at the same price pass (R2);
4. quantity range and lot, price range and tick;
5. what it changes for the worse: min quantity where it changes, max quantity and notional where
   they rise, band where the price changes; so an order can always be made smaller, also after its
   instrument's limits became narrower; with it the rungs of R8 for what it adds (`risk.py`);
6. NOTHING_TO_REPLACE, DUPLICATE_CL_ORD_ID, POST_ONLY_WOULD_TAKE.

A refused replace leaves the order as it was. Less quantity at the same price keeps the place in
the queue; a new price or more quantity loses it: the order leaves its level and comes in again,
and may trade at once, STP included. `order_qty <= cum_qty` cancels what is open
(REPLACED_TO_CUM_QTY); the order takes no new terms and keeps its cl_ord_id. The order stays with
the session that entered it. A live order is always a LIMIT order here: market orders never rest.
"""

from __future__ import annotations

from exchange.engine.reference.cancel import find_order, reject_request
from exchange.engine.reference.departure import cancel
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.ladder import (
    NOT_REFUSED,
    is_killed,
    is_level_full,
    is_notional_too_large,
    is_out_of_band,
)
from exchange.engine.reference.matching import match
from exchange.engine.reference.order import Order
from exchange.engine.reference.origin import Origin
from exchange.engine.reference.rate import take_token
from exchange.engine.reference.repeat import answer_repeat, remember
from exchange.engine.reference.risk import refuse_replace
from exchange.engine.reference.state import Listing, State
from exchange.model.command import ReplaceOrder
from exchange.model.enums import CancelReason, KillScope, OrderFlag, Phase, Standing
from exchange.model.event import EventKind, Replaced
from exchange.model.reject import RejectReason as R
from exchange.model.units import PRICE_MAX, QTY_MAX


def replace_order(state: State, out: Emitter, command: ReplaceOrder, origin: Origin) -> None:
    """Carry out one ReplaceOrder."""
    if answer_repeat(state, out, command.member_id, command.cl_ord_id, origin):
        return
    order = find_order(state, command)
    reason = _refuse_request(state, command, origin.session_id, order)
    if not reason and order is not None:
        reason = _refuse_terms(state, command, order, origin.session_id)
    if reason or order is None:
        reject_request(state, out, command, origin, (reason, order))
        return
    order_qty = command.order_qty or order.order_qty
    price = command.price or order.price
    key = (command.member_id, command.cl_ord_id)
    orig = command.orig_cl_ord_id
    if order_qty <= order.cum_qty:
        outcome = (EventKind.CANCELED, CancelReason.REPLACED_TO_CUM_QTY.value)
        remember(state, key, origin, outcome, order=order, orig_cl_ord_id=orig)
        cancel(state, out, order, CancelReason.REPLACED_TO_CUM_QTY, command.cl_ord_id)
        return
    remember(state, key, origin, (EventKind.REPLACED, 0), order=order, orig_cl_ord_id=orig)
    former_cl_ord_id, order.cl_ord_id = order.cl_ord_id, command.cl_ord_id
    order.last_ts_ns = state.now_ns
    if price == order.price and order_qty < order.order_qty:
        _reduce(state, order, order_qty)
        out.emit(Replaced(1, order.state(), former_cl_ord_id))
        return
    take_token(state, order.member_id, origin.session_id)
    listing = state.listings[order.instrument_id]
    listing.book.remove(order)
    order.price = price
    order.order_qty = order_qty
    order.leaves_qty = order_qty - order.cum_qty
    out.emit(Replaced(0, order.state(), former_cl_ord_id))
    match(state, out, listing, order)
    if order.leaves_qty:
        state.rest(order)


def _reduce(state: State, order: Order, order_qty: int) -> None:
    less = order.order_qty - order_qty
    state.listings[order.instrument_id].book.reduce(order, less)
    order.order_qty = order_qty
    order.leaves_qty -= less
    state.reserve(order)


def _refuse_request(
    state: State, command: ReplaceOrder, session_id: int, order: Order | None
) -> int:
    member = state.members.get(command.member_id)
    if member is None:
        return R.UNKNOWN_MEMBER
    if member.standing != Standing.ACTIVE:
        return R.MEMBER_DISABLED
    session = state.sessions.get(session_id)
    if session_id and (session is None or session.member_id != command.member_id):
        return R.UNKNOWN_SESSION
    of_sender = (
        (KillScope.MARKET, 0),
        (KillScope.MEMBER, command.member_id),
        (KillScope.SESSION, session_id),
    )
    if is_killed(state, of_sender):
        return R.KILL_SWITCH_ENGAGED
    if not command.cl_ord_id:
        return R.INVALID_CL_ORD_ID
    if order is None:
        return R.UNKNOWN_ORDER
    if not order.leaves_qty:
        return R.TOO_LATE
    if state.accounts[order.account_id].standing != Standing.ACTIVE:
        return R.ACCOUNT_DISABLED
    of_order = (
        (KillScope.ACCOUNT, order.account_id),
        (KillScope.INSTRUMENT, order.instrument_id),
    )
    return R.KILL_SWITCH_ENGAGED if is_killed(state, of_order) else NOT_REFUSED


def _refuse_terms(state: State, command: ReplaceOrder, order: Order, session_id: int) -> int:
    listing = state.listings[order.instrument_id]
    instrument = listing.instrument
    order_qty = command.order_qty or order.order_qty
    price = command.price or order.price
    if listing.phase == Phase.CLOSED:
        return R.EXCHANGE_CLOSED
    only_reduces = price == order.price and order_qty < order.order_qty
    if listing.phase == Phase.HALTED and not only_reduces:
        return R.INSTRUMENT_HALTED
    if not 1 <= order_qty <= QTY_MAX:
        return R.INVALID_QUANTITY
    if order_qty % instrument.lot_size:
        return R.QUANTITY_NOT_A_LOT_MULTIPLE
    if not 1 <= price <= PRICE_MAX:
        return R.INVALID_PRICE
    if price % instrument.tick_size:
        return R.PRICE_NOT_A_TICK_MULTIPLE
    reason = _refuse_risk(listing, order, order_qty, price) or refuse_replace(
        state, order, (order_qty, price), session_id
    )
    if reason:
        return reason
    if price == order.price and order_qty == order.order_qty:
        return R.NOTHING_TO_REPLACE
    if (command.member_id, command.cl_ord_id) in state.remembered_orders:
        return R.DUPLICATE_CL_ORD_ID
    if (
        order.flags & OrderFlag.POST_ONLY
        and order_qty > order.cum_qty
        and listing.book.crosses(order.side, order.ord_type, price)
    ):
        return R.POST_ONLY_WOULD_TAKE
    return NOT_REFUSED


def _refuse_risk(listing: Listing, order: Order, order_qty: int, price: int) -> int:
    if order_qty <= order.cum_qty:
        return NOT_REFUSED
    instrument = listing.instrument
    if order_qty != order.order_qty and order_qty < instrument.min_order_qty:
        return R.BELOW_MIN_ORDER_QTY
    if order_qty > order.order_qty and order_qty > instrument.max_order_qty:
        return R.ABOVE_MAX_ORDER_QTY
    rises = price * order_qty > order.price * order.order_qty
    if rises and is_notional_too_large(listing, order.ord_type, price, order_qty):
        return R.ABOVE_MAX_ORDER_NOTIONAL
    more = order_qty - order.order_qty if price == order.price else order_qty - order.cum_qty
    if is_level_full(listing, order.side, price, more):
        return R.LIMIT_REACHED
    if price != order.price and is_out_of_band(instrument, price):
        return R.PRICE_OUT_OF_BAND
    return NOT_REFUSED
