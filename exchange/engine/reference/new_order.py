"""R3, R4: a new order, from the repeat check to its place in the market.

Room: the course of one NewOrder, with terms or without. Idempotency, ladder, Accepted, the terms of
an order that has any (TermsChanged), then a stop waits (`stops.py`) and every other order acts as
an incoming order (`incoming.py`).

An order id is consumed only on acceptance. `stp` 0 becomes the instrument's default (R5).
"""

from __future__ import annotations

from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.incoming import enter
from exchange.engine.reference.ladder import refuse_new_order
from exchange.engine.reference.order import Order, order_state
from exchange.engine.reference.origin import Origin
from exchange.engine.reference.reach import reach_of
from exchange.engine.reference.repeat import answer_repeat, remember
from exchange.engine.reference.risk import admit
from exchange.engine.reference.state import Listing, State
from exchange.engine.reference.stops import STOPS, first_terms, place_stop
from exchange.model.command import NewOrder, NewOrderWithTerms
from exchange.model.enums import OrdStatus
from exchange.model.event import Accepted, EventKind, Rejected, TermsChanged
from exchange.model.terms import NO_TERMS, OrderTerms

_NEW = OrdStatus.NEW.value


def new_order(state: State, out: Emitter, command: NewOrder, origin: Origin) -> None:
    """Carry out one NewOrder."""
    _new_order(state, out, command, NO_TERMS, origin)


def new_order_with_terms(
    state: State, out: Emitter, command: NewOrderWithTerms, origin: Origin
) -> None:
    """Carry out one NewOrderWithTerms."""
    _new_order(state, out, command.order, command.terms, origin)


def _new_order(
    state: State, out: Emitter, command: NewOrder, terms: OrderTerms, origin: Origin
) -> None:
    if answer_repeat(state, out, command.member_id, command.cl_ord_id, origin):
        return
    key = (command.member_id, command.cl_ord_id)
    reason = refuse_new_order(state, command, origin.session_id, terms)
    if reason:
        refused = order_state(command, origin.session_id, OrdStatus.REJECTED.value)
        remember(state, key, origin, (EventKind.REJECTED, reason), refused=refused)
        out.emit(Rejected(reason, refused))
        return
    listing = state.listings[command.instrument_id]
    order = accept(state, listing, command, origin.session_id)
    if terms != NO_TERMS:
        _take_terms(state, listing, order, terms)
    remember(state, key, origin, (EventKind.ACCEPTED, 0), order=order)
    out.emit(Accepted(order.state()))
    if order.terms is not NO_TERMS:
        out.emit(TermsChanged(order.state(), order.terms))
    if order.ord_type in STOPS:
        place_stop(state, out, listing, order)
    else:
        enter(state, out, listing, order)


def _take_terms(state: State, listing: Listing, order: Order, terms: OrderTerms) -> None:
    terms = order.terms = first_terms(listing, order.ord_type, order.side, terms)
    if not order.price:
        order.worst_price, order.cap_price = reach_of(state, listing, order, terms)
        state.reserve(order)
    if terms.oco_cl_ord_id:
        known = state.remembered_orders[order.member_id, terms.oco_cl_ord_id]
        state.link(order, state.orders[known.order_id])


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
    state.watch(order)
    admit(state, listing, order, command)
    return order
