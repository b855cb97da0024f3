"""`exctl cash`: money and securities that come to accounts or leave them."""

from __future__ import annotations

import click

from cli.verb import App, Verb, noun, reason_option, request_id_option, with_app

cash = noun("cash", "Money and securities of accounts: adjust, deliver.")


@cash.command("adjust", cls=Verb, context_settings={"ignore_unknown_options": True})
@click.argument("member")
@click.argument("account")
@click.argument("currency")
@click.argument("amount")
@reason_option
@request_id_option
@with_app
def adjust(
    app: App, /, member: str, account: str, reason: str, request_id: str | None, **money: str
) -> None:
    """Record a deposit, or a withdrawal where AMOUNT is negative.

    \b
    Examples:
      exctl cash adjust alice alice USD 10000 --reason "wire 4711"
      exctl cash adjust alice alice USD -250.50 --reason "payout"
    """
    currency, amount = money["currency"], money["amount"]
    told = app.run(
        lambda client: client.adjust_cash(
            member, account, currency, amount, reason=reason, request_id=request_id
        )
    )
    app.output.record(told, {"account": f"{member}/{account}", currency: amount})


@cash.command("deliver", cls=Verb, context_settings={"ignore_unknown_options": True})
@click.argument("member")
@click.argument("account")
@click.argument("symbol")
@click.argument("qty")
@click.option("--price", default="0", help="Cost of what comes, a decimal number.")
@reason_option
@request_id_option
@with_app
def deliver(
    app: App, /, member: str, account: str, reason: str, request_id: str | None, **terms: str
) -> None:
    """Record securities that come, or leave where QTY is negative; QTY in base units.

    \b
    Example:
      exctl cash deliver alice alice ABC 100 --price 10.50 --reason "transfer in"
    """
    from exchange.client import price_units

    symbol, qty = terms["symbol"], terms["qty"]
    if not qty.removeprefix("-").isdecimal():
        raise click.UsageError(f"QTY {qty!r} is not a whole number of base units")
    price = price_units(terms["price"])
    told = app.run(
        lambda client: client.adjust_position(
            member, account, symbol, int(qty), price=price, reason=reason, request_id=request_id
        )
    )
    app.output.record(told, {"account": f"{member}/{account}", symbol: qty})
