"""Snapshots by a child process: the bytes of one entry, while the engine goes on; nothing is left.

The children are looked for as the kernel sees them.
"""

from __future__ import annotations

import os
import random
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from exchange.engine.build import BUILT_ENGINES
from exchange.engine.capture import CaptureLost, HeldCapture
from exchange.engine.port import NATIVE
from exchange.model.codec import encode_command, encode_entry
from tests.bench.workload import PlainWorkload
from tests.exchange.engine.native.whole_market import WholeMarket
from tests.recorder import START_NS

if NATIVE not in BUILT_ENGINES:
    pytest.skip("the native engine is not built: no C++20 compiler", allow_module_level=True)

from exchange.engine.native.engine import NativeEngine
from exchange.engine.native.forked_capture import ForkedCapture


class Busy:
    """A native engine that forks for every snapshot, and a market that goes on and on."""

    def __init__(self, seed: int) -> None:
        self.engine = NativeEngine(fork_from_orders=0)
        self.market = WholeMarket(random.Random(seed))
        self.ts_ns = START_NS
        for command in self.market.desk.opening():
            self.apply([encode_command(command)])

    def apply(self, records: list[bytes]) -> None:
        index = self.engine.applied_index + 1
        self.engine.apply(encode_entry(index, 1, self.ts_ns, len(records), b"".join(records)))

    def trade(self, entries: int) -> None:
        for _ in range(entries):
            self.ts_ns += self.market.leap_ns()
            self.apply([self.market.record(self.ts_ns) for _ in range(10)])

    def capture(self) -> ForkedCapture:
        capture = self.engine.begin_snapshot()
        assert isinstance(capture, ForkedCapture)
        return capture


def children() -> set[int]:
    """Process ids of this process's children, dead ones that nobody waited for among them."""
    return {child.pid for child in psutil.Process().children()}


@pytest.fixture(scope="module")
def big() -> NativeEngine:
    """30,000 resting orders: a child is at work for tens of milliseconds."""
    tape = PlainWorkload(1, 2, 15_000).tape(0)
    engine = NativeEngine()
    for entry in tape.setup:
        engine.apply(entry)
    return engine


@pytest.fixture(autouse=True)
def _no_child_is_left() -> Iterator[None]:
    before = children()
    yield
    assert children() <= before


def test_the_bytes_are_those_of_the_entry_at_which_it_began(seed: int) -> None:
    """I10: whatever the engine does meanwhile is not in it."""
    busy = Busy(seed)
    for _ in range(8):
        busy.trade(20)
        held, index = busy.engine.snapshot(), busy.engine.applied_index
        next_seq = busy.engine.next_event_seq
        capture = busy.capture()
        busy.trade(20)
        assert bytes(capture.wait()) == held
        assert (capture.log_index, capture.next_event_seq) == (index, next_seq)
        assert busy.engine.snapshot() != held


def test_several_captures_at_once_do_not_meet(seed: int) -> None:
    busy = Busy(seed)
    begun = []
    for _ in range(4):
        busy.trade(10)
        begun.append((busy.capture(), busy.engine.snapshot()))
    for capture, held in reversed(begun):
        assert bytes(capture.wait()) == held


def test_the_bytes_outlive_engine_and_capture(seed: int) -> None:
    busy = Busy(seed)
    busy.trade(20)
    held, payload = busy.engine.snapshot(), busy.capture().wait()
    del busy
    assert bytes(payload) == held
    assert payload[:4] == b"LSNP"


def test_a_capture_that_is_abandoned_ends_its_child(big: NativeEngine) -> None:
    for capture in begun(big):
        capture.abandon()
        if lost(capture):
            break
    capture.abandon()  # nobody is there any more


def test_who_waits_is_told_when_another_abandons(big: NativeEngine) -> None:
    for capture in begun(big):
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(lost, capture)
            capture.abandon()
            if waiting.result(10):
                break


def test_a_capture_that_nobody_waits_for_leaves_no_process(seed: int) -> None:
    busy = Busy(seed)
    busy.trade(5)
    capture = busy.capture()
    pid = capture.pid
    os.kill(pid, signal.SIGSTOP)
    assert pid in children()
    del capture
    assert pid not in children()


def test_the_engine_is_held_when_no_child_can_be_had(seed: int) -> None:
    """Memory files and processes are bounded by the system; the snapshot is made all the same."""
    busy = Busy(seed)
    busy.trade(5)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        capture = busy.engine.begin_snapshot()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert isinstance(capture, HeldCapture)
    assert "Too many open files" in capture.held_because
    assert capture.wait() == busy.engine.snapshot()


def test_a_child_that_may_not_write_is_a_capture_lost(seed: int) -> None:
    busy = Busy(seed)
    busy.trade(5)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    try:
        capture = busy.capture()
        with pytest.raises(CaptureLost, match="File too large"):
            capture.wait()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert bytes(busy.capture().wait()) == busy.engine.snapshot()


def test_the_child_holds_nothing_of_its_parent(big: NativeEngine) -> None:
    """A socket or a lock that a child kept would look as if a dead primary were alive."""
    one, other = socket.socketpair()
    with one, other:
        assert any(
            set(kept) == {"/memfd:lockstep-snapshot (deleted)"}
            for capture in begun(big)
            for kept in files_of(capture.pid)
        )


ORPHAN = """
import os, signal
from tests.exchange.engine.native.test_capture import Busy
busy = Busy(1)
busy.trade(40)
capture = busy.capture()
os.kill(capture.pid, signal.SIGSTOP)
print(capture.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_child_ends_when_its_node_is_killed(tmp_path: Path) -> None:
    """A crash in the middle: the child goes on with nobody to read it, and ends by itself."""
    said = tmp_path / "pid"
    with said.open("w") as out:  # no pipe: a child that was stopped at once holds it still
        done = subprocess.run([sys.executable, "-c", ORPHAN], stdout=out, check=False)
    assert done.returncode == -signal.SIGKILL
    child = int(said.read_text())
    status = Path(f"/proc/{child}/status")
    if status.exists():
        os.kill(child, signal.SIGCONT)
    deadline = time.monotonic() + 20
    while status.exists() and "zombie" not in status.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_few_orders_are_written_sooner_than_a_child_is_forked() -> None:
    engine = NativeEngine()
    capture = engine.begin_snapshot()
    assert isinstance(capture, HeldCapture)
    assert capture.held_because == ""
    assert capture.wait() == engine.snapshot()


def begun(engine: NativeEngine) -> Iterator[ForkedCapture]:
    """Captures, one after another: any one may be whole before it is looked at."""
    for _ in range(50):
        capture = engine.begin_snapshot()
        assert isinstance(capture, ForkedCapture)
        yield capture
    pytest.fail("50 captures were whole before anybody could look at them")


def lost(capture: ForkedCapture) -> bool:
    """Wait for it; whether it was ended before it was whole."""
    try:
        capture.wait()
    except CaptureLost as error:
        return "signal 9" in str(error)
    return False


def files_of(pid: int) -> Iterator[list[str]]:
    """What a child has open, again and again until it has ended."""
    while True:
        try:
            open_files = [str(at.readlink()) for at in Path(f"/proc/{pid}/fd").iterdir()]
        except FileNotFoundError:
            continue  # one was closed at that moment
        if not open_files:
            return
        yield open_files
