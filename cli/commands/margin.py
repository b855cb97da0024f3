"""`exctl margin`: margin requirements and margin calls (RULEBOOK R8.11)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from cli.times import LENGTH
from cli.verb import App, Verb, noun, request_id_option, with_app

if TYPE_CHECKING:
    from exchange.client import AsyncClient
    from exchange.client.messages import Balance, Portfolio

SECOND_NS = 1_000_000_000
margin = noun("margin", "Margin of accounts: show, set.")


@margin.command("show", cls=Verb)
@click.argument("member", default="")
@click.argument("account", default="")
@click.option("--calls", is_flag=True, help="Only accounts with a margin call.")
@with_app
def show(app: App, member: str, account: str, calls: bool) -> None:
    """Show equity against margin of margin accounts, of all members if none is named.

    Excess is equity less maintenance margin; below zero there is a margin call, and at its deadline
    the exchange closes positions.

    \b
    Examples:
      exctl margin show
      exctl margin show alice
      exctl -o json margin show --calls
    """

    async def read(client: AsyncClient) -> list[tuple[Portfolio, Balance]]:
        names = [member] if member else [row.name for row in await client.list_members()]
        found = []
        for name in names:
            for portfolio in await client.portfolios(name, account):
                found += [(portfolio, row) for row in portfolio.balances if _counts(row, calls)]
        return found

    rows = app.run(read)
    if app.output.is_table:
        headings = ["account", "currency", "equity", "initial", "maintenance", "excess", "call"]
        app.output.table(headings, [_cells(*row) for row in rows])
        return
    from exchange.client import as_dict

    app.output.items(
        "margins",
        [{"member": owner.member, "account": owner.account, **as_dict(row)} for owner, row in rows],
    )


@margin.command("set", cls=Verb)
@click.argument("member")
@click.argument("account")
@click.option("--initial-bp", type=click.IntRange(0), help="Basis points; 0 = 5000.")
@click.option("--maintenance-bp", type=click.IntRange(0), help="Basis points; 0 = 2500.")
@click.option("--grace", "grace_ns", type=LENGTH, help="From a call to the liquidation; 0s = 1h.")
@request_id_option
@with_app
def set_margin(
    app: App,
    /,
    member: str,
    account: str,
    initial_bp: int | None,
    maintenance_bp: int | None,
    grace_ns: int | None,
    request_id: str | None,
) -> None:
    """Make an account a margin account with these rates; what is not named stays.

    \b
    Examples:
      exctl margin set bob bob
      exctl margin set bob bob --initial-bp 4000 --maintenance-bp 2000 --grace 30m
    """
    from exchange.client.messages import AccountLimits
    from exchange.model.risk import AccountType

    if grace_ns is not None and grace_ns % SECOND_NS:
        raise click.UsageError("--grace is whole seconds")

    async def work(client: AsyncClient) -> None:
        wanted = AccountLimits()
        for row in (await client.risk_settings()).account_limits:
            if (row.member, row.account) == (member, account):
                wanted.CopyFrom(row)
        wanted.account_type = AccountType.MARGIN.value  # type: ignore[assignment]
        changes: dict[str, Any] = {
            "initial_margin_bp": initial_bp,
            "maintenance_margin_bp": maintenance_bp,
            "call_grace_s": None if grace_ns is None else grace_ns // SECOND_NS,
        }
        for field, value in changes.items():
            if value is not None:
                setattr(wanted, field, value)
        told = await client.set_account_limits(member, account, wanted, request_id=request_id)
        app.output.record(told, {"account": f"{member}/{account}", "margin": "set"})

    app.run(work)


def _counts(row: Balance, calls: bool) -> bool:
    if calls:
        return row.HasField("call_deadline")
    return Decimal(row.initial_margin) != 0 or row.HasField("call_deadline")


def _cells(owner: Portfolio, row: Balance) -> list[object]:
    deadline = row.call_deadline.ToJsonString() if row.HasField("call_deadline") else "none"
    return [
        f"{owner.member}/{owner.account}",
        row.currency,
        Decimal(row.equity),
        Decimal(row.initial_margin),
        Decimal(row.maintenance_margin),
        Decimal(row.equity) - Decimal(row.maintenance_margin),
        deadline,
    ]
