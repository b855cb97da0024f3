"""`exctl kill`: kill switches (RULEBOOK R9.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from cli.confirm import confirm
from cli.output import enum_name
from cli.verb import App, Verb, noun, reason_option, request_id_option, with_app, yes_option

if TYPE_CHECKING:
    from exchange.client import AsyncClient
    from exchange.client.messages import KillTarget

kill = noun("kill", "Kill switches: engage, release, status.")


def target_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """What a kill switch covers: exactly one of these."""
    for option in (
        click.option("--market", is_flag=True, help="Everything."),
        click.option("--symbol", default="", help="One instrument."),
        click.option("--member", default="", help="One member."),
        click.option("--account", default="", metavar="MEMBER/ACCOUNT", help="One account."),
        click.option("--session", "session_id", type=click.IntRange(1), help="One session."),
    ):
        function = option(function)
    return function


@kill.command("engage", cls=Verb)
@target_options
@reason_option
@yes_option
@request_id_option
@with_app
def engage(app: App, /, reason: str, yes: bool, request_id: str | None, **target: Any) -> None:
    """Cancel all open orders of the target and refuse new ones until it is released.

    \b
    Examples:
      exctl kill engage --member mm1 --reason "runaway quotes"
      exctl kill engage --market --reason "drill" --yes
    """
    scope, covered = _target(**target)

    async def engaged(client: AsyncClient, *, validate_only: bool) -> int:
        told = await client.engage_kill_switch(
            covered, reason, validate_only=validate_only, request_id=request_id
        )
        if not validate_only:
            app.output.record(told, {"engaged": scope, "orders canceled": told.canceled_count})
        return told.canceled_count

    count = app.run(lambda client: engaged(client, validate_only=True))
    confirm(
        f"kill switch on {scope}: {count} orders are canceled, new ones refused", scope, yes=yes
    )
    app.run(lambda client: engaged(client, validate_only=False))


@kill.command("release", cls=Verb)
@target_options
@reason_option
@yes_option
@request_id_option
@with_app
def release(app: App, /, reason: str, yes: bool, request_id: str | None, **target: Any) -> None:
    """Take orders of the target again.

    \b
    Example:
      exctl kill release --member mm1 --reason "fixed and tested"
    """
    scope, covered = _target(**target)
    confirm(f"releases the kill switch on {scope}: new orders are taken again", scope, yes=yes)

    async def work(client: AsyncClient) -> None:
        told = await client.release_kill_switch(covered, reason, request_id=request_id)
        app.output.record(told, {"released": scope})

    app.run(work)


@kill.command("status", cls=Verb)
@with_app
def kill_status(app: App) -> None:
    """List the kill switches that are engaged.

    \b
    Example:
      exctl -o json kill status
    """
    found = app.run(lambda client: client.list_kill_switches())
    app.output.rows(
        "kill_switches",
        found,
        {
            "scope": lambda row: enum_name(row.target, "scope"),
            "member": lambda row: row.target.member,
            "account": lambda row: row.target.account,
            "symbol": lambda row: row.target.symbol,
            "session": lambda row: row.target.session_id or "",
            "operator": lambda row: row.operator,
            "since": lambda row: row.engage_time.ToJsonString(),
            "reason": lambda row: row.reason,
        },
    )


def _target(
    *, market: bool, symbol: str, member: str, account: str, session_id: int | None
) -> tuple[str, KillTarget]:
    from exchange.client import kill_target
    from exchange.model.enums import KillScope

    given = [market, bool(symbol), bool(member), bool(account), session_id is not None]
    if sum(given) != 1:
        raise click.UsageError("name one of --market, --symbol, --member, --account or --session")
    if market:
        return "market", kill_target(KillScope.MARKET)
    if symbol:
        return symbol, kill_target(KillScope.INSTRUMENT, symbol=symbol)
    if member:
        return member, kill_target(KillScope.MEMBER, member=member)
    if session_id is not None:
        return f"session {session_id}", kill_target(KillScope.SESSION, session_id=session_id)
    owner, slash, name = account.partition("/")
    if not (slash and owner and name):
        raise click.UsageError(f"--account {account!r} must be MEMBER/ACCOUNT")
    return account, kill_target(KillScope.ACCOUNT, member=owner, account=name)
