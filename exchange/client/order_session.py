"""An order session: many commands a message, many messages in flight, results in order.

Room: one stream at a time and what is unanswered on it. When the connection is lost the session
logs on again and repeats all that is unanswered, in order and under the same ids: the exchange
carries each out once (RULEBOOK R10), and says `poss_dup` for those it knew. With
cancel_on_disconnect it does not: the orders are gone, and OutcomeUnknownError says so.

    send() -> unanswered (FIFO) -> stream -> exchange
    send() <- results of the head <- reader task

Invariant: commands reach the exchange in the order of the calls of `send`, and no more of them are
unanswered than the exchange allows.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import grpc

from exchange.api.v1 import order_service_pb2 as pb
from exchange.client.caller import Caller, Metadata
from exchange.client.commands import Command
from exchange.client.errors import (
    ClientError,
    Fault,
    OutcomeUnknownError,
    UnavailableError,
    read_fault,
)
from exchange.client.retry import Attempts
from exchange.client.streams import read_message

if TYPE_CHECKING:
    from exchange.api.v1.order_service_pb2_grpc import OrderServiceAsyncStub

LOGON_S = 2.0
"""Longest wait for the answer to a logon, seconds; then it is tried again."""

SILENT_S = 1.5
"""With several endpoints, a node that owes answers and gives none for so long is left; what is
unanswered is repeated at another one, which is safe."""

MESSAGE_BYTES_SPARE = 1024
COMMAND_BYTES_SPARE = 24
"""Tags, lengths and the request_no around a command in its message."""

SessionCall = grpc.aio.StreamStreamCall[Any, pb.OrderSessionResponse]


@dataclass(eq=False, slots=True)
class _Unanswered:
    """A message of commands on its way."""

    message: pb.OrderSessionRequest
    done: asyncio.Future[list[pb.CommandResult]]
    results: list[pb.CommandResult] = field(default_factory=list)


class OrderSession:
    """See the module docstring. One event loop; `send` may be called by many tasks at once.

    Attributes:
        logon: the exchange's answer to the newest logon: session_id and bounds.
        reconnects: how often the session had to log on again.
    """

    def __init__(
        self,
        caller: Caller,
        stub: OrderServiceAsyncStub,
        metadata: Metadata,
        *,
        cancel_on_disconnect: bool,
    ) -> None:
        self.logon = pb.LogonAck()
        self.reconnects = 0
        self._caller = caller
        self._stub = stub
        self._metadata = metadata
        self._cancel_on_disconnect = cancel_on_disconnect
        self._call: SessionCall | None = None
        self._line = caller.line
        self._heard_at = 0.0
        self._silent: SessionCall | None = None
        self._unanswered: deque[_Unanswered] = deque()
        self._in_flight = 0
        self._room = asyncio.Event()  # something was answered; one caller of post waits for it
        self._posting = asyncio.Lock()  # one caller of post at a time
        self._writing = asyncio.Lock()  # appending and writing are one step; never waits for room
        self._reader: asyncio.Task[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._failure: ClientError | None = None
        self._next_no = 1

    async def __aenter__(self) -> Self:
        """Log on. Raises ClientError if the exchange cannot be reached or refuses."""
        call = self._call = await self._log_on(self._attempts())
        self._reader = asyncio.create_task(self._run(call), name="order-session")
        if self._caller.has_choice:
            self._watch = asyncio.create_task(self._leave_the_silent(), name="order-session-watch")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Wait for what is unanswered, then log off."""
        await self.close()

    async def send(self, commands: Iterable[Command]) -> list[pb.CommandResult]:
        """Carry out commands in this order; their results in the same order.

        Returns when all are answered. Call it again before that (from other tasks, or with
        `post`) to have several messages in flight. A command that the exchange could not take now
        has a result with `fault` and was not carried out; nothing is repeated because of it.

        Raises:
            OutcomeUnknownError: the connection was lost, and could not be had again in time or
                must not (cancel_on_disconnect).
            ClientError: the exchange ended the session.
        """
        waiting = await self.post(commands)
        return [result for part in waiting for result in await part]

    async def post(
        self, commands: Iterable[Command]
    ) -> Sequence[asyncio.Future[list[pb.CommandResult]]]:
        """Send commands without waiting for the results, one future per message.

        Returns when they are written; waits while too many are unanswered. Raises as `send`.
        """
        waiting: list[asyncio.Future[list[pb.CommandResult]]] = []
        async with self._posting:
            for message in self._messages(commands):
                await self._wait_for_room(len(message.commands))
                self._raise_failure()
                item = _Unanswered(message, asyncio.get_running_loop().create_future())
                waiting.append(item.done)
                async with self._writing:
                    if not self._unanswered:
                        self._heard_at = asyncio.get_running_loop().time()
                    self._unanswered.append(item)
                    self._in_flight += len(message.commands)
                    if self._call is not None:
                        await _write(self._call, message)
        return waiting

    async def close(self) -> None:
        """Wait for what is unanswered, then log off. Safe to call twice."""
        if self._reader is None:
            return
        reader, self._reader = self._reader, None
        unanswered = [item.done for item in self._unanswered]
        if unanswered:
            await asyncio.wait(unanswered)
        if self._watch is not None:
            self._watch.cancel()
        if self._failure is None and self._call is not None:
            with suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):  # lost: also an end
                await self._call.done_writing()
            await asyncio.wait([reader], timeout=LOGON_S)
        reader.cancel()
        await asyncio.wait([reader])
        if self._call is not None:
            self._call.cancel()

    # ---- writing

    def _messages(self, commands: Iterable[Command]) -> Iterable[pb.OrderSessionRequest]:
        bytes_max = self.logon.message_bytes_max - MESSAGE_BYTES_SPARE
        commands_max = self.logon.commands_max
        message = pb.OrderSessionRequest()
        size = count = 0
        for command in commands:
            item_size = command.ByteSize() + COMMAND_BYTES_SPARE
            if count and (count >= commands_max or size + item_size > bytes_max):
                yield message
                message = pb.OrderSessionRequest()
                size = count = 0
            _put(message.commands.add(), self._next_no, command)
            self._next_no += 1
            size += item_size
            count += 1
        if count:
            yield message

    async def _wait_for_room(self, count: int) -> None:
        while self._failure is None and self._in_flight:
            if count <= self.logon.in_flight_max - self._in_flight:
                return
            self._room.clear()
            await self._room.wait()

    # ---- reading

    async def _run(self, call: SessionCall) -> None:
        fault = await self._read(call)
        while fault is not None:
            self._call = None
            try:
                call = await self._again(fault)
            except ClientError as error:
                self._fail(error)
                return
            repeating = asyncio.create_task(self._repeat(call), name="order-session-repeat")
            try:
                fault = await self._read(call)
            finally:
                repeating.cancel()
                await asyncio.wait([repeating])

    # Beside the reading, because the exchange may wait for us to read before it reads on. The call
    # becomes the session's under the lock: what is posted meanwhile is written once, here or there.
    async def _repeat(self, call: SessionCall) -> None:
        async with self._writing:
            self._call = call
            for item in list(self._unanswered):
                await _write(call, item.message)

    async def _read(self, call: SessionCall) -> Fault | None:
        """Take results until the stream ends; the fault that ended it, None after a log-off."""
        try:
            while True:
                response = await read_message(call)
                if response is None:
                    break
                self._heard_at = asyncio.get_running_loop().time()
                self._take(response.results)
        except grpc.aio.AioRpcError as error:
            return read_fault(error)
        except asyncio.CancelledError:
            if self._silent is not call:
                raise
            return Fault("UNAVAILABLE", "SESSION_SILENT", f"no answer for {SILENT_S} s")
        if self._unanswered or self._reader is not None:
            return Fault("UNAVAILABLE", "STREAM_ENDED", "the exchange ended the stream")
        return None

    # A stream that is cancelled here raises CancelledError where it is read; the reader knows why.
    async def _leave_the_silent(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SILENT_S / 4)
            call = self._call
            if call is None or not self._unanswered or self._silent is call:
                continue
            if loop.time() - self._heard_at > SILENT_S:
                self._silent = call
                call.cancel()

    # By message and not by result: what a batch costs here, every order costs.
    def _take(self, results: Sequence[pb.CommandResult]) -> None:
        taken = 0
        while taken < len(results):
            item = self._unanswered[0]
            wanted = len(item.message.commands) - len(item.results)
            part = results[taken : taken + wanted]
            taken += len(part)
            item.results += part
            if len(part) == wanted:
                self._unanswered.popleft()
                self._in_flight -= len(item.results)
                if not item.done.done():
                    item.done.set_result(item.results)
        self._room.set()

    # ---- connections

    def _attempts(self) -> Attempts:
        now = asyncio.get_running_loop().time()
        return Attempts("", now + self._caller.timeout_s, random.Random())

    async def _again(self, fault: Fault) -> SessionCall:
        if self._cancel_on_disconnect:
            raise UnavailableError(fault)
        attempts = self._attempts()
        self._caller.failed(fault, self._line)
        await asyncio.sleep(attempts.wait_s(fault, asyncio.get_running_loop().time()))
        call = await self._log_on(attempts)
        self.reconnects += 1
        return call

    async def _log_on(self, attempts: Attempts) -> SessionCall:
        """Open a stream and log on. Raises ClientError."""
        loop = asyncio.get_running_loop()
        while True:
            await self._caller.connected(attempts)
            self._line = self._caller.line
            call = self._stub.OrderSession(metadata=self._metadata)
            try:
                async with asyncio.timeout(LOGON_S):
                    logon = pb.Logon(cancel_on_disconnect=self._cancel_on_disconnect)
                    await call.write(pb.OrderSessionRequest(logon=logon))
                    first = await read_message(call)
                if first is not None:
                    self.logon = first.logon
                    self._heard_at = loop.time()
                    for item in self._unanswered:
                        item.results.clear()  # all of the message comes again
                    return call
                fault = Fault("UNAVAILABLE", "STREAM_ENDED", "the stream ended before the logon")
            except grpc.aio.AioRpcError as error:
                fault = read_fault(error)
            except TimeoutError:
                fault = Fault("UNAVAILABLE", "LOGON_SILENT", f"no logon within {LOGON_S} s")
            except asyncio.InvalidStateError:
                fault = Fault("UNAVAILABLE", "CONNECTION_LOST", "the connection was lost")
            call.cancel()
            self._caller.failed(fault, self._line)
            await asyncio.sleep(attempts.wait_s(fault, loop.time()))

    def _fail(self, error: ClientError) -> None:
        self._failure = error
        keys = tuple(_key(item) for part in self._unanswered for item in part.message.commands)
        for part in self._unanswered:
            if not part.done.done():
                part.done.set_exception(OutcomeUnknownError(error.fault, keys[0], 1, keys))
        self._unanswered.clear()
        self._in_flight = 0
        self._room.set()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure
        if self._reader is None:
            raise RuntimeError("the session is not open")


# A write that fails is no news: the reading sees the same loss, and the message is repeated.
async def _write(call: SessionCall, message: pb.OrderSessionRequest) -> None:
    with suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
        await call.write(message)


def _put(item: pb.OrderCommand, number: int, command: Command) -> None:
    item.request_no = number
    if isinstance(command, pb.NewOrder):
        item.submit.CopyFrom(command)
    elif isinstance(command, pb.CancelOrder):
        item.cancel.CopyFrom(command)
    elif isinstance(command, pb.ReplaceOrder):
        item.replace.CopyFrom(command)
    else:
        item.mass_cancel.CopyFrom(command)


def _key(item: pb.OrderCommand) -> str:
    key: str = getattr(item, item.WhichOneof("command") or "submit").cl_ord_id
    return key
