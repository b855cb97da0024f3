"""`exctl positions`: positions other than zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.verb import App, Verb, member_option, with_app

if TYPE_CHECKING:
    from exchange.client import AsyncClient
    from exchange.client.messages import Position


@click.command("positions", cls=Verb)
@member_option
@click.option("--account", default="", help="Only this account.")
@with_app
def positions(app: App, member: str | None, account: str) -> None:
    """Show positions: of one member, or of all for an operator.

    \b
    Examples:
      exctl positions
      exctl positions --member alice
    """
    from exchange.client import decimal_of

    async def ask(client: AsyncClient) -> tuple[dict[str, int], list[Position]]:
        scales = {row.symbol: row.qty_decimals for row in await client.list_instruments()}
        return scales, await client.positions(account=account, member=member or "")

    scales, found = app.run(ask, member=member)
    app.output.rows(
        "positions",
        found,
        {
            "member": lambda row: row.member,
            "account": lambda row: row.account,
            "symbol": lambda row: row.symbol,
            "qty": lambda row: decimal_of(row.qty, scales.get(row.symbol, 0)),
        },
    )
