"""When the next crossing session of a dark book is held.

Room: the one timer of the dark book, kept in step with phase and rules by whoever changes those
(`phase_change.py`, `dark_rules.py`) and by the session itself (`dark_cross.py`).
"""

from __future__ import annotations

from exchange.engine.reference.state import Listing, State
from exchange.engine.reference.timers import TimerKind, later
from exchange.model.enums import Phase

_CONTINUOUS = Phase.CONTINUOUS.value


def begin_crossings(state: State, listing: Listing) -> None:
    """Forget the session on the agenda; the next is one interval from now, where there is one."""
    dark = listing.dark
    if dark.cross_ns:
        state.timers.discard(dark.cross_ns, TimerKind.DARK_CROSS, dark.instrument_id)
    dark.cross_ns = 0
    if listing.phase == _CONTINUOUS and dark.rules.is_open and dark.rules.cross_interval_ns:
        _set(state, listing, later(state.now_ns, dark.rules.cross_interval_ns))


def set_next_crossing(state: State, listing: Listing) -> None:
    """After a session: whole intervals after it, the first of them that is still to come."""
    dark, interval = listing.dark, listing.dark.rules.cross_interval_ns
    passed = (state.now_ns - dark.cross_ns) // interval + 1
    _set(state, listing, later(dark.cross_ns, passed * interval))


def _set(state: State, listing: Listing, ts_ns: int) -> None:
    listing.dark.cross_ns = ts_ns
    state.timers.add(ts_ns, TimerKind.DARK_CROSS, listing.dark.instrument_id)
