"""`exctl account`: accounts of members."""

from __future__ import annotations

import click

from cli.output import enum_name
from cli.verb import App, Verb, noun, request_id_option, with_app

account = noun("account", "Accounts of a member: add, list.")


@account.command("add", cls=Verb)
@click.argument("member")
@click.argument("name")
@request_id_option
@with_app
def add(app: App, member: str, name: str, request_id: str | None) -> None:
    """Add an account to a member.

    \b
    Example:
      exctl account add alice alice-2
    """
    told = app.run(lambda client: client.create_account(member, name, request_id=request_id))
    row = told.account
    app.output.record(row, {"account": row.name, "id": row.account_id, "member": row.member})


@account.command("list", cls=Verb)
@click.argument("member", default="")
@with_app
def list_accounts(app: App, member: str) -> None:
    """List accounts, of one member or of all.

    \b
    Example:
      exctl account list alice
    """
    found = app.run(lambda client: client.list_members())
    rows = [row for owner in found if member in {"", owner.name} for row in owner.accounts]
    app.output.rows(
        "accounts",
        rows,
        {
            "account": lambda row: row.name,
            "id": lambda row: row.account_id,
            "member": lambda row: row.member,
            "standing": lambda row: enum_name(row, "standing"),
        },
    )
