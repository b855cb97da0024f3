"""`exctl dark`: the dark midpoint book of an instrument."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.confirm import confirm
from cli.output import enum_name
from cli.times import LENGTH, show_span, show_time
from cli.verb import App, Verb, noun, request_id_option, with_app, yes_option

if TYPE_CHECKING:
    from exchange.client import AsyncClient
    from exchange.client.messages import (
        CrossingSession,
        DarkRules,
        Indication,
        SubscribeIndicationsResponse,
    )

dark = noun("dark", "Dark midpoint books: rules, indications.")
rules = noun("rules", "Rules of a dark book: set, show.")
dark.add_command(rules)


@rules.command("set", cls=Verb)
@click.argument("symbol")
@click.option("--min-block", metavar="QTY", help="Smallest order; 10000 base units at first.")
@click.option("--continuous/--no-continuous", default=None, help="Match whenever orders meet.")
@click.option("--cross-every", type=LENGTH, help="Hold crossing sessions so often: 15m.")
@click.option("--no-cross", is_flag=True, help="Hold no crossing sessions.")
@click.option("--show-side/--hide-side", default=None, help="Whether indications tell the side.")
@click.option("--close", is_flag=True, help="Take no dark orders; what rests is canceled.")
@yes_option
@request_id_option
@with_app
def rules_set(
    app: App,
    /,
    symbol: str,
    min_block: str | None,
    continuous: bool | None,
    cross_every: int | None,
    no_cross: bool,
    show_side: bool | None,
    close: bool,
    yes: bool,
    request_id: str | None,
) -> None:
    """Open the dark book of an instrument, or change its rules; what is not named stays.

    \b
    Examples:
      exctl dark rules set ABC --min-block 5000 --cross-every 15m
      exctl dark rules set ABC --no-continuous --cross-every 5m --show-side
      exctl dark rules set ABC --close --yes
    """
    if no_cross and cross_every is not None:
        raise click.UsageError("--cross-every and --no-cross exclude each other")

    async def resting(client: AsyncClient) -> int:
        from exchange.model.enums import BookKind

        orders = await client.list_orders(symbol=symbol, live_only=True)
        return sum(int(row.book) == BookKind.DARK for row in orders)

    async def work(client: AsyncClient) -> None:
        from exchange.client import quantity_units

        wanted = (await client.dark_book(symbol)).rules
        wanted.is_open = not close
        if min_block is not None:
            scale = await client.qty_decimals(symbol)
            wanted.min_block_qty = quantity_units(min_block, scale)
        if continuous is not None:
            wanted.is_continuous = continuous
        if cross_every is not None or no_cross:
            wanted.cross_interval_ns = cross_every or 0
        if show_side is not None:
            wanted.shows_side = show_side
        told = await client.set_dark_rules(symbol, wanted, request_id=request_id)
        app.output.record(told, {"symbol": symbol, **await _cells(client, symbol, wanted)})

    if close:
        count = app.run(resting)
        confirm(f"closes the dark book of {symbol}; {count} orders are canceled", symbol, yes=yes)
    app.run(work)


@rules.command("show", cls=Verb)
@click.argument("symbol")
@with_app
def rules_show(app: App, symbol: str) -> None:
    """Show the rules of a dark book, its next crossing session and the indications that stand.

    \b
    Example:
      exctl dark rules show ABC
    """

    async def work(client: AsyncClient) -> None:
        told = await client.dark_book(symbol)
        scale = await client.qty_decimals(symbol)
        standing = [_interest(row, scale) for row in told.indications]
        cells = {
            "symbol": symbol,
            **await _cells(client, symbol, told.rules),
            "next session": show_time(told.next_cross_ns),
            "indications": ", ".join(standing) or "none",
        }
        app.output.record(told, cells)

    app.run(work)


@dark.command("indications", cls=Verb)
@click.argument("symbol", default="")
@click.option("--limit", type=click.IntRange(1), help="End after so many messages.")
@with_app
def indications(app: App, symbol: str, limit: int | None) -> None:
    """Follow indications of interest and crossing sessions, of all instruments if none is named.

    The first message tells what stands; then each line is news, until Ctrl-C.

    \b
    Examples:
      exctl dark indications ABC
      exctl -o jsonl dark indications --limit 10
    """

    async def work(client: AsyncClient) -> None:
        scales = {row.symbol: row.qty_decimals for row in await client.list_instruments()}
        count = 0
        stream = client.indications(symbol)
        try:
            async for message in stream:
                count += 1
                app.output.item(message, _line(message, scales))
                if count == limit:
                    return
        finally:
            await stream.aclose()

    app.run(work)


def _line(message: SubscribeIndicationsResponse, scales: dict[str, int]) -> str:
    told = [
        f"{row.symbol} {_interest(row, scales.get(row.symbol, 0))}" for row in message.indications
    ]
    told += [_session(row, scales.get(row.symbol, 0)) for row in message.crossings]
    if message.snapshot:
        return f"{message.seq} standing: {', '.join(told) or 'none'}"
    return f"{message.seq} {', '.join(told)}"


def _interest(row: Indication, scale: int) -> str:
    from exchange.client import decimal_of

    side = enum_name(row, "side") or "either side"
    return f"{side} {decimal_of(row.qty, scale):f}" if row.qty else f"{side} gone"


def _session(row: CrossingSession, scale: int) -> str:
    from exchange.client import decimal_of, decimal_price

    volume = decimal_of(int(row.volume), scale)
    return f"{row.symbol} crossed {volume:f} @ {decimal_price(row.price):f}"


async def _cells(client: AsyncClient, symbol: str, told: DarkRules) -> dict[str, object]:
    from exchange.client import decimal_of

    block = decimal_of(told.min_block_qty, await client.qty_decimals(symbol))
    interval = told.cross_interval_ns
    return {
        "dark book": "open" if told.is_open else "closed",
        "smallest block": f"{block:f}",
        "continuous": "yes" if told.is_continuous else "no",
        "crossing sessions": f"every {show_span(interval)}" if interval else "none",
        "indications tell the side": "yes" if told.shows_side else "no",
    }
