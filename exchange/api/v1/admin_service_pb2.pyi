import datetime

from exchange.api.v1 import common_pb2 as _common_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Member(_message.Message):
    __slots__ = ("member_id", "name", "standing", "accounts")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    name: str
    standing: _common_pb2.Standing
    accounts: _containers.RepeatedCompositeFieldContainer[Account]
    def __init__(self, member_id: _Optional[int] = ..., name: _Optional[str] = ..., standing: _Optional[_Union[_common_pb2.Standing, str]] = ..., accounts: _Optional[_Iterable[_Union[Account, _Mapping]]] = ...) -> None: ...

class Account(_message.Message):
    __slots__ = ("account_id", "member", "name", "standing")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    member: str
    name: str
    standing: _common_pb2.Standing
    def __init__(self, account_id: _Optional[int] = ..., member: _Optional[str] = ..., name: _Optional[str] = ..., standing: _Optional[_Union[_common_pb2.Standing, str]] = ...) -> None: ...

class KillTarget(_message.Message):
    __slots__ = ("scope", "member", "account", "symbol", "session_id")
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    scope: _common_pb2.KillScope
    member: str
    account: str
    symbol: str
    session_id: int
    def __init__(self, scope: _Optional[_Union[_common_pb2.KillScope, str]] = ..., member: _Optional[str] = ..., account: _Optional[str] = ..., symbol: _Optional[str] = ..., session_id: _Optional[int] = ...) -> None: ...

class KillSwitch(_message.Message):
    __slots__ = ("target", "operator", "reason", "engage_time")
    TARGET_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ENGAGE_TIME_FIELD_NUMBER: _ClassVar[int]
    target: KillTarget
    operator: str
    reason: str
    engage_time: _timestamp_pb2.Timestamp
    def __init__(self, target: _Optional[_Union[KillTarget, _Mapping]] = ..., operator: _Optional[str] = ..., reason: _Optional[str] = ..., engage_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CreateInstrumentRequest(_message.Message):
    __slots__ = ("request_id", "instrument")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    instrument: _common_pb2.Instrument
    def __init__(self, request_id: _Optional[str] = ..., instrument: _Optional[_Union[_common_pb2.Instrument, _Mapping]] = ...) -> None: ...

class CreateInstrumentResponse(_message.Message):
    __slots__ = ("header", "instrument", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    instrument: _common_pb2.Instrument
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., instrument: _Optional[_Union[_common_pb2.Instrument, _Mapping]] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class SplitInstrumentRequest(_message.Message):
    __slots__ = ("request_id", "symbol", "num", "den", "reason", "validate_only")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    NUM_FIELD_NUMBER: _ClassVar[int]
    DEN_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    symbol: str
    num: int
    den: int
    reason: str
    validate_only: bool
    def __init__(self, request_id: _Optional[str] = ..., symbol: _Optional[str] = ..., num: _Optional[int] = ..., den: _Optional[int] = ..., reason: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class SplitInstrumentResponse(_message.Message):
    __slots__ = ("header", "instrument", "poss_dup", "canceled_count")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    CANCELED_COUNT_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    instrument: _common_pb2.Instrument
    poss_dup: bool
    canceled_count: int
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., instrument: _Optional[_Union[_common_pb2.Instrument, _Mapping]] = ..., poss_dup: _Optional[bool] = ..., canceled_count: _Optional[int] = ...) -> None: ...

class UpdateInstrumentRequest(_message.Message):
    __slots__ = ("request_id", "instrument", "update_mask")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    instrument: _common_pb2.Instrument
    update_mask: _field_mask_pb2.FieldMask
    def __init__(self, request_id: _Optional[str] = ..., instrument: _Optional[_Union[_common_pb2.Instrument, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ...) -> None: ...

class UpdateInstrumentResponse(_message.Message):
    __slots__ = ("header", "instrument", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    instrument: _common_pb2.Instrument
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., instrument: _Optional[_Union[_common_pb2.Instrument, _Mapping]] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class CreateMemberRequest(_message.Message):
    __slots__ = ("request_id", "name")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    name: str
    def __init__(self, request_id: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class CreateMemberResponse(_message.Message):
    __slots__ = ("header", "member", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    member: Member
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., member: _Optional[_Union[Member, _Mapping]] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class UpdateMemberRequest(_message.Message):
    __slots__ = ("request_id", "member", "standing")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    member: str
    standing: _common_pb2.Standing
    def __init__(self, request_id: _Optional[str] = ..., member: _Optional[str] = ..., standing: _Optional[_Union[_common_pb2.Standing, str]] = ...) -> None: ...

class UpdateMemberResponse(_message.Message):
    __slots__ = ("header", "member", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    member: Member
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., member: _Optional[_Union[Member, _Mapping]] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class ListMembersRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListMembersResponse(_message.Message):
    __slots__ = ("header", "members", "next_page_token")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    members: _containers.RepeatedCompositeFieldContainer[Member]
    next_page_token: str
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., members: _Optional[_Iterable[_Union[Member, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CreateAccountRequest(_message.Message):
    __slots__ = ("request_id", "member", "name")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    member: str
    name: str
    def __init__(self, request_id: _Optional[str] = ..., member: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class CreateAccountResponse(_message.Message):
    __slots__ = ("header", "account", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    account: Account
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., account: _Optional[_Union[Account, _Mapping]] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class UpdateAccountRequest(_message.Message):
    __slots__ = ("request_id", "member", "account", "standing")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    member: str
    account: str
    standing: _common_pb2.Standing
    def __init__(self, request_id: _Optional[str] = ..., member: _Optional[str] = ..., account: _Optional[str] = ..., standing: _Optional[_Union[_common_pb2.Standing, str]] = ...) -> None: ...

class UpdateAccountResponse(_message.Message):
    __slots__ = ("header", "account", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    account: Account
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., account: _Optional[_Union[Account, _Mapping]] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class OpenSessionRequest(_message.Message):
    __slots__ = ("request_id", "symbol")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    symbol: str
    def __init__(self, request_id: _Optional[str] = ..., symbol: _Optional[str] = ...) -> None: ...

class OpenSessionResponse(_message.Message):
    __slots__ = ("header", "symbols", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    symbols: _containers.RepeatedScalarFieldContainer[str]
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., symbols: _Optional[_Iterable[str]] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class CloseSessionRequest(_message.Message):
    __slots__ = ("request_id", "symbol", "validate_only")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    symbol: str
    validate_only: bool
    def __init__(self, request_id: _Optional[str] = ..., symbol: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class CloseSessionResponse(_message.Message):
    __slots__ = ("header", "symbols", "canceled_count", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    CANCELED_COUNT_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    symbols: _containers.RepeatedScalarFieldContainer[str]
    canceled_count: int
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., symbols: _Optional[_Iterable[str]] = ..., canceled_count: _Optional[int] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class HaltTradingRequest(_message.Message):
    __slots__ = ("request_id", "reason", "symbol", "asset_class", "cancel_orders", "validate_only")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ASSET_CLASS_FIELD_NUMBER: _ClassVar[int]
    CANCEL_ORDERS_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    reason: str
    symbol: str
    asset_class: _common_pb2.AssetClass
    cancel_orders: bool
    validate_only: bool
    def __init__(self, request_id: _Optional[str] = ..., reason: _Optional[str] = ..., symbol: _Optional[str] = ..., asset_class: _Optional[_Union[_common_pb2.AssetClass, str]] = ..., cancel_orders: _Optional[bool] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class HaltTradingResponse(_message.Message):
    __slots__ = ("header", "symbols", "canceled_count", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    CANCELED_COUNT_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    symbols: _containers.RepeatedScalarFieldContainer[str]
    canceled_count: int
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., symbols: _Optional[_Iterable[str]] = ..., canceled_count: _Optional[int] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class ResumeTradingRequest(_message.Message):
    __slots__ = ("request_id", "reason", "symbol", "asset_class", "direct")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ASSET_CLASS_FIELD_NUMBER: _ClassVar[int]
    DIRECT_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    reason: str
    symbol: str
    asset_class: _common_pb2.AssetClass
    direct: bool
    def __init__(self, request_id: _Optional[str] = ..., reason: _Optional[str] = ..., symbol: _Optional[str] = ..., asset_class: _Optional[_Union[_common_pb2.AssetClass, str]] = ..., direct: _Optional[bool] = ...) -> None: ...

class ResumeTradingResponse(_message.Message):
    __slots__ = ("header", "symbols", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    symbols: _containers.RepeatedScalarFieldContainer[str]
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., symbols: _Optional[_Iterable[str]] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class EngageKillSwitchRequest(_message.Message):
    __slots__ = ("request_id", "reason", "target", "validate_only")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    reason: str
    target: KillTarget
    validate_only: bool
    def __init__(self, request_id: _Optional[str] = ..., reason: _Optional[str] = ..., target: _Optional[_Union[KillTarget, _Mapping]] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class EngageKillSwitchResponse(_message.Message):
    __slots__ = ("header", "canceled_count", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    CANCELED_COUNT_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    canceled_count: int
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., canceled_count: _Optional[int] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class ReleaseKillSwitchRequest(_message.Message):
    __slots__ = ("request_id", "reason", "target")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    reason: str
    target: KillTarget
    def __init__(self, request_id: _Optional[str] = ..., reason: _Optional[str] = ..., target: _Optional[_Union[KillTarget, _Mapping]] = ...) -> None: ...

class ReleaseKillSwitchResponse(_message.Message):
    __slots__ = ("header", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class ListKillSwitchesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListKillSwitchesResponse(_message.Message):
    __slots__ = ("header", "kill_switches")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    KILL_SWITCHES_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    kill_switches: _containers.RepeatedCompositeFieldContainer[KillSwitch]
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., kill_switches: _Optional[_Iterable[_Union[KillSwitch, _Mapping]]] = ...) -> None: ...

class CancelAllOrdersRequest(_message.Message):
    __slots__ = ("request_id", "reason", "member", "account", "symbol", "side", "validate_only")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    reason: str
    member: str
    account: str
    symbol: str
    side: _common_pb2.Side
    validate_only: bool
    def __init__(self, request_id: _Optional[str] = ..., reason: _Optional[str] = ..., member: _Optional[str] = ..., account: _Optional[str] = ..., symbol: _Optional[str] = ..., side: _Optional[_Union[_common_pb2.Side, str]] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class CancelAllOrdersResponse(_message.Message):
    __slots__ = ("header", "canceled_count", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    CANCELED_COUNT_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    canceled_count: int
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., canceled_count: _Optional[int] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class SetPhaseRequest(_message.Message):
    __slots__ = ("request_id", "symbol", "phase")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    symbol: str
    phase: _common_pb2.Phase
    def __init__(self, request_id: _Optional[str] = ..., symbol: _Optional[str] = ..., phase: _Optional[_Union[_common_pb2.Phase, str]] = ...) -> None: ...

class SetPhaseResponse(_message.Message):
    __slots__ = ("header", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class TradingRules(_message.Message):
    __slots__ = ("dynamic_band_bp", "dynamic_window_ns", "volatility_call_ns", "random_end_max_ns", "breaker_scope", "breaker_levels_bp", "breaker_halt_ns", "breaker_cutoff_ns")
    DYNAMIC_BAND_BP_FIELD_NUMBER: _ClassVar[int]
    DYNAMIC_WINDOW_NS_FIELD_NUMBER: _ClassVar[int]
    VOLATILITY_CALL_NS_FIELD_NUMBER: _ClassVar[int]
    RANDOM_END_MAX_NS_FIELD_NUMBER: _ClassVar[int]
    BREAKER_SCOPE_FIELD_NUMBER: _ClassVar[int]
    BREAKER_LEVELS_BP_FIELD_NUMBER: _ClassVar[int]
    BREAKER_HALT_NS_FIELD_NUMBER: _ClassVar[int]
    BREAKER_CUTOFF_NS_FIELD_NUMBER: _ClassVar[int]
    dynamic_band_bp: int
    dynamic_window_ns: int
    volatility_call_ns: int
    random_end_max_ns: int
    breaker_scope: _common_pb2.BreakerScope
    breaker_levels_bp: _containers.RepeatedScalarFieldContainer[int]
    breaker_halt_ns: int
    breaker_cutoff_ns: int
    def __init__(self, dynamic_band_bp: _Optional[int] = ..., dynamic_window_ns: _Optional[int] = ..., volatility_call_ns: _Optional[int] = ..., random_end_max_ns: _Optional[int] = ..., breaker_scope: _Optional[_Union[_common_pb2.BreakerScope, str]] = ..., breaker_levels_bp: _Optional[_Iterable[int]] = ..., breaker_halt_ns: _Optional[int] = ..., breaker_cutoff_ns: _Optional[int] = ...) -> None: ...

class SetTradingRulesRequest(_message.Message):
    __slots__ = ("request_id", "symbol", "rules")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    symbol: str
    rules: TradingRules
    def __init__(self, request_id: _Optional[str] = ..., symbol: _Optional[str] = ..., rules: _Optional[_Union[TradingRules, _Mapping]] = ...) -> None: ...

class SetTradingRulesResponse(_message.Message):
    __slots__ = ("header", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class ScheduleStep(_message.Message):
    __slots__ = ("ts_ns", "phase", "call_ns")
    TS_NS_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    CALL_NS_FIELD_NUMBER: _ClassVar[int]
    ts_ns: int
    phase: _common_pb2.Phase
    call_ns: int
    def __init__(self, ts_ns: _Optional[int] = ..., phase: _Optional[_Union[_common_pb2.Phase, str]] = ..., call_ns: _Optional[int] = ...) -> None: ...

class SetScheduleRequest(_message.Message):
    __slots__ = ("request_id", "symbol", "asset_class", "steps")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ASSET_CLASS_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    symbol: str
    asset_class: _common_pb2.AssetClass
    steps: _containers.RepeatedCompositeFieldContainer[ScheduleStep]
    def __init__(self, request_id: _Optional[str] = ..., symbol: _Optional[str] = ..., asset_class: _Optional[_Union[_common_pb2.AssetClass, str]] = ..., steps: _Optional[_Iterable[_Union[ScheduleStep, _Mapping]]] = ...) -> None: ...

class SetScheduleResponse(_message.Message):
    __slots__ = ("header", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class SetDayEndsRequest(_message.Message):
    __slots__ = ("request_id", "ends_ns")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ENDS_NS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    ends_ns: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, request_id: _Optional[str] = ..., ends_ns: _Optional[_Iterable[int]] = ...) -> None: ...

class SetDayEndsResponse(_message.Message):
    __slots__ = ("header", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class SetIndexRequest(_message.Message):
    __slots__ = ("request_id", "symbol", "price")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    symbol: str
    price: int
    def __init__(self, request_id: _Optional[str] = ..., symbol: _Optional[str] = ..., price: _Optional[int] = ...) -> None: ...

class SetIndexResponse(_message.Message):
    __slots__ = ("header", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class GetTradingStateRequest(_message.Message):
    __slots__ = ("symbol",)
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    def __init__(self, symbol: _Optional[str] = ...) -> None: ...

class GetTradingStateResponse(_message.Message):
    __slots__ = ("header", "phase", "call_end_ns", "reopen_ns", "indicative_px", "indicative_volume", "imbalance_side", "imbalance_qty", "is_extended", "is_barred", "rules", "steps", "day_ends_ns")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    CALL_END_NS_FIELD_NUMBER: _ClassVar[int]
    REOPEN_NS_FIELD_NUMBER: _ClassVar[int]
    INDICATIVE_PX_FIELD_NUMBER: _ClassVar[int]
    INDICATIVE_VOLUME_FIELD_NUMBER: _ClassVar[int]
    IMBALANCE_SIDE_FIELD_NUMBER: _ClassVar[int]
    IMBALANCE_QTY_FIELD_NUMBER: _ClassVar[int]
    IS_EXTENDED_FIELD_NUMBER: _ClassVar[int]
    IS_BARRED_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    DAY_ENDS_NS_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    phase: _common_pb2.Phase
    call_end_ns: int
    reopen_ns: int
    indicative_px: int
    indicative_volume: str
    imbalance_side: _common_pb2.Side
    imbalance_qty: str
    is_extended: bool
    is_barred: bool
    rules: TradingRules
    steps: _containers.RepeatedCompositeFieldContainer[ScheduleStep]
    day_ends_ns: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., phase: _Optional[_Union[_common_pb2.Phase, str]] = ..., call_end_ns: _Optional[int] = ..., reopen_ns: _Optional[int] = ..., indicative_px: _Optional[int] = ..., indicative_volume: _Optional[str] = ..., imbalance_side: _Optional[_Union[_common_pb2.Side, str]] = ..., imbalance_qty: _Optional[str] = ..., is_extended: _Optional[bool] = ..., is_barred: _Optional[bool] = ..., rules: _Optional[_Union[TradingRules, _Mapping]] = ..., steps: _Optional[_Iterable[_Union[ScheduleStep, _Mapping]]] = ..., day_ends_ns: _Optional[_Iterable[int]] = ...) -> None: ...
