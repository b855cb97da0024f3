"""How an order leaves the market without trading: canceled or expired.

Room: the two steps that every chapter shares, so that no order can leave its queue, its indexes or
its timer behind, and each leaving is one event (R11.2: leaves_qty is 0 afterwards).
"""

from __future__ import annotations

from collections.abc import Iterable

from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.order import Order
from exchange.engine.reference.state import State
from exchange.model.enums import CancelReason, OrdStatus
from exchange.model.event import Canceled, Expired


def cancel(
    state: State, out: Emitter, order: Order, reason: CancelReason, request_cl_ord_id: str = ""
) -> None:
    """Cancel a live order, resting or incoming."""
    open_qty = state.leave(order, OrdStatus.CANCELED.value)
    out.emit(Canceled(reason.value, open_qty, order.state(), request_cl_ord_id))


def cancel_all(state: State, out: Emitter, orders: Iterable[Order], reason: CancelReason) -> None:
    """Cancel live orders one after the other."""
    for order in orders:
        cancel(state, out, order, reason)


def expire(state: State, out: Emitter, order: Order, reason: CancelReason) -> None:
    """Expire a live order: END_OF_DAY or GOOD_TILL_DATE."""
    open_qty = state.leave(order, OrdStatus.EXPIRED.value)
    out.emit(Expired(reason.value, open_qty, order.state()))
