"""R2(b): an operator opens and closes the trading session, or sets a phase.

Room: the three commands; which step is possible stands in `phase_table.py`, what a step brings with
it in `phase_change.py` and `call_end.py`, halts in `halts.py`, the end of the day in `day_end.py`.

OpenSession goes from CLOSED straight to CONTINUOUS; CloseSession to CLOSED, where a running call is
uncrossed first and then DAY, AT_THE_OPENING and AT_THE_CLOSE orders expire. SetPhase takes any step
of the table; a call that it begins lasts until the next step.
"""

from __future__ import annotations

from exchange.engine.reference.admin import AdminRule, Verdict, refuse
from exchange.engine.reference.call_end import (
    move_on,
    publish_closing_price,
    uncross_before_close,
)
from exchange.engine.reference.calls import begin_call
from exchange.engine.reference.day_end import end_trading_day, expire_day_orders
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.phase_change import Why, move
from exchange.engine.reference.phase_table import CALL_PHASES, TRANSITIONS
from exchange.engine.reference.scope import in_scope, refuse_listing
from exchange.engine.reference.state import Listing, State
from exchange.model.command import CloseSession, OpenSession, SetPhase
from exchange.model.enums import Phase, is_number_of
from exchange.model.reject import RejectReason as R

_ENDS = frozenset({Phase.CLOSED.value, Phase.POST_CLOSE.value})


def step(
    state: State, out: Emitter, listing: Listing, phase: Phase, why: Why, *, length_ns: int = 0
) -> None:
    """Take one step of the table of phases; `length_ns` is that of a call, 0 = untimed."""
    if phase == Phase.CLOSED:
        close_listings(state, out, [listing], why)
    elif phase in CALL_PHASES:
        begin_call(state, out, listing, phase, why, length_ns=length_ns)
    elif phase in {Phase.CONTINUOUS, Phase.POST_CLOSE}:
        move_on(state, out, listing, phase, why)
    else:
        move(state, out, listing, phase, why)


def close_listings(state: State, out: Emitter, closing: list[Listing], why: Why) -> None:
    """Close instruments: running calls uncross, orders of the day expire by order_id, phases."""
    for listing in closing:
        uncross_before_close(state, out, listing)
    expire_day_orders(state, out, closing)
    for listing in closing:
        if listing.phase != Phase.POST_CLOSE and listing.session.has_traded:
            publish_closing_price(out, listing)
        move(state, out, listing, Phase.CLOSED, why)


def refuse_step(listing: Listing, phase: int) -> Verdict:
    """Refusal of a step that the table, or the breaker's last level (R7.3), does not permit."""
    symbol = listing.instrument.symbol
    if phase not in TRANSITIONS[listing.phase]:
        return refuse(R.WRONG_PHASE, symbol)
    if listing.session.is_barred and phase not in _ENDS:
        return refuse(R.HALTED_UNTIL_NEXT_DAY, symbol)
    return Verdict(target_id=listing.instrument.instrument_id)


def _judge_open(state: State, command: OpenSession) -> Verdict:
    if command.instrument_id:
        verdict = refuse_listing(state, command.instrument_id)
        if verdict.reason:
            return verdict
        listing = state.listings[command.instrument_id]
        if listing.phase != Phase.CLOSED:
            return refuse(R.WRONG_PHASE, listing.instrument.symbol)
        return refuse_step(listing, Phase.CONTINUOUS)
    if _opening(state, 0):
        return Verdict()
    return refuse(R.WRONG_PHASE)


def _opening(state: State, instrument_id: int) -> list[Listing]:
    return [
        listing
        for listing in in_scope(state, instrument_id, 0)
        if listing.phase == Phase.CLOSED and not listing.session.is_barred
    ]


def _open(state: State, out: Emitter, command: OpenSession) -> None:
    for listing in _opening(state, command.instrument_id):
        move_on(state, out, listing, Phase.CONTINUOUS, (command.operator, ""))


def _judge_close(state: State, command: CloseSession) -> Verdict:
    # The whole market can always close: that ends the trading day, however many are open.
    if not command.instrument_id:
        return Verdict()
    verdict = refuse_listing(state, command.instrument_id)
    if verdict.reason:
        return verdict
    return refuse_step(state.listings[command.instrument_id], Phase.CLOSED)


def _close(state: State, out: Emitter, command: CloseSession) -> None:
    """R2: orders of the day expire; a whole-market close ends the trading day (R10.1)."""
    scope = in_scope(state, command.instrument_id, 0)
    closing = [listing for listing in scope if listing.phase != Phase.CLOSED]
    close_listings(state, out, closing, (command.operator, ""))
    if not command.instrument_id:
        end_trading_day(state, out)


def _judge_set_phase(state: State, command: SetPhase) -> Verdict:
    if not is_number_of(Phase, command.phase):
        return refuse(R.INVALID_FIELD, "phase")
    listing = state.listings.get(command.instrument_id)
    if listing is not None and listing.phase == command.phase:
        return refuse(R.NO_CHANGE, listing.instrument.symbol)
    verdict = refuse_listing(state, command.instrument_id)
    if verdict.reason:
        return verdict
    return refuse_step(state.listings[command.instrument_id], command.phase)


def _set_phase(state: State, out: Emitter, command: SetPhase) -> None:
    listing = state.listings[command.instrument_id]
    step(state, out, listing, Phase(command.phase), (command.operator, ""))


PHASE_RULES: dict[type, AdminRule] = {
    OpenSession: AdminRule(_judge_open, _open),
    CloseSession: AdminRule(_judge_close, _close),
    SetPhase: AdminRule(_judge_set_phase, _set_phase),
}
