"""`exctl trades`: trades of one instrument."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.output import enum_name
from cli.verb import App, Verb, with_app

if TYPE_CHECKING:
    from exchange.client import AsyncClient
    from exchange.client.messages import Instrument, Trade


@click.command("trades", cls=Verb)
@click.argument("symbol")
@click.option("--limit", type=click.IntRange(0), default=50, show_default=True, help="0 = all.")
@with_app
def trades(app: App, symbol: str, limit: int) -> None:
    """Show trades, newest first.

    \b
    Examples:
      exctl trades ABC
      exctl -o jsonl trades ABC --limit 0
    """
    from exchange.client import decimal_of, decimal_price

    async def ask(client: AsyncClient) -> tuple[Instrument, list[Trade]]:
        return await client.get_instrument(symbol), await client.list_trades(symbol, limit=limit)

    instrument, found = app.run(ask)
    app.output.rows(
        "trades",
        found,
        {
            "trade": lambda row: row.trade_id,
            "seq": lambda row: row.seq,
            "price": lambda row: decimal_price(row.price),
            "qty": lambda row: decimal_of(row.qty, instrument.qty_decimals),
            "aggressor": lambda row: enum_name(row, "aggressor"),
            "book": lambda row: enum_name(row, "book"),
            "time": lambda row: row.transact_time.ToJsonString(),
        },
    )
