"""What replication needs from the snapshots of a node: chunks to give away, and to take in.

Room: the port that the exchange's storage side fulfils (`exchange/snapshot_exchange.py`); bytes and
indexes only. The manifest says what the chunks must give; it is opaque to the protocol.
"""

from __future__ import annotations

from typing import Protocol

from replication.log_stream import SnapshotFacts


class SnapshotPort(Protocol):
    """Snapshots of one node. Threads of the replicator; each method is atomic."""

    def newest(self) -> SnapshotFacts | None:
        """The newest sound snapshot that may be given away."""

    def read_chunk(self, log_index: int, chunk: int) -> bytes:
        """One chunk of a stored snapshot, from 0; b"" where it is gone."""

    def store_chunk(self, log_index: int, chunk: int, data: bytes) -> None:
        """Keep a chunk of a snapshot that is being taken in; chunk 0 begins anew."""

    def install(self, log_index: int, chain_digest: bytes, manifest: bytes, common: int) -> str:
        """Verify what was taken in, and replace log and state by it; durable on return.

        The log keeps nothing: what it had above `common` is quarantined first.

        Returns:
            "" when done, else why the snapshot was refused; then nothing was changed.
        """
