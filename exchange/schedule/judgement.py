"""Whether the exchange would take a schedule: the engine's own rule, told to people.

Room: the refusals of `engine.reference.schedule_order` with the step they are about, and what is
left of a schedule of which a part lies in the past. It changes and sends nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo

from exchange.engine.reference.phase_table import AFTER_CALL
from exchange.engine.reference.schedule_order import refuse_day_ends, refuse_order, refuse_steps
from exchange.model.enums import Phase
from exchange.model.layout import LIST_MAX
from exchange.model.reject import TEXT, RejectReason
from exchange.model.trading_rules import MINUTE_NS, ScheduleStep
from exchange.schedule.faults import ScheduleFault
from exchange.schedule.moments import show_moment
from exchange.schedule.templates import Plan

RANDOM_END_NS = MINUTE_NS // 2


def judge(
    plan: Plan, *, now_ns: int = 0, random_end_max_ns: int = RANDOM_END_NS, zone: tzinfo = UTC
) -> None:
    """Raise ScheduleFault, with the engine's reason and the step at fault, unless it makes sense.

    Args:
        plan: steps and day ends.
        now_ns: what lies in the past of it is refused; 0 = nothing is past.
        random_end_max_ns: of the instruments it is for; RULEBOOK R2 has 30 s.
        zone: in which moments are told.
    """
    for name, count in (("steps", len(plan.steps)), ("day ends", len(plan.day_ends_ns))):
        if count > LIST_MAX:
            raise ScheduleFault("TOO_LONG", f"{count} {name}; at most {LIST_MAX} fit")
    verdict = refuse_steps(plan.steps)
    if not verdict.reason:
        verdict = refuse_order(plan.steps, now_ns=now_ns, random_end_max_ns=random_end_max_ns)
    if not verdict.reason:
        verdict = refuse_day_ends(plan.day_ends_ns, now_ns=now_ns)
    if verdict.reason:
        reason = RejectReason(verdict.reason)
        where = _tell(verdict.detail, plan, zone)
        raise ScheduleFault(reason.name, f"{where}: {TEXT[reason]}")


def still_to_come(plan: Plan, now_ns: int) -> Plan:
    """Without what lies at or before `now_ns`."""
    return Plan(
        tuple(step for step in plan.steps if step.ts_ns > now_ns),
        tuple(ns for ns in plan.day_ends_ns if ns > now_ns),
    )


def planned_phase(steps: Sequence[ScheduleStep], now_ns: int) -> Phase | None:
    """The phase that the schedule has an instrument in at `now_ns`; None = before its first step.

    A call counts as over when its length has passed; its random extension is not foreseen.
    """
    past = [step for step in steps if step.ts_ns <= now_ns]
    if not past:
        return None
    last = past[-1]
    is_over = last.call_ns and last.ts_ns + last.call_ns <= now_ns
    return AFTER_CALL[last.phase] if is_over else Phase(last.phase)


def _tell(detail: str, plan: Plan, zone: tzinfo) -> str:
    name, _, rest = detail.partition("[")
    number = int(rest.partition("]")[0])
    if name == "ends":
        return f"day end {number}, {show_moment(plan.day_ends_ns[number - 1], zone)}"
    step = plan.steps[number - 1]
    known = {phase.value: phase.name.lower() for phase in Phase}
    phase = known.get(step.phase, str(step.phase))
    return f"step {number}, {phase} at {show_moment(step.ts_ns, zone)}"
