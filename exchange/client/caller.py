"""One unary call: sent, repeated while that is safe, answered or raised.

Room: the channel, the credentials, the shell around `retry.py`. Everything that calls the exchange
inherits it; nothing here knows a method.

A call waits until a connection is there before it is sent, so that an exchange that cannot be
reached is told apart from one that took a command and died.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

import grpc

from exchange.api.v1.admin_service_pb2_grpc import AdminServiceStub
from exchange.api.v1.cluster_service_pb2_grpc import ClusterServiceStub
from exchange.api.v1.market_data_service_pb2_grpc import MarketDataServiceStub
from exchange.api.v1.order_service_pb2_grpc import OrderServiceStub
from exchange.api.v1.reference_data_service_pb2_grpc import ReferenceDataServiceStub
from exchange.api.v1.risk_service_pb2_grpc import RiskServiceStub
from exchange.client.endpoints import Tls, open_channel, parse_endpoints
from exchange.client.errors import Fault, read_fault
from exchange.client.retry import Attempts

if TYPE_CHECKING:  # the asynchronous stubs are types only; at run time there is one class
    from exchange.api.v1.admin_service_pb2_grpc import AdminServiceAsyncStub
    from exchange.api.v1.cluster_service_pb2_grpc import ClusterServiceAsyncStub
    from exchange.api.v1.market_data_service_pb2_grpc import MarketDataServiceAsyncStub
    from exchange.api.v1.order_service_pb2_grpc import OrderServiceAsyncStub
    from exchange.api.v1.reference_data_service_pb2_grpc import ReferenceDataServiceAsyncStub
    from exchange.api.v1.risk_service_pb2_grpc import RiskServiceAsyncStub

TIMEOUT_S = 10.0
"""A call with its repetitions, unless the client says otherwise."""

ATTEMPT_S = 2.0
"""One attempt of a command or a quick read; then it is repeated, which is safe."""

ATTEMPT_S_MIN = 0.001

Metadata = tuple[tuple[str, str], ...]
Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Caller:
    """A connection to an exchange and the way calls are made on it.

    Args:
        endpoints: HOST:PORT, several with commas, or a sequence; all of one cluster.
        member: whose orders, where the exchange trusts names (auth mode open).
        operator: who administrates, likewise.
        token: bearer token, where the exchange wants one.
        tls: None = without TLS.
        timeout: seconds for a call with its repetitions.
        serving_only: use only nodes whose health says that they serve orders.

    Raises:
        ValueError: an endpoint is not HOST:PORT, or the timeout is not positive.
    """

    def __init__(
        self,
        endpoints: str | Sequence[str] = "127.0.0.1:7001",
        *,
        member: str | None = None,
        operator: str | None = None,
        token: str | None = None,
        tls: Tls | None = None,
        timeout: float = TIMEOUT_S,
        serving_only: bool = True,
    ) -> None:
        if timeout <= 0:
            raise ValueError(f"timeout {timeout} must be more than 0 seconds")
        self.endpoints = parse_endpoints(endpoints)
        self.timeout_s = timeout
        self._metadata = _credentials(member, operator, token)
        self._tls = tls
        self._serving_only = serving_only
        self._chance = random.Random()
        self._qty_decimals: dict[str, tuple[float, int]] = {}
        self._channel: grpc.aio.Channel | None = None
        self._orders: OrderServiceAsyncStub
        self._market_data: MarketDataServiceAsyncStub
        self._reference_data: ReferenceDataServiceAsyncStub
        self._admin: AdminServiceAsyncStub
        self._risk: RiskServiceAsyncStub
        self._cluster: ClusterServiceAsyncStub
        self._open()

    async def close(self) -> None:
        """End all calls and close the connections. The client cannot be used afterwards."""
        if self._channel is not None:
            channel, self._channel = self._channel, None
            await channel.close()

    # The channel belongs to the event loop that runs when it is made.
    def _open(self) -> None:
        channel = open_channel(self.endpoints, self._tls, serving_only=self._serving_only)
        self._channel = channel
        self._orders = OrderServiceStub(channel)
        self._market_data = MarketDataServiceStub(channel)
        self._reference_data = ReferenceDataServiceStub(channel)
        self._admin = AdminServiceStub(channel)
        self._risk = RiskServiceStub(channel)
        self._cluster = ClusterServiceStub(channel)

    async def _call(
        self,
        method: grpc.aio.UnaryUnaryMultiCallable[Question, Answer],
        request: Question,
        *,
        attempt_s: float = ATTEMPT_S,
    ) -> Answer:
        """The answer to a read, which may be repeated freely. Raises ClientError (errors.py)."""
        return (await self._command(method, request, "", attempt_s=attempt_s))[0]

    async def _command(
        self,
        method: grpc.aio.UnaryUnaryMultiCallable[Question, Answer],
        request: Question,
        key: str,
        *,
        attempt_s: float = ATTEMPT_S,
    ) -> tuple[Answer, int]:
        """The answer to a command, and how often it was sent.

        Args:
            method: of a stub.
            request: its request; holds the key.
            key: idempotency key; "" for a read.
            attempt_s: longest single attempt, seconds.

        Raises:
            OutcomeUnknownError: sent, and not answered within the timeout.
            ClientError: see errors.py.
        """
        loop = asyncio.get_running_loop()
        attempts = Attempts(key, loop.time() + self.timeout_s, self._chance)
        while True:
            await self.connected(attempts)
            attempts.sent += 1
            timeout = max(min(attempt_s, attempts.deadline - loop.time()), ATTEMPT_S_MIN)
            try:
                answer = await method(request, timeout=timeout, metadata=self._metadata)
            except grpc.aio.AioRpcError as error:
                wait_s = attempts.wait_s(read_fault(error), loop.time())
            else:
                return answer, attempts.sent
            await asyncio.sleep(wait_s)

    async def connected(self, attempts: Attempts) -> None:
        """Return once a connection is there; raise ClientError when the attempts' time is up."""
        channel = self._open_channel()
        if channel.get_state(try_to_connect=True) is grpc.ChannelConnectivity.READY:
            return
        try:
            async with asyncio.timeout_at(attempts.deadline):
                await channel.channel_ready()
        except TimeoutError:
            raise attempts.give_up(self._not_reached()) from None

    def _open_channel(self) -> grpc.aio.Channel:
        if self._channel is None:
            raise RuntimeError("the client is closed")
        return self._channel

    def _not_reached(self) -> Fault:
        return Fault(
            "UNAVAILABLE",
            "NOT_REACHED",
            f"no exchange serves at {', '.join(self.endpoints)}: is it running, is that the right "
            "address?",
        )


def _credentials(member: str | None, operator: str | None, token: str | None) -> Metadata:
    found: list[tuple[str, str]] = []
    if member:
        found.append(("lockstep-member", member))
    if operator:
        found.append(("lockstep-operator", operator))
    if token:
        found.append(("authorization", f"Bearer {token}"))
    return tuple(found)
