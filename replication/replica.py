"""One node of the replicated log, sans-io: inputs in, effects out (`effects.py` has the duties).

Room: the roles and the way between them. It owns the node's facts, dispatches messages by sender
and epoch, and hands out effects. No clock, thread, socket or disk: times are arguments, the
journal is read through `LogView` only. Not thread-safe: its shell holds one lock around each call.

    link, register, log writer, engine, operator  --inputs-->  Replica  --effects-->  shell

Every input takes `now_ns`, a monotonic time, and returns the effects it causes, in order.
"""

from __future__ import annotations

from replication import messages as m
from replication.digest_watch import DIGEST_EVERY, DigestWatch
from replication.effects import Effect, ReadChunk, ReadEntries, Role
from replication.identity import DR, ClusterPlan, Identity
from replication.log_stream import SNAPSHOT_GAP_ENTRIES, SnapshotFacts
from replication.node_state import Chance, Link, NodeState, StoredFacts, never
from replication.operator_requests import Request
from replication.register import CasOutcome, RegisterValue
from replication.remote_copy import LossBound, loss_bound, promote
from replication.replica_status import ReplicaStatus, status_of
from replication.roles import OLD_GENERATION, Roles
from replication.tail import LogView
from replication.timing import Timing

RESUMED_AFTER_TICKS = 250_000_000
"""Two ticks further apart than this mean that the process stood still, ns."""

PROMOTE_SILENCE = 3_000_000_000
"""A DR node that heard the primary within this is not promoted without force, ns."""


class NotPrimaryError(Exception):
    """This node does not lead in the epoch of the proposal; the entry is not in the log."""


class Replica:
    """See the module docstring.

    Args:
        identity: this node.
        plan: all nodes; the same on each.
        log: the journal, for reading.
        stored: what meta store and journal hold.
        now_ns: monotonic time of the start.
        timing: times of the protocol.
        chance: fault injection of the simulator; production leaves it.
        digest_every: compare digests at multiples of this log index.
        snapshot_gap: a follower that lacks more entries before the newest snapshot gets that.
    """

    def __init__(
        self,
        identity: Identity,
        plan: ClusterPlan,
        log: LogView,
        stored: StoredFacts,
        now_ns: int,
        *,
        timing: Timing | None = None,
        chance: Chance = never,
        digest_every: int = DIGEST_EVERY,
        snapshot_gap: int = SNAPSHOT_GAP_ENTRIES,
    ) -> None:
        self._newest_link: dict[str, int] = {}
        self._state = state = NodeState(
            identity, plan, log, stored, timing=timing or Timing(), now_ns=now_ns, chance=chance
        )
        state.epoch = stored.promised
        self._roles = Roles(state, DigestWatch(state, digest_every), snapshot_gap)
        self._last_tick_ns = now_ns

    @property
    def role(self) -> Role:
        """Role, leadership epoch and primary, as last announced."""
        return self._roles.role

    @property
    def committed_index(self) -> int:
        """Newest entry that is committed and flushed here."""
        return self._state.committed

    @property
    def last_index(self) -> int:
        """Newest entry of the log, flushed or not."""
        return self._state.tail.last_index

    @property
    def promised(self) -> int:
        """Lowest epoch this node listens to."""
        return self._state.promised

    @property
    def is_offered(self) -> bool:
        """The leadership was offered to another node, with the log as it ends: propose nothing."""
        return self._roles.requests.is_offered

    @property
    def register(self) -> RegisterValue:
        """The newest register value this node knows."""
        return self._state.register

    def may_serve(self, now_ns: int) -> bool:
        """The lease: this node leads, its first entry is committed, reads are the newest ones."""
        primary = self._roles.primary
        return (
            primary is not None
            and not self._state.is_halted
            and not self._roles.requests.transfer_to
            and self._state.committed > primary.began_at
            and self.lease_until_ns(now_ns) > now_ns
        )

    def lease_until_ns(self, now_ns: int) -> int:
        """Until when the lease holds if nothing more is heard; 0 = there is none."""
        if self._roles.primary is None or self._roles.requests.transfer_to:
            return 0
        self._state.now_ns = max(now_ns, self._state.now_ns)
        return self._roles.primary.lease_until_ns()

    def status(self, now_ns: int) -> ReplicaStatus:
        """Everything about this node's replication, for people."""
        self._state.now_ns = max(now_ns, self._state.now_ns)
        return status_of(
            self._state,
            self._roles.role,
            self._roles.primary,
            self._roles.lag,
            may_serve=self.may_serve(now_ns),
        )

    def loss_bound(self, now_ns: int) -> LossBound:
        """What a promotion of this DR node would lose."""
        self._state.now_ns = max(now_ns, self._state.now_ns)
        return loss_bound(self._state, self._roles.committed_there, self._roles.heard_primary_ns)

    def on_link_up(self, now_ns: int, peer: str, link: int) -> list[Effect]:
        """A link to `peer` is up; an older one to the same peer is gone.

        News of a link that is older than one already known comes late: it is gone as well, and what
        was said on it may be of a process that has ended since.
        """
        state = self._at(now_ns)
        if link <= self._newest_link.get(peer, -1):
            return self._effects()
        self._newest_link[peer] = link
        if peer in state.links:
            self._roles.link_lost(peer)
        state.links[peer] = Link(link, state.now_ns, None, state.now_ns)
        self._roles.say_hello(peer, wants_reply=False, why="")
        return self._effects()

    def on_link_down(self, now_ns: int, peer: str, link: int) -> list[Effect]:
        """The link is gone."""
        state = self._at(now_ns)
        known = state.links.get(peer)
        if known is not None and known.generation == link:
            self._roles.link_lost(peer)
        return self._effects()

    def on_message(self, now_ns: int, peer: str, link: int, envelope: m.Envelope) -> list[Effect]:
        """A message came over a link."""
        state = self._at(now_ns)
        known = state.links.get(peer)
        if known is None or known.generation != link or state.is_halted:
            return self._effects()
        self._roles.on_message(peer, link, envelope)
        self._roles.requests.progressed(self._roles.primary)
        return self._effects()

    def on_register(self, now_ns: int, value: RegisterValue) -> list[Effect]:
        """The newest committed value; repeats and older ones are ignored."""
        state = self._at(now_ns)
        if value.generation > state.me.generation:
            state.halt("GENERATION_OLD", OLD_GENERATION.format(value.generation))
            return self._effects()
        first = not state.register_known
        state.register_known = True
        if value.generation == state.me.generation and (
            first or value.version > state.register.version
        ):
            self._roles.register_changed(value)
        return self._effects()

    def on_register_health(self, now_ns: int, *, healthy: bool) -> list[Effect]:
        """Whether the register answers here: a quorum was heard lately."""
        state = self._at(now_ns)
        state.register_healthy = healthy
        if self._roles.primary is not None:
            text = "" if healthy else "the register has no quorum here; nothing new is served"
            state.alarm("REGISTER", text)
        return self._effects()

    def on_cas_result(self, now_ns: int, token: int, outcome: CasOutcome) -> list[Effect]:
        """The answer to a CompareAndSet. LOST and UNKNOWN settle with the next value seen."""
        state = self._at(now_ns)
        pending = state.change.pending
        if pending is not None and state.change.is_mine(token):
            if outcome is CasOutcome.WON:
                self._roles.register_changed(pending.new)
            else:
                state.change.outcome(token, is_unknown=outcome is CasOutcome.UNKNOWN)
        return self._effects()

    def propose(self, now_ns: int, epoch: int, index: int, entry: bytes) -> list[Effect]:
        """Primary: the next entry, which its shell flushes at the same time (`on_durable`).

        Raises:
            NotPrimaryError: this node does not lead in `epoch`.
            ValueError: `index` is not the next one.
        """
        state = self._at(now_ns)
        primary = self._roles.primary
        if primary is None or primary.leadership_epoch != epoch or state.is_halted:
            raise NotPrimaryError(f"epoch {epoch}: {state.primary or 'no one known'} leads")
        state.tail.push(index, entry)
        primary.proposed()
        return self._effects()

    def on_durable(self, now_ns: int, index: int, digest: bytes) -> list[Effect]:
        """The log is flushed up to `index`, whose chain digest is `digest`."""
        state = self._at(now_ns)
        if state.tail.flushed(index, digest):
            self._roles.flushed()
            self._roles.requests.progressed(self._roles.primary)
        return self._effects()

    def on_truncated(self, now_ns: int, first_removed: int) -> list[Effect]:
        """A Truncate was performed; whatever was to be written before it is flushed."""
        state = self._at(now_ns)
        state.tail.was_cut(first_removed - 1)
        self._roles.flushed()
        return self._effects()

    def on_applied(self, now_ns: int, index: int, events_digest: bytes) -> list[Effect]:
        """The engine applied an entry; also for each entry of a replay at the start."""
        state = self._at(now_ns)
        state.applied_index = index
        report = self._roles.digests.on_applied(index, events_digest)
        if report is not None and self._roles.primary is None and self._roles.follower.sync_id:
            state.send(state.primary, report)
        if self._roles.primary is not None:
            self._roles.digests.compare()
        return self._effects()

    def on_entries_read(self, now_ns: int, read: ReadEntries, entries: list[bytes]) -> list[Effect]:
        """ReadEntries was performed: consecutive entries from `read.first` on, at least one."""
        self._at(now_ns)
        if self._roles.primary is not None:
            progress = self._roles.primary.peers.get(read.peer)
            if progress is not None and progress.link == read.link:
                self._roles.primary.stream.on_entries_read(progress, read.first, entries)
        return self._effects()

    def on_chunk_read(self, now_ns: int, read: ReadChunk, data: bytes | None) -> list[Effect]:
        """ReadChunk was performed; no data = that snapshot is no longer there."""
        self._at(now_ns)
        if self._roles.primary is not None:
            progress = self._roles.primary.peers.get(read.peer)
            if progress is not None and progress.link == read.link:
                self._roles.primary.stream.on_chunk_read(progress, read, data)
        return self._effects()

    def on_snapshot(self, now_ns: int, snapshot: SnapshotFacts) -> list[Effect]:
        """A snapshot was stored here, which may be given to a follower; the log may be shorter."""
        state = self._at(now_ns)
        self._roles.snapshot = snapshot
        state.tail.prefix_dropped()
        if self._roles.primary is not None:
            self._roles.primary.stream.snapshot = snapshot
        return self._effects()

    def on_installed(self, now_ns: int, log_index: int, chain_digest: bytes) -> list[Effect]:
        """InstallSnapshot was performed; log and engine stand at `log_index`."""
        self._at(now_ns)
        self._roles.digests.rebuilt()
        self._roles.intake.on_installed(log_index, chain_digest)
        return self._effects()

    def on_install_failed(self, now_ns: int, why: str) -> list[Effect]:
        """The snapshot did not verify; nothing was changed."""
        self._at(now_ns)
        self._roles.intake.on_install_failed(why)
        return self._effects()

    def on_tick(self, now_ns: int) -> list[Effect]:
        """Time passes; about every 10 ms."""
        state = self._at(now_ns)
        if state.is_halted:
            return self._effects()
        if state.now_ns - self._last_tick_ns > RESUMED_AFTER_TICKS:
            self._roles.takeover.on_resume()
        self._last_tick_ns = state.now_ns
        again = state.change.again(state.now_ns, state.timing.retry)
        if again is not None:
            state.out.append(again)
        self._roles.greet()
        if self._roles.primary is not None and self._roles.membership is not None:
            self._roles.primary.on_tick()
            self._roles.membership.on_tick()
            self._roles.lag.on_tick(self._roles.primary)
        else:
            self._roles.intake.on_tick()
            if not self._roles.intake.is_installing:
                self._roles.takeover.on_tick()
        self._roles.requests.on_tick(self._roles.primary)
        return self._effects()

    def request(
        self, now_ns: int, number: int, verb: str, subject: str = "", text: str = ""
    ) -> list[Effect]:
        """An operator's request; an Answer with `number` follows.

        `verb` is transfer, fence,
        unfence (of node `subject`), degrade, or set_mode (to `subject`); `text` says why.
        """
        state = self._at(now_ns)
        leads = self._roles.primary is not None
        if verb == "fence" and not leads and subject == state.register.primary != state.me.name:
            self._roles.takeover.force({subject: text})
        self._roles.requests.ask(Request(number, verb, subject, text, state.now_ns))
        self._roles.requests.on_tick(self._roles.primary)
        return self._effects()

    def promote_dr(self, now_ns: int, number: int, *, force: bool) -> list[Effect]:
        """Begin a new generation on this DR node; while the primary is heard only if forced."""
        state = self._at(now_ns)
        heard = self._roles.heard_primary_ns
        alive = heard is not None and state.now_ns - heard < PROMOTE_SILENCE
        answer = self._roles.requests.answer
        if state.me.kind != DR or self._roles.primary is not None:
            answer(number, ok=False, text="only a DR node that follows is promoted")
        elif alive and not force:
            text = f"{state.primary} is alive: transfer or fence instead, or force this"
            answer(number, ok=False, text=text)
        else:
            promote(state)
            self._roles.begin_to_lead()
            answer(number, ok=True, text=f"generation {state.me.generation} begins")
        return self._effects()

    def _at(self, now_ns: int) -> NodeState:
        self._state.now_ns = max(now_ns, self._state.now_ns)
        return self._state

    # The effects of this input; the last step of each is to see whether role or place changed.
    def _effects(self) -> list[Effect]:
        state = self._state
        if self._roles.follower.why_lost:
            why, self._roles.follower.why_lost = self._roles.follower.why_lost, ""
            self._roles.follower.leave()
            self._roles.say_hello(state.primary, wants_reply=False, why=why)
        role = self._roles.role_now()
        if role != self._roles.role:
            self._roles.role = role
            state.out.append(role)
        effects, state.out = state.out, []
        return effects
