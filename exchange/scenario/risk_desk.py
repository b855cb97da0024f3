"""Limits, money and securities in a story: R8 and R9.3 statements to commands of the model.

Room: the fields of `member` that set limits, and deposits, deliveries and the emergency close.
Amounts are decimal numbers of the currency; percentages as `5%`.
"""

from __future__ import annotations

from collections.abc import Mapping

from exchange.model.event import Event
from exchange.model.risk import (
    AccountFlag,
    AccountLimits,
    AccountType,
    CashDirection,
    FeeSchedule,
    MemberLimits,
    Restriction,
)
from exchange.model.risk_command import (
    AdjustCash,
    AdjustPosition,
    EmergencyClose,
    Restrict,
    SetAccountLimits,
    SetFeeSchedule,
    SetMemberLimits,
)
from exchange.model.units import PRICE_DECIMALS
from exchange.scenario.decimals import to_integer
from exchange.scenario.faults import StatementFault
from exchange.scenario.names import OrderNames
from exchange.scenario.order_desk import nanoseconds
from exchange.scenario.parties import OPERATOR, Parties
from exchange.scenario.statement import Words
from exchange.scenario.venue import Venue

CASH_DECIMALS = 18
_REASON = "scenario"
_TYPES = {"cash": AccountType.CASH.value, "margin": AccountType.MARGIN.value}
_PERCENTS = {
    "collar": "collar_bp",
    "concentration": "concentration_bp",
    "adv": "adv_bp",
    "initial_margin": "initial_margin_bp",
    "maintenance_margin": "maintenance_margin_bp",
}
_QUANTITIES = {"position_limit": "max_position", "max_order_qty": "max_order_qty"}
_AMOUNTS = {"credit_limit": "credit_limit", "max_order_notional": "max_order_notional"}
_RATES = ("order_rate", "order_burst", "session_rate", "session_burst", "fee_tier")
_FLAGS = {"retail": AccountFlag.RETAIL, "pdt": AccountFlag.PATTERN_DAY_TRADER}


class RiskDesk:
    """The side of one run that sets limits and moves money."""

    def __init__(self, venue: Venue, names: OrderNames, parties: Parties) -> None:
        self._venue = venue
        self._names = names
        self._parties = parties

    def member(self, words: Words) -> list[Event]:
        """`member NAME [field=value ...]`: standing as ever, and the limits of its first account.

        All limits that a statement does not name are none.
        """
        events = self._parties.set_member(words)
        (name,) = words.args
        member_id = self._parties.member_id(name)
        account_id = self._parties.account_id(name, name)
        limits = account_limits(account_id, words.keys)
        if not limits.is_empty():
            events += self._venue.apply(SetAccountLimits(limits, self._fresh(), OPERATOR))
        rates = {key: _whole(words.keys[key]) for key in _RATES if key in words.keys}
        if rates:
            command = SetMemberLimits(MemberLimits(member_id, **rates), self._fresh(), OPERATOR)
            events += self._venue.apply(command)
        if _is_yes(words.keys.get("restricted", "no")):
            row = Restriction(member_id, 0, 0)
            events += self._venue.apply(Restrict(row, self._fresh(), OPERATOR, _REASON))
        return events

    def deposit(self, words: Words) -> list[Event]:
        """`deposit MEMBER CURRENCY AMOUNT`; a negative amount is a withdrawal."""
        member, currency, text = words.args
        amount = to_integer(text.removeprefix("-"), CASH_DECIMALS)
        account_id = self._parties.account_id(member, words.keys.get("account", member))
        direction = _direction(text)
        command = AdjustCash(
            account_id, direction, amount, self._fresh(), OPERATOR, currency, _REASON
        )
        return self._venue.apply(command)

    def deliver(self, words: Words) -> list[Event]:
        """`deliver MEMBER SYMBOL QTY [cost=10.00]`; a negative quantity is taken away."""
        member, symbol, text = words.args
        instrument = self._venue.instrument(symbol)
        if instrument is None:
            raise StatementFault(f"no instrument {symbol!r} so far")
        qty = to_integer(text.removeprefix("-"), instrument.qty_decimals)
        account_id = self._parties.account_id(member, words.keys.get("account", member))
        price = to_integer(words.keys.get("cost", "0"), PRICE_DECIMALS)
        terms = (account_id, instrument.instrument_id, _direction(text), qty, price)
        return self._venue.apply(AdjustPosition(*terms, self._fresh(), OPERATOR, _REASON))

    def fees(self, words: Words) -> list[Event]:
        """`fees SYMBOL|market [maker=-1bp] [taker=3bp] [auction=1bp] [tier=0]`."""
        (symbol,) = words.args
        instrument = self._venue.instrument(symbol) if symbol != "market" else None
        if instrument is None and symbol != "market":
            raise StatementFault(f"no instrument {symbol!r} so far")
        schedule = FeeSchedule(
            instrument.instrument_id if instrument else 0,
            _whole(words.keys.get("tier", "0")),
            *(_ppm(words.keys.get(key, "0bp")) for key in ("maker", "taker", "auction")),
        )
        return self._venue.apply(SetFeeSchedule(schedule, self._fresh(), OPERATOR))

    def emergency_close(self, words: Words) -> list[Event]:
        """`emergency_close [reason=WHY]` (R9.3); all sessions end."""
        reason = words.keys.get("reason", _REASON)
        events = self._venue.apply(EmergencyClose(self._fresh(), OPERATOR, reason))
        self._parties.forget_sessions()
        return events

    def _fresh(self) -> str:
        return self._names.fresh_request_id()


def account_limits(account_id: int, keys: Mapping[str, str]) -> AccountLimits:
    """The limits that the fields of a statement name; all others are none."""
    fields = {field: _basis_points(keys[key]) for key, field in _PERCENTS.items() if key in keys}
    fields |= {field: _whole(keys[key]) for key, field in _QUANTITIES.items() if key in keys}
    for key, field in _AMOUNTS.items():
        if key in keys:
            fields[field] = to_integer(keys[key], CASH_DECIMALS)
    for key, flag in _FLAGS.items():
        if _is_yes(keys.get(key, "no")):
            fields["flags"] = fields.get("flags", 0) | flag
    if "type" in keys:
        if keys["type"] not in _TYPES:
            raise StatementFault(f"type is cash or margin, not {keys['type']!r}")
        fields["account_type"] = _TYPES[keys["type"]]
    if "call_grace" in keys:
        fields["call_grace_ns"] = nanoseconds(keys["call_grace"])
    return AccountLimits(account_id, **fields)


def _direction(text: str) -> int:
    return (CashDirection.WITHDRAWAL if text.startswith("-") else CashDirection.DEPOSIT).value


def _is_yes(text: str) -> bool:
    if text not in {"yes", "no"}:
        raise StatementFault(f"expected yes or no, not {text!r}")
    return text == "yes"


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise StatementFault(f"{text!r} is not a whole number")
    return int(text)


def _basis_points(text: str) -> int:
    if not text.endswith("%"):
        raise StatementFault(f"expected a percentage like 5%, not {text!r}")
    return to_integer(text[:-1], 2)


def _ppm(text: str) -> int:
    if not text.endswith("bp"):
        raise StatementFault(f"expected basis points like 3bp, not {text!r}")
    sign = -1 if text.startswith("-") else 1
    return sign * to_integer(text[:-2].removeprefix("-"), 2)
