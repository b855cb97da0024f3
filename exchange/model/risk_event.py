"""Events of risk, money and corrections (RULEBOOK R8, R9.3, R9.4).

Room: frozen values beside `exchange.model.event`, where the numbers of the kinds stand. Amounts
are in cash units (1e-18 of the currency); a signed amount is from the account's point of view:
what it gets is positive. Cash follows from events alone: a Trade moves its notional from buyer to
seller (futures excepted, see `VariationSettled`), everything else that moves money is one of these.
"""

from __future__ import annotations

import msgspec

from exchange.model.order_state import OrderState
from exchange.model.risk import (
    AccountLimits,
    FeeSchedule,
    MemberLimits,
    Restriction,
    RiskReference,
)


class AccountLimitsChanged(msgspec.Struct, frozen=True, gc=False):
    """The limits of an account as they are now."""

    limits: AccountLimits


class MemberLimitsChanged(msgspec.Struct, frozen=True, gc=False):
    """Order rates and fee tier of a member as they are now."""

    limits: MemberLimits


class FeeScheduleChanged(msgspec.Struct, frozen=True, gc=False):
    """Fees of an instrument and tier as they are now."""

    schedule: FeeSchedule


class RiskReferenceChanged(msgspec.Struct, frozen=True, gc=False):
    """Outside figures about an instrument as they are now."""

    reference: RiskReference


class RestrictionChanged(msgspec.Struct, frozen=True, gc=False):
    """A row came on (1) or left (0) the restricted list."""

    restricted: int
    restriction: Restriction
    operator: str
    reason: str


class CashAdjusted(msgspec.Struct, frozen=True, gc=False):
    """Money came or left; `balance` is what the account has now in that currency."""

    account_id: int
    amount: int
    balance: int
    currency: str
    operator: str
    reason: str


class PositionAdjusted(msgspec.Struct, frozen=True, gc=False):
    """Securities came or left; `qty` is signed, `position` what the account has now."""

    account_id: int
    instrument_id: int
    qty: int
    price: int
    position: int
    operator: str
    reason: str


class TradeFees(msgspec.Struct, frozen=True, gc=False):
    """Fees of the trade just before, what each side pays to the venue; negative = a rebate."""

    trade_id: int
    buy_account_id: int
    sell_account_id: int
    buy_fee: int
    sell_fee: int
    currency: str


class TradeBusted(msgspec.Struct, frozen=True, gc=False):
    """R9.4: the trade never was, for positions, cash and fees; fees given back as they were.

    `buy` and `sell` are its orders as they are now: they keep their quantities.
    """

    trade_id: int
    instrument_id: int
    price: int
    qty: int
    buy_fee: int
    sell_fee: int
    buy: OrderState
    sell: OrderState
    currency: str
    operator: str
    reason: str


class TradeCorrected(msgspec.Struct, frozen=True, gc=False):
    """R9.4: the trade now has `price` and `qty` and these fees instead of the former ones.

    `buy` and `sell` are its orders as they are now: they keep their quantities.
    """

    trade_id: int
    instrument_id: int
    former_price: int
    former_qty: int
    price: int
    qty: int
    former_buy_fee: int
    former_sell_fee: int
    buy_fee: int
    sell_fee: int
    buy: OrderState
    sell: OrderState
    currency: str
    operator: str
    reason: str


class VariationSettled(msgspec.Struct, frozen=True, gc=False):
    """Futures: an account's position was marked to `price`, and `amount` paid to it in cash.

    A future's trade moves no notional; its gain or loss is paid at the end of the trading day, and
    for what is closed at once. `qty` is the position marked, 0 for what a trade closed.
    """

    account_id: int
    instrument_id: int
    price: int
    qty: int
    amount: int
    currency: str


class MarginCall(msgspec.Struct, frozen=True, gc=False):
    """A margin account fell below maintenance, came back, or was liquidated (`status`).

    `equity` and `requirement` are as judged; `deadline_ts_ns` is when liquidation begins, 0 where
    there is none.
    """

    account_id: int
    status: int
    deadline_ts_ns: int
    equity: int
    requirement: int
    currency: str


class EmergencyClosed(msgspec.Struct, frozen=True, gc=False):
    """R9.3: last event of an emergency close; the state after it is what the dump holds.

    `log_index` is the entry whose end the dump shows.
    """

    log_index: int
    canceled_count: int
    session_count: int
    operator: str
    reason: str


RiskEvent = (
    AccountLimitsChanged
    | MemberLimitsChanged
    | FeeScheduleChanged
    | RiskReferenceChanged
    | RestrictionChanged
    | CashAdjusted
    | PositionAdjusted
    | TradeFees
    | TradeBusted
    | TradeCorrected
    | VariationSettled
    | MarginCall
    | EmergencyClosed
)
