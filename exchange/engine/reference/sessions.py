"""R9.2: client sessions; the loss of one is an entry in the log.

Room: session ids and cancel-on-disconnect. A session is opened like an admin request, under the
member's own request_ids: a repeat gets the same session. Closing emits the cancels of its orders,
if it asked for that, and then SessionChanged. A new epoch closes all: their gateways are gone.
"""

from __future__ import annotations

from exchange.engine.reference.admin import AdminRule, Verdict, carry_out, refuse
from exchange.engine.reference.departure import cancel_all
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.origin import Origin
from exchange.engine.reference.state import Session, State
from exchange.model.command import (
    UNKNOWN_ID,
    EpochStarted,
    RecordMembership,
    SessionClosed,
    SessionOpened,
)
from exchange.model.enums import CancelReason, Standing
from exchange.model.event import AdminRejected, EpochChanged, MembershipRecorded, SessionChanged
from exchange.model.reject import RejectReason as R


def session_opened(state: State, out: Emitter, command: SessionOpened, origin: Origin) -> None:
    """Carry out one SessionOpened: AdminAccepted with the session id, then SessionChanged."""
    if command.member_id in state.members:
        carry_out(state, out, command, origin, _OPEN, owner=command.member_id)
    else:
        # Nothing is remembered for a member that is not known: there is no one to own the id.
        reason = R.UNKNOWN_MEMBER
        out.emit(AdminRejected(origin.kind, 0, reason, command.request_id, "", ""))


def _judge_open(state: State, command: SessionOpened) -> Verdict:
    if state.members[command.member_id].standing != Standing.ACTIVE:
        return refuse(R.MEMBER_DISABLED)
    if state.risk.is_emergency:
        return refuse(R.KILL_SWITCH_ENGAGED)
    if state.last_session_id + 1 >= UNKNOWN_ID:
        return refuse(R.LIMIT_REACHED, "sessions")
    return Verdict(target_id=state.last_session_id + 1)


def _open(state: State, out: Emitter, command: SessionOpened) -> None:
    state.last_session_id += 1
    session_id = state.last_session_id
    cancels = int(command.cancel_on_disconnect != 0)
    state.sessions[session_id] = Session(session_id, command.member_id, cancels)
    out.emit(SessionChanged(session_id, command.member_id, 1, cancels, ""))


def session_closed(state: State, out: Emitter, command: SessionClosed, origin: Origin) -> None:
    """Carry out one SessionClosed."""
    session = state.sessions.get(command.session_id)
    if session is None:
        detail = str(command.session_id)
        out.emit(AdminRejected(origin.kind, 0, R.UNKNOWN_SESSION, "", "", detail))
        return
    _close(state, out, session, command.reason)


def epoch_started(state: State, out: Emitter, command: EpochStarted, _origin: Origin) -> None:
    """Carry out one EpochStarted: EpochChanged, then every open session is closed, by id."""
    state.epoch, state.node = command.epoch, command.node
    out.emit(EpochChanged(command.epoch, command.node))
    for session in list(state.sessions.values()):
        _close(state, out, session, f"epoch {command.epoch} started")


def membership_recorded(
    _state: State, out: Emitter, command: RecordMembership, _origin: Origin
) -> None:
    """Carry out one RecordMembership: it is told, and nothing changes."""
    out.emit(
        MembershipRecorded(
            command.version,
            command.generation,
            command.epoch,
            command.primary,
            command.on_single_copy,
            command.in_sync,
            command.what,
        )
    )


def _close(state: State, out: Emitter, session: Session, reason: str) -> None:
    session_id, member_id, cancels = session
    state.end_session(session_id)
    if cancels:
        orders = state.open_orders.of_session(session_id)
        cancel_all(state, out, orders, CancelReason.CANCEL_ON_DISCONNECT)
    out.emit(SessionChanged(session_id, member_id, 0, cancels, reason))


_OPEN = AdminRule(_judge_open, _open)
