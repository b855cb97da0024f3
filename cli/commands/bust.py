"""`exctl bust` and `exctl correct`: trades that must not stand (RULEBOOK R9.4)."""

from __future__ import annotations

from typing import Any

import click

from cli.confirm import confirm
from cli.verb import App, Verb, reason_option, request_id_option, with_app, yes_option


@click.command("bust", cls=Verb)
@click.argument("trade_id", type=click.IntRange(1))
@reason_option
@yes_option
@request_id_option
@with_app
def bust(app: App, trade_id: int, reason: str, yes: bool, request_id: str | None) -> None:
    """Undo a trade of this trading day: positions, money and fees; its orders stay.

    \b
    Example:
      exctl bust 4711 --reason "clearly erroneous"
    """
    confirm(f"trade {trade_id} is undone for both sides", str(trade_id), yes=yes)
    told = app.run(lambda client: client.bust_trade(trade_id, reason, request_id=request_id))
    app.output.record(told, {"busted": trade_id})


@click.command("correct", cls=Verb)
@click.argument("trade_id", type=click.IntRange(1))
@click.option("--price", help="New price, a decimal number.")
@click.option("--qty", type=click.IntRange(1), help="New, lower quantity, base units.")
@reason_option
@yes_option
@request_id_option
@with_app
def correct(
    app: App, /, trade_id: int, reason: str, yes: bool, request_id: str | None, **terms: Any
) -> None:
    """Give a trade of this trading day another price or less quantity.

    \b
    Example:
      exctl correct 4711 --price 100.25 --reason "agreed with both sides"
    """
    from exchange.client import price_units

    price, qty = terms["price"], terms["qty"]
    if price is None and qty is None:
        raise click.UsageError("name --price, --qty or both")
    units = price_units(price) if price is not None else 0
    confirm(f"trade {trade_id} is corrected for both sides", str(trade_id), yes=yes)
    told = app.run(
        lambda client: client.correct_trade(
            trade_id, reason, price=units, qty=qty or 0, request_id=request_id
        )
    )
    app.output.record(told, {"corrected": trade_id})
