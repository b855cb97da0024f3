"""Limits of accounts, the restricted list and outside figures in a story (R8.3, R8.10).

Room: statements of operators that bound what others may do; a refusal of theirs is a report like
any other. The fields of `limits` are those of `member` (`risk_desk.py`).
"""

from __future__ import annotations

from exchange.model.command import UNKNOWN_ID
from exchange.model.event import Event
from exchange.model.risk import Restriction, RiskReference
from exchange.model.risk_command import (
    Restrict,
    SetAccountLimits,
    SetRiskReference,
    Unrestrict,
)
from exchange.scenario.decimals import to_integer
from exchange.scenario.faults import StatementFault
from exchange.scenario.names import OrderNames
from exchange.scenario.parties import OPERATOR, Parties
from exchange.scenario.risk_desk import account_limits
from exchange.scenario.statement import Words
from exchange.scenario.venue import Venue

_REASON = "scenario"


class LimitDesk:
    """The side of one run that says who may trade what, and how much."""

    def __init__(self, venue: Venue, names: OrderNames, parties: Parties) -> None:
        self._venue = venue
        self._names = names
        self._parties = parties

    def limits(self, words: Words) -> list[Event]:
        """`limits MEMBER [account=NAME] [limit=value ...]`: all limits of one account anew."""
        (member,) = words.args
        account_id = self._parties.account_id(member, words.keys.get("account", member))
        limits = account_limits(account_id, words.keys)
        return self._venue.apply(SetAccountLimits(limits, self._request(words), OPERATOR))

    def restrict(self, words: Words) -> list[Event]:
        """`restrict [member=M] [account=M:NAME] [symbol=ABC] [reason=WHY]` (R8.3)."""
        reason = words.keys.get("reason", _REASON)
        row = self._row(words)
        return self._venue.apply(Restrict(row, self._request(words), OPERATOR, reason))

    def unrestrict(self, words: Words) -> list[Event]:
        """`unrestrict [member=M] [account=M:NAME] [symbol=ABC] [reason=WHY]` (R8.3)."""
        reason = words.keys.get("reason", _REASON)
        row = self._row(words)
        return self._venue.apply(Unrestrict(row, self._request(words), OPERATOR, reason))

    def volume(self, words: Words) -> list[Event]:
        """`adv SYMBOL QTY`: the average daily volume (R8.10); 0 = unknown."""
        symbol, text = words.args
        instrument = self._venue.instrument(symbol)
        decimals = instrument.qty_decimals if instrument else 0
        instrument_id = instrument.instrument_id if instrument else UNKNOWN_ID
        reference = RiskReference(instrument_id, to_integer(text, decimals))
        return self._venue.apply(SetRiskReference(reference, self._request(words), OPERATOR))

    def _row(self, words: Words) -> Restriction:
        keys = words.keys
        member_id = self._parties.member_id(keys["member"]) if "member" in keys else 0
        account_id = instrument_id = 0
        if "account" in keys:
            member, colon, name = keys["account"].partition(":")
            if not colon:
                raise StatementFault("an account is written MEMBER:NAME")
            account_id = self._parties.account_id(member, name)
        if "symbol" in keys:
            instrument = self._venue.instrument(keys["symbol"])
            instrument_id = instrument.instrument_id if instrument else UNKNOWN_ID
        return Restriction(member_id, account_id, instrument_id)

    def _request(self, words: Words) -> str:
        return words.keys.get("request_id", self._names.fresh_request_id())
