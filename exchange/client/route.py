"""Which node the calls of a client go to, while leadership moves.

Room: lines (a channel and its stubs) and the choice of the current one; nothing here repeats.

    home line    all endpoints; gRPC's health checking picks those that serve (endpoints.py)
    direct line  the one node that a NOT_LEADER answer named

    home --NOT_LEADER names a leader--> direct --it fails, or names nobody--> home, opened anew
    home --an attempt was not answered in time, and there are several endpoints--> home, opened anew

A node that hangs still has its connections, and its health as it last told; on a new channel it
never becomes ready, so opening anew leaves it behind. A line that was left closes when the last
call on it has ended: streams on it are not cut.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import grpc

from exchange.api.v1.admin_service_pb2_grpc import AdminServiceStub
from exchange.api.v1.cluster_service_pb2_grpc import ClusterServiceStub
from exchange.api.v1.dark_service_pb2_grpc import DarkServiceStub
from exchange.api.v1.ledger_service_pb2_grpc import LedgerServiceStub
from exchange.api.v1.market_data_service_pb2_grpc import MarketDataServiceStub
from exchange.api.v1.order_service_pb2_grpc import OrderServiceStub
from exchange.api.v1.reference_data_service_pb2_grpc import ReferenceDataServiceStub
from exchange.api.v1.risk_service_pb2_grpc import RiskServiceStub
from exchange.client.endpoints import Tls, open_channel, parse_endpoints

if TYPE_CHECKING:
    from exchange.client.errors import Fault

STUBS = {
    "orders": OrderServiceStub,
    "market_data": MarketDataServiceStub,
    "reference_data": ReferenceDataServiceStub,
    "admin": AdminServiceStub,
    "risk": RiskServiceStub,
    "dark": DarkServiceStub,
    "ledger": LedgerServiceStub,
    "cluster": ClusterServiceStub,
}
NOT_LEADER = "NOT_LEADER"
MOVED_REASONS = frozenset({NOT_LEADER, "STOPPING", "NODE_FENCED", "JOINING"})
DIRECT_S = 0.5
"""Longest wait for a node that was named as leader."""

GONE_CODES = frozenset({"UNAVAILABLE", "CANCELLED", "DEADLINE_EXCEEDED", "UNKNOWN", "INTERNAL"})
SILENT_REASONS = frozenset({"DEADLINE_EXCEEDED", "STREAM_SILENT", "LOGON_SILENT", "SESSION_SILENT"})


class Line:
    """A channel, its stubs, and how many calls run on it."""

    def __init__(self, channel: grpc.aio.Channel, *, is_direct: bool) -> None:
        self.channel = channel
        self.is_direct = is_direct
        self.stubs: dict[str, Any] = {name: stub(channel) for name, stub in STUBS.items()}
        self._calls = 0
        self._is_left = False
        self._closing: asyncio.Task[None] | None = None

    def hold(self, call: Any) -> None:
        """Stay open until `call` has ended."""
        self._calls += 1
        call.add_done_callback(self._ended)

    def leave(self) -> None:
        """Take no more calls; close once none runs."""
        self._is_left = True
        self._close_if_unused()

    def _ended(self, _: object) -> None:
        self._calls -= 1
        self._close_if_unused()

    def _close_if_unused(self) -> None:
        if self._is_left and self._calls == 0 and self._closing is None:
            loop = asyncio.get_running_loop()
            self._closing = loop.create_task(self.channel.close(), name="close-channel")


class Route:
    """The lines of one client. One event loop.

    Args:
        endpoints: as `parse_endpoints` gives them.
        tls: None = without TLS.
        health_service: go to nodes that serve this service; "" = to any that runs. With a single
            endpoint there is nothing to choose, so it is asked whatever it says.
    """

    def __init__(self, endpoints: Sequence[str], tls: Tls | None, health_service: str) -> None:
        self._endpoints = endpoints
        self._tls = tls
        self._health_service = health_service if len(endpoints) > 1 else ""
        self._direct_to = ""
        self._lines: list[Line] = []
        self.current = self._home()

    @property
    def has_choice(self) -> bool:
        """Whether another node can be asked when one does not answer."""
        return len(self._endpoints) > 1

    def stub(self, name: str) -> Any:
        """A stub whose every call goes over the line that is current then."""
        return cast("Any", _Following(self, name))

    def on_fault(self, fault: Fault, line: Line) -> None:
        """Choose again after a call on `line` failed; a line that was left is no news."""
        if line is not self.current:
            return
        leader = fault.metadata.get("leader_endpoint", "") if fault.reason == NOT_LEADER else ""
        if leader and leader != self._direct_to:
            self._go(self._direct(leader))
        elif self._leads_nowhere(fault) if line.is_direct else self._is_silent(fault):
            self._go(self._home())

    async def ready(self, deadline: float) -> None:
        """Return once the current line is connected. Raises TimeoutError at `deadline`."""
        loop = asyncio.get_running_loop()
        while True:
            line = self.current
            if line.channel.get_state(try_to_connect=True) is grpc.ChannelConnectivity.READY:
                return
            at_most = min(deadline, loop.time() + DIRECT_S) if line.is_direct else deadline
            try:
                async with asyncio.timeout_at(at_most):
                    await line.channel.channel_ready()
            except TimeoutError:
                if not line.is_direct:
                    raise
                if line is self.current:
                    self._go(self._home())
                if loop.time() >= deadline:
                    raise
            except grpc.aio.UsageError:
                if line is self.current:
                    raise
                continue  # another task left this line meanwhile, and it closed
            else:
                return

    async def close(self) -> None:
        """End all calls and close every line."""
        lines, self._lines = self._lines, []
        await asyncio.gather(*(line.channel.close() for line in lines))

    @staticmethod
    def _leads_nowhere(fault: Fault) -> bool:
        if fault.is_of_exchange:  # NO_LEASE and the like: it leads, or will in a moment
            return fault.reason in MOVED_REASONS
        return fault.code in GONE_CODES

    def _is_silent(self, fault: Fault) -> bool:
        return self.has_choice and not fault.is_of_exchange and fault.reason in SILENT_REASONS

    def _go(self, line: Line) -> None:
        left, self.current = self.current, line
        left.leave()
        self._lines = [one for one in self._lines if one is not left]

    def _home(self) -> Line:
        self._direct_to = ""
        return self._open(self._endpoints, self._health_service, is_direct=False)

    def _direct(self, endpoint: str) -> Line:
        self._direct_to = endpoint
        return self._open(parse_endpoints(endpoint), "", is_direct=True)

    def _open(self, endpoints: Sequence[str], service: str, *, is_direct: bool) -> Line:
        channel = open_channel(endpoints, self._tls, health_service=service)
        line = Line(channel, is_direct=is_direct)
        self._lines.append(line)
        return line


class _Following:
    """Looks like a stub; each method is that of the current line's stub."""

    def __init__(self, route: Route, name: str) -> None:
        self._route = route
        self._name = name

    def __getattr__(self, method: str) -> Any:
        def call(*args: Any, **options: Any) -> Any:
            line = self._route.current
            begun = getattr(line.stubs[self._name], method)(*args, **options)
            line.hold(begun)
            return begun

        return call
