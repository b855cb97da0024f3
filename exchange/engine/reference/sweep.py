"""When margin accounts are looked at: once a second of log time while marks or money move.

Room: scheduling. A trade, a correction, a move of cash or new limits ask for a sweep; the first to
ask sets one timer a second ahead, so a busy market costs one sweep a second, and a quiet one none.
"""

from __future__ import annotations

from exchange.engine.reference.state import State
from exchange.engine.reference.timers import TimerKind

SWEEP_DELAY_NS = 1_000_000_000


def schedule_sweep(state: State) -> None:
    """Have the margin accounts judged soon, if there are any."""
    risk = state.risk
    if risk.sweep_ts_ns or not (risk.margin_accounts or risk.calls):
        return
    risk.sweep_ts_ns = state.now_ns + SWEEP_DELAY_NS
    state.timers.add(risk.sweep_ts_ns, TimerKind.MARGIN_SWEEP, 0)
