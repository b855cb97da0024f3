"""The exchange that runs on this machine: where it is, whether it runs, how it is stopped.

Room: the file `endpoint.json` in a data directory and the process that holds the directory's lock.
The lock, which the kernel drops with the process, decides whether an exchange runs; the file only
tells where. A process is signalled only while it holds the lock of the directory that was named.
"""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import NamedTuple

from storage.lock import holder, is_held

ENDPOINT_FILE = "endpoint.json"
LOG_FILE = "exchange.log"
PID_FILE = "exchange.pid"
DEFAULT_DATA = Path("var/data")
DEFAULT_PORT = 7001
POLL_S = 0.05


class Running(NamedTuple):
    """An exchange that runs: process id, and HOST:PORT ("" = not yet known)."""

    pid: int
    endpoint: str


def running(data: Path) -> Running | None:
    """The exchange that has `data` open; None = there is none."""
    if not is_held(data):
        return None
    pid = holder(data)
    told = read_endpoint(data)
    return Running(pid, told.endpoint if told is not None and told.pid == pid else "")


def read_endpoint(data: Path) -> Running | None:
    """What `endpoint.json` says, whether or not that exchange still runs; None = no such file."""
    try:
        told = json.loads((data / ENDPOINT_FILE).read_text("utf-8"))
        return Running(int(told["pid"]), str(told["endpoint"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None  # absent, or not written by us: then there is no endpoint to know


def write_endpoint(data: Path, endpoint: str) -> None:
    """Say that this process serves `data` at `endpoint`; readers see it whole or not at all."""
    text = json.dumps({"endpoint": endpoint, "pid": os.getpid(), "data": str(data.resolve())})
    partial = data / f"{ENDPOINT_FILE}.partial"
    partial.write_text(text + "\n", "utf-8")
    partial.replace(data / ENDPOINT_FILE)
    (data / PID_FILE).write_text(f"{os.getpid()}\n", "ascii")


def forget_endpoint(data: Path) -> None:
    """Remove what `write_endpoint` wrote."""
    for name in (ENDPOINT_FILE, PID_FILE):
        (data / name).unlink(missing_ok=True)


def stop(data: Path, exchange: Running, timeout_s: float) -> bool:
    """Ask the exchange to stop (SIGTERM) and wait; whether it ended within `timeout_s`.

    Raises PermissionError if it is another user's.
    """
    try:
        os.kill(exchange.pid, signal.SIGTERM)
    except ProcessLookupError:
        return not is_held(data)
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if not is_held(data) and not is_alive(exchange.pid):
            return True
        time.sleep(POLL_S)
    return False


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that ended and was not yet waited for does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("ascii", errors="replace")
    except OSError:
        return Path("/proc/self/stat").exists() is False  # gone meanwhile, or no /proc here
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}
