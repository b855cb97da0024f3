"""The end of the log in memory: what the machine knows of entries without reading the disk.

Room: indexes, chain digests and recent entries; which of them are flushed. Older digests come from
the journal through `LogView`, read only at indexes that are flushed and not cut. Invariants: what
is not flushed is never dropped from memory; a report of flushing counts only if the digest is the
one expected, so that a report overtaken by a truncation is worth nothing.
"""

from __future__ import annotations

from collections import deque
from typing import Final, NamedTuple, Protocol

from storage.format import next_chain_digest

TAIL_BYTES_MAX: Final = 16 * 1024 * 1024
"""Flushed entries kept in memory for followers that are nearly level, bytes."""

TAIL_ENTRIES_MAX: Final = 8_192

SAMPLES: Final = 16
"""Entries read to guess the size of many."""


class LogView(Protocol):
    """The journal, for reading; the shell's one writer changes it only by our effects."""

    @property
    def first_index(self) -> int:
        """Oldest entry kept; 1 for an untouched log."""

    @property
    def last_index(self) -> int:
        """Newest entry flushed."""

    def chain_digest(self, index: int) -> bytes:
        """Digest at an entry that is stored, or at the one before the first."""

    def read(self, index: int) -> bytes:
        """An entry that is stored."""


class TailEntry(NamedTuple):
    """One recent entry; `total` is the sum of all bytes proposed or received up to it."""

    log_index: int
    digest: bytes
    entry: bytes
    total: int


class Tail:
    """The log as this node has it, flushed or not."""

    def __init__(self, log: LogView) -> None:
        self._log = log
        self._recent: deque[TailEntry] = deque()
        self._bytes = 0
        self.base_index = log.first_index - 1
        self.last_index = log.last_index
        self.last_digest = log.chain_digest(log.last_index)
        self.durable_index = log.last_index
        self.durable_digest = self.last_digest
        self.total_bytes = 0
        self._cuts = 0  # truncations that the log's writer has still to perform

    @property
    def first_in_memory(self) -> int:
        """Oldest entry that `entries` can give; `last_index + 1` when none."""
        return self._recent[0].log_index if self._recent else self.last_index + 1

    def push(self, index: int, entry: bytes, digest: bytes | None = None) -> bytes:
        """Take the next entry; returns its chain digest. Raises ValueError on a gap."""
        if index != self.last_index + 1:
            raise ValueError(f"entry {index} where {self.last_index + 1} is next")
        chained = next_chain_digest(self.last_digest, entry) if digest is None else digest
        self.total_bytes += len(entry)
        self._recent.append(TailEntry(index, chained, entry, self.total_bytes))
        self._bytes += len(entry)
        self.last_index = index
        self.last_digest = chained
        self._shed()
        return chained

    def flushed(self, index: int, digest: bytes) -> bool:
        """The log's writer reports `index` as flushed; False if the report is worth nothing."""
        if (
            self._cuts
            or not self.durable_index < index <= self.last_index
            or self.digest(index) != digest
        ):
            return False
        self.durable_index, self.durable_digest = index, digest
        self._shed()
        return True

    def digest(self, index: int) -> bytes | None:
        """Chain digest at an entry; None where this log does not have it."""
        if index == self.last_index:
            return self.last_digest
        if not self.base_index <= index < self.last_index:
            return None
        at = index - self.first_in_memory
        if self._recent and at >= 0:
            return self._recent[at].digest
        if self._recent and at == -1 and index == self.durable_index:
            return self.durable_digest
        return self._log.chain_digest(index)

    def entries(self, first: int, last: int, bytes_max: int) -> list[TailEntry]:
        """Entries first..last from memory, at least one, in all at most `bytes_max` bytes."""
        start = first - self.first_in_memory
        taken: list[TailEntry] = []
        size = 0
        for at in range(start, min(start + last - first + 1, len(self._recent))):
            one = self._recent[at]  # near the end, where a walk from the beginning is long
            size += len(one.entry)
            if taken and size > bytes_max:
                break
            taken.append(one)
        return taken

    def bytes_about(self, first: int, last: int) -> int:
        """About how many bytes entries first..last have, all of them flushed; by SAMPLES reads."""
        count = last - first + 1
        if count <= 0:
            return 0
        samples = min(count, SAMPLES)
        indexes = [first + count * number // samples for number in range(samples)]
        return sum(len(self._log.read(index)) for index in indexes) * count // samples

    def total_at(self, index: int) -> int | None:
        """Sum of bytes up to an entry; None when it is older than what is in memory."""
        at = index - self.first_in_memory
        if index == self.last_index:
            return self.total_bytes
        return self._recent[at].total if 0 <= at < len(self._recent) else None

    def cut(self, last_kept: int) -> None:
        """Forget the entries above `last_kept`; the log's writer is to cut them (`was_cut`)."""
        digest = self.digest(last_kept)
        if digest is None:
            raise ValueError(f"cannot cut after {last_kept}: the log does not have it")
        while self._recent and self._recent[-1].log_index > last_kept:
            self._bytes -= len(self._recent.pop().entry)
        self.last_index, self.last_digest = last_kept, digest
        if self.durable_index > last_kept:
            self.durable_index, self.durable_digest = last_kept, digest
        self._cuts += 1

    def was_cut(self, last_kept: int) -> None:
        """The writer has cut above `last_kept`, and so has written all that came before."""
        self._cuts -= 1
        digest = self.digest(last_kept)
        if not self._cuts and digest is not None and last_kept > self.durable_index:
            self.durable_index, self.durable_digest = last_kept, digest

    def reset(self, index: int, digest: bytes) -> None:
        """The log begins anew after a snapshot at `index`."""
        self._recent.clear()
        self._bytes = self._cuts = 0
        self.base_index = self.last_index = self.durable_index = index
        self.last_digest = self.durable_digest = digest

    def prefix_dropped(self) -> None:
        """The journal has deleted old entries: learn where it begins now."""
        self.base_index = max(self.base_index, self._log.first_index - 1)

    def _shed(self) -> None:
        while (
            self._recent
            and (self._bytes > TAIL_BYTES_MAX or len(self._recent) > TAIL_ENTRIES_MAX)
            and self._recent[0].log_index <= self.durable_index
        ):
            self._bytes -= len(self._recent.popleft().entry)
