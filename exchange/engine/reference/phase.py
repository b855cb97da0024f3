"""R2, R7.4, R7.5: trading phases, the trading session, halt and resume.

Room: who moves an instrument from phase to phase, and what that does to its orders. Supported:

| from       | to CLOSED | to CONTINUOUS          | to HALTED       |
|------------|-----------|------------------------|-----------------|
| CLOSED     |           | open session           |                 |
| CONTINUOUS | close     |                        | halt            |
| HALTED     | close     | resume                 |                 |

The call phases of R2 come with the auctions; until then SetPhase refuses them
(PHASE_NOT_SUPPORTED) and a resume goes straight to CONTINUOUS, with or without `direct`. A book
that is kept through a halt is not crossed (only reducing is allowed), so a resume trades nothing.

The phase is the new one at once; PhaseChanged stands last among the command's events (R11.1).
"""

from __future__ import annotations

from exchange.engine.reference.admin import AdminRule, Verdict, refuse
from exchange.engine.reference.departure import cancel_all, expire
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.margin import settle_variation
from exchange.engine.reference.state import Listing, State
from exchange.model.command import CloseSession, Halt, OpenSession, Resume, SetPhase
from exchange.model.enums import (
    AssetClass,
    CancelReason,
    InstrumentStatus,
    Phase,
    TimeInForce,
    is_number_of,
)
from exchange.model.event import PhaseChanged, TradingDayChanged
from exchange.model.reject import RejectReason as R

TRANSITIONS: dict[int, frozenset[int]] = {
    Phase.CLOSED: frozenset({Phase.CONTINUOUS}),
    Phase.CONTINUOUS: frozenset({Phase.CLOSED, Phase.HALTED}),
    Phase.HALTED: frozenset({Phase.CLOSED, Phase.CONTINUOUS}),
}
"""Phases that can follow a phase."""


def move(out: Emitter, listing: Listing, phase: Phase, operator: str, reason: str) -> None:
    """Put an instrument into a phase."""
    previous, listing.phase = listing.phase, phase.value
    instrument_id = listing.instrument.instrument_id
    out.emit_last(PhaseChanged(instrument_id, phase.value, previous, operator, reason))


def _judge_one(state: State, instrument_id: int, to: int, start: int = 0) -> Verdict:
    """Whether one instrument can move to a phase (from `start`, where that is given)."""
    listing = state.listings.get(instrument_id)
    if listing is None:
        return refuse(R.UNKNOWN_SYMBOL)
    symbol = listing.instrument.symbol
    if listing.instrument.status == InstrumentStatus.RETIRED:
        return refuse(R.INSTRUMENT_RETIRED, symbol)
    if to not in TRANSITIONS[listing.phase] or start not in (0, listing.phase):
        return refuse(R.WRONG_PHASE, symbol)
    return Verdict(target_id=instrument_id)


def _in_scope(state: State, instrument_id: int, asset_class: int) -> list[Listing]:
    """Instruments in the scope of a halt, resume, opening or close that are not retired, by id."""
    if instrument_id:
        return [state.listings[instrument_id]]
    return [
        listing
        for listing in state.listings.values()
        if asset_class in (0, listing.instrument.asset_class)
        and listing.instrument.status != InstrumentStatus.RETIRED
    ]


def _judge_open(state: State, command: OpenSession) -> Verdict:
    if command.instrument_id:
        return _judge_one(state, command.instrument_id, Phase.CONTINUOUS, Phase.CLOSED)
    if any(listing.phase == Phase.CLOSED for listing in _in_scope(state, 0, 0)):
        return Verdict()
    return refuse(R.WRONG_PHASE)


def _open(state: State, out: Emitter, command: OpenSession) -> None:
    for listing in _in_scope(state, command.instrument_id, 0):
        if listing.phase == Phase.CLOSED:
            move(out, listing, Phase.CONTINUOUS, command.operator, "")


def _judge_close(state: State, command: CloseSession) -> Verdict:
    # The whole market can always close: that ends the trading day, however many are open.
    if not command.instrument_id:
        return Verdict()
    return _judge_one(state, command.instrument_id, Phase.CLOSED)


def _close(state: State, out: Emitter, command: CloseSession) -> None:
    """R2: DAY orders expire, by order_id; a whole-market close ends the trading day (R10.1)."""
    scope = _in_scope(state, command.instrument_id, 0)
    closing = [listing for listing in scope if listing.phase != Phase.CLOSED]
    _close_listings(state, out, closing, command.operator)
    if not command.instrument_id:
        settle_variation(state, out)
        state.begin_trading_day()
        out.emit(TradingDayChanged(state.trading_day))


def _close_listings(state: State, out: Emitter, closing: list[Listing], operator: str) -> None:
    orders = state.open_orders.of_instruments(
        listing.instrument.instrument_id for listing in closing
    )
    for order in orders:
        if order.time_in_force == TimeInForce.DAY:
            expire(state, out, order, CancelReason.END_OF_DAY)
    for listing in closing:
        move(out, listing, Phase.CLOSED, operator, "")


def _judge_scope(state: State, command: Halt | Resume, start: Phase, to: Phase) -> Verdict:
    """Ladder of halt and resume: reason, scope, phase (at least one instrument must move)."""
    if not command.reason:
        return refuse(R.REASON_REQUIRED)
    asset_class = command.asset_class
    if asset_class and (command.instrument_id or not is_number_of(AssetClass, asset_class)):
        return refuse(R.INVALID_FIELD, "asset_class")
    if command.instrument_id:
        return _judge_one(state, command.instrument_id, to, start)
    if any(listing.phase == start for listing in _in_scope(state, 0, asset_class)):
        return Verdict()
    return refuse(R.WRONG_PHASE)


def _judge_halt(state: State, command: Halt) -> Verdict:
    return _judge_scope(state, command, Phase.CONTINUOUS, Phase.HALTED)


def _halt(state: State, out: Emitter, command: Halt) -> None:
    """R7.5: resting orders stay unless the halt says cancel; then they go by order_id."""
    scope = _in_scope(state, command.instrument_id, command.asset_class)
    halting = [listing for listing in scope if listing.phase == Phase.CONTINUOUS]
    if command.cancel:
        orders = state.open_orders.of_instruments(
            listing.instrument.instrument_id for listing in halting
        )
        cancel_all(state, out, orders, CancelReason.CANCEL_ON_TRADING_HALT)
    for listing in halting:
        move(out, listing, Phase.HALTED, command.operator, command.reason)


def _judge_resume(state: State, command: Resume) -> Verdict:
    return _judge_scope(state, command, Phase.HALTED, Phase.CONTINUOUS)


def _resume(state: State, out: Emitter, command: Resume) -> None:
    for listing in _in_scope(state, command.instrument_id, command.asset_class):
        if listing.phase == Phase.HALTED:
            move(out, listing, Phase.CONTINUOUS, command.operator, command.reason)


def _judge_set_phase(state: State, command: SetPhase) -> Verdict:
    if not is_number_of(Phase, command.phase):
        return refuse(R.INVALID_FIELD, "phase")
    if command.phase not in TRANSITIONS:
        return refuse(R.PHASE_NOT_SUPPORTED, Phase(command.phase).name)
    listing = state.listings.get(command.instrument_id)
    if listing is not None and listing.phase == command.phase:
        return refuse(R.NO_CHANGE, listing.instrument.symbol)
    return _judge_one(state, command.instrument_id, command.phase)


def _set_phase(state: State, out: Emitter, command: SetPhase) -> None:
    """R2(b): moving to CLOSED expires DAY orders as a close does."""
    listing = state.listings[command.instrument_id]
    if command.phase == Phase.CLOSED:
        _close_listings(state, out, [listing], command.operator)
    else:
        move(out, listing, Phase(command.phase), command.operator, "")


PHASE_RULES: dict[type, AdminRule] = {
    OpenSession: AdminRule(_judge_open, _open),
    CloseSession: AdminRule(_judge_close, _close),
    Halt: AdminRule(_judge_halt, _halt),
    Resume: AdminRule(_judge_resume, _resume),
    SetPhase: AdminRule(_judge_set_phase, _set_phase),
}
