"""HOST:PORT as configurations write it.

Room: two pure functions; nothing is resolved or connected here.
"""

from __future__ import annotations

import ipaddress

from exchange.errors import OperatorFault

PORT_MAX = 65_535


def parse_address(key: str, value: str) -> tuple[str, int]:
    """Host and port of `value`; OperatorFault naming `key` if it is not HOST:PORT."""
    host, colon, port = value.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > PORT_MAX:
        raise OperatorFault(f"{key} = {value!r} is not HOST:PORT, for example 127.0.0.1:7001")
    return host.strip("[]"), int(port)


def is_loopback(host: str) -> bool:
    """Whether `host` can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
