"""`exctl band`: static and dynamic price bands (RULEBOOK R7.1, R7.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.times import LENGTH, show_span
from cli.verb import App, Verb, noun, request_id_option, with_app

if TYPE_CHECKING:
    from exchange.client import AsyncClient

band = noun("band", "Price bands: set, show.")


@band.command("set", cls=Verb)
@click.argument("symbol")
@click.option(
    "--dynamic-bp",
    type=click.IntRange(0),
    default=1_000,
    show_default=True,
    help="Around the price of five minutes ago; 0 = no band.",
)
@click.option("--call", "call_ns", type=LENGTH, help="Length of the volatility call: 5m.")
@click.option("--window", "window_ns", type=LENGTH, help="Age of the dynamic reference: 5m.")
@click.option("--random-end", "random_ns", type=LENGTH, help="Longest extension of calls: 30s.")
@request_id_option
@with_app
def band_set(
    app: App,
    symbol: str,
    dynamic_bp: int,
    call_ns: int | None,
    window_ns: int | None,
    random_ns: int | None,
    request_id: str | None,
) -> None:
    """Set the dynamic band: a trade beyond it starts a volatility call instead.

    Lengths that are not named stay. The static band: exctl instrument update --static-band-bp.

    \b
    Examples:
      exctl band set ABC
      exctl band set ABC --dynamic-bp 500 --call 2m --random-end 10s
    """

    async def work(client: AsyncClient) -> None:
        rules = (await client.trading_state(symbol)).rules
        rules.dynamic_band_bp = dynamic_bp
        if call_ns is not None:
            rules.volatility_call_ns = call_ns
        if window_ns is not None:
            rules.dynamic_window_ns = window_ns
        if random_ns is not None:
            rules.random_end_max_ns = random_ns
        told = await client.set_trading_rules(symbol, rules, request_id=request_id)
        app.output.record(told, {"symbol": symbol, "dynamic band (bp)": dynamic_bp})

    app.run(work)


@band.command("show", cls=Verb)
@click.argument("symbol")
@with_app
def band_show(app: App, symbol: str) -> None:
    """Show the bands of an instrument and the lengths of its calls.

    \b
    Example:
      exctl band show ABC
    """

    async def work(client: AsyncClient) -> None:
        told = await client.trading_state(symbol)
        instrument = await client.get_instrument(symbol)
        rules = told.rules
        cells = {
            "symbol": symbol,
            "static band (bp)": instrument.static_band_bp or "none",
            "dynamic band (bp)": rules.dynamic_band_bp or "none",
            "dynamic window": show_span(rules.dynamic_window_ns),
            "volatility call": show_span(rules.volatility_call_ns),
            "random end, at most": show_span(rules.random_end_max_ns),
        }
        app.output.record(rules, cells)

    app.run(work)
