"""`exctl breaker`: circuit breakers and the index of the market (RULEBOOK R7.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli.output import enum_name
from cli.times import LENGTH, show_span, show_time
from cli.trading_states import trading_states
from cli.verb import App, Verb, noun, request_id_option, with_app

if TYPE_CHECKING:
    from exchange.client import AsyncClient

SCOPES = ("none", "instrument", "market")
LEVELS = 3
breaker = noun("breaker", "Circuit breakers: set, index, status.")


@breaker.command("set", cls=Verb)
@click.argument("symbol")
@click.argument("scope", type=click.Choice(SCOPES))
@click.option("--levels-bp", help="Three, rising; else they stay (700,1300,2000 at first).")
@click.option("--halt", "halt_ns", type=LENGTH, help="Length of a halt of levels 1 and 2: 15m.")
@click.option("--cutoff", "cutoff_ns", type=LENGTH, help="No such halt so long before the close.")
@request_id_option
@with_app
def breaker_set(
    app: App,
    symbol: str,
    scope: str,
    levels_bp: str | None,
    halt_ns: int | None,
    cutoff_ns: int | None,
    request_id: str | None,
) -> None:
    """Set what a decline of an instrument halts; `market` makes it the index.

    The cutoff counts back from the next scheduled step of the instrument itself, so an index needs
    the schedule of its market.

    \b
    Examples:
      exctl breaker set IDX market
      exctl breaker set ABC instrument --levels-bp 500,1000,1500 --halt 10m
    """
    from exchange.model.enums import BreakerScope

    words = [word.strip() for word in (levels_bp or "").split(",")]
    if levels_bp is not None and (
        len(words) != LEVELS or not all(word.isdecimal() and word.isascii() for word in words)
    ):
        raise click.UsageError("--levels-bp takes three numbers like 700,1300,2000")

    async def work(client: AsyncClient) -> None:
        rules = (await client.trading_state(symbol)).rules
        if levels_bp is not None:
            rules.breaker_levels_bp[:] = [int(word) for word in words]
        if halt_ns is not None:
            rules.breaker_halt_ns = halt_ns
        if cutoff_ns is not None:
            rules.breaker_cutoff_ns = cutoff_ns
        rules.breaker_scope = BreakerScope[scope.upper()].value  # type: ignore[assignment]
        told = await client.set_trading_rules(symbol, rules, request_id=request_id)
        levels = ",".join(map(str, rules.breaker_levels_bp))
        app.output.record(told, {"symbol": symbol, "breaker": scope, "levels (bp)": levels})

    app.run(work)


@breaker.command("index", cls=Verb)
@click.argument("symbol")
@click.argument("value")
@request_id_option
@with_app
def breaker_index(app: App, symbol: str, value: str, request_id: str | None) -> None:
    """Publish a new value of the index instrument.

    \b
    Examples:
      exctl breaker index IDX 4650.25
    """

    async def work(client: AsyncClient) -> None:
        told = await client.set_index(symbol, value, request_id=request_id)
        app.output.record(told, {"symbol": symbol, "value": value})

    app.run(work)


@breaker.command("status", cls=Verb)
@click.argument("symbol", default="")
@with_app
def breaker_status(app: App, symbol: str) -> None:
    """Show the breaker of one instrument, or all that are set or halt something now.

    \b
    Examples:
      exctl breaker status
      exctl -o json breaker status IDX
    """
    from exchange.client import as_dict

    async def read(client: AsyncClient) -> list[tuple[str, Any]]:
        symbols = [symbol] if symbol else [row.symbol for row in await client.list_instruments()]
        return await trading_states(client, symbols)

    found = app.run(read)
    if not symbol:
        found = [(name, told) for name, told in found if _matters(told)]
    if app.output.is_table:
        rows = [_row(name, told) for name, told in found]
        app.output.items("breakers", rows)
    else:
        app.output.items("breakers", [{"symbol": name, **as_dict(told)} for name, told in found])


def _matters(told: Any) -> bool:
    is_set = enum_name(told.rules, "breaker_scope") in {"instrument", "market"}
    return is_set or told.is_barred or bool(told.reopen_ns)


def _row(name: str, told: Any) -> dict[str, Any]:
    rules = told.rules
    return {
        "symbol": name,
        "scope": enum_name(rules, "breaker_scope") or "none",
        "levels (bp)": ",".join(map(str, rules.breaker_levels_bp)),
        "halt": show_span(rules.breaker_halt_ns),
        "cutoff": show_span(rules.breaker_cutoff_ns),
        "phase": enum_name(told, "phase"),
        "reopens": show_time(told.reopen_ns),
        "until next day": "yes" if told.is_barred else "no",
    }
