"""`exctl session`: the trading session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.confirm import confirm
from cli.verb import App, Verb, noun, request_id_option, with_app, yes_option

if TYPE_CHECKING:
    from exchange.client import AsyncClient

session = noun("session", "The trading session: open, close.")


@session.command("open", cls=Verb)
@click.argument("symbol", default="")
@request_id_option
@with_app
def open_session(app: App, symbol: str, request_id: str | None) -> None:
    """Open trading of one instrument, or of all that are closed.

    \b
    Examples:
      exctl session open
      exctl session open ABC
    """

    async def work(client: AsyncClient) -> None:
        told = await client.open_session(symbol, request_id=request_id)
        app.output.record(told, {"opened": ", ".join(told.symbols)})

    app.run(work)


@session.command("close", cls=Verb)
@click.argument("symbol", default="")
@yes_option
@request_id_option
@with_app
def close_session(app: App, symbol: str, yes: bool, request_id: str | None) -> None:
    """Close trading of one instrument; without SYMBOL of the market, which ends the trading day.

    \b
    Examples:
      exctl session close ABC
      exctl session close --yes
    """
    count = app.run(lambda client: client.close_session(symbol, validate_only=True)).canceled_count
    what = symbol or "the market (the trading day ends)"
    confirm(f"closes {what}; up to {count} orders expire", symbol or "market", yes=yes)

    async def work(client: AsyncClient) -> None:
        told = await client.close_session(symbol, request_id=request_id)
        cells = {"closed": ", ".join(told.symbols), "orders ended": told.canceled_count}
        app.output.record(told, cells)

    app.run(work)
