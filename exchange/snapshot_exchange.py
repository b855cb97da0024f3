"""Snapshots that travel between nodes: given away chunk by chunk, taken in, put in place.

Room: the `SnapshotPort` of replication over the stores of one data directory. What is installed
was verified byte for byte; the log keeps nothing that is not in the snapshot or after it.
"""

from __future__ import annotations

import logging

from replication.log_stream import SnapshotFacts
from storage.data_directory import DataDirectory
from storage.errors import CorruptionError, EntryNotFoundError
from storage.snapshot_layout import decode_manifest, encode_manifest

log = logging.getLogger("lockstep.node")


class SnapshotExchange:
    """Fulfils `replication.snapshot_port.SnapshotPort`."""

    def __init__(self, data: DataDirectory) -> None:
        self._data = data

    def newest(self) -> SnapshotFacts | None:
        """The newest snapshot whose bytes are sound."""
        found, refused = self._data.snapshots.newest_verified()
        for one in refused:
            log.error("snapshot at log index %d is not given away: %s", one.log_index, one.why)
        if found is None:
            return None
        info = found[0]
        return SnapshotFacts(info.log_index, info.chain_digest, info.chunks, encode_manifest(info))

    def read_chunk(self, log_index: int, chunk: int) -> bytes:
        """One chunk; b"" if the snapshot was deleted meanwhile."""
        try:
            return self._data.snapshots.read_chunk(log_index, chunk)
        except EntryNotFoundError:
            return b""

    def store_chunk(self, log_index: int, chunk: int, data: bytes) -> None:
        """Keep a chunk."""
        self._data.snapshots.put_chunk(log_index, chunk, data)

    def install(self, log_index: int, chain_digest: bytes, manifest: bytes, common: int) -> str:
        """Verify what was taken in, then begin the log anew after it; why not, or ""."""
        data, journal = self._data, self._data.journal
        try:
            info = decode_manifest(manifest)
            if (info.log_index, info.chain_digest) != (log_index, chain_digest):
                return f"its manifest is of entry {info.log_index}, offered was {log_index}"
            data.snapshots.adopt(manifest)
        except (ValueError, CorruptionError) as error:
            return str(error)
        first_foreign = max(common + 1, journal.first_index)
        if first_foreign <= journal.last_index:
            reason = f"not in the log of the primary, whose snapshot at {log_index} replaces it"
            journal.truncate_suffix(first_foreign, data.quarantine_path, reason)
        journal.begin_after(log_index, chain_digest)
        log.warning("took over a snapshot of entry %d: history begins there", log_index)
        return ""
