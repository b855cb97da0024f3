"""`exchange up --detach`: the same command in a process of its own, waited for until it serves.

Room: starting that process and telling what became of it. Its output goes to DATA/exchange.log.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click

from cli import exit_codes
from cli.local_exchange import LOG_FILE, POLL_S, read_endpoint

PATIENCE_S = 10.0
"""A detached start tells every so often that it still waits: recovery of a long log takes time."""


def detach(data: Path, options: Sequence[str], *, is_new: bool) -> int:
    """Run `exchange up` with `options` on `data` in the background; the exit status.

    Args:
        data: data directory.
        options: of the command, without --data and --detach.
        is_new: there is nothing in `data` yet. A directory with a file in it is not taken for a new
            one, so the log of the very first start begins beside it; who serves moves it in.
    """
    data.parent.mkdir(parents=True, exist_ok=True)
    log_path = data.parent / f".{data.name}.{os.getpid()}.log" if is_new else data / LOG_FILE
    command = [sys.executable, "-P", "-m", "cli.exchange", "up", "--data", str(data)]
    command += [*options, "--detached-log", str(log_path)]
    with log_path.open("ab") as log:
        begin = log.tell()
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env=environment(),
        )
    return _wait(child, data, log_path, begin)


def move_in(log: Path | None, data: Path) -> None:
    """Put the log of a first start where it belongs."""
    if log is not None and log != data / LOG_FILE:
        log.replace(data / LOG_FILE)


def environment() -> dict[str, str]:
    """Of a process that shall find the packages where this one found them."""
    root = Path(__file__).resolve().parents[1]
    search = os.pathsep.join([str(root), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": search}


def _wait(child: subprocess.Popen[bytes], data: Path, log_path: Path, begin: int) -> int:
    tell_at = time.monotonic() + PATIENCE_S
    while child.poll() is None:
        told = read_endpoint(data)
        if told is not None and told.pid == child.pid:
            click.echo(f"the exchange serves gRPC at {told.endpoint} (data {data}, pid {told.pid})")
            return exit_codes.OK
        if time.monotonic() > tell_at:
            click.echo(f"still starting (pid {child.pid}, log {log_path})", err=True)
            tell_at += PATIENCE_S
        time.sleep(POLL_S)
    path = log_path if log_path.exists() else data / LOG_FILE  # moved once it served
    click.echo(path.read_bytes()[begin:].decode("utf-8", "replace").rstrip(), err=True)
    if path != data / LOG_FILE:
        path.unlink()
    return child.returncode or exit_codes.REFUSED
