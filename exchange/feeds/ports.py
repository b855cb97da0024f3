"""What the feeds need from storage: an index of event batches, in bytes and sequence numbers.

Room: the `EventStore` protocol. It is derived data: the journal can always make it again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

IndexKeys = Sequence[tuple[bytes, bytes]]


class BatchRecord(Protocol):
    """One stored batch: its place in the event sequence and its raw bytes."""

    @property
    def first_seq(self) -> int:
        """First event in it."""

    @property
    def last_seq(self) -> int:
        """Last event in it, inclusive."""

    @property
    def payload(self) -> bytes:
        """The raw event batch."""


R = TypeVar("R", bound=BatchRecord)

MakeRecord = Callable[[int, int, int, bytes, IndexKeys], R]
"""first_seq, last_seq, log_index, payload, index -> the record that the store takes."""


class EventStore(Protocol[R]):
    """Durable event batches by sequence number. One writer thread; any thread reads."""

    @property
    def first_seq(self) -> int:
        """Oldest event kept; 0 when there is none."""

    @property
    def last_seq(self) -> int:
        """Newest event stored; 0 when there is none."""

    def append(self, batches: Sequence[R], /) -> None:
        """Store batches that follow each other without gap, in one transaction.

        A batch that is stored already must be the same to the byte, else the replay differs from
        the run before and an error is raised.
        """

    def read_from(self, seq: int, max_bytes: int, /) -> Sequence[R]:
        """Batches from the one that holds `seq` on, about `max_bytes`; at least one."""

    def scan_index(
        self, prefix: bytes, /, *, start: bytes | None = None, limit: int, reverse: bool = False
    ) -> list[tuple[bytes, bytes]]:
        """Index entries whose key begins with `prefix`, from `start` (inclusive) on."""

    def clear(self) -> None:
        """Drop everything; the next batch may have any first_seq."""
