"""The order as the engine keeps it: mutable, one object from acceptance to the end of the day.

Room: the record and its arithmetic. It knows no book and no index; who changes it keeps those in
step (`state.py`). Invariant (R11.2): `order_qty == cum_qty + leaves_qty` while it is live, and
`leaves_qty == 0` exactly when it is not.
"""

from __future__ import annotations

import msgspec

from exchange.errors import InvariantViolation
from exchange.model.command import NewOrder
from exchange.model.enums import OrderFlag, OrdStatus, OrdType, PegType, Side
from exchange.model.event import OrderState
from exchange.model.terms import NO_TERMS, OrderTerms

_PARTIALLY_FILLED = OrdStatus.PARTIALLY_FILLED.value
_FILLED = OrdStatus.FILLED.value
_DARK_FLAGS = OrderFlag.HIDDEN.value | OrderFlag.ALL_OR_NONE.value | OrderFlag.DARK_BOOK.value
_ALL_OR_NONE = OrderFlag.ALL_OR_NONE.value
_MIDPOINT = PegType.MIDPOINT.value
_PEGGED = OrdType.PEGGED.value
_BUY = Side.BUY.value


class Order(msgspec.Struct, gc=False, eq=False):
    """An accepted order; the first eighteen fields are those of `OrderState`.

    Attributes:
        entry_ts_ns: time of acceptance.
        last_ts_ns: time of its last change.
        is_resting: whether it stands in a queue of the book.
        terms: its special terms, `NO_TERMS` if it has none; replaced as a whole, never changed.
        shown_qty: what is left of the tranche that an iceberg displays (R4.5), else 0.
        linked_id: the live order of the same OCO (R3.3), else 0.
        is_waiting: whether it is a stop that was not released yet (R4.7).
        worst_price: what it is reserved at while it has no price of its own, or a peg's (R8.11).
        cap_price: how far an order without a price may execute and a peg may move, 0 = as far as
            the market goes (R8.7).
        held_qty, held_price: what is reserved for it now (`exposure.py`).
    """

    order_id: int
    member_id: int
    account_id: int
    instrument_id: int
    session_id: int
    side: int
    ord_type: int
    time_in_force: int
    stp: int
    ord_status: int
    flags: int
    order_qty: int
    cum_qty: int
    leaves_qty: int
    price: int
    expire_ts_ns: int
    cum_notional: int
    cl_ord_id: str
    entry_ts_ns: int
    last_ts_ns: int
    is_resting: bool = False
    terms: OrderTerms = NO_TERMS
    shown_qty: int = 0
    linked_id: int = 0
    is_waiting: bool = False
    worst_price: int = 0
    cap_price: int = 0
    held_qty: int = 0
    held_price: int = 0

    def is_dark(self) -> bool:
        """Whether it is not displayed: hidden, all-or-none, midpoint peg, or in the dark book."""
        return bool(self.flags & _DARK_FLAGS) or self.terms.peg == _MIDPOINT

    def is_auctioned(self) -> bool:
        """Whether it takes part in an uncross (R6.3): all but all-or-none and midpoint pegs."""
        return not self.flags & _ALL_OR_NONE and self.terms.peg != _MIDPOINT

    def meets_qty(self) -> int:
        """What an incoming order meets at once: an iceberg's tranche, of all others the leaves."""
        return self.shown_qty if self.terms.display_qty else self.leaves_qty

    def state(self) -> OrderState:
        """The order as events show it."""
        leaves = self.leaves_qty
        if leaves and self.order_qty != self.cum_qty + leaves:
            raise InvariantViolation("order_qty_is_cum_plus_leaves", order_id=self.order_id)
        return OrderState(
            self.order_id,
            self.member_id,
            self.account_id,
            self.instrument_id,
            self.session_id,
            self.side,
            self.ord_type,
            self.time_in_force,
            self.stp,
            self.ord_status,
            self.flags,
            self.order_qty,
            self.cum_qty,
            leaves,
            self.price,
            self.expire_ts_ns,
            self.cum_notional,
            self.cl_ord_id,
        )

    def limit(self) -> int:
        """The worst price at which it executes now, 0 = any: a capped market order's is its cap."""
        return self.price or self.cap_price

    def reserved_price(self) -> int:
        """The price that its open quantity is reserved at (R8.11).

        A peg to buy gives nothing back while it stands lower: it may move up again.
        """
        if self.ord_type == _PEGGED and self.side == _BUY:
            return max(self.price, self.worst_price)
        return self.price or self.worst_price

    def fill(self, price: int, qty: int, now_ns: int) -> None:
        """Take an execution of `qty` (1 .. leaves_qty) at `price`."""
        self.cum_qty += qty
        self.cum_notional += price * qty
        self.leaves_qty -= qty
        self.ord_status = _PARTIALLY_FILLED if self.leaves_qty else _FILLED
        self.last_ts_ns = now_ns


def order_state(command: NewOrder, session_id: int, ord_status: int) -> OrderState:
    """An order that has no id (a refused one, or none at all) as events show it."""
    return OrderState(
        order_id=0,
        member_id=command.member_id,
        account_id=command.account_id,
        instrument_id=command.instrument_id,
        session_id=session_id,
        side=command.side,
        ord_type=command.ord_type,
        time_in_force=command.time_in_force,
        stp=command.stp,
        ord_status=ord_status,
        flags=command.flags,
        order_qty=command.order_qty,
        cum_qty=0,
        leaves_qty=0,
        price=command.price,
        expire_ts_ns=command.expire_ts_ns,
        cum_notional=0,
        cl_ord_id=command.cl_ord_id,
    )
