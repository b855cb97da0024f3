"""The one way in: every call of every service passes here.

    bytes -> authenticate -> decode -> servicer method -> encode -> bytes
                 any error -> status.py -> code, message, ErrorInfo

Room: binds the methods of a servicer to the RPCs of its service descriptor, and wraps them: decode
(malformed bytes are INVALID_ARGUMENT, not INTERNAL), principal, deadline, `x-request-id` echoed in
the trailing metadata, counters, error mapping. Servicers are plain classes that raise; they see no
grpc. A method that a descriptor names and a servicer lacks is found when the server is built.

Every unary call has a deadline: its own, at most `deadline_s_max`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, NamedTuple

import grpc
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from grpc import StatusCode, aio

from exchange.errors import InvariantViolation, NotServing
from exchange.gateway.auth import Authenticator
from exchange.gateway.call import Call
from exchange.gateway.field_checks import check_size, malformed
from exchange.gateway.metrics import CallMetrics, MethodMetrics
from exchange.gateway.shutdown import Shutdown
from exchange.gateway.status import DETAILS_KEY, Answer, answer

log = logging.getLogger("lockstep.gateway")

REQUEST_ID_KEY = "x-request-id"
REQUEST_ID_CHARS_MAX = 128

Context = aio.ServicerContext[Any, Any]


class Rpc(NamedTuple):
    """One method, bound."""

    name: str
    request_class: type[Message]
    metrics: MethodMetrics
    is_operator_call: bool
    guard: Callable[[], None]


class Dispatcher:
    """Makes gRPC handlers of servicers.

    Args:
        authenticator: tells who calls.
        metrics: counts the calls.
        shutdown: set when the server stops; new calls are then refused.
        deadline_s_max: the longest a unary call may take, seconds.
        fail: stops the node; for an invariant that a call saw broken.
        message_bytes_max: of one request; the transport's own bound is wider, so that this one
            answers with a name.
    """

    def __init__(
        self,
        authenticator: Authenticator,
        metrics: CallMetrics,
        shutdown: Shutdown,
        *,
        fail: Callable[[BaseException], None],
        deadline_s_max: float,
        message_bytes_max: int,
    ) -> None:
        self._authenticator = authenticator
        self._metrics = metrics
        self._shutdown = shutdown
        self._fail = fail
        self._deadline_s_max = deadline_s_max
        self._message_bytes_max = message_bytes_max

    def handler(
        self,
        service: ServiceDescriptor,
        servicer: object,
        *,
        for_operators: bool = False,
        guard: Callable[[], None] = lambda: None,
    ) -> grpc.GenericRpcHandler:
        """All RPCs of a service, each bound to the servicer's method of the same name.

        `guard` is called before each; what it raises is the answer.
        """
        handlers: dict[str, grpc.RpcMethodHandler[Any, Any]] = {}
        for method in service.methods:
            metrics = self._metrics.method(_kind_of(method), service.full_name, method.name)
            request_class = GetMessageClass(method.input_type)
            rpc = Rpc(method.full_name, request_class, metrics, for_operators, guard)
            handlers[method.name] = self._bind(
                rpc, _kind_of(method), getattr(servicer, method.name)
            )
        return grpc.method_handlers_generic_handler(service.full_name, handlers)

    def _bind(
        self, rpc: Rpc, kind: str, behaviour: Callable[..., Any]
    ) -> grpc.RpcMethodHandler[Any, Any]:
        # Without (de)serializers grpc gives and takes bytes; mypy's stubs do not know that.
        if kind == "unary":
            return grpc.unary_unary_rpc_method_handler(self._unary(rpc, behaviour))
        if kind == "server_stream":
            return grpc.unary_stream_rpc_method_handler(self._server_stream(rpc, behaviour))
        return grpc.stream_stream_rpc_method_handler(self._bidi_stream(rpc, behaviour))

    def _unary(
        self, rpc: Rpc, behaviour: Callable[[Any, Call], Awaitable[Message]]
    ) -> Callable[[bytes, Context], Awaitable[bytes]]:
        async def handle(raw: bytes, context: Context) -> bytes:
            rpc.metrics.started()
            self._shutdown.enter()
            begun = time.perf_counter()
            code = StatusCode.CANCELLED
            try:
                call = self._admit(rpc, context)
                request = self._decode(rpc, raw)
                async with asyncio.timeout(self._deadline_s(context)):
                    response = await behaviour(request, call)
                code = StatusCode.OK
                return response.SerializeToString()
            except Exception as error:  # outermost: every error becomes a status, here and once
                told = self._told(rpc, error)
                code = told.code
                await _abort(context, told)
                raise
            finally:
                rpc.metrics.ended(code, time.perf_counter() - begun)
                self._shutdown.leave()

        return handle

    def _server_stream(
        self, rpc: Rpc, behaviour: Callable[[Any, Call], AsyncIterator[Message]]
    ) -> Callable[[bytes, Context], AsyncIterator[bytes]]:
        def open_stream(call: Call, raw: bytes) -> AsyncIterator[bytes]:
            return _serialized(behaviour(self._decode(rpc, raw), call))

        return self._stream(rpc, open_stream)

    def _bidi_stream(
        self, rpc: Rpc, behaviour: Callable[[AsyncIterator[bytes], Call], AsyncIterator[bytes]]
    ) -> Callable[[AsyncIterator[bytes], Context], AsyncIterator[bytes]]:
        def open_stream(call: Call, messages: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
            return behaviour(messages, call)

        return self._stream(rpc, open_stream)

    def _stream(
        self, rpc: Rpc, open_stream: Callable[[Call, Any], AsyncIterator[bytes]]
    ) -> Callable[[Any, Context], AsyncIterator[bytes]]:
        async def handle(requests: Any, context: Context) -> AsyncIterator[bytes]:
            rpc.metrics.started()
            self._shutdown.enter()
            begun = time.perf_counter()
            code = StatusCode.CANCELLED
            stream: AsyncIterator[bytes] | None = None
            try:
                call = self._admit(rpc, context)
                stream = open_stream(call, requests)
                async for response in stream:
                    yield response
                code = StatusCode.OK
            except Exception as error:  # outermost: every error becomes a status, here and once
                told = self._told(rpc, error)
                code = told.code
                await _abort(context, told)
                raise
            finally:
                rpc.metrics.ended(code, time.perf_counter() - begun)
                try:
                    await _close(stream)  # its cleanup runs now, not when it is collected
                finally:
                    self._shutdown.leave()

        return handle

    def _admit(self, rpc: Rpc, context: Context) -> Call:
        metadata = dict(context.invocation_metadata() or ())
        request_id = metadata.get(REQUEST_ID_KEY)
        if request_id:
            context.set_trailing_metadata(((REQUEST_ID_KEY, request_id[:REQUEST_ID_CHARS_MAX]),))
        if self._shutdown.begun:
            raise NotServing("STOPPING", "this node is stopping; another one, or this one later")
        principal = self._authenticator.principal(
            metadata, context.auth_context() or {}, is_operator_call=rpc.is_operator_call
        )
        rpc.guard()
        return Call(principal, self._shutdown)

    def _told(self, rpc: Rpc, error: Exception) -> Answer:
        told = answer(error)
        if told.code is StatusCode.INTERNAL:
            log.error("%s failed", rpc.name, exc_info=error)
        if isinstance(error, InvariantViolation):
            self._fail(error)
        return told

    def _decode(self, rpc: Rpc, raw: bytes) -> Message:
        check_size(len(raw), self._message_bytes_max)
        try:
            return rpc.request_class.FromString(raw)
        except DecodeError as error:
            raise malformed(rpc.request_class.DESCRIPTOR.name, error) from error

    def _deadline_s(self, context: Context) -> float:
        # None where the client set no deadline; the stubs say float.
        remaining: float | None = context.time_remaining()
        return self._deadline_s_max if remaining is None else min(remaining, self._deadline_s_max)


def _kind_of(method: MethodDescriptor) -> str:
    if not method.server_streaming:
        return "unary"
    return "bidi_stream" if method.client_streaming else "server_stream"


async def _serialized(messages: AsyncIterator[Message]) -> AsyncIterator[bytes]:
    try:
        async for message in messages:
            yield message.SerializeToString()
    finally:
        await _close(messages)


async def _close(stream: object) -> None:
    close = getattr(stream, "aclose", None)
    if close is not None:
        await close()


async def _abort(context: Context, told: Answer) -> None:
    """End the call with a status; always raises grpc's AbortError, which ends the handler."""
    trailing = (*(context.trailing_metadata() or ()), (DETAILS_KEY, told.details))
    await context.abort(told.code, told.message, trailing)
