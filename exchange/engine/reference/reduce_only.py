"""R3.3 reduce-only: an order that may only make its account's position smaller.

Room: the rule. It holds from entry to the end, for a waiting stop too: at each execution of the
account the reduce-only orders on that instrument are lowered to what is left of the position
(Restated), or canceled where nothing is left, in order of entry, right after the trade. Two such
orders may both be as large as the position: the first to execute wins.
"""

from __future__ import annotations

from exchange.engine.reference.departure import cancel
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.state import State
from exchange.model.enums import CancelReason, Side
from exchange.model.event import Restated

_REASON = CancelReason.REDUCE_ONLY_POSITION


def reducible(state: State, account_id: int, instrument_id: int, side: int) -> int:
    """How much an order of this side can take off the position, base units, >= 0."""
    position = state.position(account_id, instrument_id)
    return max(position if side == Side.SELL else -position, 0)


def trim(state: State, out: Emitter, account_id: int, instrument_id: int) -> None:
    """Bring the reduce-only orders of an account into line with its position."""
    orders = state.reduce_only.get((account_id, instrument_id))
    if not orders:
        return
    for _, order in sorted(orders.items()):
        room = reducible(state, account_id, instrument_id, order.side)
        if not order.leaves_qty or order.leaves_qty <= room:
            continue
        if not room:
            cancel(state, out, order, _REASON)
            continue
        state.lower(order, order.leaves_qty - room)
        out.emit(Restated(_REASON.value, order.state()))
