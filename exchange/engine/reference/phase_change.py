"""R2: the step from one phase to another, and what always goes with it.

Room: the one place that assigns a phase. It keeps in step what hangs on it: a call that is left
loses its timers, a halt that is left its reopening, crossing sessions of the dark book are on the
agenda in CONTINUOUS only, and AT_THE_CLOSE orders are in the book during
the closing call and parked beside it otherwise. It uncrosses nothing (`call_end.py`).

The phase is the new one at once; PhaseChanged stands last among the command's events (R11.1).
"""

from __future__ import annotations

from exchange.engine.reference.dark_agenda import begin_crossings
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.session_state import NOTHING_INDICATED
from exchange.engine.reference.state import Listing, State
from exchange.engine.reference.timers import TimerKind
from exchange.model.enums import Phase, TimeInForce
from exchange.model.event import PhaseChanged

BY_ENGINE = ""
"""Operator of a phase change that nobody asked for: bands, breaker, the end of a timed call."""

BY_SCHEDULE = "schedule"
"""Operator of a phase change that the schedule asked for."""

Why = tuple[str, str]
"""Operator and reason of a phase change."""


def move(state: State, out: Emitter, listing: Listing, phase: Phase, why: Why) -> None:
    """Put an instrument into a phase."""
    previous = listing.phase
    session = listing.session
    instrument_id = listing.instrument.instrument_id
    stop_call_timers(state, listing)
    session.indicated = NOTHING_INDICATED
    session.is_extended = False
    listing.book.bids.curve = listing.book.asks.curve = None
    if session.reopen_ns:
        state.timers.discard(session.reopen_ns, TimerKind.REOPENING, instrument_id)
        session.reopen_ns = 0
    if phase == Phase.HALTED:
        session.halted_from = previous
    elif phase != previous:
        session.halted_from = 0
    listing.phase = phase.value
    if Phase.CONTINUOUS in (phase, previous):
        begin_crossings(state, listing)
    if phase == Phase.CLOSING_AUCTION:
        for order in list(listing.book.parked.values()):
            listing.book.remove(order)
            listing.book.add(order)
    elif previous == Phase.CLOSING_AUCTION:
        for order in state.open_orders.select(instrument_id=instrument_id):
            if order.time_in_force == TimeInForce.AT_THE_CLOSE:
                listing.book.remove(order)
                listing.book.park(order)
    out.emit_last(PhaseChanged(instrument_id, phase.value, previous, *why))


def stop_call_timers(state: State, listing: Listing) -> None:
    """Forget when the running call was to end."""
    session = listing.session
    instrument_id = listing.instrument.instrument_id
    state.timers.discard(session.call_end_ns, TimerKind.CALL_END, instrument_id)
    state.timers.discard(session.uncross_ns, TimerKind.CALL_UNCROSS, instrument_id)
    session.call_length_ns = session.call_end_ns = session.uncross_ns = session.next_phase = 0
