"""`exchange`: runs nodes on this machine.

Room: the group and its table; each verb is in `cli/commands`.
"""

from __future__ import annotations

import click

from cli.lazy_group import Lazy, LazyGroup

TABLE = {
    "up": Lazy("cli.commands.up", "up_command", "Start the exchange on this machine."),
    "down": Lazy("cli.commands.down", "down_command", "Stop it; the data stays."),
    "serve": Lazy("cli.commands.serve", "serve_command", "Run one node as configured."),
    "scenario": Lazy("cli.commands.scenario", "scenario", "Run market scenarios offline."),
}


@click.group(cls=LazyGroup, table=TABLE, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lockstep-exchange", prog_name="exchange")
def main() -> None:
    """Run the exchange on this machine. `exctl` operates it.

    \b
    Examples:
      exchange up
      exchange up --detach --port 0 --data /tmp/exchange
      exchange down --data /tmp/exchange
    """


if __name__ == "__main__":
    main()
