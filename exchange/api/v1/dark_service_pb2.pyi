import datetime

from exchange.api.v1 import common_pb2 as _common_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DarkRules(_message.Message):
    __slots__ = ("is_open", "is_continuous", "shows_side", "min_block_qty", "cross_interval_ns")
    IS_OPEN_FIELD_NUMBER: _ClassVar[int]
    IS_CONTINUOUS_FIELD_NUMBER: _ClassVar[int]
    SHOWS_SIDE_FIELD_NUMBER: _ClassVar[int]
    MIN_BLOCK_QTY_FIELD_NUMBER: _ClassVar[int]
    CROSS_INTERVAL_NS_FIELD_NUMBER: _ClassVar[int]
    is_open: bool
    is_continuous: bool
    shows_side: bool
    min_block_qty: int
    cross_interval_ns: int
    def __init__(self, is_open: _Optional[bool] = ..., is_continuous: _Optional[bool] = ..., shows_side: _Optional[bool] = ..., min_block_qty: _Optional[int] = ..., cross_interval_ns: _Optional[int] = ...) -> None: ...

class Indication(_message.Message):
    __slots__ = ("symbol", "side", "qty", "seq", "transact_time")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    QTY_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    TRANSACT_TIME_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    side: _common_pb2.Side
    qty: int
    seq: int
    transact_time: _timestamp_pb2.Timestamp
    def __init__(self, symbol: _Optional[str] = ..., side: _Optional[_Union[_common_pb2.Side, str]] = ..., qty: _Optional[int] = ..., seq: _Optional[int] = ..., transact_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CrossingSession(_message.Message):
    __slots__ = ("symbol", "price", "volume", "seq", "transact_time")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    TRANSACT_TIME_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    price: int
    volume: str
    seq: int
    transact_time: _timestamp_pb2.Timestamp
    def __init__(self, symbol: _Optional[str] = ..., price: _Optional[int] = ..., volume: _Optional[str] = ..., seq: _Optional[int] = ..., transact_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class SetDarkRulesRequest(_message.Message):
    __slots__ = ("request_id", "symbol", "rules")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    symbol: str
    rules: DarkRules
    def __init__(self, request_id: _Optional[str] = ..., symbol: _Optional[str] = ..., rules: _Optional[_Union[DarkRules, _Mapping]] = ...) -> None: ...

class SetDarkRulesResponse(_message.Message):
    __slots__ = ("header", "poss_dup")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    poss_dup: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., poss_dup: _Optional[bool] = ...) -> None: ...

class GetDarkBookRequest(_message.Message):
    __slots__ = ("symbol",)
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    def __init__(self, symbol: _Optional[str] = ...) -> None: ...

class GetDarkBookResponse(_message.Message):
    __slots__ = ("header", "rules", "next_cross_ns", "indications")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    NEXT_CROSS_NS_FIELD_NUMBER: _ClassVar[int]
    INDICATIONS_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    rules: DarkRules
    next_cross_ns: int
    indications: _containers.RepeatedCompositeFieldContainer[Indication]
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., rules: _Optional[_Union[DarkRules, _Mapping]] = ..., next_cross_ns: _Optional[int] = ..., indications: _Optional[_Iterable[_Union[Indication, _Mapping]]] = ...) -> None: ...

class SubscribeIndicationsRequest(_message.Message):
    __slots__ = ("symbol",)
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    def __init__(self, symbol: _Optional[str] = ...) -> None: ...

class SubscribeIndicationsResponse(_message.Message):
    __slots__ = ("header", "seq", "snapshot", "heartbeat", "indications", "crossings")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    INDICATIONS_FIELD_NUMBER: _ClassVar[int]
    CROSSINGS_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    seq: int
    snapshot: bool
    heartbeat: bool
    indications: _containers.RepeatedCompositeFieldContainer[Indication]
    crossings: _containers.RepeatedCompositeFieldContainer[CrossingSession]
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., seq: _Optional[int] = ..., snapshot: _Optional[bool] = ..., heartbeat: _Optional[bool] = ..., indications: _Optional[_Iterable[_Union[Indication, _Mapping]]] = ..., crossings: _Optional[_Iterable[_Union[CrossingSession, _Mapping]]] = ...) -> None: ...
