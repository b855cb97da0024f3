"""Namespaces drop packets, one way or both, and nothing of them is left; `pytest -m root`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from chaos import namespaces
from chaos.__main__ import main
from chaos.namespace_site import fill, in_namespaces, make_room, sweep_disks
from chaos.namespaces import NAMED, NamespaceError, NamespaceNetwork, sweep

root = pytest.mark.root
needs_tools = pytest.mark.skipif(bool(namespaces.missing()), reason=namespaces.missing())

# Sends one datagram from a to b; says whether it came.
SEND = "import socket,sys; s=socket.socket(2,2); s.sendto(b'x',(sys.argv[1],9)); s.close()"
TAKE = """
import socket,sys
s = socket.socket(2, 2)
s.bind((sys.argv[1], 9))
s.settimeout(float(sys.argv[2]))
print("ready", flush=True)
try:
    s.recv(9)
    print("came")
except TimeoutError:
    print("lost")
"""
WAIT_S = 0.4


@pytest.fixture
def network() -> Iterator[NamespaceNetwork]:
    made = NamespaceNetwork(["a", "b"])
    yield made
    made.close()


def passes(network: NamespaceNetwork, sender: str, taker: str) -> bool:
    address = network.addresses[taker]
    taking = subprocess.Popen(
        [*network.command(taker), sys.executable, "-c", TAKE, address, str(WAIT_S)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert taking.stdout is not None
    assert taking.stdout.readline() == "ready\n"
    sending = [*network.command(sender), sys.executable, "-c", SEND, address]
    subprocess.run(sending, check=True, timeout=20)
    told, _ = taking.communicate(timeout=20)
    return told == "came\n"


@root
@needs_tools
def test_a_packet_is_dropped_one_way_only(network: NamespaceNetwork) -> None:
    assert passes(network, "a", "b")
    network.hold([("a", "b")])
    assert not passes(network, "a", "b")
    assert passes(network, "b", "a")
    network.heal()
    assert passes(network, "a", "b")


@root
@needs_tools
def test_an_isolated_node_hears_nobody_and_is_not_heard(network: NamespaceNetwork) -> None:
    network.isolate("a")
    assert not passes(network, "a", "b")
    assert not passes(network, "b", "a")


@root
@needs_tools
def test_nothing_is_left_when_it_is_closed_or_its_run_was_killed(
    tmp_path: Path,
) -> None:
    script = (
        "import sys; from pathlib import Path; from chaos.namespace_site import in_namespaces as i;"
        "i(Path(sys.argv[1]) / 'run', []); print('made', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    ) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == b"made\n"
        killed.kill()
    left = f"lockstep-{killed.pid}-n1"
    assert (NAMED / left).exists()
    assert str(tmp_path) in Path("/proc/mounts").read_text()
    sweep()
    sweep_disks()
    assert str(tmp_path) not in Path("/proc/mounts").read_text()
    assert not (NAMED / left).exists()
    assert not Path(f"/sys/class/net/lsb{killed.pid}").exists()


@root
@needs_tools
def test_a_disk_is_full_to_the_last_byte_and_its_content_outlives_the_site(tmp_path: Path) -> None:
    site = in_namespaces(tmp_path / "run", ["m1"])
    disk = site.disks["n1"]
    try:
        (disk / "kept").write_bytes(b"x" * 10)
        fill(disk)
        with pytest.raises(OSError, match="No space left"):
            (disk / "more").write_bytes(b"x" * 10)
        make_room(disk)
        (disk / "more").write_bytes(b"x" * 10)
    finally:
        site.leave()
    assert not disk.is_mount()
    assert sorted(path.name for path in disk.iterdir()) == ["kept", "more"]
    assert not list(NAMED.glob(f"lockstep-{os.getpid()}-*"))


@root
@needs_tools
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_cleans_up(tmp_path: Path, number: signal.Signals) -> None:
    run = subprocess.Popen(
        [sys.executable, "-u", "-m", "chaos", "netns", "--faults", "9"],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "TMPDIR": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    logs = "lockstep-chaos-*/run/nodes/n1/node.log"
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(logs)):
        assert run.poll() is None
        assert time.monotonic() < deadline, "no node was started"
        time.sleep(0.05)
    run.send_signal(number)
    try:
        assert run.wait(60) != 0
    finally:
        with suppress(ProcessLookupError):
            run.kill()
    assert not list(NAMED.glob(f"lockstep-{run.pid}-*"))
    assert not Path(f"/sys/class/net/lsb{run.pid}").exists()
    assert str(tmp_path) not in Path("/proc/mounts").read_text()


def test_without_root_or_tools_the_reason_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "nftables" in namespaces.missing()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "root" in namespaces.missing()
    assert main(["netns", "--faults", "1"]) == 0
    assert "skipped: network namespaces need root" in capsys.readouterr().out


@root
@needs_tools
def test_a_command_that_fails_is_named() -> None:
    with pytest.raises(NamespaceError, match="ip -batch"):
        namespaces._ip("netns add ../nowhere")  # noqa: SLF001 - what every change goes through
