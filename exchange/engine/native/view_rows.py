"""Rows in which the native engine answers queries: their tables, and nothing else.

Room: what the port's views show beyond records that exist already. They travel inside the process
only; no log and no snapshot holds them.
"""

from __future__ import annotations

from typing import Any

import msgspec

from exchange.model.event import OrderState
from exchange.model.instrument import Instrument
from exchange.model.layout import Layout
from exchange.model.records import INSTRUMENT, ORDER_STATE, ORDER_TERMS
from exchange.model.terms import OrderTerms


class InstrumentViewRow(msgspec.Struct, frozen=True, gc=False):
    """`port.InstrumentView`."""

    instrument: Instrument
    phase: int
    last_price: int
    last_qty: int


class OrderViewRow(msgspec.Struct, frozen=True, gc=False):
    """`port.OrderView`."""

    order: OrderState
    reject_reason: int
    entry_ts_ns: int
    last_ts_ns: int
    is_waiting: int
    terms: OrderTerms


class LevelViewRow(msgspec.Struct, frozen=True, gc=False):
    """`port.LevelView` with its side."""

    side: int
    price: int
    qty: int
    order_count: int


class AuctionViewRow(msgspec.Struct, frozen=True, gc=False):
    """`port.AuctionView`."""

    phase: int
    end_ts_ns: int
    reopen_ts_ns: int
    price: int
    volume: int
    imbalance_side: int
    imbalance_qty: int
    is_extended: int
    is_barred: int


class PositionViewRow(msgspec.Struct, frozen=True, gc=False):
    """`port.PositionView`."""

    account_id: int
    instrument_id: int
    qty: int


class BalanceViewRow(msgspec.Struct, frozen=True, gc=False):
    """`risk_views.BalanceView`."""

    cash: int
    reserved: int
    buying_power: int
    equity: int
    gross_value: int
    initial_margin: int
    maintenance_margin: int
    call_deadline_ts_ns: int
    currency: str


class HoldingViewRow(msgspec.Struct, frozen=True, gc=False):
    """`risk_views.HoldingView`."""

    instrument_id: int
    qty: int
    cost: int
    realised: int
    unrealised: int
    mark: int
    open_buy_qty: int
    open_sell_qty: int


class TradeViewRow(msgspec.Struct, frozen=True, gc=False):
    """`risk_views.TradeView`."""

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


class VenueCashRow(msgspec.Struct, frozen=True, gc=False):
    """One currency of `Engine.venue_cash`."""

    amount: int
    currency: str


INSTRUMENT_VIEW: Layout[InstrumentViewRow] = Layout(
    InstrumentViewRow, "instrument record, phase u8, last_price i64, last_qty i64", INSTRUMENT
)
ORDER_VIEW: Layout[OrderViewRow] = Layout(
    OrderViewRow,
    "order record, reject_reason u16, entry_ts_ns u64, last_ts_ns u64, is_waiting u8, terms record",
    ORDER_STATE,
    ORDER_TERMS,
)
LEVEL_VIEW = Layout(LevelViewRow, "side u8, price i64, qty i64, order_count u32")
AUCTION_VIEW = Layout(
    AuctionViewRow,
    "phase u8, end_ts_ns u64, reopen_ts_ns u64, price i64, volume u128, imbalance_side u8,"
    "imbalance_qty u128, is_extended u8, is_barred u8",
)
POSITION_VIEW = Layout(PositionViewRow, "account_id u32, instrument_id u32, qty i256")
BALANCE_VIEW = Layout(
    BalanceViewRow,
    "cash i256, reserved i256, buying_power i256, equity i256, gross_value i256,"
    "initial_margin i256, maintenance_margin i256, call_deadline_ts_ns u64, currency name",
)
HOLDING_VIEW = Layout(
    HoldingViewRow,
    "instrument_id u32, qty i256, cost i256, realised i256, unrealised i256, mark i64,"
    "open_buy_qty i256, open_sell_qty i256",
)
TRADE_VIEW = Layout(
    TradeViewRow,
    "trade_id u64, instrument_id u32, price i64, qty i64, buy_account_id u32,"
    "sell_account_id u32, buy_fee i256, sell_fee i256, is_busted u8, currency name",
)
VENUE_CASH = Layout(VenueCashRow, "amount i256, currency name")

LAYOUTS: tuple[Layout[Any], ...] = (
    INSTRUMENT_VIEW,
    ORDER_VIEW,
    LEVEL_VIEW,
    AUCTION_VIEW,
    POSITION_VIEW,
    BALANCE_VIEW,
    HOLDING_VIEW,
    TRADE_VIEW,
    VENUE_CASH,
)
