"""The tables of the snapshot: what one record of each section holds, and its bytes.

Room: row classes and their layouts (`exchange.model.layout`). A change here is a change of
`canonical.SNAPSHOT_FORMAT`.
"""

from __future__ import annotations

import msgspec

from exchange.model.event import OrderState
from exchange.model.instrument import Instrument
from exchange.model.layout import Layout
from exchange.model.records import INSTRUMENT, ORDER_STATE, ORDER_TERMS
from exchange.model.terms import OrderTerms


class HeadRow(msgspec.Struct, frozen=True, gc=False):
    """Counters, clock and position."""

    applied_index: int
    next_event_seq: int
    now_ns: int
    events_digest: int
    trading_day: int
    epoch: int
    last_instrument_id: int
    last_member_id: int
    last_account_id: int
    last_session_id: int
    last_order_id: int
    last_trade_id: int
    node: str


class ListingRow(msgspec.Struct, frozen=True, gc=False):
    """An instrument with its phase and last trade."""

    instrument: Instrument
    phase: int
    last_price: int
    last_qty: int


class SessionRow(msgspec.Struct, frozen=True, gc=False):
    """An open client session."""

    session_id: int
    member_id: int
    cancel_on_disconnect: int


class KillSwitchRow(msgspec.Struct, frozen=True, gc=False):
    """An engaged kill switch."""

    scope: int
    target_id: int
    operator: str
    reason: str
    ts_ns: int


class OrderRow(msgspec.Struct, frozen=True, gc=False):
    """An order of the day, live or done."""

    order: OrderState
    entry_ts_ns: int
    last_ts_ns: int


class TermsRow(msgspec.Struct, frozen=True, gc=False):
    """What an order has besides the plain: terms, iceberg tranche, OCO partner, waiting stop."""

    order_id: int
    shown_qty: int
    linked_id: int
    is_waiting: int
    terms: OrderTerms


class TriggeredRow(msgspec.Struct, frozen=True, gc=False):
    """A stop that was triggered and not released yet."""

    order_id: int
    passed: int
    trigger_price: int


class PegReferenceRow(msgspec.Struct, frozen=True, gc=False):
    """The bid and ask at which the pegs of an instrument were last priced."""

    instrument_id: int
    bid: int
    ask: int


class QueueRow(msgspec.Struct, frozen=True, gc=False):
    """One place in a queue."""

    order_id: int


class RememberedOrderRow(msgspec.Struct, frozen=True, gc=False):
    """A used cl_ord_id; `refused` is all zeros unless `is_refused` is 1."""

    member_id: int
    fingerprint: int
    outcome: int
    reason: int
    order_id: int
    ts_ns: int
    is_refused: int
    refused: OrderState
    cl_ord_id: str
    orig_cl_ord_id: str


class RememberedRequestRow(msgspec.Struct, frozen=True, gc=False):
    """A used request_id."""

    owner: int
    fingerprint: int
    target_id: int
    reason: int
    request_id: str
    detail: str


class TimerRow(msgspec.Struct, frozen=True, gc=False):
    """A scheduled timer."""

    ts_ns: int
    kind: int
    target_id: int


class PositionRow(msgspec.Struct, frozen=True, gc=False):
    """A position other than zero: sign (1 = short) and magnitude."""

    account_id: int
    instrument_id: int
    is_short: int
    qty: int


HEAD_ROW = Layout(
    HeadRow,
    "applied_index u64, next_event_seq u64, now_ns u64, events_digest u128, trading_day u32,"
    "epoch u64, last_instrument_id u32, last_member_id u32, last_account_id u32,"
    "last_session_id u32, last_order_id u64, last_trade_id u64, node name",
)
LISTING_ROW = Layout(
    ListingRow, "instrument record, phase u8, last_price i64, last_qty i64", INSTRUMENT
)
SESSION_ROW = Layout(SessionRow, "session_id u32, member_id u32, cancel_on_disconnect u8")
KILL_SWITCH_ROW = Layout(
    KillSwitchRow, "scope u8, target_id u32, operator name, reason text, ts_ns u64"
)
ORDER_ROW = Layout(OrderRow, "order record, entry_ts_ns u64, last_ts_ns u64", ORDER_STATE)
TERMS_ROW = Layout(
    TermsRow,
    "order_id u64, shown_qty i64, linked_id u64, is_waiting u8, terms record",
    ORDER_TERMS,
)
TRIGGERED_ROW = Layout(TriggeredRow, "order_id u64, passed i64, trigger_price i64")
PEG_REFERENCE_ROW = Layout(PegReferenceRow, "instrument_id u32, bid i64, ask i64")
QUEUE_ROW = Layout(QueueRow, "order_id u64")
REMEMBERED_ORDER_ROW = Layout(
    RememberedOrderRow,
    "member_id u32, fingerprint u128, outcome u8, reason u16, order_id u64, ts_ns u64,"
    "is_refused u8, refused record, cl_ord_id id, orig_cl_ord_id id",
    ORDER_STATE,
)
REMEMBERED_REQUEST_ROW = Layout(
    RememberedRequestRow,
    "owner u32, fingerprint u128, target_id u32, reason u16, request_id id, detail text",
)
TIMER_ROW = Layout(TimerRow, "ts_ns u64, kind u8, target_id u64")
POSITION_ROW = Layout(PositionRow, "account_id u32, instrument_id u32, is_short u8, qty u128")
