"""Where the exchange is, and how a channel to it is made.

Room: endpoints, TLS, channel options, the service config. Several endpoints are one cluster: calls
go round robin to those whose health says that they serve orders, so a client finds the serving node
by itself (gRPC health checking; ECOSYSTEM section 0.1).
"""

from __future__ import annotations

import ipaddress
import json
import socket
from collections.abc import Sequence
from dataclasses import dataclass

import grpc

ORDER_SERVICE = "exchange.api.v1.OrderService"
"""Served by the primary only."""

MARKET_DATA_SERVICE = "exchange.api.v1.MarketDataService"
"""Served by every node with a book that is up to date."""

RECEIVE_BYTES_MAX = 16 << 20
"""Full books and long lists; the exchange sends no larger message."""

RECONNECT_MS_FIRST = 20
RECONNECT_MS_MAX = 500
CONNECT_MS = 5_000
"""One attempt to connect, TLS included (grpc names it a backoff)."""

KEEPALIVE_MS = 15_000
KEEPALIVE_TIMEOUT_MS = 5_000
PORT_MAX = 65_535


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM bytes of a TLS connection.

    root_certificates: whom to trust; None = the system's.
    private_key, certificate_chain: of this client, where the exchange wants certificates.
    """

    root_certificates: bytes | None = None
    private_key: bytes | None = None
    certificate_chain: bytes | None = None


def parse_endpoints(endpoints: str | Sequence[str]) -> tuple[str, ...]:
    """HOST:PORT, a comma-separated list of them, or a sequence, as a tuple without doubles.

    Raises ValueError naming the one that is not HOST:PORT.
    """
    parts = endpoints.split(",") if isinstance(endpoints, str) else list(endpoints)
    found: list[str] = []
    for part in (part.strip() for part in parts):
        host, colon, port = part.rpartition(":")
        if not (colon and host and port.isdecimal() and 0 < int(port) <= PORT_MAX):
            raise ValueError(f"endpoint {part!r} is not HOST:PORT, for example 127.0.0.1:7001")
        if part not in found:
            found.append(part)
    return tuple(found)


def target_of(endpoints: Sequence[str]) -> str:
    """The gRPC target of a cluster.

    Host names among several endpoints are resolved here, once; a single name is left to gRPC.
    Raises ValueError if a name does not resolve, or IPv4 and IPv6 are mixed.
    """
    pairs = [_split(endpoint) for endpoint in endpoints]
    if len(pairs) == 1 and not _is_ip(pairs[0][0]):
        return f"dns:///{pairs[0][0]}:{pairs[0][1]}"
    addresses = [(_resolved(host), port) for host, port in pairs]
    versions = {ipaddress.ip_address(host).version for host, _ in addresses}
    if len(versions) > 1:
        raise ValueError(f"endpoints {', '.join(endpoints)} mix IPv4 and IPv6; use one of them")
    if versions == {6}:
        return "ipv6:" + ",".join(f"[{host}]:{port}" for host, port in addresses)
    return "ipv4:" + ",".join(f"{host}:{port}" for host, port in addresses)


def open_channel(
    endpoints: Sequence[str], tls: Tls | None, *, health_service: str
) -> grpc.aio.Channel:
    """A channel to a cluster; it connects when it is used.

    Args:
        endpoints: as `parse_endpoints` gives them.
        tls: None = without TLS.
        health_service: calls go only to nodes that say they serve it; "" reaches any that runs.
    """
    options: list[tuple[str, int | str]] = [
        ("grpc.max_receive_message_length", RECEIVE_BYTES_MAX),
        ("grpc.max_send_message_length", RECEIVE_BYTES_MAX),
        ("grpc.initial_reconnect_backoff_ms", RECONNECT_MS_FIRST),
        ("grpc.min_reconnect_backoff_ms", CONNECT_MS),
        ("grpc.max_reconnect_backoff_ms", RECONNECT_MS_MAX),
        ("grpc.keepalive_time_ms", KEEPALIVE_MS),
        ("grpc.keepalive_timeout_ms", KEEPALIVE_TIMEOUT_MS),
        ("grpc.use_local_subchannel_pool", 1),  # clients share no connection and no backoff
        ("grpc.enable_retries", 0),  # retries are `retry.py`'s, which knows the keys
        ("grpc.service_config", json.dumps(_service_config(health_service))),
    ]
    target = target_of(endpoints)
    if tls is None:
        return grpc.aio.insecure_channel(target, options=options)
    name = endpoints[0].rpartition(":")[0]
    if target.startswith("ip") and (len(endpoints) > 1 or not _is_ip(name.strip("[]"))):
        # Certificates are for one name or address, the target may be a list of them. Those of
        # `exctl pki init` are for every address under which clients reach any node.
        options.append(("grpc.default_authority", name))
    credentials = grpc.ssl_channel_credentials(
        tls.root_certificates, tls.private_key, tls.certificate_chain
    )
    return grpc.aio.secure_channel(target, credentials, options=options)


def _service_config(health_service: str) -> dict[str, object]:
    config: dict[str, object] = {"loadBalancingConfig": [{"round_robin": {}}]}
    if health_service:
        config["healthCheckConfig"] = {"serviceName": health_service}
    return config


def _split(endpoint: str) -> tuple[str, int]:
    host, _, port = endpoint.rpartition(":")
    host = host.strip("[]")
    return "127.0.0.1" if host == "localhost" else host, int(port)


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _resolved(host: str) -> str:
    if _is_ip(host):
        return host
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ValueError(f"endpoint host {host!r} does not resolve: {error}") from error
    return str(found[0][4][0])
