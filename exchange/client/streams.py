"""Streams that go on over lost connections, without gap or repetition.

Room: reconnecting and resuming; what the messages hold is their caller's business. Each message
says up to which sequence number everything was told; after a loss the stream is opened again from
the number after it. A stream that is silent for SILENCE_S, three of the exchange's heartbeats, is
taken for lost.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from typing import Any, Generic, Protocol, Self, TypeVar, cast

import grpc

from exchange.client.caller import Caller
from exchange.client.errors import Fault, read_fault
from exchange.client.retry import Attempts

SILENCE_S = 15.0
SLOW_READER = "SLOW_READER"
SEQ_NOT_AVAILABLE = "SEQ_NOT_AVAILABLE"


class Told(Protocol):
    """A message that says how far everything is told."""

    @property
    def seq(self) -> int:
        """Everything up to and including this sequence number was told."""


Message = TypeVar("Message", bound=Told)
Item = TypeVar("Item")
Response = TypeVar("Response")
Call = grpc.aio.UnaryStreamCall[Any, Response]


async def messages_of(
    caller: Caller,
    open_stream: Callable[[int], Call[Message]],
    start_seq: int,
    silence_s: float = SILENCE_S,
) -> AsyncGenerator[Message, None]:
    """The messages of a stream, over as many connections as it takes; it does not end by itself.

    Args:
        caller: whose connection.
        open_stream: begins the stream from a sequence number (0 = from now on).
        start_seq: first sequence number wanted.
        silence_s: seconds without a message after which the connection is taken for lost.

    Raises:
        UnavailableError: no connection within the client's timeout.
        ClientError: the stream was refused, for example SeqNotAvailableError.
    """
    loop = asyncio.get_running_loop()
    chance = random.Random()
    next_seq = start_seq
    attempts = Attempts("", loop.time() + caller.timeout_s, chance)
    while True:
        await caller.connected(attempts)
        line = caller.line
        call = open_stream(next_seq)
        fault = Fault("UNAVAILABLE", "STREAM_ENDED", "the stream ended")
        try:
            while True:
                async with asyncio.timeout(silence_s):
                    message = await read_message(call)
                if message is None:
                    break
                yield message
                next_seq = message.seq + 1
                attempts = Attempts("", loop.time() + caller.timeout_s, chance)
        except grpc.aio.AioRpcError as error:
            fault = read_fault(error)
        except TimeoutError:
            fault = Fault("UNAVAILABLE", "STREAM_SILENT", f"silent for {silence_s} s")
        finally:
            call.cancel()
        caller.failed(fault, line)
        if fault.reason == SEQ_NOT_AVAILABLE and _is_behind(fault, next_seq, start_seq):
            fault = Fault("UNAVAILABLE", "NODE_IS_BEHIND", "the node has not got there yet")
        if fault.reason != SLOW_READER:  # a slow reader was cut, and may resume at once
            await asyncio.sleep(attempts.wait_s(fault, loop.time()))


# A stream that was told more than this node knows resumed on a follower that will know it soon.
def _is_behind(fault: Fault, next_seq: int, start_seq: int) -> bool:
    newest = int(fault.metadata.get("newest_seq", "0"))
    return next_seq > start_seq and newest + 1 < next_seq


async def read_message(
    call: Call[Response] | grpc.aio.StreamStreamCall[Any, Response],
) -> Response | None:
    """The next message of a stream; None when it ended well. Raises AioRpcError otherwise."""
    message = await call.read()
    # EOF is one object, typed as one of many in the stubs.
    return None if message is grpc.aio.EOF else cast("Response", message)


class ResumingStream(Generic[Item]):
    """The items of a stream, one by one: `async for item in stream`.

    Use it as a context manager, or call `aclose`, to end the stream on the exchange at once.
    Raises as `messages_of`.

    Attributes:
        next_seq: where to resume another time: everything below it was given.
    """

    def __init__(
        self,
        messages: AsyncGenerator[Message, None],
        items_of: Callable[[Message], list[Item]],
        start_seq: int,
    ) -> None:
        self.next_seq = start_seq
        self._items = self._run(messages, items_of)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Item:
        return await anext(self._items)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End the stream; safe to call twice."""
        await self._items.aclose()

    async def _run(
        self, messages: AsyncGenerator[Message, None], items_of: Callable[[Message], list[Item]]
    ) -> AsyncGenerator[Item, None]:
        try:
            async for message in messages:
                for item in items_of(message):
                    yield item
                self.next_seq = message.seq + 1
        finally:
            await messages.aclose()
