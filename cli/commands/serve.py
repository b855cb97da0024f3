"""`exchange serve`: one node in the foreground, as its configuration file says."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import exit_codes

if TYPE_CHECKING:
    from exchange.node import AnyNode

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


@click.command("serve")
@click.option(
    "--config",
    "config_path",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="TOML file of the node.",
)
def serve_command(config_path: Path) -> None:
    """Run one node in the foreground until SIGINT or SIGTERM.

    One line on stdout tells the endpoint once the node serves; the log goes to stderr.

    \b
    Example:
      exchange serve --config node.toml
    """
    from cli.local_exchange import forget_endpoint, write_endpoint
    from exchange.config import load_config
    from exchange.errors import OperatorFault
    from exchange.node import serve

    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT, stream=sys.stderr)
    try:
        config = load_config(config_path)
    except OperatorFault as error:
        click.echo(f"exchange: {error}", err=True)
        sys.exit(exit_codes.USAGE)
    data = Path(config.data_dir)
    served = False

    def on_started(node: AnyNode) -> None:
        nonlocal served
        served = True
        write_endpoint(data, node.endpoint)
        click.echo(f"serving {node.endpoint}")

    code = serve(config, on_started)
    if served:
        forget_endpoint(data)
    sys.exit(code)
