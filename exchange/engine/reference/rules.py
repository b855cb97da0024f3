"""R6, R7: the trading rules of an instrument, and the value of an index, set by an operator.

Room: two commands. What the rules mean stands in `bands.py`, `breaker.py` and `calls.py`. New rules
hold from the next command on; a call or halt that runs keeps its length.
"""

from __future__ import annotations

from exchange.engine.reference.admin import AdminRule, Verdict, refuse
from exchange.engine.reference.breaker import watch_decline
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.scope import refuse_listing
from exchange.engine.reference.state import State
from exchange.model.auction_command import SetIndex, SetTradingRules
from exchange.model.auction_event import IndexChanged, TradingRulesChanged
from exchange.model.enums import BreakerScope
from exchange.model.reject import RejectReason as R
from exchange.model.units import PRICE_MAX


def _judge_rules(state: State, command: SetTradingRules) -> Verdict:
    rules = command.rules
    verdict = refuse_listing(state, rules.instrument_id)
    if verdict.reason:
        return verdict
    fault = rules.fault()
    if fault:
        return refuse(R.INVALID_FIELD, fault)
    if rules == state.listings[rules.instrument_id].session.rules:
        return refuse(R.NO_CHANGE)
    return verdict


def _set_rules(state: State, out: Emitter, command: SetTradingRules) -> None:
    session = state.listings[command.rules.instrument_id].session
    session.rules = command.rules
    if not session.rules.dynamic_band_bp:
        session.trail.clear()
    out.emit(TradingRulesChanged(session.rules))


def _judge_index(state: State, command: SetIndex) -> Verdict:
    """An index is an instrument whose breaker watches the whole market and which has no orders."""
    verdict = refuse_listing(state, command.instrument_id)
    if verdict.reason:
        return verdict
    listing = state.listings[command.instrument_id]
    if listing.session.rules.breaker_scope != BreakerScope.MARKET:
        return refuse(R.INVALID_FIELD, "instrument_id")
    if not 1 <= command.price <= PRICE_MAX or command.price % listing.instrument.tick_size:
        return refuse(R.INVALID_FIELD, "price")
    return verdict


def _set_index(state: State, out: Emitter, command: SetIndex) -> None:
    listing = state.listings[command.instrument_id]
    listing.last_price = command.price
    listing.session.has_traded = True
    out.emit(IndexChanged(command.instrument_id, command.price))
    watch_decline(state, out, listing, command.price)


RULES_RULES: dict[type, AdminRule] = {
    SetTradingRules: AdminRule(_judge_rules, _set_rules),
    SetIndex: AdminRule(_judge_index, _set_index),
}
