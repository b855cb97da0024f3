"""The sections of the snapshot for R8: limits, money, holdings, trades of the day, margin calls.

Room: how `RiskBooks` becomes sorted rows and rows `RiskBooks` again. Exposures are not stored: they
are counted from the live orders (`sections.index_open_orders`).
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from exchange.engine.reference import risk_rows as r
from exchange.engine.reference.risk_books import Bucket, Call, Holding, TradeRecord
from exchange.engine.reference.section import Section
from exchange.engine.reference.state import State
from exchange.model.risk import (
    AccountLimits,
    FeeSchedule,
    MemberLimits,
    Restriction,
    RiskReference,
)
from exchange.model.risk_records import (
    ACCOUNT_LIMITS,
    FEE_SCHEDULE,
    MEMBER_LIMITS,
    RESTRICTION,
    RISK_REFERENCE,
)


def _head_rows(state: State) -> list[r.RiskHeadRow]:
    return [r.RiskHeadRow(state.risk.sweep_ts_ns, state.risk.is_emergency)]


def _load_head(state: State, row: r.RiskHeadRow) -> None:
    state.risk.sweep_ts_ns, state.risk.is_emergency = row.sweep_ts_ns, row.is_emergency


def account_limits(state: State) -> list[AccountLimits]:
    """All account limits, by account."""
    return [limits for _, limits in sorted(state.risk.account_limits.items())]


def _load_account_limits(state: State, row: AccountLimits) -> None:
    state.risk.put_account_limits(row)


def member_limits(state: State) -> list[MemberLimits]:
    """All member limits, by member."""
    return [limits for _, limits in sorted(state.risk.member_limits.items())]


def _load_member_limits(state: State, row: MemberLimits) -> None:
    state.risk.member_limits[row.member_id] = row


def fee_schedules(state: State) -> list[FeeSchedule]:
    """All fee schedules, by instrument (0 = all) and tier."""
    return [schedule for _, schedule in sorted(state.risk.fees.items())]


def _load_fee_schedule(state: State, row: FeeSchedule) -> None:
    state.risk.fees[row.instrument_id, row.tier] = row


def references(state: State) -> list[RiskReference]:
    """All outside figures, by instrument."""
    return [RiskReference(*item) for item in sorted(state.risk.adv_qty.items())]


def _load_reference(state: State, row: RiskReference) -> None:
    state.risk.adv_qty[row.instrument_id] = row.adv_qty


def restrictions(state: State) -> list[Restriction]:
    """The restricted list, by member, account and instrument."""
    return sorted(state.risk.restrictions)


def _load_restriction(state: State, row: Restriction) -> None:
    state.risk.restrictions.add(row)


def _cash_rows(state: State) -> Iterable[r.CashRow]:
    for account_id, balances in sorted(state.risk.cash.items()):
        for currency, amount in sorted(balances.items()):
            yield r.CashRow(account_id, amount, currency)


def _load_cash(state: State, row: r.CashRow) -> None:
    state.risk.add_cash(row.account_id, row.currency, row.amount)


def _holding_rows(state: State) -> Iterable[r.HoldingRow]:
    for account_id, holdings in sorted(state.risk.holdings.items()):
        for instrument_id, held in sorted(holdings.items()):
            yield r.HoldingRow(account_id, instrument_id, *msgspec.structs.astuple(held))


def _load_holding(state: State, row: r.HoldingRow) -> None:
    held = Holding(row.cost, row.realised, row.opened_qty, row.closing_order_id)
    state.risk.holdings.setdefault(row.account_id, {})[row.instrument_id] = held


def _trade_rows(state: State) -> list[TradeRecord]:
    return list(state.risk.trades.values())


def _load_trade(state: State, row: TradeRecord) -> None:
    state.risk.trades[row.trade_id] = row


def _bucket_rows(state: State) -> Iterable[r.BucketRow]:
    kinds = (state.risk.member_buckets, state.risk.session_buckets)
    for of_session, buckets in enumerate(kinds):
        for target_id, bucket in sorted(buckets.items()):
            yield r.BucketRow(of_session, target_id, bucket.level, bucket.ts_ns)


def _load_bucket(state: State, row: r.BucketRow) -> None:
    buckets = state.risk.session_buckets if row.of_session else state.risk.member_buckets
    buckets[row.target_id] = Bucket(row.level, row.ts_ns)


def _day_trade_rows(state: State) -> Iterable[r.DayTradeRow]:
    for account_id, days in sorted(state.risk.day_trades.items()):
        for day, count in sorted(days.items()):
            yield r.DayTradeRow(account_id, day, count)


def _load_day_trade(state: State, row: r.DayTradeRow) -> None:
    state.risk.day_trades.setdefault(row.account_id, {})[row.trading_day] = row.count


def _call_rows(state: State) -> list[r.CallRow]:
    return [
        r.CallRow(call.account_id, call.deadline_ts_ns, call.currency)
        for _, call in sorted(state.risk.calls.items())
    ]


def _load_call(state: State, row: r.CallRow) -> None:
    call = Call(row.account_id, row.currency, row.deadline_ts_ns)
    state.risk.calls[row.account_id, row.currency] = call


def _worst_price_rows(state: State) -> list[r.WorstPriceRow]:
    return [
        r.WorstPriceRow(order_id, order.worst_price, order.cap_price)
        for order_id, order in sorted(state.open_orders.by_id.items())
        if order.worst_price or order.cap_price
    ]


def _load_worst_price(state: State, row: r.WorstPriceRow) -> None:
    order = state.orders[row.order_id]
    order.worst_price, order.cap_price = row.worst_price, row.cap_price


RISK_SECTIONS: tuple[Section, ...] = (
    Section(r.RISK_HEAD_ROW, _head_rows, _load_head),
    Section(ACCOUNT_LIMITS, account_limits, _load_account_limits),
    Section(MEMBER_LIMITS, member_limits, _load_member_limits),
    Section(FEE_SCHEDULE, fee_schedules, _load_fee_schedule),
    Section(RISK_REFERENCE, references, _load_reference),
    Section(RESTRICTION, restrictions, _load_restriction),
    Section(r.CASH_ROW, _cash_rows, _load_cash),
    Section(r.HOLDING_ROW, _holding_rows, _load_holding),
    Section(r.TRADE_ROW, _trade_rows, _load_trade),
    Section(r.BUCKET_ROW, _bucket_rows, _load_bucket),
    Section(r.DAY_TRADE_ROW, _day_trade_rows, _load_day_trade),
    Section(r.CALL_ROW, _call_rows, _load_call),
    Section(r.WORST_PRICE_ROW, _worst_price_rows, _load_worst_price),
)
