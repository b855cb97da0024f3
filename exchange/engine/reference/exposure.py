"""R8: what open orders reserve, per account and instrument, exactly and at every moment.

Room: the sums. An order reserves its open quantity, and that quantity at its own price (at its
reach where it has none, or may move) as notional in cash units. `hold` is called wherever an
order's open quantity or price changes; it moves the sums by the difference to what the order
reserved before, which the order itself remembers. Invariant, audited by `recount`: the sums are
those of the live orders, and an order that is done reserves nothing.

Not here: whether there is enough (`risk.py`), fees on top (`valuation.py`).
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from exchange.engine.reference.order import Order
from exchange.model.enums import Side

_BUY = Side.BUY.value


class Exposure(msgspec.Struct, gc=False):
    """Open orders of one account in one instrument: base units and cash units, by side."""

    buy_qty: int = 0
    sell_qty: int = 0
    buy_value: int = 0
    sell_value: int = 0


NO_EXPOSURE = Exposure()
"""Stands for no open orders; never changed."""

_NOTHING: dict[int, Exposure] = {}


class Exposures:
    """The exposures of all accounts; an exposure of nothing is not kept."""

    __slots__ = ("by_account",)

    def __init__(self) -> None:
        self.by_account: dict[int, dict[int, Exposure]] = {}

    def of(self, account_id: int, instrument_id: int) -> Exposure:
        """Open orders of an account in an instrument; not to be changed."""
        return self.by_account.get(account_id, _NOTHING).get(instrument_id, NO_EXPOSURE)

    def of_account(self, account_id: int) -> dict[int, Exposure]:
        """Open orders of an account, by instrument; not to be changed."""
        return self.by_account.get(account_id, _NOTHING)

    def hold(self, order: Order, scale: int) -> None:
        """Make what is reserved for an order that which it has open now.

        Args:
            order: as it is now; `leaves_qty` 0 releases everything.
            scale: cash units per price unit and base unit of its instrument.
        """
        qty, price = order.leaves_qty, order.reserved_price()
        more_qty = qty - order.held_qty
        more_value = (qty * price - order.held_qty * order.held_price) * scale
        order.held_qty, order.held_price = qty, price
        if not more_qty and not more_value:
            return
        held = self.by_account.setdefault(order.account_id, {})
        exposure = held.get(order.instrument_id)
        if exposure is None:
            exposure = held[order.instrument_id] = Exposure()
        if order.side == _BUY:
            exposure.buy_qty += more_qty
            exposure.buy_value += more_value
        else:
            exposure.sell_qty += more_qty
            exposure.sell_value += more_value
        if not exposure.buy_qty and not exposure.sell_qty:
            del held[order.instrument_id]
            if not held:
                del self.by_account[order.account_id]


def recount(orders: Iterable[tuple[Order, int]]) -> dict[int, dict[int, Exposure]]:
    """The exposures of live orders with the scales of their instruments, counted from nothing."""
    found: dict[int, dict[int, Exposure]] = {}
    for order, scale in orders:
        held = found.setdefault(order.account_id, {}).setdefault(order.instrument_id, Exposure())
        value = order.leaves_qty * order.reserved_price() * scale
        if order.side == _BUY:
            held.buy_qty += order.leaves_qty
            held.buy_value += value
        else:
            held.sell_qty += order.leaves_qty
            held.sell_value += value
    return found
