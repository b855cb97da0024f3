"""`exctl auction`: auction calls (RULEBOOK R6)."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from cli import exit_codes
from cli.commands.trading_status import follow_status
from cli.output import enum_name, warn
from cli.times import show_time
from cli.verb import App, Verb, noun, request_id_option, with_app

if TYPE_CHECKING:
    from exchange.client import AsyncClient

KINDS = ("opening", "closing", "volatility")
auction = noun("auction", "Auction calls: start, show, watch, uncross.")


@auction.command("start", cls=Verb)
@click.argument("symbol")
@click.argument("kind", type=click.Choice(KINDS))
@request_id_option
@with_app
def start(app: App, symbol: str, kind: str, request_id: str | None) -> None:
    """Begin a call that lasts until it is uncrossed or the schedule moves on.

    \b
    Example:
      exctl auction start ABC opening
    """
    from exchange.model.enums import Phase

    async def work(client: AsyncClient) -> None:
        phase = Phase[f"{kind.upper()}_AUCTION"]
        told = await client.set_phase(symbol, phase, request_id=request_id)
        app.output.record(told, {"symbol": symbol, "phase": phase.name.lower()})

    app.run(work)


@auction.command("show", cls=Verb)
@click.argument("symbol")
@with_app
def show(app: App, symbol: str) -> None:
    """Show the call of an instrument: phase, end, indicative price, volume and imbalance.

    \b
    Examples:
      exctl auction show ABC
    """

    async def work(client: AsyncClient) -> None:
        told = await client.trading_state(symbol)
        app.output.record(told, _cells(told))

    app.run(work)


@auction.command("watch", cls=Verb)
@click.argument("symbols", nargs=-1, required=True, metavar="SYMBOL...")
@click.option("--limit", type=click.IntRange(1), help="End after so many.")
@with_app
def auction_watch(app: App, symbols: tuple[str, ...], limit: int | None) -> None:
    """Follow calls: indicative price, volume and imbalance on each change; needs no operator.

    \b
    Example:
      exctl auction watch ABC
    """
    follow_status(app, symbols, limit)


@auction.command("uncross", cls=Verb)
@click.argument("symbol")
@request_id_option
@with_app
def uncross(app: App, symbol: str, request_id: str | None) -> None:
    """End the running call now: uncross it and go to the phase that follows it.

    \b
    Example:
      exctl auction uncross ABC
    """
    from exchange.model.enums import Phase

    follows = {
        Phase.OPENING_AUCTION: Phase.CONTINUOUS,
        Phase.CLOSING_AUCTION: Phase.POST_CLOSE,
        Phase.VOLATILITY_AUCTION: Phase.CONTINUOUS,
    }

    async def work(client: AsyncClient) -> bool:
        following = follows.get(Phase((await client.trading_state(symbol)).phase))
        if following is None:
            return False
        await client.set_phase(symbol, following, request_id=request_id)
        told = await client.trading_state(symbol)
        app.output.record(told, {"symbol": symbol, "phase": enum_name(told, "phase")})
        return True

    if not app.run(work):
        warn(f"WRONG_PHASE: {symbol} is in no auction call")
        sys.exit(exit_codes.REFUSED)


def _cells(told: Any) -> dict[str, object]:
    from exchange.client import decimal_price

    side = enum_name(told, "imbalance_side")
    return {
        "phase": enum_name(told, "phase"),
        "indicative price": decimal_price(told.indicative_px) if told.indicative_px else "none",
        "indicative volume": told.indicative_volume,
        "imbalance": f"{side} {told.imbalance_qty}" if side else "none",
        "call ends": show_time(told.call_end_ns),
        "extended": "yes" if told.is_extended else "no",
    }
