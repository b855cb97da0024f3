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

from exchange.client.endpoints import (
    MARKET_DATA_SERVICE,
    ORDER_SERVICE,
    Tls,
    parse_endpoints,
)
from exchange.client.errors import Fault, read_fault
from exchange.client.retry import Attempts
from exchange.client.route import Line, Route

if TYPE_CHECKING:  # the asynchronous stubs are types only; at run time there is one class
    from exchange.api.v1.admin_service_pb2_grpc import AdminServiceAsyncStub
    from exchange.api.v1.cluster_service_pb2_grpc import ClusterServiceAsyncStub
    from exchange.api.v1.dark_service_pb2_grpc import DarkServiceAsyncStub
    from exchange.api.v1.ledger_service_pb2_grpc import LedgerServiceAsyncStub
    from exchange.api.v1.market_data_service_pb2_grpc import MarketDataServiceAsyncStub
    from exchange.api.v1.order_service_pb2_grpc import OrderServiceAsyncStub
    from exchange.api.v1.reference_data_service_pb2_grpc import ReferenceDataServiceAsyncStub
    from exchange.api.v1.risk_service_pb2_grpc import RiskServiceAsyncStub

TIMEOUT_S = 10.0
"""A call with its repetitions, unless the client says otherwise."""

ATTEMPT_S = 2.0
"""One attempt of a command or a quick read; then it is repeated, which is safe."""

ATTEMPT_S_SEVERAL = 1.0
"""The same where another endpoint can be asked next: a failover is over by then."""

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
        followers: use any node that serves market data and reads; commands find the primary by its
            answer. `header.age_ms` of an answer tells how old it may be.

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
        followers: bool = False,
    ) -> None:
        if timeout <= 0:
            raise ValueError(f"timeout {timeout} must be more than 0 seconds")
        self.endpoints = parse_endpoints(endpoints)
        self.timeout_s = timeout
        self._metadata = _credentials(member, operator, token)
        self._chance = random.Random()
        self._qty_decimals: dict[str, tuple[float, int]] = {}
        service = MARKET_DATA_SERVICE if followers else ORDER_SERVICE
        # The channels belong to the event loop that runs now.
        self._route = route = Route(self.endpoints, tls, service if serving_only else "")
        self._is_open = True
        self._orders: OrderServiceAsyncStub = route.stub("orders")
        self._market_data: MarketDataServiceAsyncStub = route.stub("market_data")
        self._reference_data: ReferenceDataServiceAsyncStub = route.stub("reference_data")
        self._admin: AdminServiceAsyncStub = route.stub("admin")
        self._risk: RiskServiceAsyncStub = route.stub("risk")
        self._dark: DarkServiceAsyncStub = route.stub("dark")
        self._ledger: LedgerServiceAsyncStub = route.stub("ledger")
        self._cluster: ClusterServiceAsyncStub = route.stub("cluster")

    async def close(self) -> None:
        """End all calls and close the connections. The client cannot be used afterwards."""
        self._is_open = False
        await self._route.close()

    @property
    def line(self) -> Line:
        """Where calls go now; `failed` wants it back."""
        return self._route.current

    @property
    def has_choice(self) -> bool:
        """Whether there are several endpoints."""
        return self._route.has_choice

    def failed(self, fault: Fault, line: Line) -> None:
        """A call on `line` failed: the next one may go elsewhere."""
        self._route.on_fault(fault, line)

    async def _call(
        self,
        method: grpc.aio.UnaryUnaryMultiCallable[Question, Answer],
        request: Question,
        *,
        attempt_s: float = 0.0,
    ) -> Answer:
        """The answer to a read, which may be repeated freely. Raises ClientError (errors.py)."""
        return (await self._command(method, request, "", attempt_s=attempt_s))[0]

    async def _command(
        self,
        method: grpc.aio.UnaryUnaryMultiCallable[Question, Answer],
        request: Question,
        key: str,
        *,
        attempt_s: float = 0.0,
    ) -> tuple[Answer, int]:
        """The answer to a command, and how often it was sent.

        Args:
            method: of a stub.
            request: its request; holds the key.
            key: idempotency key; "" for a read.
            attempt_s: longest single attempt, seconds; 0 = the usual.

        Raises:
            OutcomeUnknownError: sent, and not answered within the timeout.
            ClientError: see errors.py.
        """
        loop = asyncio.get_running_loop()
        attempts = Attempts(key, loop.time() + self.timeout_s, self._chance)
        attempt_s = attempt_s or (ATTEMPT_S_SEVERAL if self.has_choice else ATTEMPT_S)
        while True:
            await self.connected(attempts)
            attempts.sent += 1
            line = self.line
            timeout = max(min(attempt_s, attempts.deadline - loop.time()), ATTEMPT_S_MIN)
            try:
                answer = await method(request, timeout=timeout, metadata=self._metadata)
            except grpc.aio.AioRpcError as error:
                fault = read_fault(error)
                self.failed(fault, line)
                wait_s = attempts.wait_s(fault, loop.time())
            else:
                return answer, attempts.sent
            await asyncio.sleep(wait_s)

    async def connected(self, attempts: Attempts) -> None:
        """Return once a connection is there; raise ClientError when the attempts' time is up."""
        if not self._is_open:
            raise RuntimeError("the client is closed")
        try:
            await self._route.ready(attempts.deadline)
        except TimeoutError:
            raise attempts.give_up(self._not_reached()) from None

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
