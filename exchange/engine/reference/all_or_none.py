"""R4.8: resting all-or-none orders are tried again.

Room: the second chances. After each command that touched the book, in order of entry (order_id),
each all-or-none order whose limit reaches the opposite side acts as an incoming order if its whole
quantity would execute now. Orders whose limit reaches nobody are not looked at.
"""

from __future__ import annotations

from exchange.engine.reference.availability import executable_qty
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.matching import match
from exchange.engine.reference.state import Listing, State
from exchange.errors import check
from exchange.model.enums import Phase


def retry_all_or_none(state: State, out: Emitter, listing: Listing) -> bool:
    """Try them once; say whether one executed."""
    executed = False
    for order_id in sorted(_in_reach(listing)):
        order = state.orders[order_id]
        if not order.is_resting or executable_qty(state, listing, order) < order.leaves_qty:
            continue
        state.withdraw(order)
        match(state, out, listing, order)
        if order.leaves_qty:
            # Only what the trial cannot know can end a match early: a phase that changed.
            check(listing.phase != Phase.CONTINUOUS, "all_or_none_is_whole", order_id=order_id)
            state.rest(order)
        executed = True
    return executed


def _in_reach(listing: Listing) -> list[int]:
    book, found = listing.book, []
    if listing.whole_bids and book.asks.prices:
        reach = listing.whole_bids.irange((book.asks.prices[0], 0), None)
        found += [order_id for _, order_id in reach]
    if listing.whole_asks and book.bids.prices:
        reach = listing.whole_asks.irange(None, (book.bids.prices[-1] + 1, 0))
        found += [order_id for _, order_id in reach]
    return found
