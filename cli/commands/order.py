"""`exctl order`: orders of a member."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from cli import exit_codes
from cli.commands.order_terms import (
    changed_terms_options,
    instructions_of,
    new_order_options,
    terms_of,
)
from cli.commands.reports import report_columns
from cli.output import enum_name
from cli.times import MOMENT
from cli.verb import App, Verb, member_option, noun, with_app

if TYPE_CHECKING:
    from exchange.client import AsyncClient, MassCancelOutcome, OrderOutcome
    from exchange.client.messages import Order

order = noun("order", "Orders of a member: submit, cancel, replace, show, list, mass-cancel.")

cl_ord_id_option = click.option(
    "--cl-ord-id", metavar="ID", help="Idempotency key; a fresh UUID if none is given."
)
order_id_option = click.option(
    "--order-id", type=click.IntRange(1), help="The exchange's id of the order."
)


@order.command("submit", cls=Verb)
@click.argument("symbol")
@click.argument("side", type=click.Choice(["buy", "sell"], case_sensitive=False))
@click.argument("qty")
@click.argument("price", default="market")
@member_option
@cl_ord_id_option
@click.option("--tif", default="DAY", show_default=True, help="DAY, GTC, IOC, FOK, GTD.")
@click.option("--account", default="", help="Account; the member's first if none is given.")
@new_order_options
@click.option(
    "--expire",
    "expire_ns",
    type=MOMENT,
    help="With --tif GTD: +1h, or 2026-03-09T16:00:00-04:00.",
)
@with_app
def submit(
    app: App,
    /,
    symbol: str,
    side: str,
    qty: str,
    price: str,
    member: str | None,
    cl_ord_id: str | None,
    tif: str,
    account: str,
    expire_ns: int | None,
    **special: Any,
) -> None:
    """Enter an order and print its execution reports.

    QTY and PRICE are decimal numbers as the instrument shows them; without PRICE, or with
    "market", it is a market order. Exit status 1 if the market rejects it. Repeating the command
    with the same --cl-ord-id changes nothing and prints the original outcome (poss_dup).

    \b
    Examples:
      exctl order submit --member alice ABC buy 10 100.25
      exctl order submit --member bob --cl-ord-id b1 ABC sell 10 market
      exctl order submit --member mm1 BTC-USD buy 0.5 60000 --tif IOC
      exctl order submit --member alice ABC buy 10 99 --tif GTD --expire "2026-03-09 16:00 UTC"
      exctl order submit --member alice ABC sell 10 --type stop --stop 95.00
      exctl order submit --member alice ABC sell 10 --type trailing-stop --trail 50bp
      exctl order submit --member alice ABC buy 500 100.25 --display 50
      exctl order submit --member alice ABC buy 20000 --dark --min-qty 5000
      exctl order submit --member alice ABC buy 10 --type pegged --peg primary --offset -0.05
    """
    terms, instructions = terms_of(special), instructions_of(special)

    async def work(client: AsyncClient) -> tuple[dict[str, int], OrderOutcome]:
        outcome = await client.submit_order(
            symbol,
            side,
            await _base_units(client, symbol, qty),
            price,
            cl_ord_id=cl_ord_id,
            tif=tif,
            account=account,
            expire_ns=expire_ns or 0,
            terms=terms,
            **instructions,
        )
        return await _scales(app, client), outcome

    _tell(app, *app.run(work, member=member))


@order.command("cancel", cls=Verb)
@click.argument("orig_cl_ord_id", default="")
@member_option
@order_id_option
@cl_ord_id_option
@with_app
def cancel(
    app: App, orig_cl_ord_id: str, member: str | None, order_id: int | None, cl_ord_id: str | None
) -> None:
    """Cancel an order, named by its cl_ord_id or by --order-id.

    \b
    Examples:
      exctl order cancel --member alice a1
      exctl order cancel --member alice --order-id 17
    """
    _named(orig_cl_ord_id, order_id)

    async def work(client: AsyncClient) -> tuple[dict[str, int], OrderOutcome]:
        outcome = await client.cancel_order(
            orig_cl_ord_id, order_id=order_id or 0, cl_ord_id=cl_ord_id
        )
        return await _scales(app, client), outcome

    _tell(app, *app.run(work, member=member))


@order.command("replace", cls=Verb)
@click.argument("orig_cl_ord_id", default="")
@click.option("--qty", help="New total quantity.")
@click.option("--price", help="New limit price.")
@member_option
@order_id_option
@cl_ord_id_option
@changed_terms_options
@with_app
def replace(
    app: App,
    /,
    orig_cl_ord_id: str,
    qty: str | None,
    price: str | None,
    member: str | None,
    order_id: int | None,
    cl_ord_id: str | None,
    **changed: Any,
) -> None:
    """Give an order a new total quantity, price or terms. Less quantity keeps its priority.

    \b
    Examples:
      exctl order replace --member alice a1 --qty 5
      exctl order replace --member alice a1 --price 100.10 --cl-ord-id a2
      exctl order replace --member alice s1 --stop 96.00
    """
    _named(orig_cl_ord_id, order_id)
    terms = terms_of(changed)
    if qty is None and price is None and terms is None:
        raise click.UsageError("give --qty, --price or terms to change")

    async def work(client: AsyncClient) -> tuple[dict[str, int], OrderOutcome]:
        outcome = await client.replace_order(
            orig_cl_ord_id,
            order_id=order_id or 0,
            qty=qty or 0,
            price=price or 0,
            cl_ord_id=cl_ord_id,
            terms=terms,
        )
        return await _scales(app, client), outcome

    _tell(app, *app.run(work, member=member))


@order.command("mass-cancel", cls=Verb)
@member_option
@click.option("--symbol", default="", help="Only this instrument.")
@click.option("--account", default="", help="Only this account.")
@click.option("--side", type=click.Choice(["buy", "sell"], case_sensitive=False))
@cl_ord_id_option
@with_app
def mass_cancel(
    app: App,
    member: str | None,
    symbol: str,
    account: str,
    side: str | None,
    cl_ord_id: str | None,
) -> None:
    """Cancel all own open orders that pass the filters.

    \b
    Example:
      exctl order mass-cancel --member mm1 --symbol ABC
    """
    from exchange.client import as_dict

    async def work(client: AsyncClient) -> MassCancelOutcome:
        return await client.mass_cancel(
            symbol=symbol, account=account, side=side, cl_ord_id=cl_ord_id
        )

    outcome = app.run(work, member=member)
    told = {
        "cl_ord_id": outcome.cl_ord_id,
        "poss_dup": outcome.poss_dup,
        "report": as_dict(outcome.report),
        "reports": [as_dict(report) for report in outcome.reports],
    }
    text = outcome.report.text
    app.output.record(told, {"canceled": outcome.report.canceled_count, "text": text})
    sys.exit(exit_codes.REFUSED if outcome.is_rejected else exit_codes.OK)


@order.command("show", cls=Verb)
@click.argument("cl_ord_id", default="")
@member_option
@order_id_option
@with_app
def show(app: App, cl_ord_id: str, member: str | None, order_id: int | None) -> None:
    """Show one order of this trading day, by any cl_ord_id used for it or by --order-id.

    \b
    Examples:
      exctl order show --member alice a1
      exctl -o json order show --member alice --order-id 17
    """
    _named(cl_ord_id, order_id)

    async def work(client: AsyncClient) -> tuple[dict[str, int], Order]:
        found = await client.get_order(cl_ord_id, order_id=order_id or 0, member=member or "")
        return await _scales(app, client), found

    scales, found = app.run(work, member=member)
    columns = _order_columns(scales)
    app.output.record(found, {name: cell(found) for name, cell in columns.items()})


@order.command("list", cls=Verb)
@member_option
@click.option("--symbol", default="", help="Only this instrument.")
@click.option("--account", default="", help="Only this account of the member.")
@click.option("--live", is_flag=True, help="Only those that can still trade.")
@click.option("--limit", type=click.IntRange(0), default=0, help="0 = all.")
@with_app
def list_orders(
    app: App, member: str | None, symbol: str, account: str, live: bool, limit: int
) -> None:
    """List orders of this trading day: of one member, or of all for an operator.

    \b
    Examples:
      exctl order list --live
      exctl -o jsonl order list --member alice --symbol ABC
    """

    async def work(client: AsyncClient) -> tuple[dict[str, int], list[Order]]:
        found = await client.list_orders(
            symbol=symbol, live_only=live, limit=limit, member=member or "", account=account
        )
        return await _scales(app, client), found

    scales, found = app.run(work, member=member)
    app.output.rows("orders", found, _order_columns(scales))


def _named(cl_ord_id: str, order_id: int | None) -> None:
    if bool(cl_ord_id) == (order_id is not None):
        raise click.UsageError("name the order by its cl_ord_id or by --order-id")


# An unknown symbol has no scale; the exchange shall refuse it, so that the refusal is in the log.
async def _base_units(client: AsyncClient, symbol: str, qty: str) -> str | int:
    from exchange.client import NotFoundError, quantity_units

    try:
        await client.qty_decimals(symbol)
    except NotFoundError:
        return quantity_units(qty, 0)
    return qty


async def _scales(app: App, client: AsyncClient) -> dict[str, int]:
    if not app.output.is_table:
        return {}
    return {row.symbol: row.qty_decimals for row in await client.list_instruments()}


def _tell(app: App, scales: dict[str, int], outcome: OrderOutcome) -> None:
    from exchange.client import as_dict

    output = app.output
    if output.form == "json":
        told: dict[str, Any] = {
            "cl_ord_id": outcome.cl_ord_id,
            "poss_dup": outcome.poss_dup,
            "attempts": outcome.attempts,
            "reports": [as_dict(report) for report in outcome.reports],
        }
        output.record(told, {})
    else:
        output.rows("reports", outcome.reports, report_columns(scales))
    sys.exit(exit_codes.REFUSED if outcome.is_rejected else exit_codes.OK)


def _order_columns(scales: dict[str, int]) -> Any:
    from exchange.client import decimal_of, decimal_price

    def qty(row: Order, units: int) -> object:
        return decimal_of(units, scales.get(row.symbol, 0))

    return {
        "order": lambda row: row.order_id,
        "cl_ord_id": lambda row: row.cl_ord_id,
        "member": lambda row: row.member,
        "symbol": lambda row: row.symbol,
        "side": lambda row: enum_name(row, "side"),
        "type": lambda row: enum_name(row, "ord_type"),
        "book": lambda row: enum_name(row, "book"),
        "tif": lambda row: enum_name(row, "time_in_force"),
        "qty": lambda row: qty(row, row.order_qty),
        "price": lambda row: decimal_price(row.price) if row.price else "",
        "status": lambda row: enum_name(row, "ord_status"),
        "cum": lambda row: qty(row, row.cum_qty),
        "leaves": lambda row: qty(row, row.leaves_qty),
        "avg_px": lambda row: decimal_price(row.avg_px) if row.avg_px else "",
        "reason": lambda row: enum_name(row, "reject_reason"),
    }
