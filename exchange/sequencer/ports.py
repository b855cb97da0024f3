"""What the sequencer and the node need from storage, in bytes and indexes.

Room: protocols only; `storage` fulfils them without knowing this module. The threads named are
promises of the caller.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol


class Clock(Protocol):
    """Where time comes from. The core never sees it; only the sequencer stamps with it."""

    def now_ns(self) -> int:
        """Nanoseconds since the Unix epoch; may jump, the sequencer never goes back."""


class Journal(Protocol):
    """The durable ordered log of entries. One writer thread; any thread may read."""

    @property
    def first_index(self) -> int:
        """Oldest entry kept; 1 on an untouched journal, also when it is empty."""

    @property
    def last_index(self) -> int:
        """Newest entry; 0 when none was ever written."""

    @property
    def last_chain_digest(self) -> bytes:
        """Digest chained over all entries up to the last."""

    def append(self, entries: Sequence[tuple[int, bytes]]) -> None:
        """Write entries that follow the last one without gap; durable on return.

        Any disk fault leaves none of them visible and must stop the process.
        """

    def read(self, index: int) -> bytes:
        """One entry, its CRC checked."""

    def scan(self, start: int, stop: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Entries start..stop (exclusive) in order; CRC, index and chain checked."""
