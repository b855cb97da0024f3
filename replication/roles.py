"""The roles of a node and the way between them.

Room: who may say what to whom. It judges the sender and the epoch of every message, follows, leads,
gives way, and hands messages to the machine of the role. `Replica` is its only user.

Size: every message and every change of role has its line here; the rules are elsewhere.
"""

from __future__ import annotations

from replication import messages as m
from replication.digest_watch import DigestWatch
from replication.effects import CloseLink, Role
from replication.fencing import Standing, standing
from replication.follower import Follower
from replication.greeting import CODES, hello_of, judge
from replication.identity import DR
from replication.log_stream import SnapshotFacts
from replication.membership import Membership
from replication.node_state import Link, NodeState
from replication.operator_requests import OperatorRequests
from replication.primary import Primary
from replication.register import RegisterValue
from replication.remote_copy import LagMeter
from replication.snapshot_intake import SnapshotIntake
from replication.takeover import Takeover

OLD_GENERATION = (
    "the cluster is in generation {}: DR was promoted. This node is of an older one and refuses to "
    "serve; move its data directory away and start it with the new generation to let it catch up"
)


class Roles:
    """The machines of all roles; `primary` and `membership` exist while this node leads."""

    def __init__(self, state: NodeState, digests: DigestWatch, snapshot_gap: int) -> None:
        self.state = state
        self.follower = Follower(state)
        self.takeover = Takeover(state, self.follower)
        self.intake = SnapshotIntake(state, self.follower)
        self.digests = digests
        self.requests = OperatorRequests(state)
        self.lag = LagMeter(state)
        self.primary: Primary | None = None
        self.membership: Membership | None = None
        self.snapshot: SnapshotFacts | None = None
        self.snapshot_gap = snapshot_gap
        self.role = Role("", 0, "")
        self.heard_primary_ns: int | None = None
        self.committed_there = 0
        self.boots: dict[str, int] = {}
        self.old_boots: dict[str, set[int]] = {}

    def on_message(self, peer: str, link: int, envelope: m.Envelope) -> None:
        """A message came on the present link of `peer`."""
        state = self.state
        body = envelope.body
        if isinstance(body, m.Hello):
            self._on_hello(peer, link, envelope, body)
        elif isinstance(body, m.Refused):
            self._on_refused(peer, body)
        elif envelope.cluster != state.me.cluster_hash:
            self._refuse(peer, link, "WRONG_CLUSTER", f"{peer} is of another cluster")
        elif state.links[peer].hello is not None and envelope.generation == state.me.generation:
            state.last_heard[peer] = state.now_ns
            state.alarm(f"REFUSED_BY_{peer}", "")
            if isinstance(body, m.FROM_PRIMARY):
                if self._admit(peer, envelope):
                    self._obey(body)
            elif self.primary is not None and (
                (envelope.epoch, envelope.primary) == (state.epoch, state.me.name)
            ):
                self._lead(peer, body)

    def role_now(self) -> Role:
        """What this node is now."""
        state = self.state
        if state.is_halted:
            return Role("stopped", state.epoch, state.primary)
        if self.primary is not None:
            return Role("primary", self.primary.leadership_epoch, state.me.name)
        if state.me.name in state.register.fenced:
            return Role("fenced", state.epoch, state.primary)
        if state.me.kind == DR:
            return Role("dr", state.epoch, state.primary)
        return Role("standby" if state.is_in_sync else "joining", state.epoch, state.primary)

    def flushed(self) -> None:
        """More of the log is flushed."""
        if self.primary is not None:
            self.primary.advance()
        else:
            self.follower.on_durable()

    def say_hello(self, peer: str, *, wants_reply: bool, why: str) -> None:
        """Tell a peer where this node stands."""
        state = self.state
        leads = self.primary is not None
        state.send(peer, hello_of(state, wants_reply=wants_reply, leads=leads, why=why))

    def link_lost(self, peer: str) -> None:
        """The link to a peer is gone."""
        state = self.state
        del state.links[peer]
        if self.primary is not None:
            self.primary.on_link_down(peer)
        elif peer == state.primary:
            self.follower.leave()
            self.intake.link_lost()
            self.takeover.on_link_down(peer)

    def _refuse(self, peer: str, link: int, code: str, text: str) -> None:
        state = self.state
        state.send(peer, m.Refused(code, text, state.promised))
        state.alarm(f"{code}_{peer}", text)
        refused = Link(link, state.now_ns, None, state.now_ns, f"{code}: {text}")
        state.links[peer] = refused
        if self.primary is not None:
            self.primary.on_link_down(peer)

    def greet(self) -> None:
        """Say Hello again where none came back; close the links of those who were refused."""
        state = self.state
        timing = state.timing
        for peer, link in list(state.links.items()):
            waited = state.now_ns - link.hello_sent_ns
            if link.refused and waited > timing.heartbeat:
                state.out.append(CloseLink(peer, link.generation, link.refused))
                # Should the link stay, the peer is asked again: it may be welcome by then.
                state.links[peer] = link._replace(hello_sent_ns=state.now_ns, refused="")
            elif link.hello is None and not link.refused and waited > 2 * timing.retry:
                state.links[peer] = link._replace(hello_sent_ns=state.now_ns)
                self.say_hello(peer, wants_reply=True, why="no hello came")

    def _on_hello(self, peer: str, link: int, envelope: m.Envelope, hello: m.Hello) -> None:
        state = self.state
        same_cluster = envelope.cluster == state.me.cluster_hash
        if same_cluster and hello.name == peer and envelope.generation > state.me.generation:
            state.halt("GENERATION_OLD", OLD_GENERATION.format(envelope.generation))
            return
        refusal = judge(state, peer, envelope, hello) or self._second_node(peer, hello)
        if refusal is not None:
            self._refuse(peer, link, *refusal)
            return
        state.links[peer] = state.links[peer]._replace(hello=hello)
        for code in CODES:
            state.alarm(f"{code}_{peer}", "")
        state.last_heard[peer] = state.now_ns
        # A new primary is followed first: an answer in the name of the old epoch would be refused,
        # and asked for again only later.
        obeys = hello.is_primary and self._admit(peer, envelope)
        if hello.wants_reply and not state.is_halted:
            self.say_hello(peer, wants_reply=False, why="")
        if obeys:
            self._obey(hello)
        elif not hello.is_primary and self.primary is not None:
            self.primary.on_hello(peer, hello)

    # Two processes under one name look like restarts that alternate: a boot id comes back.
    def _second_node(self, peer: str, hello: m.Hello) -> tuple[str, str] | None:
        old = self.old_boots.setdefault(peer, set())
        if hello.boot_id in old:
            return "SAME_NAME", f"two nodes call themselves {peer!r}: stop one of them"
        before = self.boots.get(peer, hello.boot_id)
        if before != hello.boot_id:
            old.add(before)
        self.boots[peer] = hello.boot_id
        return None

    def _on_refused(self, peer: str, refused: m.Refused) -> None:
        if refused.code == "STALE_EPOCH":
            if self.primary is not None:
                self.primary.on_refused_epoch(refused.promised)
            return
        self.state.alarm(f"REFUSED_BY_{peer}", f"{refused.code}: {refused.text}")

    # Whether to obey a message that only a primary sends; follows a newer one, refuses a stale one.
    def _admit(self, peer: str, envelope: m.Envelope) -> bool:
        state = self.state
        if envelope.primary != peer:
            return False
        verdict = standing(state, peer, envelope)
        if verdict is Standing.STALE:
            state.send(peer, m.Refused("STALE_EPOCH", "", max(state.promised, state.epoch)))
            self.takeover.heard_stale()
            return False
        if verdict is Standing.CONFLICT:
            state.halt(
                "TWO_PRIMARIES",
                f"{peer} and {state.primary} both lead in epoch {envelope.epoch}",
            )
            return False
        if verdict is Standing.NEWER:
            self._follow(peer, envelope.epoch)
        self.takeover.heard()
        self.heard_primary_ns = state.now_ns
        return True

    def _follow(self, primary: str, epoch: int) -> None:
        state = self.state
        met = primary != state.primary or self.primary is not None
        self._stop_leading(primary)
        state.promise(epoch)
        self.follower.follow(primary, epoch)
        if met:
            self.intake.link_lost()

    def _obey(self, body: m.Body) -> None:
        follower = self.follower
        match body:
            case m.Hello():
                self.committed_there = max(self.committed_there, body.committed)
            case m.Append():
                self.committed_there = max(self.committed_there, body.committed)
                follower.on_append(body)
            case m.Heartbeat():
                self.committed_there = max(self.committed_there, body.committed)
                taking = self.intake.is_active
                follower.on_heartbeat(body, is_taking_snapshot=taking)
            case m.Probe():
                follower.on_probe(body)
            case m.Sync():
                if not self.intake.is_installing:
                    self.intake.abandon()
                    follower.on_sync(body)
                    self._report_digest()
            case m.SnapshotOffer():
                self.intake.on_offer(body)
            case m.SnapshotChunk():
                self.intake.on_chunk(body)
            case m.DigestVerdict():
                self.digests.on_verdict(body)
            case m.TransferOffer():
                if not self.intake.is_installing:
                    self.takeover.on_offer(body)
            case _:
                self.state.halt("UNKNOWN_MESSAGE", f"{type(body).__name__} from a primary")

    def _lead(self, peer: str, body: m.Body) -> None:
        primary = self.primary
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
                self.digests.on_report(peer, body)
            case m.TransferRefused():
                self.requests.refused(peer, body.text)
            case _:
                self.state.halt("UNKNOWN_MESSAGE", f"{type(body).__name__} from a follower")

    def _report_digest(self) -> None:
        report = self.digests.newest()
        if report is not None and self.follower.sync_id:
            self.state.send(self.state.primary, report)

    def register_changed(self, value: RegisterValue) -> None:
        """The register has a newer value: lead, go on, give way, or follow."""
        state = self.state
        old, state.register = state.register, value
        settled = state.change.settle(value)
        what, won = ("", False) if settled is None else (settled[0].what, settled[1])
        if value.primary == state.me.name and won and self.primary is None:
            self.begin_to_lead()
        elif self.primary is not None and self.membership is not None:
            if value.primary == state.me.name and (won or value.epoch == state.epoch):
                self.membership.changed(old, what)
            else:
                self._give_way(value)
        elif value.epoch > state.epoch:
            self._give_way(value)
        if settled is not None:
            self.requests.settled(settled[0].new.version, won=won)

    def _give_way(self, value: RegisterValue) -> None:
        primary = value.primary if value.primary != self.state.me.name else ""
        self._follow(primary, value.epoch)

    def begin_to_lead(self) -> None:
        """The register names this node, by a change it proposed itself since it started."""
        state = self.state
        state.primary = state.me.name
        state.epoch = state.register.epoch
        self.follower.leave()
        self.primary = Primary(state)
        self.primary.stream.snapshot = self.snapshot
        self.primary.stream.snapshot_gap = self.snapshot_gap
        self.membership = Membership(state, self.primary)
        self.role = self.role_now()
        state.out.append(self.role)  # before anything that this leadership commits
        self.membership.changed(state.register, "took over")
        self.primary.begin()

    def _stop_leading(self, successor: str) -> None:
        if self.primary is not None:
            self.state.end_alarms_of_a_primary()
            self.primary = None
            self.membership = None
            self.follower.deposed()
            self.requests.deposed(successor)
