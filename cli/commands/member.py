"""`exctl member`: trading firms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.output import enum_name
from cli.verb import App, Verb, noun, request_id_option, with_app

if TYPE_CHECKING:
    from exchange.client.messages import Member

member = noun("member", "Trading firms: add, list, disable, enable.")


@member.command("add", cls=Verb)
@click.argument("name")
@request_id_option
@with_app
def add(app: App, name: str, request_id: str | None) -> None:
    """Add a member with one account of the same name.

    \b
    Example:
      exctl member add alice
    """
    _show(app, app.run(lambda client: client.create_member(name, request_id=request_id)).member)


@member.command("list", cls=Verb)
@with_app
def list_members(app: App) -> None:
    """List members.

    \b
    Example:
      exctl -o json member list
    """
    found = app.run(lambda client: client.list_members())
    app.output.rows(
        "members",
        found,
        {
            "member": lambda row: row.name,
            "id": lambda row: row.member_id,
            "standing": lambda row: enum_name(row, "standing"),
            "accounts": lambda row: ", ".join(account.name for account in row.accounts),
        },
    )


@member.command("disable", cls=Verb)
@click.argument("name")
@request_id_option
@with_app
def disable(app: App, name: str, request_id: str | None) -> None:
    """Refuse new orders of a member; its cancels are taken, its open orders stay.

    \b
    Example:
      exctl member disable alice
    """
    _set(app, name, "DISABLED", request_id)


@member.command("enable", cls=Verb)
@click.argument("name")
@request_id_option
@with_app
def enable(app: App, name: str, request_id: str | None) -> None:
    """Take orders of a member again.

    \b
    Example:
      exctl member enable alice
    """
    _set(app, name, "ACTIVE", request_id)


def _set(app: App, name: str, standing: str, request_id: str | None) -> None:
    from exchange.model.enums import Standing

    told = app.run(
        lambda client: client.update_member(name, Standing[standing], request_id=request_id)
    )
    _show(app, told.member)


def _show(app: App, row: Member) -> None:
    cells = {
        "member": row.name,
        "id": row.member_id,
        "standing": enum_name(row, "standing"),
        "accounts": ", ".join(account.name for account in row.accounts),
    }
    app.output.record(row, cells)
