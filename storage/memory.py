"""In-memory twins of journal and meta, for tests and for nodes that keep nothing.

Room: the same calls, bounds and errors as the LMDB ones (tests/contracts holds both to it), no
durability. `truncate_suffix` still writes its quarantine file: the tail is evidence either way.
The twins of the snapshot and the event store are in `storage.memory_index`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from storage.errors import EntryNotFoundError
from storage.format import ENTRY_BYTES_MAX, GENESIS_DIGEST, encode_log_record, next_chain_digest
from storage.meta import encode_key, encode_values
from storage.quarantine import TailHeader, write_quarantine


class MemoryJournal:
    """Twin of `LmdbJournal`; every method is documented there."""

    def __init__(self) -> None:
        self._base_index = 0
        self._base_digest = GENESIS_DIGEST
        self._entries: list[tuple[bytes, bytes]] = []  # (chain digest, entry), from first_index
        self._committed = 0

    @property
    def first_index(self) -> int:
        """Index of the first entry stored, or that the next append gets when there is none."""
        return self._base_index + 1

    @property
    def last_index(self) -> int:
        """Index of the last entry, stored or dropped as prefix; 0 for a new log."""
        return self._base_index + len(self._entries)

    @property
    def last_chain_digest(self) -> bytes:
        """Chain digest of entry `last_index`; 16 zero bytes for a new log."""
        return self._entries[-1][0] if self._entries else self._base_digest

    @property
    def committed_index(self) -> int:
        """Newest index that was noted as committed; 0 when none ever was."""
        return self._committed

    def append(self, entries: Sequence[tuple[int, bytes]], *, committed: int = 0) -> None:
        """Append entries, contiguous from `last_index + 1`; all or none. Raises ValueError."""
        expected = self.last_index
        digest = self.last_chain_digest
        checked: list[tuple[bytes, bytes]] = []
        for index, entry in entries:
            expected += 1
            if index != expected:
                raise ValueError(f"entry of index {index} where index {expected} is next")
            if len(entry) > ENTRY_BYTES_MAX:
                raise ValueError(f"entry {index}: {len(entry)} bytes exceed {ENTRY_BYTES_MAX}")
            digest = next_chain_digest(digest, entry)
            checked.append((digest, entry))
        self._entries.extend(checked)
        if entries:
            self._committed = max(self._committed, committed)

    def read(self, index: int) -> bytes:
        """Return the entry at `index`. Raises EntryNotFoundError."""
        return self._at(index)[1]

    def chain_digest(self, index: int) -> bytes:
        """Return the chain digest of `index` or of the base. Raises EntryNotFoundError."""
        return self._base_digest if index == self._base_index else self._at(index)[0]

    def scan(self, start: int, stop: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Yield (log_index, entry) from `start` up to, not including, `stop`."""
        end = self.last_index + 1 if stop is None else stop
        if start == end or (stop is not None and start > stop):
            return
        self._at(start)
        self._at(end - 1)
        for index in range(start, end):
            yield index, self.read(index)

    def truncate_suffix(self, first_removed: int, quarantine_dir: Path, reason: str) -> Path | None:
        """Remove the entries from `first_removed` on, after writing a quarantine file."""
        if first_removed < self.first_index:
            raise ValueError(
                f"cannot remove from {first_removed}: log starts at {self.first_index}"
            )
        if first_removed <= self._committed:
            raise ValueError(
                f"cannot remove from {first_removed}: committed up to {self._committed}"
            )
        if first_removed > self.last_index:
            return None
        digest = self.chain_digest(first_removed - 1)
        header = TailHeader(first_removed, self.last_index, digest, reason)
        kept = first_removed - self.first_index
        records = (
            encode_log_record(first_removed + offset, chain, entry)
            for offset, (chain, entry) in enumerate(self._entries[kept:])
        )
        path = write_quarantine(quarantine_dir, header, records)
        del self._entries[kept:]
        return path

    def delete_prefix(self, before: int) -> None:
        """Drop the entries below `before`; the chain stays checkable. Raises ValueError."""
        if before > self.last_index + 1:
            raise ValueError(f"cannot drop before {before}: the log ends at {self.last_index}")
        if before <= self.first_index:
            return
        digest = self.chain_digest(before - 1)
        del self._entries[: before - self.first_index]
        self._base_index = before - 1
        self._base_digest = digest

    def begin_after(self, index: int, chain_digest: bytes) -> None:
        """Drop all entries and begin anew after entry `index`. Raises ValueError."""
        if index <= self.last_index or len(chain_digest) != len(GENESIS_DIGEST):
            raise ValueError(f"cannot begin after {index}: the log ends at {self.last_index}")
        self._entries.clear()
        self._base_index, self._base_digest = index, chain_digest
        self._committed = index

    def _at(self, index: int) -> tuple[bytes, bytes]:
        if not self.first_index <= index <= self.last_index:
            first = self.first_index if self._entries else 0
            last = self.last_index if self._entries else 0
            raise EntryNotFoundError("log index", index, first=first, last=last)
        return self._entries[index - self.first_index]


class MemoryMeta:
    """Twin of `LmdbMeta`."""

    def __init__(self) -> None:
        self._values: dict[bytes, bytes] = {}

    def get(self, key: str) -> bytes | None:
        """Return the value, or None when it was never put."""
        return self._values.get(encode_key(key))

    def put_many(self, values: Mapping[str, bytes]) -> None:
        """Put all values, or none. Raises ValueError."""
        self._values.update(encode_values(values))
