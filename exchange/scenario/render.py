"""Events to the words of a `<` line.

Room: one form per kind of event. Only what a scenario lists has a form: book and BBO updates,
reference data, sessions, kill switches and the acknowledgement of an operator's command are not
listed (SCENARIOS.md); its refusal is. A report has every key that a file may compare; which of them
a line shows when it is printed or rewritten stands in `_SHOWN`.
"""

from __future__ import annotations

from collections.abc import Sequence

from exchange.model import event as e
from exchange.model.command import CommandKind
from exchange.model.dark import is_dark
from exchange.model.enums import CancelReason, OrdStatus, PegType, Phase, Side, TrailUnit
from exchange.model.event import Event, EventKind, OrderState
from exchange.model.instrument import Instrument
from exchange.model.reject import RejectReason
from exchange.model.risk_event import TradeBusted, TradeCorrected
from exchange.model.terms import OrderTerms
from exchange.model.units import PRICE_DECIMALS
from exchange.scenario.decimals import decimals_of, to_text
from exchange.scenario.names import OrderNames
from exchange.scenario.parties import Parties
from exchange.scenario.render_market import market_words
from exchange.scenario.render_money import money_words
from exchange.scenario.statement import Words
from exchange.scenario.venue import Venue

_SHOWN = {
    "rejected": ("reason",),
    "canceled": ("leaves", "reason"),
    "replaced": ("leaves",),
    "cancel_rejected": ("reason",),
    "expired": ("leaves", "reason"),
    "restated": ("leaves", "price", "reason"),
    "triggered": ("by",),
    "terms": ("stop",),
    "mass_canceled": ("count",),
    "corrected": ("qty", "price"),
    "margin_call": ("equity", "required"),
    "refused": ("reason", "detail"),
    "indicative": ("imbalance",),
    "uncrossed": ("imbalance",),
}
_REPEATED_WORD = {
    EventKind.ACCEPTED: "accepted",
    EventKind.REJECTED: "rejected",
    EventKind.CANCELED: "canceled",
    EventKind.REPLACED: "replaced",
    EventKind.CANCEL_REJECTED: "cancel_rejected",
    EventKind.MASS_CANCELED: "mass_canceled",
}
_ABOUT_A_REQUEST = {EventKind.CANCELED, EventKind.CANCEL_REJECTED}
_STATEMENT_OF = {
    CommandKind.CREATE_INSTRUMENT: "instrument",
    CommandKind.UPDATE_INSTRUMENT: "update",
    CommandKind.CREATE_MEMBER: "member",
    CommandKind.UPDATE_MEMBER: "member",
    CommandKind.CREATE_ACCOUNT: "account",
    CommandKind.UPDATE_ACCOUNT: "account",
    CommandKind.OPEN_SESSION: "open_session",
    CommandKind.CLOSE_SESSION: "close_session",
    CommandKind.HALT: "halt",
    CommandKind.RESUME: "resume",
    CommandKind.ENGAGE_KILL_SWITCH: "kill",
    CommandKind.RELEASE_KILL_SWITCH: "release",
    CommandKind.OPERATOR_CANCEL: "cancel_all",
    CommandKind.SET_PHASE: "phase",
    CommandKind.SESSION_CLOSED: "disconnect",
    CommandKind.SET_TRADING_RULES: "rules",
    CommandKind.SET_SCHEDULE: "schedule",
    CommandKind.SET_DAY_ENDS: "day_ends",
    CommandKind.SET_INDEX: "index",
    CommandKind.SET_DARK_RULES: "dark",
    CommandKind.BUST_TRADE: "bust",
    CommandKind.CORRECT_TRADE: "correct",
    CommandKind.SET_ACCOUNT_LIMITS: "limits",
    CommandKind.SET_MEMBER_LIMITS: "member",
    CommandKind.RESTRICT: "restrict",
    CommandKind.SPLIT_INSTRUMENT: "split",
    CommandKind.UNRESTRICT: "unrestrict",
    CommandKind.SET_RISK_REFERENCE: "adv",
    CommandKind.ADJUST_CASH: "deposit",
    CommandKind.ADJUST_POSITION: "deliver",
    CommandKind.SET_FEE_SCHEDULE: "fees",
    CommandKind.EMERGENCY_CLOSE: "emergency_close",
    CommandKind.SESSION_OPENED: "session",
}


def line_of(words: Words, shown: Sequence[str] | None = None) -> str:
    """The words as a line of a file; `shown` names the keys to write (None = all there are)."""
    args = list(words.args)
    if words.word == "trade":
        args.insert(3, "@")
    keys = [f"{k}={v}" for k, v in words.keys.items() if shown is None or k in shown]
    return " ".join([words.word, *args, *words.flags, *keys])


def expectation_of(words: Words) -> str:
    """The `<` line that a rewrite puts for a report."""
    shown = ("reason",) if "poss_dup" in words.flags else _SHOWN.get(words.word, ())
    return f"< {line_of(words, shown)}"


class Renderer:
    """Words for the events of one run."""

    def __init__(self, venue: Venue, names: OrderNames, parties: Parties) -> None:
        self._venue = venue
        self._names = names
        self._parties = parties
        self._instruments: dict[int, Instrument] = {}

    def reports(self, events: Sequence[Event]) -> list[Words]:
        """The events that a file lists, in order; names and instruments are kept in step."""
        found = []
        for event in events:
            if isinstance(event, e.Accepted | e.Replaced):
                self._names.renamed(event.order.member_id, event.order.cl_ord_id)
            report = self._report(event)
            if report is not None:
                found.append(report)
        return found

    def instrument(self, instrument_id: int) -> Instrument | None:
        """The instrument of that id as it is now."""
        views = self._venue.engine.instruments()
        found = (v.instrument for v in views if v.instrument.instrument_id == instrument_id)
        return next(found, None)

    def symbol(self, instrument_id: int) -> str:
        """The symbol of an instrument."""
        instrument = self.instrument(instrument_id)
        return instrument.symbol if instrument else "?"

    def price(self, value: int, instrument_id: int) -> str:
        """A price, with as many decimals as the tick size has."""
        instrument = self.instrument(instrument_id)
        tick = to_text(instrument.tick_size, PRICE_DECIMALS) if instrument else "1"
        return to_text(value, PRICE_DECIMALS, decimals_of(tick))

    def qty(self, value: int, instrument_id: int) -> str:
        """A quantity in whole units of the instrument."""
        instrument = self.instrument(instrument_id)
        return to_text(value, instrument.qty_decimals if instrument else 0)

    def terms(self, order: OrderState) -> dict[str, str]:
        """What an order is like now."""
        instrument_id = order.instrument_id
        return {
            "qty": self.qty(order.order_qty, instrument_id),
            "cum": self.qty(order.cum_qty, instrument_id),
            "leaves": self.qty(order.leaves_qty, instrument_id),
            "price": self.price(order.price, instrument_id),
        }

    def special_terms(self, order: OrderState, terms: OrderTerms) -> dict[str, str]:
        """The terms of an order as the keys of `new` write them."""
        instrument_id = order.instrument_id
        trail = f"{terms.trail}bp"
        if terms.trail_unit != TrailUnit.BASIS_POINTS:
            trail = self.price(terms.trail, instrument_id)
        return {
            "stop": self.price(terms.stop_price, instrument_id),
            "trail": trail,
            "peg": PegType(terms.peg).name.lower() if terms.peg else "none",
            "offset": self.price(terms.peg_offset, instrument_id),
            "cap": self.price(terms.peg_limit, instrument_id),
            "display": self.qty(terms.display_qty, instrument_id),
            "min_qty": self.qty(terms.min_qty, instrument_id),
            "group": str(terms.stp_group),
            "oco": self._names.shown(order.member_id, terms.oco_cl_ord_id) or "none",
        }

    def _report(self, event: Event) -> Words | None:
        match event:
            case e.Accepted():
                return Words("accepted", (self._name(event.order),), self.terms(event.order))
            case e.Rejected():
                reason = {"reason": RejectReason(event.reason).name}
                keys = self.terms(event.order) | reason
                return Words("rejected", (self._name(event.order),), keys)
            case e.Trade():
                return self._trade(event)
            case e.Canceled():
                return self._left("canceled", event.order, event.canceled_qty, event.reason)
            case e.Expired():
                return self._left("expired", event.order, event.expired_qty, event.reason)
            case e.Replaced():
                orig = self._names.shown(event.order.member_id, event.orig_cl_ord_id)
                priority = "kept" if event.kept_priority else "lost"
                keys = self.terms(event.order) | {"orig": orig, "priority": priority}
                return Words("replaced", (self._name(event.order),), keys)
            case e.Restated():
                reason = {"reason": CancelReason(event.reason).name}
                keys = self.terms(event.order) | reason
                return Words("restated", (self._name(event.order),), keys)
            case e.Triggered():
                by = {"by": self.price(event.trigger_price, event.order.instrument_id)}
                return Words("triggered", (self._name(event.order),), self.terms(event.order) | by)
            case e.TermsChanged():
                keys = self.terms(event.order) | self.special_terms(event.order, event.terms)
                return Words("terms", (self._name(event.order),), keys)
            case e.CancelRejected():
                return self._cancel_rejected(event)
            case e.Repeated():
                return self._repeated(event)
            case _:
                return self._market_report(event)

    def _market_report(self, event: Event) -> Words | None:
        match event:
            case e.MassCanceled():
                member = self._parties.member_name(event.member_id)
                return Words("mass_canceled", (member,), {"count": str(event.canceled_count)})
            case e.PhaseChanged():
                symbol = self.symbol(event.instrument_id)
                why = {"previous": Phase(event.previous).name, "reason": event.reason}
                return Words("phase", (symbol, Phase(event.phase).name), why)
            case e.AdminRejected():
                keys = {"reason": RejectReason(event.reason).name}
                if event.detail:
                    keys["detail"] = event.detail
                flags = ("poss_dup",) if event.repeated else ()
                return Words(
                    "refused", (_STATEMENT_OF[CommandKind(event.command_kind)],), keys, flags
                )
            case e.AdminAccepted():
                if not event.repeated:
                    return None
                return Words("repeated", (_STATEMENT_OF[CommandKind(event.command_kind)],))
            case TradeBusted() | TradeCorrected():
                word = "busted" if isinstance(event, TradeBusted) else "corrected"
                keys = {
                    "qty": self.qty(event.qty, event.instrument_id),
                    "price": self.price(event.price, event.instrument_id),
                    "reason": event.reason,
                }
                return Words(word, (f"T{event.trade_id}",), keys)
            case e.CommandIgnored():
                return Words("ignored", (str(event.kind),))
            case _:
                return market_words(event, self) or money_words(event, self._parties, self)

    def _name(self, order: OrderState) -> str:
        return self._names.shown(order.member_id, order.cl_ord_id)

    def _trade(self, trade: e.Trade) -> Words:
        instrument_id = trade.instrument_id
        args = (
            self._name(trade.buy),
            self._name(trade.sell),
            self.qty(trade.qty, instrument_id),
            self.price(trade.price, instrument_id),
        )
        keys = {
            "id": f"T{trade.trade_id}",
            "aggressor": Side(trade.aggressor).name.lower() if trade.aggressor else "none",
            "buy_leaves": self.qty(trade.buy.leaves_qty, instrument_id),
            "sell_leaves": self.qty(trade.sell.leaves_qty, instrument_id),
            "book": "dark" if is_dark(trade.buy.flags) else "lit",
        }
        return Words("trade", args, keys)

    def _left(self, word: str, order: OrderState, open_qty: int, reason: int) -> Words:
        keys = self.terms(order)
        keys["leaves"] = self.qty(open_qty, order.instrument_id)
        keys["reason"] = CancelReason(reason).name
        return Words(word, (self._name(order),), keys)

    def _cancel_rejected(self, event: e.CancelRejected) -> Words:
        # Without an orig_cl_ord_id it was a mass cancel: it is about no single order.
        orig = event.orig_cl_ord_id
        name = self._names.shown(event.member_id, orig) if orig else "mass_cancel"
        keys = {"reason": RejectReason(event.reason).name}
        if event.ord_status:
            keys["status"] = OrdStatus(event.ord_status).name
        return Words("cancel_rejected", (name,), keys)

    def _repeated(self, event: e.Repeated) -> Words:
        """The original acknowledgement, with `poss_dup` (R10.1)."""
        outcome, order = EventKind(event.outcome), event.order
        member_id, orig = order.member_id, event.orig_cl_ord_id
        name = self._names.shown(member_id, event.cl_ord_id)
        keys = self.terms(order) if order.instrument_id else {}
        if outcome is EventKind.MASS_CANCELED:
            name = self._parties.member_name(member_id)
        elif outcome in _ABOUT_A_REQUEST:
            name = self._names.shown(member_id, orig) if orig else "mass_cancel"
        if event.reason:
            kind = CancelReason if outcome is EventKind.CANCELED else RejectReason
            keys["reason"] = kind(event.reason).name
        return Words(_REPEATED_WORD[outcome], (name,), keys, ("poss_dup",))
