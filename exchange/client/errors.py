"""What can go wrong for a client, as one tree of exceptions.

Room: exception types and the one table from a gRPC status to them. A refusal of an order by the
market is none of these: it is an execution report (`OrderOutcome.is_rejected`).

    ClientError
      InvalidRequestError      the request is malformed or out of range; sending it again is no use
      RefusedError             an operator's command or a query was refused by the market
        NotFoundError          what it names does not exist
      AuthenticationError      nobody knows who calls
      PermissionDeniedError    it is known who calls, and that one may not
      OverloadedError          a bound of the exchange was reached; nothing was done
      UnavailableError         no endpoint answered in time; nothing was sent, or it only reads
      OutcomeUnknownError      a command was sent and its fate is not known: repeat it by its key
      SeqNotAvailableError     the history does not reach back to the sequence number asked for
      ServerFaultError         the exchange failed on the request

`reason` is `google.rpc.ErrorInfo.reason` (proto/SPEC.md lists them), or the name of the gRPC status
where the answer carries none because no exchange made it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import grpc
from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

DETAILS_KEY = "grpc-status-details-bin"
DOMAIN = "lockstep.exchange"


@dataclass(frozen=True, slots=True)
class Fault:
    """A gRPC status, read.

    code: name of the gRPC status, for example "UNAVAILABLE".
    reason: ErrorInfo reason; the code where there is none.
    message: one sentence for a person.
    is_of_exchange: whether an exchange made it, and not the transport.
    retry_after_s: seconds to wait before a repetition; 0 = not said.
    metadata: ErrorInfo metadata.
    """

    code: str
    reason: str
    message: str
    is_of_exchange: bool = False
    retry_after_s: float = 0.0
    metadata: dict[str, str] = field(default_factory=dict)


class ClientError(Exception):
    """Root of the tree.

    Attributes:
        fault: the status it was made of.
    """

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault

    @property
    def reason(self) -> str:
        """UPPER_SNAKE code, part of the API."""
        return self.fault.reason

    @property
    def message(self) -> str:
        """One sentence for a person."""
        return self.fault.message

    @property
    def field(self) -> str:
        """The request field at fault; "" where there is none."""
        return self.fault.metadata.get("field", "")


class InvalidRequestError(ClientError):
    """INVALID_ARGUMENT: the request is malformed or out of range."""


class RefusedError(ClientError):
    """FAILED_PRECONDITION, ALREADY_EXISTS: the exchange understood and refused."""


class NotFoundError(RefusedError):
    """NOT_FOUND: what the request names does not exist."""


class AuthenticationError(ClientError):
    """UNAUTHENTICATED: the caller gave no valid credentials."""


class PermissionDeniedError(ClientError):
    """PERMISSION_DENIED: the caller may not do this."""


class OverloadedError(ClientError):
    """RESOURCE_EXHAUSTED: a bound was reached; nothing was done."""


class UnavailableError(ClientError):
    """No endpoint answered within the timeout, and nothing was changed by this call."""


class OutcomeUnknownError(ClientError):
    """The command was sent and no answer came within the timeout.

    Repeat it with the same key, or ask with get_order.

    Attributes:
        key: `cl_ord_id` of the order command, or `request_id` of the operator's command.
        keys: of all commands of which it is true, in order; more than one in a session.
        attempts: how often they were sent.
    """

    def __init__(self, fault: Fault, key: str, attempts: int, keys: tuple[str, ...] = ()) -> None:
        super().__init__(
            Fault(
                fault.code,
                "OUTCOME_UNKNOWN",
                f"{key}: sent {attempts} times, not answered ({fault.message}); it may or may not "
                "have taken effect: repeat it with the same id",
                fault.is_of_exchange,
                metadata=fault.metadata,
            )
        )
        self.key = key
        self.keys = keys or (key,)
        self.attempts = attempts

    @property
    def cl_ord_id(self) -> str:
        """The key, under the name that order commands give it."""
        return self.key


class SeqNotAvailableError(ClientError):
    """OUT_OF_RANGE: events from that sequence number on are not kept or do not exist yet."""

    @property
    def oldest_seq(self) -> int:
        """First sequence number that can be had."""
        return int(self.fault.metadata.get("oldest_seq", "0"))

    @property
    def newest_seq(self) -> int:
        """Newest sequence number there is."""
        return int(self.fault.metadata.get("newest_seq", "0"))


class ServerFaultError(ClientError):
    """INTERNAL and what is not foreseen: the exchange failed; its operator finds why in its log."""


_KINDS: dict[str, type[ClientError]] = {
    "INVALID_ARGUMENT": InvalidRequestError,
    "FAILED_PRECONDITION": RefusedError,
    "ALREADY_EXISTS": RefusedError,
    "NOT_FOUND": NotFoundError,
    "UNAUTHENTICATED": AuthenticationError,
    "PERMISSION_DENIED": PermissionDeniedError,
    "RESOURCE_EXHAUSTED": OverloadedError,
    "UNAVAILABLE": UnavailableError,
    "DEADLINE_EXCEEDED": UnavailableError,
    "OUT_OF_RANGE": SeqNotAvailableError,
}


def error_of(fault: Fault) -> ClientError:
    """The exception of a status that is not retried any more."""
    return _KINDS.get(fault.code, ServerFaultError)(fault)


def read_fault(error: grpc.aio.AioRpcError) -> Fault:
    """What a failed call says, with the details of the exchange where it made them."""
    code = error.code().name
    details = _details(error)
    message = error.details() or code
    if details is None:
        return Fault(code, code, message)
    info, retry = ErrorInfo(), RetryInfo()
    for part in details.details:
        part.Unpack(info)
        part.Unpack(retry)
    if info.domain != DOMAIN:
        return Fault(code, info.reason or code, message)
    delay = retry.retry_delay
    return Fault(
        code,
        info.reason,
        message,
        is_of_exchange=True,
        retry_after_s=delay.seconds + delay.nanos / 1e9,
        metadata=dict(info.metadata),
    )


def _details(error: grpc.aio.AioRpcError) -> Status | None:
    for key, value in error.trailing_metadata() or ():
        if key == DETAILS_KEY and isinstance(value, bytes):
            try:
                return Status.FromString(value)
            except DecodeError:
                return None  # a proxy between us put something else there
    return None
