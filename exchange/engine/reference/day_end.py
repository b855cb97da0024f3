"""R2, R6.6, R10.1: the end of the trading day.

Room: what ends with a day, whether an operator closes the market or the replicated day ends do it
(`schedule.py`): orders of the day, closing prices that become reference prices (R1.2: the previous
close), what the breaker remembers, used ids. Instruments that are open stay so (24/7 trading).
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from exchange.engine.reference.call_end import closing_price
from exchange.engine.reference.departure import expire
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.margin import settle_variation
from exchange.engine.reference.state import Listing, State
from exchange.model.enums import CancelReason, InstrumentStatus, TimeInForce
from exchange.model.event import InstrumentChanged, TradingDayChanged

_OF_THE_DAY = frozenset(
    {
        TimeInForce.DAY.value,
        TimeInForce.AT_THE_OPENING.value,
        TimeInForce.AT_THE_CLOSE.value,
    }
)


def expire_day_orders(state: State, out: Emitter, listings: Iterable[Listing]) -> None:
    """Expire DAY, AT_THE_OPENING and AT_THE_CLOSE orders of some instruments, by order_id."""
    orders = state.open_orders.of_instruments(
        listing.instrument.instrument_id for listing in listings
    )
    for order in orders:
        if order.time_in_force in _OF_THE_DAY:
            expire(state, out, order, CancelReason.END_OF_DAY)


def end_trading_day(state: State, out: Emitter) -> None:
    """End the day of the whole market and begin the next."""
    expire_day_orders(state, out, state.listings.values())
    for listing in state.listings.values():
        _take_over_closing_price(out, listing)
        session = listing.session
        session.auction_close = session.levels_tripped = 0
        session.has_traded = session.is_barred = False
        state.calls_touched.add(listing.instrument.instrument_id)
    settle_variation(state, out)
    state.begin_trading_day()
    out.emit(TradingDayChanged(state.trading_day))


def _take_over_closing_price(out: Emitter, listing: Listing) -> None:
    # A midpoint trade may lie between two ticks; the reference price is on one.
    instrument = listing.instrument
    price = closing_price(listing)[0] // instrument.tick_size * instrument.tick_size
    if price in (0, instrument.reference_price) or instrument.status == InstrumentStatus.RETIRED:
        return
    listing.instrument = msgspec.structs.replace(instrument, reference_price=price)
    out.emit(InstrumentChanged(0, listing.instrument))
