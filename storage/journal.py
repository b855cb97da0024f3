"""The journal: the durable, ordered log of entries of one node.

Room: entries are opaque bytes at consecutive indexes, the first is 1. One append is one LMDB
transaction and one flush, however many entries it carries. It must not know what an entry means.
Flow: the sequencer appends, and only what `append` has returned for may be acknowledged.

Invariants
    - indexes are contiguous from `first_index` to `last_index`;
    - each record carries its CRC32C and a digest chained over all entries before it, also over
      those dropped by `delete_prefix`: the base record keeps the digest of the last one dropped;
    - a removed tail is in a flushed quarantine file before it leaves the log;
    - what is noted as committed is never removed from the end.

Threads: `append`, `truncate_suffix`, `delete_prefix` and `begin_after` belong to the one writer
thread; reads may run in any thread. The base record is the sealed record of key 0: u64 index, 16
bytes chain digest. The committed index is the fact `committed_index` (u64) of the meta database.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import lmdb

from storage import meta
from storage.env import LmdbEnv
from storage.errors import EntryNotFoundError
from storage.format import (
    ENTRY_BYTES_MAX,
    GENESIS_DIGEST,
    corruption,
    decode_log_record,
    encode_log_record,
    key_u64,
    next_chain_digest,
    seal,
    u64_key,
    unseal,
)
from storage.quarantine import TailHeader, write_quarantine

DATABASE: Final = "log"

TAIL_ENTRIES_CHECKED: Final = 64
"""Entries at the end of the log that opening verifies; the rest is verified by scan or verify."""

_SLICE_BYTES: Final = 4 * 1024 * 1024  # longest stretch read in one read transaction
_SLICE_ENTRIES: Final = 4096
_BASE_KEY: Final = u64_key(0)
_BASE = struct.Struct("<Q16s")
_COMMITTED_KEY: Final = b"committed_index"
_COMMITTED = struct.Struct("<Q")


class LmdbJournal:
    """The log in LMDB; see the module docstring."""

    def __init__(self, env: LmdbEnv) -> None:
        """Open the log and verify its base and its last entries.

        Args:
            env: the log environment, opened with the database "log".

        Raises:
            CorruptionError: base, bounds, or one of the last entries is damaged.
        """
        self._env = env
        self._db = env.database(DATABASE)
        self._committed: int | None = None  # read when it is first asked for
        with env.read() as txn:
            self._base = read_base(env, txn)
            self._last_index = self._read_last_index(txn)
        self._last_digest = self.chain_digest(self._last_index)
        for _ in self.scan(max(self.first_index, self._last_index - TAIL_ENTRIES_CHECKED + 1)):
            pass  # scan verifies what it yields

    @property
    def first_index(self) -> int:
        """Index of the first entry stored, or that the next append gets when there is none."""
        return self._base[0] + 1

    @property
    def last_index(self) -> int:
        """Index of the last entry, stored or dropped as prefix; 0 for a new log."""
        return self._last_index

    @property
    def last_chain_digest(self) -> bytes:
        """Chain digest of entry `last_index`; 16 zero bytes for a new log."""
        return self._last_digest

    @property
    def committed_index(self) -> int:
        """Newest index that was noted as committed; 0 when none ever was.

        A lower bound: the note travels with later appends. Raises CorruptionError.
        """
        if self._committed is None:
            with self._env.read() as txn:
                record = txn.get(_COMMITTED_KEY, db=self._env.database(meta.DATABASE))
            self._committed = 0 if record is None else self._unsealed(record)
        return self._committed

    def append(self, entries: Sequence[tuple[int, bytes]], *, committed: int = 0) -> None:
        """Append entries in one transaction; all are durable on return, or none is there.

        Args:
            entries: (log_index, entry) pairs, contiguous from `last_index + 1`; entries of at
                most ENTRY_BYTES_MAX bytes. An empty sequence does nothing.
            committed: noted in the same transaction if it is higher than what was noted.

        Raises:
            ValueError: an index is not the next one, or an entry is too long; nothing is written.
            DiskFaultError: the commit failed; the process must stop.
        """
        if not entries:
            return
        expected = self._last_index
        digest = self._last_digest
        records: list[tuple[bytes, bytes]] = []
        for index, entry in entries:
            expected += 1
            if index != expected:
                raise ValueError(f"entry of index {index} where index {expected} is next")
            if len(entry) > ENTRY_BYTES_MAX:
                raise ValueError(f"entry {index}: {len(entry)} bytes exceed {ENTRY_BYTES_MAX}")
            digest = next_chain_digest(digest, entry)
            records.append((u64_key(index), encode_log_record(index, digest, entry)))
        with self._env.write() as txn:
            for key, record in records:
                if not txn.put(key, record, append=True, db=self._db):
                    name = f"index {key_u64(key)}"
                    what = "an entry that is not known is stored at or after this index"
                    raise corruption(self._env.file, DATABASE, name, what)
            noted = committed and committed > self.committed_index
            if noted:
                self._note_committed(txn, committed)
        if noted:
            self._committed = committed
        self._last_index = expected
        self._last_digest = digest

    def read(self, index: int) -> bytes:
        """Return the entry at `index`, its record verified.

        Raises:
            EntryNotFoundError: `index` is not in `first_index..last_index`.
            CorruptionError: the record is damaged or missing.
        """
        return self._record(index)[1]

    def chain_digest(self, index: int) -> bytes:
        """Return the chain digest (16 bytes) of entry `index`, or of the base `first_index - 1`.

        Raises:
            EntryNotFoundError: `index` is not in `first_index - 1..last_index`.
            CorruptionError: the record is damaged or missing.
        """
        base_index, base_digest = self._base  # one read: the writer replaces both at once
        if index == base_index:
            return base_digest
        return self._record(index)[0]

    def scan(self, start: int, stop: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Yield (log_index, entry) from `start` up to, not including, `stop`; verify each.

        CRC, index and chain digest are checked. Read transactions are short: a slow consumer pins
        no pages. Without `stop` it ends at the entry that is last when the scan starts.

        Raises:
            EntryNotFoundError: `start` or `stop - 1` is outside of the log.
            CorruptionError: an entry is damaged or missing, or the chain breaks.
        """
        end = self._last_index + 1 if stop is None else stop
        if start == end or (stop is not None and start > stop):
            return
        if start < self.first_index or end > self._last_index + 1 or start > end:
            raise self._not_found(
                start if not self.first_index <= start <= self._last_index else end - 1
            )
        digest = self.chain_digest(start - 1)
        while start < end:
            for index, record in self._slice(start, end):
                found, entry = decode_log_record(record, index, self._env.file)
                digest = next_chain_digest(digest, entry)
                if found != digest:
                    what = f"chain digest is {found.hex()}, the entries give {digest.hex()}"
                    raise corruption(self._env.file, DATABASE, f"index {index}", what)
                yield index, entry
                start = index + 1

    def truncate_suffix(self, first_removed: int, quarantine_dir: Path, reason: str) -> Path | None:
        """Remove the entries from `first_removed` on, after writing them to a quarantine file.

        Args:
            first_removed: first index to go; at least `first_index`.
            quarantine_dir: where the file goes (`DataDirectory.quarantine_path`).
            reason: why, for the person who reads the file.

        Returns:
            The quarantine file, or None when there was nothing to remove.

        Raises:
            ValueError: `first_removed` reaches below `first_index`, or is committed.
            DiskFaultError: file or commit failed; the process must stop.
        """
        if first_removed < self.first_index:
            raise ValueError(
                f"cannot remove from {first_removed}: log starts at {self.first_index}"
            )
        if first_removed <= self.committed_index:
            raise ValueError(
                f"cannot remove from {first_removed}: committed up to {self.committed_index}"
            )
        if first_removed > self._last_index:
            return None
        digest = self.chain_digest(first_removed - 1)
        header = TailHeader(first_removed, self._last_index, digest, reason)
        path = write_quarantine(quarantine_dir, header, self._raw(first_removed))
        with self._env.write() as txn:
            for index in range(first_removed, header.last_index + 1):
                txn.delete(u64_key(index), db=self._db)
            self._last_index = first_removed - 1  # before the commit, as in delete_prefix
            self._last_digest = digest
        return path

    def delete_prefix(self, before: int) -> None:
        """Drop the entries below `before`; the chain stays checkable. Durable on return.

        Args:
            before: first index that stays, at most `last_index + 1`. Lower than `first_index`:
                nothing happens.

        Raises:
            ValueError: `before` is beyond `last_index + 1`.
            DiskFaultError: the commit failed; the process must stop.
        """
        if before > self._last_index + 1:
            raise ValueError(f"cannot drop before {before}: the log ends at {self._last_index}")
        if before <= self.first_index:
            return
        digest = self.chain_digest(before - 1)
        body = _BASE.pack(before - 1, digest)
        first = self.first_index
        with self._env.write() as txn:
            txn.put(_BASE_KEY, seal(DATABASE, _BASE_KEY, body), db=self._db)
            for index in range(first, before):
                txn.delete(u64_key(index), db=self._db)
            # Set before the commit, so that a reader who misses an entry learns why.
            self._base = (before - 1, digest)

    def begin_after(self, index: int, chain_digest: bytes) -> None:
        """Drop all entries and begin anew after entry `index`, which a snapshot stands for.

        For a node that takes over a snapshot beyond the end of its log. Durable on return; `index`
        is noted as committed, since only committed state is in a snapshot.

        Args:
            index: the entry before the next one; beyond `last_index`.
            chain_digest: of that entry, 16 bytes.

        Raises:
            ValueError: `index` is not beyond the end, or the digest has another length.
            DiskFaultError: the commit failed; the process must stop.
        """
        if index <= self._last_index or len(chain_digest) != len(GENESIS_DIGEST):
            raise ValueError(
                f"cannot begin after {index} ({len(chain_digest)} digest bytes): the log ends at "
                f"{self._last_index}"
            )
        body = _BASE.pack(index, chain_digest)
        with self._env.write() as txn:
            txn.drop(self._db, delete=False)
            txn.put(_BASE_KEY, seal(DATABASE, _BASE_KEY, body), db=self._db)
            self._note_committed(txn, index)
            # Set before the commit, as in delete_prefix.
            self._base = (index, chain_digest)
            self._last_index, self._last_digest = index, chain_digest
        self._committed = index

    def _note_committed(self, txn: lmdb.Transaction[bytes], index: int) -> None:
        record = seal(meta.DATABASE, _COMMITTED_KEY, _COMMITTED.pack(index))
        txn.put(_COMMITTED_KEY, record, db=self._env.database(meta.DATABASE))

    def _unsealed(self, record: bytes) -> int:
        name = f"key {_COMMITTED_KEY.decode()!r}"
        body = unseal(meta.DATABASE, _COMMITTED_KEY, record, file=self._env.file, name=name)
        if len(body) != _COMMITTED.size:
            raise corruption(self._env.file, meta.DATABASE, name, f"it has {len(body)} bytes")
        committed: int = _COMMITTED.unpack(body)[0]
        return committed

    def _read_last_index(self, txn: lmdb.Transaction[bytes]) -> int:
        cursor = txn.cursor(self._db)
        last = key_u64(cursor.key()) if cursor.last() else 0
        stored = txn.stat(self._db)["entries"] - (1 if self._base[0] else 0)
        last = max(last, self._base[0])
        if stored != last - self._base[0]:
            what = f"{stored} entries are stored for indexes {self._base[0] + 1}..{last}"
            raise corruption(self._env.file, DATABASE, "", what)
        return last

    def _record(self, index: int) -> tuple[bytes, bytes]:
        if not self.first_index <= index <= self._last_index:
            raise self._not_found(index)
        with self._env.read() as txn:
            record = txn.get(u64_key(index), db=self._db)
        if record is None:
            raise self._lost(index)
        return decode_log_record(record, index, self._env.file)

    def _raw(self, start: int) -> Iterator[bytes]:
        while start <= self._last_index:
            for index, record in self._slice(start, self._last_index + 1):
                yield record
                start = index + 1

    def _slice(self, start: int, end: int) -> list[tuple[int, bytes]]:
        """Copy consecutive records out of one short read transaction; at least one."""
        records: list[tuple[int, bytes]] = []
        size = 0
        with self._env.read() as txn:
            cursor = txn.cursor(self._db)
            found = cursor.set_key(u64_key(start))
            for index in range(start, min(end, start + _SLICE_ENTRIES)):
                if not found or key_u64(cursor.key()) != index:
                    raise self._lost(index)
                record = cursor.value()
                records.append((index, record))
                size += len(record)
                if size >= _SLICE_BYTES:
                    break
                found = cursor.next()
        return records

    def _lost(self, index: int) -> Exception:
        if not self.first_index <= index <= self._last_index:
            return self._not_found(index)  # dropped while a scan was under way
        return corruption(self._env.file, DATABASE, f"index {index}", "the entry is missing")

    def _not_found(self, index: int) -> EntryNotFoundError:
        first = self.first_index if self._last_index >= self.first_index else 0
        last = self._last_index if first else 0
        return EntryNotFoundError("log index", index, first=first, last=last)


def read_base(env: LmdbEnv, txn: lmdb.Transaction[bytes]) -> tuple[int, bytes]:
    """Return index and chain digest of the last entry dropped; (0, genesis) for a whole log.

    Raises CorruptionError when the base record is damaged.
    """
    record = txn.get(_BASE_KEY, db=env.database(DATABASE))
    if record is None:
        return 0, GENESIS_DIGEST
    body = unseal(DATABASE, _BASE_KEY, record, file=env.file, name="base record")
    if len(body) != _BASE.size:
        raise corruption(env.file, DATABASE, "base record", f"its body has {len(body)} bytes")
    index, digest = _BASE.unpack(body)
    return index, digest
