"""A recorder with the operator's desk for money and limits, for tests of R8 and R9.

Room: shorthand for risk commands and for reading money back. One unit of money here is one unit of
ABC at a price of 1, which is 10**9 cash units: `UNIT`.
"""

from __future__ import annotations

from typing import Any

from exchange.engine.risk_views import BalanceView, HoldingView
from exchange.model import risk_command as rc
from exchange.model.risk import (
    AccountLimits,
    CashDirection,
    FeeSchedule,
    MemberLimits,
    Restriction,
    RiskReference,
)
from tests.recorder import Recorder

UNIT = 10**9
DEPOSIT = CashDirection.DEPOSIT.value
WITHDRAWAL = CashDirection.WITHDRAWAL.value


class RiskDesk(Recorder):
    """The open market of `Recorder.open_market` with an operator who sets limits."""

    def tail(self) -> tuple[str, str]:
        """A fresh request_id, and the operator."""
        return self.request_id(), "op"

    def limit(self, account_id: int, **fields: Any) -> list[str]:
        """Set all limits of an account."""
        return self.told(rc.SetAccountLimits(AccountLimits(account_id, **fields), *self.tail()))

    def limit_member(self, member_id: int, **fields: Any) -> list[str]:
        """Set rates and tier of a member."""
        return self.told(rc.SetMemberLimits(MemberLimits(member_id, **fields), *self.tail()))

    def fees(
        self, maker: int, taker: int, *, instrument: int = 0, tier: int = 0, auction: int = 0
    ) -> list[str]:
        """Set a fee schedule, millionths."""
        schedule = FeeSchedule(instrument, tier, maker, taker, auction)
        return self.told(rc.SetFeeSchedule(schedule, *self.tail()))

    def volume(self, adv_qty: int, instrument_id: int = 1) -> list[str]:
        """Set the average daily volume."""
        reference = RiskReference(instrument_id, adv_qty)
        return self.told(rc.SetRiskReference(reference, *self.tail()))

    def restrict(self, member: int = 0, account: int = 0, instrument: int = 0) -> list[str]:
        """Put a row on the restricted list."""
        row = Restriction(member, account, instrument)
        return self.told(rc.Restrict(row, *self.tail(), "insider"))

    def unrestrict(self, member: int = 0, account: int = 0, instrument: int = 0) -> list[str]:
        """Take a row off the restricted list."""
        row = Restriction(member, account, instrument)
        return self.told(rc.Unrestrict(row, *self.tail(), "cleared"))

    def pay(self, account_id: int, units: int, currency: str = "USD") -> list[str]:
        """Deposit (or, negative, withdraw) money."""
        direction = DEPOSIT if units >= 0 else WITHDRAWAL
        amount = abs(units) * UNIT
        return self.told(
            rc.AdjustCash(account_id, direction, amount, *self.tail(), currency, "wire")
        )

    def deliver(
        self, account_id: int, qty: int, price: int = 1_000, instrument_id: int = 1
    ) -> list[str]:
        """Deliver (or, negative, take away) securities."""
        direction = DEPOSIT if qty >= 0 else WITHDRAWAL
        terms = (account_id, instrument_id, direction, abs(qty), price)
        return self.told(rc.AdjustPosition(*terms, *self.tail(), "transfer"))

    def bust(self, trade_id: int) -> list[str]:
        """Bust a trade."""
        return self.told(rc.BustTrade(trade_id, *self.tail(), "error"))

    def correct(self, trade_id: int, price: int = 0, qty: int = 0) -> list[str]:
        """Correct a trade."""
        return self.told(rc.CorrectTrade(trade_id, price, qty, *self.tail(), "error"))

    def balance(self, account_id: int, currency: str = "USD") -> BalanceView:
        """An account in a currency; zeros if it has none."""
        view = self.engine.portfolio(account_id)
        if view is None:
            raise AssertionError(f"no account {account_id}")
        found = [one for one in view.balances if one.currency == currency]
        return found[0] if found else BalanceView(currency, 0, 0, 0, 0, 0, 0, 0, 0)

    def cash(self, account_id: int, currency: str = "USD") -> int:
        """Cash of an account, in UNITs; it must be a whole number of them."""
        units, rest = divmod(self.balance(account_id, currency).cash, UNIT)
        if rest:
            raise AssertionError(f"{rest} cash units left over")
        return units

    def holding(self, account_id: int, instrument_id: int = 1) -> HoldingView:
        """An account in an instrument; zeros if there is nothing."""
        view = self.engine.portfolio(account_id)
        if view is None:
            raise AssertionError(f"no account {account_id}")
        found = [one for one in view.holdings if one.instrument_id == instrument_id]
        return found[0] if found else HoldingView(instrument_id, 0, 0, 0, 0, 0, 0, 0)


def risk_desk(*instruments: Any) -> RiskDesk:
    """A desk in front of an open market."""
    desk = RiskDesk()
    desk.open_market(*instruments)
    return desk
