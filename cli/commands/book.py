"""`exctl book`: the displayed book of one instrument."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

import click

from cli.commands.trading_status import status_words
from cli.output import Output
from cli.verb import App, Verb, with_app

if TYPE_CHECKING:
    from exchange.client import AsyncClient, Level
    from exchange.client.messages import Instrument, OrderBook, PriceLevel

DEPTH = 10


@click.command("book", cls=Verb)
@click.argument("symbol")
@click.option("--depth", type=click.IntRange(0, 1000), help="Levels a side; 0 = all.")
@with_app
def book(app: App, symbol: str, depth: int | None) -> None:
    """Show the displayed book, best prices first.

    A table shows 10 levels unless --depth says otherwise, JSON all.

    \b
    Examples:
      exctl book ABC
      exctl -o json book BTC-USD --depth 1
    """
    if depth is None:
        depth = DEPTH if app.output.is_table else 0

    async def ask(client: AsyncClient) -> tuple[Instrument, OrderBook]:
        return await client.get_instrument(symbol), await client.order_book(symbol, depth=depth)

    instrument, found = app.run(ask)
    if not app.output.is_table:
        app.output.record(found, {})
        return
    click.echo(f"{symbol}  {status_words(found.status, instrument.qty_decimals)}  seq {found.seq}")
    write_levels(app.output, found.bids, found.asks, instrument.qty_decimals)


def write_levels(
    output: Output,
    bids: Sequence[PriceLevel | Level],
    asks: Sequence[PriceLevel | Level],
    qty_decimals: int,
) -> None:
    """Both sides of a book next to each other."""
    from exchange.client import decimal_of, decimal_price

    def cells(level: PriceLevel | Level | None) -> list[object]:
        if level is None:
            return ["", "", ""]
        shown = decimal_of(level.qty, qty_decimals)
        return [level.order_count, f"{shown:f}", f"{decimal_price(level.price):f}"]

    output.table(
        ["orders", "qty", "bid", "ask", "qty", "orders"],
        [[*cells(b), *reversed(cells(a))] for b, a in zip_longest(bids, asks)],
    )
