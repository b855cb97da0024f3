"""One node of the replicated log, sans-io: inputs in, effects out (`effects.py` has the duties).

Room: the roles and the way between them. It owns the node's facts, dispatches messages by sender
and epoch, and hands out effects. No clock, thread, socket or disk: times are arguments, the
journal is read through `LogView` only. Not thread-safe: its shell holds one lock around each call.

    link, register, log writer, engine, operator  --inputs-->  Replica  --effects-->  shell

Every input takes `now_ns`, a monotonic time, and returns the effects it causes, in order.

Size: the one place where every input and every message has its line; the rules are elsewhere.
"""

from __future__ import annotations

from enum import IntEnum

from replication import messages as m
from replication.digest_watch import DIGEST_EVERY, DigestWatch
from replication.effects import CloseLink, Effect, ReadChunk, ReadEntries, Role
from replication.fencing import Standing, standing
from replication.follower import Follower
from replication.greeting import CODES, hello_of, judge
from replication.identity import DR, ClusterPlan, Identity
from replication.log_stream import SNAPSHOT_GAP_ENTRIES, SnapshotFacts
from replication.membership import Membership
from replication.node_state import Chance, Link, NodeState, StoredFacts, never
from replication.operator_requests import OperatorRequests, Request
from replication.primary import Primary
from replication.register import RegisterValue
from replication.remote_copy import LagMeter, LossBound, loss_bound, promote
from replication.replica_status import ReplicaStatus, status_of
from replication.snapshot_intake import SnapshotIntake
from replication.tail import LogView
from replication.takeover import Takeover
from replication.timing import Timing

RESUMED_AFTER_TICKS = 250_000_000
"""Two ticks further apart than this mean that the process stood still, ns."""

PROMOTE_SILENCE = 3_000_000_000
"""A DR node that heard the primary within this is not promoted without force, ns."""


class CasOutcome(IntEnum):
    """What became of a compare-and-set."""

    WON = 1
    LOST = 2
    UNKNOWN = 3


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
        self._state = state = NodeState(
            identity, plan, log, stored, timing=timing or Timing(), now_ns=now_ns, chance=chance
        )
        state.epoch = stored.promised
        self._follower = Follower(state)
        self._takeover = Takeover(state, self._follower)
        self._intake = SnapshotIntake(state, self._follower)
        self._digests = DigestWatch(state, digest_every)
        self._requests = OperatorRequests(state)
        self._lag = LagMeter(state)
        self._primary: Primary | None = None
        self._membership: Membership | None = None
        self._snapshot: SnapshotFacts | None = None
        self._snapshot_gap = snapshot_gap
        self._role = Role("", 0, "")
        self._last_tick_ns = now_ns
        self._heard_primary_ns: int | None = None
        self._committed_there = 0
        self._boots: dict[str, int] = {}
        self._old_boots: dict[str, set[int]] = {}

    @property
    def role(self) -> Role:
        """Role, leadership epoch and primary, as last announced."""
        return self._role

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
    def register(self) -> RegisterValue:
        """The newest register value this node knows."""
        return self._state.register

    def may_serve(self, now_ns: int) -> bool:
        """The lease: this node leads, its first entry is committed, reads are the newest ones."""
        primary = self._primary
        return (
            primary is not None
            and not self._state.is_halted
            and not self._requests.transfer_to
            and self._state.committed > primary.began_at
            and self.lease_until_ns(now_ns) > now_ns
        )

    def lease_until_ns(self, now_ns: int) -> int:
        """Until when the lease holds if nothing more is heard; 0 = there is none."""
        if self._primary is None:
            return 0
        self._state.now_ns = max(now_ns, self._state.now_ns)
        return self._primary.lease_until_ns()

    def status(self, now_ns: int) -> ReplicaStatus:
        """Everything about this node's replication, for people."""
        self._state.now_ns = max(now_ns, self._state.now_ns)
        return status_of(
            self._state, self._role, self._primary, self._lag, may_serve=self.may_serve(now_ns)
        )

    def loss_bound(self, now_ns: int) -> LossBound:
        """What a promotion of this DR node would lose."""
        self._state.now_ns = max(now_ns, self._state.now_ns)
        return loss_bound(self._state, self._committed_there, self._heard_primary_ns)

    def on_link_up(self, now_ns: int, peer: str, link: int) -> list[Effect]:
        """A link to `peer` is up; an older one to the same peer is gone."""
        state = self._at(now_ns)
        known = state.links.get(peer)
        if known is not None:
            if link <= known.generation:
                return self._effects()
            self._link_lost(peer)
        state.links[peer] = Link(link, state.now_ns, None, state.now_ns)
        self._say_hello(peer, wants_reply=False, why="")
        return self._effects()

    def on_link_down(self, now_ns: int, peer: str, link: int) -> list[Effect]:
        """The link is gone."""
        state = self._at(now_ns)
        known = state.links.get(peer)
        if known is not None and known.generation == link:
            self._link_lost(peer)
        return self._effects()

    def on_message(self, now_ns: int, peer: str, link: int, envelope: m.Envelope) -> list[Effect]:
        """A message came over a link."""
        state = self._at(now_ns)
        known = state.links.get(peer)
        if known is None or known.generation != link or state.is_halted:
            return self._effects()
        body = envelope.body
        if isinstance(body, m.Hello):
            self._on_hello(peer, link, envelope, body)
        elif isinstance(body, m.Refused):
            self._on_refused(peer, body)
        elif envelope.cluster != state.me.cluster_hash:
            self._refuse(peer, link, "WRONG_CLUSTER", f"{peer} is of another cluster")
        elif known.hello is not None and envelope.generation == state.me.generation:
            state.last_heard[peer] = state.now_ns
            state.alarm(f"REFUSED_BY_{peer}", "")
            if isinstance(body, m.FROM_PRIMARY):
                if self._admit(peer, envelope):
                    self._obey(body)
            elif self._primary is not None and (
                (envelope.epoch, envelope.primary) == (state.epoch, state.me.name)
            ):
                self._lead(peer, body)
        return self._effects()

    def on_register(self, now_ns: int, value: RegisterValue) -> list[Effect]:
        """The newest committed value; repeats and older ones are ignored."""
        state = self._at(now_ns)
        if value.generation > state.me.generation:
            state.halt("GENERATION_OLD", _OLD_GENERATION.format(value.generation))
            return self._effects()
        first = not state.register_known
        state.register_known = True
        if value.generation == state.me.generation and (
            first or value.version > state.register.version
        ):
            self._register_changed(value)
        return self._effects()

    def on_register_health(self, now_ns: int, *, healthy: bool) -> list[Effect]:
        """Whether the register answers here: a quorum was heard lately."""
        state = self._at(now_ns)
        state.register_healthy = healthy
        if self._primary is not None:
            text = "" if healthy else "the register has no quorum here; nothing new is served"
            state.alarm("REGISTER", text)
        return self._effects()

    def on_cas_result(self, now_ns: int, token: int, outcome: CasOutcome) -> list[Effect]:
        """The answer to a CompareAndSet. LOST and UNKNOWN settle with the next value seen."""
        state = self._at(now_ns)
        pending = state.change.pending
        if pending is not None and state.change.is_mine(token):
            if outcome is CasOutcome.WON:
                self._register_changed(pending.new)
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
        primary = self._primary
        if primary is None or primary.leadership_epoch != epoch or state.is_halted:
            raise NotPrimaryError(f"epoch {epoch}: {state.primary or 'no one known'} leads")
        state.tail.push(index, entry)
        primary.proposed()
        return self._effects()

    def on_durable(self, now_ns: int, index: int, digest: bytes) -> list[Effect]:
        """The log is flushed up to `index`, whose chain digest is `digest`."""
        state = self._at(now_ns)
        if state.tail.flushed(index, digest):
            self._flushed()
        return self._effects()

    def on_truncated(self, now_ns: int, first_removed: int) -> list[Effect]:
        """A Truncate was performed; whatever was to be written before it is flushed."""
        state = self._at(now_ns)
        state.tail.was_cut(first_removed - 1)
        self._flushed()
        return self._effects()

    def on_applied(self, now_ns: int, index: int, events_digest: bytes) -> list[Effect]:
        """The engine applied an entry; also for each entry of a replay at the start."""
        state = self._at(now_ns)
        state.applied_index = index
        report = self._digests.on_applied(index, events_digest)
        if report is not None and self._primary is None and self._follower.sync_id:
            state.send(state.primary, report)
        if self._primary is not None:
            self._digests.compare()
        return self._effects()

    def on_entries_read(self, now_ns: int, read: ReadEntries, entries: list[bytes]) -> list[Effect]:
        """ReadEntries was performed: consecutive entries from `read.first` on, at least one."""
        self._at(now_ns)
        if self._primary is not None:
            progress = self._primary.peers.get(read.peer)
            if progress is not None and progress.link == read.link:
                self._primary.stream.on_entries_read(progress, read.first, entries)
        return self._effects()

    def on_chunk_read(self, now_ns: int, read: ReadChunk, data: bytes | None) -> list[Effect]:
        """ReadChunk was performed; None = that snapshot is no longer there."""
        self._at(now_ns)
        if self._primary is not None:
            progress = self._primary.peers.get(read.peer)
            if progress is not None and progress.link == read.link:
                self._primary.stream.on_chunk_read(progress, read, data)
        return self._effects()

    def on_snapshot(self, now_ns: int, snapshot: SnapshotFacts) -> list[Effect]:
        """A snapshot was stored here, which may be given to a follower; the log may be shorter."""
        state = self._at(now_ns)
        self._snapshot = snapshot
        state.tail.prefix_dropped()
        if self._primary is not None:
            self._primary.stream.snapshot = snapshot
        return self._effects()

    def on_installed(self, now_ns: int, log_index: int, chain_digest: bytes) -> list[Effect]:
        """InstallSnapshot was performed; log and engine stand at `log_index`."""
        self._at(now_ns)
        self._digests.rebuilt()
        self._intake.on_installed(log_index, chain_digest)
        return self._effects()

    def on_install_failed(self, now_ns: int, why: str) -> list[Effect]:
        """The snapshot did not verify; nothing was changed."""
        self._at(now_ns)
        self._intake.on_install_failed(why)
        return self._effects()

    def on_tick(self, now_ns: int) -> list[Effect]:
        """Time passes; about every 10 ms."""
        state = self._at(now_ns)
        if state.is_halted:
            return self._effects()
        if state.now_ns - self._last_tick_ns > RESUMED_AFTER_TICKS:
            self._takeover.on_resume()
        self._last_tick_ns = state.now_ns
        again = state.change.again(state.now_ns, state.timing.retry)
        if again is not None:
            state.out.append(again)
        for peer, link in state.links.items():
            if link.hello is None and state.now_ns - link.hello_sent_ns > 2 * state.timing.retry:
                state.links[peer] = link._replace(hello_sent_ns=state.now_ns)
                self._say_hello(peer, wants_reply=True, why="no hello came")
        if self._primary is not None and self._membership is not None:
            self._primary.on_tick()
            self._membership.on_tick()
            self._lag.on_tick()
        else:
            self._intake.on_tick()
            if not self._intake.is_installing:
                self._takeover.on_tick()
        self._requests.on_tick(self._primary)
        return self._effects()

    def request(
        self, now_ns: int, number: int, verb: str, subject: str = "", text: str = ""
    ) -> list[Effect]:
        """An operator's request; an Answer with `number` follows.

        `verb` is transfer, fence,
        unfence (of node `subject`), degrade, or set_mode (to `subject`); `text` says why.
        """
        state = self._at(now_ns)
        leads = self._primary is not None
        if verb == "fence" and not leads and subject == state.register.primary != state.me.name:
            self._takeover.force({subject: text})
        self._requests.ask(Request(number, verb, subject, text, state.now_ns))
        self._requests.on_tick(self._primary)
        return self._effects()

    def promote_dr(self, now_ns: int, number: int, *, force: bool) -> list[Effect]:
        """Begin a new generation on this DR node; while the primary is heard only if forced."""
        state = self._at(now_ns)
        heard = self._heard_primary_ns
        alive = heard is not None and state.now_ns - heard < PROMOTE_SILENCE
        if state.me.kind != DR or self._primary is not None:
            self._requests.answer(number, ok=False, text="only a DR node that follows is promoted")
        elif alive and not force:
            self._requests.answer(
                number, ok=False, text=f"{state.primary} is alive: switch to it, or force"
            )
        else:
            promote(state)
            self._begin_to_lead()
            self._requests.answer(number, ok=True, text=f"generation {state.me.generation} begins")
        return self._effects()

    def _at(self, now_ns: int) -> NodeState:
        self._state.now_ns = max(now_ns, self._state.now_ns)
        return self._state

    # The effects of this input; the last step of each is to see whether role or place changed.
    def _effects(self) -> list[Effect]:
        state = self._state
        if self._follower.why_lost:
            why, self._follower.why_lost = self._follower.why_lost, ""
            self._follower.leave()
            self._say_hello(state.primary, wants_reply=False, why=why)
        role = self._role_now()
        if role != self._role:
            self._role = role
            state.out.append(role)
        effects, state.out = state.out, []
        return effects

    def _role_now(self) -> Role:
        state = self._state
        if state.is_halted:
            return Role("stopped", state.epoch, state.primary)
        if self._primary is not None:
            return Role("primary", self._primary.leadership_epoch, state.me.name)
        if state.me.name in state.register.fenced:
            return Role("fenced", state.epoch, state.primary)
        if state.me.kind == DR:
            return Role("dr", state.epoch, state.primary)
        return Role("standby" if state.is_in_sync else "joining", state.epoch, state.primary)

    def _flushed(self) -> None:
        if self._primary is not None:
            self._primary.advance()
        else:
            self._follower.on_durable()

    def _say_hello(self, peer: str, *, wants_reply: bool, why: str) -> None:
        state = self._state
        leads = self._primary is not None
        state.send(peer, hello_of(state, wants_reply=wants_reply, leads=leads, why=why))

    def _link_lost(self, peer: str) -> None:
        state = self._state
        del state.links[peer]
        if self._primary is not None:
            self._primary.on_link_down(peer)
        elif peer == state.primary:
            self._follower.leave()
            self._intake.link_lost()
            self._takeover.on_link_down(peer)

    def _refuse(self, peer: str, link: int, code: str, text: str) -> None:
        state = self._state
        state.send(peer, m.Refused(code, text, state.promised))
        state.alarm(f"{code}_{peer}", text)
        state.out.append(CloseLink(peer, link, f"{code}: {text}"))

    def _on_hello(self, peer: str, link: int, envelope: m.Envelope, hello: m.Hello) -> None:
        state = self._state
        same_cluster = envelope.cluster == state.me.cluster_hash
        if same_cluster and hello.name == peer and envelope.generation > state.me.generation:
            state.halt("GENERATION_OLD", _OLD_GENERATION.format(envelope.generation))
            return
        refusal = judge(state, peer, envelope, hello) or self._second_node(peer, hello)
        if refusal is not None:
            self._refuse(peer, link, *refusal)
            return
        state.links[peer] = state.links[peer]._replace(hello=hello)
        for code in CODES:
            state.alarm(f"{code}_{peer}", "")
        state.last_heard[peer] = state.now_ns
        if hello.wants_reply:
            self._say_hello(peer, wants_reply=False, why="")
        if hello.is_primary:
            if self._admit(peer, envelope):
                self._obey(hello)
        elif self._primary is not None:
            self._primary.on_hello(peer, hello)

    # Two processes under one name look like restarts that alternate: a boot id comes back.
    def _second_node(self, peer: str, hello: m.Hello) -> tuple[str, str] | None:
        old = self._old_boots.setdefault(peer, set())
        if hello.boot_id in old:
            return "SAME_NAME", f"two nodes call themselves {peer!r}: stop one of them"
        before = self._boots.get(peer, hello.boot_id)
        if before != hello.boot_id:
            old.add(before)
        self._boots[peer] = hello.boot_id
        return None

    def _on_refused(self, peer: str, refused: m.Refused) -> None:
        if refused.code == "STALE_EPOCH":
            if self._primary is not None:
                self._primary.on_refused_epoch(refused.promised)
            return
        self._state.alarm(f"REFUSED_BY_{peer}", f"{refused.code}: {refused.text}")

    # Whether to obey a message that only a primary sends; follows a newer one, refuses a stale one.
    def _admit(self, peer: str, envelope: m.Envelope) -> bool:
        state = self._state
        if envelope.primary != peer:
            return False
        verdict = standing(state, peer, envelope)
        if verdict is Standing.STALE:
            state.send(peer, m.Refused("STALE_EPOCH", "", max(state.promised, state.epoch)))
            self._takeover.heard_stale()
            return False
        if verdict is Standing.CONFLICT:
            state.halt(
                "TWO_PRIMARIES",
                f"{peer} and {state.primary} both lead in epoch {envelope.epoch}",
            )
            return False
        if verdict is Standing.NEWER:
            self._follow(peer, envelope.epoch)
        self._takeover.heard()
        self._heard_primary_ns = state.now_ns
        return True

    def _follow(self, primary: str, epoch: int) -> None:
        state = self._state
        met = primary != state.primary or self._primary is not None
        self._stop_leading(primary)
        state.promise(epoch)
        self._follower.follow(primary, epoch)
        if met:
            self._intake.link_lost()

    def _obey(self, body: m.Body) -> None:
        follower = self._follower
        match body:
            case m.Hello():
                self._committed_there = max(self._committed_there, body.committed)
            case m.Append():
                self._committed_there = max(self._committed_there, body.committed)
                follower.on_append(body)
            case m.Heartbeat():
                self._committed_there = max(self._committed_there, body.committed)
                taking = self._intake.is_active
                follower.on_heartbeat(body, is_taking_snapshot=taking)
            case m.Probe():
                follower.on_probe(body)
            case m.Sync():
                if not self._intake.is_installing:
                    self._intake.abandon()
                    follower.on_sync(body)
                    self._report_digest()
            case m.SnapshotOffer():
                self._intake.on_offer(body)
            case m.SnapshotChunk():
                self._intake.on_chunk(body)
            case m.DigestVerdict():
                self._digests.on_verdict(body)
            case m.TransferOffer():
                if not self._intake.is_installing:
                    self._takeover.on_offer(body)
            case _:
                self._state.halt("UNKNOWN_MESSAGE", f"{type(body).__name__} from a primary")

    def _lead(self, peer: str, body: m.Body) -> None:
        primary = self._primary
        if primary is None:
            return
        match body:
            case m.Ack():
                primary.on_ack(peer, body)
            case m.ProbeReply():
                primary.on_probe_reply(peer, body)
            case m.SnapshotPull():
                primary.on_pull(peer, body)
            case m.DigestReport():
                self._digests.on_report(peer, body)
            case m.TransferRefused():
                self._requests.refused(peer, body.text)
            case _:
                self._state.halt("UNKNOWN_MESSAGE", f"{type(body).__name__} from a follower")

    def _report_digest(self) -> None:
        report = self._digests.newest()
        if report is not None and self._follower.sync_id:
            self._state.send(self._state.primary, report)

    def _register_changed(self, value: RegisterValue) -> None:
        state = self._state
        old, state.register = state.register, value
        settled = state.change.settle(value)
        what, won = ("", False) if settled is None else (settled[0].what, settled[1])
        if value.primary == state.me.name and won and self._primary is None:
            self._begin_to_lead()
        elif self._primary is not None and self._membership is not None:
            if value.primary == state.me.name and (won or value.epoch == state.epoch):
                self._membership.changed(old, what)
            else:
                self._give_way(value)
        elif value.epoch > state.epoch:
            self._give_way(value)
        if settled is not None:
            self._requests.settled(settled[0].new.version, won=won)

    def _give_way(self, value: RegisterValue) -> None:
        primary = value.primary if value.primary != self._state.me.name else ""
        self._follow(primary, value.epoch)

    def _begin_to_lead(self) -> None:
        state = self._state
        state.primary = state.me.name
        state.epoch = state.register.epoch
        self._follower.leave()
        self._primary = Primary(state)
        self._primary.stream.snapshot = self._snapshot
        self._primary.stream.snapshot_gap = self._snapshot_gap
        self._membership = Membership(state, self._primary)
        self._role = self._role_now()
        state.out.append(self._role)  # before anything that this leadership commits
        self._membership.changed(state.register, "took over")
        self._primary.begin()

    def _stop_leading(self, successor: str) -> None:
        if self._primary is not None:
            self._primary = None
            self._membership = None
            self._follower.deposed()
            self._requests.deposed(successor)


_OLD_GENERATION = (
    "the cluster is in generation {}: DR was promoted. This node is of an older one and refuses to "
    "serve; move its data directory away and start it with the new generation to let it catch up"
)
