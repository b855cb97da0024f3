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
    """Show this program's version and what is built here; version, engine and codec of the node.

    Exit status 0 also when no node answers: then only this program's version is known.

    \b
    Example:
      exctl version -o json
    """
    import platform
    import sysconfig

    from exchange import __version__
    from exchange.client import ClientError
    from exchange.client.messages import NodeStatus
    from exchange.model.built_from import why_absent

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
        "abi": sysconfig.get_config_var("SOABI"),
        "native_engine": why_absent("exchange.engine.native._core") or "built",
        "native_codec": why_absent("exchange.gateway.native._codec") or "built",
        "engine": node.engine if node else None,
        "codec": node.codec if node else None,
        "server_version": node.version if node else None,
        "node": node.name if node else None,
        "durability": node.durability if node else None,
    }
    app.output.record(told, told)
