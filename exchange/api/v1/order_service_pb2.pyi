import datetime

from exchange.api.v1 import common_pb2 as _common_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class NewOrder(_message.Message):
    __slots__ = ("cl_ord_id", "symbol", "side", "ord_type", "time_in_force", "order_qty", "price", "account", "stp_mode", "flags", "expire_time", "terms", "book")
    CL_ORD_ID_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    ORD_TYPE_FIELD_NUMBER: _ClassVar[int]
    TIME_IN_FORCE_FIELD_NUMBER: _ClassVar[int]
    ORDER_QTY_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    STP_MODE_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    TERMS_FIELD_NUMBER: _ClassVar[int]
    BOOK_FIELD_NUMBER: _ClassVar[int]
    cl_ord_id: str
    symbol: str
    side: _common_pb2.Side
    ord_type: _common_pb2.OrdType
    time_in_force: _common_pb2.TimeInForce
    order_qty: int
    price: int
    account: str
    stp_mode: _common_pb2.StpMode
    flags: int
    expire_time: _timestamp_pb2.Timestamp
    terms: _common_pb2.OrderTerms
    book: _common_pb2.BookKind
    def __init__(self, cl_ord_id: _Optional[str] = ..., symbol: _Optional[str] = ..., side: _Optional[_Union[_common_pb2.Side, str]] = ..., ord_type: _Optional[_Union[_common_pb2.OrdType, str]] = ..., time_in_force: _Optional[_Union[_common_pb2.TimeInForce, str]] = ..., order_qty: _Optional[int] = ..., price: _Optional[int] = ..., account: _Optional[str] = ..., stp_mode: _Optional[_Union[_common_pb2.StpMode, str]] = ..., flags: _Optional[int] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., terms: _Optional[_Union[_common_pb2.OrderTerms, _Mapping]] = ..., book: _Optional[_Union[_common_pb2.BookKind, str]] = ...) -> None: ...

class CancelOrder(_message.Message):
    __slots__ = ("cl_ord_id", "orig_cl_ord_id", "order_id")
    CL_ORD_ID_FIELD_NUMBER: _ClassVar[int]
    ORIG_CL_ORD_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    cl_ord_id: str
    orig_cl_ord_id: str
    order_id: int
    def __init__(self, cl_ord_id: _Optional[str] = ..., orig_cl_ord_id: _Optional[str] = ..., order_id: _Optional[int] = ...) -> None: ...

class ReplaceOrder(_message.Message):
    __slots__ = ("cl_ord_id", "orig_cl_ord_id", "order_id", "order_qty", "price", "terms")
    CL_ORD_ID_FIELD_NUMBER: _ClassVar[int]
    ORIG_CL_ORD_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_QTY_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    TERMS_FIELD_NUMBER: _ClassVar[int]
    cl_ord_id: str
    orig_cl_ord_id: str
    order_id: int
    order_qty: int
    price: int
    terms: _common_pb2.ChangedTerms
    def __init__(self, cl_ord_id: _Optional[str] = ..., orig_cl_ord_id: _Optional[str] = ..., order_id: _Optional[int] = ..., order_qty: _Optional[int] = ..., price: _Optional[int] = ..., terms: _Optional[_Union[_common_pb2.ChangedTerms, _Mapping]] = ...) -> None: ...

class MassCancel(_message.Message):
    __slots__ = ("cl_ord_id", "symbol", "account", "side")
    CL_ORD_ID_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    cl_ord_id: str
    symbol: str
    account: str
    side: _common_pb2.Side
    def __init__(self, cl_ord_id: _Optional[str] = ..., symbol: _Optional[str] = ..., account: _Optional[str] = ..., side: _Optional[_Union[_common_pb2.Side, str]] = ...) -> None: ...

class ExecutionReport(_message.Message):
    __slots__ = ("exec_id", "order_id", "cl_ord_id", "orig_cl_ord_id", "exec_type", "ord_status", "symbol", "account", "side", "ord_type", "time_in_force", "order_qty", "cum_qty", "leaves_qty", "last_qty", "last_px", "price", "cum_notional", "avg_px", "trade_id", "liquidity", "reject_reason", "text", "cancel_reason", "poss_dup", "transact_time", "log_index", "flags", "expire_time", "is_replace", "canceled_qty", "session_id", "terms", "trigger_price", "former_last_qty", "former_last_px", "book")
    EXEC_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    CL_ORD_ID_FIELD_NUMBER: _ClassVar[int]
    ORIG_CL_ORD_ID_FIELD_NUMBER: _ClassVar[int]
    EXEC_TYPE_FIELD_NUMBER: _ClassVar[int]
    ORD_STATUS_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    ORD_TYPE_FIELD_NUMBER: _ClassVar[int]
    TIME_IN_FORCE_FIELD_NUMBER: _ClassVar[int]
    ORDER_QTY_FIELD_NUMBER: _ClassVar[int]
    CUM_QTY_FIELD_NUMBER: _ClassVar[int]
    LEAVES_QTY_FIELD_NUMBER: _ClassVar[int]
    LAST_QTY_FIELD_NUMBER: _ClassVar[int]
    LAST_PX_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    CUM_NOTIONAL_FIELD_NUMBER: _ClassVar[int]
    AVG_PX_FIELD_NUMBER: _ClassVar[int]
    TRADE_ID_FIELD_NUMBER: _ClassVar[int]
    LIQUIDITY_FIELD_NUMBER: _ClassVar[int]
    REJECT_REASON_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    CANCEL_REASON_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    TRANSACT_TIME_FIELD_NUMBER: _ClassVar[int]
    LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    IS_REPLACE_FIELD_NUMBER: _ClassVar[int]
    CANCELED_QTY_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    TERMS_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_PRICE_FIELD_NUMBER: _ClassVar[int]
    FORMER_LAST_QTY_FIELD_NUMBER: _ClassVar[int]
    FORMER_LAST_PX_FIELD_NUMBER: _ClassVar[int]
    BOOK_FIELD_NUMBER: _ClassVar[int]
    exec_id: int
    order_id: int
    cl_ord_id: str
    orig_cl_ord_id: str
    exec_type: _common_pb2.ExecType
    ord_status: _common_pb2.OrdStatus
    symbol: str
    account: str
    side: _common_pb2.Side
    ord_type: _common_pb2.OrdType
    time_in_force: _common_pb2.TimeInForce
    order_qty: int
    cum_qty: int
    leaves_qty: int
    last_qty: int
    last_px: int
    price: int
    cum_notional: str
    avg_px: int
    trade_id: int
    liquidity: _common_pb2.Liquidity
    reject_reason: _common_pb2.RejectReason
    text: str
    cancel_reason: _common_pb2.CancelReason
    poss_dup: bool
    transact_time: _timestamp_pb2.Timestamp
    log_index: int
    flags: int
    expire_time: _timestamp_pb2.Timestamp
    is_replace: bool
    canceled_qty: int
    session_id: int
    terms: _common_pb2.OrderTerms
    trigger_price: int
    former_last_qty: int
    former_last_px: int
    book: _common_pb2.BookKind
    def __init__(self, exec_id: _Optional[int] = ..., order_id: _Optional[int] = ..., cl_ord_id: _Optional[str] = ..., orig_cl_ord_id: _Optional[str] = ..., exec_type: _Optional[_Union[_common_pb2.ExecType, str]] = ..., ord_status: _Optional[_Union[_common_pb2.OrdStatus, str]] = ..., symbol: _Optional[str] = ..., account: _Optional[str] = ..., side: _Optional[_Union[_common_pb2.Side, str]] = ..., ord_type: _Optional[_Union[_common_pb2.OrdType, str]] = ..., time_in_force: _Optional[_Union[_common_pb2.TimeInForce, str]] = ..., order_qty: _Optional[int] = ..., cum_qty: _Optional[int] = ..., leaves_qty: _Optional[int] = ..., last_qty: _Optional[int] = ..., last_px: _Optional[int] = ..., price: _Optional[int] = ..., cum_notional: _Optional[str] = ..., avg_px: _Optional[int] = ..., trade_id: _Optional[int] = ..., liquidity: _Optional[_Union[_common_pb2.Liquidity, str]] = ..., reject_reason: _Optional[_Union[_common_pb2.RejectReason, str]] = ..., text: _Optional[str] = ..., cancel_reason: _Optional[_Union[_common_pb2.CancelReason, str]] = ..., poss_dup: _Optional[bool] = ..., transact_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., log_index: _Optional[int] = ..., flags: _Optional[int] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., is_replace: _Optional[bool] = ..., canceled_qty: _Optional[int] = ..., session_id: _Optional[int] = ..., terms: _Optional[_Union[_common_pb2.OrderTerms, _Mapping]] = ..., trigger_price: _Optional[int] = ..., former_last_qty: _Optional[int] = ..., former_last_px: _Optional[int] = ..., book: _Optional[_Union[_common_pb2.BookKind, str]] = ...) -> None: ...

class MassCancelReport(_message.Message):
    __slots__ = ("exec_id", "cl_ord_id", "symbol", "account", "side", "canceled_count", "transact_time", "log_index", "poss_dup", "reject_reason", "text")
    EXEC_ID_FIELD_NUMBER: _ClassVar[int]
    CL_ORD_ID_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    CANCELED_COUNT_FIELD_NUMBER: _ClassVar[int]
    TRANSACT_TIME_FIELD_NUMBER: _ClassVar[int]
    LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    POSS_DUP_FIELD_NUMBER: _ClassVar[int]
    REJECT_REASON_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    exec_id: int
    cl_ord_id: str
    symbol: str
    account: str
    side: _common_pb2.Side
    canceled_count: int
    transact_time: _timestamp_pb2.Timestamp
    log_index: int
    poss_dup: bool
    reject_reason: _common_pb2.RejectReason
    text: str
    def __init__(self, exec_id: _Optional[int] = ..., cl_ord_id: _Optional[str] = ..., symbol: _Optional[str] = ..., account: _Optional[str] = ..., side: _Optional[_Union[_common_pb2.Side, str]] = ..., canceled_count: _Optional[int] = ..., transact_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., log_index: _Optional[int] = ..., poss_dup: _Optional[bool] = ..., reject_reason: _Optional[_Union[_common_pb2.RejectReason, str]] = ..., text: _Optional[str] = ...) -> None: ...

class SubmitOrderRequest(_message.Message):
    __slots__ = ("order",)
    ORDER_FIELD_NUMBER: _ClassVar[int]
    order: NewOrder
    def __init__(self, order: _Optional[_Union[NewOrder, _Mapping]] = ...) -> None: ...

class SubmitOrderResponse(_message.Message):
    __slots__ = ("header", "reports")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    reports: _containers.RepeatedCompositeFieldContainer[ExecutionReport]
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., reports: _Optional[_Iterable[_Union[ExecutionReport, _Mapping]]] = ...) -> None: ...

class CancelOrderRequest(_message.Message):
    __slots__ = ("cancel",)
    CANCEL_FIELD_NUMBER: _ClassVar[int]
    cancel: CancelOrder
    def __init__(self, cancel: _Optional[_Union[CancelOrder, _Mapping]] = ...) -> None: ...

class CancelOrderResponse(_message.Message):
    __slots__ = ("header", "reports")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    reports: _containers.RepeatedCompositeFieldContainer[ExecutionReport]
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., reports: _Optional[_Iterable[_Union[ExecutionReport, _Mapping]]] = ...) -> None: ...

class ReplaceOrderRequest(_message.Message):
    __slots__ = ("replace",)
    REPLACE_FIELD_NUMBER: _ClassVar[int]
    replace: ReplaceOrder
    def __init__(self, replace: _Optional[_Union[ReplaceOrder, _Mapping]] = ...) -> None: ...

class ReplaceOrderResponse(_message.Message):
    __slots__ = ("header", "reports")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    reports: _containers.RepeatedCompositeFieldContainer[ExecutionReport]
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., reports: _Optional[_Iterable[_Union[ExecutionReport, _Mapping]]] = ...) -> None: ...

class MassCancelOrdersRequest(_message.Message):
    __slots__ = ("mass_cancel",)
    MASS_CANCEL_FIELD_NUMBER: _ClassVar[int]
    mass_cancel: MassCancel
    def __init__(self, mass_cancel: _Optional[_Union[MassCancel, _Mapping]] = ...) -> None: ...

class MassCancelOrdersResponse(_message.Message):
    __slots__ = ("header", "report", "reports")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    report: MassCancelReport
    reports: _containers.RepeatedCompositeFieldContainer[ExecutionReport]
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., report: _Optional[_Union[MassCancelReport, _Mapping]] = ..., reports: _Optional[_Iterable[_Union[ExecutionReport, _Mapping]]] = ...) -> None: ...

class GetOrderRequest(_message.Message):
    __slots__ = ("order_id", "cl_ord_id", "member")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    CL_ORD_ID_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    order_id: int
    cl_ord_id: str
    member: str
    def __init__(self, order_id: _Optional[int] = ..., cl_ord_id: _Optional[str] = ..., member: _Optional[str] = ...) -> None: ...

class GetOrderResponse(_message.Message):
    __slots__ = ("header", "order")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    order: _common_pb2.Order
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., order: _Optional[_Union[_common_pb2.Order, _Mapping]] = ...) -> None: ...

class ListOrdersRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "symbol", "live_only", "member", "account")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    LIVE_ONLY_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    symbol: str
    live_only: bool
    member: str
    account: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., symbol: _Optional[str] = ..., live_only: _Optional[bool] = ..., member: _Optional[str] = ..., account: _Optional[str] = ...) -> None: ...

class ListOrdersResponse(_message.Message):
    __slots__ = ("header", "orders", "next_page_token")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    ORDERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    orders: _containers.RepeatedCompositeFieldContainer[_common_pb2.Order]
    next_page_token: str
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., orders: _Optional[_Iterable[_Union[_common_pb2.Order, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class Position(_message.Message):
    __slots__ = ("member", "account", "symbol", "qty")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    QTY_FIELD_NUMBER: _ClassVar[int]
    member: str
    account: str
    symbol: str
    qty: int
    def __init__(self, member: _Optional[str] = ..., account: _Optional[str] = ..., symbol: _Optional[str] = ..., qty: _Optional[int] = ...) -> None: ...

class GetPositionsRequest(_message.Message):
    __slots__ = ("account", "member")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    account: str
    member: str
    def __init__(self, account: _Optional[str] = ..., member: _Optional[str] = ...) -> None: ...

class GetPositionsResponse(_message.Message):
    __slots__ = ("header", "positions")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    POSITIONS_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    positions: _containers.RepeatedCompositeFieldContainer[Position]
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., positions: _Optional[_Iterable[_Union[Position, _Mapping]]] = ...) -> None: ...

class SubscribeExecutionsRequest(_message.Message):
    __slots__ = ("start_seq", "member")
    START_SEQ_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    start_seq: int
    member: str
    def __init__(self, start_seq: _Optional[int] = ..., member: _Optional[str] = ...) -> None: ...

class SubscribeExecutionsResponse(_message.Message):
    __slots__ = ("header", "reports", "mass_cancel_reports", "seq", "heartbeat")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    MASS_CANCEL_REPORTS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    reports: _containers.RepeatedCompositeFieldContainer[ExecutionReport]
    mass_cancel_reports: _containers.RepeatedCompositeFieldContainer[MassCancelReport]
    seq: int
    heartbeat: bool
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., reports: _Optional[_Iterable[_Union[ExecutionReport, _Mapping]]] = ..., mass_cancel_reports: _Optional[_Iterable[_Union[MassCancelReport, _Mapping]]] = ..., seq: _Optional[int] = ..., heartbeat: _Optional[bool] = ...) -> None: ...

class Logon(_message.Message):
    __slots__ = ("cancel_on_disconnect",)
    CANCEL_ON_DISCONNECT_FIELD_NUMBER: _ClassVar[int]
    cancel_on_disconnect: bool
    def __init__(self, cancel_on_disconnect: _Optional[bool] = ...) -> None: ...

class LogonAck(_message.Message):
    __slots__ = ("session_id", "commands_max", "message_bytes_max", "in_flight_max", "seq")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    COMMANDS_MAX_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_BYTES_MAX_FIELD_NUMBER: _ClassVar[int]
    IN_FLIGHT_MAX_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    session_id: int
    commands_max: int
    message_bytes_max: int
    in_flight_max: int
    seq: int
    def __init__(self, session_id: _Optional[int] = ..., commands_max: _Optional[int] = ..., message_bytes_max: _Optional[int] = ..., in_flight_max: _Optional[int] = ..., seq: _Optional[int] = ...) -> None: ...

class OrderCommand(_message.Message):
    __slots__ = ("request_no", "submit", "cancel", "replace", "mass_cancel")
    REQUEST_NO_FIELD_NUMBER: _ClassVar[int]
    SUBMIT_FIELD_NUMBER: _ClassVar[int]
    CANCEL_FIELD_NUMBER: _ClassVar[int]
    REPLACE_FIELD_NUMBER: _ClassVar[int]
    MASS_CANCEL_FIELD_NUMBER: _ClassVar[int]
    request_no: int
    submit: NewOrder
    cancel: CancelOrder
    replace: ReplaceOrder
    mass_cancel: MassCancel
    def __init__(self, request_no: _Optional[int] = ..., submit: _Optional[_Union[NewOrder, _Mapping]] = ..., cancel: _Optional[_Union[CancelOrder, _Mapping]] = ..., replace: _Optional[_Union[ReplaceOrder, _Mapping]] = ..., mass_cancel: _Optional[_Union[MassCancel, _Mapping]] = ...) -> None: ...

class OrderSessionRequest(_message.Message):
    __slots__ = ("logon", "commands")
    LOGON_FIELD_NUMBER: _ClassVar[int]
    COMMANDS_FIELD_NUMBER: _ClassVar[int]
    logon: Logon
    commands: _containers.RepeatedCompositeFieldContainer[OrderCommand]
    def __init__(self, logon: _Optional[_Union[Logon, _Mapping]] = ..., commands: _Optional[_Iterable[_Union[OrderCommand, _Mapping]]] = ...) -> None: ...

class CommandFault(_message.Message):
    __slots__ = ("reason", "message", "field", "retry_after_ms")
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    reason: str
    message: str
    field: str
    retry_after_ms: int
    def __init__(self, reason: _Optional[str] = ..., message: _Optional[str] = ..., field: _Optional[str] = ..., retry_after_ms: _Optional[int] = ...) -> None: ...

class CommandResult(_message.Message):
    __slots__ = ("request_no", "reports", "mass_cancel_report", "fault")
    REQUEST_NO_FIELD_NUMBER: _ClassVar[int]
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    MASS_CANCEL_REPORT_FIELD_NUMBER: _ClassVar[int]
    FAULT_FIELD_NUMBER: _ClassVar[int]
    request_no: int
    reports: _containers.RepeatedCompositeFieldContainer[ExecutionReport]
    mass_cancel_report: MassCancelReport
    fault: CommandFault
    def __init__(self, request_no: _Optional[int] = ..., reports: _Optional[_Iterable[_Union[ExecutionReport, _Mapping]]] = ..., mass_cancel_report: _Optional[_Union[MassCancelReport, _Mapping]] = ..., fault: _Optional[_Union[CommandFault, _Mapping]] = ...) -> None: ...

class OrderSessionResponse(_message.Message):
    __slots__ = ("header", "logon", "results")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    LOGON_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    header: _common_pb2.ResponseHeader
    logon: LogonAck
    results: _containers.RepeatedCompositeFieldContainer[CommandResult]
    def __init__(self, header: _Optional[_Union[_common_pb2.ResponseHeader, _Mapping]] = ..., logon: _Optional[_Union[LogonAck, _Mapping]] = ..., results: _Optional[_Iterable[_Union[CommandResult, _Mapping]]] = ...) -> None: ...
