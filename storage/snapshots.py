"""Snapshots in LMDB: written in paced chunks, believed only when every byte checks.

Room: stores payloads at log positions in the index environment, apart from the log, because a
snapshot in the log's environment would block its commits for as long as it takes (IO section 3).
It must not know what a payload means, and must not be written by two threads at once (a lock sees
to it). Any thread may read.

Order of a write: each chunk in its own transaction, so that other writers of the environment wait
for one chunk at most; then the manifest. A crash in between leaves chunks without a manifest,
which are no snapshot; opening and the next write sweep them.
"""

from __future__ import annotations

import threading
import time
from typing import Final

import lmdb

from storage.env import LmdbEnv
from storage.errors import CorruptionError, EntryNotFoundError
from storage.format import (
    StreamedDigest,
    chunk_key,
    corruption,
    key_u64,
    payload_digest,
    seal,
    u64_key,
    unseal,
)
from storage.snapshot_layout import (
    CHUNK_BYTES,
    RefusedSnapshot,
    SnapshotInfo,
    decode_manifest,
    describe,
    encode_manifest,
)

DATABASE: Final = "snapshots"
CHUNK_DATABASE: Final = "snapshot_chunks"

# Names for list types: inside of the class, `list` is its method.
_Infos = list[SnapshotInfo]
_Refused = list[RefusedSnapshot]
_Indexes = list[int]


class LmdbSnapshotStore:
    """Snapshots in LMDB; see the module docstring."""

    def __init__(self, env: LmdbEnv, *, sweep: bool = True) -> None:
        """Use the index environment; `sweep` removes leftovers of a write that a crash cut off."""
        self._env = env
        self._manifests = env.database(DATABASE)
        self._chunks = env.database(CHUNK_DATABASE)
        self._writing = threading.Lock()
        self._coming = 0  # log index of a snapshot that comes from elsewhere
        if sweep:
            self._sweep()

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
        """Write a snapshot; durable and complete on return.

        An equal one at the same position is kept and not written again; a different or damaged one
        is replaced.

        Args:
            log_index: the state is the one after this entry; 1 or more.
            chain_digest: chain digest of that entry, 16 bytes.
            state_digest: digest of the state, at most 64 bytes.
            next_event_seq: seq of the first event after it.
            payload: the state, opaque.
            engine: name of the engine that wrote it, at most 200 bytes.
            pace_bytes_per_s: upper bound of the average rate; None = as fast as the disk.

        Raises:
            ValueError: a field is out of bounds; nothing is written.
            DiskFaultError: a commit failed; the process must stop.
        """
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
        with self._writing:
            if self._holds(info):
                return info
            self._delete(log_index)
            self._sweep()
            self._write_chunks(info, payload, pace_bytes_per_s)
            key = u64_key(log_index)
            with self._env.write() as txn:
                txn.put(key, seal(DATABASE, key, encode_manifest(info)), db=self._manifests)
            self._env.sync()
        return info

    @property
    def newest_index(self) -> int:
        """Log index of the newest snapshot, sound or not; 0 when there is none."""
        return next(iter(self._indexes()), 0)

    def read_chunk(self, log_index: int, number: int) -> bytes:
        """Return chunk `number` (from 0) of a snapshot, its bytes verified.

        Raises:
            EntryNotFoundError: there is no such snapshot.
            CorruptionError: the chunk is damaged or missing.
        """
        return self._chunk(self._info(log_index), number)

    def put_chunk(self, log_index: int, number: int, data: bytes) -> None:
        """Keep a chunk of a snapshot that comes from elsewhere; chunk 0 begins it anew.

        It is no snapshot until `adopt`. Durable on return. Raises DiskFaultError.
        """
        with self._writing:
            if number == 0:
                self._delete(log_index)
                self._sweep()
            self._coming = log_index
            key = chunk_key(log_index, number)
            with self._env.write() as txn:
                txn.put(key, seal(CHUNK_DATABASE, key, data), db=self._chunks)

    def adopt(self, manifest: bytes) -> SnapshotInfo:
        """Make the chunks that were put a snapshot, once they give what the manifest says.

        Raises:
            ValueError: the bytes are no manifest.
            CorruptionError: a chunk is missing, or the payload is not the one described; nothing
                was made of it.
            DiskFaultError: the commit failed; the process must stop.
        """
        info = decode_manifest(manifest)
        with self._writing:
            digest = StreamedDigest()
            for number in range(info.chunks):
                digest.add(self._chunk(info, number))
            if digest.value() != info.payload_digest:
                what = "the chunks do not give the payload that the manifest describes"
                name = f"log index {info.log_index}"
                raise corruption(self._env.file, CHUNK_DATABASE, name, what)
            key = u64_key(info.log_index)
            with self._env.write() as txn:
                txn.put(key, seal(DATABASE, key, manifest), db=self._manifests)
            self._env.sync()
            self._coming = 0
        return info

    def list(self) -> _Infos:
        """Return all snapshots, newest first. Raises CorruptionError for a damaged manifest."""
        return [self._info(index) for index in self._indexes()]

    def read(self, log_index: int) -> tuple[SnapshotInfo, bytes]:
        """Return the snapshot at `log_index` with its payload, every byte verified.

        Raises:
            EntryNotFoundError: there is none.
            CorruptionError: manifest, a chunk, or the payload as a whole is damaged.
        """
        info = self._info(log_index)
        parts = [self._chunk(info, number) for number in range(info.chunks)]
        payload = b"".join(parts)
        digest = payload_digest(payload)
        if digest != info.payload_digest:
            what = (
                f"payload digest is {digest.hex()}, the manifest says {info.payload_digest.hex()}"
            )
            raise corruption(self._env.file, DATABASE, f"log index {log_index}", what)
        return info, payload

    def newest_verified(
        self, at_most: int | None = None
    ) -> tuple[tuple[SnapshotInfo, bytes] | None, _Refused]:
        """Return the newest sound snapshot, and the newer ones that were refused, with the reason.

        Args:
            at_most: highest log index wanted; None = any.

        Returns:
            ((info, payload) or None, refused ones newest first).
        """
        refused: _Refused = []
        for index in self._indexes():
            if at_most is not None and index > at_most:
                continue
            try:
                return self.read(index), refused
            except CorruptionError as error:
                refused.append(RefusedSnapshot(index, str(error)))
        return None, refused

    def delete_older_than_newest(self, keep: int) -> _Indexes:
        """Delete all but the newest `keep` (1 or more); return their log indexes, newest first.

        Damaged ones count; verify what you keep before you delete.
        """
        if keep < 1:
            raise ValueError(f"keep is {keep}, at least one snapshot must stay")
        with self._writing:
            old = self._indexes()[keep:]
            for index in old:
                self._delete(index)
        return old

    def _holds(self, info: SnapshotInfo) -> bool:
        try:
            stored, _ = self.read(info.log_index)
        except (EntryNotFoundError, CorruptionError):
            return False  # absent, or damaged and about to be replaced
        return stored == info

    def _write_chunks(
        self, info: SnapshotInfo, payload: bytes | memoryview, pace: int | None
    ) -> None:
        started = time.monotonic()
        for number in range(info.chunks):
            offset = number * CHUNK_BYTES
            key = chunk_key(info.log_index, number)
            record = seal(CHUNK_DATABASE, key, payload[offset : offset + CHUNK_BYTES])
            with self._env.write() as txn:
                txn.put(key, record, db=self._chunks)
            if pace is not None:
                due = started + (offset + CHUNK_BYTES) / pace
                time.sleep(max(0.0, due - time.monotonic()))

    def _indexes(self) -> _Indexes:
        with self._env.read() as txn:
            cursor = txn.cursor(self._manifests)
            return [key_u64(key) for key in cursor.iterprev(keys=True, values=False)]

    def _info(self, log_index: int) -> SnapshotInfo:
        key = u64_key(log_index)
        with self._env.read() as txn:
            record = txn.get(key, db=self._manifests)
        if record is None:
            kept = self._indexes()
            first, last = (kept[-1], kept[0]) if kept else (0, 0)
            raise EntryNotFoundError("snapshot at log index", log_index, first=first, last=last)
        name = f"log index {log_index}"
        body = unseal(DATABASE, key, record, file=self._env.file, name=name)
        try:
            return decode_manifest(body)
        except ValueError as error:
            raise corruption(self._env.file, DATABASE, name, str(error)) from error

    def _chunk(self, info: SnapshotInfo, number: int) -> bytes:
        key = chunk_key(info.log_index, number)
        name = f"log index {info.log_index} chunk {number}"
        with self._env.read() as txn:
            record = txn.get(key, db=self._chunks)
        if record is None:
            raise corruption(self._env.file, CHUNK_DATABASE, name, "the chunk is missing")
        return unseal(CHUNK_DATABASE, key, record, file=self._env.file, name=name)

    def _delete(self, log_index: int) -> None:
        key = u64_key(log_index)
        with self._env.write() as txn:  # the manifest first: from here on it is no snapshot
            txn.delete(key, db=self._manifests)
        self._delete_chunks(log_index)

    def _sweep(self) -> None:
        with self._env.read() as txn:
            orphans = orphan_chunk_indexes(txn, self._manifests, self._chunks)
        for index in orphans:
            if index != self._coming:
                self._delete_chunks(index)

    def _delete_chunks(self, log_index: int) -> None:
        with self._env.write() as txn:
            cursor = txn.cursor(self._chunks)
            found = cursor.set_range(u64_key(log_index))
            while found and key_u64(cursor.key()) == log_index:
                found = cursor.delete()


def orphan_chunk_indexes(
    txn: lmdb.Transaction[bytes], manifests: lmdb._Database, chunks: lmdb._Database
) -> list[int]:
    """Return the log indexes that have chunks and no manifest, ascending."""
    orphans: list[int] = []
    cursor = txn.cursor(chunks)
    found = cursor.first()
    while found:
        index = key_u64(cursor.key())
        if txn.get(u64_key(index), db=manifests) is None:
            orphans.append(index)
        found = cursor.set_range(u64_key(index + 1))
    return orphans
