"""`exctl phase`: the trading phase of instruments, and the end of the trading day (RULEBOOK R2)."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TYPE_CHECKING

import click

from cli import exit_codes
from cli.confirm import confirm
from cli.output import enum_name, warn
from cli.times import LENGTH, MOMENT, show_time
from cli.verb import App, Verb, noun, request_id_option, with_app, yes_option

if TYPE_CHECKING:
    from exchange.client import AsyncClient

PHASES = (
    "closed",
    "pre_open",
    "opening_auction",
    "continuous",
    "closing_auction",
    "post_close",
    "volatility_auction",
    "halted",
)
POLL_S = 0.1
phase_argument = click.argument("phase", type=click.Choice(PHASES, case_sensitive=False))
phase = noun("phase", "Trading phases: set, show, wait; end-day.")


@phase.command("set", cls=Verb)
@click.argument("symbol")
@phase_argument
@yes_option
@request_id_option
@with_app
def phase_set(app: App, symbol: str, phase: str, yes: bool, request_id: str | None) -> None:
    """Move an instrument to a phase; leaving an auction call uncrosses it.

    Closing ends the orders of the day, so it asks first.

    \b
    Examples:
      exctl phase set ABC opening_auction
      exctl phase set ABC continuous
      exctl phase set ABC closed --yes
    """
    from exchange.model.enums import Phase

    wanted = Phase[phase.upper()]
    if wanted == Phase.CLOSED:
        told = app.run(lambda client: client.close_session(symbol, validate_only=True))
        confirm(f"closes {symbol}; up to {told.canceled_count} orders expire", symbol, yes=yes)

    async def work(client: AsyncClient) -> None:
        told = await client.set_phase(symbol, wanted, request_id=request_id)
        app.output.record(told, {"symbol": symbol, "phase": phase.lower()})

    app.run(work)


@phase.command("show", cls=Verb)
@click.argument("symbols", nargs=-1, metavar="[SYMBOL]...")
@with_app
def phase_show(app: App, symbols: tuple[str, ...]) -> None:
    """Show the phase of instruments, of all if none is named.

    \b
    Examples:
      exctl phase show
      exctl phase show ABC XYZ
    """
    found = app.run(lambda client: client.list_instruments())
    unknown = set(symbols) - {row.symbol for row in found}
    if unknown:
        warn(f"UNKNOWN_SYMBOL: {', '.join(sorted(unknown))}")
        sys.exit(exit_codes.REFUSED)
    rows = [row for row in found if not symbols or row.symbol in symbols]
    app.output.rows(
        "instruments",
        rows,
        {
            "symbol": lambda row: row.symbol,
            "class": lambda row: enum_name(row, "asset_class"),
            "status": lambda row: enum_name(row, "status"),
            "phase": lambda row: enum_name(row, "phase"),
        },
    )


@phase.command("wait", cls=Verb)
@click.argument("symbol")
@phase_argument
@click.option("--for", "span_ns", type=LENGTH, default="60s", show_default=True, help="At most.")
@with_app
def phase_wait(app: App, symbol: str, phase: str, span_ns: int) -> None:
    """Wait until an instrument is in a phase. Exit status 1 if it is not in time.

    \b
    Example:
      exctl phase wait ABC continuous --for 6m
    """
    from exchange.model.enums import Phase

    wanted = Phase[phase.upper()]
    deadline = time.monotonic() + span_ns / 1e9

    async def work(client: AsyncClient) -> bool:
        while True:
            told = await client.trading_state(symbol)
            if told.phase == wanted.value or time.monotonic() >= deadline:
                app.output.record(told, {"symbol": symbol, "phase": enum_name(told, "phase")})
                return told.phase == wanted.value
            await asyncio.sleep(POLL_S)

    if not app.run(work):
        warn(f"{symbol} is not in {phase.lower()} yet")
        sys.exit(exit_codes.REFUSED)


@phase.command("end-day", cls=Verb)
@click.option("--at", "at_ns", type=MOMENT, default="+1s", show_default=True, help="When.")
@yes_option
@request_id_option
@with_app
def end_day(app: App, at_ns: int, yes: bool, request_id: str | None) -> None:
    """End the trading day of the whole market without closing anything (trading round the clock).

    Orders of the day expire and closing prices become reference prices. Day ends that are
    scheduled already stay. `exctl session close` ends the day too, and closes all instruments.

    \b
    Examples:
      exctl phase end-day --yes
      exctl phase end-day --at "2026-03-09 17:00 America/New_York"
    """

    async def foresee(client: AsyncClient) -> tuple[int, list[int]]:
        count = (await client.close_session("", validate_only=True)).canceled_count
        instruments = await client.list_instruments()
        if not instruments:
            raise click.UsageError("there is no instrument yet, so no trading day to end")
        told = await client.trading_state(instruments[0].symbol)
        return count, list(told.day_ends_ns)

    count, planned = app.run(foresee)
    confirm(
        f"the trading day ends at {show_time(at_ns)}; up to {count} orders expire",
        "market",
        yes=yes,
    )
    ends = sorted({at_ns, *planned})

    async def work(client: AsyncClient) -> None:
        told = await client.set_day_ends(ends, request_id=request_id)
        app.output.record(told, {"day ends": show_time(at_ns), "scheduled": len(ends)})

    app.run(work)
