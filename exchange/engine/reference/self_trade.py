"""R5: self-trade prevention.

Room: whether two orders are of one owner, and what happens when they meet. The incoming order's
mode rules; it acts at the moment the incoming order meets the own resting order:

| mode                 | what happens                                                           |
|----------------------|------------------------------------------------------------------------|
| ALLOW                | they trade                                                             |
| CANCEL_INCOMING      | the rest of the incoming order is canceled; matching ends              |
| CANCEL_RESTING       | the resting order is canceled; matching goes on                        |
| CANCEL_BOTH          | the resting order, then the rest of the incoming one are canceled      |
| DECREMENT_AND_CANCEL | the smaller is canceled, then the larger is restated: order_qty and    |
|                      | leaves less by as much, place kept; equal: both canceled, resting first |

Scope: all orders of the member, or, where the incoming order names an `stp_group`, those of its
orders that name the same group. A group never reaches another member's orders: its number is the
member's own choice. The two orders of an OCO never trade with each other, whatever their mode:
ALLOW acts as CANCEL_RESTING between them.
"""

from __future__ import annotations

from exchange.engine.reference.departure import cancel
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.order import Order
from exchange.engine.reference.state import State
from exchange.model.enums import CancelReason, StpMode
from exchange.model.event import Restated

_ALLOW = StpMode.ALLOW.value
_STP = CancelReason.SELF_TRADE_PREVENTION


def is_prevented(incoming: Order, resting: Order) -> bool:
    """Whether these two must not trade with each other."""
    if incoming.member_id != resting.member_id:
        return False
    if incoming.linked_id == resting.order_id:
        return True
    if incoming.stp == _ALLOW:
        return False
    group = incoming.terms.stp_group
    return not group or group == resting.terms.stp_group


def passes_own(incoming: Order) -> bool:
    """Whether an own resting order goes and the incoming order goes on."""
    return incoming.stp in (_ALLOW, StpMode.CANCEL_RESTING)


def prevent_self_trade(state: State, out: Emitter, incoming: Order, resting: Order) -> None:
    """Do what the incoming order's mode says (module docstring)."""
    match incoming.stp:
        case StpMode.CANCEL_INCOMING:
            cancel(state, out, incoming, _STP)
        case StpMode.ALLOW | StpMode.CANCEL_RESTING:
            cancel(state, out, resting, _STP)
        case StpMode.CANCEL_BOTH:
            cancel(state, out, resting, _STP)
            cancel(state, out, incoming, _STP)
        case _:
            _decrement(state, out, incoming, resting)


def _decrement(state: State, out: Emitter, incoming: Order, resting: Order) -> None:
    surplus = incoming.leaves_qty - resting.leaves_qty
    if not surplus:
        cancel(state, out, resting, _STP)
        cancel(state, out, incoming, _STP)
        return
    smaller, larger = (resting, incoming) if surplus > 0 else (incoming, resting)
    qty = smaller.leaves_qty
    cancel(state, out, smaller, _STP)
    state.lower(larger, qty)
    out.emit(Restated(_STP.value, larger.state()))
