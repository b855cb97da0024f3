"""Commands: what the log holds. Everything that changes the market is one of these.

Room: frozen values, one class a kind; `exchange.model.codec` gives them bytes. Names are already
resolved to ids by the gateway (0 = the name is unknown; the engine refuses it by name), prices are
in 1e-9 quote units, quantities in base units. The numbers of the kinds are frozen.

Who sent it stands in the record header (`session_id`), not in the content: a command that is
repeated over another session is the same command (RULEBOOK R10.1).
"""

from __future__ import annotations

from enum import IntEnum

import msgspec

from exchange.model.auction_command import SetDayEnds, SetIndex, SetSchedule, SetTradingRules
from exchange.model.corporate_action import SplitInstrument
from exchange.model.dark import SetDarkRules
from exchange.model.instrument import ALL_FIELDS, Instrument
from exchange.model.risk_command import RiskCommand
from exchange.model.terms import ChangedTerms, OrderTerms


class CommandKind(IntEnum):
    """Record kinds of the log."""

    NEW_ORDER = 1
    CANCEL_ORDER = 2
    REPLACE_ORDER = 3
    MASS_CANCEL = 4
    NEW_ORDER_WITH_TERMS = 5
    REPLACE_ORDER_WITH_TERMS = 6

    SESSION_OPENED = 10
    SESSION_CLOSED = 11
    SPLIT_INSTRUMENT = 12
    RECORD_MEMBERSHIP = 13

    CREATE_INSTRUMENT = 20
    UPDATE_INSTRUMENT = 21
    CREATE_MEMBER = 22
    UPDATE_MEMBER = 23
    CREATE_ACCOUNT = 24
    UPDATE_ACCOUNT = 25

    OPEN_SESSION = 30
    CLOSE_SESSION = 31
    HALT = 32
    RESUME = 33
    ENGAGE_KILL_SWITCH = 34
    RELEASE_KILL_SWITCH = 35
    OPERATOR_CANCEL = 36
    SET_PHASE = 37

    EPOCH_STARTED = 40

    SET_TRADING_RULES = 50
    SET_SCHEDULE = 51
    SET_DAY_ENDS = 52
    SET_INDEX = 53
    SET_ACCOUNT_LIMITS = 60
    SET_MEMBER_LIMITS = 61
    RESTRICT = 62
    UNRESTRICT = 63
    ADJUST_CASH = 64
    ADJUST_POSITION = 65
    SET_FEE_SCHEDULE = 66
    SET_RISK_REFERENCE = 67
    BUST_TRADE = 68
    CORRECT_TRADE = 69
    EMERGENCY_CLOSE = 70

    SET_DARK_RULES = 80


LOWERS_RISK = frozenset(
    {
        CommandKind.CANCEL_ORDER,
        CommandKind.MASS_CANCEL,
        CommandKind.SESSION_CLOSED,
        CommandKind.CLOSE_SESSION,
        CommandKind.HALT,
        CommandKind.ENGAGE_KILL_SWITCH,
        CommandKind.OPERATOR_CANCEL,
    }
)
"""Kinds that can only take orders out of the market; they are let through longest."""


class NewOrder(msgspec.Struct, frozen=True, gc=False):
    """FIX NewOrderSingle (D). `price` 0 = none; `expire_ts_ns` 0 = none; `stp` 0 = default."""

    member_id: int
    account_id: int
    instrument_id: int
    side: int
    ord_type: int
    time_in_force: int
    stp: int
    flags: int
    order_qty: int
    price: int
    expire_ts_ns: int
    cl_ord_id: str


class CancelOrder(msgspec.Struct, frozen=True, gc=False):
    """FIX OrderCancelRequest (F): names the order by `order_id`, or by `orig_cl_ord_id`."""

    member_id: int
    order_id: int
    cl_ord_id: str
    orig_cl_ord_id: str


class ReplaceOrder(msgspec.Struct, frozen=True, gc=False):
    """FIX OrderCancelReplaceRequest (G).

    `order_qty` is the new total (R4.4); 0 keeps the old one. `price` 0 keeps the old one.
    """

    member_id: int
    order_id: int
    order_qty: int
    price: int
    cl_ord_id: str
    orig_cl_ord_id: str


class NewOrderWithTerms(msgspec.Struct, frozen=True, gc=False):
    """A new order that says more than price and quantity (R3.1, R3.3)."""

    order: NewOrder
    terms: OrderTerms


class ReplaceOrderWithTerms(msgspec.Struct, frozen=True, gc=False):
    """A replace that changes terms too; with nothing changed it is a plain replace."""

    replace: ReplaceOrder
    terms: ChangedTerms


class MassCancel(msgspec.Struct, frozen=True, gc=False):
    """FIX OrderMassCancelRequest (q): all open orders of the member that pass the filters.

    0 = any, for `account_id`, `instrument_id` and `side`. A filter that was named but is unknown
    comes as `UNKNOWN_ID` and is refused.
    """

    member_id: int
    account_id: int
    instrument_id: int
    side: int
    cl_ord_id: str


UNKNOWN_ID = 0xFFFF_FFFF
"""Stands for a name that was given but is not known, where 0 means "not given"."""


class SessionOpened(msgspec.Struct, frozen=True, gc=False):
    """A client session begins; the engine gives it the next session id."""

    member_id: int
    cancel_on_disconnect: int
    request_id: str


class SessionClosed(msgspec.Struct, frozen=True, gc=False):
    """A client session ended or was lost (R9.2); `reason` says which."""

    session_id: int
    reason: str


class CreateInstrument(msgspec.Struct, frozen=True, gc=False):
    """Adds an instrument, CLOSED at first; `instrument.instrument_id` is ignored."""

    instrument: Instrument
    request_id: str
    operator: str


class UpdateInstrument(msgspec.Struct, frozen=True, gc=False):
    """Changes the fields of the instrument that `mask` names (`instrument.mask_of`).

    `instrument.instrument_id` says which; the other fields are as they are when the command is
    applied, so that two operators who change different fields do not undo each other. Tick, lot
    and qty_decimals change only while it has no open orders; the symbol never; RETIRED is final.
    """

    instrument: Instrument
    request_id: str
    operator: str
    mask: int = ALL_FIELDS


class CreateMember(msgspec.Struct, frozen=True, gc=False):
    """Adds a member with one account of the same name."""

    name: str
    request_id: str
    operator: str


class UpdateMember(msgspec.Struct, frozen=True, gc=False):
    """Enables or disables a member; disabling cancels nothing (use the kill switch for that)."""

    member_id: int
    standing: int
    request_id: str
    operator: str


class CreateAccount(msgspec.Struct, frozen=True, gc=False):
    """Adds an account to a member; account names are unique within the member."""

    member_id: int
    name: str
    request_id: str
    operator: str


class UpdateAccount(msgspec.Struct, frozen=True, gc=False):
    """Enables or disables an account."""

    account_id: int
    standing: int
    request_id: str
    operator: str


class OpenSession(msgspec.Struct, frozen=True, gc=False):
    """Trading session: CLOSED -> CONTINUOUS, of one instrument or (0) of all that are closed."""

    instrument_id: int
    request_id: str
    operator: str


class CloseSession(msgspec.Struct, frozen=True, gc=False):
    """Trading session: any open phase -> CLOSED; DAY orders expire.

    For the whole market (instrument_id 0) the trading day ends too: terminal orders and used
    `cl_ord_id`s are forgotten (R10.1) and the next trading day begins.
    """

    instrument_id: int
    request_id: str
    operator: str


class Halt(msgspec.Struct, frozen=True, gc=False):
    """R7.4: one instrument, one asset class, or (both 0) the market; `cancel` as in R7.5."""

    instrument_id: int
    asset_class: int
    cancel: int
    request_id: str
    operator: str
    reason: str


class Resume(msgspec.Struct, frozen=True, gc=False):
    """R7.4. `direct` 1 = the operator confirmed that no auction is to precede trading."""

    instrument_id: int
    asset_class: int
    direct: int
    request_id: str
    operator: str
    reason: str


class EngageKillSwitch(msgspec.Struct, frozen=True, gc=False):
    """R9.1: cancels all open orders in scope and refuses new ones; `target_id` 0 for MARKET."""

    scope: int
    target_id: int
    request_id: str
    operator: str
    reason: str


class ReleaseKillSwitch(msgspec.Struct, frozen=True, gc=False):
    """R9.1: new orders in scope are taken again."""

    scope: int
    target_id: int
    request_id: str
    operator: str
    reason: str


class OperatorCancel(msgspec.Struct, frozen=True, gc=False):
    """R9.2 by an operator: cancels all open orders that pass the filters; 0 = any."""

    member_id: int
    account_id: int
    instrument_id: int
    side: int
    request_id: str
    operator: str
    reason: str


class SetPhase(msgspec.Struct, frozen=True, gc=False):
    """R2(b): an operator moves one instrument to a phase."""

    instrument_id: int
    phase: int
    request_id: str
    operator: str


class EpochStarted(msgspec.Struct, frozen=True, gc=False):
    """First command of every leadership: all client sessions of the epoch before are lost."""

    epoch: int
    node: str


class RecordMembership(msgspec.Struct, frozen=True, gc=False):
    """The register of the cluster changed: who keeps the log, and on whose decision.

    A record for the audit; it has no effect on the market. `in_sync` names the members, separated
    by blanks; `what` says what changed, in words.
    """

    version: int
    generation: int
    epoch: int
    primary: str
    on_single_copy: str
    in_sync: str
    what: str


Command = (
    NewOrder
    | CancelOrder
    | ReplaceOrder
    | MassCancel
    | NewOrderWithTerms
    | ReplaceOrderWithTerms
    | SessionOpened
    | SessionClosed
    | CreateInstrument
    | UpdateInstrument
    | SplitInstrument
    | CreateMember
    | UpdateMember
    | CreateAccount
    | UpdateAccount
    | OpenSession
    | CloseSession
    | Halt
    | Resume
    | EngageKillSwitch
    | ReleaseKillSwitch
    | OperatorCancel
    | SetPhase
    | EpochStarted
    | RecordMembership
    | SetTradingRules
    | SetSchedule
    | SetDayEnds
    | SetIndex
    | RiskCommand
    | SetDarkRules
)
