"""`exctl status`, `cluster` and `dr` against a gateway with a cluster behind it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import Result

from exchange.core import MarketCore
from exchange.gateway.ports import NodeStatus
from tests.cli.conftest import run
from tests.exchange.gateway.test_cluster_servicer import TwinCluster
from tests.exchange.gateway.venue import Venue

GONE = "127.0.0.1:1"


class Told(Venue):
    """A primary that knows a standby, which is gone, and a dr node without a link."""

    def _describe(self, core: MarketCore) -> list[NodeStatus]:
        own = super()._describe(core)[0]._replace(kind="data", in_sync=True, memory_bytes=50 << 20)
        standby = own._replace(name="n2", role="standby", endpoint=GONE)
        dr = own._replace(
            name="dr", role="dr", kind="dr", endpoint=own.endpoint, in_sync=False, connected=False
        )
        return [own, standby, dr]


class Running:
    """The gateway in a thread with an event loop of its own; `exctl` blocks."""

    def __init__(self) -> None:
        self.twin = TwinCluster()
        self.endpoint = ""
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        assert self._ready.wait(20)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        async with Told(cluster=self.twin, stock=False) as venue:
            self.endpoint = f"127.0.0.1:{venue.server.port}"
            self._ready.set()
            await self._stop.wait()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)


@pytest.fixture
def running() -> Iterator[Running]:
    made = Running()
    yield made
    made.stop()


def exctl(running: Running, *arguments: str, code: int = 0) -> Result:
    result = run("--endpoints", f"{running.endpoint},{GONE}", *arguments)
    assert result.exit_code == code, (result.stdout, result.stderr, result.exception)
    return result


def as_json(running: Running, *arguments: str, code: int = 0) -> Any:
    return json.loads(exctl(running, "-o", "json", *arguments, code=code).stdout)


def test_status_tells_of_every_node_once_and_who_is_down(running: Running) -> None:
    told = as_json(running, "status", code=5)
    nodes = {node["name"]: node for node in told["nodes"]}
    assert {name: node["role"] for name, node in nodes.items()} == {
        "n1": "primary",
        "n2": "down",
        "dr": "dr",
    }
    wanted = [
        "name",
        "role",
        "endpoint",
        "pid",
        "healthy",
        "epoch",
        "durable_seq",
        "applied_seq",
        "digest",
        "lag_ms",
    ]
    assert set(wanted) <= set(nodes["n1"])
    assert [nodes[name]["healthy"] for name in ("n1", "n2", "dr")] == [True, False, False]
    assert told["unreachable"] == [GONE]
    assert told["register"]["primary"] == "n1"
    table = exctl(running, "status", code=5).stdout
    assert "primary n1, epoch 3, generation 1, in sync n1, n2, fenced (none)" in table
    assert f"alarm on n2: does not answer at {GONE}" in table
    assert "alarm on dr: n1 has no link to it" in table


def test_operators_steer_from_the_command_line(running: Running) -> None:
    why = ("--reason", "drill")
    assert as_json(running, "cluster", "fence", "n2", "--yes", *why)["fenced"] == {"n2": "drill"}
    assert as_json(running, "cluster", "unfence", "n2", *why)["fenced"] == {}
    assert "pause" in exctl(running, "cluster", "mode", "pause", *why).stdout
    exctl(running, "cluster", "degrade", "--yes", *why, code=2)
    exctl(running, "cluster", "degrade", "--accept-single-copy", "--yes", *why)
    assert as_json(running, "cluster", "transfer", "--dry-run", *why)["primary"] == "n1"
    assert as_json(running, "cluster", "transfer", "n2", *why)["primary"] == "n2"
    assert "n2" in exctl(running, "cluster", "status", code=5).stdout
    unknown = exctl(running, "cluster", "unfence", "n9", *why, code=1)
    assert "NOT_FENCED" in unknown.stderr
    assert running.twin.reasons == ["drill"] * 5


def test_fencing_asks_first(running: Running) -> None:
    result = exctl(running, "cluster", "fence", "n2", "--reason", "x", code=6)
    assert "cannot take over" in result.stderr
    assert running.twin.reasons == []


def test_the_loss_is_told_before_the_dr_node_is_promoted(running: Running) -> None:
    shown = as_json(running, "dr", "status")
    assert (shown["durable_seq"], shown["loss_bound"]) == ("90", "5 entries")
    assert "5 entries behind" in exctl(running, "dr", "test", code=5).stdout
    refused = exctl(running, "dr", "promote", "--reason", "fire", code=6)
    assert "lost by promoting it: 5 entries" in refused.stderr
    assert running.twin.reasons == []
    done = as_json(running, "dr", "promote", "--reason", "fire", "--yes")
    assert (done["log_index"], done["register"]["generation"]) == ("90", "2")


def test_a_node_that_runs_alone_has_no_dr(up: Any) -> None:
    result = run("--endpoints", up.endpoint, "dr", "status")
    assert (result.exit_code, "no node tells of a dr node" in result.stderr) == (1, True)
    fence = run("--endpoints", up.endpoint, "cluster", "fence", "n2", "--yes", "--reason", "x")
    assert (fence.exit_code, "NOT_A_CLUSTER" in fence.stderr) == (1, True)
