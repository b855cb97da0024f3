"""`exctl digest`: digests of state and events, equal on every node at equal index."""

from __future__ import annotations

import sys
from contextlib import ExitStack

import click

from cli import exit_codes
from cli.verb import App, Verb, code_of, tell, with_app


@click.command("digest", cls=Verb)
@click.option(
    "--diff",
    nargs=2,
    metavar="A B",
    help="Compare two copies: HOST:PORT of a node, or a data directory.",
)
@with_app
def digest(app: App, diff: tuple[str, str] | None) -> None:
    """Compute the digests after the newest applied entry.

    With --diff find the first entry whose events differ between two copies, and the first object
    in it; if all common events are equal, the first row in which the states differ. Exit status 5
    if the copies differ or have nothing in common.

    \b
    Examples:
      exctl -o json digest
      exctl digest --diff 127.0.0.1:7001 127.0.0.1:7002
      exctl digest --diff ./a/data ./b/data
    """
    if diff is not None:
        _diff(app, *diff)
    told = app.run(lambda client: client.digest())
    app.output.record(
        told,
        {
            "log index": told.log_index,
            "state digest": told.state_digest,
            "events digest": told.events_digest,
        },
    )


def _diff(app: App, left: str, right: str) -> None:
    from cli.copies import open_copy
    from cli.first_difference import first_difference
    from exchange.client import ClientError

    with ExitStack() as copies:
        try:
            one = copies.enter_context(open_copy(left, app.connection))
            two = copies.enter_context(open_copy(right, app.connection))
            found = first_difference(one, two)
        except ClientError as error:
            tell(error)
            sys.exit(code_of(error))
    cells: dict[str, object] = {"difference": found.kind, "compared": found.compared}
    if found.subject:
        cells |= {
            "log index": found.log_index,
            "event seq": found.seq or "",
            "first object": found.subject,
            left: found.left or "(not there)",
            right: found.right or "(not there)",
        }
    app.output.record(found._asdict(), cells)
    sys.exit(exit_codes.OK if found.kind == "none" else exit_codes.UNHEALTHY)
