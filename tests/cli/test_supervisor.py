"""A killed node comes back, one that gave up does not, and all of them stop together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli import supervisor as module
from cli.cluster_files import LocalNode, lay_out
from cli.local_exchange import is_alive, running
from cli.supervisor import Supervisor, stop_orphans
from storage.data_directory import DataDirectory
from tests.cli.conftest import exchange

STILL = (sys.executable, "-m", "tests.cli.still_node")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def nodes(data: Path) -> list[LocalNode]:
    return lay_out(data, 0)


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def supervisor(
    nodes: list[LocalNode], lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Supervisor]:
    monkeypatch.setattr(module, "RESTART_S", 0.1)
    made = Supervisor(nodes, lines.append, STILL)
    yield made
    assert made.stop() == []


def until(check: Callable[[], object], supervisor: Supervisor | None = None) -> None:
    """Wait until `check` holds, at most 20 s; the supervisor looks after its nodes meanwhile."""
    deadline = time.monotonic() + 20
    while not check():
        assert time.monotonic() < deadline
        if supervisor is not None:
            supervisor.poll()
        time.sleep(0.01)


def all_run(nodes: list[LocalNode]) -> bool:
    return all(running(node.data) is not None for node in nodes)


def test_a_killed_node_is_started_again(
    supervisor: Supervisor, nodes: list[LocalNode], lines: list[str]
) -> None:
    supervisor.start()
    until(lambda: all_run(nodes))
    first = supervisor.watched[0]
    killed = first.pid
    os.kill(killed, signal.SIGKILL)
    until(lambda: first.pid != killed and running(nodes[0].data), supervisor)
    assert f"n1: pid {killed} was ended by SIGKILL" in lines[0]
    assert f"n1: started again (pid {first.pid})" in lines[1]
    assert supervisor.refused() is None


def test_a_node_that_gave_up_is_left_to_a_person(
    supervisor: Supervisor, nodes: list[LocalNode], lines: list[str]
) -> None:
    (nodes[1].directory / "exit").write_text("70", "utf-8")
    supervisor.start()
    until(lambda: supervisor.refused() is not None, supervisor)
    refused = supervisor.refused()
    assert refused is not None
    assert refused.node.name == "n2"
    assert "n2: pid" in lines[0]
    assert lines[0].endswith("ended with status 70:\nthis node refuses to start")
    time.sleep(0.3)  # longer than a restart would take
    supervisor.poll()
    assert len(lines) == 1


def test_nodes_that_run_already_are_taken_over(
    supervisor: Supervisor, nodes: list[LocalNode], lines: list[str]
) -> None:
    before = subprocess.Popen([*STILL, str(nodes[0].config)])
    until(lambda: running(nodes[0].data))
    supervisor.start()
    until(lambda: all_run(nodes))
    assert supervisor.watched[0].pid == before.pid
    before.kill()
    before.wait()
    until(lambda: supervisor.watched[0].pid != before.pid, supervisor)
    until(lambda: all_run(nodes))
    assert f"pid {before.pid} has ended" in lines[0]


def test_nodes_without_a_supervisor_are_stopped_by_down(data: Path, nodes: list[LocalNode]) -> None:
    left = [subprocess.Popen([*STILL, str(node.config)]) for node in nodes[:2]]
    until(lambda: all_run(nodes[:2]))
    down = exchange("down", "--data", str(data))
    assert (down.returncode, down.stderr) == (0, "")
    assert "stopped n1, n2" in down.stdout
    assert [one.wait(10) for one in left] == [0, 0]
    assert stop_orphans(nodes, 1) == []


def test_stopping_waits_for_all(supervisor: Supervisor, nodes: list[LocalNode]) -> None:
    supervisor.start()
    until(lambda: all_run(nodes))
    pids = [one.pid for one in supervisor.watched]
    assert supervisor.stop() == []
    assert not any(is_alive(pid) for pid in pids)


@pytest.mark.parametrize(("form", "told"), [("--single", "holds a cluster")])
def test_the_two_forms_do_not_mix(data: Path, nodes: list[LocalNode], form: str, told: str) -> None:
    up = exchange("up", form, "--data", str(data))
    assert (up.returncode, told in up.stderr) == (1, True)
    assert nodes[0].config.exists()


def test_a_cluster_is_not_started_on_a_single_node(tmp_path: Path) -> None:
    DataDirectory.open(tmp_path / "one", create=True, cluster_id="c").close()
    up = exchange("up", "--data", str(tmp_path / "one"))
    assert (up.returncode, "start it with --single" in up.stderr) == (1, True)
