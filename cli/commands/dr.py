"""`exctl dr`: the node in the other place: how far it is, whether it could lead, making it lead."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from cli import exit_codes
from cli.commands.status import register_cells
from cli.confirm import confirm
from cli.output import warn
from cli.verb import App, Verb, noun, reason_option, with_app, yes_option

if TYPE_CHECKING:
    from cli.cluster_view import ClusterView
    from exchange.client.messages import GetDrStatusResponse, PromoteDrResponse, TestDrResponse

dr = noun("dr", "The disaster recovery node: status, test, promote.")


@dr.command("status", cls=Verb)
@with_app
def status(app: App) -> None:
    """Show how far the dr node is, and what its promotion would lose now.

    The dr node is asked itself; if it does not answer, the others tell what they know.

    \b
    Example:
      exctl dr status
    """
    told = _dr_status(app, _view(app))
    app.output.record(told, _cells(told))


@dr.command("test", cls=Verb)
@with_app
def test(app: App) -> None:
    """Check whether the dr node could be promoted now; changes nothing.

    Exit status 5 if a check fails.

    \b
    Example:
      exctl dr test
    """
    endpoint = _dr_endpoint(_view(app))

    async def ask() -> TestDrResponse:
        async with app.connection.client(endpoint=endpoint, serving_only=False) as client:
            return await client.test_dr()

    checks = app.drive(ask).checks
    rows = [
        {"check": c.name, "passed": "yes" if c.passed else "NO", "text": c.text} for c in checks
    ]
    app.output.items("checks", rows)
    sys.exit(exit_codes.OK if all(c.passed for c in checks) else exit_codes.UNHEALTHY)


@dr.command("promote", cls=Verb)
@reason_option
@yes_option
@with_app
def promote(app: App, reason: str, yes: bool) -> None:
    """Make the dr node the primary of a new generation, when the others are lost.

    What the old primary acknowledged and the dr node has not is lost: the bound is printed first.
    Nodes of the old generation refuse to serve from then on (cli/README.md, failing back).

    \b
    Example:
      exctl dr promote --reason "data centre lost"
    """
    view = _view(app)
    endpoint = _dr_endpoint(view)
    told = _dr_status(app, view)
    warn(f"{told.node} holds the log up to entry {told.durable_seq}")
    confirm(f"lost by promoting it: {told.loss_bound}", told.node, yes=yes)

    async def ask() -> PromoteDrResponse:
        async with app.connection.client(endpoint=endpoint, serving_only=False) as client:
            return await client.promote_dr(accepted_log_index=told.durable_seq, reason=reason)

    done = app.drive(ask)
    app.output.record(done, {"log index": done.log_index, **register_cells(done.register)})


def _view(app: App) -> ClusterView:
    from cli.cluster_view import ask_all

    view = app.drive(lambda: ask_all(app.connection))
    if not view.answers:
        warn("no endpoint answers")
        sys.exit(exit_codes.UNREACHABLE)
    return view


def _dr_endpoint(view: ClusterView) -> str:
    for node in view.nodes:
        if node.kind == "dr":
            return node.endpoint
    warn("NOT_A_CLUSTER: no node tells of a dr node; name its endpoint with --endpoints")
    sys.exit(exit_codes.REFUSED)


def _dr_status(app: App, view: ClusterView) -> GetDrStatusResponse:
    endpoint = _dr_endpoint(view)
    silent = endpoint in view.errors

    async def ask() -> GetDrStatusResponse:
        where = (view.who_steers or None) if silent else endpoint
        async with app.connection.client(endpoint=where, serving_only=False) as client:
            return await client.dr_status()

    if silent:
        warn(f"the dr node does not answer at {endpoint}; this is what the others know")
    return app.drive(ask)


def _cells(told: GetDrStatusResponse) -> dict[str, object]:
    return {
        "node": told.node,
        "endpoint": told.endpoint,
        "generation": told.generation,
        "connected": "yes" if told.connected else "NO",
        "durable": told.durable_seq,
        "applied": told.applied_seq,
        "committed": told.committed_seq,
        "behind": f"{told.lag_entries} entries, {told.lag_bytes} bytes, {told.lag_ms:.1f} ms",
        "heard from the primary": f"{told.silent_ms} ms ago",
        "promotion loses": told.loss_bound,
    }
