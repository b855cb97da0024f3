"""R7.2: the dynamic band and the volatility interruption. (R7.1, the static one: `ladder.py`.).

Room: the dynamic reference, the band around it, and what happens when a trade would leave it.

The dynamic reference is the price of the last trade at or before `dynamic_window_ns` of log time
ago. Where no trade is that old it is the price of the last auction, else the instrument's reference
price; where there is none of these there is no band. An auction starts the trail anew, so that
trading goes on around the price that it found. The ends of the band are inside.
"""

from __future__ import annotations

from exchange.engine.reference.calls import begin_call
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.phase_change import BY_ENGINE
from exchange.engine.reference.state import Listing, State
from exchange.engine.reference.timers import later
from exchange.model.auction_event import VolatilityInterrupted
from exchange.model.enums import Phase


def dynamic_reference(state: State, listing: Listing) -> int:
    """Price around which the dynamic band lies now; 0 = there is none."""
    session = listing.session
    old = state.now_ns - session.rules.dynamic_window_ns
    found = 0
    for ts_ns, price in session.trail:
        if ts_ns > old:
            break
        found = price
    return found or session.dynamic_base or listing.instrument.reference_price


def dynamic_band(state: State, listing: Listing) -> tuple[int, int] | None:
    """Lowest and highest price that may print now; None = no band."""
    band_bp = listing.session.rules.dynamic_band_bp
    if not band_bp:
        return None
    reference = dynamic_reference(state, listing)
    if not reference:
        return None
    width = reference * band_bp
    return -((width - reference * 10_000) // 10_000), reference + width // 10_000


def interrupts(state: State, out: Emitter, listing: Listing, price: int) -> bool:
    """Whether a trade at `price` must not print; then the volatility call has begun."""
    band = dynamic_band(state, listing)
    if band is None or band[0] <= price <= band[1]:
        return False
    length_ns = listing.session.rules.volatility_call_ns
    instrument_id = listing.instrument.instrument_id
    reference = dynamic_reference(state, listing)
    until_ns = later(state.now_ns, length_ns)
    out.emit(VolatilityInterrupted(instrument_id, price, reference, until_ns))
    why = (BY_ENGINE, "dynamic band")
    begin_call(state, out, listing, Phase.VOLATILITY_AUCTION, why, length_ns=length_ns)
    return True
