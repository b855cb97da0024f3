"""R3: which order types, terms and instructions exist and go together, as tables.

Room: the rungs of the ladder between the plain fields and the fat finger (`ladder.py`), in order:
trail, stop, peg, display and minimum quantity, combination, OCO, reduce-only, dark book. Which
pairs of features exclude each other is `EXCLUDED`:

| feature    | does not go with                                                                  |
|------------|-----------------------------------------------------------------------------------|
| market     | post-only, hidden, all-or-none, display_qty, OCO                                  |
| to-limit   | IOC, FOK, post-only, hidden, all-or-none, min_qty                                 |
| stop       | IOC, FOK, post-only, hidden, all-or-none, display_qty, min_qty (a market order    |
|            | once it is released)                                                              |
| stop-limit | IOC, FOK, min_qty                                                                 |
| peg        | IOC, FOK, post-only, all-or-none, min_qty                                         |
| midpoint   | display_qty                                                                       |
| IOC, FOK   | post-only, hidden, all-or-none, display_qty, OCO (they never rest)                |
| FOK        | min_qty                                                                           |
| AON        | post-only, hidden, display_qty                                                    |
| hidden     | display_qty                                                                       |
| at-auction | stop, stop-limit, peg, post-only, all-or-none                                     |
| dark       | to-limit, stop, stop-limit, peg, at-auction, post-only, hidden, all-or-none,      |
|            | display_qty, OCO, reduce-only (`dark_ladder.py`)                                  |

AT_THE_OPENING and AT_THE_CLOSE are "at-auction", MARKET_TO_LIMIT is "to-limit", STOP and
TRAILING_STOP are "stop", their limit variants "stop-limit". "dark" is an order of the dark book. In
the lit book a minimum quantity needs IOC (INVALID_MIN_QTY).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from exchange.engine.reference.dark_ladder import refuse_dark
from exchange.engine.reference.reduce_only import reducible
from exchange.engine.reference.state import Listing, State
from exchange.engine.reference.stop_index import WHOLE_BP
from exchange.engine.reference.stops import STOPS, TRAILING, first_stop_price
from exchange.model.command import NewOrder
from exchange.model.dark import is_dark
from exchange.model.enums import (
    OrderFlag,
    OrdType,
    PegType,
    TimeInForce,
    TrailUnit,
    is_number_of,
)
from exchange.model.instrument import Instrument
from exchange.model.reject import RejectReason as R
from exchange.model.terms import NO_TERMS, OrderTerms
from exchange.model.units import PRICE_MAX

TRANCHES_MAX = 1_000
"""An iceberg has at most so many tranches, which bounds the trades of one command (as the minimum
peak of Xetra does)."""

_PEGGED = OrdType.PEGGED.value
_BASIS_POINTS = TrailUnit.BASIS_POINTS.value
_AT_AUCTION = frozenset({TimeInForce.AT_THE_OPENING, TimeInForce.AT_THE_CLOSE})
_REDUCE_ONLY = OrderFlag.REDUCE_ONLY.value
_PLAIN_FLAGS = frozenset({0, OrderFlag.POST_ONLY.value, OrderFlag.POST_ONLY_REPRICE.value})


class Ticket(NamedTuple):
    """A new order with its terms and where it goes."""

    state: State
    listing: Listing
    order: NewOrder
    terms: OrderTerms


FEATURES: dict[str, Callable[[NewOrder, OrderTerms], bool]] = {
    "market": lambda o, _t: o.ord_type == OrdType.MARKET,
    "to-limit": lambda o, _t: o.ord_type == OrdType.MARKET_TO_LIMIT,
    "stop": lambda o, _t: o.ord_type in (OrdType.STOP, OrdType.TRAILING_STOP),
    "stop-limit": lambda o, _t: o.ord_type in (OrdType.STOP_LIMIT, OrdType.TRAILING_STOP_LIMIT),
    "peg": lambda o, _t: o.ord_type == OrdType.PEGGED,
    "midpoint": lambda _o, t: t.peg == PegType.MIDPOINT,
    "ioc": lambda o, _t: o.time_in_force == TimeInForce.IOC,
    "fok": lambda o, _t: o.time_in_force == TimeInForce.FOK,
    "at-auction": lambda o, _t: o.time_in_force in _AT_AUCTION,
    "post-only": lambda o, _t: bool(o.flags & (OrderFlag.POST_ONLY | OrderFlag.POST_ONLY_REPRICE)),
    "hidden": lambda o, _t: bool(o.flags & OrderFlag.HIDDEN),
    "aon": lambda o, _t: bool(o.flags & OrderFlag.ALL_OR_NONE),
    "display": lambda _o, t: bool(t.display_qty),
    "min-qty": lambda _o, t: bool(t.min_qty),
    "oco": lambda _o, t: bool(t.oco_cl_ord_id),
    "reduce-only": lambda o, _t: bool(o.flags & OrderFlag.REDUCE_ONLY),
    "dark": lambda o, _t: is_dark(o.flags),
}

EXCLUDED: dict[str, tuple[str, ...]] = {
    "market": ("post-only", "hidden", "aon", "display", "oco"),
    "to-limit": ("ioc", "fok", "post-only", "hidden", "aon", "min-qty"),
    "stop": ("ioc", "fok", "post-only", "hidden", "aon", "display", "min-qty"),
    "stop-limit": ("ioc", "fok", "min-qty"),
    "peg": ("ioc", "fok", "post-only", "aon", "min-qty"),
    "midpoint": ("display",),
    "ioc": ("post-only", "hidden", "aon", "display", "oco"),
    "fok": ("post-only", "hidden", "aon", "display", "min-qty", "oco"),
    "aon": ("post-only", "hidden", "display"),
    "hidden": ("display",),
    "at-auction": ("stop", "stop-limit", "peg", "post-only", "aon"),
    "dark": (
        *("to-limit", "stop", "stop-limit", "peg", "at-auction"),
        *("post-only", "hidden", "aon", "display", "oco", "reduce-only"),
    ),
}


def refuse_terms(state: State, listing: Listing, order: NewOrder, terms: OrderTerms) -> int:
    """The reason why the terms of a new order are refused, or 0."""
    ticket = Ticket(state, listing, order, terms)
    for fails, refusal in _TERMS_LADDER:
        if fails(ticket):
            return refusal
    return refuse_dark(listing, order)


def needs_terms_ladder(order: NewOrder, terms: OrderTerms) -> bool:
    """Whether more than the plain combinations can be wrong; a short cut for plain orders."""
    plain = order.ord_type in (OrdType.LIMIT, OrdType.MARKET) and order.flags in _PLAIN_FLAGS
    return not plain or terms != NO_TERMS


def is_excluded(order: NewOrder, terms: OrderTerms) -> bool:
    """Whether two features of the order exclude each other (module docstring)."""
    found = {name for name, has in FEATURES.items() if has(order, terms)}
    return any(other in found for name in found for other in EXCLUDED.get(name, ()))


def is_invalid_stop_price(instrument: Instrument, stop_price: int) -> bool:
    """Whether a stop price is out of range or off the tick."""
    return not 1 <= stop_price <= PRICE_MAX or stop_price % instrument.tick_size != 0


def is_invalid_trail(instrument: Instrument, trail: int, unit: int) -> bool:
    """Whether a trail is out of range: 1 .. 9999 basis points, or ticks up to PRICE_MAX."""
    if unit == _BASIS_POINTS:
        return not 1 <= trail < WHOLE_BP
    return not 1 <= trail <= PRICE_MAX or trail % instrument.tick_size != 0


def is_invalid_peg(instrument: Instrument, peg_offset: int, peg_limit: int) -> bool:
    """Whether the offset or the cap of a peg is out of range or off the tick."""
    tick = instrument.tick_size
    in_range = -PRICE_MAX <= peg_offset <= PRICE_MAX and 0 <= peg_limit <= PRICE_MAX
    return not in_range or peg_offset % tick != 0 or peg_limit % tick != 0


def is_invalid_display_qty(instrument: Instrument, display_qty: int, order_qty: int) -> bool:
    """Whether a tranche is no lot multiple, larger than the order, or too small for it (R4.5)."""
    if not 1 <= display_qty <= order_qty or display_qty % instrument.lot_size:
        return True
    return display_qty * TRANCHES_MAX < order_qty


def _stop_price_is_missing(t: Ticket) -> bool:
    if t.order.ord_type not in STOPS or t.terms.stop_price:
        return False
    if t.order.ord_type not in TRAILING:
        return True
    return not (t.listing.last_price or t.listing.instrument.reference_price)


def _stop_price_is_invalid(t: Ticket) -> bool:
    given = t.terms.stop_price
    return given != 0 and is_invalid_stop_price(t.listing.instrument, given)


def _trail_is_missing(t: Ticket) -> bool:
    return t.order.ord_type in TRAILING and not t.terms.trail


def _trail_is_not_allowed(t: Ticket) -> bool:
    return t.order.ord_type not in TRAILING and bool(t.terms.trail or t.terms.trail_unit)


def _trail_is_invalid(t: Ticket) -> bool:
    terms, instrument = t.terms, t.listing.instrument
    if not terms.trail:
        return False
    if not is_number_of(TrailUnit, terms.trail_unit):
        return True
    if is_invalid_trail(instrument, terms.trail, terms.trail_unit):
        return True
    return not 1 <= first_stop_price(t.listing, t.order.side, terms) <= PRICE_MAX


def _peg_is_missing(t: Ticket) -> bool:
    return t.order.ord_type == _PEGGED and not t.terms.peg


def _peg_is_not_allowed(t: Ticket) -> bool:
    given = t.terms.peg or t.terms.peg_offset or t.terms.peg_limit
    return t.order.ord_type != _PEGGED and bool(given)


def _peg_is_invalid(t: Ticket) -> bool:
    terms = t.terms
    if not terms.peg:
        return False
    if not is_number_of(PegType, terms.peg):
        return True
    return is_invalid_peg(t.listing.instrument, terms.peg_offset, terms.peg_limit)


def _display_qty_is_invalid(t: Ticket) -> bool:
    display_qty = t.terms.display_qty
    if not display_qty:
        return False
    return is_invalid_display_qty(t.listing.instrument, display_qty, t.order.order_qty)


def _min_qty_is_invalid(t: Ticket) -> bool:
    min_qty = t.terms.min_qty
    if not min_qty:
        return False
    in_range = 1 <= min_qty <= t.order.order_qty
    if not in_range or min_qty % t.listing.instrument.lot_size:
        return True
    # With FOK it is an INVALID_COMBINATION.
    immediate = t.order.time_in_force in (TimeInForce.IOC, TimeInForce.FOK)
    return not immediate and not is_dark(t.order.flags)


def _linked_order_is_unknown(t: Ticket) -> bool:
    name = t.terms.oco_cl_ord_id
    if not name:
        return False
    known = t.state.remembered_orders.get((t.order.member_id, name))
    if known is None or not known.order_id:
        return True
    other = t.state.orders[known.order_id]
    return not other.leaves_qty or other.cl_ord_id != name


def _linked_order_is_not_allowed(t: Ticket) -> bool:
    name = t.terms.oco_cl_ord_id
    if not name:
        return False
    known = t.state.remembered_orders[t.order.member_id, name]
    other = t.state.orders[known.order_id]
    same = (other.account_id, other.instrument_id) == (t.order.account_id, t.order.instrument_id)
    return bool(other.linked_id) or not same or is_dark(other.flags)


def _would_increase(t: Ticket) -> bool:
    order = t.order
    if not order.flags & _REDUCE_ONLY:
        return False
    room = reducible(t.state, order.account_id, order.instrument_id, order.side)
    return order.order_qty > room


_TERMS_LADDER: tuple[tuple[Callable[[Ticket], bool], R], ...] = (
    (_trail_is_missing, R.TRAIL_REQUIRED),
    (_trail_is_not_allowed, R.TRAIL_NOT_ALLOWED),
    (_stop_price_is_missing, R.STOP_PRICE_REQUIRED),
    (
        lambda t: t.order.ord_type not in STOPS and t.terms.stop_price != 0,
        R.STOP_PRICE_NOT_ALLOWED,
    ),
    (_stop_price_is_invalid, R.INVALID_STOP_PRICE),
    (_trail_is_invalid, R.INVALID_TRAIL),
    (_peg_is_missing, R.PEG_REQUIRED),
    (_peg_is_not_allowed, R.PEG_NOT_ALLOWED),
    (_peg_is_invalid, R.INVALID_PEG),
    (_display_qty_is_invalid, R.INVALID_DISPLAY_QTY),
    (_min_qty_is_invalid, R.INVALID_MIN_QTY),
    (lambda t: is_excluded(t.order, t.terms), R.INVALID_COMBINATION),
    (_linked_order_is_unknown, R.UNKNOWN_LINKED_ORDER),
    (_linked_order_is_not_allowed, R.LINKED_ORDER_NOT_ALLOWED),
    (_would_increase, R.REDUCE_ONLY_WOULD_INCREASE),
)
