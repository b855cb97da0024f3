"""A data directory read without the node: the log and the snapshots, changing nothing.

Room: opening the two environments read-only. It works while a node runs. What is damaged is named
by `storage`; here that becomes exit status 5.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import exit_codes
from cli.local_exchange import DEFAULT_DATA
from cli.output import warn

if TYPE_CHECKING:
    from storage.journal import LmdbJournal
    from storage.snapshots import LmdbSnapshotStore

data_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT_DATA,
    show_default=True,
    help="Data directory.",
)


@contextmanager
def journal_of(data: Path) -> Iterator[LmdbJournal]:
    """The log of a data directory."""
    from storage.data_directory import LOG_DATABASES, environment_paths
    from storage.env import open_environment
    from storage.journal import LmdbJournal

    with told(data):
        env = open_environment(environment_paths(data)[0], LOG_DATABASES, readonly=True)
        try:
            yield LmdbJournal(env)
        finally:
            env.close()


@contextmanager
def snapshots_of(data: Path) -> Iterator[LmdbSnapshotStore]:
    """The snapshots of a data directory."""
    from storage.data_directory import INDEX_DATABASES, environment_paths
    from storage.env import open_environment
    from storage.snapshots import LmdbSnapshotStore

    with told(data):
        env = open_environment(environment_paths(data)[1], INDEX_DATABASES, readonly=True)
        try:
            yield LmdbSnapshotStore(env, sweep=False)
        finally:
            env.close()


@contextmanager
def told(data: Path) -> Iterator[None]:
    """Turn errors of the storage into a message and an exit status."""
    from storage.errors import CorruptionError, StorageError
    from storage.marker import read_marker

    try:
        if not data.is_dir() or read_marker(data) is None:
            raise click.UsageError(f"{data} is not a data directory; name one with --data")
        yield
    except CorruptionError as error:
        warn(f"damaged: {error}")
        sys.exit(exit_codes.UNHEALTHY)
    except StorageError as error:
        warn(str(error))
        sys.exit(exit_codes.REFUSED)
