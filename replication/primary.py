"""The primary: the ack rule, heartbeats and the lease.

Room: what may be acknowledged and served while this node leads. Rules (RELIABILITY 5.1):

- Rule 1: an entry is committed when it is flushed here and on every member that counts, in this
  epoch. Who counts: the in-sync set of the newest register value this leadership knows, and from
  the moment it is proposed also who is about to be added.
- With fewer than two copies nothing is committed, unless `on_single_copy` is "continue", an
  operator accepted it, or the cluster has only one data node.
- Reads and feeds are served while every other member answered a heartbeat that was sent less than
  `lease` ago, and the register is healthy. No acknowledgement depends on that.
"""

from __future__ import annotations

from typing import Final

from replication.effects import Committed
from replication.greeting import hello_of
from replication.identity import ARBITER
from replication.log_stream import LogStream
from replication.messages import Ack, Heartbeat, Hello, ProbeReply, SnapshotPull, TransferOffer
from replication.node_state import NodeState
from replication.progress import Progress, Stage

LAZY_BYTES: Final = 256 * 1024
"""A follower that no acknowledgement waits for is sent to at ticks, so that it takes no time from
one that is waited for, and flushes less often; sooner only if so many bytes wait for it."""


class Primary:
    """One leadership of this node.

    Args:
        state: the node's facts; `state.epoch` is the epoch that the register gave it.
    """

    def __init__(self, state: NodeState) -> None:
        self._state = state
        self.leadership_epoch = state.epoch
        self.began_at = state.tail.last_index  # its own first entry comes after this one
        self.peers: dict[str, Progress] = {}
        self.stream = LogStream(state, self._limit)
        self.bump_to = 0  # a follower listens only from this epoch on
        self.is_stepping_aside = False
        self._began_ns = state.now_ns
        self._acked_ns: dict[str, int] = {}  # newest acknowledgement, over all links
        self._beat_ns = 0
        self._asked_ns = state.now_ns
        self._flushed_ns = state.now_ns  # since when flushing stands still
        self._flushed = state.tail.durable_index

    def begin(self) -> None:
        """Tell everyone, and ask them where they are."""
        for peer in list(self._state.links):
            self.ask_hello(peer, "")
        self.advance()

    def ask_hello(self, peer: str, why: str) -> None:
        """Say Hello and want one back."""
        self._state.send(peer, hello_of(self._state, wants_reply=True, leads=True, why=why))

    def counted(self) -> list[str]:
        """The other members whose copy an entry must be on: committed ones and proposed ones."""
        state = self._state
        names = dict.fromkeys(state.register.in_sync)
        if state.change.pending is not None:
            names |= dict.fromkeys(state.change.pending.new.in_sync)
        return [name for name in names if name != state.me.name]

    @property
    def may_commit(self) -> bool:
        """Enough copies for an acknowledgement, or fewer were accepted."""
        register = self._state.register
        return (
            len(register.in_sync) > 1
            or register.on_single_copy == "continue"
            or register.single_copy_accepted
            or len(self._state.plan.data_nodes()) == 1
        )

    @property
    def must_hold(self) -> int:
        """What a joiner's log must reach: whatever any leader may have acknowledged.

        An earlier leader may have committed everything that stood here when this leadership began;
        this one does not know how much, and commits nothing of it while one copy is not enough.
        """
        return max(self._state.committed, self.began_at)

    def match_of(self, name: str) -> int:
        """How far a member's copy of this very log is flushed; 0 if it is another directory."""
        peer = self.peers.get(name)
        state = self._state
        if peer is None or peer.stage is not Stage.STREAMING:
            return 0
        listed = state.register.in_sync.get(name)
        if listed is None and state.change.pending is not None:
            listed = state.change.pending.new.in_sync.get(name)
        return peer.match if peer.hello.incarnation == listed else 0

    def advance(self) -> None:
        """Commit what the ack rule allows."""
        state = self._state
        if not self.may_commit:
            return
        ready = state.tail.durable_index
        for name in self.counted():
            ready = min(ready, self.match_of(name))
        if ready > state.committed:
            state.committed = ready
            state.out.append(Committed(ready))
            for peer in self.peers.values():
                if not peer.takes_all and self._has_much_for(peer):
                    self.stream.pump(peer)

    def proposed(self) -> None:
        """An entry was proposed: send it."""
        for peer in self.peers.values():
            if peer.takes_all:
                self.stream.pump(peer)

    def on_hello(self, name: str, hello: Hello) -> None:
        """A follower says where it is: begin with it, unless it listens to a higher epoch only."""
        state = self._state
        if hello.kind == ARBITER:
            return
        link = state.links[name]
        old = self.peers.get(name)
        peer = Progress(name, hello.kind, link.generation, hello, state.now_ns)
        if old is not None and hello.incarnation == old.hello.incarnation:
            peer.behind_ns = old.behind_ns
            peer.takes_all = old.takes_all
        self.peers[name] = peer
        if hello.promised > state.epoch:
            self.bump_to = max(self.bump_to, hello.promised + 1)
            return
        self.stream.begin(peer, hello)
        self._beat(peer)

    def on_refused_epoch(self, promised: int) -> None:
        """A follower listens to a higher epoch only; if we still lead, we need one."""
        if promised > self._state.epoch:
            self.bump_to = max(self.bump_to, promised + 1)

    def on_ack(self, name: str, ack: Ack) -> None:
        """A follower of this epoch answers."""
        peer = self.peers.get(name)
        if peer is None:
            return
        state = self._state
        peer.heard_ns = self._acked_ns[name] = state.now_ns
        peer.echo_ns = max(peer.echo_ns, ack.echo_ns)
        if not self.stream.on_ack(peer, ack):
            state.alarm(
                f"LOG_DIFFERS_{name}",
                f"{name} acknowledged entry {ack.durable_index} with another digest than ours",
            )
            del self.peers[name]
            self.ask_hello(name, "what you acknowledged is not what you were sent")
            return
        if peer.match >= self._limit(peer):
            peer.behind_ns = state.now_ns
        self.advance()
        if peer.takes_all or self._has_much_for(peer):
            self.stream.pump(peer)

    def on_probe_reply(self, name: str, reply: ProbeReply) -> None:
        """Part of the search for the common prefix."""
        if name in self.peers:
            self.stream.on_probe_reply(self.peers[name], reply)

    def on_pull(self, name: str, pull: SnapshotPull) -> None:
        """A follower takes a snapshot."""
        if name in self.peers:
            self.stream.on_pull(self.peers[name], pull)

    def on_link_down(self, name: str) -> None:
        """Whatever was under way to this follower is void; a member stays a member."""
        self.peers.pop(name, None)

    def on_tick(self) -> None:
        """Heartbeats; steps that were not answered begin anew; a stuck disk makes us step aside."""
        state = self._state
        self._watch_disk()
        if self.is_stepping_aside:
            return
        if state.now_ns - self._beat_ns >= state.timing.heartbeat:
            self._beat_ns = state.now_ns
            for peer in self.peers.values():
                self._beat(peer)
        for name, peer in self.peers.items():
            if self.stream.retry(peer):
                peer.asked_ns = state.now_ns
                self.ask_hello(name, "an earlier step was not answered")
            self.stream.pump(peer)
        if state.now_ns - self._asked_ns >= state.timing.retry:
            self._asked_ns = state.now_ns
            for name in state.links:
                if name not in self.peers:
                    self.ask_hello(name, "where does your log end?")

    def lease_until_ns(self) -> int:
        """Until when reads and feeds may be served; 0 = not now."""
        state = self._state
        if self.is_stepping_aside or not state.register_healthy:
            return 0
        until = state.now_ns + state.timing.lease
        for name in self.counted():
            peer = self.peers.get(name)
            if peer is None or not peer.echo_ns:
                return 0
            until = min(until, peer.echo_ns + state.timing.lease)
        return until

    def is_silent(self, name: str) -> bool:
        """A member that does not answer or flush for `shrink`, or came back with another disk."""
        state = self._state
        if state.chance("hasty shrink"):
            return True
        since = self._acked_ns.get(name, self._began_ns)
        peer = self.peers.get(name)
        if peer is not None:
            if peer.hello.incarnation != state.register.in_sync.get(name):
                return True
            since = min(since, peer.behind_ns)
        return state.now_ns - since > state.timing.shrink

    def is_answerless(self, peer: Progress) -> bool:
        """A follower that is linked but does not answer, or does not get level."""
        return self._state.now_ns - min(peer.heard_ns, peer.behind_ns) > self._state.timing.shrink

    # A disk that hangs ends no process, as one that fails does: hand over, or fall silent.
    def _watch_disk(self) -> None:
        state = self._state
        tail = state.tail
        if tail.durable_index != self._flushed or tail.durable_index == tail.last_index:
            self._flushed, self._flushed_ns = tail.durable_index, state.now_ns
            self.is_stepping_aside = False
            state.alarm("DISK_STALLED", "")
        elif state.now_ns - self._flushed_ns > state.timing.stall and not self.is_stepping_aside:
            others = [name for name in self.counted() if not self.is_silent(name)]
            if others:
                self.is_stepping_aside = True
                state.alarm("DISK_STALLED", "the log was not flushed in time; stepping aside")
                for name in others:
                    offer = TransferOffer(tail.last_index, tail.last_digest, keeps_me=False)
                    state.send(name, offer)

    def _limit(self, peer: Progress) -> int:
        return self._state.tail.last_index if peer.takes_all else self._state.committed

    def _has_much_for(self, peer: Progress) -> bool:
        tail = self._state.tail
        sent, ready = tail.total_at(peer.next_index - 1), tail.total_at(self._state.committed)
        return sent is None or ready is None or ready - sent >= LAZY_BYTES

    def _beat(self, peer: Progress) -> None:
        state = self._state
        sent = peer.next_index - 1 if peer.stage is Stage.STREAMING else 0
        beat = Heartbeat(peer.sync_id, state.now_ns, sent, state.committed, state.register.version)
        state.send(peer.name, beat)
