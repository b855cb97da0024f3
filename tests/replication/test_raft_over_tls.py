"""The register over its real links: mutual TLS on the loopback, journals on disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from replication.links import Links
from replication.tls_link import TlsEndpoint
from tests.replication.link_desk import Pki, settings_of
from tests.replication.register_trio import ARBITER, NAMES, Trio, value


class Endpoints:
    """An endpoint for each voter, on ports that stay the same over restarts."""

    def __init__(self, pki: Pki) -> None:
        self._pki = pki
        self._ports: dict[str, int] = {}
        self._open: dict[str, TlsEndpoint] = {}
        for name in NAMES:  # find free ports; the lower name dials, so the last needs none known
            endpoint = TlsEndpoint(settings_of(name, {}, pki.identity(name)))
            self._ports[name] = endpoint.port
            endpoint.stop()

    def links(self, name: str) -> Links:
        if name in self._open:
            self._open.pop(name).stop()
        peers = {other: port for other, port in self._ports.items() if other != name}
        more = {"listen_port": self._ports[name], "silence_s": 2.0}
        endpoint = TlsEndpoint(settings_of(name, peers, self._pki.identity(name), **more))
        links = endpoint.links("register")
        endpoint.start()
        self._open[name] = endpoint
        return links

    def close(self) -> None:
        for endpoint in self._open.values():
            endpoint.stop()


@pytest.fixture
def trio(tmp_path: Path) -> Iterator[Trio]:
    endpoints = Endpoints(Pki(tmp_path / "pki"))
    made = Trio(tmp_path, endpoints.links)
    made.start()
    yield made
    made.close()
    endpoints.close()


def test_changes_failures_and_restarts_over_tls(trio: Trio) -> None:
    for version in range(5):
        assert trio.registers[NAMES[version % 3]].compare_and_set(version, value(version + 1))
        trio.wait(lambda: all(one.read() == value(version + 1) for one in trio.registers.values()))  # noqa: B023
    trio.stop("n1")
    assert trio.registers["n2"].compare_and_set(5, value(6, primary="n2"))
    trio.start("n1")
    assert trio.registers["n1"].wait_ready(10.0) == value(6, primary="n2")
    trio.stop(ARBITER)
    assert trio.registers["n1"].compare_and_set(6, value(7))
    trio.start(ARBITER)
    trio.wait(lambda: trio.leader() == ARBITER, 20.0)
    trio.wait(lambda: trio.registers[ARBITER].read() == value(7))
    assert trio.halts == []
