"""`exctl restrict`: the restricted list (RULEBOOK R8.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from cli.verb import App, Verb, noun, reason_option, request_id_option, with_app

if TYPE_CHECKING:
    from exchange.client.messages import Restriction

restrict = noun("restrict", "The restricted list: add, remove, list.")


def row_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Who may not trade what."""
    for option in (
        click.option("--member", default="", help="A member."),
        click.option("--account", default="", metavar="MEMBER/ACCOUNT", help="An account."),
        click.option("--symbol", default="", help="An instrument, alone or for one of those."),
    ):
        function = option(function)
    return function


@restrict.command("add", cls=Verb)
@row_options
@reason_option
@request_id_option
@with_app
def add(app: App, /, reason: str, request_id: str | None, **row: str) -> None:
    """Refuse new orders of a member or account, or in an instrument; open orders stay.

    \b
    Examples:
      exctl restrict add --member alice --symbol ABC --reason "insider list"
      exctl restrict add --symbol XYZ --reason "sanctions"
    """
    wanted = _row(**row)
    told = app.run(lambda client: client.add_restriction(wanted, reason, request_id=request_id))
    app.output.record(told, {"restricted": _name(wanted)})


@restrict.command("remove", cls=Verb)
@row_options
@reason_option
@request_id_option
@with_app
def remove(app: App, /, reason: str, request_id: str | None, **row: str) -> None:
    """Take a row off the list.

    \b
    Example:
      exctl restrict remove --member alice --symbol ABC --reason "cleared"
    """
    wanted = _row(**row)
    told = app.run(lambda client: client.remove_restriction(wanted, reason, request_id=request_id))
    app.output.record(told, {"free": _name(wanted)})


@restrict.command("list", cls=Verb)
@with_app
def list_rows(app: App) -> None:
    """Show the restricted list.

    \b
    Example:
      exctl restrict list
    """
    told = app.run(lambda client: client.risk_settings())
    app.output.rows(
        "restrictions",
        list(told.restrictions),
        {
            "member": lambda row: row.member,
            "account": lambda row: row.account,
            "symbol": lambda row: row.symbol,
        },
    )


def _row(*, member: str, account: str, symbol: str) -> Restriction:
    from exchange.client.messages import Restriction

    if member and account:
        raise click.UsageError("name --member or --account, not both")
    owner, slash, name = account.partition("/")
    if account and not (slash and owner and name):
        raise click.UsageError(f"--account {account!r} must be MEMBER/ACCOUNT")
    if not (member or account or symbol):
        raise click.UsageError("name --member, --account or --symbol")
    return Restriction(member=member or owner, account=name, symbol=symbol)


def _name(row: Restriction) -> str:
    return " ".join(part for part in (row.member, row.account, row.symbol) if part)
