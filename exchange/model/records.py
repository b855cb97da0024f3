"""The tables: which bytes each command and event has. This is the format of the log.

Room: one table for commands, one for events, keyed by kind; every kind has record version 1. A
change here is a change of the log format: the steps stand in `exchange/model/README.md` (DESIGN
section 3: golden journals are kept). How a row becomes bytes stands in `exchange.model.layout`.
"""

from __future__ import annotations

from typing import Any

from exchange.model import auction_command as ac
from exchange.model import auction_event as ae
from exchange.model import command as c
from exchange.model import corporate_action as ca
from exchange.model import dark as d
from exchange.model import event as e
from exchange.model.command import CommandKind as C
from exchange.model.event import EventKind as E
from exchange.model.instrument import Account, Instrument, Member
from exchange.model.layout import Layout
from exchange.model.order_record import ORDER_STATE as ORDER_STATE  # noqa: PLC0414 - a table here
from exchange.model.risk_records import RISK_COMMANDS, RISK_EVENTS
from exchange.model.terms import ChangedTerms, OrderTerms
from exchange.model.trading_rules import DayEnd, ScheduleStep, TradingRules

RECORD_VERSION = 1
"""Version written today, for every kind."""

INSTRUMENT = Layout(
    Instrument,
    "instrument_id u32, symbol name, asset_class u8, currency name, mic name, tick_size i64,"
    "lot_size i64, qty_decimals u8, min_order_qty i64, max_order_qty i64,"
    "max_order_notional u128, reference_price i64, static_band_bp u32, contract_multiplier i64,"
    "stp_default u8, status u8",
)
MEMBER = Layout(Member, "member_id u32, name name, standing u8")
ACCOUNT = Layout(Account, "account_id u32, member_id u32, name name, standing u8")
TRADING_RULES = Layout(
    TradingRules,
    "instrument_id u32, dynamic_band_bp u32, dynamic_window_ns u64, volatility_call_ns u64,"
    "random_end_max_ns u64, breaker_scope u8, breaker_1_bp u32, breaker_2_bp u32,"
    "breaker_3_bp u32, breaker_halt_ns u64, breaker_cutoff_ns u64",
)
SCHEDULE_STEP = Layout(ScheduleStep, "ts_ns u64, phase u8, call_ns u64")
DAY_END = Layout(DayEnd, "ts_ns u64")
DARK_RULES = Layout(
    d.DarkRules,
    "instrument_id u32, is_open u8, is_continuous u8, shows_side u8, min_block_qty i64,"
    "cross_interval_ns u64",
)
ORDER_TERMS = Layout(
    OrderTerms,
    "stop_price i64, trail i64, trail_unit u8, peg u8, peg_offset i64, peg_limit i64,"
    "display_qty i64, min_qty i64, stp_group u32, oco_cl_ord_id id",
)
CHANGED_TERMS = Layout(
    ChangedTerms,
    "stop_price i64, trail i64, peg_offset_given u8, peg_offset i64, peg_limit i64,display_qty i64",
)

_MEMBERSHIP = (
    "version u64, generation u32, epoch u64, primary name, on_single_copy name,"
    "in_sync text, what text"
)
_SCOPE = "scope u8, target_id u32, request_id id, operator name, reason text"
_PER_CLASS = "request_id id, operator name, reason text"
_UNCROSS = "instrument_id u32, price i64, volume u128, imbalance_side u8, imbalance_qty u128"

COMMANDS: dict[int, Layout[Any]] = {
    C.NEW_ORDER: Layout(
        c.NewOrder,
        "member_id u32, account_id u32, instrument_id u32, side u8, ord_type u8,"
        "time_in_force u8, stp u8, flags u16, order_qty i64, price i64, expire_ts_ns u64,"
        "cl_ord_id id",
    ),
    C.CANCEL_ORDER: Layout(
        c.CancelOrder, "member_id u32, order_id u64, cl_ord_id id, orig_cl_ord_id id"
    ),
    C.REPLACE_ORDER: Layout(
        c.ReplaceOrder,
        "member_id u32, order_id u64, order_qty i64, price i64, cl_ord_id id, orig_cl_ord_id id",
    ),
    C.MASS_CANCEL: Layout(
        c.MassCancel, "member_id u32, account_id u32, instrument_id u32, side u8, cl_ord_id id"
    ),
    C.SESSION_OPENED: Layout(
        c.SessionOpened, "member_id u32, cancel_on_disconnect u8, request_id id"
    ),
    C.SESSION_CLOSED: Layout(c.SessionClosed, "session_id u32, reason text"),
    C.CREATE_INSTRUMENT: Layout(
        c.CreateInstrument, "instrument record, request_id id, operator name", INSTRUMENT
    ),
    C.UPDATE_INSTRUMENT: Layout(
        c.UpdateInstrument, "instrument record, request_id id, operator name, mask u32", INSTRUMENT
    ),
    C.SPLIT_INSTRUMENT: Layout(
        ca.SplitInstrument, f"instrument_id u32, num u32, den u32, {_PER_CLASS}"
    ),
    C.CREATE_MEMBER: Layout(c.CreateMember, "name name, request_id id, operator name"),
    C.UPDATE_MEMBER: Layout(
        c.UpdateMember, "member_id u32, standing u8, request_id id, operator name"
    ),
    C.CREATE_ACCOUNT: Layout(
        c.CreateAccount, "member_id u32, name name, request_id id, operator name"
    ),
    C.UPDATE_ACCOUNT: Layout(
        c.UpdateAccount, "account_id u32, standing u8, request_id id, operator name"
    ),
    C.OPEN_SESSION: Layout(c.OpenSession, "instrument_id u32, request_id id, operator name"),
    C.CLOSE_SESSION: Layout(c.CloseSession, "instrument_id u32, request_id id, operator name"),
    C.HALT: Layout(c.Halt, f"instrument_id u32, asset_class u8, cancel u8, {_PER_CLASS}"),
    C.RESUME: Layout(c.Resume, f"instrument_id u32, asset_class u8, direct u8, {_PER_CLASS}"),
    C.ENGAGE_KILL_SWITCH: Layout(c.EngageKillSwitch, _SCOPE),
    C.RELEASE_KILL_SWITCH: Layout(c.ReleaseKillSwitch, _SCOPE),
    C.OPERATOR_CANCEL: Layout(
        c.OperatorCancel,
        "member_id u32, account_id u32, instrument_id u32, side u8, request_id id,"
        "operator name, reason text",
    ),
    C.SET_PHASE: Layout(c.SetPhase, "instrument_id u32, phase u8, request_id id, operator name"),
    C.EPOCH_STARTED: Layout(c.EpochStarted, "epoch u64, node name"),
    C.RECORD_MEMBERSHIP: Layout(c.RecordMembership, _MEMBERSHIP),
    C.SET_TRADING_RULES: Layout(
        ac.SetTradingRules, "rules record, request_id id, operator name", TRADING_RULES
    ),
    C.SET_SCHEDULE: Layout(
        ac.SetSchedule,
        "instrument_id u32, asset_class u8, steps list, request_id id, operator name",
        SCHEDULE_STEP,
    ),
    C.SET_DAY_ENDS: Layout(ac.SetDayEnds, "ends list, request_id id, operator name", DAY_END),
    C.SET_INDEX: Layout(ac.SetIndex, "instrument_id u32, price i64, request_id id, operator name"),
    **RISK_COMMANDS,
    C.SET_DARK_RULES: Layout(
        d.SetDarkRules, "rules record, request_id id, operator name", DARK_RULES
    ),
}

COMMANDS[C.NEW_ORDER_WITH_TERMS] = Layout(
    c.NewOrderWithTerms, "order record, terms record", COMMANDS[C.NEW_ORDER], ORDER_TERMS
)
COMMANDS[C.REPLACE_ORDER_WITH_TERMS] = Layout(
    c.ReplaceOrderWithTerms,
    "replace record, terms record",
    COMMANDS[C.REPLACE_ORDER],
    CHANGED_TERMS,
)

EVENTS: dict[int, Layout[Any]] = {
    E.ACCEPTED: Layout(e.Accepted, "order record", ORDER_STATE),
    E.REJECTED: Layout(e.Rejected, "reason u16, order record", ORDER_STATE),
    E.TRADE: Layout(
        e.Trade,
        "trade_id u64, instrument_id u32, price i64, qty i64, aggressor u8, buy record,sell record",
        ORDER_STATE,
        ORDER_STATE,
    ),
    E.CANCELED: Layout(
        e.Canceled,
        "reason u8, canceled_qty i64, order record, request_cl_ord_id id",
        ORDER_STATE,
    ),
    E.REPLACED: Layout(
        e.Replaced, "kept_priority u8, order record, orig_cl_ord_id id", ORDER_STATE
    ),
    E.EXPIRED: Layout(e.Expired, "reason u8, expired_qty i64, order record", ORDER_STATE),
    E.RESTATED: Layout(e.Restated, "reason u8, order record", ORDER_STATE),
    E.TRIGGERED: Layout(e.Triggered, "trigger_price i64, order record", ORDER_STATE),
    E.TERMS_CHANGED: Layout(e.TermsChanged, "order record, terms record", ORDER_STATE, ORDER_TERMS),
    E.CANCEL_REJECTED: Layout(
        e.CancelRejected,
        "reason u16, is_replace u8, ord_status u8, member_id u32, instrument_id u32,"
        "order_id u64, cl_ord_id id, orig_cl_ord_id id",
    ),
    E.REPEATED: Layout(
        e.Repeated,
        "outcome u8, reason u16, order record, cl_ord_id id, orig_cl_ord_id id",
        ORDER_STATE,
    ),
    E.MASS_CANCELED: Layout(
        e.MassCanceled,
        "member_id u32, account_id u32, instrument_id u32, side u8, canceled_count u32,"
        "cl_ord_id id",
    ),
    E.LEVEL_CHANGED: Layout(
        e.LevelChanged, "instrument_id u32, side u8, price i64, qty i64, order_count u32"
    ),
    E.BBO_CHANGED: Layout(
        e.BboChanged, "instrument_id u32, bid_price i64, bid_qty i64, ask_price i64, ask_qty i64"
    ),
    E.PHASE_CHANGED: Layout(
        e.PhaseChanged, "instrument_id u32, phase u8, previous u8, operator name, reason text"
    ),
    E.INSTRUMENT_CHANGED: Layout(e.InstrumentChanged, "created u8, instrument record", INSTRUMENT),
    E.MEMBER_CHANGED: Layout(e.MemberChanged, "created u8, member record", MEMBER),
    E.ACCOUNT_CHANGED: Layout(e.AccountChanged, "created u8, account record", ACCOUNT),
    E.KILL_SWITCH_CHANGED: Layout(
        e.KillSwitchChanged, "scope u8, target_id u32, engaged u8, operator name, reason text"
    ),
    E.SESSION_CHANGED: Layout(
        e.SessionChanged,
        "session_id u32, member_id u32, is_open u8, cancel_on_disconnect u8, reason text",
    ),
    E.TRADING_DAY_CHANGED: Layout(e.TradingDayChanged, "trading_day u32"),
    E.ADMIN_ACCEPTED: Layout(
        e.AdminAccepted,
        "command_kind u8, repeated u8, target_id u32, request_id id, operator name",
    ),
    E.ADMIN_REJECTED: Layout(
        e.AdminRejected,
        "command_kind u8, repeated u8, reason u16, request_id id, operator name, detail text",
    ),
    E.EPOCH_CHANGED: Layout(e.EpochChanged, "epoch u64, node name"),
    E.INSTRUMENT_SPLIT: Layout(
        ca.InstrumentSplit,
        "instrument_id u32, num u32, den u32, former_reference_price i64, reference_price i64,"
        "former_last_price i64, last_price i64, position_count u64, operator name, reason text",
    ),
    E.MEMBERSHIP_RECORDED: Layout(e.MembershipRecorded, _MEMBERSHIP),
    E.COMMAND_IGNORED: Layout(e.CommandIgnored, "kind u8, detail text"),
    E.INDICATIVE: Layout(ae.Indicative, _UNCROSS),
    E.AUCTION_EXTENDED: Layout(ae.AuctionExtended, "instrument_id u32, price i64, until_ts_ns u64"),
    E.UNCROSSED: Layout(ae.Uncrossed, _UNCROSS),
    E.VOLATILITY_INTERRUPTED: Layout(
        ae.VolatilityInterrupted,
        "instrument_id u32, price i64, reference_price i64, until_ts_ns u64",
    ),
    E.BREAKER_TRIPPED: Layout(
        ae.BreakerTripped,
        "instrument_id u32, level u8, scope u8, price i64, reference_price i64,reopen_ts_ns u64",
    ),
    E.TRADING_RULES_CHANGED: Layout(ae.TradingRulesChanged, "rules record", TRADING_RULES),
    E.SCHEDULE_CHANGED: Layout(
        ae.ScheduleChanged, "instrument_id u32, step_count u32, next_ts_ns u64, next_phase u8"
    ),
    E.DAY_ENDS_CHANGED: Layout(ae.DayEndsChanged, "end_count u32, next_ts_ns u64"),
    E.INDEX_CHANGED: Layout(ae.IndexChanged, "instrument_id u32, price i64"),
    E.CLOSING_PRICE: Layout(ae.ClosingPrice, "instrument_id u32, price i64, source u8"),
    **RISK_EVENTS,
    E.DARK_RULES_CHANGED: Layout(d.DarkRulesChanged, "rules record", DARK_RULES),
    E.DARK_INDICATION: Layout(d.DarkIndication, "instrument_id u32, side u8, qty i64"),
    E.DARK_CROSSED: Layout(d.DarkCrossed, "instrument_id u32, price i64, volume u128"),
}

COMMAND_KIND: dict[type, C] = {row.record: C(kind) for kind, row in COMMANDS.items()}
EVENT_KIND: dict[type, E] = {row.record: E(kind) for kind, row in EVENTS.items()}
