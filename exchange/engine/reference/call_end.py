"""R6.4, R6.6: moving on: the uncross where one is due, its extension, the closing price.

Room: the way from one phase into CONTINUOUS, POST_CLOSE or CLOSED, whoever asks for it. It is one
command or one timer: the whole uncross happens within one entry of the log.

An uncross is due on leaving a call, and before CONTINUOUS whenever the book is crossed or holds
market orders (orders gather in PRE_OPEN and stay through halts). If its price lies outside the
static band, the call is extended once by its length (an untimed one by the length of a volatility
call; where there was no call, a volatility call begins); if it still does, the instrument is
HALTED. CLOSED is the exception: then nothing is executed outside the band, and it closes.
"""

from __future__ import annotations

from exchange.engine.reference.breaker import watch_decline
from exchange.engine.reference.calls import begin_call, indicated, time_call
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.phase_change import BY_ENGINE, Why, move, stop_call_timers
from exchange.engine.reference.phase_table import AFTER_CALL, CALL_PHASES
from exchange.engine.reference.state import Listing, State
from exchange.engine.reference.uncross import crossing_pair, uncross, undo_crossing
from exchange.model.auction_event import AuctionExtended, ClosingPrice
from exchange.model.enums import ClosingPriceSource, Phase


def move_on(state: State, out: Emitter, listing: Listing, to: Phase, why: Why) -> None:
    """Go to CONTINUOUS or POST_CLOSE, by the uncross where one is due."""
    executed = False
    if _uncross_is_due(listing, to):
        found = indicated(listing)
        band = listing.instrument.band()
        if found.price and band is not None and not band[0] <= found.price <= band[1]:
            if listing.session.is_extended:
                move(state, out, listing, Phase.HALTED, (BY_ENGINE, "uncross outside the band"))
            else:
                _extend(state, out, listing, found.price, to)
            return
        executed = found.volume > 0
        uncross(state, out, listing, found)
    if to == Phase.POST_CLOSE:
        publish_closing_price(out, listing)
    move(state, out, listing, to, why)
    if to == Phase.CONTINUOUS:
        undo_crossing(state, out, listing)
    if executed:
        watch_decline(state, out, listing, listing.last_price)


def uncross_before_close(state: State, out: Emitter, listing: Listing) -> None:
    """On the way to CLOSED: uncross a call, unless its price lies outside the static band."""
    if listing.phase not in CALL_PHASES:
        return
    found = indicated(listing)
    band = listing.instrument.band()
    if found.price and band is not None and not band[0] <= found.price <= band[1]:
        return
    uncross(state, out, listing, found)


def end_call(state: State, out: Emitter, listing: Listing) -> None:
    """A timed call and its random extension are over."""
    to = Phase(listing.session.next_phase or AFTER_CALL[listing.phase])
    move_on(state, out, listing, to, (BY_ENGINE, "end of the call"))


def publish_closing_price(out: Emitter, listing: Listing) -> None:
    """R6.6, once a day: on entering POST_CLOSE, or CLOSED without it."""
    price, source = closing_price(listing)
    if price:
        out.emit(ClosingPrice(listing.instrument.instrument_id, price, source.value))


def closing_price(listing: Listing) -> tuple[int, ClosingPriceSource]:
    """R6.6: uncross price of today's closing auction, else last trade, else reference price."""
    session = listing.session
    if session.auction_close:
        return session.auction_close, ClosingPriceSource.CLOSING_AUCTION
    if session.has_traded:
        return listing.last_price, ClosingPriceSource.LAST_TRADE
    return listing.instrument.reference_price, ClosingPriceSource.REFERENCE


def _uncross_is_due(listing: Listing, to: Phase) -> bool:
    if listing.phase in CALL_PHASES:
        return True
    book = listing.book
    return to == Phase.CONTINUOUS and (
        listing.phase == Phase.PRE_OPEN
        or crossing_pair(book) is not None
        or book.has_market_orders()
    )


def _extend(state: State, out: Emitter, listing: Listing, price: int, to: Phase) -> None:
    session = listing.session
    length_ns = session.call_length_ns or session.rules.volatility_call_ns
    if listing.phase in CALL_PHASES:
        stop_call_timers(state, listing)
        time_call(state, listing, length_ns)
    else:
        why = (BY_ENGINE, "uncross outside the band")
        begin_call(state, out, listing, Phase.VOLATILITY_AUCTION, why, length_ns=length_ns)
    session.is_extended = True
    session.next_phase = to.value
    out.emit(AuctionExtended(listing.instrument.instrument_id, price, session.call_end_ns))
