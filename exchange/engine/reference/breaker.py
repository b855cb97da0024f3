"""R7.3: the circuit breaker: declines of 7, 13 and 20 % below the reference price.

Room: judging a decline and halting what is in scope: the instrument itself, or the whole market if
the instrument is its index. Levels 1 and 2 halt for `breaker_halt_ns`, once a day each, but not in
the last `breaker_cutoff_ns` before the scheduled end of continuous trading (not after 15:25 where
that is at 16:00; so the core needs no time zone). Level 3 halts at any time and until the next
trading day: everything in scope is barred from opening before. A decline that reaches a level
counts for the levels below it too. The look is taken when an incoming order has finished, at the
lowest of its trades, after an uncross, and at a new index value.
"""

from __future__ import annotations

from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.phase_change import BY_ENGINE, move
from exchange.engine.reference.phase_table import OPEN_PHASES
from exchange.engine.reference.state import Listing, State
from exchange.engine.reference.timers import TimerKind, later
from exchange.model.auction_event import BreakerTripped
from exchange.model.enums import BreakerScope, InstrumentStatus, Phase

LAST_LEVEL = 3

_NONE = BreakerScope.NONE.value


def watch_decline(state: State, out: Emitter, listing: Listing, price: int) -> None:
    """Trip the breaker if `price` is low enough for a level that did not trip today."""
    rules = listing.session.rules
    reference = listing.instrument.reference_price
    if rules.breaker_scope == _NONE or price >= reference:
        return
    levels = (rules.breaker_1_bp, rules.breaker_2_bp, rules.breaker_3_bp)
    decline = (reference - price) * 10_000
    level = sum(decline >= reference * level_bp for level_bp in levels)
    if not level or listing.session.levels_tripped >> level:
        return
    if level < LAST_LEVEL and _is_after_cutoff(state, listing):
        return
    listing.session.levels_tripped = (2 << level) - 1
    reopen_ns = later(state.now_ns, rules.breaker_halt_ns) if level < LAST_LEVEL else 0
    out.emit(
        BreakerTripped(rules.instrument_id, level, rules.breaker_scope, price, reference, reopen_ns)
    )
    for affected in _in_scope(state, listing):
        _halt(state, out, affected, level, reopen_ns)


def _is_after_cutoff(state: State, listing: Listing) -> bool:
    session = listing.session
    if listing.phase != Phase.CONTINUOUS or not session.schedule:
        return False
    return state.now_ns >= session.schedule[0].ts_ns - session.rules.breaker_cutoff_ns


def _in_scope(state: State, listing: Listing) -> list[Listing]:
    if listing.session.rules.breaker_scope == BreakerScope.INSTRUMENT:
        return [listing]
    return [
        other
        for other in state.listings.values()
        if other.instrument.status != InstrumentStatus.RETIRED
    ]


def _halt(state: State, out: Emitter, listing: Listing, level: int, reopen_ns: int) -> None:
    session = listing.session
    instrument_id = listing.instrument.instrument_id
    if listing.phase in OPEN_PHASES:
        move(state, out, listing, Phase.HALTED, (BY_ENGINE, f"circuit breaker level {level}"))
    elif not session.reopen_ns and level < LAST_LEVEL:
        return
    if session.reopen_ns:
        state.timers.discard(session.reopen_ns, TimerKind.REOPENING, instrument_id)
    session.reopen_ns = reopen_ns
    if reopen_ns:
        state.timers.add(reopen_ns, TimerKind.REOPENING, instrument_id)
    else:
        session.is_barred = True
