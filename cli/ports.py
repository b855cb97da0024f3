"""Ports of the loopback for nodes that are started and stopped again.

Room: finding free ones. They are below the range from which the system takes the ports of outgoing
connections: while a node is down its port must not be taken by some client, least of all by one
that is looking for it.
"""

from __future__ import annotations

import secrets
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"
PORT_MIN, PORT_MAX = 12_000, 65_536
PORT_ATTEMPTS = 100
EPHEMERAL_FIRST = 32_768
"""Linux's default, for where it cannot be read."""


def free_port() -> int:
    """A port of the loopback that nothing uses now. Raises OSError if none is found."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """So many different ones. Raises OSError if they are not found."""
    low, high = PORT_MIN, _first_ephemeral_port()
    found: dict[int, None] = {}
    for _ in range(PORT_ATTEMPTS * count):
        port = low + secrets.randbelow(high - low)
        if port not in found and can_bind(port):
            found[port] = None
        if len(found) == count:
            return list(found)
    raise OSError(f"no {count} free ports between {low} and {high} on {LOOPBACK}")


def can_bind(port: int) -> bool:
    """Whether nothing uses the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as a node binds it
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def _first_ephemeral_port() -> int:
    path = Path("/proc/sys/net/ipv4/ip_local_port_range")
    first = int(path.read_text().split()[0]) if path.exists() else EPHEMERAL_FIRST
    return first if first > PORT_MIN + PORT_ATTEMPTS else PORT_MAX
