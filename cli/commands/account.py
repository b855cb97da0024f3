"""`exctl account`: accounts of members, their money and holdings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.output import enum_name
from cli.verb import App, Verb, noun, request_id_option, with_app

if TYPE_CHECKING:
    from exchange.client import AsyncClient
    from exchange.client.messages import Account, Balance, Holding, Order, Portfolio

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

    async def ask(client: AsyncClient) -> tuple[dict[str, int], list[Portfolio], list[Order]]:
        scales = {row.symbol: row.qty_decimals for row in await client.list_instruments()}
        found = await client.portfolios(member, name)
        orders = await client.list_orders(member=member, account=name, live_only=True)
        return scales, found, orders

    scales, found, orders = app.run(ask)
    if not app.output.is_table:
        for row in found:
            app.output.record(row, {})
        return
    for row in found:
        app.output.table(MONEY, [_money(f"{row.member}/{row.account}", x) for x in row.balances])
        app.output.table(HOLDING, [_holding(held, scales) for held in row.holdings])
    app.output.table(ORDER, [_order(row, scales) for row in orders])


MONEY = [
    *("account", "currency", "cash", "reserved", "buying power", "equity"),
    *("realised", "unrealised", "margin", "call"),
]
HOLDING = [
    *("symbol", "qty", "average", "cost", "mark", "value"),
    *("realised", "unrealised", "open buys", "open sells"),
]
ORDER = ["open order", "account", "symbol", "side", "leaves", "price", "cl_ord_id"]


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
        money.realised,
        money.unrealised,
        f"{money.maintenance_margin} of {money.initial_margin}",
        due,
    ]


def _holding(held: Holding, scales: dict[str, int]) -> list[object]:
    from exchange.client import decimal_of, decimal_price

    scale = scales.get(held.symbol, 0)
    return [
        held.symbol,
        f"{decimal_of(held.qty, scale):f}",
        f"{decimal_price(held.average_px):f}",
        held.cost,
        f"{decimal_price(held.mark_px):f}" if held.mark_px else "none",
        held.market_value,
        held.realised,
        held.unrealised,
        f"{decimal_of(held.open_buy_qty, scale):f}",
        f"{decimal_of(held.open_sell_qty, scale):f}",
    ]


def _order(row: Order, scales: dict[str, int]) -> list[object]:
    from exchange.client import decimal_of, decimal_price

    return [
        row.order_id,
        row.account,
        row.symbol,
        enum_name(row, "side"),
        f"{decimal_of(row.leaves_qty, scales.get(row.symbol, 0)):f}",
        f"{decimal_price(row.price):f}" if row.price else "",
        row.cl_ord_id,
    ]
