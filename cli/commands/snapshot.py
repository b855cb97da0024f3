"""`exctl snapshot`: snapshots of the state."""

from __future__ import annotations

import sys
from pathlib import Path

from cli import exit_codes
from cli.offline import data_option, snapshots_of
from cli.output import warn
from cli.verb import App, Verb, noun, with_app

snapshot = noun("snapshot", "Snapshots of the state: create, list, verify.")


@snapshot.command("create", cls=Verb)
@with_app
def create(app: App) -> None:
    """Have the node take and store a snapshot now.

    \b
    Example:
      exctl snapshot create
    """
    told = app.run(lambda client: client.create_snapshot())
    app.output.record(
        told,
        {
            "log index": told.log_index,
            "bytes": told.size_bytes,
            "state digest": told.state_digest,
        },
    )


@snapshot.command("list", cls=Verb)
@data_option
@with_app
def list_snapshots(app: App, data: Path) -> None:
    """List the snapshots of a data directory, offline, oldest first. Works while the node runs.

    \b
    Example:
      exctl snapshot list --data ./var/data
    """
    with snapshots_of(data) as store:
        found = store.list()
    rows = [
        {
            "log_index": info.log_index,
            "size_bytes": info.payload_bytes,
            "state_digest": info.state_digest.hex(),
            "chain_digest": info.chain_digest.hex(),
        }
        for info in found
    ]
    app.output.items("snapshots", rows)


@snapshot.command("verify", cls=Verb)
@data_option
@with_app
def verify(app: App, data: Path) -> None:
    """Check every byte of every snapshot of a data directory. Exit status 5 if one is damaged.

    `exctl journal verify` checks the log and the events as well.

    \b
    Example:
      exctl snapshot verify --data ./var/data
    """
    from storage.errors import CorruptionError

    rows: list[dict[str, object]] = []
    with snapshots_of(data) as store:
        for info in store.list():
            fault = ""
            try:
                store.read(info.log_index)
            except CorruptionError as error:
                fault = str(error)
                warn(f"damaged: {error}")
            rows.append({"log_index": info.log_index, "ok": not fault, "fault": fault})
    app.output.items("snapshots", rows)
    sys.exit(exit_codes.OK if all(row["ok"] for row in rows) else exit_codes.UNHEALTHY)
