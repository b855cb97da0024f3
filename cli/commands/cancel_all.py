"""`exctl cancel-all`: an operator cancels open orders (RULEBOOK R9.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.confirm import confirm
from cli.verb import App, Verb, reason_option, request_id_option, with_app, yes_option

if TYPE_CHECKING:
    from exchange.client import AsyncClient


@click.command("cancel-all", cls=Verb)
@click.option("--member", default="", help="Only this member.")
@click.option("--account", default="", help="Only this account of --member.")
@click.option("--symbol", default="", help="Only this instrument.")
@click.option("--side", type=click.Choice(["buy", "sell"], case_sensitive=False))
@reason_option
@yes_option
@request_id_option
@with_app
def cancel_all(
    app: App,
    member: str,
    account: str,
    symbol: str,
    side: str | None,
    reason: str,
    yes: bool,
    request_id: str | None,
) -> None:
    """Cancel all open orders that pass the filters; without a filter, of the whole market.

    \b
    Examples:
      exctl cancel-all --member mm1 --reason "asked by phone"
      exctl cancel-all --symbol ABC --side buy --reason "wrong reference price" --yes
    """
    if account and not member:
        raise click.UsageError("--account needs --member")

    async def canceled(client: AsyncClient, *, validate_only: bool) -> int:
        told = await client.cancel_all(
            reason,
            member=member,
            account=account,
            symbol=symbol,
            side=side,
            validate_only=validate_only,
            request_id=request_id,
        )
        if not validate_only:
            app.output.record(told, {"orders canceled": told.canceled_count})
        return told.canceled_count

    count = app.run(lambda client: canceled(client, validate_only=True))
    scope = account or member or symbol or side or "market"
    confirm(f"cancels {count} open orders of {scope}", scope, yes=yes)
    app.run(lambda client: canceled(client, validate_only=False))
