"""What the feeds need from storage: an index of event batches, in bytes and sequence numbers.

Room: the `EventStore` protocol. It is derived data: the journal can always make it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

IndexKeys = Sequence[tuple[bytes, bytes]]
BatchRow = tuple[int, int, int, bytes, IndexKeys]
"""first_seq, last_seq, log_index, the raw batch, and its secondary index entries."""


class StoredBatch(NamedTuple):
    """One batch as it comes back."""

    first_seq: int
    last_seq: int
    log_index: int
    payload: bytes


class EventStore(Protocol):
    """Durable event batches by sequence number. One writer thread; any thread reads."""

    @property
    def first_seq(self) -> int:
        """Oldest event kept; 1 while nothing was ever deleted."""

    @property
    def last_seq(self) -> int:
        """Newest event stored; 0 when there is none."""

    def append(self, batches: Sequence[BatchRow]) -> None:
        """Store batches that follow each other without gap, in one transaction.

        A batch that is stored already must be the same to the byte, else the replay differs from
        the run before: CorruptionError.
        """

    def read_from(self, seq: int, max_bytes: int) -> Sequence[tuple[int, int, int, bytes]]:
        """Batches from the one that holds `seq` on, as `StoredBatch` fields; at least one."""

    def scan_index(
        self, prefix: bytes, *, start: bytes | None = None, limit: int, reverse: bool = False
    ) -> list[tuple[bytes, bytes]]:
        """Index entries whose key begins with `prefix`, from `start` (inclusive) on."""
