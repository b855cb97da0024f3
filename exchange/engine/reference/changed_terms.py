"""R4.4 for the terms of an order: what a replace may change of them, and what they become.

Room: the ladder of `ChangedTerms` and their application. A term can be changed where the order has
it: the stop price and the trail while a stop waits, offset and cap of a peg, the tranche of an
order that is displayed and can rest (also of one that displayed all until now; `display_qty` equal
to the quantity displays all again). A new trail without a stop price begins anew from the last
trade, as on entry.
"""

from __future__ import annotations

import msgspec

from exchange.engine.reference.order import Order
from exchange.engine.reference.state import Listing
from exchange.engine.reference.stops import TRAILING, first_stop_price
from exchange.engine.reference.terms_ladder import (
    is_invalid_display_qty,
    is_invalid_peg,
    is_invalid_stop_price,
    is_invalid_trail,
)
from exchange.model.enums import OrdType
from exchange.model.reject import RejectReason as R
from exchange.model.terms import NO_TERMS, NOTHING_CHANGED, ChangedTerms, OrderTerms
from exchange.model.units import PRICE_MAX

_NOT_REFUSED = 0
_PEGGED = OrdType.PEGGED.value
_STOPS_WITHOUT_LIMIT = frozenset({OrdType.STOP.value, OrdType.TRAILING_STOP.value})


def change_terms(listing: Listing, order: Order, changed: ChangedTerms) -> OrderTerms:
    """The terms of an order after a replace; `NO_TERMS` itself if it has none."""
    if changed == NOTHING_CHANGED:
        return order.terms
    old = order.terms
    terms = msgspec.structs.replace(
        old,
        stop_price=changed.stop_price or old.stop_price,
        trail=changed.trail or old.trail,
        peg_offset=changed.peg_offset if changed.peg_offset_given else old.peg_offset,
        peg_limit=changed.peg_limit or old.peg_limit,
        display_qty=changed.display_qty or old.display_qty,
    )
    if changed.trail and not changed.stop_price:
        fresh = msgspec.structs.replace(terms, stop_price=0)
        stop_price = first_stop_price(listing, order.side, fresh) or old.stop_price
        terms = msgspec.structs.replace(terms, stop_price=stop_price)
    return terms if terms != NO_TERMS else NO_TERMS


def refuse_changed_terms(
    listing: Listing, order: Order, order_qty: int, changed: ChangedTerms
) -> int:
    """The first reason why the terms cannot be changed so, or 0."""
    return (
        _refuse_stop(listing, order, changed)
        or _refuse_trail(listing, order, changed)
        or _refuse_peg(listing, order, changed)
        or _refuse_display(listing, order, order_qty, changed)
    )


def _refuse_stop(listing: Listing, order: Order, changed: ChangedTerms) -> int:
    if not changed.stop_price:
        return _NOT_REFUSED
    if not order.is_waiting:
        return R.STOP_PRICE_NOT_ALLOWED
    if is_invalid_stop_price(listing.instrument, changed.stop_price):
        return R.INVALID_STOP_PRICE
    return _NOT_REFUSED


def _refuse_trail(listing: Listing, order: Order, changed: ChangedTerms) -> int:
    if not changed.trail:
        return _NOT_REFUSED
    if not order.is_waiting or order.ord_type not in TRAILING:
        return R.TRAIL_NOT_ALLOWED
    if is_invalid_trail(listing.instrument, changed.trail, order.terms.trail_unit):
        return R.INVALID_TRAIL
    stop_price = change_terms(listing, order, changed).stop_price
    return _NOT_REFUSED if 1 <= stop_price <= PRICE_MAX else R.INVALID_TRAIL


def _refuse_peg(listing: Listing, order: Order, changed: ChangedTerms) -> int:
    given = changed.peg_offset or changed.peg_offset_given or changed.peg_limit
    if not given:
        return _NOT_REFUSED
    if order.ord_type != _PEGGED:
        return R.PEG_NOT_ALLOWED
    if is_invalid_peg(listing.instrument, changed.peg_offset, changed.peg_limit):
        return R.INVALID_PEG
    return _NOT_REFUSED


def _refuse_display(listing: Listing, order: Order, order_qty: int, changed: ChangedTerms) -> int:
    display_qty = changed.display_qty or order.terms.display_qty
    if not display_qty:
        return _NOT_REFUSED
    if changed.display_qty and (order.is_dark() or order.ord_type in _STOPS_WITHOUT_LIMIT):
        return R.INVALID_COMBINATION
    # A tranche that is now as large as the order, or larger, displays all of it.
    if is_invalid_display_qty(listing.instrument, min(display_qty, order_qty), order_qty):
        return R.INVALID_DISPLAY_QTY
    return _NOT_REFUSED
