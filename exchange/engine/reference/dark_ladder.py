"""What an order of the dark book may be: the rungs that only such orders meet.

Room: three checks of the terms ladder (`terms_ladder.py`, after the combinations) and one of a
replace. Which instructions go with the dark book is a row of `terms_ladder.EXCLUDED`: it takes
LIMIT and MARKET orders (with and without a limit) that are DAY, GTC, GTD, IOC or FOK, with a
minimum quantity and an `stp_group`; not those that wait for a trigger, an auction, another order or
a position, and none of the ways not to be displayed in the lit book.
"""

from __future__ import annotations

from exchange.engine.reference.order import Order
from exchange.engine.reference.state import Listing
from exchange.model.command import NewOrder
from exchange.model.dark import is_dark
from exchange.model.enums import TimeInForce
from exchange.model.reject import RejectReason as R

_IMMEDIATE = frozenset({TimeInForce.IOC.value, TimeInForce.FOK.value})
_NOT_REFUSED = 0


def refuse_dark(listing: Listing, order: NewOrder) -> int:
    """Why the dark book takes no such new order, or 0; also 0 for an order of the lit book."""
    if not is_dark(order.flags):
        return _NOT_REFUSED
    rules = listing.dark.rules
    if not rules.is_open:
        return R.DARK_BOOK_NOT_OPEN
    if order.order_qty < rules.min_block_qty:
        return R.BELOW_MIN_BLOCK_QTY
    if order.time_in_force in _IMMEDIATE and not rules.is_continuous:
        return R.DARK_BOOK_NOT_CONTINUOUS
    return _NOT_REFUSED


def is_below_block(listing: Listing, order: Order, order_qty: int) -> bool:
    """Whether a replace would make a dark order a quantity below the block that it is not now."""
    changes = order_qty != order.order_qty
    return is_dark(order.flags) and changes and order_qty < listing.dark.rules.min_block_qty
