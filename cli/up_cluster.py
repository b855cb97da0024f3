"""`exchange up`: a cluster on this machine, a process per node.

Room: lays the cluster out where there is none, watches its processes, waits until a primary serves,
gives a new exchange its demo members and instruments, tells where everything is. The lock of DATA
says that this process looks after the cluster; each node has a lock of its own.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import exit_codes
from cli.cluster_files import LocalNode, PortTaken, is_cluster, lay_out, read_nodes
from cli.detached import move_in
from cli.local_exchange import forget_endpoint, write_endpoint
from cli.supervisor import SERVE, Supervisor
from cli.up_single import give_demo, run_demo, set_up_logging, tell_failure, try_this
from storage.errors import DataDirectoryBusyError
from storage.lock import DirectoryLock

if TYPE_CHECKING:
    from exchange.client.messages import GetStatusResponse

WATCH_S = 0.1
SERVING_S = 60.0
"""Longest wait for a primary; then the nodes are stopped and their logs say why."""

ASK_S = 1.0


def run_cluster(
    data: Path,
    port: int,
    *,
    demo_seed: int | None,
    bare: bool,
    log: Path | None,
    serve: Sequence[str] = SERVE,
) -> int:
    """Run the cluster of `data` until SIGINT or SIGTERM; the exit status.

    Args:
        data: made if it is not there.
        port: of a new cluster's first node; 0 = free ones. An old one keeps its ports.
        demo_seed: of the demo market; None = no market.
        bare: leave a new exchange empty.
        log: where the output goes, of a start in the background.
        serve: the command that runs a node.
    """
    from exchange.errors import OperatorFault

    set_up_logging(log)
    try:
        nodes = read_nodes(data) if is_cluster(data) else lay_out(data, port)
        lock = DirectoryLock.acquire(data)
    except (OperatorFault, PortTaken, DataDirectoryBusyError, OSError) as error:
        click.echo(f"exchange: {error}", err=True)
        return exit_codes.REFUSED
    move_in(log, data)
    try:
        return asyncio.run(
            _watch(data, nodes, Supervisor(nodes, click.echo, serve), demo_seed, bare=bare)
        )
    finally:
        forget_endpoint(data)
        lock.release()


async def _watch(
    data: Path,
    nodes: Sequence[LocalNode],
    supervisor: Supervisor,
    demo_seed: int | None,
    *,
    bare: bool,
) -> int:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    supervisor.start()
    ready = loop.create_task(_make_ready(data, nodes, demo_seed, bare=bare), name="up")
    code = exit_codes.OK
    try:
        while not stopping.is_set():
            supervisor.poll()
            failed = ready.done() and not ready.cancelled() and ready.exception() is not None
            refused = None if ready.done() else supervisor.refused()
            if refused is not None or (failed and not _is_told(data)):
                if refused is not None:
                    click.echo(f"exchange: {refused.node.name} did not start", err=True)
                code = exit_codes.REFUSED
                break
            try:
                await asyncio.wait_for(stopping.wait(), WATCH_S)
            except TimeoutError:
                continue
    finally:
        ready.cancel()
        await asyncio.wait([ready])
        tell_failure(ready)
        left = await asyncio.to_thread(supervisor.stop)
        for name in left:
            click.echo(f"exchange: {name} was asked to stop and has not ended", err=True)
    return exit_codes.REFUSED if left else code


def _is_told(data: Path) -> bool:
    from cli.local_exchange import read_endpoint

    told = read_endpoint(data)
    return told is not None and told.pid == os.getpid()


async def _make_ready(
    data: Path, nodes: Sequence[LocalNode], demo_seed: int | None, *, bare: bool
) -> None:
    endpoints = ",".join(node.api for node in nodes)
    status = await _wait_for_primary(endpoints)
    await give_demo(endpoints, bare=bare, timeout_s=SERVING_S)
    write_endpoint(data, endpoints)
    click.echo(f"the cluster serves (data {data}, pid {os.getpid()})")
    primary = status.header.node
    for node in nodes:
        role = "primary" if node.name == primary else node.kind
        click.echo(f"  {node.name:<8} {role:<8} {node.api}  log {node.log}")
    click.echo(
        f"{try_this(endpoints)}Ctrl-C or `exchange down --data {data}` stops it; the data stays"
    )
    await run_demo(endpoints, demo_seed, click.echo)


async def _wait_for_primary(endpoints: str) -> GetStatusResponse:
    from exchange.client import AsyncClient, ClientError

    loop = asyncio.get_running_loop()
    deadline = loop.time() + SERVING_S
    while True:
        try:
            async with AsyncClient(endpoints, operator="local", timeout=ASK_S) as client:
                await client.list_instruments()  # the primary answers, or nobody
                return await client.status()
        except ClientError:
            if loop.time() >= deadline:
                raise
