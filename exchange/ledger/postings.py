"""Events into transactions: which accounts an event moves, and by how much.

Room: pure functions of one event and the terms of its instruments. Each side of a trade is booked
from its own order, so an event whose two sides do not fit each other does not sum to zero.

| event             | postings                                                                     |
|-------------------|------------------------------------------------------------------------------|
| Trade             | securities to the buyer from the seller; the notional back (futures: none)   |
| TradeFees         | from both sides to FEES; rebates the other way                               |
| TradeBusted       | the trade and its fees, taken back                                           |
| TradeCorrected    | the former trade and fees taken back, those of now booked                    |
| VariationSettled  | to the account from CLEARING                                                 |
| CashAdjusted      | to the account from BANK                                                     |
| PositionAdjusted  | to the account from DEPOSITORY                                               |
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple

from exchange.ledger.accounts import Kind, Posting, Unit, money, security
from exchange.model.enums import AssetClass
from exchange.model.event import Event, OrderState, Trade
from exchange.model.instrument import Instrument
from exchange.model.risk_event import (
    CashAdjusted,
    PositionAdjusted,
    TradeBusted,
    TradeCorrected,
    TradeFees,
    VariationSettled,
)
from exchange.model.units import cash_scale


class EntryKind(IntEnum):
    """What a transaction is about."""

    TRADE = 1
    FEES = 2
    BUST = 3
    CORRECTION = 4
    VARIATION = 5
    CASH = 6
    DELIVERY = 7


class Terms(NamedTuple):
    """What turns a price into money: cash units per price unit and base unit, and the currency."""

    currency: str
    scale: int
    is_future: bool


TermsOf = Callable[[int], Terms]
"""The terms of an instrument by its id."""


class Transaction(NamedTuple):
    """What one event books; `trade_id` 0 where no trade is meant, `reason` an operator's."""

    kind: EntryKind
    trade_id: int
    reason: str
    postings: tuple[Posting, ...]

    def imbalances(self) -> dict[Unit, int]:
        """Units that do not sum to zero, and their sums; empty for what double entry is."""
        sums: dict[Unit, int] = {}
        for account, amount in self.postings:
            unit = account.unit
            sums[unit] = sums.get(unit, 0) + amount
        if not any(sums.values()):
            return {}
        return {unit: amount for unit, amount in sums.items() if amount}


def terms_of(instrument: Instrument) -> Terms:
    """The terms that the ledger needs of an instrument."""
    return Terms(
        instrument.currency,
        cash_scale(instrument.qty_decimals, instrument.contract_multiplier),
        instrument.asset_class == AssetClass.FUTURE,
    )


def transaction_of(event: Event, terms: TermsOf) -> Transaction | None:
    """The transaction of an event; None for an event that moves nothing."""
    match event:
        case Trade(trade_id=trade_id, price=price, qty=qty):
            sides = _sides(event.buy, event.sell, price, qty, terms)
            return Transaction(EntryKind.TRADE, trade_id, "", sides)
        case TradeFees(trade_id=trade_id):
            accounts = (event.buy_account_id, event.sell_account_id)
            fees = _fees(accounts, (event.buy_fee, event.sell_fee), event.currency)
            return Transaction(EntryKind.FEES, trade_id, "", fees)
        case TradeBusted():
            return _bust(event, terms)
        case TradeCorrected():
            return _correction(event, terms)
        case VariationSettled(account_id=account_id, amount=amount, currency=currency):
            paid = (
                money(Kind.MEMBER, currency, amount, account_id),
                money(Kind.CLEARING, currency, -amount),
            )
            return Transaction(EntryKind.VARIATION, 0, "", paid)
        case CashAdjusted(account_id=account_id, amount=amount, currency=currency):
            moved = (
                money(Kind.MEMBER, currency, amount, account_id),
                money(Kind.BANK, currency, -amount),
            )
            return Transaction(EntryKind.CASH, 0, event.reason, moved)
        case PositionAdjusted(account_id=account_id, instrument_id=number, qty=qty):
            moved = (
                security(Kind.MEMBER, number, qty, account_id),
                security(Kind.DEPOSITORY, number, -qty),
            )
            return Transaction(EntryKind.DELIVERY, 0, event.reason, moved)
        case _:
            return None


def _bust(event: TradeBusted, terms: TermsOf) -> Transaction:
    accounts = (event.buy.account_id, event.sell.account_id)
    postings = (
        *_sides(event.buy, event.sell, event.price, -event.qty, terms),
        *_fees(accounts, (-event.buy_fee, -event.sell_fee), event.currency),
    )
    return Transaction(EntryKind.BUST, event.trade_id, event.reason, postings)


def _correction(event: TradeCorrected, terms: TermsOf) -> Transaction:
    accounts = (event.buy.account_id, event.sell.account_id)
    former = (-event.former_buy_fee, -event.former_sell_fee)
    postings = (
        *_sides(event.buy, event.sell, event.former_price, -event.former_qty, terms),
        *_fees(accounts, former, event.currency),
        *_sides(event.buy, event.sell, event.price, event.qty, terms),
        *_fees(accounts, (event.buy_fee, event.sell_fee), event.currency),
    )
    return Transaction(EntryKind.CORRECTION, event.trade_id, event.reason, postings)


def _sides(
    buy: OrderState, sell: OrderState, price: int, qty: int, terms: TermsOf
) -> tuple[Posting, ...]:
    return (*_side(buy, price, qty, terms), *_side(sell, price, -qty, terms))


def _side(order: OrderState, price: int, qty: int, terms: TermsOf) -> tuple[Posting, ...]:
    """What one side gets (`qty` > 0) or gives, by its own order."""
    currency, scale, is_future = terms(order.instrument_id)
    got = security(Kind.MEMBER, order.instrument_id, qty, order.account_id)
    if is_future:
        return (got,)
    return got, money(Kind.MEMBER, currency, -price * qty * scale, order.account_id)


def _fees(accounts: tuple[int, int], fees: tuple[int, int], currency: str) -> tuple[Posting, ...]:
    if not any(fees):
        return ()
    return (
        money(Kind.MEMBER, currency, -fees[0], accounts[0]),
        money(Kind.MEMBER, currency, -fees[1], accounts[1]),
        money(Kind.FEES, currency, fees[0] + fees[1]),
    )
