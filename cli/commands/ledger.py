"""`exctl ledger`: what moved accounts, and balances by double entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.output import enum_name
from cli.verb import App, Verb, noun, with_app

if TYPE_CHECKING:
    from exchange.client import AsyncClient
    from exchange.client.messages import GetLedgerBalancesResponse, LedgerAmount, LedgerEntry

SHOWN = 50
ledger = noun("ledger", "The ledger: entries, balances.")


@ledger.command("show", cls=Verb)
@click.argument("member", default="")
@click.argument("account", default="")
@click.option("--limit", type=click.IntRange(0), default=SHOWN, show_default=True, help="0 = all.")
@with_app
def show(app: App, member: str, account: str, limit: int) -> None:
    """Show what moved an account, newest first: trades, fees, busts, deposits, variation.

    \b
    Examples:
      exctl ledger show alice
      exctl -o jsonl ledger show alice alice-2 --limit 0
    """

    async def ask(client: AsyncClient) -> tuple[dict[str, int], list[LedgerEntry]]:
        return await _scales(client), await client.ledger_entries(member, account, limit=limit)

    scales, found = app.run(ask)
    app.output.rows(
        "entries",
        found,
        {
            "seq": lambda row: row.seq,
            "time": lambda row: row.transact_time.ToJsonString(),
            "what": lambda row: enum_name(row, "kind"),
            "trade": lambda row: row.trade_id or "",
            "postings": lambda row: "; ".join(
                f"{_owner(posting)} {_amount(posting, scales, signed=True)}"
                for posting in row.postings
            ),
            "reason": lambda row: row.reason,
        },
    )


@ledger.command("balances", cls=Verb)
@click.argument("member", default="")
@click.argument("account", default="")
@with_app
def balances(app: App, member: str, account: str) -> None:
    """Show balances: of an account, of a member, or of everybody and the house.

    \b
    Examples:
      exctl ledger balances
      exctl ledger balances alice
    """

    async def ask(client: AsyncClient) -> tuple[dict[str, int], GetLedgerBalancesResponse]:
        return await _scales(client), await client.ledger_balances(member, account)

    scales, told = app.run(ask)
    app.output.rows(
        "balances",
        list(told.balances),
        {
            "of": _owner,
            "amount": lambda row: _amount(row, scales, signed=False),
        },
    )


async def _scales(client: AsyncClient) -> dict[str, int]:
    return {row.symbol: row.qty_decimals for row in await client.list_instruments()}


def _owner(row: LedgerAmount) -> str:
    return f"{row.member}/{row.account}" if row.account else enum_name(row, "kind")


def _amount(row: LedgerAmount, scales: dict[str, int], *, signed: bool) -> str:
    from decimal import Decimal

    from exchange.client import decimal_of

    if row.symbol:
        number = decimal_of(int(row.amount), scales.get(row.symbol, 0))
    else:
        number = Decimal(row.amount)
    return f"{number:{'+' if signed else ''}f} {row.symbol or row.currency}"
