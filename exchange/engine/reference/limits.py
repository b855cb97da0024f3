"""Setting limits, rates, fees and reference figures: the admin commands behind R8.

Room: judging and keeping the records of `exchange.model.risk`. New limits judge new orders only;
what is open or held stays, also where it is beyond them.
"""

from __future__ import annotations

from exchange.engine.reference.admin import AdminRule, Verdict, refuse
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.rate import forget_buckets
from exchange.engine.reference.state import State
from exchange.engine.reference.sweep import schedule_sweep
from exchange.model.reject import RejectReason as R
from exchange.model.risk import POSITION_MAX, AccountLimits, MemberLimits
from exchange.model.risk_command import (
    SetAccountLimits,
    SetFeeSchedule,
    SetMemberLimits,
    SetRiskReference,
)
from exchange.model.risk_event import (
    AccountLimitsChanged,
    FeeScheduleChanged,
    MemberLimitsChanged,
    RiskReferenceChanged,
)


def _judge_account(state: State, command: SetAccountLimits) -> Verdict:
    limits = command.limits
    if limits.account_id not in state.accounts:
        return refuse(R.UNKNOWN_ACCOUNT)
    fault = limits.fault()
    if fault:
        return refuse(R.INVALID_FIELD, fault)
    former = state.risk.account_limits.get(limits.account_id, AccountLimits(limits.account_id))
    return refuse(R.NO_CHANGE) if limits == former else Verdict(target_id=limits.account_id)


def _set_account(state: State, out: Emitter, command: SetAccountLimits) -> None:
    limits = command.limits
    state.risk.put_account_limits(limits)
    out.emit(AccountLimitsChanged(limits))
    schedule_sweep(state)


def _judge_member(state: State, command: SetMemberLimits) -> Verdict:
    limits = command.limits
    if limits.member_id not in state.members:
        return refuse(R.UNKNOWN_MEMBER)
    fault = limits.fault()
    if fault:
        return refuse(R.INVALID_FIELD, fault)
    former = state.risk.member_limits.get(limits.member_id, MemberLimits(limits.member_id))
    return refuse(R.NO_CHANGE) if limits == former else Verdict(target_id=limits.member_id)


def _set_member(state: State, out: Emitter, command: SetMemberLimits) -> None:
    limits = command.limits
    if limits.is_empty():
        del state.risk.member_limits[limits.member_id]
    else:
        state.risk.member_limits[limits.member_id] = limits
    forget_buckets(state, limits.member_id)
    out.emit(MemberLimitsChanged(limits))


def _judge_fees(state: State, command: SetFeeSchedule) -> Verdict:
    schedule = command.schedule
    if schedule.instrument_id and schedule.instrument_id not in state.listings:
        return refuse(R.UNKNOWN_SYMBOL)
    fault = schedule.fault()
    if fault:
        return refuse(R.INVALID_FIELD, fault)
    if state.risk.fees.get((schedule.instrument_id, schedule.tier)) == schedule:
        return refuse(R.NO_CHANGE)
    return Verdict(target_id=schedule.instrument_id)


def _set_fees(state: State, out: Emitter, command: SetFeeSchedule) -> None:
    """A schedule of zeros is kept: it frees an instrument from the general one."""
    schedule = command.schedule
    state.risk.fees[schedule.instrument_id, schedule.tier] = schedule
    out.emit(FeeScheduleChanged(schedule))


def _judge_reference(state: State, command: SetRiskReference) -> Verdict:
    reference = command.reference
    if reference.instrument_id not in state.listings:
        return refuse(R.UNKNOWN_SYMBOL)
    if not 0 <= reference.adv_qty <= POSITION_MAX:
        return refuse(R.INVALID_FIELD, "adv_qty")
    if state.risk.adv_qty.get(reference.instrument_id, 0) == reference.adv_qty:
        return refuse(R.NO_CHANGE)
    return Verdict(target_id=reference.instrument_id)


def _set_reference(state: State, out: Emitter, command: SetRiskReference) -> None:
    reference = command.reference
    if reference.adv_qty:
        state.risk.adv_qty[reference.instrument_id] = reference.adv_qty
    else:
        del state.risk.adv_qty[reference.instrument_id]
    out.emit(RiskReferenceChanged(reference))


LIMIT_RULES: dict[type, AdminRule] = {
    SetAccountLimits: AdminRule(_judge_account, _set_account),
    SetMemberLimits: AdminRule(_judge_member, _set_member),
    SetFeeSchedule: AdminRule(_judge_fees, _set_fees),
    SetRiskReference: AdminRule(_judge_reference, _set_reference),
}
