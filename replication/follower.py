"""The follower: keeps its log equal to the primary's, entry by entry.

Room: the messages of a primary whose epoch was already checked (`fencing.py`). Rules:

- A log is cut only where the primary and this node found, by content, that it parts from the
  primary's; what is cut goes to quarantine; a cut at or below what is known as committed halts.
- An entry is taken only if it follows the newest one and the chain of digests holds; whatever does
  not fit makes this node say Hello again, and the primary look for the common prefix anew.
- Acknowledged is what was flushed, never what was received.
- Only committed entries are given to the engine.
"""

from __future__ import annotations

from replication.effects import Append, Committed, Truncate
from replication.messages import Ack, Heartbeat, Probe, ProbeReply, Sync
from replication.messages import Append as AppendMessage
from replication.node_state import NodeState
from storage.format import next_chain_digest


class Follower:
    """One node that follows. `lost` is called when its place in the primary's log is lost."""

    def __init__(self, state: NodeState) -> None:
        self._state = state
        self.sync_id = 0  # 0 = no agreement with the primary yet
        self.heard_ns = state.now_ns
        self.granted_ns = state.now_ns - state.timing.grace
        self._echo_ns = 0
        self.committed_known = state.committed
        self.why_lost = ""
        self._lost_ns = 0

    def follow(self, primary: str, epoch: int) -> None:
        """Follow a primary: a new one means to agree anew; a higher epoch of the same does not."""
        state = self._state
        if primary != state.primary:
            self.sync_id = 0
            self._echo_ns = 0
        state.primary, state.epoch = primary, epoch
        self.heard_ns = state.now_ns

    def leave(self) -> None:
        """The link is gone: whatever was agreed on it is void."""
        self.sync_id = 0
        self._echo_ns = 0

    def deposed(self) -> None:
        """This node led until now; it granted no lease, and its log is to be agreed on anew."""
        self.leave()
        self.committed_known = max(self.committed_known, self._state.committed)
        self.heard_ns = self._state.now_ns

    def on_probe(self, probe: Probe) -> None:
        """Say which digest stands at an index."""
        digest = self._state.tail.digest(probe.index)
        self._state.send(self._state.primary, ProbeReply(probe.index, digest or b""))

    def on_sync(self, sync: Sync) -> None:
        """Agree on the common prefix; cut what is above it."""
        state = self._state
        tail = state.tail
        if tail.digest(sync.index) != sync.digest:
            self.why_lost = f"entry {sync.index} is not the one that was agreed on"
            return
        if (sync.told_index, sync.told_digest) != (tail.last_index, tail.last_digest):
            self.why_lost = f"my log ended at {sync.told_index} then, at {tail.last_index} now"
            return
        if sync.index < tail.last_index and not self.cut(sync.index):
            return
        self.sync_id = sync.sync_id
        self.ack()

    def cut(self, last_kept: int) -> bool:
        """Quarantine what is above `last_kept`; False, and halted, if some of it is committed."""
        state = self._state
        tail = state.tail
        if last_kept < self.committed_known:
            state.halt(
                "COMMITTED_ENTRIES_WOULD_BE_CUT",
                f"primary {state.primary!r} of epoch {state.epoch} has another log from entry "
                f"{last_kept + 1} on, but this node knows entries up to {self.committed_known} "
                "as committed. One of the two logs is not this cluster's: compare them with "
                "`exctl digest --diff`, then wipe the directory of the wrong node",
            )
            return False
        reason = (
            f"not in the log of {state.primary!r}, primary of epoch {state.epoch}: "
            f"entries {last_kept + 1}..{tail.last_index} were never committed"
        )
        state.out.append(Truncate(last_kept + 1, reason))
        tail.cut(last_kept)
        return True

    def on_append(self, message: AppendMessage) -> None:
        """Take entries that follow the newest one."""
        state = self._state
        tail = state.tail
        if not self.sync_id or message.sync_id != self.sync_id:
            return  # of an agreement that is void; a new one is under way
        if (message.prev_index, message.prev_digest) != (tail.last_index, tail.last_digest):
            self.why_lost = f"an append after {message.prev_index}, my log ends {tail.last_index}"
            return
        digests: list[bytes] = []
        digest = tail.last_digest
        for entry in message.entries:
            digest = next_chain_digest(digest, entry)
            digests.append(digest)
        if digest != message.last_digest:
            self.why_lost = (
                f"entries after {message.prev_index} do not give the digest they came with"
            )
            return
        taken: list[tuple[int, bytes]] = []
        for entry, chained in zip(message.entries, digests, strict=True):
            tail.push(tail.last_index + 1, entry, chained)
            taken.append((tail.last_index, entry))
        if taken:
            self._know(message.committed)
            state.out.append(Append(taken, self.committed_known))
        self.learn(message.committed)

    def on_heartbeat(self, beat: Heartbeat, *, is_taking_snapshot: bool) -> None:
        """The primary leads; see whether something was lost on the way, and answer."""
        self._echo_ns = beat.sent_ns
        state = self._state
        if beat.sync_id != self.sync_id and not is_taking_snapshot:
            # It takes for agreed what this node has given up, or never heard of.
            if beat.sync_id and state.now_ns - self._lost_ns > state.timing.retry:
                self._lost_ns = state.now_ns
                self.why_lost = f"no agreement {beat.sync_id} is known here"
                return
        elif self.sync_id:
            if beat.sent_index > self._state.tail.last_index:
                self.why_lost = f"entries up to {beat.sent_index} were sent and did not come"
                return
            self.learn(beat.committed)
        self.granted_ns = self._state.now_ns
        self.ack()

    def on_durable(self) -> None:
        """More of the log is flushed."""
        self.learn(self.committed_known)
        if self.sync_id:
            self.ack()

    def ack(self) -> None:
        """Tell the primary how far the log is flushed."""
        state = self._state
        tail = state.tail
        state.send(
            state.primary,
            Ack(
                self.sync_id,
                tail.durable_index,
                tail.durable_digest,
                self._echo_ns,
                state.applied_index,
            ),
        )

    def learn(self, committed: int) -> None:
        """Entries up to `committed` are committed, as far as the log is the primary's."""
        state = self._state
        self._know(committed)
        ready = min(self.committed_known, state.tail.durable_index)
        if ready > state.committed:
            state.committed = ready
            state.out.append(Committed(ready))

    def _know(self, committed: int) -> None:
        known = min(committed, self._state.tail.last_index)
        self.committed_known = max(self.committed_known, known)
