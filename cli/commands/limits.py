"""`exctl limits`: bounds of accounts and members (RULEBOOK R8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli.output import enum_name
from cli.verb import App, Verb, noun, request_id_option, with_app

if TYPE_CHECKING:
    from exchange.client import AsyncClient

limits = noun("limits", "Limits of accounts, members, instruments: get, set ...")

TYPES = {"none": 0, "cash": 1, "margin": 2}


@limits.command("get", cls=Verb)
@click.argument("member", default="")
@with_app
def get(app: App, member: str) -> None:
    """Show the limits of accounts, of one member or of all that have any.

    \b
    Examples:
      exctl limits get
      exctl -o json limits get alice
    """
    told = app.run(lambda client: client.risk_settings())
    rows = [row for row in told.account_limits if member in {"", row.member}]
    app.output.rows(
        "account_limits",
        rows,
        {
            "member": lambda row: row.member,
            "account": lambda row: row.account,
            "type": lambda row: enum_name(row, "account_type"),
            "retail": lambda row: row.retail,
            "pdt": lambda row: row.pattern_day_trader,
            "credit": lambda row: row.credit_limit,
            "position": lambda row: row.max_position,
            "order qty": lambda row: row.max_order_qty,
            "notional": lambda row: row.max_order_notional,
            "collar bp": lambda row: row.collar_bp,
            "conc bp": lambda row: row.concentration_bp,
            "adv bp": lambda row: row.adv_bp,
        },
    )


@limits.command("set", cls=Verb)
@click.argument("member")
@click.argument("account")
@click.option("--type", "kind", type=click.Choice(list(TYPES)), help="How the account pays.")
@click.option("--retail/--no-retail", default=None, help="5 % price collar.")
@click.option("--pdt/--no-pdt", default=None, help="Flag as pattern day trader.")
@click.option("--credit-limit", metavar="AMOUNT", help="Worst case, currency units; 0 = none.")
@click.option("--max-position", type=click.IntRange(0), help="Base units; 0 = none.")
@click.option("--max-order-qty", type=click.IntRange(0), help="Base units; 0 = none.")
@click.option("--max-order-notional", metavar="AMOUNT", help="Currency units; 0 = none.")
@click.option("--collar-bp", type=click.IntRange(0), help="Basis points; 0 = default.")
@click.option("--concentration-bp", type=click.IntRange(0), help="Of the equity; 0 = none.")
@click.option("--adv-bp", type=click.IntRange(0), help="Of the daily volume; 0 = none.")
@click.option("--initial-margin-bp", type=click.IntRange(0), help="0 = 5000.")
@click.option("--maintenance-margin-bp", type=click.IntRange(0), help="0 = 2500.")
@click.option("--call-grace-s", type=click.IntRange(0), help="0 = 3600.")
@click.option("--clear", is_flag=True, help="Begin from no limits, not from those in force.")
@request_id_option
@with_app
def set_limits(
    app: App,
    /,
    member: str,
    account: str,
    kind: str | None,
    retail: bool | None,
    pdt: bool | None,
    clear: bool,
    request_id: str | None,
    **bounds: Any,
) -> None:
    """Change limits of an account; what is not named stays as it is.

    \b
    Examples:
      exctl limits set alice alice --type cash --retail
      exctl limits set bob prop --type margin --max-position 10000 --credit-limit 5000000
      exctl limits set alice alice --clear
    """
    from exchange.client.messages import AccountLimits

    async def work(client: AsyncClient) -> None:
        wanted = AccountLimits()
        if not clear:
            for row in (await client.risk_settings()).account_limits:
                if (row.member, row.account) == (member, account):
                    wanted.CopyFrom(row)
        named = {"retail": retail, "pattern_day_trader": pdt, **bounds}
        if kind is not None:
            named["account_type"] = TYPES[kind]
        for field, value in named.items():
            if value is not None:
                setattr(wanted, field, value)
        told = await client.set_account_limits(member, account, wanted, request_id=request_id)
        app.output.record(told, {"account": f"{member}/{account}", "limits": "set"})

    app.run(work)


@limits.command("set-member", cls=Verb)
@click.argument("member")
@click.option("--fee-tier", type=click.IntRange(0, 255), default=0, help="Column of the fees.")
@click.option("--order-rate", type=click.IntRange(0), default=0, help="Orders a second; 0 = any.")
@click.option("--order-burst", type=click.IntRange(0), default=0, help="At once; 0 = the rate.")
@click.option("--session-rate", type=click.IntRange(0), default=0, help="Of each session.")
@click.option("--session-burst", type=click.IntRange(0), default=0, help="Of each session.")
@request_id_option
@with_app
def set_member(app: App, /, member: str, request_id: str | None, **fields: int) -> None:
    """Replace order rates and fee tier of a member.

    \b
    Example:
      exctl limits set-member mm1 --order-rate 500 --order-burst 1000 --fee-tier 2
    """
    from exchange.client.messages import MemberLimits

    wanted = MemberLimits()
    for field, value in fields.items():
        setattr(wanted, field, value)
    told = app.run(lambda client: client.set_member_limits(member, wanted, request_id=request_id))
    app.output.record(told, {"member": member, "limits": "set"})


@limits.command("get-members", cls=Verb)
@with_app
def get_members(app: App) -> None:
    """Show order rates and fee tiers of the members that have any.

    \b
    Example:
      exctl limits get-members
    """
    told = app.run(lambda client: client.risk_settings())
    app.output.rows(
        "member_limits",
        list(told.member_limits),
        {
            "member": lambda row: row.member,
            "fee tier": lambda row: row.fee_tier,
            "orders/s": lambda row: row.order_rate,
            "burst": lambda row: row.order_burst,
            "session orders/s": lambda row: row.session_rate,
            "session burst": lambda row: row.session_burst,
        },
    )


@limits.command("set-volume", cls=Verb)
@click.argument("symbol")
@click.argument("qty", type=click.IntRange(0))
@request_id_option
@with_app
def set_volume(app: App, symbol: str, qty: int, request_id: str | None) -> None:
    """Set the average daily volume that --adv-bp of accounts measures orders by (RULEBOOK R8.10).

    QTY is in base units; 0 = unknown, then no order is measured.

    \b
    Example:
      exctl limits set-volume ABC 250000
    """
    told = app.run(
        lambda client: client.set_average_daily_volume(symbol, qty, request_id=request_id)
    )
    app.output.record(told, {"symbol": symbol, "daily volume": qty})


@limits.command("get-volumes", cls=Verb)
@with_app
def get_volumes(app: App) -> None:
    """Show the average daily volumes that are known.

    \b
    Example:
      exctl limits get-volumes
    """
    told = app.run(lambda client: client.risk_settings())
    app.output.rows(
        "volumes",
        list(told.volumes),
        {"symbol": lambda row: row.symbol, "daily volume": lambda row: row.adv_qty},
    )
