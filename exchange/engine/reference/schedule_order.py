"""R2(a): which schedules make sense: the pure judgement of steps and of day ends.

Room: one ladder over a list of times, without any state of a market, so that the tool that makes
schedules (`exchange.schedule`) refuses by the same rule as the engine, before it sends anything.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from exchange.engine.reference.admin import Verdict, refuse
from exchange.engine.reference.phase_table import AFTER_CALL, TRANSITIONS
from exchange.model.enums import Phase
from exchange.model.reject import RejectReason as R
from exchange.model.trading_rules import CALL_MAX_NS, ScheduleStep
from exchange.model.units import TIMESTAMP_MAX_NS

_NEVER_SCHEDULED = frozenset({Phase.HALTED.value, Phase.VOLATILITY_AUCTION.value})
_TIME_MAX_NS = TIMESTAMP_MAX_NS - 2 * CALL_MAX_NS


def refuse_steps(steps: Sequence[ScheduleStep]) -> Verdict:
    """Refusal of a step that could not be taken at any time; steps count from 1."""
    for number, planned in enumerate(steps, 1):
        if planned.phase not in TRANSITIONS or planned.phase in _NEVER_SCHEDULED:
            return refuse(R.INVALID_FIELD, f"steps[{number}].phase")
        is_call = planned.phase in AFTER_CALL
        if not int(is_call) <= planned.call_ns <= (CALL_MAX_NS if is_call else 0):
            return refuse(R.CALL_LENGTH_INVALID, f"steps[{number}]")
    return Verdict()


def refuse_order(steps: Sequence[ScheduleStep], *, now_ns: int, random_end_max_ns: int) -> Verdict:
    """Refusal of steps that lie in the past, overlap, or cannot follow each other.

    Args:
        steps: that passed `refuse_steps`.
        now_ns: the first step must be later.
        random_end_max_ns: a call may last so much longer than its length, 0 or more.
    """
    if steps and steps[0].ts_ns <= now_ns:
        return refuse(R.SCHEDULE_IN_THE_PAST, "steps[1]")
    for number, (former, planned) in enumerate(itertools.pairwise(steps), 2):
        end_ns = former.ts_ns + (former.call_ns + random_end_max_ns if former.call_ns else 0)
        if planned.ts_ns <= former.ts_ns or planned.ts_ns < end_ns:
            return refuse(R.SCHEDULE_OVERLAPS, f"steps[{number}]")
        if planned.phase not in TRANSITIONS[AFTER_CALL.get(former.phase, former.phase)]:
            return refuse(R.SCHEDULE_TRANSITION, f"steps[{number}]")
    if steps and steps[-1].ts_ns > _TIME_MAX_NS:
        return refuse(R.INVALID_FIELD, f"steps[{len(steps)}].ts_ns")
    return Verdict()


def refuse_day_ends(ends_ns: Sequence[int], *, now_ns: int) -> Verdict:
    """Refusal of day ends that lie in the past or do not rise."""
    if ends_ns and ends_ns[0] <= now_ns:
        return refuse(R.SCHEDULE_IN_THE_PAST, "ends[1]")
    for number, (former, end) in enumerate(itertools.pairwise(ends_ns), 2):
        if end <= former:
            return refuse(R.SCHEDULE_OVERLAPS, f"ends[{number}]")
    if ends_ns and ends_ns[-1] > _TIME_MAX_NS:
        return refuse(R.INVALID_FIELD, f"ends[{len(ends_ns)}].ts_ns")
    return Verdict()
