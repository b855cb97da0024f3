"""R8.3: the restricted list: who may not trade what.

Room: the list and its admin commands. A row names a member, an account, an instrument, or an
instrument together with one of the others; it refuses new orders and replaces that are more than a
reduction. Orders that are open stay: mass cancel and kill switch are other commands.
"""

from __future__ import annotations

from exchange.engine.reference.admin import AdminRule, Verdict, refuse
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.state import State
from exchange.model.reject import RejectReason as R
from exchange.model.risk import Restriction
from exchange.model.risk_command import Restrict, Unrestrict
from exchange.model.risk_event import RestrictionChanged


def is_restricted(state: State, member_id: int, account_id: int, instrument_id: int) -> bool:
    """Whether any row covers an order of this member, account and instrument."""
    rows = state.risk.restrictions
    return bool(rows) and any(
        Restriction(*row) in rows
        for row in (
            (member_id, 0, 0),
            (0, account_id, 0),
            (0, 0, instrument_id),
            (member_id, 0, instrument_id),
            (0, account_id, instrument_id),
        )
    )


def _judge(state: State, command: Restrict | Unrestrict) -> Verdict:
    row = command.restriction
    if not command.reason:
        return refuse(R.REASON_REQUIRED)
    if row.member_id and row.account_id:
        return refuse(R.INVALID_FIELD, "account")
    if not (row.member_id or row.account_id or row.instrument_id):
        return refuse(R.INVALID_FIELD, "member")
    if row.member_id and row.member_id not in state.members:
        return refuse(R.UNKNOWN_TARGET, "member")
    if row.account_id and row.account_id not in state.accounts:
        return refuse(R.UNKNOWN_TARGET, "account")
    if row.instrument_id and row.instrument_id not in state.listings:
        return refuse(R.UNKNOWN_TARGET, "instrument")
    listed = row in state.risk.restrictions
    if isinstance(command, Restrict):
        return refuse(R.ALREADY_RESTRICTED) if listed else Verdict()
    return Verdict() if listed else refuse(R.NOT_RESTRICTED)


def _restrict(state: State, out: Emitter, command: Restrict) -> None:
    state.risk.restrictions.add(command.restriction)
    out.emit(RestrictionChanged(1, command.restriction, command.operator, command.reason))


def _unrestrict(state: State, out: Emitter, command: Unrestrict) -> None:
    state.risk.restrictions.remove(command.restriction)
    out.emit(RestrictionChanged(0, command.restriction, command.operator, command.reason))


RESTRICT_RULES: dict[type, AdminRule] = {
    Restrict: AdminRule(_judge, _restrict),
    Unrestrict: AdminRule(_judge, _unrestrict),
}
