"""The primary's side of the stream: find the common prefix, then send what follows it.

Room: one Progress for each follower and the messages to it. Appends are pipelined within the
window; entries that are no longer in memory are read by the shell; a follower whose place is
before the beginning of the log, or very far behind, gets a snapshot.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from replication.effects import ReadChunk, ReadEntries
from replication.messages import (
    Ack,
    Append,
    Hello,
    Probe,
    ProbeReply,
    SnapshotChunk,
    SnapshotOffer,
    SnapshotPull,
    Sync,
)
from replication.node_state import NodeState
from replication.prefix import PrefixSearch
from replication.progress import Progress, Stage
from storage.format import next_chain_digest

APPEND_BYTES: Final = 1024 * 1024
"""Entries in one append, bytes; one entry may exceed it."""

SNAPSHOT_GAP_ENTRIES: Final = 50_000
"""A follower that lacks more entries than this before the newest snapshot gets the snapshot."""

SNAPSHOT_GAP_BYTES: Final = 64 * 1024 * 1024
"""So does one that lacks more bytes than this, if the snapshot has fewer: a second or two of
applying, of which it would save a part only."""

FEW_ENTRIES: Final = 32
"""Not worth a look at their bytes."""

SNAPSHOT_CHUNK_BYTES: Final = 1024 * 1024
"""A chunk has at most so many (storage.snapshot_layout)."""


class SnapshotFacts(NamedTuple):
    """The newest snapshot this node can give away; `manifest` is opaque here."""

    log_index: int
    chain_digest: bytes
    chunk_count: int
    manifest: bytes


class LogStream:
    """Sends the log to followers.

    Args:
        limit: newest entry that this follower may get now.
    """

    def __init__(self, state: NodeState, limit: Callable[[Progress], int]) -> None:
        self._state = state
        self._limit = limit
        self._sync_ids = 0
        self.snapshot: SnapshotFacts | None = None
        self.snapshot_gap = SNAPSHOT_GAP_ENTRIES

    def begin(self, peer: Progress, hello: Hello) -> None:
        """Look for the common prefix with a follower that said where its log ends."""
        state = self._state
        tail = state.tail
        peer.hello = hello
        peer.match = 0
        if tail.digest(hello.last_index) == hello.last_digest:
            self._agree(peer, hello.last_index)
            return
        low = max(tail.base_index, hello.base_index)
        high = min(tail.last_index, hello.last_index)
        if low > high:  # one log begins after the other ends
            self._give_snapshot(peer, -1)
            return
        peer.begin(Stage.PROBING, 0, state.now_ns)
        peer.search = PrefixSearch(low, high, hello.committed)
        state.send(peer.name, Probe(peer.search.asked))

    def on_probe_reply(self, peer: Progress, reply: ProbeReply) -> None:
        """Narrow the search; at its end agree on the prefix or give a snapshot."""
        state = self._state
        search = peer.search
        if peer.stage is not Stage.PROBING or search is None or reply.index != search.asked:
            return
        peer.asked_ns = state.now_ns
        search.answer(reply.index, equal=state.tail.digest(reply.index) == reply.digest)
        if not search.done:
            state.send(peer.name, Probe(search.asked))
            return
        common = search.common
        if common is None:
            self._give_snapshot(peer, -1)
        else:
            self._agree(peer, common)

    def on_ack(self, peer: Progress, ack: Ack) -> bool:
        """Take in how far a follower is; False if its log is not ours: begin anew."""
        state = self._state
        peer.applied_index = ack.applied_index
        if not ack.sync_id or ack.sync_id != peer.sync_id:
            return True
        if state.tail.digest(ack.durable_index) != ack.durable_digest:
            return False
        if peer.stage in {Stage.SYNCING, Stage.SNAPSHOT}:
            peer.stage = Stage.STREAMING
            peer.behind_ns = state.now_ns
            state.alarm(f"NO_SNAPSHOT_FOR_{peer.name}", "")
            state.alarm(f"LOG_DIFFERS_{peer.name}", "")
        peer.acknowledged(min(ack.durable_index, peer.next_index - 1), state.now_ns)
        return True

    def pump(self, peer: Progress) -> None:
        """Send what the follower lacks, as far as the window allows."""
        state = self._state
        tail = state.tail
        while peer.stage is Stage.STREAMING and peer.has_room and not peer.is_reading:
            limit = self._limit(peer)
            first = peer.next_index
            if first > limit:
                return
            if first <= tail.base_index:
                self._give_snapshot(peer, first - 1)
                return
            if first < tail.first_in_memory:
                peer.is_reading = True
                last = min(limit, tail.first_in_memory - 1)
                state.out.append(ReadEntries(peer.name, peer.link, first, last, APPEND_BYTES))
                return
            size = 1 if state.chance("small append") else APPEND_BYTES
            batch = tail.entries(first, limit, size)
            self._append(peer, [one.entry for one in batch], batch[-1].digest)

    def on_entries_read(self, peer: Progress, first: int, entries: list[bytes]) -> None:
        """The shell has read entries of the journal for a follower."""
        if not peer.is_reading:
            return
        peer.is_reading = False
        if peer.stage is not Stage.STREAMING or first != peer.next_index or not entries:
            return
        digest = self._state.tail.digest(first - 1)
        if digest is None:
            self._give_snapshot(peer, first - 1)
            return
        for entry in entries:
            digest = next_chain_digest(digest, entry)
        if digest != self._state.tail.digest(first + len(entries) - 1):
            self._state.halt(
                "JOURNAL_DIFFERS_FROM_ITS_CHAIN",
                f"entries {first}..{first + len(entries) - 1} as read do not give the chain "
                "digest that was written with them; run `exctl journal verify`",
            )
            return
        self._append(peer, entries, digest)
        self.pump(peer)

    def on_pull(self, peer: Progress, pull: SnapshotPull) -> None:
        """A follower wants a chunk; the shell reads it."""
        if peer.stage is Stage.SNAPSHOT and pull.sync_id == peer.sync_id:
            peer.asked_ns = self._state.now_ns
            if peer.asks_again(pull):
                self._give_snapshot(peer, -1)  # that one is gone: begin with the newest
                return
            read = ReadChunk(peer.name, peer.link, pull.log_index, pull.chunk)
            self._state.out.append(read)

    def on_chunk_read(self, peer: Progress, read: ReadChunk, data: bytes | None) -> None:
        """The shell has read a chunk, or finds that a newer snapshot took that one's place."""
        if peer.stage is not Stage.SNAPSHOT:
            return
        alarm = f"NO_SNAPSHOT_FOR_{peer.name}"
        if data:
            self._state.alarm(alarm, "")
            message = SnapshotChunk(peer.sync_id, read.log_index, read.chunk, data)
            self._state.send(peer.name, message)
        elif self.snapshot is not None and self.snapshot.log_index > read.log_index:
            self._give_snapshot(peer, -1)
        else:  # the follower asks again; the next snapshot that is taken is offered then
            text = f"chunk {read.chunk} of the snapshot at {read.log_index} is gone"
            self._state.alarm(alarm, f"{peer.name} needs a snapshot: {text}, and none is newer")

    def retry(self, peer: Progress) -> bool:
        """Whether a step that wants an answer has waited too long and must begin anew."""
        state = self._state
        waited = state.now_ns - peer.asked_ns
        patience = state.timing.retry * (20 if peer.stage is Stage.SNAPSHOT else 2)
        return peer.stage is not Stage.STREAMING and waited > patience

    def _agree(self, peer: Progress, common: int) -> None:
        state = self._state
        if self._is_shorter_by_snapshot(common):
            self._give_snapshot(peer, common)
            return
        digest = state.tail.digest(common)
        if common < state.tail.base_index or digest is None:
            self._give_snapshot(peer, common)
            return
        self._sync_ids += 1
        peer.begin(Stage.SYNCING, self._sync_ids, state.now_ns)
        peer.next_index = common + 1
        told = peer.hello
        state.send(peer.name, Sync(peer.sync_id, common, digest, told.last_index, told.last_digest))

    # Many entries, or many bytes of them, cost a follower more than the state that they lead to.
    def _is_shorter_by_snapshot(self, common: int) -> bool:
        snapshot, tail = self.snapshot, self._state.tail
        if snapshot is None:
            return False
        if snapshot.log_index - common > self.snapshot_gap:
            return True
        last = min(snapshot.log_index, tail.durable_index)
        size = snapshot.chunk_count * SNAPSHOT_CHUNK_BYTES
        first = max(common, tail.base_index) + 1
        if last - first < FEW_ENTRIES:
            return False
        return tail.bytes_about(first, last) > max(size, SNAPSHOT_GAP_BYTES)

    def _give_snapshot(self, peer: Progress, common: int) -> None:
        state = self._state
        snapshot = self.snapshot
        self._sync_ids += 1
        peer.begin(Stage.SNAPSHOT, self._sync_ids, state.now_ns)
        if snapshot is None or snapshot.log_index < state.tail.base_index:
            name = f"NO_SNAPSHOT_FOR_{peer.name}"
            state.alarm(name, f"{peer.name} needs a snapshot and this node has none to give")
            return
        peer.next_index = snapshot.log_index + 1
        told = peer.hello
        offer = SnapshotOffer(peer.sync_id, *snapshot, common, told.last_index, told.last_digest)
        state.send(peer.name, offer)

    def _append(self, peer: Progress, entries: list[bytes], last_digest: bytes) -> None:
        state = self._state
        first = peer.next_index
        prev_digest = state.tail.digest(first - 1)
        if prev_digest is None:
            self._give_snapshot(peer, first - 1)
            return
        state.send(
            peer.name,
            Append(peer.sync_id, first - 1, prev_digest, entries, last_digest, state.committed),
        )
        peer.sent(first + len(entries) - 1, sum(len(entry) for entry in entries))
