"""The price of the dark book: the midpoint of the displayed lit best bid and offer.

Room: one question. Prices are whole units of 1e-9, so the midpoint is exact wherever bid + offer is
even in those, also between two ticks; where it is odd it is rounded down. It is then never beyond
a limit: a limit is a whole unit itself.

There is none outside CONTINUOUS, while a side of the display is empty, and where the lit market
itself could not print it: outside the static band (R7.1) or the dynamic one (R7.2). Dark orders
then wait; nothing is interrupted.
"""

from __future__ import annotations

from exchange.engine.reference.bands import dynamic_band
from exchange.engine.reference.state import Listing, State
from exchange.model.enums import Phase

_CONTINUOUS = Phase.CONTINUOUS.value
NO_PRICE = 0


def midpoint(state: State, listing: Listing) -> int:
    """The price at which dark orders trade now, 1e-9 quote units, or NO_PRICE."""
    if listing.phase != _CONTINUOUS:
        return NO_PRICE
    bid, offer = listing.book.bids.best_price(), listing.book.asks.best_price()
    if not bid or not offer:
        return NO_PRICE
    price = (bid + offer) // 2
    for band in (listing.instrument.band(), dynamic_band(state, listing)):
        if band is not None and not band[0] <= price <= band[1]:
            return NO_PRICE
    return price
