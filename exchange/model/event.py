"""Events: facts out of the engine. Every consumer is a function of these alone (RULEBOOK R11.3).

Room: frozen values, one class a kind. An event about an order carries the whole `OrderState`, so a
gateway can write an execution report from one event without any memory of its own (DESIGN
section 8: gateways are stateless against the log). The numbers of the kinds are frozen.

Order of the events of one command (R11.1): acknowledgement or reject; trades in execution order
and the STP cancels between them where they happen; what remains (canceled, expired); then
`LevelChanged`, `BboChanged`, `PhaseChanged`.
"""

from __future__ import annotations

from enum import IntEnum

import msgspec

from exchange.model.auction_event import (
    AuctionExtended,
    BreakerTripped,
    ClosingPrice,
    DayEndsChanged,
    IndexChanged,
    Indicative,
    ScheduleChanged,
    TradingRulesChanged,
    Uncrossed,
    VolatilityInterrupted,
)
from exchange.model.corporate_action import InstrumentSplit
from exchange.model.dark import DarkEvent
from exchange.model.instrument import Account, Instrument, Member
from exchange.model.order_state import OrderState as OrderState  # noqa: PLC0414 - told on here
from exchange.model.risk_event import RiskEvent
from exchange.model.terms import OrderTerms


class EventKind(IntEnum):
    """Record kinds of an event batch."""

    ACCEPTED = 1
    REJECTED = 2
    TRADE = 3
    CANCELED = 4
    REPLACED = 5
    EXPIRED = 6
    RESTATED = 7
    TRIGGERED = 8
    CANCEL_REJECTED = 9
    REPEATED = 10
    MASS_CANCELED = 11
    TERMS_CHANGED = 12
    INSTRUMENT_SPLIT = 13

    MEMBERSHIP_RECORDED = 14

    LEVEL_CHANGED = 20
    BBO_CHANGED = 21
    PHASE_CHANGED = 22

    INSTRUMENT_CHANGED = 30
    MEMBER_CHANGED = 31
    ACCOUNT_CHANGED = 32
    KILL_SWITCH_CHANGED = 33
    SESSION_CHANGED = 34
    TRADING_DAY_CHANGED = 35
    ADMIN_ACCEPTED = 36
    ADMIN_REJECTED = 37
    EPOCH_CHANGED = 38
    COMMAND_IGNORED = 39

    INDICATIVE = 40
    AUCTION_EXTENDED = 41
    UNCROSSED = 42
    VOLATILITY_INTERRUPTED = 43
    BREAKER_TRIPPED = 44
    TRADING_RULES_CHANGED = 45
    SCHEDULE_CHANGED = 46
    DAY_ENDS_CHANGED = 47
    INDEX_CHANGED = 48
    CLOSING_PRICE = 49
    ACCOUNT_LIMITS_CHANGED = 50
    MEMBER_LIMITS_CHANGED = 51
    FEE_SCHEDULE_CHANGED = 52
    RISK_REFERENCE_CHANGED = 53
    RESTRICTION_CHANGED = 54
    CASH_ADJUSTED = 55
    POSITION_ADJUSTED = 56
    TRADE_FEES = 57
    TRADE_BUSTED = 58
    TRADE_CORRECTED = 59
    VARIATION_SETTLED = 60
    MARGIN_CALL = 61
    EMERGENCY_CLOSED = 62
    DARK_RULES_CHANGED = 70
    DARK_INDICATION = 71
    DARK_CROSSED = 72


class Accepted(msgspec.Struct, frozen=True, gc=False):
    """The order is in the market; `order` is as entered, before any trade."""

    order: OrderState


class Rejected(msgspec.Struct, frozen=True, gc=False):
    """The order was refused by the ladder; nothing changed but the memory of its cl_ord_id."""

    reason: int
    order: OrderState


class Trade(msgspec.Struct, frozen=True, gc=False):
    """One execution: at the resting order's price (R4.2), or at the uncross price (R6.3).

    `aggressor` is the incoming side; 0 in an auction, and where two dark orders already rested.
    """

    trade_id: int
    instrument_id: int
    price: int
    qty: int
    aggressor: int
    buy: OrderState
    sell: OrderState


class Canceled(msgspec.Struct, frozen=True, gc=False):
    """The order left the market; `canceled_qty` is what was open.

    `request_cl_ord_id` is the cancel request's id, "" where nobody of the member asked.
    """

    reason: int
    canceled_qty: int
    order: OrderState
    request_cl_ord_id: str


class Replaced(msgspec.Struct, frozen=True, gc=False):
    """The order has new terms and a new cl_ord_id; `kept_priority` 1 if its queue place stayed."""

    kept_priority: int
    order: OrderState
    orig_cl_ord_id: str


class Expired(msgspec.Struct, frozen=True, gc=False):
    """End of day, or the expire time of a GTD order; `expired_qty` is what was open."""

    reason: int
    expired_qty: int
    order: OrderState


class Restated(msgspec.Struct, frozen=True, gc=False):
    """The venue changed the order itself; the state shows how it is now.

    `reason` (CancelReason) says why: STP decrement, peg repriced, post-only repriced, reduce-only
    quantity lowered. The next tranche of an iceberg is no restatement: book events show it (R4.5).
    """

    reason: int
    order: OrderState


class Triggered(msgspec.Struct, frozen=True, gc=False):
    """A stop was triggered (R4.7) by a trade at `trigger_price`; it acts as incoming order now."""

    trigger_price: int
    order: OrderState


class TermsChanged(msgspec.Struct, frozen=True, gc=False):
    """The terms of an order that has any: right after Accepted and Replaced, and when it trails."""

    order: OrderState
    terms: OrderTerms


class CancelRejected(msgspec.Struct, frozen=True, gc=False):
    """FIX OrderCancelReject (9), for cancel (`is_replace` 0) and replace (1).

    `ord_status` and `order_id` are those of the order where it is known, else 0.
    """

    reason: int
    is_replace: int
    ord_status: int
    member_id: int
    instrument_id: int
    order_id: int
    cl_ord_id: str
    orig_cl_ord_id: str


class Repeated(msgspec.Struct, frozen=True, gc=False):
    """R10.1: a known command came again; this is its original outcome, and nothing changed.

    `outcome` is the EventKind of the original acknowledgement (ACCEPTED, REJECTED, CANCELED,
    REPLACED, CANCEL_REJECTED, MASS_CANCELED), `reason` its reject or cancel reason. `order` is the
    order as it is *now*; where none is known only member and cl_ord_id are filled.
    """

    outcome: int
    reason: int
    order: OrderState
    cl_ord_id: str
    orig_cl_ord_id: str


class MassCanceled(msgspec.Struct, frozen=True, gc=False):
    """FIX OrderMassCancelReport (r); the `canceled_count` Canceled events follow."""

    member_id: int
    account_id: int
    instrument_id: int
    side: int
    canceled_count: int
    cl_ord_id: str


class LevelChanged(msgspec.Struct, frozen=True, gc=False):
    """Displayed quantity and number of orders at a price after the command; 0, 0 = level gone."""

    instrument_id: int
    side: int
    price: int
    qty: int
    order_count: int


class BboChanged(msgspec.Struct, frozen=True, gc=False):
    """Best bid and offer after the command; a quantity of 0 = that side is empty."""

    instrument_id: int
    bid_price: int
    bid_qty: int
    ask_price: int
    ask_qty: int


class PhaseChanged(msgspec.Struct, frozen=True, gc=False):
    """The instrument is now in `phase`."""

    instrument_id: int
    phase: int
    previous: int
    operator: str
    reason: str


class InstrumentChanged(msgspec.Struct, frozen=True, gc=False):
    """The instrument as it is now; `created` 1 = it is new."""

    created: int
    instrument: Instrument


class MemberChanged(msgspec.Struct, frozen=True, gc=False):
    """The member as it is now."""

    created: int
    member: Member


class AccountChanged(msgspec.Struct, frozen=True, gc=False):
    """The account as it is now."""

    created: int
    account: Account


class KillSwitchChanged(msgspec.Struct, frozen=True, gc=False):
    """A kill switch was engaged (1) or released (0)."""

    scope: int
    target_id: int
    engaged: int
    operator: str
    reason: str


class SessionChanged(msgspec.Struct, frozen=True, gc=False):
    """A client session was opened (1) or closed (0)."""

    session_id: int
    member_id: int
    is_open: int
    cancel_on_disconnect: int
    reason: str


class TradingDayChanged(msgspec.Struct, frozen=True, gc=False):
    """A new trading day began: used cl_ord_ids are free again."""

    trading_day: int


class AdminAccepted(msgspec.Struct, frozen=True, gc=False):
    """Acknowledges an admin command; its effects follow.

    `repeated` 1 = the request_id was known and nothing happened now (R10.1). `target_id` is the id
    of the thing created or changed, 0 where there is none.
    """

    command_kind: int
    repeated: int
    target_id: int
    request_id: str
    operator: str


class AdminRejected(msgspec.Struct, frozen=True, gc=False):
    """The admin command was refused; `detail` names the field or object at fault."""

    command_kind: int
    repeated: int
    reason: int
    request_id: str
    operator: str
    detail: str


class EpochChanged(msgspec.Struct, frozen=True, gc=False):
    """A new leadership began at this entry."""

    epoch: int
    node: str


class MembershipRecorded(msgspec.Struct, frozen=True, gc=False):
    """The register of the cluster changed (`RecordMembership`)."""

    version: int
    generation: int
    epoch: int
    primary: str
    on_single_copy: str
    in_sync: str
    what: str


class CommandIgnored(msgspec.Struct, frozen=True, gc=False):
    """A record that cannot be decoded; it has no other effect (the engine is total)."""

    kind: int
    detail: str


Event = (
    Accepted
    | Rejected
    | Trade
    | Canceled
    | Replaced
    | Expired
    | Restated
    | Triggered
    | TermsChanged
    | CancelRejected
    | Repeated
    | MassCanceled
    | LevelChanged
    | BboChanged
    | PhaseChanged
    | InstrumentChanged
    | MemberChanged
    | AccountChanged
    | KillSwitchChanged
    | SessionChanged
    | TradingDayChanged
    | AdminAccepted
    | AdminRejected
    | EpochChanged
    | MembershipRecorded
    | CommandIgnored
    | InstrumentSplit
    | Indicative
    | AuctionExtended
    | Uncrossed
    | VolatilityInterrupted
    | BreakerTripped
    | TradingRulesChanged
    | ScheduleChanged
    | DayEndsChanged
    | IndexChanged
    | ClosingPrice
    | RiskEvent
    | DarkEvent
)
