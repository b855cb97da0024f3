"""R9.3: emergency market close.

Room: one admin command, its parts in this order: reject all (the kill switch of the market), cancel
all open orders by order_id, end all sessions, drop the schedule of each instrument and close it,
dump the state. The dump is the shell's work: EmergencyClosed, the command's last event, names the
log entry after which it is taken, and any node can make it again from the log.

No instrument opens again by itself: a schedule that went on would do that while nobody has found
out yet what happened. Scheduled day ends stay, as they open nothing.

Until the kill switch of the market is released, new sessions are refused too. The trading day goes
on: its trades can be busted. Opening again is release, then open session, then new schedules.
"""

from __future__ import annotations

from exchange.engine.port import KillSwitchView
from exchange.engine.reference.admin import AdminRule, Verdict, refuse
from exchange.engine.reference.departure import cancel_all
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.phase_change import move
from exchange.engine.reference.schedule import drop_schedule
from exchange.engine.reference.state import State
from exchange.model.auction_event import ScheduleChanged
from exchange.model.enums import CancelReason, InstrumentStatus, KillScope, Phase
from exchange.model.event import KillSwitchChanged, SessionChanged
from exchange.model.reject import RejectReason as R
from exchange.model.risk_command import EmergencyClose
from exchange.model.risk_event import EmergencyClosed

_MARKET = (KillScope.MARKET.value, 0)


def _judge(state: State, command: EmergencyClose) -> Verdict:
    if not command.reason:
        return refuse(R.REASON_REQUIRED)
    return refuse(R.ALREADY_ENGAGED) if state.risk.is_emergency else Verdict()


def _close(state: State, out: Emitter, command: EmergencyClose) -> None:
    operator, reason = command.operator, command.reason
    state.risk.is_emergency = 1
    if _MARKET not in state.kill_switches:
        switch = KillSwitchView(*_MARKET, operator, reason, state.now_ns)
        state.kill_switches[_MARKET] = switch
        out.emit(KillSwitchChanged(*_MARKET, 1, operator, reason))
    orders = state.open_orders.select()
    cancel_all(state, out, orders, CancelReason.EMERGENCY_CLOSE)
    sessions = list(state.sessions.values())
    for session in sessions:
        state.end_session(session.session_id)
        cancels = session.cancel_on_disconnect
        out.emit(SessionChanged(session.session_id, session.member_id, 0, cancels, reason))
    for listing in state.listings.values():
        if listing.session.schedule:
            drop_schedule(state, listing)
            out.emit(ScheduleChanged(listing.instrument.instrument_id, 0, 0, 0))
        retired = listing.instrument.status == InstrumentStatus.RETIRED
        if listing.phase != Phase.CLOSED and not retired:
            move(state, out, listing, Phase.CLOSED, (operator, reason))
    counts = (len(orders), len(sessions))
    out.emit_last(EmergencyClosed(state.applied_index + 1, *counts, operator, reason))


EMERGENCY_RULES: dict[type, AdminRule] = {EmergencyClose: AdminRule(_judge, _close)}
