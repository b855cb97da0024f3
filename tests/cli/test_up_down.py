"""`exchange up` and `exchange down` as a person uses them, in processes of their own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.local_exchange import is_alive, running
from exchange.client import AsyncClient
from exchange.client.caller import ATTEMPT_S
from tests.cli.conftest import Exctl, Up, exchange
from tests.tidy_source import ROOT


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    data = tmp_path / "data"
    yield data
    if data.is_dir():
        exchange("down", "--data", str(data))


def up(data: Path, *arguments: str) -> Up:
    done = exchange("up", "--detach", "--single", "--port", "0", "--data", str(data), *arguments)
    assert done.returncode == 0, done.stderr
    return Up(data)


def test_everything_is_as_it_was_after_a_restart(data: Path) -> None:
    first = up(data)
    exctl = Exctl(first.endpoint)
    submit = ("order", "submit", "--member", "alice", "--cl-ord-id", "a1", "ABC", "buy", "3", "99")
    order_id = exctl.json(*submit)["reports"][0]["order_id"]
    exctl("order", "submit", "--member", "bob", "ABC", "sell", "1", "market")
    before = {noun: exctl.json(noun, "list") for noun in ("instrument", "member", "order")}
    down = exchange("down", "--data", str(data))

    second = up(data)
    exctl = Exctl(second.endpoint)

    assert down.returncode == 0
    assert f"pid {first.pid}" in down.stdout
    assert not is_alive(first.pid)
    assert {noun: exctl.json(noun, "list") for noun in before} == before
    again = exctl.json(*submit)
    assert (again["poss_dup"], again["reports"][0]["order_id"]) == (True, order_id)
    assert "added" not in (data / "exchange.log").read_text().rpartition("recovered")[2]


def test_an_acknowledged_order_survives_kill_9(data: Path) -> None:
    first = up(data)
    submit = ("order", "submit", "--member", "alice", "--cl-ord-id", "a1", "ABC", "buy", "3", "99")
    entered = Exctl(first.endpoint).json(*submit)
    os.kill(first.pid, signal.SIGKILL)
    while is_alive(first.pid):
        time.sleep(0.01)

    shown = Exctl(up(data).endpoint).json("order", "show", "--member", "alice", "a1")

    assert shown["order_id"] == entered["reports"][0]["order_id"]


async def test_an_order_waits_for_a_node_that_hangs(data: Path) -> None:
    """The first attempts are not answered in time; the repetition finds what they did (R10)."""
    first = up(data)
    async with AsyncClient(first.endpoint, member="alice") as client:
        await client.status()
        os.kill(first.pid, signal.SIGSTOP)
        waiting = asyncio.create_task(client.submit_order("ABC", "buy", 1, "9", cl_ord_id="a1"))
        await asyncio.sleep(ATTEMPT_S + 0.5)
        os.kill(first.pid, signal.SIGCONT)
        outcome = await waiting
        found = await client.list_orders()

    assert outcome.attempts > 1
    assert [row.order_id for row in found] == [outcome.order_id]


def test_a_damaged_entry_is_named(data: Path) -> None:
    """Exit status 5 of the offline verbs; I8: damage is refused by name, never passed over."""
    exctl = Exctl(up(data).endpoint)
    marked = "find-this-very-order"
    exctl("order", "submit", "--member", "alice", "--cl-ord-id", marked, "ABC", "buy", "1", "9")
    exchange("down", "--data", str(data))
    log = data / "log" / "data.mdb"
    content = log.read_bytes()
    assert marked.encode() in content
    log.write_bytes(content.replace(marked.encode(), b"f" + marked[1:].upper().encode()))

    report = exctl.json("journal", "verify", "--data", str(data), code=5)
    dumped = exctl("journal", "dump", "--data", str(data), code=5)
    started = exchange("up", "--detach", "--single", "--port", "0", "--data", str(data))

    assert not report["ok"]
    assert any("index" in fault["key"] for fault in report["faults"])
    assert "damaged" in dumped.stderr
    assert started.returncode != 0
    assert "index" in started.stderr


def test_a_second_up_says_that_it_already_runs(data: Path) -> None:
    first = up(data)
    again = exchange("up", "--single", "--data", str(data))

    assert again.returncode == 0
    assert f"already running: {first.endpoint} (pid {first.pid}" in again.stdout


def test_down_of_what_does_not_run_is_fine(data: Path) -> None:
    done = exchange("down", "--data", str(data))

    assert (done.returncode, done.stdout) == (0, f"no exchange runs on {data}\n")


def test_down_heeds_the_lock_and_not_a_stale_file(data: Path) -> None:
    """A file of a killed exchange may name a pid that is somebody else's by now."""
    first = up(data)
    os.kill(first.pid, signal.SIGKILL)
    while running(data):
        time.sleep(0.01)
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        told = {"endpoint": "127.0.0.1:1", "pid": bystander.pid}
        (data / "endpoint.json").write_text(json.dumps(told))
        done = exchange("down", "--data", str(data))

        assert "no exchange runs" in done.stdout
        assert bystander.poll() is None
        assert not (data / "endpoint.json").exists()
    finally:
        bystander.kill()
        bystander.wait()


def test_a_busy_port_is_named(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = exchange("up", "--detach", "--single", "--port", str(port), "--data", str(data))

    assert done.returncode == 1
    assert f"127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr
    assert list(data.parent.glob(".*.log")) == []


def test_a_foreign_directory_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    done = exchange("up", "--detach", "--single", "--port", "0", "--data", str(tmp_path))

    assert done.returncode == 1
    assert "not a data directory" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_an_exchange_can_be_left_empty(data: Path) -> None:
    exctl = Exctl(up(data, "--no-demo-setup").endpoint)

    assert exctl.json("instrument", "list") == {"instruments": []}
    assert exctl.json("member", "list") == {"members": []}


def test_the_demo_market_moves(data: Path) -> None:
    exctl = Exctl(up(data, "--demo", "--seed", "7").endpoint)
    deadline = time.monotonic() + 60
    while not exctl.json("trades", "BTC-USD")["trades"] and time.monotonic() < deadline:
        time.sleep(0.2)
    traders = {row["member"] for row in exctl.json("order", "list")["orders"]}

    assert exctl.json("trades", "BTC-USD")["trades"]
    assert {"mm1", "mm2"} < traders
    assert exctl.json("book", "ABC")["asks"]


def test_in_the_foreground_it_serves_until_interrupted(data: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "cli.exchange",
        "up",
        "--single",
        "--port",
        "0",
        "--data",
        str(data),
    ]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1
    ) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline()]
        while lines[-1] and not lines[-1].startswith("Ctrl-C"):
            lines.append(child.stdout.readline())
        told = "".join(lines)
        child.send_signal(signal.SIGINT)
        code = child.wait(timeout=30)

    assert code == 0
    assert "the exchange serves gRPC at 127.0.0.1:" in told
    assert told.count("  exctl --endpoints") == 3
    assert not (data / "endpoint.json").exists()


def test_serve_runs_a_configured_node(tmp_path: Path) -> None:
    config = tmp_path / "node.toml"
    config.write_text(f'data_dir = "{tmp_path / "data"}"\nlisten = "127.0.0.1:0"\n')
    command = [sys.executable, "-m", "cli.exchange", "serve", "--config", str(config)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as child:
        assert child.stdout is not None
        endpoint = child.stdout.readline().split()[1]
        status = Exctl(endpoint).json("status")
        done = exchange("down", "--data", str(tmp_path / "data"))
        code = child.wait(timeout=30)

    assert [node["pid"] for node in status["nodes"]] == [child.pid]
    assert (done.returncode, code) == (0, 0)


def test_a_wrong_configuration_is_a_usage_error(tmp_path: Path) -> None:
    config = tmp_path / "node.toml"
    config.write_text('data_dir = "x"\ncolour = "red"\n')
    done = exchange("serve", "--config", str(config))

    assert done.returncode == 2
    assert "colour" in done.stderr
