"""R2, R9.2: a member's cancel and mass cancel.

Room: the requests; the leaving itself is `departure.py`. A cancel is allowed in every phase, for a
disabled member too, under every kill switch and whatever became of its session: it only lowers
risk. The ladder of a cancel is UNKNOWN_MEMBER, INVALID_CL_ORD_ID, UNKNOWN_ORDER, TOO_LATE,
DUPLICATE_CL_ORD_ID. The request's own cl_ord_id is its idempotency key (R10.1).
"""

from __future__ import annotations

from exchange.engine.reference.departure import cancel, cancel_all
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.order import Order
from exchange.engine.reference.origin import Origin
from exchange.engine.reference.phase_table import NOT_REFUSED
from exchange.engine.reference.repeat import answer_repeat, remember
from exchange.engine.reference.state import State
from exchange.model.command import CancelOrder, MassCancel, ReplaceOrder
from exchange.model.enums import CancelReason, Side, is_number_of
from exchange.model.event import CancelRejected, EventKind, MassCanceled
from exchange.model.reject import RejectReason as R


def find_order(state: State, command: CancelOrder | ReplaceOrder) -> Order | None:
    """The member's order that a cancel or replace names.

    By `order_id` if that is given (then `orig_cl_ord_id` is not looked at), else by
    `orig_cl_ord_id`, which must be the cl_ord_id that names the order now: after a replace the
    older ids no longer do.
    """
    if command.order_id:
        order = state.orders.get(command.order_id)
        return order if order and order.member_id == command.member_id else None
    known = state.remembered_orders.get((command.member_id, command.orig_cl_ord_id))
    if known is None or not known.order_id:
        return None
    order = state.orders[known.order_id]
    return order if order.cl_ord_id == command.orig_cl_ord_id else None


def reject_request(
    state: State,
    out: Emitter,
    command: CancelOrder | ReplaceOrder,
    origin: Origin,
    refusal: tuple[int, Order | None],
) -> None:
    """Refuse a cancel or replace for a reason; the order, where it is known, stays as it is."""
    reason, order = refusal
    orig = command.orig_cl_ord_id
    key = (command.member_id, command.cl_ord_id)
    outcome = (EventKind.CANCEL_REJECTED, reason)
    remember(state, key, origin, outcome, order=order, orig_cl_ord_id=orig)
    out.emit(
        CancelRejected(
            reason,
            int(isinstance(command, ReplaceOrder)),
            order.ord_status if order else 0,
            command.member_id,
            order.instrument_id if order else 0,
            order.order_id if order else 0,
            command.cl_ord_id,
            orig,
        )
    )


def cancel_order(state: State, out: Emitter, command: CancelOrder, origin: Origin) -> None:
    """Carry out one CancelOrder."""
    if answer_repeat(state, out, command.member_id, command.cl_ord_id, origin):
        return
    order = find_order(state, command)
    reason = _refuse_cancel(state, command, order)
    if reason or order is None:
        reject_request(state, out, command, origin, (reason, order))
        return
    outcome = (EventKind.CANCELED, CancelReason.REQUESTED.value)
    orig = command.orig_cl_ord_id
    key = (command.member_id, command.cl_ord_id)
    remember(state, key, origin, outcome, order=order, orig_cl_ord_id=orig)
    cancel(state, out, order, CancelReason.REQUESTED, command.cl_ord_id)


def _refuse_cancel(state: State, command: CancelOrder, order: Order | None) -> int:
    if command.member_id not in state.members:
        return R.UNKNOWN_MEMBER
    if not command.cl_ord_id:
        return R.INVALID_CL_ORD_ID
    if order is None:
        return R.UNKNOWN_ORDER
    if not order.leaves_qty:
        return R.TOO_LATE
    if (command.member_id, command.cl_ord_id) in state.remembered_orders:
        return R.DUPLICATE_CL_ORD_ID
    return NOT_REFUSED


def mass_cancel(state: State, out: Emitter, command: MassCancel, origin: Origin) -> None:
    """Carry out one MassCancel: MassCanceled with the count, then each Canceled by order_id.

    Ladder: UNKNOWN_MEMBER, INVALID_CL_ORD_ID, INVALID_SIDE, UNKNOWN_ACCOUNT, UNKNOWN_SYMBOL,
    DUPLICATE_CL_ORD_ID; a refusal is a CancelRejected without an order.
    """
    member_id, cl_ord_id = command.member_id, command.cl_ord_id
    if answer_repeat(state, out, member_id, cl_ord_id, origin):
        return
    key = (member_id, cl_ord_id)
    reason = _refuse_mass_cancel(state, command)
    if reason:
        remember(state, key, origin, (EventKind.CANCEL_REJECTED, reason))
        out.emit(CancelRejected(reason, 0, 0, member_id, 0, 0, cl_ord_id, ""))
        return
    remember(state, key, origin, (EventKind.MASS_CANCELED, 0))
    account_id, instrument_id, side = command.account_id, command.instrument_id, command.side
    orders = state.open_orders.select(
        member_id=member_id, account_id=account_id, instrument_id=instrument_id, side=side
    )
    out.emit(MassCanceled(member_id, account_id, instrument_id, side, len(orders), cl_ord_id))
    cancel_all(state, out, orders, CancelReason.MASS_CANCEL)


def _refuse_mass_cancel(state: State, command: MassCancel) -> int:
    if command.member_id not in state.members:
        return R.UNKNOWN_MEMBER
    if not command.cl_ord_id:
        return R.INVALID_CL_ORD_ID
    if command.side and not is_number_of(Side, command.side):
        return R.INVALID_SIDE
    if command.account_id:
        account = state.accounts.get(command.account_id)
        if account is None or account.member_id != command.member_id:
            return R.UNKNOWN_ACCOUNT
    if command.instrument_id and command.instrument_id not in state.listings:
        return R.UNKNOWN_SYMBOL
    if (command.member_id, command.cl_ord_id) in state.remembered_orders:
        return R.DUPLICATE_CL_ORD_ID
    return NOT_REFUSED
