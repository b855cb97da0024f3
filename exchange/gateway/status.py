"""The one table from errors to gRPC status; every answer but OK is made here.

Room: error -> (code, message, details). Every status carries `google.rpc.ErrorInfo` with a reason
of the tables below and domain `lockstep.exchange`; `BadRequest` names the field at fault,
`RetryInfo` says when to come back. The reasons are part of the API: proto/SPEC.md lists them, a
test compares. A refusal by the market is no error: it is a report (RULEBOOK R11, `reports.py`).
"""

from __future__ import annotations

from typing import NamedTuple

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc import StatusCode

from exchange.errors import (
    ClientFault,
    NotLeader,
    NotServing,
    OutcomeUnknown,
    Overloaded,
)
from exchange.feeds.subscription import HistoryGone, SlowReader
from exchange.model.reject import RejectReason

DOMAIN = "lockstep.exchange"
DETAILS_KEY = "grpc-status-details-bin"
MS_PER_S = 1000
NS_PER_MS = 1_000_000
MESSAGE_CHARS_MAX = 1000
"""Status messages travel in an HTTP/2 header block, which is bounded (8 KiB by default)."""

REASONS: dict[str, StatusCode] = {
    "NOT_AUTHENTICATED": StatusCode.UNAUTHENTICATED,
    "INVALID_TOKEN": StatusCode.UNAUTHENTICATED,
    "INVALID_PRINCIPAL": StatusCode.UNAUTHENTICATED,
    "MEMBER_REQUIRED": StatusCode.PERMISSION_DENIED,
    "OPERATOR_REQUIRED": StatusCode.PERMISSION_DENIED,
    "UNKNOWN_PRINCIPAL": StatusCode.PERMISSION_DENIED,
    "NOT_YOURS": StatusCode.PERMISSION_DENIED,
    "MALFORMED_MESSAGE": StatusCode.INVALID_ARGUMENT,
    "INVALID_PAGE_TOKEN": StatusCode.INVALID_ARGUMENT,
    "MESSAGE_TOO_LARGE": StatusCode.INVALID_ARGUMENT,
    "TOO_MANY_COMMANDS": StatusCode.INVALID_ARGUMENT,
    "LOGON_EXPECTED": StatusCode.FAILED_PRECONDITION,
    "LOGON_REPEATED": StatusCode.FAILED_PRECONDITION,
    "QUEUE_FULL": StatusCode.RESOURCE_EXHAUSTED,
    "DISK_NEARLY_FULL": StatusCode.RESOURCE_EXHAUSTED,
    "EVENT_INDEX_BEHIND": StatusCode.RESOURCE_EXHAUSTED,
    "SLOW_READER": StatusCode.RESOURCE_EXHAUSTED,
    "SEQ_NOT_AVAILABLE": StatusCode.OUT_OF_RANGE,
    "DEADLINE_EXCEEDED": StatusCode.DEADLINE_EXCEEDED,
    "STOPPING": StatusCode.UNAVAILABLE,
    "NOT_LEADER": StatusCode.UNAVAILABLE,
    "NO_LEASE": StatusCode.UNAVAILABLE,
    "NODE_HAS_NO_MARKET": StatusCode.UNAVAILABLE,
    "NODE_FENCED": StatusCode.UNAVAILABLE,
    "JOINING": StatusCode.UNAVAILABLE,
    "SINGLE_COPY_PAUSED": StatusCode.UNAVAILABLE,
    "REGISTER_UNAVAILABLE": StatusCode.UNAVAILABLE,
    "REGISTER_CHANGED": StatusCode.ABORTED,
    "NOT_A_CLUSTER": StatusCode.FAILED_PRECONDITION,
    "UNKNOWN_NODE": StatusCode.NOT_FOUND,
    "NOT_A_DATA_NODE": StatusCode.FAILED_PRECONDITION,
    "NODE_NOT_IN_SYNC": StatusCode.FAILED_PRECONDITION,
    "ALREADY_PRIMARY": StatusCode.FAILED_PRECONDITION,
    "ALREADY_FENCED": StatusCode.FAILED_PRECONDITION,
    "NOT_FENCED": StatusCode.FAILED_PRECONDITION,
    "NOT_PAUSED": StatusCode.FAILED_PRECONDITION,
    "NOT_A_DR_NODE": StatusCode.FAILED_PRECONDITION,
    "PRIMARY_IS_ALIVE": StatusCode.FAILED_PRECONDITION,
    "LOSS_NOT_ACCEPTED": StatusCode.FAILED_PRECONDITION,
    "NOTHING_TO_SNAPSHOT": StatusCode.UNAVAILABLE,
    "OUTCOME_UNKNOWN": StatusCode.UNAVAILABLE,
    "INTERNAL": StatusCode.INTERNAL,
}
"""Reasons of the gateway, the queues and the feeds."""

_NOT_FOUND = {
    RejectReason.UNKNOWN_MEMBER,
    RejectReason.UNKNOWN_ACCOUNT,
    RejectReason.UNKNOWN_SESSION,
    RejectReason.UNKNOWN_SYMBOL,
    RejectReason.UNKNOWN_ORDER,
    RejectReason.UNKNOWN_TARGET,
    RejectReason.UNKNOWN_TRADE,
}
_ALREADY_EXISTS = {
    RejectReason.SYMBOL_EXISTS,
    RejectReason.NAME_EXISTS,
    RejectReason.DUPLICATE_REQUEST_ID,
}
_INVALID = {
    RejectReason.INVALID_REQUEST_ID,
    RejectReason.INVALID_SYMBOL,
    RejectReason.INVALID_NAME,
    RejectReason.INVALID_FIELD,
    RejectReason.INVALID_SIDE,
    RejectReason.REASON_REQUIRED,
    RejectReason.SCHEDULE_IN_THE_PAST,
    RejectReason.SCHEDULE_OVERLAPS,
    RejectReason.SCHEDULE_TRANSITION,
    RejectReason.CALL_LENGTH_INVALID,
}


def code_of_refusal(reason: RejectReason) -> StatusCode:
    """The status of an admin command that the engine refused for `reason`."""
    if reason in _NOT_FOUND:
        return StatusCode.NOT_FOUND
    if reason in _ALREADY_EXISTS:
        return StatusCode.ALREADY_EXISTS
    if reason in _INVALID:
        return StatusCode.INVALID_ARGUMENT
    return StatusCode.FAILED_PRECONDITION


class Answer(NamedTuple):
    """A gRPC status: code, message and the details as the trailer wants them."""

    code: StatusCode
    reason: str
    message: str
    details: bytes


def answer(error: BaseException) -> Answer:
    """The status of an error. What is not the caller's fault nor foreseen is INTERNAL."""
    match error:
        case ClientFault(reason=reason, message=message, field=field):
            return _answer(_code_of(reason), reason, message, field=field)
        case Overloaded(reason=reason, message=message, retry_after_ms=after):
            return _answer(StatusCode.RESOURCE_EXHAUSTED, reason, message, retry_after_ms=after)
        case SlowReader(resume_seq=seq):
            return _answer(
                REASONS["SLOW_READER"], "SLOW_READER", str(error), {"resume_seq": str(seq)}
            )
        case HistoryGone(oldest=oldest, newest=newest):
            metadata = {"oldest_seq": str(oldest), "newest_seq": str(newest)}
            reason = "SEQ_NOT_AVAILABLE"
            return _answer(REASONS[reason], reason, str(error), metadata)
        case NotLeader(leader_id=leader, leader_endpoint=endpoint, epoch=epoch):
            metadata = {"leader_id": leader, "leader_endpoint": endpoint, "epoch": str(epoch)}
            reason = "NOT_LEADER"
            return _answer(REASONS[reason], reason, str(error), metadata)
        case NotServing(reason=reason, message=message):
            return _answer(StatusCode.UNAVAILABLE, reason, message)
        case OutcomeUnknown():
            reason = "OUTCOME_UNKNOWN"
            return _answer(REASONS[reason], reason, str(error))
        case TimeoutError():
            reason = "DEADLINE_EXCEEDED"
            message = (
                "not answered within the deadline; a command may or may not take effect: repeat it "
                "with the same cl_ord_id or request_id"
            )
            return _answer(REASONS[reason], reason, message)
        case _:
            message = "the exchange failed on this request; the operator finds why in its log"
            return _answer(StatusCode.INTERNAL, "INTERNAL", message)


def _code_of(reason: str) -> StatusCode:
    code = REASONS.get(reason)
    return code_of_refusal(RejectReason[reason]) if code is None else code


def _answer(
    code: StatusCode,
    reason: str,
    message: str,
    metadata: dict[str, str] | None = None,
    *,
    field: str = "",
    retry_after_ms: int = 0,
) -> Answer:
    message = message[:MESSAGE_CHARS_MAX]
    info = dict(metadata or {})
    if field:
        info["field"] = field
    parts: list[Message] = [ErrorInfo(reason=reason, domain=DOMAIN, metadata=info)]
    if field:
        violation = BadRequest.FieldViolation(field=field, description=message)
        parts.append(BadRequest(field_violations=[violation]))
    if retry_after_ms:
        seconds, ms = divmod(retry_after_ms, MS_PER_S)
        parts.append(RetryInfo(retry_delay=Duration(seconds=seconds, nanos=ms * NS_PER_MS)))
    status = Status(code=code.value[0], message=message)
    for part in parts:
        packed = AnyMessage()
        packed.Pack(part)
        status.details.append(packed)
    return Answer(code, reason, message, status.SerializeToString())
