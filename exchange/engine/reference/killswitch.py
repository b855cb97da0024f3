"""R9.1, R9.2: kill switches, and the operator's mass cancel.

Room: engaging and releasing; that new orders are refused meanwhile is the ladder's. Engaging
cancels all open orders in scope by order_id. A switch stays engaged until it is released, also
when the session it names has ended.
"""

from __future__ import annotations

from collections.abc import Container

from exchange.engine.port import KillSwitchView
from exchange.engine.reference.admin import AdminRule, Verdict, refuse
from exchange.engine.reference.departure import cancel_all
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.order import Order
from exchange.engine.reference.state import State
from exchange.model.command import EngageKillSwitch, OperatorCancel, ReleaseKillSwitch
from exchange.model.enums import CancelReason, KillScope, Side, is_number_of
from exchange.model.event import KillSwitchChanged
from exchange.model.reject import RejectReason as R


def _targets(state: State, scope: int) -> Container[int]:
    match scope:
        case KillScope.SESSION:
            return state.sessions
        case KillScope.ACCOUNT:
            return state.accounts
        case KillScope.MEMBER:
            return state.members
        case KillScope.INSTRUMENT:
            return state.listings
        case _:
            return (0,)


def _orders_in_scope(state: State, scope: int, target_id: int) -> list[Order]:
    match scope:
        case KillScope.SESSION:
            return state.open_orders.of_session(target_id)
        case KillScope.ACCOUNT:
            return state.open_orders.select(account_id=target_id)
        case KillScope.MEMBER:
            return state.open_orders.select(member_id=target_id)
        case KillScope.INSTRUMENT:
            return state.open_orders.select(instrument_id=target_id)
        case _:
            return state.open_orders.select()


def _judge(state: State, command: EngageKillSwitch | ReleaseKillSwitch) -> Verdict:
    engaging = isinstance(command, EngageKillSwitch)
    if not command.reason:
        return refuse(R.REASON_REQUIRED)
    if not is_number_of(KillScope, command.scope):
        return refuse(R.INVALID_FIELD, "scope")
    engaged = (command.scope, command.target_id) in state.kill_switches
    if not engaged and command.target_id not in _targets(state, command.scope):
        return refuse(R.UNKNOWN_TARGET)
    if engaged and engaging:
        return refuse(R.ALREADY_ENGAGED)
    if not engaged and not engaging:
        return refuse(R.NOT_ENGAGED)
    return Verdict(target_id=command.target_id)


def _engage(state: State, out: Emitter, command: EngageKillSwitch) -> None:
    scope, target_id = command.scope, command.target_id
    operator, reason = command.operator, command.reason
    switch = KillSwitchView(scope, target_id, operator, reason, state.now_ns)
    state.kill_switches[scope, target_id] = switch
    out.emit(KillSwitchChanged(scope, target_id, 1, operator, reason))
    orders = _orders_in_scope(state, scope, target_id)
    cancel_all(state, out, orders, CancelReason.KILL_SWITCH)


def _release(state: State, out: Emitter, command: ReleaseKillSwitch) -> None:
    scope, target_id = command.scope, command.target_id
    del state.kill_switches[scope, target_id]
    if scope == KillScope.MARKET:
        state.risk.is_emergency = 0
    out.emit(KillSwitchChanged(scope, target_id, 0, command.operator, command.reason))


def _judge_operator_cancel(state: State, command: OperatorCancel) -> Verdict:
    if not command.reason:
        return refuse(R.REASON_REQUIRED)
    if command.side and not is_number_of(Side, command.side):
        return refuse(R.INVALID_SIDE, "side")
    filters: tuple[tuple[str, int, Container[int]], ...] = (
        ("member", command.member_id, state.members),
        ("account", command.account_id, state.accounts),
        ("instrument", command.instrument_id, state.listings),
    )
    for name, target_id, known in filters:
        if target_id and target_id not in known:
            return refuse(R.UNKNOWN_TARGET, name)
    return Verdict()


def _operator_cancel(state: State, out: Emitter, command: OperatorCancel) -> None:
    orders = state.open_orders.select(
        member_id=command.member_id,
        account_id=command.account_id,
        instrument_id=command.instrument_id,
        side=command.side,
    )
    cancel_all(state, out, orders, CancelReason.CANCELED_BY_OPERATOR)


KILL_SWITCH_RULES: dict[type, AdminRule] = {
    EngageKillSwitch: AdminRule(_judge, _engage),
    ReleaseKillSwitch: AdminRule(_judge, _release),
    OperatorCancel: AdminRule(_judge_operator_cancel, _operator_cancel),
}
