"""R10.1 at work: answer a repeated member command, remember a new one.

Room: reading and writing the memory of cl_ord_ids (`idempotency.py` says what is kept).
"""

from __future__ import annotations

from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.idempotency import RememberedOrder
from exchange.engine.reference.order import Order
from exchange.engine.reference.origin import Origin
from exchange.engine.reference.state import State
from exchange.model.event import EventKind, OrderState, Repeated
from exchange.model.reject import RejectReason

_NEVER_REMEMBERED = frozenset(
    {
        RejectReason.UNKNOWN_MEMBER,
        RejectReason.INVALID_CL_ORD_ID,
        RejectReason.DUPLICATE_CL_ORD_ID,
    }
)


def answer_repeat(
    state: State, out: Emitter, member_id: int, cl_ord_id: str, origin: Origin
) -> bool:
    """Emit Repeated if this very command came before; say whether it did.

    `order` is the order as it is now, the refused order as it was, or, where no order is known, a
    state with only member and cl_ord_id.
    """
    known = state.remembered_orders.get((member_id, cl_ord_id))
    if known is None or known.fingerprint != origin.fingerprint:
        return False
    if known.order_id:
        order = state.orders[known.order_id].state()
    elif known.refused is not None:
        order = known.refused
    else:
        order = _nameless(member_id, cl_ord_id)
    out.emit(Repeated(known.outcome, known.reason, order, cl_ord_id, known.orig_cl_ord_id))
    return True


def remember(
    state: State,
    key: tuple[int, str],
    origin: Origin,
    outcome: tuple[EventKind, int],
    *,
    order: Order | None = None,
    orig_cl_ord_id: str = "",
    refused: OrderState | None = None,
) -> None:
    """Keep what became of a command under (member_id, cl_ord_id).

    Args:
        state: where it is kept.
        key: member and cl_ord_id of the command.
        origin: whose fingerprint identifies a repeat.
        outcome: kind of the acknowledgement, and the reject or cancel reason or 0.
        order: the order it was about.
        orig_cl_ord_id: as the command gave it.
        refused: the refused new order.
    """
    kind, reason = outcome
    refusal = kind in {EventKind.REJECTED, EventKind.CANCEL_REJECTED}
    if refusal and (reason in _NEVER_REMEMBERED or not key[1] or key in state.remembered_orders):
        return
    state.remembered_orders[key] = RememberedOrder(
        origin.fingerprint,
        kind.value,
        reason,
        order.order_id if order else 0,
        orig_cl_ord_id,
        state.now_ns,
        refused,
    )


def _nameless(member_id: int, cl_ord_id: str) -> OrderState:
    return OrderState(0, member_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, cl_ord_id)
