"""R4.4: replace of a live order, and of its terms.

Room: the course and the ladder of one ReplaceOrder. `order_qty` is the new total. Ladder:

1. UNKNOWN_MEMBER, MEMBER_DISABLED, UNKNOWN_SESSION, kill switch of market, member or session;
2. INVALID_CL_ORD_ID, UNKNOWN_ORDER, TOO_LATE; then what hangs on the order found:
   ACCOUNT_DISABLED, kill switch of its account or instrument;
3. phase (`phase_table.py`): HALTED lets only a lower quantity at the same price and terms pass;
4. quantity range and lot, price range and tick (PRICE_NOT_ALLOWED where the type has none);
5. the changed terms (`changed_terms.py`);
6. what it changes for the worse: min quantity and dark block where it changes, max quantity and
   notional where they rise, band where the price changes; so an order can always be made smaller,
   also after its instrument's limits became narrower; with it the rungs of R8 for what it adds
   (`risk.py`); REDUCE_ONLY_WOULD_INCREASE where it rises;
7. NOTHING_TO_REPLACE, DUPLICATE_CL_ORD_ID, POST_ONLY_WOULD_TAKE.

A refused replace leaves the order as it was. Less quantity at the same price and terms keeps the
place in the queue; everything else loses it: the order leaves its place and comes in again, as a
waiting stop or an incoming order, and may trade at once, STP included. Its order_id stays, and with
it its place among stops, pegs and all-or-none orders (R4.6-R4.8). `order_qty <= cum_qty` cancels
what is open (REPLACED_TO_CUM_QTY); the order takes no new terms and keeps its cl_ord_id. The order
stays with the session that entered it.
"""

from __future__ import annotations

from typing import NamedTuple

from exchange.engine.reference.cancel import find_order, reject_request
from exchange.engine.reference.changed_terms import change_terms, refuse_changed_terms
from exchange.engine.reference.dark_ladder import is_below_block
from exchange.engine.reference.departure import cancel
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.incoming import enter, price_beside, price_taken
from exchange.engine.reference.ladder import (
    is_killed,
    is_level_full,
    is_notional_too_large,
    is_out_of_band,
)
from exchange.engine.reference.order import Order
from exchange.engine.reference.origin import Origin
from exchange.engine.reference.phase_table import NOT_REFUSED, refuse_replace_in
from exchange.engine.reference.rate import take_token
from exchange.engine.reference.reach import reach_of
from exchange.engine.reference.reduce_only import reducible
from exchange.engine.reference.repeat import answer_repeat, remember
from exchange.engine.reference.risk import Asked, refuse_replace
from exchange.engine.reference.state import Listing, State
from exchange.engine.reference.stops import place_stop
from exchange.model.command import ReplaceOrder, ReplaceOrderWithTerms
from exchange.model.dark import is_dark
from exchange.model.enums import CancelReason, KillScope, OrderFlag, OrdType, Standing
from exchange.model.event import EventKind, Replaced, TermsChanged
from exchange.model.reject import RejectReason as R
from exchange.model.terms import NO_TERMS, NOTHING_CHANGED, ChangedTerms, OrderTerms
from exchange.model.units import PRICE_MAX, QTY_MAX

_PEGGED = OrdType.PEGGED.value
_REDUCE_ONLY = OrderFlag.REDUCE_ONLY.value
_REPRICE = OrderFlag.POST_ONLY_REPRICE.value
_POST_ONLY = OrderFlag.POST_ONLY.value | _REPRICE


class Change(NamedTuple):
    """A replace and what the order would be after it."""

    command: ReplaceOrder
    changed: ChangedTerms
    order: Order
    order_qty: int
    price: int
    terms: OrderTerms

    def keeps_terms(self) -> bool:
        """Whether price and terms stay, as not given or given as they are."""
        return self.price == self.order.price and self.terms == self.order.terms

    def is_reduction(self) -> bool:
        """Whether it does nothing but lower the quantity."""
        return self.keeps_terms() and self.order_qty < self.order.order_qty


def replace_order(state: State, out: Emitter, command: ReplaceOrder, origin: Origin) -> None:
    """Carry out one ReplaceOrder."""
    _replace_order(state, out, command, NOTHING_CHANGED, origin)


def replace_order_with_terms(
    state: State, out: Emitter, command: ReplaceOrderWithTerms, origin: Origin
) -> None:
    """Carry out one ReplaceOrderWithTerms."""
    _replace_order(state, out, command.replace, command.terms, origin)


def _replace_order(
    state: State, out: Emitter, command: ReplaceOrder, changed: ChangedTerms, origin: Origin
) -> None:
    if answer_repeat(state, out, command.member_id, command.cl_ord_id, origin):
        return
    order = find_order(state, command)
    reason = _refuse_request(state, command, origin.session_id, order)
    if reason or order is None:
        reject_request(state, out, command, origin, (reason, order))
        return
    order_qty = command.order_qty or order.order_qty
    listing = state.listings[order.instrument_id]
    terms = change_terms(listing, order, changed)
    change = Change(command, changed, order, order_qty, command.price or order.price, terms)
    reason = _refuse_change(state, change, origin.session_id)
    if reason:
        reject_request(state, out, command, origin, (reason, order))
        return
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
    if change.is_reduction():
        state.lower(order, order.order_qty - order_qty)
        out.emit(Replaced(1, order.state(), former_cl_ord_id))
        _tell_terms(out, order)
        return
    take_token(state, order.member_id, origin.session_id)
    _come_in_again(state, out, change, former_cl_ord_id)


def _come_in_again(state: State, out: Emitter, change: Change, former_cl_ord_id: str) -> None:
    order = change.order
    listing = state.listings[order.instrument_id]
    was_waiting = order.is_waiting
    state.withdraw(order)
    order.price = change.price
    order.order_qty = change.order_qty
    order.leaves_qty = change.order_qty - order.cum_qty
    order.terms = change.terms
    if not order.price or order.ord_type == _PEGGED:
        order.worst_price, order.cap_price = reach_of(state, listing, order, order.terms)
    out.emit(Replaced(0, order.state(), former_cl_ord_id))
    _tell_terms(out, order)
    if was_waiting:
        place_stop(state, out, listing, order)
    else:
        enter(state, out, listing, order)


def _tell_terms(out: Emitter, order: Order) -> None:
    if order.terms is not NO_TERMS:
        out.emit(TermsChanged(order.state(), order.terms))


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


def _refuse_change(state: State, change: Change, session_id: int) -> int:
    order, order_qty = change.order, change.order_qty
    listing = state.listings[order.instrument_id]
    reason = refuse_replace_in(listing.phase, only_reduces=change.is_reduction())
    if reason:
        return reason
    if not 1 <= order_qty <= QTY_MAX:
        return R.INVALID_QUANTITY
    if order_qty % listing.instrument.lot_size:
        return R.QUANTITY_NOT_A_LOT_MULTIPLE
    reason = (
        _refuse_price(listing, change)
        or refuse_changed_terms(listing, order, order_qty, change.changed)
        or _refuse_risk(state, listing, change)
        or refuse_replace(state, order, Asked(order_qty, change.price, change.terms), session_id)
    )
    if reason:
        return reason
    if change.keeps_terms() and order_qty == order.order_qty:
        return R.NOTHING_TO_REPLACE
    if (change.command.member_id, change.command.cl_ord_id) in state.remembered_orders:
        return R.DUPLICATE_CL_ORD_ID
    if _would_take(listing, change):
        return R.POST_ONLY_WOULD_TAKE
    return NOT_REFUSED


def _refuse_price(listing: Listing, change: Change) -> int:
    has_no_limit = not change.order.price or change.order.ord_type == _PEGGED
    if has_no_limit:
        return R.PRICE_NOT_ALLOWED if change.command.price else NOT_REFUSED
    if not 1 <= change.price <= PRICE_MAX:
        return R.INVALID_PRICE
    if change.price % listing.instrument.tick_size:
        return R.PRICE_NOT_A_TICK_MULTIPLE
    return NOT_REFUSED


def _refuse_risk(state: State, listing: Listing, change: Change) -> int:
    order, order_qty, price = change.order, change.order_qty, change.price
    if order_qty <= order.cum_qty:
        return NOT_REFUSED
    instrument = listing.instrument
    if order_qty != order.order_qty and order_qty < instrument.min_order_qty:
        return R.BELOW_MIN_ORDER_QTY
    if order_qty > order.order_qty and order_qty > instrument.max_order_qty:
        return R.ABOVE_MAX_ORDER_QTY
    if is_below_block(listing, order, order_qty):
        return R.BELOW_MIN_BLOCK_QTY
    rises = price * order_qty > order.price * order.order_qty
    if (rises or order_qty > order.order_qty) and is_notional_too_large(listing, price, order_qty):
        return R.ABOVE_MAX_ORDER_NOTIONAL
    more = order_qty - order.order_qty if price == order.price else order_qty - order.cum_qty
    if not is_dark(order.flags) and is_level_full(listing, order.side, price, more):
        return R.LIMIT_REACHED
    if price != order.price and is_out_of_band(instrument, price):
        return R.PRICE_OUT_OF_BAND
    if order.flags & _REDUCE_ONLY and order_qty > order.order_qty:
        room = reducible(state, order.account_id, order.instrument_id, order.side)
        if order_qty - order.cum_qty > room:
            return R.REDUCE_ONLY_WOULD_INCREASE
    return NOT_REFUSED


def _would_take(listing: Listing, change: Change) -> bool:
    order = change.order
    leaves_qty = change.order_qty - order.cum_qty
    if not order.flags & _POST_ONLY or order.is_waiting or leaves_qty <= 0:
        return False
    if change.is_reduction():
        return False
    taken = price_taken(listing, order.side, change.price, leaves_qty)
    if not taken:
        return False
    return not (order.flags & _REPRICE and price_beside(listing, order.side, taken))
