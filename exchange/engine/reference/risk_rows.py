"""The tables of the snapshot for R8: rows that are not records of the model already.

Room: row classes and layouts, as in `rows.py`; a change here is a change of the snapshot format.
"""

from __future__ import annotations

import msgspec

from exchange.engine.reference.risk_books import TradeRecord
from exchange.model.layout import Layout


class RiskHeadRow(msgspec.Struct, frozen=True, gc=False):
    """What there is one of."""

    sweep_ts_ns: int
    is_emergency: int


class CashRow(msgspec.Struct, frozen=True, gc=False):
    """A balance other than zero; account 0 is the venue."""

    account_id: int
    amount: int
    currency: str


class HoldingRow(msgspec.Struct, frozen=True, gc=False):
    """Cost and result of an account in an instrument."""

    account_id: int
    instrument_id: int
    cost: int
    realised: int
    opened_qty: int
    closing_order_id: int


class BucketRow(msgspec.Struct, frozen=True, gc=False):
    """A token bucket of a member (`of_session` 0) or of a session (1)."""

    of_session: int
    target_id: int
    level: int
    ts_ns: int


class DayTradeRow(msgspec.Struct, frozen=True, gc=False):
    """Day trades of an account on one trading day."""

    account_id: int
    trading_day: int
    count: int


class CallRow(msgspec.Struct, frozen=True, gc=False):
    """An open margin call."""

    account_id: int
    deadline_ts_ns: int
    currency: str


class WorstPriceRow(msgspec.Struct, frozen=True, gc=False):
    """A live order that has no price of its own: what it is reserved at."""

    order_id: int
    worst_price: int
    cap_price: int


RISK_HEAD_ROW = Layout(RiskHeadRow, "sweep_ts_ns u64, is_emergency u8")
CASH_ROW = Layout(CashRow, "account_id u32, amount i256, currency name")
HOLDING_ROW = Layout(
    HoldingRow,
    "account_id u32, instrument_id u32, cost i256, realised i256, opened_qty i256,"
    "closing_order_id u64",
)
TRADE_ROW = Layout(
    TradeRecord,
    "trade_id u64, instrument_id u32, price i64, qty i64, aggressor u8, is_busted u8,"
    "is_future u8, scale u64, buy_order_id u64, sell_order_id u64, buy_account_id u32,"
    "sell_account_id u32, buy_realised i256, sell_realised i256, buy_fee i256, sell_fee i256,"
    "currency name",
)
BUCKET_ROW = Layout(BucketRow, "of_session u8, target_id u32, level u64, ts_ns u64")
DAY_TRADE_ROW = Layout(DayTradeRow, "account_id u32, trading_day u32, count u64")
CALL_ROW = Layout(CallRow, "account_id u32, deadline_ts_ns u64, currency name")
WORST_PRICE_ROW = Layout(WorstPriceRow, "order_id u64, worst_price i64, cap_price i64")
