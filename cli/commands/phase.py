"""`exctl phase`, `auction`, `band`, `breaker`, `schedule` (RULEBOOK R2, R6, R7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli.verb import App, Verb, noun, request_id_option, with_app

if TYPE_CHECKING:
    from exchange.client import AsyncClient
    from exchange.model.trading_rules import ScheduleStep

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
SCOPES = ("none", "instrument", "market")
LEVELS = 3


@click.command("phase", cls=Verb)
@click.argument("symbol")
@click.argument("phase", type=click.Choice(PHASES, case_sensitive=False))
@request_id_option
@with_app
def phase(app: App, symbol: str, phase: str, request_id: str | None) -> None:
    """Move an instrument to a phase; leaving an auction call uncrosses it.

    \b
    Examples:
      exctl phase ABC opening_auction
      exctl phase ABC continuous
    """
    from exchange.model.enums import Phase

    async def work(client: AsyncClient) -> None:
        told = await client.set_phase(symbol, Phase[phase.upper()], request_id=request_id)
        app.output.record(told, {"symbol": symbol, "asked for": phase.upper()})

    app.run(work)


auction = noun("auction", "Auction calls: show.")


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


def _cells(told: Any) -> dict[str, object]:
    from exchange.client import decimal_price
    from exchange.model.enums import Phase, Side

    side = Side(told.imbalance_side).name if told.imbalance_side else "none"
    return {
        "phase": Phase(told.phase).name,
        "indicative price": decimal_price(told.indicative_px) if told.indicative_px else "none",
        "indicative volume": told.indicative_volume,
        "imbalance": f"{side} {told.imbalance_qty}",
        "call ends (ns)": told.call_end_ns or "-",
        "extended": told.is_extended,
        "halted until next day": told.is_barred,
        "breaker reopens (ns)": told.reopen_ns or "-",
    }


band = noun("band", "The dynamic price band: set.")


@band.command("set", cls=Verb)
@click.argument("symbol")
@click.option("--dynamic-bp", type=int, default=1_000, show_default=True, help="0 = no band.")
@click.option("--call-s", type=int, default=300, show_default=True, help="Length of the call.")
@request_id_option
@with_app
def band_set(app: App, symbol: str, dynamic_bp: int, call_s: int, request_id: str | None) -> None:
    """Set the dynamic band: a trade beyond it starts a volatility call instead.

    \b
    Examples:
      exctl band set ABC
      exctl band set ABC --dynamic-bp 500 --call-s 120
    """

    async def work(client: AsyncClient) -> None:
        rules = (await client.trading_state(symbol)).rules
        rules.dynamic_band_bp = dynamic_bp
        rules.volatility_call_ns = call_s * 1_000_000_000
        told = await client.set_trading_rules(symbol, rules, request_id=request_id)
        app.output.record(told, {"symbol": symbol, "dynamic band (bp)": dynamic_bp})

    app.run(work)


breaker = noun("breaker", "The circuit breaker: set, index.")


@breaker.command("set", cls=Verb)
@click.argument("symbol")
@click.argument("scope", type=click.Choice(SCOPES))
@click.option("--levels-bp", default="700,1300,2000", show_default=True, help="Three, rising.")
@request_id_option
@with_app
def breaker_set(app: App, symbol: str, scope: str, levels_bp: str, request_id: str | None) -> None:
    """Set what a decline of an instrument halts; `market` makes it the index.

    \b
    Examples:
      exctl breaker set IDX market
      exctl breaker set ABC instrument --levels-bp 500,1000,1500
    """
    from exchange.model.enums import BreakerScope

    levels = [int(text) for text in levels_bp.split(",") if text.strip().isdigit()]
    if len(levels) != LEVELS:
        raise click.UsageError("--levels-bp takes three numbers like 700,1300,2000")

    async def work(client: AsyncClient) -> None:
        rules = (await client.trading_state(symbol)).rules
        rules.breaker_levels_bp[:] = levels
        rules.breaker_scope = BreakerScope[scope.upper()].value  # type: ignore[assignment]
        told = await client.set_trading_rules(symbol, rules, request_id=request_id)
        app.output.record(told, {"symbol": symbol, "breaker": scope, "levels (bp)": levels_bp})

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


schedule = noun("schedule", "The trading schedule: set, show.")


@schedule.command("set", cls=Verb)
@click.argument("symbol")
@click.argument("steps", nargs=-1)
@request_id_option
@with_app
def schedule_set(app: App, symbol: str, steps: tuple[str, ...], request_id: str | None) -> None:
    """Replace the schedule; a step is TS_NS:PHASE or TS_NS:PHASE:CALL_SECONDS.

    \b
    Examples:
      exctl schedule set ABC 1767600000000000000:opening_auction:600
      exctl schedule set ABC
    """
    planned = [_step(text) for text in steps]

    async def work(client: AsyncClient) -> None:
        told = await client.set_schedule(planned, symbol=symbol, request_id=request_id)
        app.output.record(told, {"symbol": symbol, "steps": len(planned)})

    app.run(work)


def _step(text: str) -> ScheduleStep:
    from exchange.model.enums import Phase
    from exchange.model.trading_rules import ScheduleStep

    at, _, rest = text.partition(":")
    name, _, seconds = rest.partition(":")
    known = name.upper() in Phase.__members__
    if not at.isdigit() or not known or not (seconds or "0").isdigit():
        raise click.UsageError(f"{text!r} is no step; write TS_NS:PHASE[:CALL_SECONDS]")
    call_ns = int(seconds or 0) * 1_000_000_000
    return ScheduleStep(int(at), Phase[name.upper()].value, call_ns)


@schedule.command("show", cls=Verb)
@click.argument("symbol")
@with_app
def schedule_show(app: App, symbol: str) -> None:
    """Show the steps to come.

    \b
    Examples:
      exctl schedule show ABC
    """
    from exchange.model.enums import Phase

    async def work(client: AsyncClient) -> None:
        told = await client.trading_state(symbol)
        cells = {str(x.ts_ns): f"{Phase(x.phase).name} {x.call_ns}" for x in told.steps}
        app.output.record(told, cells or {"steps": "none"})

    app.run(work)
