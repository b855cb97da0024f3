"""`exchange up --single`: one node in this process.

Room: runs the node, gives a new exchange its demo members and instruments, tells where it is.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.commands.serve import LOG_FORMAT
from cli.detached import move_in
from cli.local_exchange import forget_endpoint, write_endpoint

if TYPE_CHECKING:
    from exchange.node import AnyNode


def run_single(
    data: Path, port: int, *, demo_seed: int | None, bare: bool, log: Path | None
) -> int:
    """Serve until SIGINT or SIGTERM; the exit status.

    Args:
        data: data directory.
        port: of the API; 0 = any free one.
        demo_seed: of the demo market; None = no market.
        bare: leave a new exchange empty.
        log: where the output goes, of a start in the background.
    """
    from exchange.config import NodeConfig
    from exchange.node import serve

    set_up_logging(log)
    tasks: list[asyncio.Task[None]] = []

    def on_started(node: AnyNode) -> None:
        move_in(log, data)
        ready = _make_ready(data, node.endpoint, demo_seed=demo_seed, bare=bare)
        tasks.append(asyncio.get_running_loop().create_task(ready, name="up"))
        tasks[0].add_done_callback(tell_failure)

    code = serve(NodeConfig(data_dir=str(data), listen=f"127.0.0.1:{port}"), on_started)
    if tasks:
        forget_endpoint(data)
    return code


async def _make_ready(data: Path, endpoint: str, *, demo_seed: int | None, bare: bool) -> None:
    await give_demo(endpoint, bare=bare)
    write_endpoint(data, endpoint)
    click.echo(
        f"the exchange serves gRPC at {endpoint} (data {data}, pid {os.getpid()})\n"
        f"{try_this(endpoint)}"
        f"Ctrl-C or `exchange down --data {data}` stops it; the data stays"
    )
    await run_demo(endpoint, demo_seed, click.echo)


def set_up_logging(log: Path | None) -> None:
    """Warnings on a terminal, more in a file."""
    level = logging.WARNING if log is None else logging.INFO
    logging.basicConfig(level=level, format=LOG_FORMAT, stream=sys.stderr)


async def give_demo(endpoints: str, *, bare: bool, timeout_s: float = 10.0) -> None:
    """Give a new exchange its members and instruments, unless it is to stay `bare`."""
    from cli.demo_setup import set_up
    from exchange.client import AsyncClient

    if bare:
        return
    async with AsyncClient(endpoints, operator="local", timeout=timeout_s) as client:
        added = await set_up(client)
    if added:
        click.echo(f"new exchange: added {', '.join(added)}; trading is open")


async def run_demo(endpoints: str, seed: int | None, tell: Callable[[str], None]) -> None:
    """Trade until cancelled; with seed None return at once."""
    from cli.demo_market import run_market

    if seed is not None:
        await run_market(endpoints, seed, tell)


def try_this(endpoints: str) -> str:
    """What a person could do first, as it can be typed here."""
    to = f"{_exctl()} --endpoints {endpoints}"
    return (
        "try:\n"
        f"  {to} status\n"
        f"  {to} order submit --member alice --cl-ord-id a1 ABC buy 10 100.00\n"
        f"  {to} book ABC\n"
    )


# The node goes on serving: it is the setup that failed, and the operator can do it by hand.
def tell_failure(task: asyncio.Task[None]) -> None:
    """Log why the setup or the demo market ended, if it failed."""
    if not task.cancelled() and task.exception() is not None:
        logging.getLogger("lockstep.up").error("setup or demo failed", exc_info=task.exception())


# By name where the shell would find this very program.
def _exctl() -> str:
    beside = Path(sys.argv[0]).with_name("exctl")
    found = shutil.which("exctl")
    if not beside.is_file() or (found is not None and Path(found).samefile(beside)):
        return "exctl"
    return os.path.relpath(beside)
