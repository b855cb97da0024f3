"""What the sequencer and the node need from log and clock, in bytes and indexes.

Room: protocols only; `storage` and `replication` fulfil them without knowing this module. The
threads named are promises of the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol


class Clock(Protocol):
    """Where time comes from. The core never sees it; only the sequencer stamps with it."""

    def now_ns(self) -> int:
        """Nanoseconds since the Unix epoch; may jump, the sequencer never goes back."""


class Journal(Protocol):
    """The durable ordered entries of one node, to read. Any thread."""

    @property
    def first_index(self) -> int:
        """Oldest entry kept; 1 on an untouched journal, also when it is empty."""

    @property
    def last_index(self) -> int:
        """Newest entry; 0 when none was ever written."""

    def read(self, index: int) -> bytes:
        """One entry, its CRC checked."""

    def scan(self, start: int, stop: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Entries start..stop (exclusive) in order; CRC, index and chain checked."""


class LogView(Protocol):
    """Where this node stands in the replication; one value, replaced whole."""

    @property
    def role(self) -> str:
        """primary, standby, dr, joining, fenced or stopped."""

    @property
    def epoch(self) -> int:
        """The leadership it follows, or has."""

    @property
    def primary(self) -> str:
        """Name of the node that leads, "" when nobody is known to."""

    @property
    def since(self) -> int:
        """Of a primary: the epoch in which it took the lead; it may be in a later one by now."""


class ReplicatedLog(Journal, Protocol):
    """The one log of the cluster, as one node has it (DESIGN section 2).

    Only committed entries may be applied: they are in every later log. On a single node durable is
    committed. `view` and `committed_index` are read without a lock; an entry of a new epoch is
    never committed before the view says that epoch, so read the index first, then the view.
    """

    @property
    def view(self) -> LogView:
        """Role, epoch and primary."""

    @property
    def committed_index(self) -> int:
        """Newest entry that is known to be committed; never falls."""

    @property
    def may_serve(self) -> bool:
        """Whether this node holds the lease: it leads, and nobody else can lead now."""

    @property
    def is_held(self) -> bool:
        """Whether a primary drafts nothing for a moment: it is handing over."""

    @property
    def pause(self) -> str:
        """Why a primary acknowledges nothing although it leads, in words; "" = it does."""

    @property
    def age_ns(self) -> int:
        """How long ago `committed_index` was known to be the newest, nanoseconds; 0 with a lease.

        Of a follower: since the last word of the primary.
        """

    def append(self, entries: Sequence[tuple[int, bytes]]) -> bool:
        """Write entries as the primary: to the followers and here; durable here on return.

        One thread. Any disk fault leaves none of them visible here and must stop the process.

        Returns:
            False: this node does not lead (any more), and nothing was written or sent.
        """

    def applied(self, log_index: int, events_digest: bytes) -> None:
        """Tell which digest the events have after an entry; nodes are compared by it. Cheap."""

    def listen(self, on_change: Callable[[], None], lend: Callable[[], None] | None = None) -> None:
        """Call `on_change` after every change of `view`, `committed_index` or `is_held`.

        On a follower some changes of `committed_index` share a call, a few milliseconds later. Any
        thread; it must not block nor call the log. One listener.

        A thread that has time for it calls `lend` in its place, if there is one: that may apply a
        little, and must not raise.
        """
