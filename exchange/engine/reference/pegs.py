"""R4.6: pegged orders.

Room: the price of a peg and when it changes. The reference is the best displayed bid and ask of
orders that are no pegs:

| peg      | buy follows | sell follows | displayed                      |
|----------|-------------|--------------|--------------------------------|
| PRIMARY  | bid         | ask          | yes, unless HIDDEN             |
| MARKET   | ask         | bid          | yes, unless HIDDEN             |
| MIDPOINT | (bid + ask) / 2           | no                             |

- Price = reference + signed offset; if that reaches the opposite reference, one tick from it; then
  no worse than the cap, and no further than its reach (`reach.py`). A midpoint is exact: it may lie
  between ticks. Prices are whole 1e-9 units, so only where bid + ask is odd in those (a tick of an
  odd number of 1e-9) it is rounded, to the side away from the market: a buy down, a sell up.
- A peg whose reference is missing, or whose price would lie outside the static band or the range
  of prices, has price 0: it waits outside the book, live, until it has a price again.
- PRIMARY and MARKET never take: they stand at least one tick from the best opposite order,
  displayed or hidden, that is not all-or-none, also another peg. A MIDPOINT peg meets only hidden
  orders within the spread, and trades with those at its price or better.
- When the reference has changed and the command has finished matching, the pegs whose price is
  another now leave the book together, then take their places one after the other in order of entry
  (order_id), at the back of their queues. A change of price is a Restated, PEG_REPRICED, as FIX
  reports a peg refresh. A peg that another peg holds one tick away moves again with the next change
  of the reference; so a settlement ends.
- Outside CONTINUOUS there is no reference: pegs keep their price, new ones wait.
"""

from __future__ import annotations

from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.matching import match
from exchange.engine.reference.order import Order
from exchange.engine.reference.state import Listing, State
from exchange.model.enums import CancelReason, PegType, Phase, Side
from exchange.model.event import Restated
from exchange.model.units import PRICE_MAX

_BUY = Side.BUY.value
_PRIMARY = PegType.PRIMARY.value
_MIDPOINT = PegType.MIDPOINT.value
_CONTINUOUS = Phase.CONTINUOUS.value
NO_REFERENCE = (0, 0)


def enter_peg(state: State, out: Emitter, listing: Listing, order: Order) -> None:
    """Price a new or replaced peg and put it into the market."""
    if listing.phase != _CONTINUOUS:
        listing.peg_reference = NO_REFERENCE
        _place(state, out, listing, order, 0)
        return
    _place(state, out, listing, order, peg_price(listing, order, _reference(listing)))


def reprice_pegs(state: State, out: Emitter, listing: Listing) -> bool:
    """Follow the reference; say whether any peg was taken up."""
    if not listing.pegs:
        listing.peg_reference = NO_REFERENCE
        return False
    reference = _reference(listing)
    if reference == listing.peg_reference:
        return False
    listing.peg_reference = reference
    movers = []
    for _, order in sorted(listing.pegs.items()):
        price = peg_price(listing, order, reference)
        if price != order.price:
            movers.append((order, price))
    for order, _ in movers:
        state.withdraw(order)
    for order, price in movers:
        if order.leaves_qty:
            _place(state, out, listing, order, price)
    return bool(movers)


def peg_price(listing: Listing, order: Order, reference: tuple[int, int]) -> int:
    """The price of a peg before other pegs and hidden orders are looked at; 0 = none."""
    bid, ask = reference
    terms, buying = order.terms, order.side == _BUY
    if terms.peg == _MIDPOINT:
        if not bid or not ask:
            return 0
        base = (bid + ask) // 2 if buying else -(-(bid + ask) // 2)
    else:
        base = bid if buying == (terms.peg == _PRIMARY) else ask
        if not base:
            return 0
    price = base + terms.peg_offset
    tick = listing.instrument.tick_size
    if buying:
        if ask and price >= ask:
            price = ask - tick
        if terms.peg_limit:
            price = min(price, terms.peg_limit)
        if order.cap_price:
            price = min(price, order.cap_price // tick * tick)
    else:
        if bid and price <= bid:
            price = bid + tick
        price = max(price, terms.peg_limit, -(-order.cap_price // tick) * tick)
    return price if _is_valid(listing, price) else 0


def _reference(listing: Listing) -> tuple[int, int]:
    return listing.book.bids.best_anchor(), listing.book.asks.best_anchor()


def _place(state: State, out: Emitter, listing: Listing, order: Order, price: int) -> None:
    midpoint = order.terms.peg == _MIDPOINT
    if price and not midpoint:
        price = _held_back(listing, order.side, price)
    if price != order.price:
        order.price = price
        order.last_ts_ns = state.now_ns
        out.emit(Restated(CancelReason.PEG_REPRICED.value, order.state()))
    if price and midpoint:
        match(state, out, listing, order)
        if not order.leaves_qty:
            return
    if price:
        state.rest(order)
    else:
        state.keep(order)


def _held_back(listing: Listing, side: int, price: int) -> int:
    best = listing.book.opposite(side).best_open_price()
    tick = listing.instrument.tick_size
    if side == _BUY:
        if best and price >= best:
            price = (best - 1) // tick * tick
    elif best and price <= best:
        price = (best // tick + 1) * tick
    return price if _is_valid(listing, price) else 0


def _is_valid(listing: Listing, price: int) -> bool:
    if not 1 <= price <= PRICE_MAX:
        return False
    band = listing.instrument.band()
    return band is None or band[0] <= price <= band[1]
