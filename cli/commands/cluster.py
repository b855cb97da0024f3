"""`exctl cluster`: who leads, who is kept out, what one copy of the log may do."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from cli import exit_codes
from cli.commands.status import register_cells, show
from cli.confirm import confirm
from cli.output import warn
from cli.verb import App, Verb, noun, reason_option, with_app, yes_option

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from exchange.client import AsyncClient
    from exchange.client.messages import Register

SETTLE_S = 3.0
MODES = ("spare", "continue", "pause")

cluster = noun("cluster", "Who leads and who is kept out: status, transfer, fence, mode ...")


@cluster.command("status", cls=Verb)
@with_app
def status(app: App) -> None:
    """Show the register: primary, epoch, in-sync set, fenced nodes, and then the nodes.

    \b
    Example:
      exctl cluster status
    """
    from cli.cluster_view import ask_all

    view = app.drive(lambda: ask_all(app.connection))
    if view.register is not None and app.output.is_table:
        app.output.record(view.register, register_cells(view.register))
    sys.exit(show(app, view))


@cluster.command("transfer", cls=Verb)
@click.argument("node", required=False, default="")
@click.option("--dry-run", is_flag=True, help="Only check whether it could be done.")
@reason_option
@with_app
def transfer(app: App, node: str, dry_run: bool, reason: str) -> None:
    """Hand leadership to NODE, or to the first other member in sync (planned switch).

    Nothing acknowledged is lost and clients go on; orders wait for some tenths of a second.

    \b
    Example:
      exctl cluster transfer n2 --reason "kernel update on n1"
    """
    _steer(
        app,
        lambda client: client.transfer_primary(node, reason=reason, validate_only=dry_run),
        changes=not dry_run,
    )


@cluster.command("fence", cls=Verb)
@click.argument("node")
@reason_option
@yes_option
@with_app
def fence(app: App, node: str, reason: str, yes: bool) -> None:
    """Keep NODE out of leadership and of the in-sync set, until it is unfenced.

    \b
    Example:
      exctl cluster fence n2 --reason "disk errors"
    """
    confirm(f"{node} will hold no complete copy of the log and cannot take over", node, yes=yes)
    _steer(app, lambda client: client.fence_node(node, reason=reason))


@cluster.command("unfence", cls=Verb)
@click.argument("node")
@reason_option
@with_app
def unfence(app: App, node: str, reason: str) -> None:
    """Let NODE in again: it catches up, proves its digest and joins the in-sync set.

    \b
    Example:
      exctl cluster unfence n2 --reason "disk replaced"
    """
    _steer(app, lambda client: client.unfence_node(node, reason=reason))


@cluster.command("degrade", cls=Verb)
@click.option("--accept-single-copy", is_flag=True, help="Must be given: see below.")
@reason_option
@yes_option
@with_app
def degrade(app: App, accept_single_copy: bool, reason: str, yes: bool) -> None:
    """Go on with one copy of the log, after a pause (mode pause).

    From then on the loss of one disk loses acknowledged orders, until a second copy is in sync.

    \b
    Example:
      exctl cluster degrade --accept-single-copy --reason "n2 is burning"
    """
    if not accept_single_copy:
        raise click.UsageError("say --accept-single-copy: one disk will hold the only copy")
    confirm("one disk will hold the only copy of what is acknowledged", "single", yes=yes)
    _steer(app, lambda client: client.degrade(reason=reason))


@cluster.command("mode", cls=Verb)
@click.argument("mode", type=click.Choice(MODES))
@reason_option
@with_app
def mode(app: App, mode: str, reason: str) -> None:
    """Say what happens when one copy of the log is left.

    spare: the dr node is brought level and taken in first. continue: trading goes on, with an
    alarm. pause: nothing is acknowledged until `exctl cluster degrade`.

    \b
    Example:
      exctl cluster mode pause --reason "month end"
    """
    _steer(app, lambda client: client.set_on_single_copy(mode, reason=reason))


# The primary, also while it serves no orders; where it does not answer, a data node that does.
# `changes`: another node makes the change, and its answer may be older than that.
def _steer(
    app: App, work: Callable[[AsyncClient], Awaitable[Register]], *, changes: bool = False
) -> None:
    from cli.cluster_view import ask_all

    view = app.drive(lambda: ask_all(app.connection))
    if not view.answers:
        warn("no endpoint answers")
        sys.exit(exit_codes.UNREACHABLE)

    async def steer() -> Register:
        async with app.connection.client(
            endpoint=view.who_steers or None, serving_only=False
        ) as client:
            return await work(client)

    register = app.drive(steer)
    deadline = time.monotonic() + SETTLE_S
    before = view.newest.register.version
    while changes and register.version == before and time.monotonic() < deadline:
        seen = app.drive(lambda: ask_all(app.connection))
        register = seen.register or register
    app.output.record(register, register_cells(register))
