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

class OnSingleCopy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ON_SINGLE_COPY_UNSPECIFIED: _ClassVar[OnSingleCopy]
    ON_SINGLE_COPY_SPARE: _ClassVar[OnSingleCopy]
    ON_SINGLE_COPY_CONTINUE: _ClassVar[OnSingleCopy]
    ON_SINGLE_COPY_PAUSE: _ClassVar[OnSingleCopy]
ON_SINGLE_COPY_UNSPECIFIED: OnSingleCopy
ON_SINGLE_COPY_SPARE: OnSingleCopy
ON_SINGLE_COPY_CONTINUE: OnSingleCopy
ON_SINGLE_COPY_PAUSE: OnSingleCopy

class Register(_message.Message):
    __slots__ = ("version", "epoch", "generation", "primary", "in_sync", "fenced", "on_single_copy", "healthy", "voters", "leader")
    class InSyncEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    class FencedEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    VERSION_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    PRIMARY_FIELD_NUMBER: _ClassVar[int]
    IN_SYNC_FIELD_NUMBER: _ClassVar[int]
    FENCED_FIELD_NUMBER: _ClassVar[int]
    ON_SINGLE_COPY_FIELD_NUMBER: _ClassVar[int]
    HEALTHY_FIELD_NUMBER: _ClassVar[int]
    VOTERS_FIELD_NUMBER: _ClassVar[int]
    LEADER_FIELD_NUMBER: _ClassVar[int]
    version: int
    epoch: int
    generation: int
    primary: str
    in_sync: _containers.ScalarMap[str, int]
    fenced: _containers.ScalarMap[str, str]
    on_single_copy: OnSingleCopy
    healthy: bool
    voters: int
    leader: str
    def __init__(self, version: _Optional[int] = ..., epoch: _Optional[int] = ..., generation: _Optional[int] = ..., primary: _Optional[str] = ..., in_sync: _Optional[_Mapping[str, int]] = ..., fenced: _Optional[_Mapping[str, str]] = ..., on_single_copy: _Optional[_Union[OnSingleCopy, str]] = ..., healthy: _Optional[bool] = ..., voters: _Optional[int] = ..., leader: _Optional[str] = ...) -> None: ...

class NodeStatus(_message.Message):
    __slots__ = ("name", "role", "endpoint", "pid", "healthy", "epoch", "durable_seq", "applied_seq", "digest", "lag_ms", "start_time", "trading_day", "open_orders", "pending_commands", "subscribers", "disk_free_bytes", "alarms", "version", "engine", "codec", "durability", "kind", "in_sync", "committed_seq", "lag_entries", "lag_bytes", "memory_bytes", "generation", "may_serve", "connected", "queued_bytes")
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
    KIND_FIELD_NUMBER: _ClassVar[int]
    IN_SYNC_FIELD_NUMBER: _ClassVar[int]
    COMMITTED_SEQ_FIELD_NUMBER: _ClassVar[int]
    LAG_ENTRIES_FIELD_NUMBER: _ClassVar[int]
    LAG_BYTES_FIELD_NUMBER: _ClassVar[int]
    MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    MAY_SERVE_FIELD_NUMBER: _ClassVar[int]
    CONNECTED_FIELD_NUMBER: _ClassVar[int]
    QUEUED_BYTES_FIELD_NUMBER: _ClassVar[int]
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
    kind: str
    in_sync: bool
    committed_seq: int
    lag_entries: int
    lag_bytes: int
    memory_bytes: int
    generation: int
    may_serve: bool
    connected: bool
    queued_bytes: int
    def __init__(self, name: _Optional[str] = ..., role: _Optional[str] = ..., endpoint: _Optional[str] = ..., pid: _Optional[int] = ..., healthy: _Optional[bool] = ..., epoch: _Optional[int] = ..., durable_seq: _Optional[int] = ..., applied_seq: _Optional[int] = ..., digest: _Optional[str] = ..., lag_ms: _Optional[float] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., trading_day: _Optional[int] = ..., open_orders: _Optional[int] = ..., pending_commands: _Optional[int] = ..., subscribers: _Optional[int] = ..., disk_free_bytes: _Optional[int] = ..., alarms: _Optional[_Iterable[str]] = ..., version: _Optional[str] = ..., engine: _Optional[str] = ..., codec: _Optional[str] = ..., durability: _Optional[str] = ..., kind: _Optional[str] = ..., in_sync: _Optional[bool] = ..., committed_seq: _Optional[int] = ..., lag_entries: _Optional[int] = ..., lag_bytes: _Optional[int] = ..., memory_bytes: _Optional[int] = ..., generation: _Optional[int] = ..., may_serve: _Optional[bool] = ..., connected: _Optional[bool] = ..., queued_bytes: _Optional[int] = ...) -> None: ...

class GetStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetStatusResponse(_message.Message):
    __slots__ = ("header", "nodes", "last_seq", "auth_mode", "register", "first_seq")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQ_FIELD_NUMBER: _ClassVar[int]
    AUTH_MODE_FIELD_NUMBER: _ClassVar[int]
    REGISTER_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEQ_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    nodes: _containers.RepeatedCompositeFieldContainer[NodeStatus]
    last_seq: int
    auth_mode: str
    register: Register
    first_seq: int
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., nodes: _Optional[_Iterable[_Union[NodeStatus, _Mapping]]] = ..., last_seq: _Optional[int] = ..., auth_mode: _Optional[str] = ..., register: _Optional[_Union[Register, _Mapping]] = ..., first_seq: _Optional[int] = ...) -> None: ...

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

class StreamSnapshotRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StreamSnapshotResponse(_message.Message):
    __slots__ = ("header", "log_index", "size_bytes", "part")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    log_index: int
    size_bytes: int
    part: bytes
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., log_index: _Optional[int] = ..., size_bytes: _Optional[int] = ..., part: _Optional[bytes] = ...) -> None: ...

class CompareDigestsRequest(_message.Message):
    __slots__ = ("start_seq", "end_seq", "with_events")
    START_SEQ_FIELD_NUMBER: _ClassVar[int]
    END_SEQ_FIELD_NUMBER: _ClassVar[int]
    WITH_EVENTS_FIELD_NUMBER: _ClassVar[int]
    start_seq: int
    end_seq: int
    with_events: bool
    def __init__(self, start_seq: _Optional[int] = ..., end_seq: _Optional[int] = ..., with_events: _Optional[bool] = ...) -> None: ...

class CompareDigestsResponse(_message.Message):
    __slots__ = ("header", "oldest_seq", "newest_seq", "digest", "entry_count", "first_log_index", "last_log_index", "events")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    OLDEST_SEQ_FIELD_NUMBER: _ClassVar[int]
    NEWEST_SEQ_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    ENTRY_COUNT_FIELD_NUMBER: _ClassVar[int]
    FIRST_LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    LAST_LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    oldest_seq: int
    newest_seq: int
    digest: str
    entry_count: int
    first_log_index: int
    last_log_index: int
    events: bytes
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., oldest_seq: _Optional[int] = ..., newest_seq: _Optional[int] = ..., digest: _Optional[str] = ..., entry_count: _Optional[int] = ..., first_log_index: _Optional[int] = ..., last_log_index: _Optional[int] = ..., events: _Optional[bytes] = ...) -> None: ...

class TransferPrimaryRequest(_message.Message):
    __slots__ = ("node", "reason", "validate_only")
    NODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    node: str
    reason: str
    validate_only: bool
    def __init__(self, node: _Optional[str] = ..., reason: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class TransferPrimaryResponse(_message.Message):
    __slots__ = ("header", "register")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    REGISTER_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    register: Register
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., register: _Optional[_Union[Register, _Mapping]] = ...) -> None: ...

class FenceNodeRequest(_message.Message):
    __slots__ = ("node", "reason")
    NODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    node: str
    reason: str
    def __init__(self, node: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class FenceNodeResponse(_message.Message):
    __slots__ = ("header", "register")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    REGISTER_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    register: Register
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., register: _Optional[_Union[Register, _Mapping]] = ...) -> None: ...

class UnfenceNodeRequest(_message.Message):
    __slots__ = ("node", "reason")
    NODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    node: str
    reason: str
    def __init__(self, node: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class UnfenceNodeResponse(_message.Message):
    __slots__ = ("header", "register")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    REGISTER_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    register: Register
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., register: _Optional[_Union[Register, _Mapping]] = ...) -> None: ...

class DegradeRequest(_message.Message):
    __slots__ = ("accept_single_copy", "reason")
    ACCEPT_SINGLE_COPY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    accept_single_copy: bool
    reason: str
    def __init__(self, accept_single_copy: _Optional[bool] = ..., reason: _Optional[str] = ...) -> None: ...

class DegradeResponse(_message.Message):
    __slots__ = ("header", "register")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    REGISTER_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    register: Register
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., register: _Optional[_Union[Register, _Mapping]] = ...) -> None: ...

class SetOnSingleCopyRequest(_message.Message):
    __slots__ = ("on_single_copy", "reason")
    ON_SINGLE_COPY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    on_single_copy: OnSingleCopy
    reason: str
    def __init__(self, on_single_copy: _Optional[_Union[OnSingleCopy, str]] = ..., reason: _Optional[str] = ...) -> None: ...

class SetOnSingleCopyResponse(_message.Message):
    __slots__ = ("header", "register")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    REGISTER_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    register: Register
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., register: _Optional[_Union[Register, _Mapping]] = ...) -> None: ...

class GetDrStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetDrStatusResponse(_message.Message):
    __slots__ = ("header", "node", "endpoint", "connected", "durable_seq", "applied_seq", "committed_seq", "lag_entries", "lag_bytes", "lag_ms", "silent_ms", "loss_bound", "generation")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    CONNECTED_FIELD_NUMBER: _ClassVar[int]
    DURABLE_SEQ_FIELD_NUMBER: _ClassVar[int]
    APPLIED_SEQ_FIELD_NUMBER: _ClassVar[int]
    COMMITTED_SEQ_FIELD_NUMBER: _ClassVar[int]
    LAG_ENTRIES_FIELD_NUMBER: _ClassVar[int]
    LAG_BYTES_FIELD_NUMBER: _ClassVar[int]
    LAG_MS_FIELD_NUMBER: _ClassVar[int]
    SILENT_MS_FIELD_NUMBER: _ClassVar[int]
    LOSS_BOUND_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    node: str
    endpoint: str
    connected: bool
    durable_seq: int
    applied_seq: int
    committed_seq: int
    lag_entries: int
    lag_bytes: int
    lag_ms: float
    silent_ms: int
    loss_bound: str
    generation: int
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., node: _Optional[str] = ..., endpoint: _Optional[str] = ..., connected: _Optional[bool] = ..., durable_seq: _Optional[int] = ..., applied_seq: _Optional[int] = ..., committed_seq: _Optional[int] = ..., lag_entries: _Optional[int] = ..., lag_bytes: _Optional[int] = ..., lag_ms: _Optional[float] = ..., silent_ms: _Optional[int] = ..., loss_bound: _Optional[str] = ..., generation: _Optional[int] = ...) -> None: ...

class TestDrRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DrCheck(_message.Message):
    __slots__ = ("name", "passed", "text")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PASSED_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    name: str
    passed: bool
    text: str
    def __init__(self, name: _Optional[str] = ..., passed: _Optional[bool] = ..., text: _Optional[str] = ...) -> None: ...

class TestDrResponse(_message.Message):
    __slots__ = ("header", "checks")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    CHECKS_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    checks: _containers.RepeatedCompositeFieldContainer[DrCheck]
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., checks: _Optional[_Iterable[_Union[DrCheck, _Mapping]]] = ...) -> None: ...

class PromoteDrRequest(_message.Message):
    __slots__ = ("accept_loss", "accepted_log_index", "reason")
    ACCEPT_LOSS_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    accept_loss: bool
    accepted_log_index: int
    reason: str
    def __init__(self, accept_loss: _Optional[bool] = ..., accepted_log_index: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class PromoteDrResponse(_message.Message):
    __slots__ = ("header", "register", "log_index")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    REGISTER_FIELD_NUMBER: _ClassVar[int]
    LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    register: Register
    log_index: int
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., register: _Optional[_Union[Register, _Mapping]] = ..., log_index: _Optional[int] = ...) -> None: ...
