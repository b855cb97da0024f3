"""`exctl pki`: the identities of a cluster, offline."""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from cli import exit_codes
from cli.output import warn
from cli.verb import App, Verb, noun, with_app

if TYPE_CHECKING:
    from cli.pki import Identity

T = TypeVar("T")
NODES = "n1,n2,arbiter,dr"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
DAYS_SOON = 30

pki = noun("pki", "Keys and certificates of a cluster: init, issue, show.")
directory_argument = click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
days_option = click.option(
    "--days", type=click.IntRange(1, 3650), default=825, show_default=True, help="Validity."
)
address_option = click.option(
    "--address",
    "addresses",
    multiple=True,
    default=("127.0.0.1",),
    show_default=True,
    metavar="IP",
    help="Where clients reach the nodes; may be repeated.",
)


@pki.command("init", cls=Verb)
@directory_argument
@click.option("--nodes", default=NODES, show_default=True, metavar="NAME,...", help="Nodes.")
@click.option("--operators", default="operator", show_default=True, metavar="NAME,...")
@address_option
@days_option
@with_app
def init(
    app: App, directory: Path, nodes: str, operators: str, addresses: Sequence[str], days: int
) -> None:
    """Make an authority, and an identity for each node and operator.

    Refuses a directory that holds anything. Keep DIRECTORY/ca.key away from the nodes: who has it
    can make nodes and operators. Each node needs ca.pem and its own two files.

    \b
    Example:
      exctl pki init ./pki --nodes n1,n2,arbiter,dr
    """
    from cli.pki import init as make

    made = _done(
        lambda: make(
            directory, _names(nodes), operators=_names(operators), addresses=addresses, days=days
        )
    )
    _show(app, made)


@pki.command("issue", cls=Verb)
@directory_argument
@click.argument("role", type=click.Choice(["node", "operator", "member"]))
@click.argument("name")
@address_option
@days_option
@with_app
def issue(
    app: App, directory: Path, role: str, name: str, addresses: Sequence[str], days: int
) -> None:
    """Make one more identity, signed by the authority in DIRECTORY.

    \b
    Example:
      exctl pki issue ./pki node n3 --address 10.0.0.3
    """
    from cli.pki import issue as make

    _show(app, [_done(lambda: make(directory, role, name, addresses=addresses, days=days))])


@pki.command("show", cls=Verb)
@directory_argument
@with_app
def show(app: App, directory: Path) -> None:
    """Print who the certificates in DIRECTORY are for and how long they are valid.

    Exit status 5 if one is no longer valid.

    \b
    Example:
      exctl pki show ./var/data/pki
    """
    from cli.pki import show as read

    found = _done(lambda: read(directory))
    _show(app, found)
    now = dt.datetime.now(dt.UTC)
    if any(one.days_left(now) < 0 for one in found):
        sys.exit(exit_codes.UNHEALTHY)


def _done(work: Callable[[], T]) -> T:
    from cli.pki import PkiError

    try:
        return work()
    except (PkiError, OSError) as error:
        warn(str(error))
        sys.exit(exit_codes.REFUSED)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if not NAME.fullmatch(name):
            raise click.UsageError(f"name {name!r} must be 1 to 32 of a-z 0-9 -")
    return names


def _show(app: App, identities: Sequence[Identity]) -> None:
    now = dt.datetime.now(dt.UTC)
    rows = [
        {
            "file": str(one.path),
            "subject": one.subject,
            "names": " ".join(one.names),
            "expires": one.not_after.isoformat(),
            "days_left": one.days_left(now),
            "authority": "yes" if one.is_authority else "",
        }
        for one in identities
    ]
    app.output.items("identities", rows)
    for one in identities:
        if one.days_left(now) < DAYS_SOON:
            warn(f"{one.path} expires in {one.days_left(now)} days; issue a new one")
