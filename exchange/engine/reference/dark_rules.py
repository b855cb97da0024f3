"""The dark rules of an instrument, set by an operator.

Room: one command. A new minimum block holds for new and larger orders; what rests stays. Closing
the book cancels what rests in it, by order_id. New rules begin the interval of crossing sessions
anew, and orders that rest are tried at once where matching is continuous now.
"""

from __future__ import annotations

from exchange.engine.reference.admin import AdminRule, Verdict, refuse
from exchange.engine.reference.dark_agenda import begin_crossings
from exchange.engine.reference.departure import cancel_all
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.scope import refuse_listing
from exchange.engine.reference.state import State
from exchange.model.dark import DarkRulesChanged, SetDarkRules
from exchange.model.enums import CancelReason
from exchange.model.reject import RejectReason as R


def _judge(state: State, command: SetDarkRules) -> Verdict:
    rules = command.rules
    verdict = refuse_listing(state, rules.instrument_id)
    if verdict.reason:
        return verdict
    fault = rules.fault()
    if fault:
        return refuse(R.INVALID_FIELD, fault)
    if rules == state.listings[rules.instrument_id].dark.rules:
        return refuse(R.NO_CHANGE)
    return verdict


def _set(state: State, out: Emitter, command: SetDarkRules) -> None:
    listing = state.listings[command.rules.instrument_id]
    dark = listing.dark
    dark.rules = command.rules
    dark.touch()
    out.emit(DarkRulesChanged(dark.rules))
    if not dark.rules.is_open:
        orders = sorted(dark.by_place(), key=lambda order: order.order_id)
        cancel_all(state, out, orders, CancelReason.DARK_BOOK_CLOSED)
    begin_crossings(state, listing)


DARK_RULES: dict[type, AdminRule] = {SetDarkRules: AdminRule(_judge, _set)}
