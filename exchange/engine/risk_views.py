"""Views of accounts, money and trades that an engine shows (beside those of `port.py`).

Room: named tuples. Amounts are cash units, 1e-18 of the currency; quantities base units, signed
where they are positions; prices 1e-9 quote units.
"""

from __future__ import annotations

from typing import NamedTuple

from exchange.model.risk import AccountLimits, FeeSchedule, MemberLimits, Restriction, RiskReference


class BalanceView(NamedTuple):
    """An account in one currency; requirements are 0 unless it is a margin account.

    `call_deadline_ts_ns` is 0 unless it is in a margin call.
    """

    currency: str
    cash: int
    reserved: int
    buying_power: int
    equity: int
    gross_value: int
    initial_margin: int
    maintenance_margin: int
    call_deadline_ts_ns: int


class HoldingView(NamedTuple):
    """An account in one instrument: position, cost, results, open orders."""

    instrument_id: int
    qty: int
    cost: int
    realised: int
    unrealised: int
    mark: int
    open_buy_qty: int
    open_sell_qty: int


class PortfolioView(NamedTuple):
    """One account: limits (zeros = none), money by currency, holdings by instrument."""

    account_id: int
    limits: AccountLimits
    balances: list[BalanceView]
    holdings: list[HoldingView]
    day_trades: int


class TradeView(NamedTuple):
    """A trade of this trading day, after corrections; fees are what each side paid.

    `is_busted`: 0 = it stands, 1 = busted, 2 = final, as its instrument was split since.
    """

    trade_id: int
    instrument_id: int
    price: int
    qty: int
    buy_account_id: int
    sell_account_id: int
    buy_fee: int
    sell_fee: int
    is_busted: int
    currency: str


class RiskView(NamedTuple):
    """All limits, fees, figures and the restricted list, each in the order of its ids."""

    account_limits: list[AccountLimits]
    member_limits: list[MemberLimits]
    fee_schedules: list[FeeSchedule]
    references: list[RiskReference]
    restrictions: list[Restriction]
