"""R4.3, R4.8: how much of an incoming order would execute now.

Room: a trial that changes nothing, for what must execute whole or not at all: fill-or-kill,
all-or-none, minimum quantity. It walks the book as `matching.py` does, no further than needed, and
counts only what would really trade:

- an own order ends the walk, or is passed over where the mode cancels it (R5);
- an all-or-none order counts if what is still needed fills it whole;
- hidden quantity counts, also an iceberg's, in the order in which it would be met (R4.5);
- an order whose OCO partner was counted does not count: it would be canceled by then (R3.3);
- a price outside the dynamic band does not count (R7.2): the order is then refused or canceled
  without an interruption, as no trade was about to print;
- a reduce-only order counts up to what is left of its account's position (R3.3).
"""

from __future__ import annotations

from collections import Counter

from exchange.engine.reference.bands import dynamic_band
from exchange.engine.reference.book import Level
from exchange.engine.reference.order import Order
from exchange.engine.reference.reduce_only import reducible
from exchange.engine.reference.self_trade import is_prevented, passes_own
from exchange.engine.reference.state import Listing, State
from exchange.model.enums import OrderFlag, Side

_BUY = Side.BUY.value
_ALL_OR_NONE = OrderFlag.ALL_OR_NONE.value
_REDUCE_ONLY = OrderFlag.REDUCE_ONLY.value


def is_in_reach(side: int, price: int, resting_price: int) -> bool:
    """Whether an incoming order trades at a resting price; its own price 0 = at any."""
    if not price:
        return True
    return resting_price <= price if side == _BUY else resting_price >= price


def executable_qty(state: State, listing: Listing, incoming: Order) -> int:
    """What a live incoming order that is not in the book would execute now, 0 .. leaves_qty."""
    trial = _Trial(state, incoming)
    band = dynamic_band(state, listing)
    for level in listing.book.opposite(incoming.side).best_first():
        if trial.is_over or not is_in_reach(incoming.side, incoming.limit(), level.price):
            break
        if band is not None and not band[0] <= level.price <= band[1]:
            break
        trial.walk(level)
    return incoming.leaves_qty - trial.need


class _Trial:
    """One walk; `need` is what the incoming order still lacks."""

    def __init__(self, state: State, incoming: Order) -> None:
        self.need = incoming.leaves_qty
        self.is_over = False
        self._state = state
        self._incoming = incoming
        self._gone: set[int] = set()
        self._moved: Counter[int] = Counter()

    def walk(self, level: Level) -> None:
        """Take what one price has, in the order of R4.1 and R4.5."""
        reserves = []
        for resting in level.queue.values():
            self._meet(resting, resting.meets_qty())
            if self.is_over:
                return
            if resting.leaves_qty > resting.meets_qty():
                reserves.append(resting)
        for resting in reserves:
            self._meet(resting, resting.leaves_qty - resting.meets_qty())
            if self.is_over:
                return
        for resting in level.dark.values():
            self._meet(resting, resting.leaves_qty)
            if self.is_over:
                return

    def _meet(self, resting: Order, qty: int) -> None:
        if resting.order_id in self._gone:
            return
        if resting.flags & _REDUCE_ONLY:
            qty = min(qty, self._reducible(resting))
        if qty > self.need and resting.flags & _ALL_OR_NONE:
            return
        if is_prevented(self._incoming, resting):
            self.is_over = not passes_own(self._incoming)
            return
        qty = min(qty, self.need)
        if not qty:
            return
        self.need -= qty
        self.is_over = not self.need
        self._gone.add(resting.linked_id)
        self._gone.add(self._incoming.linked_id)
        if self._state.reduce_only:
            sign = 1 if resting.side == _BUY else -1
            self._moved[resting.account_id] += sign * qty
            self._moved[self._incoming.account_id] -= sign * qty

    def _reducible(self, resting: Order) -> int:
        room = reducible(self._state, resting.account_id, resting.instrument_id, resting.side)
        moved = self._moved[resting.account_id]
        return max(room + (moved if resting.side != _BUY else -moved), 0)
