"""Event batches in LMDB, and the index by which queries find them.

Room: stores batches of opaque events, contiguous in their sequence, and index records, in the
index environment. All of it is derived from the log and can be rebuilt by replay; it must not be
needed to decide anything.
Invariants: sequences are contiguous from `first_seq` to `last_seq`; a batch that is appended again
(replay after a restart) must be byte-equal to the stored one, else the replay was not
deterministic and is refused. Threads: one writer at a time; any thread may read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Final

import lmdb

from storage.env import LmdbEnv
from storage.errors import CorruptionError, EntryNotFoundError
from storage.event_layout import (
    EventBatchRecord,
    check_batch,
    check_scan,
    decode_batch,
    decode_index,
    encode_batch,
    encode_index,
)
from storage.format import corruption, key_u64, seal, u64_key, unseal

DATABASE: Final = "events"
INDEX_DATABASE: Final = "event_index"

REPLAY_ACTION: Final = (
    "Refused: the same log gave different events. Stop the node, keep its data directory, and "
    "compare engine versions and digests (`exctl digest`) with an independent replay."
)

_DELETE_BATCHES: Final = 256  # batches deleted in one transaction; bounds how long others wait


class LmdbEventStore:
    """Event batches in LMDB; see the module docstring."""

    def __init__(self, env: LmdbEnv) -> None:
        """Use the index environment. Raises CorruptionError when the last batch is damaged."""
        self._env = env
        self._db = env.database(DATABASE)
        self._index = env.database(INDEX_DATABASE)
        self._first_seq = 0
        self._last_seq = 0
        with env.read() as txn:
            cursor = txn.cursor(self._db)
            if cursor.first():
                self._first_seq = key_u64(cursor.key())
                cursor.last()
                self._last_seq = self._decode(*cursor.item())[0].last_seq

    @property
    def first_seq(self) -> int:
        """Sequence of the first event stored; 0 when there is none."""
        return self._first_seq

    @property
    def last_seq(self) -> int:
        """Sequence of the last event stored; 0 when there is none."""
        return self._last_seq

    def append(self, batches: Sequence[EventBatchRecord]) -> None:
        """Append batches with their index records in one transaction; durable on return.

        A batch that is stored already is compared and not written again; one that was dropped by
        `delete_before` is passed over. The first batch of an empty store may have any first_seq.

        Raises:
            ValueError: a gap before a batch, or a field out of bounds; nothing is written.
            CorruptionError: a stored batch differs: the replay gave other events.
            DiskFaultError: the commit failed; the process must stop.
        """
        first, last = self._first_seq, self._last_seq
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
        if not fresh:
            return
        with self._env.write() as txn:
            for batch in fresh:
                self._put(txn, batch)
        self._first_seq, self._last_seq = first, last

    def read_from(self, seq: int, max_bytes: int) -> list[EventBatchRecord]:
        """Return batches in order, beginning with the one that contains `seq`, without index.

        Args:
            seq: first event wanted; `last_seq + 1` or later, or an empty store, gives [].
            max_bytes: stop once the payloads reach this; at least one batch is returned.

        Raises:
            EntryNotFoundError: `seq` is before `first_seq`.
            CorruptionError: a batch is damaged or missing.
        """
        if not self._last_seq or seq > self._last_seq:
            return []
        if seq < self._first_seq:
            raise self._not_found(seq)
        found: list[EventBatchRecord] = []
        size = 0
        with self._env.read() as txn:
            for batch in self._batches(txn, seq):
                found.append(batch)
                size += len(batch.payload)
                if size >= max_bytes or batch.last_seq >= self._last_seq:
                    break
        return found

    def scan_index(
        self, prefix: bytes, *, start: bytes | None = None, limit: int, reverse: bool = False
    ) -> list[tuple[bytes, bytes]]:
        """Return (key, value) of index records whose key begins with `prefix`, in key order.

        Args:
            prefix: what keys begin with; b"" = all.
            start: key to begin at, inclusive; it begins with `prefix`. None = from the end.
            limit: most records returned, 1 or more.
            reverse: descending order, from `start` (or the last key) downwards.

        Raises:
            ValueError: `limit` or `start` does not fit.
            CorruptionError: a record is damaged.
        """
        check_scan(prefix, start, limit)
        found: list[tuple[bytes, bytes]] = []
        with self._env.read() as txn:
            cursor = txn.cursor(self._index)
            more = _seek(cursor, prefix, start, reverse=reverse)
            while more and len(found) < limit:
                key, record = cursor.item()
                if not key.startswith(prefix):
                    break
                found.append((key, self._index_value(key, record)[1]))
                more = cursor.prev() if reverse else cursor.next()
        return found

    def delete_before(self, seq: int) -> None:
        """Drop the batches that end before `seq`, with the index records they own.

        The newest batch always stays, so that `last_seq` is known after a restart.
        """
        while 0 < self._first_seq < seq:
            before = self._first_seq
            with self._env.write() as txn:
                # Set before the commit, so that a reader who misses a batch learns why.
                self._first_seq = self._delete_some(txn, seq)
            if self._first_seq == before:
                return

    def clear(self) -> None:
        """Drop everything; the next batch may have any first_seq. Durable on return.

        For a node that takes over a snapshot beyond what is stored: history then begins there.
        """
        with self._env.write() as txn:
            txn.drop(self._db, delete=False)
            txn.drop(self._index, delete=False)
            self._first_seq = self._last_seq = 0  # before the commit, as in delete_before

    def _put(self, txn: lmdb.Transaction[bytes], batch: EventBatchRecord) -> None:
        key = u64_key(batch.first_seq)
        txn.put(key, seal(DATABASE, key, encode_batch(batch)), append=True, db=self._db)
        for name, value in batch.index:
            body = encode_index(batch.first_seq, value)
            txn.put(name, seal(INDEX_DATABASE, name, body), db=self._index)

    def _check_equal(self, batch: EventBatchRecord, fresh: Sequence[EventBatchRecord]) -> None:
        key = u64_key(batch.first_seq)
        with self._env.read() as txn:
            record = txn.get(key, db=self._db)
        stored = next((one for one in fresh if one.first_seq == batch.first_seq), None)
        if record is not None:
            stored = self._decode(key, record)[0]
        if stored is None:
            what = "the replay differs: no stored batch begins here"
        elif (stored.last_seq, stored.log_index, stored.payload) != (
            batch.last_seq,
            batch.log_index,
            batch.payload,
        ):
            what = (
                f"the replay differs: stored {stored.first_seq}..{stored.last_seq} of log index "
                f"{stored.log_index}, now {batch.first_seq}..{batch.last_seq} of {batch.log_index}"
            )
        else:
            return
        name = f"seq {batch.first_seq}"
        raise CorruptionError(self._env.file, DATABASE, name, what=what, action=REPLAY_ACTION)

    def _batches(self, txn: lmdb.Transaction[bytes], seq: int) -> Iterator[EventBatchRecord]:
        cursor = txn.cursor(self._db)
        more = cursor.set_range(u64_key(seq))
        if not more or key_u64(cursor.key()) != seq:
            more = cursor.prev() if more else cursor.last()
        while more:
            batch = self._decode(*cursor.item())[0]
            if seq < self._first_seq:
                raise self._not_found(seq)  # dropped since the caller's check
            if not batch.first_seq <= seq <= batch.last_seq:
                what = f"the batch that holds seq {seq} is missing"
                raise corruption(self._env.file, DATABASE, f"seq {seq}", what)
            yield batch
            seq = batch.last_seq + 1
            more = cursor.next()

    def _delete_some(self, txn: lmdb.Transaction[bytes], seq: int) -> int:
        """Delete some batches that end before `seq`; return the first_seq that is left."""
        cursor = txn.cursor(self._db)
        cursor.first()
        for _ in range(_DELETE_BATCHES):
            key, record = cursor.item()
            batch, names = self._decode(key, record)
            if batch.last_seq >= min(seq, self._last_seq):
                break
            for name in names:
                owned = txn.get(name, db=self._index)
                if owned is not None and self._index_value(name, owned)[0] == batch.first_seq:
                    txn.delete(name, db=self._index)
            cursor.delete()
        return key_u64(cursor.key())

    def _decode(self, key: bytes, record: bytes) -> tuple[EventBatchRecord, list[bytes]]:
        name = f"seq {key_u64(key)}"
        body = unseal(DATABASE, key, record, file=self._env.file, name=name)
        try:
            return decode_batch(body)
        except (ValueError, struct.error) as error:
            raise corruption(self._env.file, DATABASE, name, str(error)) from error

    def _index_value(self, key: bytes, record: bytes) -> tuple[int, bytes]:
        name = f"key {key.hex()}"
        body = unseal(INDEX_DATABASE, key, record, file=self._env.file, name=name)
        try:
            return decode_index(body)
        except ValueError as error:
            raise corruption(self._env.file, INDEX_DATABASE, name, str(error)) from error

    def _not_found(self, seq: int) -> EntryNotFoundError:
        return EntryNotFoundError("event seq", seq, first=self._first_seq, last=self._last_seq)


def _seek(cursor: lmdb.Cursor[bytes], prefix: bytes, start: bytes | None, *, reverse: bool) -> bool:
    """Place the cursor at the first record of a scan; False when there is none."""
    if not reverse:
        at = start if start is not None else prefix
        return cursor.set_range(at) if at else cursor.first()
    if start:
        if cursor.set_range(start):
            return True if cursor.key() == start else cursor.prev()
        return cursor.last()
    stem = prefix.rstrip(b"\xff")
    if stem and cursor.set_range(stem[:-1] + bytes([stem[-1] + 1])):
        return cursor.prev()
    return cursor.last()
