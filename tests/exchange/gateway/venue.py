"""A whole market in memory behind a real gRPC server on loopback, for the gateway's tests.

Nothing of ours is replaced but the disk: storage is the in-memory twin. Members m1 and m2, one
instrument ABC (tick 0.01, lot 1) and its trading session are set up through the API itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Any, NamedTuple, Self

import grpc
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from grpc import aio
from prometheus_client import CollectorRegistry

from exchange.api.v1 import admin_service_pb2 as admin
from exchange.api.v1 import (
    admin_service_pb2_grpc,
    cluster_service_pb2_grpc,
    common_pb2,
    dark_service_pb2_grpc,
    ledger_service_pb2_grpc,
    market_data_service_pb2_grpc,
    order_service_pb2_grpc,
    reference_data_service_pb2_grpc,
    risk_service_pb2_grpc,
)
from exchange.api.v1 import order_service_pb2 as orders
from exchange.config import AuthConfig, LimitsConfig, NodeConfig, TlsConfig
from exchange.core import Identity, MarketCore, Parts
from exchange.engine.build import build_engine
from exchange.engine.capture import SnapshotBytes
from exchange.feeds.history import History
from exchange.gateway.cluster_ports import ClusterControl
from exchange.gateway.ports import NodeStatus, SnapshotResult
from exchange.gateway.server import GatewayServer
from exchange.sequencer.clock import SystemClock
from exchange.sequencer.sequencer import Bounds
from replication.local_log import LocalLog
from storage.event_layout import EventBatchRecord
from storage.memory import MemoryJournal
from storage.memory_index import MemoryEventStore

M1 = (("lockstep-member", "m1"),)
M2 = (("lockstep-member", "m2"),)
OPERATOR = (("lockstep-operator", "op"),)
PX = 1_000_000_000
HEARTBEAT_S = 0.2
DETAILS = "grpc-status-details-bin"


class Venue:
    """`async with Venue() as venue:` serves; `venue.orders` and the others are real stubs."""

    def __init__(
        self,
        *,
        auth: AuthConfig | None = None,
        tls: TlsConfig | None = None,
        limits: LimitsConfig | None = None,
        pending_commands: int = 65_536,
        stock: bool = True,
        cluster: ClusterControl | None = None,
    ) -> None:
        self._cluster = cluster
        self.config = NodeConfig(
            data_dir="memory",
            listen="127.0.0.1:0",
            auth=auth or AuthConfig(),
            tls=tls or TlsConfig(),
            limits=limits or LimitsConfig(),
        )
        self.registry = CollectorRegistry()
        self.snapshots: list[tuple[int, int]] = []
        self.faults: list[BaseException] = []
        self._pending_commands = pending_commands
        self._stock = stock
        self._request_no = 0

    async def __aenter__(self) -> Self:
        self.events = MemoryEventStore()
        self.history: History[Any] = History(self.events, EventBatchRecord, self.faults.append)
        self.log = LocalLog(MemoryJournal(), epoch=1, node_name="n1")
        self.core = MarketCore(
            Identity("test-cluster", "n1"),
            Parts(
                build_engine("reference"),
                self.log,
                SystemClock(),
                self.history,
                Bounds(
                    entry_commands=4096,
                    entry_bytes=1 << 20,
                    pending_commands=self._pending_commands,
                    pending_bytes=16 << 20,
                ),
            ),
            store_snapshot=self._store_snapshot,
            on_fault=self.faults.append,
            describe=self._describe,
            snapshot_every_commands=1_000_000,
        )
        self.core.start()
        await self.core.leadership.until_open()
        self.server = GatewayServer(
            self.core,
            self.config,
            cluster=self._cluster,
            registry=self.registry,
            heartbeat_s=HEARTBEAT_S,
        )
        await self.server.start()
        if self.config.tls.certificate_file:
            return self
        self.connect(aio.insecure_channel(f"127.0.0.1:{self.server.port}"))
        if self._stock:
            await self.set_up()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()
        assert not self.faults, self.faults

    async def stop(self) -> None:
        """Stop the server as a node does: gateway first, then the core."""
        if hasattr(self, "channel"):
            await self.channel.close()
        await self.server.stop()
        await self.core.stop()

    def _store_snapshot(self, log_index: int, _seq: int, payload: SnapshotBytes) -> SnapshotResult:
        self.snapshots.append((log_index, len(payload)))
        return SnapshotResult(log_index, len(payload), bytes(payload[:16]))

    def connect(self, channel: aio.Channel) -> None:
        """Make the stubs on a channel."""
        self.channel = channel
        self.orders: Any = order_service_pb2_grpc.OrderServiceStub(channel)
        self.market_data: Any = market_data_service_pb2_grpc.MarketDataServiceStub(channel)
        self.reference: Any = reference_data_service_pb2_grpc.ReferenceDataServiceStub(channel)
        self.admin: Any = admin_service_pb2_grpc.AdminServiceStub(channel)
        self.risk: Any = risk_service_pb2_grpc.RiskServiceStub(channel)
        self.ledger: Any = ledger_service_pb2_grpc.LedgerServiceStub(channel)
        self.dark: Any = dark_service_pb2_grpc.DarkServiceStub(channel)
        self.cluster: Any = cluster_service_pb2_grpc.ClusterServiceStub(channel)

    async def set_up(self) -> None:
        """Members m1 and m2, instrument ABC, continuous trading."""
        for name in ("m1", "m2"):
            await self.admin.CreateMember(
                admin.CreateMemberRequest(request_id=f"member-{name}", name=name)
            )
        await self.admin.CreateInstrument(
            admin.CreateInstrumentRequest(request_id="abc", instrument=instrument("ABC"))
        )
        await self.admin.OpenSession(admin.OpenSessionRequest(request_id="open", symbol="ABC"))

    async def submit(
        self, cl_ord_id: str, side: str, qty: int, price: int, metadata: Any = M1, **fields: Any
    ) -> list[orders.ExecutionReport]:
        """Submit a limit order; price in whole quote units."""
        request = orders.SubmitOrderRequest(order=limit(cl_ord_id, side, qty, price, **fields))
        response = await self.orders.SubmitOrder(request, metadata=metadata)
        return list(response.reports)

    def _describe(self, core: MarketCore) -> list[NodeStatus]:
        return [
            NodeStatus(
                name="n1",
                role="primary",
                endpoint=f"127.0.0.1:{self.server.port}",
                pid=1,
                healthy=True,
                epoch=core.epoch,
                durable_seq=core.applied_index,
                applied_seq=core.applied_index,
                digest=core.events_digest.hex(),
                lag_ms=0.0,
                started_at_ns=1,
                trading_day=core.statistics.trading_day,
                open_orders=core.statistics.open_orders,
                pending_commands=core.pending_commands,
                subscribers=core.subscriber_count,
                disk_free_bytes=1,
                alarms=core.alarms,
                version="test",
                engine=core.engine_name,
                codec=self.server.codec_name,
                durability="sync",
            )
        ]


def instrument(symbol: str, **fields: Any) -> common_pb2.Instrument:
    """A share with tick 0.01 and lot 1."""
    values: dict[str, Any] = {
        "symbol": symbol,
        "asset_class": common_pb2.ASSET_CLASS_EQUITY,
        "currency": "USD",
        "mic": "XEXC",
        "tick_size": PX // 100,
        "lot_size": 1,
        "min_order_qty": 1,
        "max_order_qty": 1_000_000,
    }
    return common_pb2.Instrument(**{**values, **fields})


def limit(cl_ord_id: str, side: str, qty: int, price: int, **fields: Any) -> orders.NewOrder:
    """A limit order in ABC; price in whole quote units."""
    return orders.NewOrder(
        **{
            "cl_ord_id": cl_ord_id,
            "symbol": "ABC",
            "side": common_pb2.SIDE_BUY if side == "buy" else common_pb2.SIDE_SELL,
            "ord_type": common_pb2.ORD_TYPE_LIMIT,
            "order_qty": qty,
            "price": price * PX,
            **fields,
        }
    )


class Refusal(NamedTuple):
    """A status other than OK, taken apart."""

    code: grpc.StatusCode
    reason: str
    message: str
    metadata: dict[str, str]
    details: list[str]


def refusal(error: aio.AioRpcError) -> Refusal:
    """The status with its ErrorInfo, which every status of ours has."""
    raw = dict(error.trailing_metadata() or ()).get(DETAILS)
    assert isinstance(raw, bytes), f"no details in {error}"
    status = Status.FromString(raw)
    info = ErrorInfo()
    assert status.details[0].Unpack(info)
    assert info.domain == "lockstep.exchange"
    assert status.code == error.code().value[0]
    names = [detail.TypeName() for detail in status.details]
    return Refusal(error.code(), info.reason, status.message, dict(info.metadata), names)


async def refused(call: Any) -> Refusal:
    """The refusal that a call, or a stream after its remaining messages, ends with."""
    return (await drained(call))[1]


async def drained(call: Any) -> tuple[list[Any], Refusal]:
    """The remaining messages of a stream and the refusal that it, or a unary call, ends with."""
    messages: list[Any] = []
    try:
        async with asyncio.timeout(10):
            if hasattr(call, "read"):
                while (message := await call.read()) is not aio.EOF:
                    messages.append(message)
            else:
                await call
    except aio.AioRpcError as error:
        return messages, refusal(error)
    raise AssertionError("the call was not refused")


async def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds that another task makes true."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - the condition is the server's, not ours
            await asyncio.sleep(0.005)
