"""R7.4, R7.5: halt and resume by an operator: one instrument, an asset class, the whole market.

Room: the two commands and the reopening. A halt is possible in every open phase and keeps resting
orders unless it says cancel. A resume is by auction: back to PRE_OPEN or to the opening or closing
call that the halt interrupted, else to a volatility call; a call then lasts `volatility_call_ns`.
Only `direct` 1 goes straight to CONTINUOUS. What the breaker barred stays halted until the next
day.
"""

from __future__ import annotations

from exchange.engine.reference.admin import AdminRule, Verdict, refuse
from exchange.engine.reference.call_end import move_on
from exchange.engine.reference.calls import begin_call
from exchange.engine.reference.departure import cancel_all
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.phase_change import Why, move
from exchange.engine.reference.phase_table import OPEN_PHASES
from exchange.engine.reference.scope import in_scope, refuse_listing, refuse_scope
from exchange.engine.reference.state import Listing, State
from exchange.model.command import Halt, Resume
from exchange.model.enums import CancelReason, Phase
from exchange.model.reject import RejectReason as R

_RETURNS_TO = frozenset({Phase.PRE_OPEN, Phase.OPENING_AUCTION, Phase.CLOSING_AUCTION})


def halt_listing(state: State, out: Emitter, listing: Listing, why: Why) -> None:
    """Halt one instrument; its orders stay."""
    move(state, out, listing, Phase.HALTED, why)


def reopen(state: State, out: Emitter, listing: Listing, why: Why) -> None:
    """Reopen a halted instrument by auction."""
    session = listing.session
    if session.halted_from == Phase.PRE_OPEN:
        move(state, out, listing, Phase.PRE_OPEN, why)
        return
    returns = session.halted_from in _RETURNS_TO
    phase = Phase(session.halted_from) if returns else Phase.VOLATILITY_AUCTION
    begin_call(state, out, listing, phase, why, length_ns=session.rules.volatility_call_ns)


def _judge_halt(state: State, command: Halt) -> Verdict:
    verdict = _judge_request(state, command)
    if verdict.reason:
        return verdict
    scope = in_scope(state, command.instrument_id, command.asset_class)
    if any(listing.phase in OPEN_PHASES for listing in scope):
        return verdict
    return refuse(R.WRONG_PHASE, _symbol_of(scope, command))


def _halt(state: State, out: Emitter, command: Halt) -> None:
    """R7.5: with `cancel`, open orders go first, by order_id."""
    scope = in_scope(state, command.instrument_id, command.asset_class)
    halting = [listing for listing in scope if listing.phase in OPEN_PHASES]
    if command.cancel:
        orders = state.open_orders.of_instruments(
            listing.instrument.instrument_id for listing in halting
        )
        cancel_all(state, out, orders, CancelReason.CANCEL_ON_TRADING_HALT)
    for listing in halting:
        halt_listing(state, out, listing, (command.operator, command.reason))


def _judge_resume(state: State, command: Resume) -> Verdict:
    verdict = _judge_request(state, command)
    if verdict.reason:
        return verdict
    scope = in_scope(state, command.instrument_id, command.asset_class)
    halted = [listing for listing in scope if listing.phase == Phase.HALTED]
    if not halted:
        return refuse(R.WRONG_PHASE, _symbol_of(scope, command))
    if all(listing.session.is_barred for listing in halted):
        return refuse(R.HALTED_UNTIL_NEXT_DAY, _symbol_of(scope, command))
    return verdict


def _resume(state: State, out: Emitter, command: Resume) -> None:
    why = (command.operator, command.reason)
    for listing in in_scope(state, command.instrument_id, command.asset_class):
        if listing.phase != Phase.HALTED or listing.session.is_barred:
            continue
        if command.direct:
            move_on(state, out, listing, Phase.CONTINUOUS, why)
        else:
            reopen(state, out, listing, why)


def _judge_request(state: State, command: Halt | Resume) -> Verdict:
    if not command.reason:
        return refuse(R.REASON_REQUIRED)
    verdict = refuse_scope(command.instrument_id, command.asset_class)
    if verdict.reason or not command.instrument_id:
        return verdict
    return refuse_listing(state, command.instrument_id)


def _symbol_of(scope: list[Listing], command: Halt | Resume) -> str:
    return scope[0].instrument.symbol if command.instrument_id else ""


HALT_RULES: dict[type, AdminRule] = {
    Halt: AdminRule(_judge_halt, _halt),
    Resume: AdminRule(_judge_resume, _resume),
}
