"""`exctl status`: the nodes at a glance."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from cli import exit_codes
from cli.output import warn
from cli.verb import App, Verb, code_of, tell, with_app

if TYPE_CHECKING:
    from cli.cluster_view import ClusterView
    from exchange.client.messages import NodeStatus, Register

DIGEST_CHARS = 8
GIB, MIB, KIB = 1 << 30, 1 << 20, 1 << 10


@click.command("status", cls=Verb)
@click.option("--watch", is_flag=True, help="Again every --every seconds, until Ctrl-C.")
@click.option("--every", type=click.FloatRange(0.1), default=1.0, show_default=True)
@with_app
def status(app: App, watch: bool, every: float) -> None:
    """Show the nodes. Each endpoint is asked, also one that does not serve orders.

    Exit status 5 if an alarm is raised or an endpoint does not answer, 3 if none does.

    \b
    Examples:
      exctl status
      exctl -o json status
      exctl status --watch
    """
    from cli.cluster_view import ask_all

    while True:
        view = app.drive(lambda: ask_all(app.connection))
        if watch and app.output.is_table:
            click.clear()
        code = show(app, view)
        if not watch:
            sys.exit(code)
        time.sleep(every)


def show(app: App, view: ClusterView) -> int:
    """Print what the endpoints said; the exit status."""
    from exchange.client import as_dict

    if not view.answers:
        for error in view.errors.values():
            tell(error)
        return code_of(next(iter(view.errors.values())))
    for endpoint in view.errors:
        warn(f"no answer from {endpoint}")
    if app.output.is_table:
        if view.register is None:
            _single_table(app, view.nodes)
        else:
            _cluster_table(app, view.nodes)
            _tell_register(view.register)
        for node in view.nodes:
            for alarm in node.alarms:
                click.echo(f"alarm on {node.name}: {alarm}")
    else:
        told = as_dict(view.newest)
        told["nodes"] = [as_dict(node) for node in view.nodes]
        told["unreachable"] = sorted(view.errors)
        app.output.record(told, {})
    return exit_codes.OK if view.is_healthy else exit_codes.UNHEALTHY


def _single_table(app: App, nodes: list[NodeStatus]) -> None:
    headings = ["node", "role", "endpoint", "pid", "healthy", "epoch", "durable", "applied", "day"]
    headings += ["open orders", "pending", "readers", "disk free", "version", "engine"]
    app.output.table(
        headings,
        [
            [
                *_head(node),
                node.durable_seq,
                node.applied_seq,
                node.trading_day,
                node.open_orders,
                node.pending_commands,
                node.subscribers,
                _free(node),
                node.version,
                node.engine,
            ]
            for node in nodes
        ],
    )


def _cluster_table(app: App, nodes: list[NodeStatus]) -> None:
    headings = ["node", "role", "endpoint", "pid", "healthy", "epoch", "in sync", "durable"]
    headings += [
        "committed",
        "applied",
        "digest",
        "lag ms",
        "behind",
        "memory",
        "queued",
        "disk free",
    ]
    app.output.table(
        headings,
        [
            [
                *_head(node),
                "yes" if node.in_sync else "",
                node.durable_seq,
                node.committed_seq,
                node.applied_seq,
                node.digest[:DIGEST_CHARS],
                round(node.lag_ms, 1),
                node.lag_entries,
                f"{node.memory_bytes // MIB} MiB",
                f"{node.queued_bytes // KIB} KiB",
                _free(node),
            ]
            for node in nodes
        ],
    )


def _head(node: NodeStatus) -> list[object]:
    healthy = "yes" if node.healthy else "NO"
    return [node.name, node.role, node.endpoint, node.pid or "", healthy, node.epoch]


def _free(node: NodeStatus) -> str:
    return f"{node.disk_free_bytes / GIB:.1f} GiB"


def register_cells(register: Register) -> dict[str, object]:
    """The register for people."""
    from cli.output import enum_name

    fenced = ", ".join(f"{name} ({why})" for name, why in sorted(register.fenced.items()))
    return {
        "primary": register.primary or "(none)",
        "epoch": register.epoch,
        "generation": register.generation,
        "register version": register.version,
        "in sync": ", ".join(sorted(register.in_sync)) or "(none)",
        "fenced": fenced or "(none)",
        "on single copy": enum_name(register, "on_single_copy"),
        "register": "healthy" if register.healthy else "NO MAJORITY",
        "voters": register.voters,
        "voters' leader": register.leader or "(none)",
    }


def _tell_register(register: Register) -> None:
    cells = register_cells(register)
    names = ("primary", "epoch", "generation", "in sync", "fenced", "on single copy", "register")
    click.echo(", ".join(f"{name} {cells[name]}" for name in names))
