"""`exctl digest`: digests of state and events, equal on every node at equal index."""

from __future__ import annotations

import click

from cli.verb import App, Verb, with_app


@click.command("digest", cls=Verb)
@with_app
def digest(app: App) -> None:
    """Compute the digests after the newest applied entry.

    \b
    Example:
      exctl -o json digest
    """
    told = app.run(lambda client: client.digest())
    app.output.record(
        told,
        {
            "log index": told.log_index,
            "state digest": told.state_digest,
            "events digest": told.events_digest,
        },
    )
