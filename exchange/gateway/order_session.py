"""The order session around its machine: reads the stream, feeds the log, writes the answers.

    reader task:  stream -> codec.decode -> core.submit_to (which tells the message) -> queue
    writer:       queue, in order -> codec.encode -> stream; what is done is joined by log entry

Room: tasks and flow control of one session. That the session begins and ends are entries in the
log (RULEBOOK R9.2): SessionOpened before LogonAck, SessionClosed after the stream ended, however it
ended. Commands that were submitted before the end come before it in the log.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from typing import Any

from exchange.api.v1 import order_service_pb2 as pb
from exchange.errors import ClientFault, ExchangeError, NotServing, Overloaded
from exchange.gateway.admin_outcome import raise_if_refused
from exchange.gateway.call import Call
from exchange.gateway.header import response_header
from exchange.gateway.order_codec import OrderCodec, RefusedCommand, SessionMessage
from exchange.gateway.ports import Core
from exchange.gateway.session_machine import SessionMachine
from exchange.model.batch import Outcome
from exchange.model.codec import encode_command
from exchange.model.command import SessionClosed, SessionOpened
from exchange.model.event import SessionChanged

RESPONSE_BYTES_MAX = 1 << 20
"""Results in one response message; clients take 4 MiB by default, one result may exceed this."""

CLOSE_ATTEMPTS_MAX = 100
"""Attempts to log the end of a session while the queue is full; then the next epoch closes it."""


class _Pending:
    """A message that is submitted, and what became of it.

    No future and no task: they cost three more passes of the event loop for every message.

    Attributes:
        outcome: of its records; None while it is not done, and if there are none.
        error: why there is no outcome.
        is_done: whether it can be answered.
    """

    __slots__ = ("_progress", "error", "is_done", "message", "outcome")

    def __init__(self, message: SessionMessage, progress: asyncio.Event) -> None:
        self.message = message
        self.outcome: Outcome | None = None
        self.error: ExchangeError | None = None
        self.is_done = False
        self._progress = progress

    def done(self, outcome: Outcome | None) -> None:
        """Its records are committed and applied."""
        self.outcome = outcome
        self.is_done = True
        self._progress.set()

    def failed(self, error: ExchangeError) -> None:
        """Nobody here will say what became of it."""
        self.error = error
        self.is_done = True
        self._progress.set()


class OrderSession:
    """One session of one member; iterate `run` once.

    Args:
        core: the market.
        codec: of the messages.
        machine: of this session, in its first state.
        call: the caller.
        member_id: of the caller.
    """

    def __init__(
        self, core: Core, codec: OrderCodec, machine: SessionMachine, call: Call, member_id: int
    ) -> None:
        self._core = core
        self._codec = codec
        self._machine = machine
        self._call = call
        self._member_id = member_id
        self._session_id = 0
        self._pending: deque[_Pending] = deque()
        self._progress = asyncio.Event()
        self._may_read = asyncio.Event()
        self._may_read.set()

    async def run(self, messages: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
        """Answer the messages of a stream until it ends.

        Raises:
            ClientFault: the stream broke a rule of the session machine.
            NotServing: the server stops, or this node leads no more (NotLeader).
        """
        stopping = asyncio.create_task(self._until_over(), name="session-stop")
        stopping.add_done_callback(lambda _: self._progress.set())
        tasks: list[asyncio.Task[Any]] = [stopping]
        opening: asyncio.Task[bytes] | None = None
        reason = "connection lost"
        try:
            first = asyncio.create_task(_first(messages), name="session-logon")
            tasks.append(first)
            await asyncio.wait((first, stopping), return_when=asyncio.FIRST_COMPLETED)
            if stopping.done():
                raise stopping.result()
            raw = first.result()
            if raw is None:
                return
            cancels = self._machine.log_on(self._decode(raw))
            opening = asyncio.create_task(self._open(cancel_on_disconnect=cancels))
            yield await asyncio.shield(opening)
            reader = asyncio.create_task(self._read(messages), name="session-reader")
            reader.add_done_callback(lambda _: self._progress.set())
            tasks.append(reader)
            while True:
                await self._progress.wait()
                self._progress.clear()
                for response in self._answers():
                    yield response
                if stopping.done():
                    reason = "node is stopping"
                    raise stopping.result()
                if reader.done() and not self._pending:
                    reason = "stream broke a rule" if reader.exception() else "logged off"
                    reader.result()
                    return
        finally:
            for task in tasks:
                task.cancel()
            if opening is not None:
                await asyncio.shield(self._call.shutdown.finish(self._close(opening, reason)))

    # What ends a session from our side: the server stops, or another node leads from now on.
    async def _until_over(self) -> NotServing:
        stop = asyncio.create_task(self._call.shutdown.wait())
        lost = asyncio.create_task(self._core.leadership_lost())
        try:
            await asyncio.wait((stop, lost), return_when=asyncio.FIRST_COMPLETED)
            return self._call.end_of_stream() if stop.done() else lost.result()
        finally:
            stop.cancel()
            lost.cancel()

    def _decode(self, raw: bytes) -> SessionMessage:
        self._machine.check_size(len(raw))
        return self._codec.decode(raw, self._member_id, self._session_id, self._core.directory)

    async def _open(self, *, cancel_on_disconnect: bool) -> bytes:
        command = SessionOpened(
            member_id=self._member_id,
            cancel_on_disconnect=int(cancel_on_disconnect),
            request_id=str(uuid.uuid4()),
        )
        outcome = await self._core.submit(encode_command(command), 1)
        records = outcome.all()
        raise_if_refused(records)
        opened = [record.event for record in records if isinstance(record.event, SessionChanged)]
        self._session_id = opened[0].session_id
        ack = pb.LogonAck(
            session_id=self._session_id,
            commands_max=self._machine.commands_max,
            message_bytes_max=self._machine.message_bytes_max,
            in_flight_max=self._machine.in_flight_max,
            seq=outcome.batch.head.last_seq,
        )
        header = response_header(self._core, outcome.batch.head.log_index)
        return pb.OrderSessionResponse(header=header, logon=ack).SerializeToString()

    async def _read(self, messages: AsyncIterator[bytes]) -> None:
        async for raw in messages:
            message = self._decode(raw)
            self._machine.take(message)
            pending = _Pending(message, self._progress)
            self._pending.append(pending)
            self._submit(pending)
            while not self._machine.may_read:
                self._may_read.clear()
                await self._may_read.wait()

    def _submit(self, pending: _Pending) -> None:
        message = pending.message
        if not message.record_count:
            pending.done(None)
            return
        try:
            self._core.submit_to(message.body, message.record_count, pending.done, pending.failed)
        except (ClientFault, NotServing, Overloaded) as error:
            pending.failed(error)

    def _answers(self) -> Iterator[bytes]:
        """Everything at the head of the queue that is done, as response messages.

        One message at a time, so that other calls get their turn while a large one is written.
        """
        joined: list[bytes] = []
        size = log_index = 0
        while self._pending and self._pending[0].is_done:
            message, outcome = _outcome_of(self._pending.popleft())
            self._machine.answered(message)
            index = outcome.batch.head.log_index if outcome else 0
            for part in self._codec.encode(
                message,
                outcome,
                self._member_id,
                self._core.directory,
                bytes_max=RESPONSE_BYTES_MAX,
            ):
                if joined and (index != log_index or size + len(part) > RESPONSE_BYTES_MAX):
                    yield self._response(joined, log_index)
                    joined, size = [], 0
                joined.append(part)
                size += len(part)
                log_index = index
            if self._machine.may_read:
                self._may_read.set()
        if joined:
            yield self._response(joined, log_index)

    def _response(self, parts: list[bytes], log_index: int) -> bytes:
        header = response_header(self._core, log_index)
        return b"".join((pb.OrderSessionResponse(header=header).SerializeToString(), *parts))

    async def _close(self, opening: asyncio.Task[bytes], reason: str) -> None:
        self._machine.end()
        await asyncio.wait((opening,))
        while not all(pending.is_done for pending in self._pending):
            self._progress.clear()
            await self._progress.wait()
        if opening.cancelled() or opening.exception() is not None:
            return  # there is no session; `run` told why
        body = encode_command(SessionClosed(session_id=self._session_id, reason=reason))
        for _ in range(CLOSE_ATTEMPTS_MAX):
            try:
                await self._core.submit(body, 1)
            except Overloaded as error:
                await asyncio.sleep(error.retry_after_ms / 1000)
            except NotServing:
                return  # the epoch ends; EpochStarted of the next one closes every session
            else:
                return


async def _first(messages: AsyncIterator[bytes]) -> bytes | None:
    return await anext(messages, None)


def _outcome_of(pending: _Pending) -> tuple[SessionMessage, Outcome | None]:
    """The outcome of a message; a message that the queue or entry bounds refused is all faults.

    Raises NotServing and OutcomeUnknown, which end the stream.
    """
    message, error = pending.message, pending.error
    if error is None:
        return message, pending.outcome
    after_ms = error.retry_after_ms if isinstance(error, Overloaded) else 0
    if not isinstance(error, ClientFault | Overloaded):
        raise error
    known = {row.position: row for row in message.refused}
    refused = [
        known.get(position, RefusedCommand(position, error.reason, error.message, "", after_ms))
        for position in range(len(message.request_nos))
    ]
    return message._replace(body=b"", record_count=0, refused=refused), None
