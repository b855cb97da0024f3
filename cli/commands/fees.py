"""`exctl fees`: maker and taker fees and rebates."""

from __future__ import annotations

import click

from cli.verb import App, Verb, noun, request_id_option, with_app

fees = noun("fees", "Maker and taker fees: set, show.")


@fees.command("set", cls=Verb)
@click.option("--symbol", default="", help="One instrument; else all without a schedule.")
@click.option("--tier", type=click.IntRange(0, 255), default=0, help="Member tier.")
@click.option("--maker-ppm", type=int, default=0, help="Resting order; negative = a rebate.")
@click.option("--taker-ppm", type=int, default=0, help="Incoming order.")
@click.option("--auction-ppm", type=int, default=0, help="Both sides of an uncross.")
@request_id_option
@with_app
def set_fees(app: App, /, request_id: str | None, **schedule: str | int) -> None:
    """Set a schedule; rates are millionths of the notional (100 = one basis point).

    \b
    Example:
      exctl fees set --maker-ppm -20 --taker-ppm 30
      exctl fees set --symbol ABC --tier 1 --taker-ppm 10
    """
    from exchange.client.messages import FeeSchedule

    wanted = FeeSchedule()
    for field, value in schedule.items():
        setattr(wanted, field, value)
    told = app.run(lambda client: client.set_fee_schedule(wanted, request_id=request_id))
    app.output.record(told, {"fees": wanted.symbol or "all instruments", "tier": wanted.tier})


@fees.command("show", cls=Verb)
@with_app
def show(app: App) -> None:
    """Show all fee schedules.

    \b
    Example:
      exctl fees show
    """
    told = app.run(lambda client: client.risk_settings())
    app.output.rows(
        "fee_schedules",
        list(told.fee_schedules),
        {
            "symbol": lambda row: row.symbol or "(all)",
            "tier": lambda row: row.tier,
            "maker ppm": lambda row: row.maker_ppm,
            "taker ppm": lambda row: row.taker_ppm,
            "auction ppm": lambda row: row.auction_ppm,
        },
    )
