import datetime

from exchange.api.v1 import common_pb2 as _common_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AccountType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACCOUNT_TYPE_UNSPECIFIED: _ClassVar[AccountType]
    ACCOUNT_TYPE_CASH: _ClassVar[AccountType]
    ACCOUNT_TYPE_MARGIN: _ClassVar[AccountType]
ACCOUNT_TYPE_UNSPECIFIED: AccountType
ACCOUNT_TYPE_CASH: AccountType
ACCOUNT_TYPE_MARGIN: AccountType

class AccountLimits(_message.Message):
    __slots__ = ("member", "account", "account_type", "retail", "pattern_day_trader", "credit_limit", "max_position", "max_order_qty", "max_order_notional", "collar_bp", "concentration_bp", "adv_bp", "initial_margin_bp", "maintenance_margin_bp", "call_grace_s")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_TYPE_FIELD_NUMBER: _ClassVar[int]
    RETAIL_FIELD_NUMBER: _ClassVar[int]
    PATTERN_DAY_TRADER_FIELD_NUMBER: _ClassVar[int]
    CREDIT_LIMIT_FIELD_NUMBER: _ClassVar[int]
    MAX_POSITION_FIELD_NUMBER: _ClassVar[int]
    MAX_ORDER_QTY_FIELD_NUMBER: _ClassVar[int]
    MAX_ORDER_NOTIONAL_FIELD_NUMBER: _ClassVar[int]
    COLLAR_BP_FIELD_NUMBER: _ClassVar[int]
    CONCENTRATION_BP_FIELD_NUMBER: _ClassVar[int]
    ADV_BP_FIELD_NUMBER: _ClassVar[int]
    INITIAL_MARGIN_BP_FIELD_NUMBER: _ClassVar[int]
    MAINTENANCE_MARGIN_BP_FIELD_NUMBER: _ClassVar[int]
    CALL_GRACE_S_FIELD_NUMBER: _ClassVar[int]
    member: str
    account: str
    account_type: AccountType
    retail: bool
    pattern_day_trader: bool
    credit_limit: str
    max_position: int
    max_order_qty: int
    max_order_notional: str
    collar_bp: int
    concentration_bp: int
    adv_bp: int
    initial_margin_bp: int
    maintenance_margin_bp: int
    call_grace_s: int
    def __init__(self, member: _Optional[str] = ..., account: _Optional[str] = ..., account_type: _Optional[_Union[AccountType, str]] = ..., retail: _Optional[bool] = ..., pattern_day_trader: _Optional[bool] = ..., credit_limit: _Optional[str] = ..., max_position: _Optional[int] = ..., max_order_qty: _Optional[int] = ..., max_order_notional: _Optional[str] = ..., collar_bp: _Optional[int] = ..., concentration_bp: _Optional[int] = ..., adv_bp: _Optional[int] = ..., initial_margin_bp: _Optional[int] = ..., maintenance_margin_bp: _Optional[int] = ..., call_grace_s: _Optional[int] = ...) -> None: ...

class MemberLimits(_message.Message):
    __slots__ = ("member", "fee_tier", "order_rate", "order_burst", "session_rate", "session_burst")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    FEE_TIER_FIELD_NUMBER: _ClassVar[int]
    ORDER_RATE_FIELD_NUMBER: _ClassVar[int]
    ORDER_BURST_FIELD_NUMBER: _ClassVar[int]
    SESSION_RATE_FIELD_NUMBER: _ClassVar[int]
    SESSION_BURST_FIELD_NUMBER: _ClassVar[int]
    member: str
    fee_tier: int
    order_rate: int
    order_burst: int
    session_rate: int
    session_burst: int
    def __init__(self, member: _Optional[str] = ..., fee_tier: _Optional[int] = ..., order_rate: _Optional[int] = ..., order_burst: _Optional[int] = ..., session_rate: _Optional[int] = ..., session_burst: _Optional[int] = ...) -> None: ...

class FeeSchedule(_message.Message):
    __slots__ = ("symbol", "tier", "maker_ppm", "taker_ppm", "auction_ppm")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    MAKER_PPM_FIELD_NUMBER: _ClassVar[int]
    TAKER_PPM_FIELD_NUMBER: _ClassVar[int]
    AUCTION_PPM_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    tier: int
    maker_ppm: int
    taker_ppm: int
    auction_ppm: int
    def __init__(self, symbol: _Optional[str] = ..., tier: _Optional[int] = ..., maker_ppm: _Optional[int] = ..., taker_ppm: _Optional[int] = ..., auction_ppm: _Optional[int] = ...) -> None: ...

class Restriction(_message.Message):
    __slots__ = ("member", "account", "symbol")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    member: str
    account: str
    symbol: str
    def __init__(self, member: _Optional[str] = ..., account: _Optional[str] = ..., symbol: _Optional[str] = ...) -> None: ...

class AverageDailyVolume(_message.Message):
    __slots__ = ("symbol", "adv_qty")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ADV_QTY_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    adv_qty: int
    def __init__(self, symbol: _Optional[str] = ..., adv_qty: _Optional[int] = ...) -> None: ...

class Balance(_message.Message):
    __slots__ = ("currency", "cash", "reserved", "buying_power", "equity", "gross_value", "initial_margin", "maintenance_margin", "call_deadline", "realised", "unrealised")
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    CASH_FIELD_NUMBER: _ClassVar[int]
    RESERVED_FIELD_NUMBER: _ClassVar[int]
    BUYING_POWER_FIELD_NUMBER: _ClassVar[int]
    EQUITY_FIELD_NUMBER: _ClassVar[int]
    GROSS_VALUE_FIELD_NUMBER: _ClassVar[int]
    INITIAL_MARGIN_FIELD_NUMBER: _ClassVar[int]
    MAINTENANCE_MARGIN_FIELD_NUMBER: _ClassVar[int]
    CALL_DEADLINE_FIELD_NUMBER: _ClassVar[int]
    REALISED_FIELD_NUMBER: _ClassVar[int]
    UNREALISED_FIELD_NUMBER: _ClassVar[int]
    currency: str
    cash: str
    reserved: str
    buying_power: str
    equity: str
    gross_value: str
    initial_margin: str
    maintenance_margin: str
    call_deadline: _timestamp_pb2.Timestamp
    realised: str
    unrealised: str
    def __init__(self, currency: _Optional[str] = ..., cash: _Optional[str] = ..., reserved: _Optional[str] = ..., buying_power: _Optional[str] = ..., equity: _Optional[str] = ..., gross_value: _Optional[str] = ..., initial_margin: _Optional[str] = ..., maintenance_margin: _Optional[str] = ..., call_deadline: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., realised: _Optional[str] = ..., unrealised: _Optional[str] = ...) -> None: ...

class Holding(_message.Message):
    __slots__ = ("symbol", "qty", "cost", "realised", "unrealised", "mark_px", "open_buy_qty", "open_sell_qty", "currency", "market_value", "average_px")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    QTY_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    REALISED_FIELD_NUMBER: _ClassVar[int]
    UNREALISED_FIELD_NUMBER: _ClassVar[int]
    MARK_PX_FIELD_NUMBER: _ClassVar[int]
    OPEN_BUY_QTY_FIELD_NUMBER: _ClassVar[int]
    OPEN_SELL_QTY_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    MARKET_VALUE_FIELD_NUMBER: _ClassVar[int]
    AVERAGE_PX_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    qty: int
    cost: str
    realised: str
    unrealised: str
    mark_px: int
    open_buy_qty: int
    open_sell_qty: int
    currency: str
    market_value: str
    average_px: int
    def __init__(self, symbol: _Optional[str] = ..., qty: _Optional[int] = ..., cost: _Optional[str] = ..., realised: _Optional[str] = ..., unrealised: _Optional[str] = ..., mark_px: _Optional[int] = ..., open_buy_qty: _Optional[int] = ..., open_sell_qty: _Optional[int] = ..., currency: _Optional[str] = ..., market_value: _Optional[str] = ..., average_px: _Optional[int] = ...) -> None: ...

class Portfolio(_message.Message):
    __slots__ = ("member", "account", "limits", "balances", "holdings", "day_trades")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    BALANCES_FIELD_NUMBER: _ClassVar[int]
    HOLDINGS_FIELD_NUMBER: _ClassVar[int]
    DAY_TRADES_FIELD_NUMBER: _ClassVar[int]
    member: str
    account: str
    limits: AccountLimits
    balances: _containers.RepeatedCompositeFieldContainer[Balance]
    holdings: _containers.RepeatedCompositeFieldContainer[Holding]
    day_trades: int
    def __init__(self, member: _Optional[str] = ..., account: _Optional[str] = ..., limits: _Optional[_Union[AccountLimits, _Mapping]] = ..., balances: _Optional[_Iterable[_Union[Balance, _Mapping]]] = ..., holdings: _Optional[_Iterable[_Union[Holding, _Mapping]]] = ..., day_trades: _Optional[int] = ...) -> None: ...

class SetAccountLimitsRequest(_message.Message):
    __slots__ = ("request_id", "member", "account", "limits")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    member: str
    account: str
    limits: AccountLimits
    def __init__(self, request_id: _Optional[str] = ..., member: _Optional[str] = ..., account: _Optional[str] = ..., limits: _Optional[_Union[AccountLimits, _Mapping]] = ...) -> None: ...

class SetAccountLimitsResponse(_message.Message):
    __slots__ = ("header", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class SetMemberLimitsRequest(_message.Message):
    __slots__ = ("request_id", "member", "limits")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    member: str
    limits: MemberLimits
    def __init__(self, request_id: _Optional[str] = ..., member: _Optional[str] = ..., limits: _Optional[_Union[MemberLimits, _Mapping]] = ...) -> None: ...

class SetMemberLimitsResponse(_message.Message):
    __slots__ = ("header", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class SetFeeScheduleRequest(_message.Message):
    __slots__ = ("request_id", "schedule")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SCHEDULE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    schedule: FeeSchedule
    def __init__(self, request_id: _Optional[str] = ..., schedule: _Optional[_Union[FeeSchedule, _Mapping]] = ...) -> None: ...

class SetFeeScheduleResponse(_message.Message):
    __slots__ = ("header", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class SetAverageDailyVolumeRequest(_message.Message):
    __slots__ = ("request_id", "symbol", "adv_qty")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ADV_QTY_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    symbol: str
    adv_qty: int
    def __init__(self, request_id: _Optional[str] = ..., symbol: _Optional[str] = ..., adv_qty: _Optional[int] = ...) -> None: ...

class SetAverageDailyVolumeResponse(_message.Message):
    __slots__ = ("header", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class AddRestrictionRequest(_message.Message):
    __slots__ = ("request_id", "restriction", "reason")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    RESTRICTION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    restriction: Restriction
    reason: str
    def __init__(self, request_id: _Optional[str] = ..., restriction: _Optional[_Union[Restriction, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...

class AddRestrictionResponse(_message.Message):
    __slots__ = ("header", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class RemoveRestrictionRequest(_message.Message):
    __slots__ = ("request_id", "restriction", "reason")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    RESTRICTION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    restriction: Restriction
    reason: str
    def __init__(self, request_id: _Optional[str] = ..., restriction: _Optional[_Union[Restriction, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...

class RemoveRestrictionResponse(_message.Message):
    __slots__ = ("header", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class AdjustCashRequest(_message.Message):
    __slots__ = ("request_id", "member", "account", "currency", "amount", "reason")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    member: str
    account: str
    currency: str
    amount: str
    reason: str
    def __init__(self, request_id: _Optional[str] = ..., member: _Optional[str] = ..., account: _Optional[str] = ..., currency: _Optional[str] = ..., amount: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class AdjustCashResponse(_message.Message):
    __slots__ = ("header", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class AdjustPositionRequest(_message.Message):
    __slots__ = ("request_id", "member", "account", "symbol", "qty", "price", "reason")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    QTY_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    member: str
    account: str
    symbol: str
    qty: int
    price: int
    reason: str
    def __init__(self, request_id: _Optional[str] = ..., member: _Optional[str] = ..., account: _Optional[str] = ..., symbol: _Optional[str] = ..., qty: _Optional[int] = ..., price: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class AdjustPositionResponse(_message.Message):
    __slots__ = ("header", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class BustTradeRequest(_message.Message):
    __slots__ = ("request_id", "trade_id", "reason", "validate_only")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TRADE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    trade_id: int
    reason: str
    validate_only: bool
    def __init__(self, request_id: _Optional[str] = ..., trade_id: _Optional[int] = ..., reason: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class BustTradeResponse(_message.Message):
    __slots__ = ("header", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class CorrectTradeRequest(_message.Message):
    __slots__ = ("request_id", "trade_id", "price", "qty", "reason", "validate_only")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TRADE_ID_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    QTY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    trade_id: int
    price: int
    qty: int
    reason: str
    validate_only: bool
    def __init__(self, request_id: _Optional[str] = ..., trade_id: _Optional[int] = ..., price: _Optional[int] = ..., qty: _Optional[int] = ..., reason: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class CorrectTradeResponse(_message.Message):
    __slots__ = ("header", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class EmergencyCloseRequest(_message.Message):
    __slots__ = ("request_id", "reason", "validate_only")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    reason: str
    validate_only: bool
    def __init__(self, request_id: _Optional[str] = ..., reason: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class EmergencyCloseResponse(_message.Message):
    __slots__ = ("header", "poss_dup", "canceled_count")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    CANCELED_COUNT_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    poss_dup: bool
    canceled_count: int
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., poss_dup: _Optional[bool] = ..., canceled_count: _Optional[int] = ...) -> None: ...

class GetRiskSettingsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetRiskSettingsResponse(_message.Message):
    __slots__ = ("header", "account_limits", "member_limits", "fee_schedules", "volumes", "restrictions")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_LIMITS_FIELD_NUMBER: _ClassVar[int]
    MEMBER_LIMITS_FIELD_NUMBER: _ClassVar[int]
    FEE_SCHEDULES_FIELD_NUMBER: _ClassVar[int]
    VOLUMES_FIELD_NUMBER: _ClassVar[int]
    RESTRICTIONS_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    account_limits: _containers.RepeatedCompositeFieldContainer[AccountLimits]
    member_limits: _containers.RepeatedCompositeFieldContainer[MemberLimits]
    fee_schedules: _containers.RepeatedCompositeFieldContainer[FeeSchedule]
    volumes: _containers.RepeatedCompositeFieldContainer[AverageDailyVolume]
    restrictions: _containers.RepeatedCompositeFieldContainer[Restriction]
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., account_limits: _Optional[_Iterable[_Union[AccountLimits, _Mapping]]] = ..., member_limits: _Optional[_Iterable[_Union[MemberLimits, _Mapping]]] = ..., fee_schedules: _Optional[_Iterable[_Union[FeeSchedule, _Mapping]]] = ..., volumes: _Optional[_Iterable[_Union[AverageDailyVolume, _Mapping]]] = ..., restrictions: _Optional[_Iterable[_Union[Restriction, _Mapping]]] = ...) -> None: ...

class GetPortfolioRequest(_message.Message):
    __slots__ = ("member", "account")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    member: str
    account: str
    def __init__(self, member: _Optional[str] = ..., account: _Optional[str] = ...) -> None: ...

class GetPortfolioResponse(_message.Message):
    __slots__ = ("header", "portfolios")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    PORTFOLIOS_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    portfolios: _containers.RepeatedCompositeFieldContainer[Portfolio]
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., portfolios: _Optional[_Iterable[_Union[Portfolio, _Mapping]]] = ...) -> None: ...
