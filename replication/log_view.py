"""How one node stands in the replication, and what it needs from the entries on its disk.

Room: the `LogView` value, the names of the roles and the `EntryJournal` port, which `storage`
fulfils. No thread and no decision.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple, Protocol

PRIMARY: Final = "primary"
STANDBY: Final = "standby"
DR: Final = "dr"
JOINING: Final = "joining"
FENCED: Final = "fenced"
STOPPED: Final = "stopped"


class LogView(NamedTuple):
    """Where a node stands: its role, the epoch it has or follows, who leads ("" = unknown).

    `since` is the epoch in which a primary took the lead: the epoch rises without a new leadership
    when a member is taken into the in-sync set.
    """

    role: str
    epoch: int
    primary: str
    since: int = 0


class EntryJournal(Protocol):
    """The durable entries of one node. One writer at a time; any thread may read."""

    @property
    def first_index(self) -> int:
        """Oldest entry kept; 1 on an untouched journal, also when it is empty."""

    @property
    def last_index(self) -> int:
        """Newest entry; 0 when none was ever written."""

    @property
    def last_chain_digest(self) -> bytes:
        """Digest chained over all entries up to the last, 16 bytes."""

    @property
    def committed_index(self) -> int:
        """Newest index noted as committed; a lower bound."""

    def append(self, entries: Sequence[tuple[int, bytes]], *, committed: int = 0) -> None:
        """Write entries that follow the last one without gap; durable on return."""

    def read(self, index: int) -> bytes:
        """One entry, its CRC checked."""

    def scan(self, start: int, stop: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Entries start..stop (exclusive) in order; CRC, index and chain checked."""

    def chain_digest(self, index: int) -> bytes:
        """Digest chained over all entries up to `index`, 16 bytes."""

    def truncate_suffix(self, first_removed: int, quarantine_dir: Path, reason: str) -> Path | None:
        """Remove the entries from `first_removed` on into a quarantine file."""

    def begin_after(self, index: int, chain_digest: bytes) -> None:
        """Drop all entries and begin anew after `index`, which a snapshot stands for."""
