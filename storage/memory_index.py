"""In-memory twins of the snapshot and the event store; the same calls, bounds and errors.

Room: no durability and nothing to corrupt, so nothing is ever refused. See `storage.memory`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import islice

from sortedcontainers import SortedDict

from storage.errors import CorruptionError, EntryNotFoundError
from storage.event_layout import EventBatchRecord, check_batch, check_scan
from storage.events import REPLAY_ACTION
from storage.format import payload_digest
from storage.snapshot_layout import (
    CHUNK_BYTES,
    RefusedSnapshot,
    SnapshotInfo,
    decode_manifest,
    describe,
)

# Names for list types: inside of the snapshot store, `list` is its method.
_Infos = list[SnapshotInfo]
_Refused = list[RefusedSnapshot]
_Indexes = list[int]


class MemorySnapshotStore:
    """Twin of `LmdbSnapshotStore`; every method is documented there."""

    def __init__(self) -> None:
        self._stored: dict[int, tuple[SnapshotInfo, bytes]] = {}
        self._coming: dict[int, dict[int, bytes]] = {}

    def write(
        self,
        *,
        log_index: int,
        chain_digest: bytes,
        state_digest: bytes,
        next_event_seq: int,
        payload: bytes | memoryview,
        engine: str,
        pace_bytes_per_s: int | None = None,
    ) -> SnapshotInfo:
        """Keep a snapshot; the pace is checked and has no effect. Raises ValueError."""
        info = describe(
            log_index=log_index,
            chain_digest=chain_digest,
            state_digest=state_digest,
            next_event_seq=next_event_seq,
            payload=payload,
            engine=engine,
        )
        if pace_bytes_per_s is not None and pace_bytes_per_s <= 0:
            raise ValueError(f"pace_bytes_per_s is {pace_bytes_per_s}, it must be positive")
        self._stored[log_index] = (info, bytes(payload))
        return info

    @property
    def newest_index(self) -> int:
        """Log index of the newest snapshot; 0 when there is none."""
        return next(iter(self._indexes()), 0)

    def read_chunk(self, log_index: int, number: int) -> bytes:
        """Return a chunk. Raises EntryNotFoundError."""
        _, payload = self.read(log_index)
        return payload[number * CHUNK_BYTES : (number + 1) * CHUNK_BYTES]

    def put_chunk(self, log_index: int, number: int, data: bytes) -> None:
        """Keep a chunk of a snapshot that comes from elsewhere; chunk 0 begins it anew."""
        if number == 0:
            self._stored.pop(log_index, None)
            self._coming.clear()
        self._coming.setdefault(log_index, {})[number] = bytes(data)

    def adopt(self, manifest: bytes) -> SnapshotInfo:
        """Make the chunks that were put a snapshot. Raises ValueError, CorruptionError."""
        info = decode_manifest(manifest)
        chunks = self._coming.get(info.log_index, {})
        payload = b"".join(chunks.get(number, b"") for number in range(info.chunks))
        if payload_digest(payload) != info.payload_digest:
            what = "the chunks do not give the payload that the manifest describes"
            name = f"log index {info.log_index}"
            raise CorruptionError("memory", "snapshot_chunks", name, what=what, action="Refused.")
        del self._coming[info.log_index]
        self._stored[info.log_index] = (info, payload)
        return info

    def list(self) -> _Infos:
        """Return all snapshots, newest first."""
        return [self._stored[index][0] for index in self._indexes()]

    def read(self, log_index: int) -> tuple[SnapshotInfo, bytes]:
        """Return the snapshot at `log_index` with its payload. Raises EntryNotFoundError."""
        if log_index not in self._stored:
            kept = self._indexes()
            first, last = (kept[-1], kept[0]) if kept else (0, 0)
            raise EntryNotFoundError("snapshot at log index", log_index, first=first, last=last)
        return self._stored[log_index]

    def newest_verified(
        self, at_most: int | None = None
    ) -> tuple[tuple[SnapshotInfo, bytes] | None, _Refused]:
        """Return the newest snapshot up to `at_most`, or None; none is ever refused."""
        for index in self._indexes():
            if at_most is None or index <= at_most:
                return self._stored[index], []
        return None, []

    def delete_older_than_newest(self, keep: int) -> _Indexes:
        """Delete all but the newest `keep`; return their log indexes, newest first."""
        if keep < 1:
            raise ValueError(f"keep is {keep}, at least one snapshot must stay")
        old = self._indexes()[keep:]
        for index in old:
            del self._stored[index]
        return old

    def _indexes(self) -> _Indexes:
        return sorted(self._stored, reverse=True)


class MemoryEventStore:
    """Twin of `LmdbEventStore`; every method is documented there."""

    def __init__(self) -> None:
        self._batches: list[EventBatchRecord] = []
        self._index: SortedDict[bytes, tuple[int, bytes]] = SortedDict()  # key -> owner, value

    @property
    def first_seq(self) -> int:
        """Sequence of the first event stored; 0 when there is none."""
        return self._batches[0].first_seq if self._batches else 0

    @property
    def last_seq(self) -> int:
        """Sequence of the last event stored; 0 when there is none."""
        return self._batches[-1].last_seq if self._batches else 0

    def append(self, batches: Sequence[EventBatchRecord]) -> None:
        """Append batches, all or none. Raises ValueError, CorruptionError."""
        first, last = self.first_seq, self.last_seq
        fresh: list[EventBatchRecord] = []
        for batch in batches:
            check_batch(batch)
            if last and batch.first_seq > last + 1:
                raise ValueError(f"event batch of seq {batch.first_seq} where {last + 1} is next")
            if not last or batch.first_seq == last + 1:
                fresh.append(batch)
                first = first or batch.first_seq
                last = batch.last_seq
            elif batch.last_seq >= first:
                self._check_equal(batch, fresh)
        for batch in fresh:
            self._batches.append(batch)
            for key, value in batch.index:
                self._index[key] = (batch.first_seq, value)

    def read_from(self, seq: int, max_bytes: int) -> list[EventBatchRecord]:
        """Return batches from the one that contains `seq`. Raises EntryNotFoundError."""
        if not self._batches or seq > self.last_seq:
            return []
        if seq < self.first_seq:
            raise EntryNotFoundError("event seq", seq, first=self.first_seq, last=self.last_seq)
        found: list[EventBatchRecord] = []
        size = 0
        at = bisect_right(self._batches, seq, key=lambda batch: batch.first_seq) - 1
        for batch in islice(self._batches, at, None):
            found.append(_bare(batch))
            size += len(batch.payload)
            if size >= max_bytes:
                break
        return found

    def scan_index(
        self, prefix: bytes, *, start: bytes | None = None, limit: int, reverse: bool = False
    ) -> list[tuple[bytes, bytes]]:
        """Return (key, value) of index records under `prefix`. Raises ValueError."""
        check_scan(prefix, start, limit)
        low = start if start is not None and not reverse else prefix
        high = start if start is not None and reverse else None
        keys = (
            key for key in self._index.irange(low, high, reverse=reverse) if key.startswith(prefix)
        )
        return [(key, self._index[key][1]) for key in islice(keys, limit)]

    def delete_before(self, seq: int) -> None:
        """Drop the batches that end before `seq`; the newest one stays."""
        while len(self._batches) > 1 and self._batches[0].last_seq < seq:
            batch = self._batches.pop(0)
            for key, _ in batch.index:
                if key in self._index and self._index[key][0] == batch.first_seq:
                    del self._index[key]

    def clear(self) -> None:
        """Drop everything; the next batch may have any first_seq."""
        self._batches.clear()
        self._index.clear()

    def _check_equal(self, batch: EventBatchRecord, fresh: Sequence[EventBatchRecord]) -> None:
        stored = next(
            (one for one in (*self._batches, *fresh) if one.first_seq == batch.first_seq), None
        )
        if stored is None or _bare(stored) != _bare(batch):
            what = f"the replay differs: stored {stored and _bare(stored)}, now {_bare(batch)}"
            name = f"seq {batch.first_seq}"
            raise CorruptionError("memory", "events", name, what=what, action=REPLAY_ACTION)


def _bare(batch: EventBatchRecord) -> EventBatchRecord:
    return EventBatchRecord(batch.first_seq, batch.last_seq, batch.log_index, batch.payload)
