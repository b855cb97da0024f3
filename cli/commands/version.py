"""`exctl version`: what runs here and there."""

from __future__ import annotations

import click

from cli.output import warn
from cli.verb import App, Verb, with_app

NODE_S = 2.0
"""The node is asked for no longer: without it there is an answer too."""


@click.command("version", cls=Verb)
@with_app
def version(app: App) -> None:
    """Show the version of this program, and version, engine and codec of the node that answers.

    Exit status 0 also when no node answers: then only this program's version is known.

    \b
    Example:
      exctl version -o json
    """
    import platform

    from exchange import __version__
    from exchange.client import ClientError
    from exchange.client.messages import NodeStatus

    async def ask() -> NodeStatus | None:
        async with app.connection.client(serving_only=False, timeout_s=NODE_S) as client:
            try:
                return (await client.status()).nodes[0]
            except ClientError as error:
                warn(f"{error.reason}: {error.message}")
                return None

    node = app.drive(ask)
    told: dict[str, object] = {
        "version": __version__,
        "python": platform.python_version(),
        "engine": node.engine if node else None,
        "codec": node.codec if node else None,
        "server_version": node.version if node else None,
        "node": node.name if node else None,
        "durability": node.durability if node else None,
    }
    app.output.record(told, told)
