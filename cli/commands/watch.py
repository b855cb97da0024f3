"""`exctl watch`: follow a book, trades, trading status or executions until Ctrl-C."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.commands.book import DEPTH, write_levels
from cli.commands.reports import report_line
from cli.commands.trading_status import follow_status
from cli.output import is_fancy
from cli.verb import App, Verb, member_option, noun, with_app

if TYPE_CHECKING:
    from exchange.client import AsyncClient, Level, LocalBook

watch = noun("watch", "Follow a book, trades, trading status or executions.")
limit_option = click.option("--limit", type=click.IntRange(1), help="End after so many.")


@watch.command("book", cls=Verb)
@click.argument("symbol")
@click.option("--depth", type=click.IntRange(1), default=DEPTH, show_default=True)
@limit_option
@with_app
def watch_book(app: App, symbol: str, depth: int, limit: int | None) -> None:
    """Show the book after each change; on a terminal in place, else a line for each.

    \b
    Examples:
      exctl watch book ABC
      exctl -o jsonl watch book ABC --limit 10
    """

    async def work(client: AsyncClient) -> None:
        qty_decimals = await client.qty_decimals(symbol)
        count = 0
        async for book in client.watch_book(symbol):
            count += 1
            _show_book(app, book, depth, qty_decimals)
            if count == limit:
                return

    app.run(work)


def _show_book(app: App, book: LocalBook, depth: int, qty_decimals: int) -> None:
    bids, asks = book.bids(depth), book.asks(depth)
    phase = book.phase.name.lower() if book.phase else ""
    if app.output.is_table and is_fancy():
        click.clear()
        click.echo(f"{book.symbol}  {phase}  seq {book.seq}")
        write_levels(app.output, bids, asks, qty_decimals)
        return
    told = {
        "symbol": book.symbol,
        "seq": str(book.seq),
        "phase": f"PHASE_{book.phase.name}" if book.phase else "PHASE_UNSPECIFIED",
        "conflated": book.conflated,
        "bids": [_level(row) for row in bids],
        "asks": [_level(row) for row in asks],
    }
    best = f"{_best(book.best_bid, qty_decimals)} / {_best(book.best_ask, qty_decimals)}"
    app.output.item(told, f"{book.seq} {book.symbol} {phase} {best}")


def _level(level: Level) -> dict[str, object]:
    return {"price": str(level.price), "qty": str(level.qty), "order_count": level.order_count}


def _best(level: Level | None, qty_decimals: int) -> str:
    from exchange.client import decimal_of, decimal_price

    if level is None:
        return "-"
    return f"{decimal_of(level.qty, qty_decimals):f} @ {decimal_price(level.price):f}"


@watch.command("trades", cls=Verb)
@click.argument("symbol")
@click.option("--from-seq", type=click.IntRange(0), default=0, help="0 = from now on.")
@limit_option
@with_app
def watch_trades(app: App, symbol: str, from_seq: int, limit: int | None) -> None:
    """Show trades as they happen.

    \b
    Examples:
      exctl watch trades ABC
      exctl -o jsonl watch trades ABC --from-seq 1
    """
    from exchange.client import decimal_of, decimal_price

    async def work(client: AsyncClient) -> None:
        scale = await client.qty_decimals(symbol)
        count = 0
        async with client.trades(symbol, from_seq) as stream:
            async for row in stream:
                count += 1
                shown = f"{decimal_of(row.qty, scale):f} @ {decimal_price(row.price):f}"
                when = row.transact_time.ToJsonString()
                app.output.item(row, f"{row.seq} {when} {row.symbol} {shown}")
                if count == limit:
                    return

    app.run(work)


@watch.command("status", cls=Verb)
@click.argument("symbols", nargs=-1)
@limit_option
@with_app
def watch_status(app: App, symbols: tuple[str, ...], limit: int | None) -> None:
    """Show phases, auction calls, halts and breakers as they change; no symbol = all.

    \b
    Examples:
      exctl watch status
      exctl -o jsonl watch status ABC XYZ
    """
    follow_status(app, symbols, limit)


@watch.command("executions", cls=Verb)
@member_option
@click.option("--from-seq", type=click.IntRange(0), default=0, help="0 = from now on.")
@limit_option
@with_app
def watch_executions(app: App, member: str | None, from_seq: int, limit: int | None) -> None:
    """Show execution reports of a member as they happen.

    \b
    Examples:
      exctl watch executions --member alice
      exctl -o jsonl watch executions --member alice --from-seq 1
    """

    async def work(client: AsyncClient) -> None:
        scales = {row.symbol: row.qty_decimals for row in await client.list_instruments()}
        count = 0
        async with client.executions(from_seq, member=member or "") as stream:
            async for row in stream:
                count += 1
                app.output.item(row, report_line(row, scales))
                if count == limit:
                    return

    app.run(work, member=member)
