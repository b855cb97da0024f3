"""R4.7: stops and trailing stops.

Room: from the trades of a command to the release of the stops that they trigger.

- A stop waits outside the book. Each print of the command is shown to the waiting stops in order:
  a buy is triggered by a print >= its stop price, a sell by one <= it.
- Trailing stops move with the print that is better for them than any since entry: a sell's stop is
  then `trail` below it, a buy's above it, on the tick further away; it never moves back. The limit
  of a TRAILING_STOP_LIMIT moves as far (within 1 tick .. PRICE_MAX). TermsChanged tells the move,
  once a round, by order_id.
- Triggered stops are released when the command is finished, in the order of the distance by which
  its prints passed them (greatest first), then of entry (order_id): Triggered, then they act as
  incoming orders, STOP as a market order (with the reach that R8.7 gives one now), STOP_LIMIT as a
  limit order. The stops that their trades
  trigger follow in the next round, until there is none.
- One that the last trade triggers on entry or replace acts at once.
- Outside CONTINUOUS triggered stops wait for it; they are marked already, whatever is printed next.
"""

from __future__ import annotations

import msgspec

from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.incoming import enter
from exchange.engine.reference.order import Order
from exchange.engine.reference.reach import reach_at_release
from exchange.engine.reference.state import Listing, State
from exchange.engine.reference.stop_index import Triggered as TriggeredStop
from exchange.engine.reference.stop_index import trailed
from exchange.model.enums import OrdType, Phase, Side
from exchange.model.event import TermsChanged, Triggered
from exchange.model.terms import OrderTerms
from exchange.model.units import PRICE_MAX

STOPS = frozenset(
    {
        OrdType.STOP.value,
        OrdType.STOP_LIMIT.value,
        OrdType.TRAILING_STOP.value,
        OrdType.TRAILING_STOP_LIMIT.value,
    }
)
TRAILING = frozenset({OrdType.TRAILING_STOP.value, OrdType.TRAILING_STOP_LIMIT.value})
_BUY = Side.BUY.value
_CONTINUOUS = Phase.CONTINUOUS.value


def first_stop_price(listing: Listing, side: int, terms: OrderTerms) -> int:
    """Where a trailing stop begins: as given, else away from the last trade or reference price.

    0 if there is neither; it may lie outside the range of prices.
    """
    price = listing.last_price or listing.instrument.reference_price
    if terms.stop_price or not price:
        return terms.stop_price
    return trailed(side, listing.instrument.tick_size, price, terms.trail, terms.trail_unit)


def first_terms(listing: Listing, ord_type: int, side: int, terms: OrderTerms) -> OrderTerms:
    """The terms that an order begins with: a trailing stop has a stop price."""
    if ord_type not in TRAILING:
        return terms
    stop_price = first_stop_price(listing, side, terms)
    return msgspec.structs.replace(terms, stop_price=stop_price)


def place_stop(state: State, out: Emitter, listing: Listing, order: Order) -> None:
    """Let a stop that stands nowhere wait, or act at once if the last trade triggers it."""
    order.is_waiting = True
    state.keep(order)
    last = listing.last_price
    stop_price = order.terms.stop_price
    if not last or (last < stop_price if order.side == _BUY else last > stop_price):
        listing.stops.add(order, listing.instrument.tick_size)
    elif listing.phase == _CONTINUOUS:
        _release(state, out, listing, order, last)
    else:
        _mark(listing, order, last, last)


def take_prints(state: State, out: Emitter, listing: Listing) -> None:
    """Show the prints since the last round to the waiting stops."""
    prints, listing.prints = listing.prints, []
    stops = listing.stops
    if not prints or not stops.orders:
        return
    low, high = min(prints), max(prints)
    moved: dict[int, Order] = {}
    for price in prints:
        for order in stops.take_triggered_by(price):
            _mark(listing, order, high if order.side == _BUY else low, price)
        for order in stops.moved_by(price):
            _trail(state, listing, order, price)
            moved[order.order_id] = order
    for _, order in sorted(moved.items()):
        out.emit(TermsChanged(order.state(), order.terms))


def release_stops(state: State, out: Emitter, listing: Listing) -> bool:
    """Release one round of triggered stops; say whether there was any."""
    count = len(listing.stops.triggered)
    for _ in range(count):
        # One that is released may cancel another (OCO, STP) or end continuous trading.
        if not listing.stops.triggered or listing.phase != _CONTINUOUS:
            break
        triggered: TriggeredStop = listing.stops.triggered[0]
        order = state.orders[triggered.order_id]
        listing.stops.discard(order)
        _release(state, out, listing, order, triggered.trigger_price)
    return count > 0


def _release(state: State, out: Emitter, listing: Listing, order: Order, price: int) -> None:
    order.is_waiting = False
    order.last_ts_ns = state.now_ns
    if not order.price:
        order.worst_price, order.cap_price = reach_at_release(state, listing, order)
        state.reserve(order)
    out.emit(Triggered(price, order.state()))
    enter(state, out, listing, order)


def _mark(listing: Listing, order: Order, extreme: int, price: int) -> None:
    passed = -abs(extreme - order.terms.stop_price)
    listing.stops.add_triggered(order, TriggeredStop(passed, order.order_id, price))


def _trail(state: State, listing: Listing, order: Order, price: int) -> None:
    terms, tick = order.terms, listing.instrument.tick_size
    listing.stops.discard(order)
    stop_price = trailed(order.side, tick, price, terms.trail, terms.trail_unit)
    if order.price:
        limit = order.price + stop_price - terms.stop_price
        order.price = min(max(limit, tick), PRICE_MAX // tick * tick)
    order.terms = msgspec.structs.replace(terms, stop_price=stop_price)
    order.last_ts_ns = state.now_ns
    state.reserve(order)
    listing.stops.add(order, tick)
