"""A follower that is far behind takes a snapshot instead of the entries.

Room: pulls chunk after chunk, one under way, so that memory stays bounded on both sides; then asks
for installation. What the log holds beyond the common prefix is quarantined, as in any cut.
"""

from __future__ import annotations

from replication.effects import Committed, InstallSnapshot, StoreChunk
from replication.follower import Follower
from replication.messages import SnapshotChunk, SnapshotOffer, SnapshotPull
from replication.node_state import NodeState


class SnapshotIntake:
    """Takes one snapshot at a time."""

    def __init__(self, state: NodeState, follower: Follower) -> None:
        self._state = state
        self._follower = follower
        self._offer: SnapshotOffer | None = None
        self._chunk = 0
        self._asked_ns = 0
        self.is_installing = False

    @property
    def is_active(self) -> bool:
        """A snapshot is being taken or installed."""
        return self._offer is not None

    def on_offer(self, offer: SnapshotOffer) -> None:
        """Begin, unless the log would lose what is committed."""
        state = self._state
        if self.is_installing:
            return
        tail = state.tail
        if (offer.told_index, offer.told_digest) != (tail.last_index, tail.last_digest):
            self._follower.why_lost = "my log ends elsewhere by now"
            return
        known = self._follower.committed_known
        if offer.common < known and state.tail.last_index and known > offer.log_index:
            self._follower.cut(max(offer.common, 0))
            return
        self._follower.leave()  # nothing is appended until the snapshot is in place
        self._offer = offer
        self._chunk = 0
        self._pull()

    def on_chunk(self, message: SnapshotChunk) -> None:
        """Keep a chunk, pull the next, install after the last."""
        offer = self._offer
        if offer is None or self.is_installing:
            return
        if (message.sync_id, message.chunk) != (offer.sync_id, self._chunk):
            return
        self._state.out.append(StoreChunk(offer.log_index, message.chunk, message.data))
        self._chunk += 1
        if self._chunk < offer.chunk_count:
            self._pull()
            return
        self.is_installing = True
        self._state.out.append(
            InstallSnapshot(
                offer.log_index,
                offer.chain_digest,
                offer.chunk_count,
                offer.manifest,
                offer.common,
            )
        )

    def on_installed(self, log_index: int, chain_digest: bytes) -> None:
        """Log and state are those of the snapshot."""
        state = self._state
        offer = self._offer
        self.abandon()
        state.tail.reset(log_index, chain_digest)
        state.committed = log_index
        state.applied_index = log_index
        self._follower.committed_known = log_index
        state.out.append(Committed(log_index))
        if offer is not None and offer.log_index == log_index:
            self._follower.sync_id = offer.sync_id
            self._follower.ack()

    def on_install_failed(self, why: str) -> None:
        """It did not verify; the log is as it was. Begin anew."""
        self.abandon()
        self._follower.why_lost = f"the snapshot could not be installed: {why}"

    def on_tick(self) -> None:
        """A chunk that did not come is asked for again."""
        waiting = self._offer is not None and not self.is_installing
        if waiting and self._state.now_ns - self._asked_ns > 4 * self._state.timing.retry:
            self._pull()

    def abandon(self) -> None:
        """Forget a snapshot that was begun; the stored chunks are overwritten by the next."""
        self._offer = None
        self.is_installing = False

    def link_lost(self) -> None:
        """Nothing more comes from this link; an installation under way goes on."""
        if not self.is_installing:
            self.abandon()

    def _pull(self) -> None:
        offer = self._offer
        if offer is not None:
            state = self._state
            self._asked_ns = state.now_ns
            pull = SnapshotPull(offer.sync_id, offer.log_index, self._chunk)
            state.send(state.primary, pull)
