import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Side(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SIDE_UNSPECIFIED: _ClassVar[Side]
    SIDE_BUY: _ClassVar[Side]
    SIDE_SELL: _ClassVar[Side]

class OrdType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORD_TYPE_UNSPECIFIED: _ClassVar[OrdType]
    ORD_TYPE_MARKET: _ClassVar[OrdType]
    ORD_TYPE_LIMIT: _ClassVar[OrdType]
    ORD_TYPE_STOP: _ClassVar[OrdType]
    ORD_TYPE_STOP_LIMIT: _ClassVar[OrdType]
    ORD_TYPE_MARKET_TO_LIMIT: _ClassVar[OrdType]
    ORD_TYPE_PEGGED: _ClassVar[OrdType]
    ORD_TYPE_TRAILING_STOP: _ClassVar[OrdType]
    ORD_TYPE_TRAILING_STOP_LIMIT: _ClassVar[OrdType]

class TimeInForce(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TIME_IN_FORCE_UNSPECIFIED: _ClassVar[TimeInForce]
    TIME_IN_FORCE_DAY: _ClassVar[TimeInForce]
    TIME_IN_FORCE_GTC: _ClassVar[TimeInForce]
    TIME_IN_FORCE_IOC: _ClassVar[TimeInForce]
    TIME_IN_FORCE_FOK: _ClassVar[TimeInForce]
    TIME_IN_FORCE_GTD: _ClassVar[TimeInForce]
    TIME_IN_FORCE_AT_THE_OPENING: _ClassVar[TimeInForce]
    TIME_IN_FORCE_AT_THE_CLOSE: _ClassVar[TimeInForce]

class OrdStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORD_STATUS_UNSPECIFIED: _ClassVar[OrdStatus]
    ORD_STATUS_NEW: _ClassVar[OrdStatus]
    ORD_STATUS_PARTIALLY_FILLED: _ClassVar[OrdStatus]
    ORD_STATUS_FILLED: _ClassVar[OrdStatus]
    ORD_STATUS_CANCELED: _ClassVar[OrdStatus]
    ORD_STATUS_REJECTED: _ClassVar[OrdStatus]
    ORD_STATUS_EXPIRED: _ClassVar[OrdStatus]
    ORD_STATUS_SUSPENDED: _ClassVar[OrdStatus]

class ExecType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXEC_TYPE_UNSPECIFIED: _ClassVar[ExecType]
    EXEC_TYPE_NEW: _ClassVar[ExecType]
    EXEC_TYPE_TRADE: _ClassVar[ExecType]
    EXEC_TYPE_CANCELED: _ClassVar[ExecType]
    EXEC_TYPE_REPLACED: _ClassVar[ExecType]
    EXEC_TYPE_REJECTED: _ClassVar[ExecType]
    EXEC_TYPE_EXPIRED: _ClassVar[ExecType]
    EXEC_TYPE_SUSPENDED: _ClassVar[ExecType]
    EXEC_TYPE_RESTATED: _ClassVar[ExecType]
    EXEC_TYPE_TRADE_CANCEL: _ClassVar[ExecType]
    EXEC_TYPE_TRADE_CORRECT: _ClassVar[ExecType]
    EXEC_TYPE_ORDER_STATUS: _ClassVar[ExecType]
    EXEC_TYPE_TRIGGERED: _ClassVar[ExecType]
    EXEC_TYPE_CANCEL_REJECTED: _ClassVar[ExecType]

class StpMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STP_MODE_UNSPECIFIED: _ClassVar[StpMode]
    STP_MODE_ALLOW: _ClassVar[StpMode]
    STP_MODE_CANCEL_INCOMING: _ClassVar[StpMode]
    STP_MODE_CANCEL_RESTING: _ClassVar[StpMode]
    STP_MODE_CANCEL_BOTH: _ClassVar[StpMode]
    STP_MODE_DECREMENT_AND_CANCEL: _ClassVar[StpMode]

class OrderFlag(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORDER_FLAG_UNSPECIFIED: _ClassVar[OrderFlag]
    ORDER_FLAG_POST_ONLY: _ClassVar[OrderFlag]
    ORDER_FLAG_HIDDEN: _ClassVar[OrderFlag]
    ORDER_FLAG_ALL_OR_NONE: _ClassVar[OrderFlag]
    ORDER_FLAG_REDUCE_ONLY: _ClassVar[OrderFlag]
    ORDER_FLAG_POST_ONLY_REPRICE: _ClassVar[OrderFlag]
    ORDER_FLAG_DARK_BOOK: _ClassVar[OrderFlag]

class BookKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BOOK_KIND_UNSPECIFIED: _ClassVar[BookKind]
    BOOK_KIND_LIT: _ClassVar[BookKind]
    BOOK_KIND_DARK: _ClassVar[BookKind]

class TrailUnit(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRAIL_UNIT_UNSPECIFIED: _ClassVar[TrailUnit]
    TRAIL_UNIT_PRICE: _ClassVar[TrailUnit]
    TRAIL_UNIT_BASIS_POINTS: _ClassVar[TrailUnit]

class PegType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PEG_TYPE_UNSPECIFIED: _ClassVar[PegType]
    PEG_TYPE_PRIMARY: _ClassVar[PegType]
    PEG_TYPE_MARKET: _ClassVar[PegType]
    PEG_TYPE_MIDPOINT: _ClassVar[PegType]

class Phase(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PHASE_UNSPECIFIED: _ClassVar[Phase]
    PHASE_CLOSED: _ClassVar[Phase]
    PHASE_PRE_OPEN: _ClassVar[Phase]
    PHASE_OPENING_AUCTION: _ClassVar[Phase]
    PHASE_CONTINUOUS: _ClassVar[Phase]
    PHASE_CLOSING_AUCTION: _ClassVar[Phase]
    PHASE_POST_CLOSE: _ClassVar[Phase]
    PHASE_VOLATILITY_AUCTION: _ClassVar[Phase]
    PHASE_HALTED: _ClassVar[Phase]

class AssetClass(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ASSET_CLASS_UNSPECIFIED: _ClassVar[AssetClass]
    ASSET_CLASS_EQUITY: _ClassVar[AssetClass]
    ASSET_CLASS_BOND: _ClassVar[AssetClass]
    ASSET_CLASS_FUTURE: _ClassVar[AssetClass]
    ASSET_CLASS_OPTION: _ClassVar[AssetClass]
    ASSET_CLASS_CRYPTO: _ClassVar[AssetClass]

class InstrumentStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INSTRUMENT_STATUS_UNSPECIFIED: _ClassVar[InstrumentStatus]
    INSTRUMENT_STATUS_ACTIVE: _ClassVar[InstrumentStatus]
    INSTRUMENT_STATUS_RETIRED: _ClassVar[InstrumentStatus]

class Standing(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STANDING_UNSPECIFIED: _ClassVar[Standing]
    STANDING_ACTIVE: _ClassVar[Standing]
    STANDING_DISABLED: _ClassVar[Standing]

class KillScope(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    KILL_SCOPE_UNSPECIFIED: _ClassVar[KillScope]
    KILL_SCOPE_SESSION: _ClassVar[KillScope]
    KILL_SCOPE_ACCOUNT: _ClassVar[KillScope]
    KILL_SCOPE_MEMBER: _ClassVar[KillScope]
    KILL_SCOPE_INSTRUMENT: _ClassVar[KillScope]
    KILL_SCOPE_MARKET: _ClassVar[KillScope]

class CancelReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CANCEL_REASON_UNSPECIFIED: _ClassVar[CancelReason]
    CANCEL_REASON_REQUESTED: _ClassVar[CancelReason]
    CANCEL_REASON_MASS_CANCEL: _ClassVar[CancelReason]
    CANCEL_REASON_UNFILLED_REMAINDER: _ClassVar[CancelReason]
    CANCEL_REASON_FOK_NOT_FILLABLE: _ClassVar[CancelReason]
    CANCEL_REASON_SELF_TRADE_PREVENTION: _ClassVar[CancelReason]
    CANCEL_REASON_CANCEL_ON_TRADING_HALT: _ClassVar[CancelReason]
    CANCEL_REASON_KILL_SWITCH: _ClassVar[CancelReason]
    CANCEL_REASON_CANCEL_ON_DISCONNECT: _ClassVar[CancelReason]
    CANCEL_REASON_REPLACED_TO_CUM_QTY: _ClassVar[CancelReason]
    CANCEL_REASON_CANCELED_BY_OPERATOR: _ClassVar[CancelReason]
    CANCEL_REASON_INSTRUMENT_RETIRED: _ClassVar[CancelReason]
    CANCEL_REASON_END_OF_DAY: _ClassVar[CancelReason]
    CANCEL_REASON_GOOD_TILL_DATE: _ClassVar[CancelReason]
    CANCEL_REASON_LINKED_ORDER_EXECUTED: _ClassVar[CancelReason]
    CANCEL_REASON_MIN_QTY_NOT_FILLABLE: _ClassVar[CancelReason]
    CANCEL_REASON_PEG_REPRICED: _ClassVar[CancelReason]
    CANCEL_REASON_POST_ONLY_REPRICED: _ClassVar[CancelReason]
    CANCEL_REASON_REDUCE_ONLY_POSITION: _ClassVar[CancelReason]
    CANCEL_REASON_POST_ONLY_WOULD_TAKE: _ClassVar[CancelReason]
    CANCEL_REASON_AUCTION_UNEXECUTED: _ClassVar[CancelReason]
    CANCEL_REASON_AUCTION_PRICED: _ClassVar[CancelReason]
    CANCEL_REASON_FORCED_LIQUIDATION: _ClassVar[CancelReason]
    CANCEL_REASON_EMERGENCY_CLOSE: _ClassVar[CancelReason]
    CANCEL_REASON_DARK_BOOK_CLOSED: _ClassVar[CancelReason]
    CANCEL_REASON_CORPORATE_ACTION: _ClassVar[CancelReason]

class BreakerScope(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BREAKER_SCOPE_UNSPECIFIED: _ClassVar[BreakerScope]
    BREAKER_SCOPE_NONE: _ClassVar[BreakerScope]
    BREAKER_SCOPE_INSTRUMENT: _ClassVar[BreakerScope]
    BREAKER_SCOPE_MARKET: _ClassVar[BreakerScope]

class ClosingPriceSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CLOSING_PRICE_SOURCE_UNSPECIFIED: _ClassVar[ClosingPriceSource]
    CLOSING_PRICE_SOURCE_CLOSING_AUCTION: _ClassVar[ClosingPriceSource]
    CLOSING_PRICE_SOURCE_LAST_TRADE: _ClassVar[ClosingPriceSource]
    CLOSING_PRICE_SOURCE_REFERENCE: _ClassVar[ClosingPriceSource]

class RejectReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REJECT_REASON_UNSPECIFIED: _ClassVar[RejectReason]
    REJECT_REASON_UNKNOWN_MEMBER: _ClassVar[RejectReason]
    REJECT_REASON_MEMBER_DISABLED: _ClassVar[RejectReason]
    REJECT_REASON_UNKNOWN_ACCOUNT: _ClassVar[RejectReason]
    REJECT_REASON_ACCOUNT_DISABLED: _ClassVar[RejectReason]
    REJECT_REASON_UNKNOWN_SESSION: _ClassVar[RejectReason]
    REJECT_REASON_KILL_SWITCH_ENGAGED: _ClassVar[RejectReason]
    REJECT_REASON_UNKNOWN_SYMBOL: _ClassVar[RejectReason]
    REJECT_REASON_INSTRUMENT_RETIRED: _ClassVar[RejectReason]
    REJECT_REASON_INVALID_CL_ORD_ID: _ClassVar[RejectReason]
    REJECT_REASON_INVALID_SIDE: _ClassVar[RejectReason]
    REJECT_REASON_ORD_TYPE_NOT_SUPPORTED: _ClassVar[RejectReason]
    REJECT_REASON_TIME_IN_FORCE_NOT_SUPPORTED: _ClassVar[RejectReason]
    REJECT_REASON_INSTRUCTION_NOT_SUPPORTED: _ClassVar[RejectReason]
    REJECT_REASON_INVALID_STP_MODE: _ClassVar[RejectReason]
    REJECT_REASON_INVALID_QUANTITY: _ClassVar[RejectReason]
    REJECT_REASON_QUANTITY_NOT_A_LOT_MULTIPLE: _ClassVar[RejectReason]
    REJECT_REASON_PRICE_REQUIRED: _ClassVar[RejectReason]
    REJECT_REASON_PRICE_NOT_ALLOWED: _ClassVar[RejectReason]
    REJECT_REASON_INVALID_PRICE: _ClassVar[RejectReason]
    REJECT_REASON_PRICE_NOT_A_TICK_MULTIPLE: _ClassVar[RejectReason]
    REJECT_REASON_INVALID_EXPIRE_TIME: _ClassVar[RejectReason]
    REJECT_REASON_INVALID_COMBINATION: _ClassVar[RejectReason]
    REJECT_REASON_POST_ONLY_WOULD_TAKE: _ClassVar[RejectReason]
    REJECT_REASON_DUPLICATE_CL_ORD_ID: _ClassVar[RejectReason]
    REJECT_REASON_UNKNOWN_ORDER: _ClassVar[RejectReason]
    REJECT_REASON_TOO_LATE: _ClassVar[RejectReason]
    REJECT_REASON_NOTHING_TO_REPLACE: _ClassVar[RejectReason]
    REJECT_REASON_STOP_PRICE_REQUIRED: _ClassVar[RejectReason]
    REJECT_REASON_STOP_PRICE_NOT_ALLOWED: _ClassVar[RejectReason]
    REJECT_REASON_INVALID_STOP_PRICE: _ClassVar[RejectReason]
    REJECT_REASON_TRAIL_REQUIRED: _ClassVar[RejectReason]
    REJECT_REASON_TRAIL_NOT_ALLOWED: _ClassVar[RejectReason]
    REJECT_REASON_INVALID_TRAIL: _ClassVar[RejectReason]
    REJECT_REASON_PEG_REQUIRED: _ClassVar[RejectReason]
    REJECT_REASON_PEG_NOT_ALLOWED: _ClassVar[RejectReason]
    REJECT_REASON_INVALID_PEG: _ClassVar[RejectReason]
    REJECT_REASON_INVALID_DISPLAY_QTY: _ClassVar[RejectReason]
    REJECT_REASON_INVALID_MIN_QTY: _ClassVar[RejectReason]
    REJECT_REASON_UNKNOWN_LINKED_ORDER: _ClassVar[RejectReason]
    REJECT_REASON_LINKED_ORDER_NOT_ALLOWED: _ClassVar[RejectReason]
    REJECT_REASON_REDUCE_ONLY_WOULD_INCREASE: _ClassVar[RejectReason]
    REJECT_REASON_DARK_BOOK_NOT_OPEN: _ClassVar[RejectReason]
    REJECT_REASON_BELOW_MIN_BLOCK_QTY: _ClassVar[RejectReason]
    REJECT_REASON_DARK_BOOK_NOT_CONTINUOUS: _ClassVar[RejectReason]
    REJECT_REASON_BELOW_MIN_ORDER_QTY: _ClassVar[RejectReason]
    REJECT_REASON_ABOVE_MAX_ORDER_QTY: _ClassVar[RejectReason]
    REJECT_REASON_ABOVE_MAX_ORDER_NOTIONAL: _ClassVar[RejectReason]
    REJECT_REASON_PRICE_OUT_OF_BAND: _ClassVar[RejectReason]
    REJECT_REASON_RESTRICTED: _ClassVar[RejectReason]
    REJECT_REASON_ORDER_RATE_EXCEEDED: _ClassVar[RejectReason]
    REJECT_REASON_PRICE_OUTSIDE_COLLAR: _ClassVar[RejectReason]
    REJECT_REASON_POSITION_LIMIT_EXCEEDED: _ClassVar[RejectReason]
    REJECT_REASON_MARKET_IMPACT_TOO_LARGE: _ClassVar[RejectReason]
    REJECT_REASON_ACCOUNT_TYPE_NOT_ALLOWED: _ClassVar[RejectReason]
    REJECT_REASON_ACCOUNT_IN_MARGIN_CALL: _ClassVar[RejectReason]
    REJECT_REASON_CREDIT_LIMIT_EXCEEDED: _ClassVar[RejectReason]
    REJECT_REASON_INSUFFICIENT_CASH: _ClassVar[RejectReason]
    REJECT_REASON_INSUFFICIENT_POSITION: _ClassVar[RejectReason]
    REJECT_REASON_INSUFFICIENT_MARGIN: _ClassVar[RejectReason]
    REJECT_REASON_CONCENTRATION_EXCEEDED: _ClassVar[RejectReason]
    REJECT_REASON_DAY_TRADE_LIMIT_REACHED: _ClassVar[RejectReason]
    REJECT_REASON_EXCHANGE_CLOSED: _ClassVar[RejectReason]
    REJECT_REASON_INSTRUMENT_HALTED: _ClassVar[RejectReason]
    REJECT_REASON_PHASE_NOT_SUPPORTED: _ClassVar[RejectReason]
    REJECT_REASON_WRONG_PHASE: _ClassVar[RejectReason]
    REJECT_REASON_TIME_IN_FORCE_NOT_IN_PHASE: _ClassVar[RejectReason]
    REJECT_REASON_POST_ONLY_NOT_IN_AUCTION: _ClassVar[RejectReason]
    REJECT_REASON_AUCTION_MISSED: _ClassVar[RejectReason]
    REJECT_REASON_HALTED_UNTIL_NEXT_DAY: _ClassVar[RejectReason]
    REJECT_REASON_DUPLICATE_REQUEST_ID: _ClassVar[RejectReason]
    REJECT_REASON_INVALID_REQUEST_ID: _ClassVar[RejectReason]
    REJECT_REASON_INVALID_SYMBOL: _ClassVar[RejectReason]
    REJECT_REASON_SYMBOL_EXISTS: _ClassVar[RejectReason]
    REJECT_REASON_INVALID_NAME: _ClassVar[RejectReason]
    REJECT_REASON_NAME_EXISTS: _ClassVar[RejectReason]
    REJECT_REASON_INVALID_FIELD: _ClassVar[RejectReason]
    REJECT_REASON_OPEN_ORDERS_EXIST: _ClassVar[RejectReason]
    REJECT_REASON_ALREADY_ENGAGED: _ClassVar[RejectReason]
    REJECT_REASON_NOT_ENGAGED: _ClassVar[RejectReason]
    REJECT_REASON_UNKNOWN_TARGET: _ClassVar[RejectReason]
    REJECT_REASON_NO_CHANGE: _ClassVar[RejectReason]
    REJECT_REASON_REASON_REQUIRED: _ClassVar[RejectReason]
    REJECT_REASON_LIMIT_REACHED: _ClassVar[RejectReason]
    REJECT_REASON_SCHEDULE_IN_THE_PAST: _ClassVar[RejectReason]
    REJECT_REASON_SCHEDULE_OVERLAPS: _ClassVar[RejectReason]
    REJECT_REASON_SCHEDULE_TRANSITION: _ClassVar[RejectReason]
    REJECT_REASON_CALL_LENGTH_INVALID: _ClassVar[RejectReason]
    REJECT_REASON_UNKNOWN_TRADE: _ClassVar[RejectReason]
    REJECT_REASON_TRADE_BUSTED: _ClassVar[RejectReason]
    REJECT_REASON_ALREADY_RESTRICTED: _ClassVar[RejectReason]
    REJECT_REASON_NOT_RESTRICTED: _ClassVar[RejectReason]
    REJECT_REASON_POSITIONS_EXIST: _ClassVar[RejectReason]
    REJECT_REASON_INSUFFICIENT_BALANCE: _ClassVar[RejectReason]
    REJECT_REASON_INVALID_SPLIT_RATIO: _ClassVar[RejectReason]
    REJECT_REASON_SPLIT_NOT_ALLOWED: _ClassVar[RejectReason]
    REJECT_REASON_SPLIT_OUT_OF_RANGE: _ClassVar[RejectReason]
    REJECT_REASON_TRADE_FINAL: _ClassVar[RejectReason]

class Liquidity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LIQUIDITY_UNSPECIFIED: _ClassVar[Liquidity]
    LIQUIDITY_MAKER: _ClassVar[Liquidity]
    LIQUIDITY_TAKER: _ClassVar[Liquidity]
SIDE_UNSPECIFIED: Side
SIDE_BUY: Side
SIDE_SELL: Side
ORD_TYPE_UNSPECIFIED: OrdType
ORD_TYPE_MARKET: OrdType
ORD_TYPE_LIMIT: OrdType
ORD_TYPE_STOP: OrdType
ORD_TYPE_STOP_LIMIT: OrdType
ORD_TYPE_MARKET_TO_LIMIT: OrdType
ORD_TYPE_PEGGED: OrdType
ORD_TYPE_TRAILING_STOP: OrdType
ORD_TYPE_TRAILING_STOP_LIMIT: OrdType
TIME_IN_FORCE_UNSPECIFIED: TimeInForce
TIME_IN_FORCE_DAY: TimeInForce
TIME_IN_FORCE_GTC: TimeInForce
TIME_IN_FORCE_IOC: TimeInForce
TIME_IN_FORCE_FOK: TimeInForce
TIME_IN_FORCE_GTD: TimeInForce
TIME_IN_FORCE_AT_THE_OPENING: TimeInForce
TIME_IN_FORCE_AT_THE_CLOSE: TimeInForce
ORD_STATUS_UNSPECIFIED: OrdStatus
ORD_STATUS_NEW: OrdStatus
ORD_STATUS_PARTIALLY_FILLED: OrdStatus
ORD_STATUS_FILLED: OrdStatus
ORD_STATUS_CANCELED: OrdStatus
ORD_STATUS_REJECTED: OrdStatus
ORD_STATUS_EXPIRED: OrdStatus
ORD_STATUS_SUSPENDED: OrdStatus
EXEC_TYPE_UNSPECIFIED: ExecType
EXEC_TYPE_NEW: ExecType
EXEC_TYPE_TRADE: ExecType
EXEC_TYPE_CANCELED: ExecType
EXEC_TYPE_REPLACED: ExecType
EXEC_TYPE_REJECTED: ExecType
EXEC_TYPE_EXPIRED: ExecType
EXEC_TYPE_SUSPENDED: ExecType
EXEC_TYPE_RESTATED: ExecType
EXEC_TYPE_TRADE_CANCEL: ExecType
EXEC_TYPE_TRADE_CORRECT: ExecType
EXEC_TYPE_ORDER_STATUS: ExecType
EXEC_TYPE_TRIGGERED: ExecType
EXEC_TYPE_CANCEL_REJECTED: ExecType
STP_MODE_UNSPECIFIED: StpMode
STP_MODE_ALLOW: StpMode
STP_MODE_CANCEL_INCOMING: StpMode
STP_MODE_CANCEL_RESTING: StpMode
STP_MODE_CANCEL_BOTH: StpMode
STP_MODE_DECREMENT_AND_CANCEL: StpMode
ORDER_FLAG_UNSPECIFIED: OrderFlag
ORDER_FLAG_POST_ONLY: OrderFlag
ORDER_FLAG_HIDDEN: OrderFlag
ORDER_FLAG_ALL_OR_NONE: OrderFlag
ORDER_FLAG_REDUCE_ONLY: OrderFlag
ORDER_FLAG_POST_ONLY_REPRICE: OrderFlag
ORDER_FLAG_DARK_BOOK: OrderFlag
BOOK_KIND_UNSPECIFIED: BookKind
BOOK_KIND_LIT: BookKind
BOOK_KIND_DARK: BookKind
TRAIL_UNIT_UNSPECIFIED: TrailUnit
TRAIL_UNIT_PRICE: TrailUnit
TRAIL_UNIT_BASIS_POINTS: TrailUnit
PEG_TYPE_UNSPECIFIED: PegType
PEG_TYPE_PRIMARY: PegType
PEG_TYPE_MARKET: PegType
PEG_TYPE_MIDPOINT: PegType
PHASE_UNSPECIFIED: Phase
PHASE_CLOSED: Phase
PHASE_PRE_OPEN: Phase
PHASE_OPENING_AUCTION: Phase
PHASE_CONTINUOUS: Phase
PHASE_CLOSING_AUCTION: Phase
PHASE_POST_CLOSE: Phase
PHASE_VOLATILITY_AUCTION: Phase
PHASE_HALTED: Phase
ASSET_CLASS_UNSPECIFIED: AssetClass
ASSET_CLASS_EQUITY: AssetClass
ASSET_CLASS_BOND: AssetClass
ASSET_CLASS_FUTURE: AssetClass
ASSET_CLASS_OPTION: AssetClass
ASSET_CLASS_CRYPTO: AssetClass
INSTRUMENT_STATUS_UNSPECIFIED: InstrumentStatus
INSTRUMENT_STATUS_ACTIVE: InstrumentStatus
INSTRUMENT_STATUS_RETIRED: InstrumentStatus
STANDING_UNSPECIFIED: Standing
STANDING_ACTIVE: Standing
STANDING_DISABLED: Standing
KILL_SCOPE_UNSPECIFIED: KillScope
KILL_SCOPE_SESSION: KillScope
KILL_SCOPE_ACCOUNT: KillScope
KILL_SCOPE_MEMBER: KillScope
KILL_SCOPE_INSTRUMENT: KillScope
KILL_SCOPE_MARKET: KillScope
CANCEL_REASON_UNSPECIFIED: CancelReason
CANCEL_REASON_REQUESTED: CancelReason
CANCEL_REASON_MASS_CANCEL: CancelReason
CANCEL_REASON_UNFILLED_REMAINDER: CancelReason
CANCEL_REASON_FOK_NOT_FILLABLE: CancelReason
CANCEL_REASON_SELF_TRADE_PREVENTION: CancelReason
CANCEL_REASON_CANCEL_ON_TRADING_HALT: CancelReason
CANCEL_REASON_KILL_SWITCH: CancelReason
CANCEL_REASON_CANCEL_ON_DISCONNECT: CancelReason
CANCEL_REASON_REPLACED_TO_CUM_QTY: CancelReason
CANCEL_REASON_CANCELED_BY_OPERATOR: CancelReason
CANCEL_REASON_INSTRUMENT_RETIRED: CancelReason
CANCEL_REASON_END_OF_DAY: CancelReason
CANCEL_REASON_GOOD_TILL_DATE: CancelReason
CANCEL_REASON_LINKED_ORDER_EXECUTED: CancelReason
CANCEL_REASON_MIN_QTY_NOT_FILLABLE: CancelReason
CANCEL_REASON_PEG_REPRICED: CancelReason
CANCEL_REASON_POST_ONLY_REPRICED: CancelReason
CANCEL_REASON_REDUCE_ONLY_POSITION: CancelReason
CANCEL_REASON_POST_ONLY_WOULD_TAKE: CancelReason
CANCEL_REASON_AUCTION_UNEXECUTED: CancelReason
CANCEL_REASON_AUCTION_PRICED: CancelReason
CANCEL_REASON_FORCED_LIQUIDATION: CancelReason
CANCEL_REASON_EMERGENCY_CLOSE: CancelReason
CANCEL_REASON_DARK_BOOK_CLOSED: CancelReason
CANCEL_REASON_CORPORATE_ACTION: CancelReason
BREAKER_SCOPE_UNSPECIFIED: BreakerScope
BREAKER_SCOPE_NONE: BreakerScope
BREAKER_SCOPE_INSTRUMENT: BreakerScope
BREAKER_SCOPE_MARKET: BreakerScope
CLOSING_PRICE_SOURCE_UNSPECIFIED: ClosingPriceSource
CLOSING_PRICE_SOURCE_CLOSING_AUCTION: ClosingPriceSource
CLOSING_PRICE_SOURCE_LAST_TRADE: ClosingPriceSource
CLOSING_PRICE_SOURCE_REFERENCE: ClosingPriceSource
REJECT_REASON_UNSPECIFIED: RejectReason
REJECT_REASON_UNKNOWN_MEMBER: RejectReason
REJECT_REASON_MEMBER_DISABLED: RejectReason
REJECT_REASON_UNKNOWN_ACCOUNT: RejectReason
REJECT_REASON_ACCOUNT_DISABLED: RejectReason
REJECT_REASON_UNKNOWN_SESSION: RejectReason
REJECT_REASON_KILL_SWITCH_ENGAGED: RejectReason
REJECT_REASON_UNKNOWN_SYMBOL: RejectReason
REJECT_REASON_INSTRUMENT_RETIRED: RejectReason
REJECT_REASON_INVALID_CL_ORD_ID: RejectReason
REJECT_REASON_INVALID_SIDE: RejectReason
REJECT_REASON_ORD_TYPE_NOT_SUPPORTED: RejectReason
REJECT_REASON_TIME_IN_FORCE_NOT_SUPPORTED: RejectReason
REJECT_REASON_INSTRUCTION_NOT_SUPPORTED: RejectReason
REJECT_REASON_INVALID_STP_MODE: RejectReason
REJECT_REASON_INVALID_QUANTITY: RejectReason
REJECT_REASON_QUANTITY_NOT_A_LOT_MULTIPLE: RejectReason
REJECT_REASON_PRICE_REQUIRED: RejectReason
REJECT_REASON_PRICE_NOT_ALLOWED: RejectReason
REJECT_REASON_INVALID_PRICE: RejectReason
REJECT_REASON_PRICE_NOT_A_TICK_MULTIPLE: RejectReason
REJECT_REASON_INVALID_EXPIRE_TIME: RejectReason
REJECT_REASON_INVALID_COMBINATION: RejectReason
REJECT_REASON_POST_ONLY_WOULD_TAKE: RejectReason
REJECT_REASON_DUPLICATE_CL_ORD_ID: RejectReason
REJECT_REASON_UNKNOWN_ORDER: RejectReason
REJECT_REASON_TOO_LATE: RejectReason
REJECT_REASON_NOTHING_TO_REPLACE: RejectReason
REJECT_REASON_STOP_PRICE_REQUIRED: RejectReason
REJECT_REASON_STOP_PRICE_NOT_ALLOWED: RejectReason
REJECT_REASON_INVALID_STOP_PRICE: RejectReason
REJECT_REASON_TRAIL_REQUIRED: RejectReason
REJECT_REASON_TRAIL_NOT_ALLOWED: RejectReason
REJECT_REASON_INVALID_TRAIL: RejectReason
REJECT_REASON_PEG_REQUIRED: RejectReason
REJECT_REASON_PEG_NOT_ALLOWED: RejectReason
REJECT_REASON_INVALID_PEG: RejectReason
REJECT_REASON_INVALID_DISPLAY_QTY: RejectReason
REJECT_REASON_INVALID_MIN_QTY: RejectReason
REJECT_REASON_UNKNOWN_LINKED_ORDER: RejectReason
REJECT_REASON_LINKED_ORDER_NOT_ALLOWED: RejectReason
REJECT_REASON_REDUCE_ONLY_WOULD_INCREASE: RejectReason
REJECT_REASON_DARK_BOOK_NOT_OPEN: RejectReason
REJECT_REASON_BELOW_MIN_BLOCK_QTY: RejectReason
REJECT_REASON_DARK_BOOK_NOT_CONTINUOUS: RejectReason
REJECT_REASON_BELOW_MIN_ORDER_QTY: RejectReason
REJECT_REASON_ABOVE_MAX_ORDER_QTY: RejectReason
REJECT_REASON_ABOVE_MAX_ORDER_NOTIONAL: RejectReason
REJECT_REASON_PRICE_OUT_OF_BAND: RejectReason
REJECT_REASON_RESTRICTED: RejectReason
REJECT_REASON_ORDER_RATE_EXCEEDED: RejectReason
REJECT_REASON_PRICE_OUTSIDE_COLLAR: RejectReason
REJECT_REASON_POSITION_LIMIT_EXCEEDED: RejectReason
REJECT_REASON_MARKET_IMPACT_TOO_LARGE: RejectReason
REJECT_REASON_ACCOUNT_TYPE_NOT_ALLOWED: RejectReason
REJECT_REASON_ACCOUNT_IN_MARGIN_CALL: RejectReason
REJECT_REASON_CREDIT_LIMIT_EXCEEDED: RejectReason
REJECT_REASON_INSUFFICIENT_CASH: RejectReason
REJECT_REASON_INSUFFICIENT_POSITION: RejectReason
REJECT_REASON_INSUFFICIENT_MARGIN: RejectReason
REJECT_REASON_CONCENTRATION_EXCEEDED: RejectReason
REJECT_REASON_DAY_TRADE_LIMIT_REACHED: RejectReason
REJECT_REASON_EXCHANGE_CLOSED: RejectReason
REJECT_REASON_INSTRUMENT_HALTED: RejectReason
REJECT_REASON_PHASE_NOT_SUPPORTED: RejectReason
REJECT_REASON_WRONG_PHASE: RejectReason
REJECT_REASON_TIME_IN_FORCE_NOT_IN_PHASE: RejectReason
REJECT_REASON_POST_ONLY_NOT_IN_AUCTION: RejectReason
REJECT_REASON_AUCTION_MISSED: RejectReason
REJECT_REASON_HALTED_UNTIL_NEXT_DAY: RejectReason
REJECT_REASON_DUPLICATE_REQUEST_ID: RejectReason
REJECT_REASON_INVALID_REQUEST_ID: RejectReason
REJECT_REASON_INVALID_SYMBOL: RejectReason
REJECT_REASON_SYMBOL_EXISTS: RejectReason
REJECT_REASON_INVALID_NAME: RejectReason
REJECT_REASON_NAME_EXISTS: RejectReason
REJECT_REASON_INVALID_FIELD: RejectReason
REJECT_REASON_OPEN_ORDERS_EXIST: RejectReason
REJECT_REASON_ALREADY_ENGAGED: RejectReason
REJECT_REASON_NOT_ENGAGED: RejectReason
REJECT_REASON_UNKNOWN_TARGET: RejectReason
REJECT_REASON_NO_CHANGE: RejectReason
REJECT_REASON_REASON_REQUIRED: RejectReason
REJECT_REASON_LIMIT_REACHED: RejectReason
REJECT_REASON_SCHEDULE_IN_THE_PAST: RejectReason
REJECT_REASON_SCHEDULE_OVERLAPS: RejectReason
REJECT_REASON_SCHEDULE_TRANSITION: RejectReason
REJECT_REASON_CALL_LENGTH_INVALID: RejectReason
REJECT_REASON_UNKNOWN_TRADE: RejectReason
REJECT_REASON_TRADE_BUSTED: RejectReason
REJECT_REASON_ALREADY_RESTRICTED: RejectReason
REJECT_REASON_NOT_RESTRICTED: RejectReason
REJECT_REASON_POSITIONS_EXIST: RejectReason
REJECT_REASON_INSUFFICIENT_BALANCE: RejectReason
REJECT_REASON_INVALID_SPLIT_RATIO: RejectReason
REJECT_REASON_SPLIT_NOT_ALLOWED: RejectReason
REJECT_REASON_SPLIT_OUT_OF_RANGE: RejectReason
REJECT_REASON_TRADE_FINAL: RejectReason
LIQUIDITY_UNSPECIFIED: Liquidity
LIQUIDITY_MAKER: Liquidity
LIQUIDITY_TAKER: Liquidity

class ResponseHeader(_message.Message):
    __slots__ = ("cluster_id", "node", "log_index", "epoch", "age_ms")
    CLUSTER_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    AGE_MS_FIELD_NUMBER: _ClassVar[int]
    cluster_id: str
    node: str
    log_index: int
    epoch: int
    age_ms: int
    def __init__(self, cluster_id: _Optional[str] = ..., node: _Optional[str] = ..., log_index: _Optional[int] = ..., epoch: _Optional[int] = ..., age_ms: _Optional[int] = ...) -> None: ...

class Instrument(_message.Message):
    __slots__ = ("instrument_id", "symbol", "asset_class", "currency", "mic", "tick_size", "lot_size", "qty_decimals", "min_order_qty", "max_order_qty", "max_order_notional", "reference_price", "static_band_bp", "contract_multiplier", "stp_default", "status", "phase", "last_px", "last_qty")
    INSTRUMENT_ID_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ASSET_CLASS_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    MIC_FIELD_NUMBER: _ClassVar[int]
    TICK_SIZE_FIELD_NUMBER: _ClassVar[int]
    LOT_SIZE_FIELD_NUMBER: _ClassVar[int]
    QTY_DECIMALS_FIELD_NUMBER: _ClassVar[int]
    MIN_ORDER_QTY_FIELD_NUMBER: _ClassVar[int]
    MAX_ORDER_QTY_FIELD_NUMBER: _ClassVar[int]
    MAX_ORDER_NOTIONAL_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_PRICE_FIELD_NUMBER: _ClassVar[int]
    STATIC_BAND_BP_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_MULTIPLIER_FIELD_NUMBER: _ClassVar[int]
    STP_DEFAULT_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    LAST_PX_FIELD_NUMBER: _ClassVar[int]
    LAST_QTY_FIELD_NUMBER: _ClassVar[int]
    instrument_id: int
    symbol: str
    asset_class: AssetClass
    currency: str
    mic: str
    tick_size: int
    lot_size: int
    qty_decimals: int
    min_order_qty: int
    max_order_qty: int
    max_order_notional: str
    reference_price: int
    static_band_bp: int
    contract_multiplier: int
    stp_default: StpMode
    status: InstrumentStatus
    phase: Phase
    last_px: int
    last_qty: int
    def __init__(self, instrument_id: _Optional[int] = ..., symbol: _Optional[str] = ..., asset_class: _Optional[_Union[AssetClass, str]] = ..., currency: _Optional[str] = ..., mic: _Optional[str] = ..., tick_size: _Optional[int] = ..., lot_size: _Optional[int] = ..., qty_decimals: _Optional[int] = ..., min_order_qty: _Optional[int] = ..., max_order_qty: _Optional[int] = ..., max_order_notional: _Optional[str] = ..., reference_price: _Optional[int] = ..., static_band_bp: _Optional[int] = ..., contract_multiplier: _Optional[int] = ..., stp_default: _Optional[_Union[StpMode, str]] = ..., status: _Optional[_Union[InstrumentStatus, str]] = ..., phase: _Optional[_Union[Phase, str]] = ..., last_px: _Optional[int] = ..., last_qty: _Optional[int] = ...) -> None: ...

class OrderTerms(_message.Message):
    __slots__ = ("stop_price", "trail", "trail_unit", "peg", "peg_offset", "peg_limit", "display_qty", "min_qty", "stp_group", "oco_cl_ord_id")
    STOP_PRICE_FIELD_NUMBER: _ClassVar[int]
    TRAIL_FIELD_NUMBER: _ClassVar[int]
    TRAIL_UNIT_FIELD_NUMBER: _ClassVar[int]
    PEG_FIELD_NUMBER: _ClassVar[int]
    PEG_OFFSET_FIELD_NUMBER: _ClassVar[int]
    PEG_LIMIT_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_QTY_FIELD_NUMBER: _ClassVar[int]
    MIN_QTY_FIELD_NUMBER: _ClassVar[int]
    STP_GROUP_FIELD_NUMBER: _ClassVar[int]
    OCO_CL_ORD_ID_FIELD_NUMBER: _ClassVar[int]
    stop_price: int
    trail: int
    trail_unit: TrailUnit
    peg: PegType
    peg_offset: int
    peg_limit: int
    display_qty: int
    min_qty: int
    stp_group: int
    oco_cl_ord_id: str
    def __init__(self, stop_price: _Optional[int] = ..., trail: _Optional[int] = ..., trail_unit: _Optional[_Union[TrailUnit, str]] = ..., peg: _Optional[_Union[PegType, str]] = ..., peg_offset: _Optional[int] = ..., peg_limit: _Optional[int] = ..., display_qty: _Optional[int] = ..., min_qty: _Optional[int] = ..., stp_group: _Optional[int] = ..., oco_cl_ord_id: _Optional[str] = ...) -> None: ...

class ChangedTerms(_message.Message):
    __slots__ = ("stop_price", "trail", "peg_offset", "peg_limit", "display_qty")
    STOP_PRICE_FIELD_NUMBER: _ClassVar[int]
    TRAIL_FIELD_NUMBER: _ClassVar[int]
    PEG_OFFSET_FIELD_NUMBER: _ClassVar[int]
    PEG_LIMIT_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_QTY_FIELD_NUMBER: _ClassVar[int]
    stop_price: int
    trail: int
    peg_offset: int
    peg_limit: int
    display_qty: int
    def __init__(self, stop_price: _Optional[int] = ..., trail: _Optional[int] = ..., peg_offset: _Optional[int] = ..., peg_limit: _Optional[int] = ..., display_qty: _Optional[int] = ...) -> None: ...

class Order(_message.Message):
    __slots__ = ("order_id", "cl_ord_id", "symbol", "account", "member", "session_id", "side", "ord_type", "time_in_force", "stp_mode", "flags", "ord_status", "order_qty", "cum_qty", "leaves_qty", "price", "cum_notional", "avg_px", "expire_time", "entry_time", "transact_time", "reject_reason", "terms", "is_waiting", "book")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    CL_ORD_ID_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    ORD_TYPE_FIELD_NUMBER: _ClassVar[int]
    TIME_IN_FORCE_FIELD_NUMBER: _ClassVar[int]
    STP_MODE_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    ORD_STATUS_FIELD_NUMBER: _ClassVar[int]
    ORDER_QTY_FIELD_NUMBER: _ClassVar[int]
    CUM_QTY_FIELD_NUMBER: _ClassVar[int]
    LEAVES_QTY_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    CUM_NOTIONAL_FIELD_NUMBER: _ClassVar[int]
    AVG_PX_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    ENTRY_TIME_FIELD_NUMBER: _ClassVar[int]
    TRANSACT_TIME_FIELD_NUMBER: _ClassVar[int]
    REJECT_REASON_FIELD_NUMBER: _ClassVar[int]
    TERMS_FIELD_NUMBER: _ClassVar[int]
    IS_WAITING_FIELD_NUMBER: _ClassVar[int]
    BOOK_FIELD_NUMBER: _ClassVar[int]
    order_id: int
    cl_ord_id: str
    symbol: str
    account: str
    member: str
    session_id: int
    side: Side
    ord_type: OrdType
    time_in_force: TimeInForce
    stp_mode: StpMode
    flags: int
    ord_status: OrdStatus
    order_qty: int
    cum_qty: int
    leaves_qty: int
    price: int
    cum_notional: str
    avg_px: int
    expire_time: _timestamp_pb2.Timestamp
    entry_time: _timestamp_pb2.Timestamp
    transact_time: _timestamp_pb2.Timestamp
    reject_reason: RejectReason
    terms: OrderTerms
    is_waiting: bool
    book: BookKind
    def __init__(self, order_id: _Optional[int] = ..., cl_ord_id: _Optional[str] = ..., symbol: _Optional[str] = ..., account: _Optional[str] = ..., member: _Optional[str] = ..., session_id: _Optional[int] = ..., side: _Optional[_Union[Side, str]] = ..., ord_type: _Optional[_Union[OrdType, str]] = ..., time_in_force: _Optional[_Union[TimeInForce, str]] = ..., stp_mode: _Optional[_Union[StpMode, str]] = ..., flags: _Optional[int] = ..., ord_status: _Optional[_Union[OrdStatus, str]] = ..., order_qty: _Optional[int] = ..., cum_qty: _Optional[int] = ..., leaves_qty: _Optional[int] = ..., price: _Optional[int] = ..., cum_notional: _Optional[str] = ..., avg_px: _Optional[int] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., entry_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., transact_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., reject_reason: _Optional[_Union[RejectReason, str]] = ..., terms: _Optional[_Union[OrderTerms, _Mapping]] = ..., is_waiting: _Optional[bool] = ..., book: _Optional[_Union[BookKind, str]] = ...) -> None: ...
