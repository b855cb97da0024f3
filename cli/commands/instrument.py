"""`exctl instrument`: what can be traded."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from cli.confirm import confirm
from cli.output import enum_name
from cli.verb import (
    App,
    Verb,
    noun,
    reason_option,
    request_id_option,
    with_app,
    yes_option,
)

if TYPE_CHECKING:
    from exchange.client.messages import Instrument

instrument = noun("instrument", "What can be traded: add, list, show, split, update.")

CLASSES = ("equity", "bond", "future", "option", "crypto")
STP_MODES = (
    "allow",
    "cancel_incoming",
    "cancel_resting",
    "cancel_both",
    "decrement_and_cancel",
)
PRICES = ("tick_size", "reference_price")


def term_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Terms of an instrument that can be changed later."""
    base = click.IntRange(0)
    for option in (
        click.option(
            "--tick-size", "--tick", "tick_size", help="Smallest price step, in the quote currency."
        ),
        click.option(
            "--lot-size", "--lot", "lot_size", type=base, help="Smallest quantity step, base units."
        ),
        click.option("--qty-decimals", type=click.IntRange(0, 9), help="Decimals of quantities."),
        click.option("--min-order-qty", type=base, help="Base units."),
        click.option("--max-order-qty", type=base, help="Base units."),
        click.option("--max-order-notional", type=base, help="1e-9 quote x base units; 0 = none."),
        click.option("--reference-price", help="Previous close, in the quote currency."),
        click.option("--static-band-bp", type=base, help="Band around it, basis points; 0 = none."),
        click.option("--contract-multiplier", type=click.IntRange(1)),
        click.option("--stp-default", type=click.Choice(STP_MODES), help="Self-trade prevention."),
    ):
        function = option(function)
    return function


@instrument.command("add", cls=Verb)
@click.argument("symbol")
@click.option("--asset-class", type=click.Choice(CLASSES), default="equity", show_default=True)
@click.option("--currency", default="USD", show_default=True, help="Quote currency.")
@click.option(
    "--mic",
    default="XXXX",
    show_default=True,
    help='Market identifier code, 4 characters; XXXX is ISO 10383\'s "no market".',
)
@term_options
@request_id_option
@with_app
def add(
    app: App,
    /,
    symbol: str,
    asset_class: str,
    currency: str,
    mic: str,
    request_id: str | None,
    **terms: Any,
) -> None:
    """Add an instrument. It is closed at first: open it with `exctl session open SYMBOL`.

    \b
    Examples:
      exctl instrument add ABC --tick-size 0.01
      exctl instrument add ABC --asset-class equity --currency EUR --mic XLOC --tick-size 0.01
      exctl instrument add BTC-USD --asset-class crypto --currency USD --mic XLOC \
          --tick-size 0.01 --lot-size 1000 --qty-decimals 8
    """
    from exchange.client import instrument as new_instrument

    if terms["tick_size"] is None:
        raise click.UsageError("--tick-size is required")
    given = _given(terms)
    try:
        new = new_instrument(symbol, asset_class, currency=currency, mic=mic, **given)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    told = app.run(lambda client: client.create_instrument(new, request_id=request_id))
    _show(app, told.instrument)


@instrument.command("update", cls=Verb)
@click.argument("symbol")
@click.option("--currency", help="Quote currency.")
@click.option("--mic", help="Market identifier code.")
@click.option("--status", type=click.Choice(["active", "retired"]), help="Retired is final.")
@term_options
@request_id_option
@with_app
def update(app: App, /, symbol: str, request_id: str | None, **terms: Any) -> None:
    """Change what is given. Tick size, lot size and decimals only while no order is open.

    \b
    Examples:
      exctl instrument update ABC --reference-price 101.50
      exctl instrument update ABC --static-band-bp 1000
    """
    from exchange.client import price_units
    from exchange.client.messages import Instrument

    given = _given(terms)
    if not given:
        raise click.UsageError("nothing to change; `--help` lists what can be")
    fields = sorted(given)
    try:
        given.update({name: price_units(given[name]) for name in PRICES if name in given})
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if "max_order_notional" in given:
        given["max_order_notional"] = str(given["max_order_notional"])
    if "status" in given:
        given["status"] = f"INSTRUMENT_STATUS_{given['status'].upper()}"
    if "stp_default" in given:
        given["stp_default"] = given["stp_default"].value
    changed = Instrument(symbol=symbol, **given)
    told = app.run(lambda client: client.update_instrument(changed, fields, request_id=request_id))
    _show(app, told.instrument)


@instrument.command("split", cls=Verb)
@click.argument("symbol")
@click.argument("ratio")
@reason_option
@yes_option
@request_id_option
@with_app
def split(
    app: App, symbol: str, ratio: str, reason: str, yes: bool, request_id: str | None
) -> None:
    """Split a closed instrument: RATIO is new:old, 2:1 doubles its shares, 1:10 leaves a tenth.

    Its open orders are canceled, positions and prices are counted anew, fractions are paid out.

    \b
    Examples:
      exctl instrument split ABC 2:1 --reason "stock split"
      exctl instrument split ABC 1:10 --reason "reverse split" --yes
    """
    num, colon, den = ratio.partition(":")
    if not colon or not num.isdecimal() or not den.isdecimal():
        raise click.UsageError(f"a ratio is written 2:1, not {ratio!r}")
    terms = (symbol, int(num), int(den), reason)
    would = app.run(lambda client: client.split_instrument(*terms, validate_only=True))
    confirm(f"splits {symbol} {ratio}; {would.canceled_count} orders are canceled", symbol, yes=yes)
    told = app.run(lambda client: client.split_instrument(*terms, request_id=request_id))
    _show(app, told.instrument)


@instrument.command("list", cls=Verb)
@with_app
def list_instruments(app: App) -> None:
    """List instruments.

    \b
    Example:
      exctl -o json instrument list
    """
    found = app.run(lambda client: client.list_instruments())
    app.output.rows(
        "instruments",
        found,
        {
            "symbol": lambda row: row.symbol,
            "class": lambda row: enum_name(row, "asset_class"),
            "currency": lambda row: row.currency,
            "phase": lambda row: enum_name(row, "phase"),
            "tick": lambda row: _price(row.tick_size),
            "lot": lambda row: _qty(row, row.lot_size),
            "reference": lambda row: _price(row.reference_price),
            "last": lambda row: _price(row.last_px),
            "status": lambda row: enum_name(row, "status"),
        },
    )


@instrument.command("show", cls=Verb)
@click.argument("symbol")
@with_app
def show(app: App, symbol: str) -> None:
    """Show one instrument in full.

    \b
    Example:
      exctl instrument show ABC
    """
    _show(app, app.run(lambda client: client.get_instrument(symbol)))


def _given(terms: dict[str, Any]) -> dict[str, Any]:
    from exchange.model.enums import StpMode

    given = {name: value for name, value in terms.items() if value is not None}
    if "stp_default" in given:
        given["stp_default"] = StpMode[given["stp_default"].upper()]
    return given


def _price(units: int) -> Decimal | str:
    from exchange.client import decimal_price

    return decimal_price(units) if units else ""


def _qty(row: Instrument, units: int) -> Decimal:
    from exchange.client import decimal_of

    return decimal_of(units, row.qty_decimals)


def _show(app: App, row: Instrument) -> None:
    cells: dict[str, object] = {
        "symbol": row.symbol,
        "id": row.instrument_id,
        "class": enum_name(row, "asset_class"),
        "currency": row.currency,
        "mic": row.mic,
        "status": enum_name(row, "status"),
        "phase": enum_name(row, "phase"),
        "tick size": _price(row.tick_size),
        "lot size": _qty(row, row.lot_size),
        "qty decimals": row.qty_decimals,
        "min order qty": _qty(row, row.min_order_qty),
        "max order qty": _qty(row, row.max_order_qty),
        "max order notional": row.max_order_notional,
        "reference price": _price(row.reference_price),
        "static band bp": row.static_band_bp,
        "multiplier": row.contract_multiplier,
        "stp default": enum_name(row, "stp_default"),
        "last": _price(row.last_px),
    }
    app.output.record(row, cells)
