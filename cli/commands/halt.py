"""`exctl halt` and `exctl resume`: stop and restart trading (RULEBOOK R7.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.confirm import confirm
from cli.verb import App, Verb, reason_option, request_id_option, with_app, yes_option

if TYPE_CHECKING:
    from exchange.client import AsyncClient
    from exchange.model.enums import AssetClass

CLASSES = ("equity", "bond", "future", "option", "crypto")
class_option = click.option("--asset-class", type=click.Choice(CLASSES), help="All of a class.")
market_option = click.option("--market", is_flag=True, help="Everything.")


@click.command("halt", cls=Verb)
@click.argument("symbol", default="")
@class_option
@market_option
@click.option("--cancel-orders", is_flag=True, help="Cancel the open orders too.")
@reason_option
@yes_option
@request_id_option
@with_app
def halt(
    app: App,
    symbol: str,
    asset_class: str | None,
    market: bool,
    cancel_orders: bool,
    reason: str,
    yes: bool,
    request_id: str | None,
) -> None:
    """Halt an instrument, an asset class or the market.

    \b
    Examples:
      exctl halt ABC --reason "news pending"
      exctl halt --market --reason "clearing is down" --cancel-orders --yes
    """
    scope, kind = _scope(symbol, asset_class, market=market)

    async def halted(client: AsyncClient, *, validate_only: bool) -> int:
        told = await client.halt(
            reason,
            symbol=symbol,
            asset_class=kind,
            cancel_orders=cancel_orders,
            validate_only=validate_only,
            request_id=request_id,
        )
        if not validate_only:
            cells = {"halted": ", ".join(told.symbols), "orders canceled": told.canceled_count}
            app.output.record(told, cells)
        return told.canceled_count

    count = app.run(lambda client: halted(client, validate_only=True))
    confirm(f"halts {scope}; {count} orders are canceled", scope, yes=yes)
    app.run(lambda client: halted(client, validate_only=False))


@click.command("resume", cls=Verb)
@click.argument("symbol", default="")
@class_option
@market_option
@click.option("--direct", is_flag=True, help="Without an auction first.")
@reason_option
@yes_option
@request_id_option
@with_app
def resume(
    app: App,
    symbol: str,
    asset_class: str | None,
    market: bool,
    direct: bool,
    reason: str,
    yes: bool,
    request_id: str | None,
) -> None:
    """Resume an instrument, an asset class or the market.

    \b
    Examples:
      exctl resume ABC --reason "news is out"
      exctl resume --market --direct --reason "clearing is back" --yes
    """
    scope, kind = _scope(symbol, asset_class, market=market)
    confirm(f"resumes trading of {scope}", scope, yes=yes)

    async def work(client: AsyncClient) -> None:
        told = await client.resume(
            reason, symbol=symbol, asset_class=kind, direct=direct, request_id=request_id
        )
        app.output.record(told, {"resumed": ", ".join(told.symbols)})

    app.run(work)


def _scope(symbol: str, asset_class: str | None, *, market: bool) -> tuple[str, AssetClass | None]:
    from exchange.model.enums import AssetClass

    if bool(symbol) + bool(asset_class) + market != 1:
        raise click.UsageError("name one of SYMBOL, --asset-class or --market")
    kind = AssetClass[asset_class.upper()] if asset_class else None
    return symbol or asset_class or "market", kind
