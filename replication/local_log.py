"""The log of a cluster of one node: what is durable here is committed.

Room: the one-node implementation of the port that the exchange sees
(`exchange/sequencer/ports.py`); `replicator.py` is the other. No thread of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from replication.log_view import PRIMARY, STOPPED, EntryJournal, LogView


class LocalLog:
    """One journal as the whole log; leads from its start to its end.

    Args:
        journal: of this node.
        epoch: the leadership under which it writes, durable in the register already.
        node_name: of this node.
    """

    def __init__(self, journal: EntryJournal, *, epoch: int, node_name: str) -> None:
        self._journal = journal
        self._view = LogView(PRIMARY, epoch, node_name, epoch)
        self._on_change: Callable[[], None] = _nobody

    @property
    def view(self) -> LogView:
        """Role, epoch and primary."""
        return self._view

    @property
    def committed_index(self) -> int:
        """The newest entry."""
        return self._journal.last_index

    @property
    def may_serve(self) -> bool:
        """True until `stop`."""
        return self._view.role == PRIMARY

    @property
    def is_held(self) -> bool:
        """False: there is nobody to hand over to."""
        return False

    @property
    def pause(self) -> str:
        """Never: one copy is all that was asked for."""
        return ""

    @property
    def age_ns(self) -> int:
        """0: nobody else could have anything newer."""
        return 0

    @property
    def first_index(self) -> int:
        """Oldest entry kept."""
        return self._journal.first_index

    @property
    def last_index(self) -> int:
        """Newest entry."""
        return self._journal.last_index

    def append(self, entries: Sequence[tuple[int, bytes]]) -> bool:
        """Write entries; durable and committed on return. False after `stop`."""
        if self._view.role != PRIMARY:
            return False
        self._journal.append(entries)
        return True

    def read(self, index: int) -> bytes:
        """One entry."""
        return self._journal.read(index)

    def scan(self, start: int, stop: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Entries start..stop (exclusive) in order."""
        return self._journal.scan(start, stop)

    def applied(self, log_index: int, events_digest: bytes) -> None:
        """Nobody is there to compare with."""

    def listen(self, on_change: Callable[[], None], lend: Callable[[], None] | None = None) -> None:
        """Call `on_change` when `stop` was called; entries are committed when `append` returns."""
        self._on_change = on_change

    def stop(self) -> None:
        """Take no more entries."""
        self._view = LogView(STOPPED, self._view.epoch, "")
        self._on_change()


def _nobody() -> None:
    """Called until somebody listens."""
