"""`exchange up`: an exchange on this machine, ready to trade."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import exit_codes
from cli.commands.serve import LOG_FORMAT
from cli.local_exchange import (
    DEFAULT_DATA,
    DEFAULT_PORT,
    LOG_FILE,
    POLL_S,
    forget_endpoint,
    read_endpoint,
    running,
    write_endpoint,
)
from storage.marker import MARKER_FILE

if TYPE_CHECKING:
    from exchange.node import Node

PATIENCE_S = 10.0
"""A detached start tells every so often that it still waits: recovery of a long log takes time."""


@click.command("up")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT_DATA,
    show_default=True,
    help="Data directory; made if it is not there.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port on 127.0.0.1; 0 takes any free one.",
)
@click.option(
    "--single", is_flag=True, expose_value=False, help="One node (there is no other form yet)."
)
@click.option("--detach", is_flag=True, help="Return once the exchange serves.")
@click.option("--demo", is_flag=True, help="Add a seeded market of several members.")
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of --demo.")
@click.option("--no-demo-setup", is_flag=True, help="Leave a new exchange empty.")
@click.option("--detached-log", type=click.Path(path_type=Path), hidden=True)
def up_command(
    data: Path,
    port: int,
    detach: bool,
    demo: bool,
    seed: int,
    no_demo_setup: bool,
    detached_log: Path | None,
) -> None:
    """Start the exchange on this machine.

    A new one gets a few instruments (ABC, XYZ, BTC-USD) and members (alice, bob, mm1, mm2), with
    trading open. In the foreground it serves until Ctrl-C. An exchange that already runs on the
    data directory is left alone: its endpoint is printed, exit status 0.

    \b
    Examples:
      exchange up
      exchange up --detach --port 0 --data /tmp/exchange
      exchange up --demo
    """
    already = running(data)
    if already is not None:
        where = already.endpoint or "not serving yet"
        click.echo(f"already running: {where} (pid {already.pid}, data {data})")
        return
    if demo and no_demo_setup:
        raise click.UsageError("--demo trades the demo instruments; leave --no-demo-setup out")
    options = ["--demo", "--seed", str(seed)] if demo else []
    options += ["--no-demo-setup"] if no_demo_setup else []
    if detach:
        sys.exit(_detach(data, port, options))
    sys.exit(
        _run(data, port, demo_seed=seed if demo else None, bare=no_demo_setup, log=detached_log)
    )


def _run(data: Path, port: int, *, demo_seed: int | None, bare: bool, log: Path | None) -> int:
    from exchange.config import NodeConfig
    from exchange.node import serve

    level = logging.WARNING if log is None else logging.INFO
    logging.basicConfig(level=level, format=LOG_FORMAT, stream=sys.stderr)
    tasks: list[asyncio.Task[None]] = []

    def on_started(node: Node) -> None:
        if log is not None and log != data / LOG_FILE:
            log.replace(data / LOG_FILE)
        ready = _make_ready(data, node.endpoint, demo_seed=demo_seed, bare=bare)
        tasks.append(asyncio.get_running_loop().create_task(ready, name="up"))
        tasks[0].add_done_callback(_tell_failure)

    code = serve(NodeConfig(data_dir=str(data), listen=f"127.0.0.1:{port}"), on_started)
    if tasks:
        forget_endpoint(data)
    return code


async def _make_ready(data: Path, endpoint: str, *, demo_seed: int | None, bare: bool) -> None:
    from cli.demo_market import run_market
    from cli.demo_setup import set_up
    from exchange.client import AsyncClient

    if not bare:
        async with AsyncClient(endpoint, operator="local") as client:
            added = await set_up(client)
        if added:
            click.echo(f"new exchange: added {', '.join(added)}; trading is open")
    write_endpoint(data, endpoint)
    _greet(data, endpoint)
    if demo_seed is not None:
        await run_market(endpoint, demo_seed, click.echo)


def _greet(data: Path, endpoint: str) -> None:
    to = f"{_exctl()} --endpoints {endpoint}"
    click.echo(
        f"the exchange serves gRPC at {endpoint} (data {data}, pid {os.getpid()})\n"
        "try:\n"
        f"  {to} status\n"
        f"  {to} order submit --member alice --cl-ord-id a1 ABC buy 10 100.00\n"
        f"  {to} book ABC\n"
        f"Ctrl-C or `exchange down --data {data}` stops it; the data stays"
    )


# As the reader can type it here: by name where the shell would find this very program.
def _exctl() -> str:
    beside = Path(sys.argv[0]).with_name("exctl")
    found = shutil.which("exctl")
    if not beside.is_file() or (found is not None and Path(found).samefile(beside)):
        return "exctl"
    return os.path.relpath(beside)


# The node goes on serving: it is the setup that failed, and the operator can do it by hand.
def _tell_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        logging.getLogger("lockstep.up").error("setup or demo failed", exc_info=task.exception())


def _detach(data: Path, port: int, options: list[str]) -> int:
    data.parent.mkdir(parents=True, exist_ok=True)
    log_path = data / LOG_FILE
    # A directory with a file in it is not taken for a new data directory, so the log of the very
    # first start begins beside it and is moved in by the node when it serves.
    if not (data / MARKER_FILE).exists():
        log_path = data.parent / f".{data.name}.{os.getpid()}.log"
    command = [sys.executable, "-P", "-m", "cli.exchange", "up", "--data", str(data)]
    command += ["--port", str(port), *options, "--detached-log", str(log_path)]
    root = Path(__file__).resolve().parents[2]
    search = os.pathsep.join([str(root), *filter(None, [os.environ.get("PYTHONPATH")])])
    with log_path.open("ab") as log:
        begin = log.tell()
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": search},
        )
    return _wait(child, data, log_path, begin)


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
