"""`exctl status`: the nodes at a glance."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

import click

from cli import exit_codes
from cli.verb import App, Verb, code_of, tell, with_app

if TYPE_CHECKING:
    from exchange.client import ClientError
    from exchange.client.messages import GetStatusResponse, NodeStatus


class Seen(NamedTuple):
    """What the endpoints said."""

    answers: list[GetStatusResponse]
    errors: dict[str, ClientError]

    @property
    def nodes(self) -> list[NodeStatus]:
        """Each node once, as it tells of itself where it was asked."""
        found: dict[str, NodeStatus] = {}
        for answer in self.answers:
            found[answer.nodes[0].name] = answer.nodes[0]
        for answer in self.answers:
            for node in answer.nodes[1:]:
                found.setdefault(node.name, node)
        return list(found.values())


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
    while True:
        seen = app.drive(lambda: _ask(app))
        if watch and app.output.is_table:
            click.clear()
        code = _show(app, seen)
        if not watch:
            sys.exit(code)
        time.sleep(every)


async def _ask(app: App) -> Seen:
    from exchange.client import ClientError, parse_endpoints

    answers: list[GetStatusResponse] = []
    errors: dict[str, ClientError] = {}

    async def ask(endpoint: str) -> None:
        async with app.connection.client(endpoint=endpoint, serving_only=False) as client:
            try:
                answers.append(await client.status())
            except ClientError as error:
                errors[endpoint] = error

    async with asyncio.TaskGroup() as group:
        for endpoint in parse_endpoints(app.connection.endpoints):
            group.create_task(ask(endpoint))
    return Seen(answers, errors)


def _show(app: App, seen: Seen) -> int:
    from exchange.client import as_dict

    for error in seen.errors.values():
        tell(error)
    if not seen.answers:
        return code_of(next(iter(seen.errors.values())))
    nodes = seen.nodes
    if app.output.is_table:
        _table(app, nodes)
    else:
        told = as_dict(seen.answers[0])
        told["nodes"] = [as_dict(node) for node in nodes]
        told["unreachable"] = sorted(seen.errors)
        app.output.record(told, {})
    healthy = all(node.healthy for node in nodes) and not seen.errors
    return exit_codes.OK if healthy else exit_codes.UNHEALTHY


def _table(app: App, nodes: list[NodeStatus]) -> None:
    headings = ["node", "role", "endpoint", "healthy", "epoch", "durable", "applied", "day"]
    headings += ["open orders", "pending", "readers", "disk free", "version", "engine"]
    app.output.table(
        headings,
        [
            [
                node.name,
                node.role,
                node.endpoint,
                "yes" if node.healthy else "NO",
                node.epoch,
                node.durable_seq,
                node.applied_seq,
                node.trading_day,
                node.open_orders,
                node.pending_commands,
                node.subscribers,
                f"{node.disk_free_bytes / (1 << 30):.1f} GiB",
                node.version,
                node.engine,
            ]
            for node in nodes
        ],
    )
    for node in nodes:
        for alarm in node.alarms:
            click.echo(f"alarm on {node.name}: {alarm}")
