"""`exchange down`: stops the exchange that `exchange up` started."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cli import exit_codes
from cli.local_exchange import DEFAULT_DATA, forget_endpoint, running, stop

WAIT_S = 60.0


@click.command("down")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT_DATA,
    show_default=True,
    help="Data directory of the exchange.",
)
@click.option("--wait", type=click.FloatRange(0), default=WAIT_S, help="Seconds to wait.")
def down_command(data: Path, wait: float) -> None:
    """Stop the exchange that runs on a data directory and wait until it has ended.

    What was admitted is answered first; the data stays. Exit status 0 also if none was running:
    what was wanted is so. Exit status 1 if it did not end in time.

    \b
    Example:
      exchange down --data ./var/data
    """
    exchange = running(data)
    if exchange is None and _stop_orphans(data, wait):
        forget_endpoint(data)
        return
    if exchange is None:
        if data.is_dir():
            forget_endpoint(data)  # of one that was killed
        click.echo(f"no exchange runs on {data}")
        return
    try:
        ended = stop(data, exchange, wait)
    except PermissionError:
        click.echo(f"exchange: pid {exchange.pid} on {data} is another user's", err=True)
        sys.exit(exit_codes.REFUSED)
    if not ended:
        click.echo(
            f"exchange: pid {exchange.pid} was asked to stop and has not ended after {wait:g} s; "
            "wait longer (--wait), or kill it: nothing acknowledged is lost",
            err=True,
        )
        sys.exit(exit_codes.REFUSED)
    forget_endpoint(data)
    click.echo(f"stopped the exchange on {data} (pid {exchange.pid}); the data stays")


# Nodes of a cluster whose supervisor was killed run on; whether there were any.
def _stop_orphans(data: Path, wait: float) -> bool:
    from cli.cluster_files import is_cluster, read_nodes
    from cli.supervisor import stop_orphans

    nodes = read_nodes(data) if is_cluster(data) else []
    alive = [node for node in nodes if running(node.data) is not None]
    if not alive:
        return False
    left = stop_orphans(alive, wait)
    if left:
        click.echo(f"exchange: {', '.join(left)} has not ended after {wait:g} s", err=True)
        sys.exit(exit_codes.REFUSED)
    click.echo(f"stopped {', '.join(node.name for node in alive)} on {data}; the data stays")
    return True
