"""How an administrative command is carried out: operator, log, outcome, answer.

Room: the one course that every admin RPC takes; what it says is the servicers' business.

    by = desk.signature(call, request.request_id)         who, and under which key
    command = SomeCommand(..., by.request_id, by.operator)
    return await desk.answer(command, pb.SomeResponse)    header and poss_dup are filled in
"""

from __future__ import annotations

from typing import NamedTuple, Protocol, TypeVar

from exchange.api.v1.common_pb2 import ResponseHeader
from exchange.gateway.admin_outcome import AdminOutcome, read_outcome
from exchange.gateway.call import Call
from exchange.gateway.field_checks import identifier
from exchange.gateway.header import response_header
from exchange.gateway.impact import Impact, affected_by, count_affected
from exchange.gateway.ports import Core
from exchange.gateway.principal import operator_of
from exchange.model.codec import encode_command
from exchange.model.command import Command


class Acknowledgement(Protocol):
    """A response message of an administrative command, of any RPC."""

    poss_dup: bool

    @property
    def header(self) -> ResponseHeader:
        """Where the command stands in the log."""


A = TypeVar("A", bound=Acknowledgement)


class Signature(NamedTuple):
    """What stands in every administrative command: its idempotency key, and who gave it."""

    request_id: str
    operator: str


class AdminDesk:
    """Submits admin commands, answers them, and counts what they would do."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def signature(self, call: Call, request_id: str) -> Signature:
        """Who calls under which key; ClientFault if it is no operator, or the key no identifier."""
        operator = operator_of(call.principal)
        return Signature(identifier(request_id, "request_id"), operator)

    async def answer(self, command: Command, response: type[A]) -> A:
        """As `carry_out`, the response alone."""
        return (await self.carry_out(command, response))[0]

    async def carry_out(self, command: Command, response: type[A]) -> tuple[A, AdminOutcome]:
        """Put a command into the log; its response with header and poss_dup, and its outcome.

        Raises ClientFault with the reason if the engine refused it.
        """
        told = await self._core.submit(encode_command(command), 1)
        outcome = read_outcome(told.all(), self._core.directory)
        answer = response()
        answer.header.CopyFrom(response_header(self._core, told.batch.head.log_index))
        answer.poss_dup = outcome.poss_dup
        return answer, outcome

    async def impact(self, command: Impact) -> int:
        """Orders that the command would cancel now; ClientFault where its target is not known."""
        affects = affected_by(command, self._core.directory)
        return await self._core.query(lambda engine: count_affected(engine, affects))
