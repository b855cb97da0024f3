"""`exchange up` as a person uses it: four processes; the primary is killed, and trading goes on."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.local_exchange import is_alive, running
from tests.cli.conftest import Exctl, Up, exchange, run

pytestmark = pytest.mark.timeout(200)
WAIT_S = 40.0


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    data = tmp_path / "data"
    yield data
    if data.is_dir():
        exchange("down", "--data", str(data))


def up(data: Path, *arguments: str) -> Up:
    done = exchange("up", "--detach", "--port", "0", "--data", str(data), *arguments, timeout=120)
    assert done.returncode == 0, done.stderr
    return Up(data)


def look(exctl: Exctl) -> dict[str, Any]:
    """What `exctl -o json status` says, whether or not everything is well."""
    told = run("--endpoints", exctl.endpoint, "-o", "json", "status")
    answer: dict[str, Any] = json.loads(told.stdout)
    return answer


def nodes_of(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {node["name"]: node for node in told["nodes"]}


def until(exctl: Exctl, is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    deadline = time.monotonic() + WAIT_S
    while True:
        told = look(exctl)
        if is_so(told):
            return told
        assert time.monotonic() < deadline, told
        time.sleep(0.1)


def is_whole(told: dict[str, Any]) -> bool:
    in_sync = told["register"]["in_sync"]
    return set(in_sync) == {"n1", "n2"} and all(node["healthy"] for node in told["nodes"])


def primary_of(told: dict[str, Any]) -> dict[str, Any]:
    primary: dict[str, Any]
    (primary,) = (node for node in told["nodes"] if node["role"] == "primary")
    return primary


def test_the_primary_is_killed_and_trading_goes_on(data: Path) -> None:
    started = up(data)
    exctl = Exctl(started.endpoint)
    submit = ("order", "submit", "--member", "alice", "--cl-ord-id", "a1", "ABC", "buy", "3", "99")
    first = exctl.json(*submit)
    before = until(exctl, is_whole)
    assert {node["role"] for node in before["nodes"]} == {"primary", "standby", "arbiter", "dr"}
    old = primary_of(before)

    os.kill(int(old["pid"]), signal.SIGKILL)
    again = exctl.json(*submit)
    after = look(exctl)

    new = primary_of(after)
    assert new["name"] != old["name"]
    assert int(new["epoch"]) > int(old["epoch"])
    assert again["poss_dup"]
    assert again["reports"][0]["order_id"] == first["reports"][0]["order_id"]
    exctl("order", "submit", "--member", "bob", "ABC", "sell", "1", "market")
    whole = until(exctl, is_whole)
    assert nodes_of(whole)[old["name"]]["role"] == "standby"
    assert nodes_of(whole)[old["name"]]["pid"] != old["pid"]
    assert len({node["digest"] for node in whole["nodes"] if node["kind"] != "arbiter"}) == 1


def test_operators_switch_fence_and_let_in_again(data: Path) -> None:
    exctl = Exctl(up(data).endpoint)
    until(exctl, is_whole)
    why = ("--reason", "drill")
    assert exctl.json("cluster", "transfer", "n2", *why)["primary"] == "n2"
    until(exctl, lambda told: is_whole(told) and primary_of(told)["name"] == "n2")
    fenced = exctl.json("cluster", "fence", "n1", "--yes", *why)
    assert fenced["fenced"] == {"n1": "drill"}
    until(exctl, lambda told: nodes_of(told)["n1"]["role"] == "fenced")
    exctl("order", "submit", "--member", "alice", "ABC", "buy", "1", "99")
    exctl("cluster", "unfence", "n1", *why)
    until(exctl, is_whole)
    assert exctl.json("cluster", "mode", "pause", *why)["on_single_copy"] == "ON_SINGLE_COPY_PAUSE"
    assert "dr" in exctl("dr", "status").stdout
    exctl("digest", "--diff", *exctl.endpoint.split(",")[:2])


def test_a_whole_cluster_comes_back_with_everything(data: Path) -> None:
    first = up(data)
    exctl = Exctl(first.endpoint)
    exctl("order", "submit", "--member", "alice", "--cl-ord-id", "a1", "ABC", "buy", "3", "99")
    pids = [int(node["pid"]) for node in until(exctl, is_whole)["nodes"]]
    down = exchange("down", "--data", str(data))
    assert down.returncode == 0, down.stderr
    assert not any(is_alive(pid) for pid in pids)
    assert running(data) is None

    second = up(data)
    assert second.endpoint == first.endpoint
    told = until(exctl, is_whole)
    assert int(primary_of(told)["epoch"]) > 1
    shown = exctl.json("order", "show", "--member", "alice", "a1")
    assert shown["ord_status"] == "ORD_STATUS_NEW"
