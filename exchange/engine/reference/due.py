"""What happens when a timer falls due: one row a kind.

Room: the table from TimerKind to the chapter that acts. Firing order is `timers.py`'s.
"""

from __future__ import annotations

from collections.abc import Callable

from exchange.engine.reference.call_end import end_call
from exchange.engine.reference.calls import draw_random_end
from exchange.engine.reference.dark_cross import cross
from exchange.engine.reference.departure import expire
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.halts import reopen
from exchange.engine.reference.margin import liquidate, sweep
from exchange.engine.reference.phase_change import BY_ENGINE
from exchange.engine.reference.schedule import take_day_end, take_step
from exchange.engine.reference.state import State
from exchange.engine.reference.timers import Timer, TimerKind
from exchange.model.enums import CancelReason


def fire(state: State, out: Emitter, timer: Timer) -> None:
    """Do what a due timer was set for."""
    _, kind, target_id = timer
    _WHEN_DUE[kind](state, out, target_id)


def _expire(state: State, out: Emitter, order_id: int) -> None:
    expire(state, out, state.orders[order_id], CancelReason.GOOD_TILL_DATE)


def _draw_random_end(state: State, _out: Emitter, instrument_id: int) -> None:
    draw_random_end(state, state.listings[instrument_id])


def _end_call(state: State, out: Emitter, instrument_id: int) -> None:
    end_call(state, out, state.listings[instrument_id])


def _take_step(state: State, out: Emitter, instrument_id: int) -> None:
    take_step(state, out, state.listings[instrument_id])


def _reopen(state: State, out: Emitter, instrument_id: int) -> None:
    reopen(state, out, state.listings[instrument_id], (BY_ENGINE, "end of the breaker's halt"))


def _cross(state: State, out: Emitter, instrument_id: int) -> None:
    cross(state, out, state.listings[instrument_id])


def _take_day_end(state: State, out: Emitter, _: int) -> None:
    take_day_end(state, out)


_WHEN_DUE: dict[int, Callable[[State, Emitter, int], None]] = {
    TimerKind.GOOD_TILL_DATE: _expire,
    TimerKind.CALL_END: _draw_random_end,
    TimerKind.CALL_UNCROSS: _end_call,
    TimerKind.SCHEDULE_STEP: _take_step,
    TimerKind.REOPENING: _reopen,
    TimerKind.DAY_END: _take_day_end,
    TimerKind.MARGIN_SWEEP: sweep,
    TimerKind.LIQUIDATION: liquidate,
    TimerKind.DARK_CROSS: _cross,
}
