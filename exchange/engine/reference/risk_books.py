"""The part of the state that R8 adds: limits, money, holdings, reservations, trades of the day.

Room: data and the mutations that keep it in step; rules live in `risk.py`, `margin.py`, `bust.py`.

- `cash` is what an account has per currency, in cash units; account 0 is the venue, which gets the
  fees. A balance of zero is not kept. The sum over all accounts is what deposits and withdrawals
  brought (I7 for money): each trade, fee and correction adds up to nothing.
- `holdings` adds cost and result to the quantities of `State.positions`. A cost has the sign of
  the position; `cost == sum of signed notionals + realised`, exactly.
- `trades` are those of this trading day, for busts and corrections (R9.4).
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from exchange.engine.reference.exposure import Exposures
from exchange.model.risk import (
    AccountLimits,
    AccountType,
    FeeSchedule,
    MemberLimits,
    Restriction,
)

VENUE = 0
"""The venue's own account in `cash`; accounts of members count from 1."""

DAY_TRADE_DAYS = 5
"""Trading days over which day trades count (R8.13; FINRA rule 4210(f)(8)(B))."""


BUSTED = 1
FINAL = 2


class Holding(msgspec.Struct, gc=False):
    """What a position cost and brought.

    Attributes:
        cost: of the position at average cost, cash units, signed like the position.
        realised: gains less losses of what was closed, cash units, fees not counted.
        opened_qty: signed base units of the position that were opened today.
        closing_order_id: the order that closed some of it today last: one order, one day trade.
    """

    cost: int = 0
    realised: int = 0
    opened_qty: int = 0
    closing_order_id: int = 0


class TradeRecord(msgspec.Struct, gc=False):
    """A trade of this day as it stands after corrections; what a bust must undo.

    `is_busted`: 0 = it stands, `BUSTED`, or `FINAL` (its instrument was split since). `scale` is
    cash units per price unit and base unit, `realised` what the trade added to each
    side's result, fees what each side paid.
    """

    trade_id: int
    instrument_id: int
    price: int
    qty: int
    aggressor: int
    is_busted: int
    is_future: int
    scale: int
    buy_order_id: int
    sell_order_id: int
    buy_account_id: int
    sell_account_id: int
    buy_realised: int
    sell_realised: int
    buy_fee: int
    sell_fee: int
    currency: str


class Bucket(msgspec.Struct, gc=False):
    """A token bucket: `level` in tokens times 1e9, as of `ts_ns` (`rate.py`)."""

    level: int
    ts_ns: int


class Call(NamedTuple):
    """An open margin call."""

    account_id: int
    currency: str
    deadline_ts_ns: int


class RiskBooks:
    """All of it; dicts are read in sorted order wherever order matters."""

    def __init__(self) -> None:
        self.account_limits: dict[int, AccountLimits] = {}
        self.member_limits: dict[int, MemberLimits] = {}
        self.fees: dict[tuple[int, int], FeeSchedule] = {}
        self.adv_qty: dict[int, int] = {}
        self.restrictions: set[Restriction] = set()
        self.cash: dict[int, dict[str, int]] = {}
        self.holdings: dict[int, dict[int, Holding]] = {}
        self.exposures = Exposures()
        self.trades: dict[int, TradeRecord] = {}
        self.member_buckets: dict[int, Bucket] = {}
        self.session_buckets: dict[int, Bucket] = {}
        self.day_trades: dict[int, dict[int, int]] = {}
        self.calls: dict[tuple[int, str], Call] = {}
        self.margin_accounts: set[int] = set()
        self.sweep_ts_ns = 0
        self.is_emergency = 0

    def put_account_limits(self, limits: AccountLimits) -> None:
        """Keep the limits of an account, or none where they bound nothing."""
        account_id = limits.account_id
        if limits.is_empty():
            self.account_limits.pop(account_id, None)
        else:
            self.account_limits[account_id] = limits
        if limits.account_type == AccountType.MARGIN:
            self.margin_accounts.add(account_id)
        else:
            self.margin_accounts.discard(account_id)

    def balance(self, account_id: int, currency: str) -> int:
        """Cash of an account in a currency."""
        return self.cash.get(account_id, _NO_CASH).get(currency, 0)

    def add_cash(self, account_id: int, currency: str, amount: int) -> None:
        """Add a signed amount; a balance of zero is not kept."""
        if not amount:
            return
        balances = self.cash.setdefault(account_id, {})
        now = balances.get(currency, 0) + amount
        if now:
            balances[currency] = now
            return
        balances.pop(currency, None)
        if not balances:
            del self.cash[account_id]

    def holding(self, account_id: int, instrument_id: int) -> Holding:
        """The holding of an account in an instrument, begun if there is none."""
        of_account = self.holdings.setdefault(account_id, {})
        held = of_account.get(instrument_id)
        if held is None:
            held = of_account[instrument_id] = Holding()
        return held

    def cost(self, account_id: int, instrument_id: int) -> int:
        """What a position cost, signed like the position; 0 where there is none."""
        held = self.holdings.get(account_id, _NO_HOLDINGS).get(instrument_id)
        return held.cost if held else 0

    def day_trade_count(self, account_id: int) -> int:
        """Day trades of the last `DAY_TRADE_DAYS` trading days, this one included."""
        return sum(self.day_trades.get(account_id, {}).values())

    def begin_trading_day(self, trading_day: int) -> None:
        """Forget the trades of the day before, and the day trades of more than five days ago."""
        self.trades = {}
        for holdings in self.holdings.values():
            for held in holdings.values():
                held.opened_qty = held.closing_order_id = 0
        oldest = trading_day - DAY_TRADE_DAYS + 1
        for account_id, days in list(self.day_trades.items()):
            kept = {day: count for day, count in days.items() if day >= oldest}
            if kept:
                self.day_trades[account_id] = kept
            else:
                del self.day_trades[account_id]


_NO_CASH: dict[str, int] = {}
_NO_HOLDINGS: dict[int, Holding] = {}
