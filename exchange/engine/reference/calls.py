"""R2, R6.1: auction calls: their beginning, their timed end, what is indicated meanwhile.

Room: the call itself; `call_end.py` ends it. A call that an operator began has no end of its own.
A timed call ends `length_ns` after it began, and then once more by a random extension of at most
`random_end_max_ns`, so that nobody can aim an order at its last moment. The extension is drawn when
the length has passed, from the hash of the log entry at which that is noticed: every replica draws
the same, and nobody knows it before.

The indicative uncross is published when it has changed, once for each entry of the log: all
commands of an entry are acknowledged together, so nobody can act on what lies between them, and a
storm of cancels costs one price determination an entry.
"""

from __future__ import annotations

from exchange.engine.reference.auction import Uncross, find_uncross
from exchange.engine.reference.auction_curve import AuctionCurve
from exchange.engine.reference.book import BookSide
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.phase_change import Why, move
from exchange.engine.reference.phase_table import CALL_PHASES
from exchange.engine.reference.state import Listing, State
from exchange.engine.reference.timers import TimerKind, later
from exchange.model.auction_event import Indicative
from exchange.model.enums import Phase


def begin_call(
    state: State, out: Emitter, listing: Listing, phase: Phase, why: Why, *, length_ns: int = 0
) -> None:
    """Begin a call; `length_ns` 0 = until an operator or the schedule moves on."""
    move(state, out, listing, phase, why)
    state.calls_touched.add(listing.instrument.instrument_id)
    if length_ns:
        time_call(state, listing, length_ns)


def time_call(state: State, listing: Listing, length_ns: int) -> None:
    """Let the running call end `length_ns` from now, before its random extension."""
    session = listing.session
    session.call_length_ns = length_ns
    session.call_end_ns = later(state.now_ns, length_ns)
    instrument_id = listing.instrument.instrument_id
    state.timers.add(session.call_end_ns, TimerKind.CALL_END, instrument_id)


def draw_random_end(state: State, listing: Listing) -> None:
    """The length of the call has passed: draw how much longer it lasts."""
    session = listing.session
    instrument_id = listing.instrument.instrument_id
    drawn = (state.entry_hash ^ instrument_id) % (session.rules.random_end_max_ns + 1)
    session.uncross_ns = later(session.call_end_ns, drawn)
    session.call_end_ns = 0
    state.timers.add(session.uncross_ns, TimerKind.CALL_UNCROSS, instrument_id)


def indicated(listing: Listing) -> Uncross:
    """What an uncross would do now (R6.2)."""
    bids, asks = listing.book.bids, listing.book.asks
    market = (bids.market_qty, asks.market_qty)
    reference = listing.instrument.reference_price or listing.last_price
    tick_size = listing.instrument.tick_size
    return find_uncross(_curve(bids, tick_size), _curve(asks, tick_size), market, reference)


def publish_indicative(state: State, out: Emitter) -> None:
    """R6.1: one event for each call whose indicative uncross the entry changed."""
    for instrument_id in sorted(state.calls_touched):
        listing = state.listings[instrument_id]
        if listing.phase in CALL_PHASES:
            now = indicated(listing)
            if now != listing.session.indicated:
                listing.session.indicated = now
                out.emit(Indicative(instrument_id, *now))
    state.calls_touched.clear()


def _curve(side: BookSide, tick_size: int) -> AuctionCurve:
    """The curve of a side, which the book keeps in step from now until the phase changes."""
    if side.curve is None:
        quotes = ((x.price, x.auction_qty) for x in side.levels.values() if x.auction_qty)
        side.curve = AuctionCurve(tick_size, quotes)
    return side.curve
