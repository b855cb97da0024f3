import datetime

from exchange.api.v1 import common_pb2 as _common_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class NodeStatus(_message.Message):
    __slots__ = ("name", "role", "endpoint", "pid", "healthy", "epoch", "durable_seq", "applied_seq", "digest", "lag_ms", "start_time", "trading_day", "open_orders", "pending_commands", "subscribers", "disk_free_bytes", "alarms", "version", "engine", "codec", "durability")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    PID_FIELD_NUMBER: _ClassVar[int]
    HEALTHY_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DURABLE_SEQ_FIELD_NUMBER: _ClassVar[int]
    APPLIED_SEQ_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    LAG_MS_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    TRADING_DAY_FIELD_NUMBER: _ClassVar[int]
    OPEN_ORDERS_FIELD_NUMBER: _ClassVar[int]
    PENDING_COMMANDS_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIBERS_FIELD_NUMBER: _ClassVar[int]
    DISK_FREE_BYTES_FIELD_NUMBER: _ClassVar[int]
    ALARMS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    CODEC_FIELD_NUMBER: _ClassVar[int]
    DURABILITY_FIELD_NUMBER: _ClassVar[int]
    name: str
    role: str
    endpoint: str
    pid: int
    healthy: bool
    epoch: int
    durable_seq: int
    applied_seq: int
    digest: str
    lag_ms: float
    start_time: _timestamp_pb2.Timestamp
    trading_day: int
    open_orders: int
    pending_commands: int
    subscribers: int
    disk_free_bytes: int
    alarms: _containers.RepeatedScalarFieldContainer[str]
    version: str
    engine: str
    codec: str
    durability: str
    def __init__(self, name: _Optional[str] = ..., role: _Optional[str] = ..., endpoint: _Optional[str] = ..., pid: _Optional[int] = ..., healthy: _Optional[bool] = ..., epoch: _Optional[int] = ..., durable_seq: _Optional[int] = ..., applied_seq: _Optional[int] = ..., digest: _Optional[str] = ..., lag_ms: _Optional[float] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., trading_day: _Optional[int] = ..., open_orders: _Optional[int] = ..., pending_commands: _Optional[int] = ..., subscribers: _Optional[int] = ..., disk_free_bytes: _Optional[int] = ..., alarms: _Optional[_Iterable[str]] = ..., version: _Optional[str] = ..., engine: _Optional[str] = ..., codec: _Optional[str] = ..., durability: _Optional[str] = ...) -> None: ...

class GetStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetStatusResponse(_message.Message):
    __slots__ = ("header", "nodes", "last_seq", "auth_mode")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQ_FIELD_NUMBER: _ClassVar[int]
    AUTH_MODE_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    nodes: _containers.RepeatedCompositeFieldContainer[NodeStatus]
    last_seq: int
    auth_mode: str
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., nodes: _Optional[_Iterable[_Union[NodeStatus, _Mapping]]] = ..., last_seq: _Optional[int] = ..., auth_mode: _Optional[str] = ...) -> None: ...

class GetDigestRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetDigestResponse(_message.Message):
    __slots__ = ("header", "log_index", "state_digest", "events_digest")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    STATE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    EVENTS_DIGEST_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    log_index: int
    state_digest: str
    events_digest: str
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., log_index: _Optional[int] = ..., state_digest: _Optional[str] = ..., events_digest: _Optional[str] = ...) -> None: ...

class CreateSnapshotRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CreateSnapshotResponse(_message.Message):
    __slots__ = ("header", "log_index", "size_bytes", "state_digest")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    STATE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    log_index: int
    size_bytes: int
    state_digest: str
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., log_index: _Optional[int] = ..., size_bytes: _Optional[int] = ..., state_digest: _Optional[str] = ...) -> None: ...
