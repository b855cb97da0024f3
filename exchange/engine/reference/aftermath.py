"""R4.6-R4.8: what a command sets in motion, before its book events are told.

Room: the order of the after-effects. Reduce-only orders of positions that moved without a trade of
this book (a bust, an adjustment) are brought into line (R3.3). Then, for each instrument that the
command touched, in CONTINUOUS:

1. the prints are shown to the stops, and the triggered ones are released (R4.7);
2. else all-or-none orders are tried again (R4.8);
3. else, if the reference has changed, pegs are repriced (R4.6);
4. else, if the midpoint or the dark book has changed, dark orders are tried again;

and again from 1 until nothing happens. It ends: a stop is released once, an all-or-none order that
executes is done, the reference changes only by what those two do, and a dark order that something
happens to becomes smaller or is done. Last, the indications of interest of dark books are told.
"""

from __future__ import annotations

from exchange.engine.reference.all_or_none import retry_all_or_none
from exchange.engine.reference.dark_interest import publish_interest
from exchange.engine.reference.dark_matching import retry_dark
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.pegs import reprice_pegs
from exchange.engine.reference.reduce_only import trim
from exchange.engine.reference.state import Listing, State
from exchange.engine.reference.stops import release_stops, take_prints
from exchange.model.enums import Phase

_CONTINUOUS = Phase.CONTINUOUS.value


def follow(state: State, out: Emitter) -> None:
    """Carry out the after-effects of the running command."""
    for account_id, instrument_id in sorted(state.moved):
        trim(state, out, account_id, instrument_id)
    touched = state.dirty.keys() | state.dark_touched.keys() | out.moved_instruments()
    for instrument_id in sorted(touched):
        _follow(state, out, state.listings[instrument_id])
    state.moved.clear()
    if state.dark_touched:
        publish_interest(state, out)


def _follow(state: State, out: Emitter, listing: Listing) -> None:
    take_prints(state, out, listing)
    while listing.phase == _CONTINUOUS:
        if not (
            release_stops(state, out, listing)
            or retry_all_or_none(state, out, listing)
            or reprice_pegs(state, out, listing)
            or retry_dark(state, out, listing)
        ):
            return
        take_prints(state, out, listing)
