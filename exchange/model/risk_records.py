"""The tables of the risk records: part of the format of the log (`exchange.model.records`).

Room: layouts only; `records.COMMANDS` and `records.EVENTS` take them in under their kinds.
"""

from __future__ import annotations

from typing import Any

from exchange.model import risk, risk_event
from exchange.model import risk_command as c
from exchange.model.command import CommandKind as C
from exchange.model.event import EventKind as E
from exchange.model.layout import Layout
from exchange.model.order_record import ORDER_STATE

ACCOUNT_LIMITS = Layout(
    risk.AccountLimits,
    "account_id u32, account_type u8, flags u16, credit_limit u128, max_position i64,"
    "max_order_qty i64, max_order_notional u128, collar_bp u32, concentration_bp u32, adv_bp u32,"
    "initial_margin_bp u32, maintenance_margin_bp u32, call_grace_ns u64",
)
MEMBER_LIMITS = Layout(
    risk.MemberLimits,
    "member_id u32, fee_tier u16, order_rate u32, order_burst u32, session_rate u32,"
    "session_burst u32",
)
FEE_SCHEDULE = Layout(
    risk.FeeSchedule,
    "instrument_id u32, tier u16, maker_ppm i64, taker_ppm i64, auction_ppm i64",
)
RISK_REFERENCE = Layout(risk.RiskReference, "instrument_id u32, adv_qty i64")
RESTRICTION = Layout(risk.Restriction, "member_id u32, account_id u32, instrument_id u32")

_TAIL = "request_id id, operator name"
_REASONED = f"{_TAIL}, reason text"
_WHY = "operator name, reason text"

RISK_COMMANDS: dict[int, Layout[Any]] = {
    C.SET_ACCOUNT_LIMITS: Layout(c.SetAccountLimits, f"limits record, {_TAIL}", ACCOUNT_LIMITS),
    C.SET_MEMBER_LIMITS: Layout(c.SetMemberLimits, f"limits record, {_TAIL}", MEMBER_LIMITS),
    C.RESTRICT: Layout(c.Restrict, f"restriction record, {_REASONED}", RESTRICTION),
    C.UNRESTRICT: Layout(c.Unrestrict, f"restriction record, {_REASONED}", RESTRICTION),
    C.ADJUST_CASH: Layout(
        c.AdjustCash,
        f"account_id u32, direction u8, amount u128, {_TAIL}, currency name, reason text",
    ),
    C.ADJUST_POSITION: Layout(
        c.AdjustPosition,
        f"account_id u32, instrument_id u32, direction u8, qty i64, price i64, {_REASONED}",
    ),
    C.SET_FEE_SCHEDULE: Layout(c.SetFeeSchedule, f"schedule record, {_TAIL}", FEE_SCHEDULE),
    C.SET_RISK_REFERENCE: Layout(c.SetRiskReference, f"reference record, {_TAIL}", RISK_REFERENCE),
    C.BUST_TRADE: Layout(c.BustTrade, f"trade_id u64, {_REASONED}"),
    C.CORRECT_TRADE: Layout(c.CorrectTrade, f"trade_id u64, price i64, qty i64, {_REASONED}"),
    C.EMERGENCY_CLOSE: Layout(c.EmergencyClose, _REASONED),
}

RISK_EVENTS: dict[int, Layout[Any]] = {
    E.ACCOUNT_LIMITS_CHANGED: Layout(
        risk_event.AccountLimitsChanged, "limits record", ACCOUNT_LIMITS
    ),
    E.MEMBER_LIMITS_CHANGED: Layout(risk_event.MemberLimitsChanged, "limits record", MEMBER_LIMITS),
    E.FEE_SCHEDULE_CHANGED: Layout(risk_event.FeeScheduleChanged, "schedule record", FEE_SCHEDULE),
    E.RISK_REFERENCE_CHANGED: Layout(
        risk_event.RiskReferenceChanged, "reference record", RISK_REFERENCE
    ),
    E.RESTRICTION_CHANGED: Layout(
        risk_event.RestrictionChanged, f"restricted u8, restriction record, {_WHY}", RESTRICTION
    ),
    E.CASH_ADJUSTED: Layout(
        risk_event.CashAdjusted,
        f"account_id u32, amount i256, balance i256, currency name, {_WHY}",
    ),
    E.POSITION_ADJUSTED: Layout(
        risk_event.PositionAdjusted,
        f"account_id u32, instrument_id u32, qty i64, price i64, position i256, {_WHY}",
    ),
    E.TRADE_FEES: Layout(
        risk_event.TradeFees,
        "trade_id u64, buy_account_id u32, sell_account_id u32, buy_fee i256, sell_fee i256,"
        "currency name",
    ),
    E.TRADE_BUSTED: Layout(
        risk_event.TradeBusted,
        "trade_id u64, instrument_id u32, price i64, qty i64, buy_fee i256, sell_fee i256,"
        f"buy record, sell record, currency name, {_WHY}",
        ORDER_STATE,
        ORDER_STATE,
    ),
    E.TRADE_CORRECTED: Layout(
        risk_event.TradeCorrected,
        "trade_id u64, instrument_id u32, former_price i64, former_qty i64, price i64, qty i64,"
        "former_buy_fee i256, former_sell_fee i256, buy_fee i256, sell_fee i256,"
        f"buy record, sell record, currency name, {_WHY}",
        ORDER_STATE,
        ORDER_STATE,
    ),
    E.VARIATION_SETTLED: Layout(
        risk_event.VariationSettled,
        "account_id u32, instrument_id u32, price i64, qty i256, amount i256, currency name",
    ),
    E.MARGIN_CALL: Layout(
        risk_event.MarginCall,
        "account_id u32, status u8, deadline_ts_ns u64, equity i256, requirement i256,"
        "currency name",
    ),
    E.EMERGENCY_CLOSED: Layout(
        risk_event.EmergencyClosed,
        f"log_index u64, canceled_count u64, session_count u64, {_WHY}",
    ),
}
