"""The journal of a data directory, read from outside while a node may be writing it.

Room: entries and nothing else. Read-only: another process owns the directory, or it was killed.
Every entry's CRC, index and place in the digest chain are checked on the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.data_directory import LOG_DATABASES, environment_paths
from storage.env import open_environment
from storage.journal import LmdbJournal
from storage.quarantine import SUFFIX, read_quarantine

QUARANTINE = "quarantine"
SNAPSHOT = "snapshot"
"""In the reason of a cut that made room for one: what was cut may be part of it."""


@contextmanager
def reading(data_dir: Path) -> Iterator[LmdbJournal]:
    """Open the journal for reading. Raises StorageError if it is damaged or not there."""
    env = open_environment(environment_paths(data_dir)[0], LOG_DATABASES, readonly=True)
    try:
        yield LmdbJournal(env)
    finally:
        env.close()


def entries(data_dir: Path, first: int, last: int) -> list[bytes]:
    """Entries `first` to `last` inclusive, as they were committed; [] if first > last."""
    if first > last:
        return []
    with reading(data_dir) as journal:
        return [entry for _, entry in journal.scan(first, last + 1)]


def first_index(data_dir: Path) -> int:
    """Index of the oldest entry that is kept."""
    with reading(data_dir) as journal:
        return journal.first_index


def last_index(data_dir: Path) -> int:
    """Index of the newest durable entry."""
    with reading(data_dir) as journal:
        return journal.last_index


def quarantined(data_dir: Path) -> list[tuple[int, bytes]]:
    """(index, entry) of everything that was cut from the log because the primary's differed.

    Raises CorruptionError for a damaged file.
    """
    files = sorted((data_dir / QUARANTINE).glob(f"*{SUFFIX}"))
    cuts = map(read_quarantine, files)
    return [entry for cut in cuts if SNAPSHOT not in cut.reason for entry in cut.entries]


def chain_digest(data_dir: Path, index: int) -> str:
    """Digest chained over the log up to an entry, hex; "" if the entry is not kept."""
    with reading(data_dir) as journal:
        if not journal.first_index <= index <= journal.last_index:
            return ""
        return journal.chain_digest(index).hex()
