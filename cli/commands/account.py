"""`exctl account`: accounts of members, their money and holdings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.output import enum_name
from cli.verb import App, Verb, noun, request_id_option, with_app

if TYPE_CHECKING:
    from exchange.client.messages import Balance

account = noun("account", "Accounts of a member: add, list, show.")


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


@account.command("show", cls=Verb)
@click.argument("member")
@click.argument("name", default="")
@with_app
def show(app: App, member: str, name: str) -> None:
    """Show cash, buying power, margin, positions, open orders and results.

    \b
    Examples:
      exctl account show alice
      exctl -o json account show alice alice-2
    """
    found = app.run(lambda client: client.portfolios(member, name))
    if not app.output.is_table:
        for row in found:
            app.output.record(row, {})
        return
    for row in found:
        app.output.table(
            ["account", "currency", "cash", "reserved", "buying power", "equity", "margin", "call"],
            [_money(f"{row.member}/{row.account}", money) for money in row.balances],
        )
        app.output.table(
            ["symbol", "qty", "cost", "realised", "unrealised", "open buys", "open sells"],
            [
                [
                    held.symbol,
                    held.qty,
                    held.cost,
                    held.realised,
                    held.unrealised,
                    held.open_buy_qty,
                    held.open_sell_qty,
                ]
                for held in row.holdings
            ],
        )


def _money(account_name: str, money: Balance) -> list[object]:
    due = money.call_deadline.ToJsonString() if money.HasField("call_deadline") else ""
    return [
        account_name,
        money.currency,
        money.cash,
        money.reserved,
        money.buying_power,
        money.equity,
        f"{money.maintenance_margin} of {money.initial_margin}",
        due,
    ]
