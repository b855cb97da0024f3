"""The shim does what it says to the files it was told of, and nothing to others."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos import shim
from chaos.shim import Levers

pytestmark = pytest.mark.skipif(bool(shim.missing()), reason=shim.missing())

# Prints one line for each of the calls named: ok, or the errno's name.
CALLS = """
import errno, os, sys, time
inside, outside, calls = sys.argv[1], sys.argv[2], sys.argv[3:]
files = {"in": os.open(inside, os.O_RDWR), "out": os.open(outside, os.O_RDWR)}
files["meta"] = os.open(inside, os.O_RDWR | os.O_DSYNC)
for call in calls:
    what, _, where = call.partition(":")
    began = time.monotonic()
    try:
        if what == "sync":
            os.fdatasync(files[where])
        elif what == "write":
            os.pwrite(files[where], b"x", 0)
        elif what == "grow":
            os.pwrite(files[where], b"x", os.fstat(files[where]).st_size)
        elif what == "clock":
            print(time.time_ns(), end=" ")
        print("ok", round((time.monotonic() - began) * 1000))
    except OSError as error:
        print(errno.errorcode[error.errno], 0)
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shim.build(tmp_path_factory.mktemp("shim"))


@pytest.fixture
def levers(library: Path, tmp_path: Path) -> Iterator[Levers]:
    under = tmp_path / "data"
    under.mkdir()
    (under / "log").write_bytes(b"content")
    (tmp_path / "data-other").write_bytes(b"content")
    made = Levers(library, tmp_path / "levers", under)
    yield made
    made.close()


def told(levers: Levers, directory: Path, *calls: str) -> list[list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", CALLS, directory / "data/log", directory / "data-other", *calls],
        env={**os.environ, **levers.environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )
    return [line.split() for line in done.stdout.splitlines()]


def test_without_a_fault_everything_goes_through(levers: Levers, tmp_path: Path) -> None:
    calls = ("sync:in", "write:in", "write:meta", "grow:in", "sync:out")
    assert [line[0] for line in told(levers, tmp_path, *calls)] == ["ok"] * 5
    assert (levers.disk_hits, levers.clock_hits) == (0, 0)
    assert (tmp_path / "data/log").read_bytes() == b"xontentx"


def test_a_flush_fails_where_it_should_and_a_synchronous_write_is_one(
    levers: Levers, tmp_path: Path
) -> None:
    levers.fail_flushes(errno.EIO)
    calls = ("sync:in", "write:meta", "write:in", "sync:out")
    lines = told(levers, tmp_path, *calls)
    assert [line[0] for line in lines] == ["EIO", "EIO", "ok", "ok"]
    assert levers.disk_hits == 2
    levers.heal()
    assert told(levers, tmp_path, "sync:in")[0][0] == "ok"


def test_writes_fail_and_a_full_disk_still_takes_what_is_allocated(
    levers: Levers, tmp_path: Path
) -> None:
    levers.fail_writes(errno.EIO)
    assert [line[0] for line in told(levers, tmp_path, "write:in", "write:out")] == ["EIO", "ok"]
    levers.heal()
    levers.fill_disk()
    lines = told(levers, tmp_path, "grow:in", "write:in", "sync:in", "grow:out")
    assert [line[0] for line in lines] == ["ENOSPC", "ok", "ok", "ok"]


def test_a_slow_disk_takes_its_time(levers: Levers, tmp_path: Path) -> None:
    levers.slow_disk(50)
    slow, quick = told(levers, tmp_path, "sync:in", "sync:out")
    assert int(slow[1]) >= 50
    assert quick[0] == "ok"
    assert levers.disk_hits == 1


def test_a_hung_flush_returns_when_it_is_let(levers: Levers, tmp_path: Path) -> None:
    levers.hang_disk()
    paths = str(tmp_path / "data/log"), str(tmp_path / "data-other")
    command = [sys.executable, "-c", CALLS, *paths]
    process = subprocess.Popen(
        [*command, "sync:in"],
        env={**os.environ, **levers.environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 20
    while not levers.disk_hits:
        assert time.monotonic() < deadline, "the flush was not met"
        time.sleep(0.005)
    assert process.poll() is None
    levers.heal()
    output, _ = process.communicate(timeout=20)
    assert output.startswith("ok")


def test_the_wall_clock_is_off_by_what_was_said(levers: Levers, tmp_path: Path) -> None:
    levers.bend_clock(-3600)
    ((bent, _, took),) = told(levers, tmp_path, "clock")
    off_s = (time.time_ns() - int(bent)) / 1e9
    assert 3600 <= off_s < 3660
    assert int(took) < 1000, "monotonic time is left alone"
    assert levers.clock_hits > 0


def test_a_compiler_that_refuses_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken.cpp"
    broken.write_text("this is not a program")
    monkeypatch.setattr(shim, "SOURCE", broken)
    with pytest.raises(OSError, match=r"does not build broken\.cpp"):
        shim.build(tmp_path)


def test_without_a_compiler_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "C++ compiler" in shim.missing()
    with pytest.raises(OSError, match="compiler"):
        shim.build(tmp_path)
