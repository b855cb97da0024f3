"""The errors of the exchange, split by whose fault they are.

Room: exception types only; this module imports nothing of ours and does nothing.

    ExchangeError
      ClientFault            the caller sent something that cannot be carried out as sent
      Overloaded             a bound was reached; nothing was done, try again later
      NotServing             this node may not answer now (starting, stopping, fenced)
        NotLeader            another node leads; says which, where that is known
      OutcomeUnknown         the command may or may not take effect; ask or repeat it
      OperatorFault          configuration, flags, directories: the operator can mend it
      InvariantViolation     our own fault: the process must stop (DESIGN section 7)

A *business refusal* (unknown symbol, wrong tick, halted ...) is none of these: it is an event
with a `RejectReason`, computed by the engine and written in the log like any other result.
"""

from __future__ import annotations


class ExchangeError(Exception):
    """Root of the tree; never raised itself."""


class ClientFault(ExchangeError):
    """The request is malformed or not allowed.

    Args:
        reason: UPPER_SNAKE code that is part of the API (`ErrorInfo.reason`).
        message: what is wrong and what to do, for a person.
        field: the request field that is at fault, or "".
    """

    def __init__(self, reason: str, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.field = field


class Overloaded(ExchangeError):
    """A bounded queue is full; nothing was admitted. Retry after `retry_after_ms`."""

    def __init__(self, reason: str, message: str, *, retry_after_ms: int = 50) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.retry_after_ms = retry_after_ms


class NotServing(ExchangeError):
    """This node cannot take the request now; another one, or this one later, can."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


class NotLeader(NotServing):
    """Commands go to the primary, which is another node, or not known at present.

    Args:
        leader_id: name of the primary; "" = not known.
        leader_endpoint: HOST:PORT of its public API; "" = not known.
        epoch: leadership that this node follows.
    """

    def __init__(self, leader_id: str, leader_endpoint: str, epoch: int) -> None:
        where = f"{leader_id} at {leader_endpoint} leads" if leader_id else "no node leads now"
        super().__init__("NOT_LEADER", f"{where} (epoch {epoch}); nothing was done here")
        self.leader_id = leader_id
        self.leader_endpoint = leader_endpoint
        self.epoch = epoch


class OutcomeUnknown(ExchangeError):
    """The command was handed to the log and its fate is not known (RULEBOOK R10.2).

    Repeat it with the same `cl_ord_id` or `request_id`, or ask with GetOrder.
    """


class OperatorFault(ExchangeError):
    """A configuration, flag, port or directory is wrong; the message says how to mend it."""


class InvariantViolation(ExchangeError):
    """State that must not exist was seen; the process stops (fail-stop, DESIGN section 7)."""

    def __init__(self, code: str, **context: object) -> None:
        detail = ", ".join(f"{key}={value!r}" for key, value in context.items())
        super().__init__(f"invariant {code} is broken ({detail}); the node must stop")
        self.code = code
        self.context = context


def check(condition: bool, code: str, **context: object) -> None:
    """Raise InvariantViolation unless `condition`; unlike `assert` it stays on under -O."""
    if not condition:
        raise InvariantViolation(code, **context)
