"""What operators send: instruments, phases, halts, kill switches, cancels, busts, failover.

Room: statements of operators to admin commands of the model. Each gets a fresh request_id unless
the file gives one (`request_id=` shows what a repeat does, R10.1), and a reason unless it gives one
(`reason=` with nothing behind it shows that one is required).
"""

from __future__ import annotations

from exchange.model.command import (
    UNKNOWN_ID,
    CloseSession,
    CreateInstrument,
    EngageKillSwitch,
    EpochStarted,
    Halt,
    OpenSession,
    OperatorCancel,
    ReleaseKillSwitch,
    Resume,
    SetPhase,
    UpdateInstrument,
)
from exchange.model.corporate_action import SplitInstrument
from exchange.model.enums import AssetClass, KillScope, Phase, Side
from exchange.model.event import AdminAccepted, Event
from exchange.model.risk_command import BustTrade, CorrectTrade
from exchange.model.units import PRICE_DECIMALS
from exchange.scenario.decimals import to_integer
from exchange.scenario.faults import StatementFault
from exchange.scenario.instrument_fields import changed_instrument, new_instrument, number_of
from exchange.scenario.market_desk import MarketDesk
from exchange.scenario.names import OrderNames
from exchange.scenario.order_desk import nanoseconds
from exchange.scenario.parties import OPERATOR, Parties
from exchange.scenario.statement import Words
from exchange.scenario.venue import Venue

_MARKET = "market"
_REASON = "scenario"


class OperatorDesk:
    """The operators' side of one run."""

    def __init__(
        self, venue: Venue, names: OrderNames, parties: Parties, market: MarketDesk
    ) -> None:
        self._venue = venue
        self._market = market
        self._names = names
        self._parties = parties

    def instrument(self, words: Words) -> list[Event]:
        """`instrument SYMBOL ...`: create it, then open it (the default is CONTINUOUS)."""
        (symbol,) = words.args
        instrument = new_instrument(symbol, words.keys)
        events = self._venue.apply(CreateInstrument(instrument, self._request(words), OPERATOR))
        first = events[0]
        if isinstance(first, AdminAccepted) and not first.repeated:
            request_id = self._names.fresh_request_id()
            self._venue.apply(OpenSession(first.target_id, request_id, OPERATOR))
            band = {key: text for key, text in words.keys.items() if key == "dynamic_band"}
            if band:
                events = [*events, *self._market.rules(Words("rules", (symbol,), band))]
        return events

    def update(self, words: Words) -> list[Event]:
        """`update SYMBOL field=value ...`: the other fields stay."""
        (symbol,) = words.args
        former = self._venue.instrument(symbol)
        if former is None:
            raise StatementFault(f"there is no instrument {symbol}")
        instrument = changed_instrument(former, words.keys)
        return self._venue.apply(UpdateInstrument(instrument, self._request(words), OPERATOR))

    def split(self, words: Words) -> list[Event]:
        """`split SYMBOL NEW:OLD [reason=WHY]` (R1.2)."""
        symbol, ratio = words.args
        num, colon, den = ratio.partition(":")
        if not colon or not num.isdecimal() or not den.isdecimal():
            raise StatementFault(f"a ratio is written 2:1, not {ratio!r}")
        reason = words.keys.get("reason", _REASON)
        terms = (self._instrument_id(symbol), int(num), int(den), self._request(words))
        return self._venue.apply(SplitInstrument(*terms, OPERATOR, reason))

    def phase_setup(self, words: Words) -> list[Event]:
        """`phase SYMBOL PHASE` without `>`: nothing happens if it is in that phase already."""
        symbol, phase = words.args
        if self._venue.phase(symbol) == number_of(Phase, phase, "trading phase"):
            return []
        return self.phase(words)

    def phase(self, words: Words) -> list[Event]:
        """`> phase SYMBOL PHASE`."""
        symbol, phase = words.args
        number = number_of(Phase, phase, "trading phase")
        return self._venue.apply(
            SetPhase(self._instrument_id(symbol), number, self._request(words), OPERATOR)
        )

    def time(self, words: Words) -> list[Event]:
        """`time +5m`: an entry without commands, at the later time."""
        self._venue.advance(nanoseconds(words.args[0]))
        return self._venue.apply(None)

    def halt(self, words: Words) -> list[Event]:
        """`halt SCOPE [reason=] [cancel]` (R7.4, R7.5)."""
        instrument_id, asset_class = self._scope(words)
        cancel = int("cancel" in words.flags)
        request_id, reason = self._request(words), words.keys.get("reason", _REASON)
        return self._venue.apply(
            Halt(instrument_id, asset_class, cancel, request_id, OPERATOR, reason)
        )

    def resume(self, words: Words) -> list[Event]:
        """`resume SCOPE [reason=] [direct]` (R7.4)."""
        instrument_id, asset_class = self._scope(words)
        direct = int("direct" in words.flags)
        request_id, reason = self._request(words), words.keys.get("reason", _REASON)
        return self._venue.apply(
            Resume(instrument_id, asset_class, direct, request_id, OPERATOR, reason)
        )

    def kill(self, words: Words) -> list[Event]:
        """`kill SCOPE` (R9.1)."""
        scope, target_id = self._kill_scope(words)
        request_id, reason = self._request(words), words.keys.get("reason", _REASON)
        return self._venue.apply(EngageKillSwitch(scope, target_id, request_id, OPERATOR, reason))

    def release(self, words: Words) -> list[Event]:
        """`release SCOPE` (R9.1)."""
        scope, target_id = self._kill_scope(words)
        request_id, reason = self._request(words), words.keys.get("reason", _REASON)
        return self._venue.apply(ReleaseKillSwitch(scope, target_id, request_id, OPERATOR, reason))

    def open_session(self, words: Words) -> list[Event]:
        """`open_session SYMBOL|market` (R2)."""
        (scope,) = words.args
        instrument_id = 0 if scope == _MARKET else self._instrument_id(scope)
        return self._venue.apply(OpenSession(instrument_id, self._request(words), OPERATOR))

    def close_session(self, words: Words) -> list[Event]:
        """`close_session SYMBOL|market`; for the market the trading day ends (R2, R10.1)."""
        (scope,) = words.args
        instrument_id = 0 if scope == _MARKET else self._instrument_id(scope)
        return self._venue.apply(CloseSession(instrument_id, self._request(words), OPERATOR))

    def cancel_all(self, words: Words) -> list[Event]:
        """`cancel_all [member=] [account=] [symbol=] [side=]` (R9.2 by an operator)."""
        keys = words.keys
        command = OperatorCancel(
            member_id=self._parties.member_id(keys["member"]) if "member" in keys else 0,
            account_id=self._account_id(keys["account"]) if "account" in keys else 0,
            instrument_id=self._instrument_id(keys["symbol"]) if "symbol" in keys else 0,
            side=number_of(Side, keys["side"], "side") if "side" in keys else 0,
            request_id=self._request(words),
            operator=OPERATOR,
            reason=keys.get("reason", _REASON),
        )
        return self._venue.apply(command)

    def failover(self, _words: Words) -> list[Event]:
        """`failover`: another node leads from here on; all client sessions are lost (R9.2)."""
        self._venue.epoch += 1
        events = self._venue.apply(EpochStarted(self._venue.epoch, f"node-{self._venue.epoch}"))
        self._parties.forget_sessions()
        return events

    def bust(self, words: Words) -> list[Event]:
        """`bust TRADE` (R9.4)."""
        trade_id, reason = _trade_id(words.args[0]), words.keys.get("reason", _REASON)
        return self._venue.apply(BustTrade(trade_id, self._request(words), OPERATOR, reason))

    def correct(self, words: Words) -> list[Event]:
        """`correct TRADE [qty=] [price=]` (R9.4)."""
        keys = words.keys
        trade_id = _trade_id(words.args[0])
        trade = self._venue.engine.trade(trade_id)
        views = self._venue.engine.instruments()
        decimals = {v.instrument.instrument_id: v.instrument.qty_decimals for v in views}
        command = CorrectTrade(
            trade_id=trade_id,
            price=to_integer(keys["price"], PRICE_DECIMALS) if "price" in keys else 0,
            qty=to_integer(keys["qty"], decimals[trade.instrument_id] if trade else 0)
            if "qty" in keys
            else 0,
            request_id=self._request(words),
            operator=OPERATOR,
            reason=keys.get("reason", _REASON),
        )
        return self._venue.apply(command)

    def _request(self, words: Words) -> str:
        request_id = words.keys.get("request_id")
        return self._names.fresh_request_id() if request_id is None else request_id

    def _instrument_id(self, symbol: str) -> int:
        instrument = self._venue.instrument(symbol)
        return instrument.instrument_id if instrument else UNKNOWN_ID

    def _account_id(self, account: str) -> int:
        """An account by OWNER:NAME; a name alone is the account that a member is born with."""
        owner, _, name = account.partition(":")
        return self._parties.account_id(owner, name or owner)

    def _scope(self, words: Words) -> tuple[int, int]:
        """Instrument and asset class of a halt or resume; both 0 for the whole market."""
        asset_class = words.keys.get("asset_class")
        if (asset_class is None) == (not words.args):
            raise StatementFault("expected one scope: SYMBOL, market or asset_class=...")
        if asset_class is not None:
            return 0, number_of(AssetClass, asset_class, "asset class")
        (scope,) = words.args
        return (0 if scope == _MARKET else self._instrument_id(scope)), 0

    def _kill_scope(self, words: Words) -> tuple[int, int]:
        scopes = [key for key in words.keys if key.upper() in KillScope.__members__]
        if len(scopes) + len(words.flags) != 1:
            raise StatementFault(
                "expected one scope: session=, account=, member=, instrument= or market"
            )
        if not scopes:
            return KillScope.MARKET, 0
        (key,) = scopes
        target = words.keys[key]
        match key:
            case "session":
                return KillScope.SESSION, self._parties.open_session_of(target)
            case "account":
                return KillScope.ACCOUNT, self._account_id(target)
            case "member":
                return KillScope.MEMBER, self._parties.member_id(target)
            case _:
                return KillScope.INSTRUMENT, self._instrument_id(target)


def _trade_id(name: str) -> int:
    """T1, T2 ... number the trades of the file in order, as the engine does."""
    if not name.startswith("T") or to_integer(name[1:], 0) < 1:
        raise StatementFault(f"{name!r} is no trade; expected T1, T2 ...")
    return to_integer(name[1:], 0)
