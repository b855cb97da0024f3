"""`exchange up`: an exchange on this machine, ready to trade."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cli import exit_codes
from cli.local_exchange import DEFAULT_DATA, DEFAULT_PORT, running
from storage.marker import MARKER_FILE


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
    help="Port on 127.0.0.1, of a cluster the first one; 0 takes any free ones.",
)
@click.option("--single", is_flag=True, help="One node instead of a cluster of four.")
@click.option("--detach", is_flag=True, help="Return once the exchange serves.")
@click.option("--demo", is_flag=True, help="Add a seeded market of several members.")
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of --demo.")
@click.option("--no-demo-setup", is_flag=True, help="Leave a new exchange empty.")
@click.option("--detached-log", type=click.Path(path_type=Path), hidden=True)
def up_command(
    data: Path,
    port: int,
    single: bool,
    detach: bool,
    demo: bool,
    seed: int,
    no_demo_setup: bool,
    detached_log: Path | None,
) -> None:
    """Start the exchange on this machine: primary, hot standby, arbiter and dr node.

    Each is a process of its own under DATA/nodes, with a TLS identity for its links to the others.
    With --single it is one node in one process.

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
    from cli.detached import detach as run_detached

    _refuse_the_other_form(data, single=single)
    if detach:
        options = ["--single"] if single else []
        options += ["--port", str(port)]
        options += ["--demo", "--seed", str(seed)] if demo else []
        options += ["--no-demo-setup"] if no_demo_setup else []
        sys.exit(run_detached(data, options, is_new=not _is_made(data)))
    demo_seed = seed if demo else None
    if single:
        from cli.up_single import run_single

        sys.exit(run_single(data, port, demo_seed=demo_seed, bare=no_demo_setup, log=detached_log))
    from cli.up_cluster import run_cluster

    sys.exit(run_cluster(data, port, demo_seed=demo_seed, bare=no_demo_setup, log=detached_log))


def _is_made(data: Path) -> bool:
    from cli.cluster_files import is_cluster

    return (data / MARKER_FILE).exists() or is_cluster(data)


def _refuse_the_other_form(data: Path, *, single: bool) -> None:
    from cli.cluster_files import is_cluster

    if single and is_cluster(data):
        told = "holds a cluster; start it without --single"
    elif not single and (data / MARKER_FILE).exists():
        told = "holds a single node; start it with --single"
    else:
        return
    click.echo(f"exchange: {data} {told}, or name another directory with --data", err=True)
    sys.exit(exit_codes.REFUSED)
