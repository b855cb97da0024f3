"""The gRPC server of a node: services, health, reflection, TLS, keepalive, bounds.

Room: building, starting and stopping; what a call does is `dispatch.py` and the servicers.

    start: bind -> health SERVING
    stop:  health NOT_SERVING -> new calls refused, streams end (UNAVAILABLE, STOPPING) -> sessions
           are logged as closed -> running calls are answered within STOP_GRACE_S -> closed
"""

from __future__ import annotations

import logging
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple, cast

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from grpc import aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from prometheus_client import REGISTRY, CollectorRegistry

from exchange.api.v1 import (
    admin_service_pb2,
    cluster_service_pb2,
    dark_service_pb2,
    ledger_service_pb2,
    market_data_service_pb2,
    order_service_pb2,
    reference_data_service_pb2,
    risk_service_pb2,
)
from exchange.config import NodeConfig
from exchange.errors import OperatorFault
from exchange.gateway.admin_servicer import AdminServicer
from exchange.gateway.auth import build_authenticator
from exchange.gateway.cluster_ports import ClusterControl
from exchange.gateway.cluster_servicer import ClusterServicer
from exchange.gateway.codec_choice import build_codec
from exchange.gateway.dark_servicer import DarkServicer
from exchange.gateway.dispatch import Dispatcher
from exchange.gateway.ledger_servicer import LedgerServicer
from exchange.gateway.live_reader import HEARTBEAT_S
from exchange.gateway.market_data_servicer import MarketDataServicer
from exchange.gateway.metrics import call_metrics
from exchange.gateway.order_codec import OrderCodec
from exchange.gateway.order_servicer import OrderServicer, SessionBounds
from exchange.gateway.ports import Core, StatusCore
from exchange.gateway.reference_data_servicer import ReferenceDataServicer
from exchange.gateway.risk_servicer import RiskServicer
from exchange.gateway.shutdown import Shutdown

log = logging.getLogger("lockstep.gateway")

STOP_GRACE_S = 5.0
LAST_WORDS_S = 0.25
"""For the last answers to leave; watchers of the health service would stay for ever."""

MIN_PING_INTERVAL_MS = 10_000
"""Clients may ping this often; grpc's own default of 5 minutes would cut them off."""

SEND_BYTES_MAX = 16 << 20
"""Full books may be large; clients set their own receive bound."""

STREAMS_PER_CONNECTION_MAX = 1024

TRANSPORT_FACTOR = 2
"""The transport refuses messages this many times `limits.message_bytes`, without a reason; up to
there the gateway refuses them by name (MESSAGE_TOO_LARGE)."""


class Audience(Enum):
    """When a service is healthy: where commands are taken, where reads mean something, always."""

    TRADING = "trading"
    READING = "reading"
    ANYONE = "anyone"


class Bound(NamedTuple):
    """A service and what answers it."""

    descriptor: ServiceDescriptor
    servicer: object
    audience: Audience
    for_operators: bool = False


class GatewayServer:
    """The public API of one node. Event loop thread only.

    Args:
        core: the node; a `StatusCore` will do with `only_status`.
        config: address, TLS, authentication and bounds.
        codec: of the order session; by default the one that the configuration chooses.
        cluster: what operators steer; None for a node that runs alone.
        registry: where the call counters go.
        only_status: ClusterService alone, for a node without a market.
        heartbeat_s: idle seconds after which a stream tells that it lives.

    Raises:
        OperatorFault: a certificate or token file cannot be used.
    """

    def __init__(
        self,
        core: Core | StatusCore,
        config: NodeConfig,
        *,
        codec: OrderCodec | None = None,
        cluster: ClusterControl | None = None,
        registry: CollectorRegistry = REGISTRY,
        only_status: bool = False,
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        self._config = config
        self._codec = codec or build_codec(config.codec)
        self._shutdown = Shutdown()
        self._health = health.aio.HealthServicer()
        self._port = 0
        self._is_trading = True
        self._is_reading = True
        self._told: dict[str, bool] = {}
        self._credentials = _credentials(config)
        authenticator = build_authenticator(
            config.auth.mode,
            config.auth.token_file,
            has_client_ca=bool(config.tls.client_ca_file),
        )
        self._server = aio.server(options=_options(config))
        dispatcher = Dispatcher(
            authenticator,
            call_metrics(registry),
            self._shutdown,
            fail=core.fail,
            deadline_s_max=config.limits.deadline_s_max,
            message_bytes_max=config.limits.message_bytes,
        )
        status = ClusterServicer(core, authenticator.mode, cluster)
        self._services: tuple[Bound, ...] = (_status_service(status),)
        self._market = None if only_status else cast("Core", core)
        if self._market is not None:
            self._services += _market_services(self._market, self._codec, config, heartbeat_s)
        for bound in self._services:
            handler = dispatcher.handler(
                bound.descriptor,
                bound.servicer,
                for_operators=bound.for_operators,
                guard=_open if bound.audience is Audience.ANYONE else core.refuse_reads,
            )
            self._server.add_generic_rpc_handlers((handler,))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        if config.reflection:
            names = [bound.descriptor.full_name for bound in self._services]
            names += [health.SERVICE_NAME, reflection.SERVICE_NAME]
            reflection.enable_server_reflection(names, self._server)

    @property
    def port(self) -> int:
        """The port in use; 0 before `start`."""
        return self._port

    @property
    def codec_name(self) -> str:
        """The codec of the order session."""
        return self._codec.name

    async def start(self) -> None:
        """Listen, serve and say so. Raises OperatorFault naming the address if it is taken."""
        host, port = self._config.listen_address()
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            if self._credentials is None:
                self._port = self._server.add_insecure_port(address)
            else:
                self._port = self._server.add_secure_port(address, self._credentials)
        except RuntimeError as error:
            await self._server.stop(None)
            raise OperatorFault(
                f"cannot listen on {address}: the port is taken or the address is not ours; stop "
                "what uses it, or choose another (`listen`; port 0 = any free one)"
            ) from error
        await self._server.start()
        await self.show(trading=self._is_trading, reading=self._is_reading)

    async def show(self, *, trading: bool, reading: bool) -> None:
        """Say in the health service who is served now; cut streams that may not be read any more.

        The server itself (`""`) and ClusterService are healthy as long as it runs.
        """
        if self._is_reading and not reading:
            self._end_streams()
        self._is_trading, self._is_reading = trading, reading
        if not self._port or self._shutdown.begun:
            return
        healthy = {Audience.TRADING: trading, Audience.READING: reading, Audience.ANYONE: True}
        for bound in self._services:
            await self._set_health(bound.descriptor.full_name, healthy=healthy[bound.audience])
        await self._set_health(health.OVERALL_HEALTH, healthy=True)

    async def stop(self) -> None:
        """Stop serving; returns when no call runs any more. Safe to call twice."""
        if self._shutdown.begun:
            return
        for name in list(self._told):
            await self._set_health(name, healthy=False)
        self._shutdown.begin()
        self._end_streams()
        if not await self._shutdown.settled(STOP_GRACE_S):
            log.warning("calls still run after %s s and are cut off", STOP_GRACE_S)
        await self._server.stop(LAST_WORDS_S)

    def _end_streams(self) -> None:
        if self._market is not None:
            self._market.projections.close()

    async def _set_health(self, name: str, *, healthy: bool) -> None:
        if self._told.get(name) == healthy:
            return
        self._told[name] = healthy
        states = health_pb2.HealthCheckResponse
        await self._health.set(name, states.SERVING if healthy else states.NOT_SERVING)


def _open() -> None:
    """ClusterService tells how a node is, whatever its state."""


def _status_service(status: ClusterServicer) -> Bound:
    service = _service(cluster_service_pb2, "ClusterService")
    return Bound(service, status, Audience.ANYONE, for_operators=True)


def _market_services(
    core: Core, codec: OrderCodec, config: NodeConfig, heartbeat_s: float
) -> tuple[Bound, ...]:
    bounds = SessionBounds(config.limits.session_commands, config.limits.message_bytes)
    orders = OrderServicer(core, codec, bounds, heartbeat_s=heartbeat_s)
    market_data = MarketDataServicer(core, heartbeat_s=heartbeat_s)
    trading, reading = Audience.TRADING, Audience.READING
    references = ReferenceDataServicer(core)
    admin = AdminServicer(core)
    dark = DarkServicer(core, heartbeat_s=heartbeat_s)
    return (
        Bound(_service(order_service_pb2, "OrderService"), orders, trading),
        Bound(_service(market_data_service_pb2, "MarketDataService"), market_data, reading),
        Bound(_service(reference_data_service_pb2, "ReferenceDataService"), references, reading),
        Bound(_service(admin_service_pb2, "AdminService"), admin, trading, for_operators=True),
        Bound(_service(risk_service_pb2, "RiskService"), RiskServicer(core), trading),
        Bound(_service(dark_service_pb2, "DarkService"), dark, reading),
        Bound(_service(ledger_service_pb2, "LedgerService"), LedgerServicer(core), reading),
    )


def _service(module: Any, name: str) -> ServiceDescriptor:
    descriptor: ServiceDescriptor = module.DESCRIPTOR.services_by_name[name]
    return descriptor


def _options(config: NodeConfig) -> list[tuple[str, int]]:
    return [
        ("grpc.so_reuseport", 0),  # a port that is taken is refused, not shared
        ("grpc.max_receive_message_length", TRANSPORT_FACTOR * config.limits.message_bytes),
        ("grpc.max_send_message_length", SEND_BYTES_MAX),
        ("grpc.max_concurrent_streams", STREAMS_PER_CONNECTION_MAX),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", MIN_PING_INTERVAL_MS),
        ("grpc.http2.max_ping_strikes", 0),
    ]


def _credentials(config: NodeConfig) -> grpc.ServerCredentials | None:
    tls = config.tls
    if not tls.certificate_file:
        return None
    pair = (_pem("tls.key_file", tls.key_file), _pem("tls.certificate_file", tls.certificate_file))
    authority = _pem("tls.client_ca_file", tls.client_ca_file) if tls.client_ca_file else None
    return grpc.ssl_server_credentials(
        [pair], root_certificates=authority, require_client_auth=authority is not None
    )


def _pem(key: str, path: str) -> bytes:
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise OperatorFault(f"{key} = {path!r} cannot be read: {error.strerror}") from error
    if b"-----BEGIN" not in data:
        raise OperatorFault(f"{key} = {path!r} is not a PEM file")
    return data
