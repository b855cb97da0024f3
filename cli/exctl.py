"""`exctl`: operates an exchange over gRPC, or reads a data directory offline.

Room: the group, its table of nouns and the global options; each noun is in `cli/commands`.
"""

from __future__ import annotations

import click

from cli.lazy_group import Lazy, LazyGroup
from cli.verb import global_options

HERE = "cli.commands."
TABLE = {
    "status": Lazy(HERE + "status", "status", "Nodes: role, health, progress."),
    "cluster": Lazy(HERE + "cluster", "cluster", "Who leads: status, transfer, fence, mode ..."),
    "dr": Lazy(HERE + "dr", "dr", "The disaster recovery node: status, test, promote."),
    "version": Lazy(HERE + "version", "version", "Version, engine and codec in use."),
    "instrument": Lazy(HERE + "instrument", "instrument", "What can be traded: add, list ..."),
    "member": Lazy(HERE + "member", "member", "Trading firms: add, list, disable, enable."),
    "account": Lazy(HERE + "account", "account", "Accounts of a member: add, list, show ..."),
    "order": Lazy(HERE + "order", "order", "Orders: submit, cancel, replace, show ..."),
    "book": Lazy(HERE + "book", "book", "The displayed book of an instrument."),
    "trades": Lazy(HERE + "trades", "trades", "Trades of an instrument, newest first."),
    "positions": Lazy(HERE + "positions", "positions", "Positions other than zero."),
    "ledger": Lazy(HERE + "ledger", "ledger", "The ledger: entries, balances."),
    "watch": Lazy(HERE + "watch", "watch", "Follow a book, trades, status, executions."),
    "session": Lazy(HERE + "session", "session", "The trading session: open, close."),
    "phase": Lazy(HERE + "phase", "phase", "Trading phases: set, show, wait; end-day."),
    "auction": Lazy(HERE + "auction", "auction", "Auction calls: start, show, watch ..."),
    "band": Lazy(HERE + "band", "band", "Price bands: set, show."),
    "breaker": Lazy(HERE + "breaker", "breaker", "Circuit breakers: set, index, status."),
    "dark": Lazy(HERE + "dark", "dark", "Dark midpoint books: rules, indications."),
    "schedule": Lazy(HERE + "schedule", "schedule", "Schedules: generate, set, show, clear."),
    "halt": Lazy(HERE + "halt", "halt", "Halt trading."),
    "resume": Lazy(HERE + "halt", "resume", "Resume what was halted."),
    "kill": Lazy(HERE + "kill", "kill", "Kill switches: engage, release, status."),
    "limits": Lazy(HERE + "limits", "limits", "Limits of accounts, members, instruments."),
    "margin": Lazy(HERE + "margin", "margin", "Margin of accounts: show, set."),
    "cash": Lazy(HERE + "cash", "cash", "Money and securities of accounts."),
    "fees": Lazy(HERE + "fees", "fees", "Maker and taker fees: set, show."),
    "restrict": Lazy(HERE + "restrict", "restrict", "The restricted list."),
    "bust": Lazy(HERE + "bust", "bust", "Undo a trade."),
    "correct": Lazy(HERE + "bust", "correct", "Correct a trade."),
    "emergency": Lazy(HERE + "emergency", "emergency", "The emergency market close."),
    "cancel-all": Lazy(HERE + "cancel_all", "cancel_all", "Cancel open orders of anyone."),
    "journal": Lazy(HERE + "journal", "journal", "The log of a data directory: verify, dump."),
    "snapshot": Lazy(HERE + "snapshot", "snapshot", "Snapshots: create, list, verify."),
    "digest": Lazy(HERE + "digest", "digest", "Digests of state and events."),
    "pki": Lazy(HERE + "pki", "pki", "Keys and certificates of a cluster: init, show."),
    "context": Lazy(HERE + "context", "context", "Exchanges of config.toml: list, show, use."),
    "completion": Lazy(HERE + "completion", "completion", "Completion for bash, zsh or fish."),
}


@click.group(
    cls=LazyGroup,
    table=TABLE,
    params=global_options(with_env=True),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="lockstep-exchange", prog_name="exctl")
def main() -> None:
    """Operate an exchange.

    Settings: flag, else EXCTL_*, else the context of ~/.config/exctl/config.toml, else the exchange
    that runs in ./var/data, else 127.0.0.1:7001. Global options may also follow the verb.

    \b
    Exit status: 0 done, 1 refused, 2 usage, 3 not reachable, 4 not allowed,
    5 unhealthy or damaged, 6 not confirmed, 130 interrupted.

    \b
    Examples:
      exctl status
      exctl --endpoints 127.0.0.1:7001 -o json book ABC
      exctl order submit --member alice ABC buy 10 100.25
      exctl halt ABC --reason "news pending"
    """


if __name__ == "__main__":
    main()
