"""R2(a): the schedule: phase changes and day ends as replicated data, driven by timers in the log.

Room: the two commands that set it, and the steps when they fall due; what is refused stands in
`schedule_order.py`. The core knows no calendar; a tool outside makes the steps
(`exchange.schedule`). Only the next step of an instrument is on the agenda.

A step that falls due while the instrument is elsewhere than planned does the possible: it is passed
over if the table of phases has no such step, and where the breaker barred it; while HALTED only
POST_CLOSE and CLOSED are taken, any other phase is where the reopening will lead to. A closing call
takes over a volatility call that runs, without an uncross between them.
"""

from __future__ import annotations

from collections import deque

from exchange.engine.reference.admin import AdminRule, Verdict
from exchange.engine.reference.day_end import end_trading_day
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.halts import reopen
from exchange.engine.reference.phase import refuse_step, step
from exchange.engine.reference.phase_change import BY_SCHEDULE
from exchange.engine.reference.schedule_order import refuse_day_ends, refuse_order, refuse_steps
from exchange.engine.reference.scope import in_scope, refuse_listing, refuse_scope
from exchange.engine.reference.state import Listing, State
from exchange.engine.reference.timers import TimerKind
from exchange.model.auction_command import SetDayEnds, SetSchedule
from exchange.model.auction_event import DayEndsChanged, ScheduleChanged
from exchange.model.enums import InstrumentStatus, Phase
from exchange.model.trading_rules import ScheduleStep

_ENDS = frozenset({Phase.CLOSED.value, Phase.POST_CLOSE.value})


def _judge_schedule(state: State, command: SetSchedule) -> Verdict:
    verdict = refuse_scope(command.instrument_id, command.asset_class)
    if not verdict.reason and command.instrument_id:
        verdict = refuse_listing(state, command.instrument_id)
    if verdict.reason:
        return verdict
    fault = refuse_steps(command.steps)
    if fault.reason:
        return fault
    scope = in_scope(state, command.instrument_id, command.asset_class)
    random_ns = max((listing.session.rules.random_end_max_ns for listing in scope), default=0)
    fault = refuse_order(command.steps, now_ns=state.now_ns, random_end_max_ns=random_ns)
    return fault if fault.reason else verdict


def _set_schedule(state: State, out: Emitter, command: SetSchedule) -> None:
    for listing in in_scope(state, command.instrument_id, command.asset_class):
        _drop_timer(state, listing)
        listing.session.schedule = deque(command.steps)
        _set_timer(state, listing)
        instrument_id = listing.instrument.instrument_id
        following = command.steps[0] if command.steps else ScheduleStep(0, 0, 0)
        out.emit(
            ScheduleChanged(instrument_id, len(command.steps), following.ts_ns, following.phase)
        )


def drop_schedule(state: State, listing: Listing) -> None:
    """Nothing is to come any more: the instrument was retired, or closed in an emergency."""
    _drop_timer(state, listing)
    listing.session.schedule.clear()


def _drop_timer(state: State, listing: Listing) -> None:
    if listing.session.schedule:
        ts_ns = listing.session.schedule[0].ts_ns
        state.timers.discard(ts_ns, TimerKind.SCHEDULE_STEP, listing.instrument.instrument_id)


def _set_timer(state: State, listing: Listing) -> None:
    if listing.session.schedule:
        ts_ns = listing.session.schedule[0].ts_ns
        state.timers.add(ts_ns, TimerKind.SCHEDULE_STEP, listing.instrument.instrument_id)


def take_step(state: State, out: Emitter, listing: Listing) -> None:
    """The next step of an instrument has fallen due."""
    planned = listing.session.schedule.popleft()
    _set_timer(state, listing)
    if listing.phase == Phase.HALTED and planned.phase not in _ENDS:
        listing.session.halted_from = planned.phase
    elif listing.phase != planned.phase and not refuse_step(listing, planned.phase).reason:
        phase = Phase(planned.phase)
        step(state, out, listing, phase, (BY_SCHEDULE, ""), length_ns=planned.call_ns)


def _judge_day_ends(state: State, command: SetDayEnds) -> Verdict:
    return refuse_day_ends([end.ts_ns for end in command.ends], now_ns=state.now_ns)


def _set_day_ends(state: State, out: Emitter, command: SetDayEnds) -> None:
    if state.day_ends:
        state.timers.discard(state.day_ends[0].ts_ns, TimerKind.DAY_END, 0)
    state.day_ends = deque(command.ends)
    next_ns = 0
    if state.day_ends:
        next_ns = state.day_ends[0].ts_ns
        state.timers.add(next_ns, TimerKind.DAY_END, 0)
    out.emit(DayEndsChanged(len(command.ends), next_ns))


def take_day_end(state: State, out: Emitter) -> None:
    """The trading day of the market ends; what the breaker had barred reopens by auction (R7.3)."""
    state.day_ends.popleft()
    if state.day_ends:
        state.timers.add(state.day_ends[0].ts_ns, TimerKind.DAY_END, 0)
    barred = [
        listing
        for listing in state.listings.values()
        if listing.session.is_barred
        and listing.phase == Phase.HALTED
        and listing.instrument.status != InstrumentStatus.RETIRED
    ]
    end_trading_day(state, out)
    for listing in barred:
        reopen(state, out, listing, (BY_SCHEDULE, "next trading day"))


SCHEDULE_RULES: dict[type, AdminRule] = {
    SetSchedule: AdminRule(_judge_schedule, _set_schedule),
    SetDayEnds: AdminRule(_judge_day_ends, _set_day_ends),
}
