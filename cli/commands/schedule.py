"""`exctl schedule`: trading schedules, made from calendars and set on the exchange (RULEBOOK R2).

Room: the verbs. What a calendar, a template and a file are is `exchange.schedule`'s.
"""

from __future__ import annotations

import sys
import time
from datetime import datetime, tzinfo
from datetime import time as clock_time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from cli import exit_codes
from cli.commands.halt import CLASSES, class_option, market_option
from cli.commands.schedule_file import Loaded, load, steps_of
from cli.confirm import confirm
from cli.output import enum_name, warn
from cli.times import LENGTH, show_span, show_time, zone_option
from cli.trading_states import trading_states
from cli.verb import App, Verb, noun, request_id_option, with_app, yes_option

if TYPE_CHECKING:
    from exchange.client import AsyncClient
    from exchange.model.enums import AssetClass, Phase
    from exchange.schedule.document import Document
    from exchange.schedule.templates import DayTemplate, Plan

TEMPLATES = ("equity", "equity-extended", "crypto")
DAY = click.DateTime(["%Y-%m-%d"])
CLOCK = click.DateTime(["%H:%M", "%H:%M:%S"])
SUFFIX = ".days"  # of the request id of the day ends, the second of two commands
REQUEST_ID_MAX = 36

schedule = noun("schedule", "Trading schedules: generate, set, show, clear.")
no_day_ends_option = click.option(
    "--no-day-ends", is_flag=True, help="Leave the day ends of the market as they are."
)


@schedule.command("generate", cls=Verb)
@click.option("--calendar", default="", help="XNYS, XFRA ...; 24/7 for crypto.")
@click.option("--from", "first", type=DAY, required=True, help="First day, YYYY-MM-DD.")
@click.option("--to", "last", type=DAY, required=True, help="Last day, included.")
@click.option("--template", type=click.Choice(TEMPLATES), help="Default: equity, with 24/7 crypto.")
@click.option("--symbol", default="", help="Whose schedule it is; else")
@click.option("--asset-class", type=click.Choice(CLASSES), help="of a class; else of all.")
@click.option("--zone", help="Of the day end and the times in the file; the calendar's.")
@click.option("--day-end", type=CLOCK, help="Local HH:MM; else with the last step, crypto 00:00.")
@click.option("--pre-open", "pre_open_ns", type=LENGTH, help="Begin of PRE_OPEN before the open.")
@click.option("--opening-call", "opening_call_ns", type=LENGTH, help="0s = no opening auction.")
@click.option("--closing-call", "closing_call_ns", type=LENGTH, help="0s = no closing auction.")
@click.option("--post-close", "post_close_ns", type=LENGTH, help="From the close to CLOSED.")
@click.option("--midday-close", is_flag=True, help="A midday break may end orders of the day.")
@no_day_ends_option
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="*.toml or *.json.")
@with_app
def generate(app: App, /, out: Path | None, **asked: Any) -> None:
    """Make a schedule from a calendar, as a file to read, change and `schedule set`.

    Without --out it is printed: TOML, or with -o json JSON. Calendars other than 24/7 need the
    extra lockstep-exchange[calendar].

    \b
    Examples:
      exctl schedule generate --calendar XNYS --from 2026-11-23 --to 2026-12-31 \\
          --asset-class equity --out nyse.toml
      exctl schedule generate --calendar XFRA --from 2026-03-27 --to 2026-03-30 --symbol ABC
      exctl schedule generate --template crypto --from 2026-03-01 --to 2026-12-31 \\
          --asset-class crypto --out crypto.json
    """
    from exchange.schedule.document import JSON, TOML, write_document
    from exchange.schedule.faults import ScheduleFault

    if asked["symbol"] and asked["asset_class"]:
        raise click.UsageError("name --symbol or --asset-class, not both")
    try:
        document = _generated(asked)
    except ScheduleFault as fault:
        raise click.UsageError(str(fault)) from fault
    form = JSON if (out.suffix == ".json" if out else not app.output.is_table) else TOML
    text = write_document(document, form)
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, "utf-8")
    except OSError as error:
        raise click.UsageError(f"{out}: {error.strerror}") from error
    told = {"file": str(out), "steps": len(document.steps)}
    told["day_ends"] = len(document.day_ends or ())
    app.output.record(told, told)


def _generated(asked: dict[str, Any]) -> Document:
    from exchange.schedule.document import document_of
    from exchange.schedule.judgement import judge
    from exchange.schedule.moments import zone_of
    from exchange.schedule.sessions import ALWAYS, read_sessions
    from exchange.schedule.templates import CRYPTO, plan_always, plan_days

    calendar = asked["calendar"] or (ALWAYS if asked["template"] == CRYPTO else "")
    if not calendar:
        raise click.UsageError("name --calendar")
    template = asked["template"] or (CRYPTO if calendar == ALWAYS else "equity")
    first, last = asked["first"].date(), asked["last"].date()
    found = read_sessions(calendar, first, last)
    day_end: datetime | None = asked["day_end"]
    zone = asked["zone"] or found.zone
    if template == CRYPTO:
        _refuse_lengths(asked)
        plan = plan_always(found, zone=zone, day_end=day_end.time() if day_end else clock_time())
    else:
        day = _day_template(template, asked)
        plan = plan_days(found, day, day_end=day_end.time() if day_end else None, zone=zone)
    judge(plan, zone=zone_of(zone))
    return document_of(
        plan,
        zone,
        with_day_ends=not asked["no_day_ends"],
        calendar=calendar,
        template=template,
        symbol=asked["symbol"],
        asset_class=asked["asset_class"] or "",
    )


LENGTHS = ("pre_open_ns", "opening_call_ns", "closing_call_ns", "post_close_ns")


def _day_template(template: str, asked: dict[str, Any]) -> DayTemplate:
    from dataclasses import replace

    from exchange.schedule.templates import DAY_TEMPLATES

    lengths = {name: asked[name] for name in LENGTHS if asked[name] is not None}
    return replace(DAY_TEMPLATES[template], closes_for_break=asked["midday_close"], **lengths)


def _refuse_lengths(asked: dict[str, Any]) -> None:
    if asked["midday_close"] or any(asked[name] is not None for name in LENGTHS):
        raise click.UsageError("trading round the clock has no opening, no close and no calls")


@schedule.command("set", cls=Verb)
@click.argument("file", required=False, type=click.Path(allow_dash=True, dir_okay=False))
@click.option(
    "--step", "steps", multiple=True, metavar="TIME=PHASE[:CALL]", help="Instead of FILE; rising."
)
@click.option("--symbol", default="", help="For this instrument, whatever the file says.")
@class_option
@market_option
@click.option("--skip-past", is_flag=True, help="Leave out what lies in the past.")
@no_day_ends_option
@click.option("--dry-run", is_flag=True, help="Judge it against the exchange, send nothing.")
@yes_option
@request_id_option
@with_app
def schedule_set(
    app: App,
    /,
    file: str | None,
    steps: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    request_id: str | None,
    **asked: Any,
) -> None:
    """Replace what is to come of a schedule, and the day ends that the file has.

    FILE is TOML or JSON as `schedule generate` writes it, or - for stdin. A TIME has a zone or an
    offset, or is +10m from now. What overlaps, lies in the past or cannot follow is refused, by the
    exchange and before it; of two commands, the day ends are sent second.

    \b
    Examples:
      exctl schedule set nyse.toml --dry-run
      exctl schedule set nyse.toml --skip-past --yes
      exctl schedule set --symbol ABC --step "2026-03-09 09:25 America/New_York=opening_auction:5m"
      exctl schedule set --symbol ABC --step +1m=closing_auction:30s --step +5m=closed
    """
    if bool(file) == bool(steps):
        raise click.UsageError("name a FILE, or --step once or more")
    now_ns = time.time_ns()
    document = load(file) if file else steps_of(steps)
    loaded = Loaded.of(document, now_ns, **asked)
    met = app.run(lambda client: _judge(client, loaded, now_ns))
    told = loaded.told(dry_run=dry_run)
    if dry_run:
        app.output.record(told, told)
        return
    if not loaded.symbol or loaded.ends is not None:
        word = loaded.scope_name if loaded.ends is None else "market"
        confirm(loaded.impact(met.instruments, met.day_ends), word, yes=yes)
    app.run(lambda client: _send(client, loaded, request_id))
    app.output.record(told, told)
    planned = loaded.planned_phase(now_ns)
    if met.phase is not None and planned is not None and met.phase != planned:
        warn(f"{loaded.symbol} is {met.phase.name.lower()}, by the schedule {planned.name.lower()}")


class Met(NamedTuple):
    """What a schedule would meet: instruments, day ends set already, the phase of a symbol."""

    instruments: int
    day_ends: int
    phase: Phase | None


async def _judge(client: AsyncClient, loaded: Loaded, now_ns: int) -> Met:
    """Ends the command if the exchange would refuse it, or it is for nothing."""
    from exchange.model.enums import Phase

    symbols = [loaded.symbol]
    if not loaded.symbol:
        symbols = [
            row.symbol
            for row in await client.list_instruments()
            if loaded.is_for(enum_name(row, "asset_class"))
            and enum_name(row, "status") != "retired"
        ]
    if not symbols:
        warn(f"NO_INSTRUMENT: {loaded.scope_name} has none that a schedule could be for")
        sys.exit(exit_codes.REFUSED)
    states = [state for _, state in await trading_states(client, symbols)]
    loaded.judge(now_ns, max(state.rules.random_end_max_ns for state in states))
    phase = Phase(states[0].phase) if loaded.symbol else None
    return Met(len(symbols), len(states[0].day_ends_ns), phase)


async def _send(client: AsyncClient, loaded: Loaded, request_id: str | None) -> None:
    plan: Plan = loaded.plan
    second = None
    if request_id is not None and loaded.ends is not None:
        second = request_id + SUFFIX
        if len(second) > REQUEST_ID_MAX:
            raise click.UsageError(
                f"--request-id may have {REQUEST_ID_MAX - len(SUFFIX)} characters here: the day "
                f"ends are a command of their own, under the same id with {SUFFIX}"
            )
    await client.set_schedule(
        plan.steps, symbol=loaded.symbol, asset_class=loaded.asset_class, request_id=request_id
    )
    if loaded.ends is not None:
        await client.set_day_ends(loaded.ends, request_id=second)


@schedule.command("show", cls=Verb)
@click.argument("symbol")
@zone_option
@with_app
def schedule_show(app: App, symbol: str, zone: tzinfo) -> None:
    """Show the steps to come of an instrument, and the day ends of the market.

    \b
    Examples:
      exctl schedule show ABC
      exctl schedule show ABC --zone America/New_York
    """
    told = app.run(lambda client: client.trading_state(symbol))
    if not app.output.is_table:
        app.output.record(told, {})
        return
    rows = [
        (step.ts_ns, enum_name(step, "phase"), show_span(step.call_ns) if step.call_ns else "")
        for step in told.steps
    ]
    rows += [(ns, "(day end)", "") for ns in told.day_ends_ns]
    app.output.table(
        ["time", "phase", "call"],
        [[show_time(ns, zone), name, call] for ns, name, call in sorted(rows, key=lambda r: r[0])],
    )


@schedule.command("clear", cls=Verb)
@click.argument("symbol", default="")
@class_option
@market_option
@click.option("--day-ends", is_flag=True, help="The day ends of the market too.")
@yes_option
@request_id_option
@with_app
def schedule_clear(
    app: App,
    symbol: str,
    asset_class: str | None,
    market: bool,
    day_ends: bool,
    yes: bool,
    request_id: str | None,
) -> None:
    """Drop the schedule of an instrument, a class or the market: phases then change by hand only.

    \b
    Examples:
      exctl schedule clear ABC --yes
      exctl schedule clear --market --day-ends --yes
    """
    from exchange.model.enums import AssetClass

    if bool(symbol) + bool(asset_class) + market != 1:
        raise click.UsageError("name one of SYMBOL, --asset-class or --market")
    scope = symbol or asset_class or "market"
    kind: AssetClass | None = AssetClass[asset_class.upper()] if asset_class else None
    confirm(f"drops the schedule of {scope}{' and the day ends' * day_ends}", scope, yes=yes)
    if day_ends and request_id is not None and len(request_id + SUFFIX) > REQUEST_ID_MAX:
        raise click.UsageError(f"--request-id may have {REQUEST_ID_MAX - len(SUFFIX)} characters")

    async def work(client: AsyncClient) -> None:
        await client.set_schedule([], symbol=symbol, asset_class=kind, request_id=request_id)
        if day_ends:
            second = request_id + SUFFIX if request_id is not None else None
            await client.set_day_ends([], request_id=second)

    app.run(work)
    told = {"cleared": scope, "day_ends": "cleared" if day_ends else "kept"}
    app.output.record(told, told)
