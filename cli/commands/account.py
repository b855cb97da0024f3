"""`exctl account`: accounts of members, their money and holdings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.output import enum_name
from cli.verb import App, Verb, noun, request_id_option, with_app

if TYPE_CHECKING:
    from exchange.client.messages import Account, Balance

account = noun("account", "Accounts of a member: add, disable, enable, list, show.")


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
    _show(app, told.account)


@account.command("disable", cls=Verb)
@click.argument("member")
@click.argument("name")
@request_id_option
@with_app
def disable(app: App, member: str, name: str, request_id: str | None) -> None:
    """Refuse new orders of an account; its cancels are taken, its open orders stay.

    \b
    Example:
      exctl account disable alice alice-2
    """
    _set(app, member, name, "DISABLED", request_id)


@account.command("enable", cls=Verb)
@click.argument("member")
@click.argument("name")
@request_id_option
@with_app
def enable(app: App, member: str, name: str, request_id: str | None) -> None:
    """Take orders of an account again.

    \b
    Example:
      exctl account enable alice alice-2
    """
    _set(app, member, name, "ACTIVE", request_id)


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


def _set(app: App, member: str, name: str, standing: str, request_id: str | None) -> None:
    from exchange.model.enums import Standing

    wanted = Standing[standing]
    told = app.run(
        lambda client: client.update_account(member, name, wanted, request_id=request_id)
    )
    _show(app, told.account)


def _show(app: App, row: Account) -> None:
    cells = {
        "account": row.name,
        "id": row.account_id,
        "member": row.member,
        "standing": enum_name(row, "standing"),
    }
    app.output.record(row, cells)


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
