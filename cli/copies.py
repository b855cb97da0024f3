"""Two places where a copy of the exchange is found: a running node, and a data directory.

Room: reading what `first_difference.py` compares. A node is asked over the API; a directory is read
offline, also while its node runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cli.connection import Connection
from cli.first_difference import Copy, EventSpan, State
from cli.offline import told

if TYPE_CHECKING:
    from exchange.client import Client
    from exchange.model.batch import EventBatch
    from storage.events import LmdbEventStore
    from storage.journal import LmdbJournal
    from storage.snapshots import LmdbSnapshotStore

READ_BYTES = 4 << 20


@contextmanager
def open_copy(place: str, connection: Connection) -> Iterator[Copy]:
    """The copy at `place`: an existing directory, else HOST:PORT.

    Ends the command as `offline.told` does; raises UsageError and ClientError.
    """
    if Path(place).is_dir():
        with _directory(Path(place)) as copy:
            yield copy
        return
    client = connection.blocking_client(place)
    try:
        yield NodeCopy(place, client)
    finally:
        client.close()


class NodeCopy:
    """A running node."""

    def __init__(self, name: str, client: Client) -> None:
        self.name = name
        self._client = client

    def bounds(self) -> tuple[int, int]:
        """As it tells."""
        told = self._client.compare_digests(1, 1)
        return told.oldest_seq, told.newest_seq

    def span(self, start_seq: int, end_seq: int) -> EventSpan:
        """As it digests."""
        told = self._client.compare_digests(start_seq, end_seq)
        return EventSpan(told.digest, told.entry_count, told.first_log_index)

    def events(self, first_seq: int, end_seq: int) -> bytes:
        """As it published them."""
        return self._client.compare_digests(first_seq, end_seq, with_events=True).events

    def chain_digest(self, log_index: int) -> bytes | None:
        """Not on the API."""
        return None

    def state_at(self, log_index: int | None) -> State | None:
        """Its state now, whatever was asked for."""
        return State(*self._client.snapshot())


class DirectoryCopy:
    """A data directory."""

    def __init__(
        self,
        name: str,
        events: LmdbEventStore,
        snapshots: LmdbSnapshotStore,
        journal: LmdbJournal,
    ) -> None:
        self.name = name
        self._events = events
        self._snapshots = snapshots
        self._journal = journal

    def bounds(self) -> tuple[int, int]:
        """Of the event index."""
        return self._events.first_seq, self._events.last_seq

    def span(self, start_seq: int, end_seq: int) -> EventSpan:
        """As a node would digest them."""
        from exchange.feeds.history_range import range_digest

        found = range_digest(self._read_from, start_seq, end_seq)
        return EventSpan(found.digest.hex(), found.batch_count, found.first_log_index)

    def events(self, first_seq: int, end_seq: int) -> bytes:
        """As they are stored."""
        from exchange.feeds.history_range import range_digest

        return range_digest(self._read_from, first_seq, end_seq).only

    def chain_digest(self, log_index: int) -> bytes | None:
        """Of the journal; None if the entry is not kept."""
        journal = self._journal
        if not journal.first_index <= log_index <= journal.last_index:
            return None
        return journal.chain_digest(log_index)

    def state_at(self, log_index: int | None) -> State | None:
        """The snapshot at that entry, or the newest; None if it is not stored."""
        stored = [info.log_index for info in self._snapshots.list()]
        wanted = max(stored, default=None) if log_index is None else log_index
        if wanted not in stored:
            return None
        return State(wanted, self._snapshots.read(wanted)[1])

    def _read_from(self, seq: int) -> list[EventBatch]:
        from exchange.model.batch import EventBatch

        if seq > self._events.last_seq:
            return []
        rows = self._events.read_from(max(seq, self._events.first_seq), READ_BYTES)
        return [EventBatch(row.payload) for row in rows]


@contextmanager
def _directory(data: Path) -> Iterator[DirectoryCopy]:
    from storage.data_directory import INDEX_DATABASES, LOG_DATABASES, environment_paths
    from storage.env import open_environment
    from storage.events import LmdbEventStore
    from storage.journal import LmdbJournal
    from storage.snapshots import LmdbSnapshotStore

    with told(data):
        paths = environment_paths(data)
        log = open_environment(paths[0], LOG_DATABASES, readonly=True)
        index = open_environment(paths[1], INDEX_DATABASES, readonly=True)
        try:
            snapshots = LmdbSnapshotStore(index, sweep=False)
            yield DirectoryCopy(str(data), LmdbEventStore(index), snapshots, LmdbJournal(log))
        finally:
            index.close()
            log.close()
