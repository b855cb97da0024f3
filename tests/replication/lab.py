"""A cluster of sans-io replicas in one process: perfect links, register and disks, by hand.

Room: performs effects at once and in order; time moves only by `run`. Links and disks can be cut
by the test. It checks nothing.
"""

from __future__ import annotations

import tempfile
from collections import deque
from pathlib import Path

from replication import effects as e
from replication.identity import ClusterPlan, Identity, PeerPlan
from replication.log_stream import SnapshotFacts
from replication.messages import decode, encode
from replication.node_state import StoredFacts
from replication.register import CasOutcome, RegisterValue
from replication.replica import Replica
from replication.timing import MS
from storage.memory import MemoryJournal

CHUNK = 8


class Node:
    """One replica with its journal and what it was told."""

    def __init__(self, lab: Lab, name: str, kind: str, incarnation: int) -> None:
        self.lab = lab
        self.name = name
        self.kind = kind
        self.incarnation = incarnation
        self.journal = MemoryJournal()
        self.promised = 0
        self.stored_committed = 0
        self.told: list[e.Effect] = []
        self.held: deque[e.Effect] = deque()
        self.disk_stuck = False
        self.drafting = True
        self.halted = ""
        self.lost_chunks = False
        self.fail_installs = 0
        self.boots = 0
        self.start()

    def start(self) -> None:
        """A new process over the same disk."""
        self.boots += 1
        self.halted = ""
        self.drafting = True
        identity = Identity(
            "c1", self.lab.generation, self.name, self.kind, self.incarnation,
            self.incarnation * 1_000 + self.boots, "1.0.0",
        )  # fmt: skip
        stored = StoredFacts(self.promised, self.stored_committed)
        plan = self.lab.plan
        self.replica = Replica(identity, plan, self.journal, stored, self.lab.now, digest_every=10)
        self.is_up = True

    def is_holding(self) -> bool:
        """Told to draft nothing."""
        return not self.drafting

    def stopped(self) -> str:
        """Code of its Halt, "" while it runs."""
        return self.halted

    def roles(self) -> list[str]:
        """Roles in the order they were taken."""
        return [effect.role for effect in self.told if isinstance(effect, e.Role)]

    def answers(self) -> list[e.Answer]:
        """Answers to requests."""
        return [effect for effect in self.told if isinstance(effect, e.Answer)]

    def entries(self) -> list[bytes]:
        """The journal."""
        return [entry for _, entry in self.journal.scan(self.journal.first_index)]

    def propose(self, entry: bytes) -> int:
        """Draft one entry as primary; its index."""
        index = self.replica.status(self.lab.now).last_index + 1
        epoch = self.replica.role.epoch
        effects = self.replica.propose(self.lab.now, epoch, index, entry)
        self.write(e.Append([(index, entry)], 0))
        self.perform(effects)
        return index

    def write(self, effect: e.Effect) -> None:
        """The log's writer, which may be stuck."""
        self.held.append(effect)
        if not self.disk_stuck:
            self.flush()

    def flush(self) -> None:
        """Perform what the log's writer has before it, in order."""
        while self.held:
            effect = self.held.popleft()
            now = self.lab.now
            match effect:
                case e.Append():
                    self.journal.append(effect.entries)
                    self.stored_committed = max(self.stored_committed, effect.committed)
                    last = self.journal.last_index
                    digest = self.journal.last_chain_digest
                    self.perform(self.replica.on_durable(now, last, digest))
                case e.Truncate():
                    where = Path(self.lab.directory.name) / self.name
                    self.journal.truncate_suffix(effect.first_removed, where, effect.reason)
                    self.perform(self.replica.on_truncated(now, effect.first_removed))
                case e.InstallSnapshot() if self.fail_installs:
                    self.fail_installs -= 1
                    self.perform(self.replica.on_install_failed(now, "damaged"))
                case e.InstallSnapshot():
                    self.journal = MemoryJournal()
                    self.journal._base_index = effect.log_index  # noqa: SLF001
                    self.journal._base_digest = effect.chain_digest  # noqa: SLF001
                    installed = self.replica.on_installed(
                        now, effect.log_index, effect.chain_digest
                    )
                    self.perform(installed)
                case _:
                    raise AssertionError(effect)

    def perform(self, effects: list[e.Effect]) -> None:
        """Perform effects in order."""
        for effect in effects:
            self.told.append(effect)
            match effect:
                case e.Send():
                    self.lab.send(self.name, effect)
                case e.Append() | e.Truncate() | e.InstallSnapshot():
                    self.write(effect)
                case e.Promise():
                    self.promised = effect.epoch
                case e.CompareAndSet():
                    self.lab.asked.append((self, effect))
                case e.ReadEntries():
                    entries = [
                        entry for _, entry in self.journal.scan(effect.first, effect.last + 1)
                    ][:100]
                    self.perform(self.replica.on_entries_read(self.lab.now, effect, entries))
                case e.ReadChunk():
                    chunk = None if self.lost_chunks else b"chunk"
                    self.perform(self.replica.on_chunk_read(self.lab.now, effect, chunk))
                case e.Hold():
                    self.drafting = not effect.on
                case e.Halt():
                    self.halted = effect.code
                case e.CloseLink():
                    if self.lab.closes_links:
                        self.lab.cut(self.name, effect.peer)
                case e.NewGeneration():
                    self.lab.generation = effect.value.generation
                case _:
                    pass

    def offer_snapshot(self, log_index: int, chunks: int = 3) -> None:
        """Have a snapshot to give, and drop the log before it."""
        digest = self.journal.chain_digest(log_index)
        self.journal.delete_prefix(log_index + 1)
        facts = SnapshotFacts(log_index, digest, chunks, b"manifest")
        self.perform(self.replica.on_snapshot(self.lab.now, facts))


class Lab:
    """Nodes, links and one register value."""

    def __init__(self, *names: str, mode: str = "continue", dr: tuple[str, ...] = ()) -> None:
        self.directory = tempfile.TemporaryDirectory()
        self.quarantine = Path(self.directory.name) / "quarantine"
        self.now = 1_000_000 * MS
        self.generation = 1
        plans = [PeerPlan(name, "data") for name in names]
        plans += [PeerPlan(name, "dr") for name in dr]
        self.plan = ClusterPlan(tuple(plans), mode)
        self.register = RegisterValue("c1")
        self.register_up = True
        self.queue: deque[tuple[str, str, int, bytes]] = deque()
        self.asked: deque[tuple[Node, e.CompareAndSet]] = deque()
        self.links: dict[frozenset[str], int] = {}
        self.generations = 0
        self.requests = 0
        self.closes_links = True
        self.deaf: set[str] = set()  # nodes that the register's news do not reach
        self.nodes: dict[str, Node] = {}
        for number, plan in enumerate(plans, 1):
            self.nodes[plan.name] = Node(self, plan.name, plan.kind, number)
        for node in self.nodes.values():
            self.tell_register(node)
        self.link_all()

    def __getitem__(self, name: str) -> Node:
        return self.nodes[name]

    def link_all(self) -> None:
        """Link every pair that is not linked."""
        names = sorted(self.nodes)
        for one in names:
            for other in names:
                if one < other:
                    self.link(one, other)

    def link(self, one: str, other: str) -> None:
        """A new link between two nodes."""
        pair = frozenset({one, other})
        if pair in self.links or not (self[one].is_up and self[other].is_up):
            return
        self.generations += 1
        self.links[pair] = self.generations
        for name, peer in ((one, other), (other, one)):
            node = self[name]
            node.perform(node.replica.on_link_up(self.now, peer, self.generations))

    def cut(self, one: str, other: str, *, seen: bool = True) -> None:
        """Cut a link; both ends see it, or it falls silent."""
        generation = self.links.pop(frozenset({one, other}), None)
        if generation is None or not seen:
            return
        for name, peer in ((one, other), (other, one)):
            node = self[name]
            if node.is_up:
                node.perform(node.replica.on_link_down(self.now, peer, generation))

    def kill(self, name: str) -> None:
        """End a process."""
        self[name].is_up = False
        for other in self.nodes:
            if other != name:
                self.cut(name, other)

    def restart(self, name: str, *, wiped: bool = False) -> None:
        """Start a process again."""
        node = self[name]
        if wiped:
            node.incarnation += 100
            node.journal = MemoryJournal()
            node.promised = node.stored_committed = 0
        node.start()
        self.tell_register(node)
        self.link_all()

    def send(self, sender: str, effect: e.Send) -> None:
        """Put a message on a link."""
        generation = self.links.get(frozenset({sender, effect.peer}))
        if generation is not None:
            frame = encode(effect.envelope)
            self.queue.append((sender, effect.peer, generation, frame))

    def deliver(self) -> None:
        """Deliver everything that is on its way, and what that causes."""
        for _ in range(100_000):
            if self.asked:
                self.compare_and_set(*self.asked.popleft())
            if not self.queue:
                if self.asked:
                    continue
                return
            sender, receiver, generation, frame = self.queue.popleft()
            node = self[receiver]
            alive = self.links.get(frozenset({sender, receiver})) == generation
            if alive and node.is_up and not node.halted:
                replica = node.replica
                node.perform(replica.on_message(self.now, sender, generation, decode(frame)))
        raise AssertionError("messages without end")

    def compare_and_set(self, node: Node, effect: e.CompareAndSet) -> None:
        """The register."""
        now = self.now
        if not self.register_up:
            outcome = CasOutcome.UNKNOWN
        elif self.register.version == effect.expected_version:
            self.register = effect.new
            outcome = CasOutcome.WON
        else:
            outcome = CasOutcome.LOST
        node.perform(node.replica.on_cas_result(now, effect.token, outcome))
        if self.register_up:
            for other in self.nodes.values():
                self.tell_register(other)

    def tell_register(self, node: Node) -> None:
        """Let a voter know the newest value."""
        if node.is_up and node.kind == "data" and node.name not in self.deaf:
            node.perform(node.replica.on_register(self.now, self.register))
            node.perform(node.replica.on_register_health(self.now, healthy=self.register_up))

    def run(self, ms: int) -> None:
        """Let time pass."""
        for _ in range(0, ms, 10):
            self.now += 10 * MS
            for node in self.nodes.values():
                if node.is_up and not node.halted:
                    node.perform(node.replica.on_tick(self.now))
            self.deliver()

    def settle(self) -> Lab:
        """Let a new cluster choose its primary and take everyone in."""
        self.run(300)
        return self

    def write(self, count: int) -> list[bytes]:
        """Entries proposed one after another at the primary."""
        leader = self.primary()
        entries = []
        for _ in range(count):
            entry = f"entry {leader.replica.last_index + 1} of {leader.name}".encode()
            leader.propose(entry)
            self.deliver()
            entries.append(entry)
        return entries

    def ask(self, name: str, verb: str, subject: str = "") -> None:
        """An operator's request at a node."""
        node = self[name]
        self.requests += 1
        node.perform(node.replica.request(self.now, self.requests, verb, subject, "by hand"))
        self.deliver()

    def primary(self) -> Node:
        """The one that leads."""
        (leader,) = [
            n for n in self.nodes.values()
            if n.is_up and not n.halted and n.replica.role.role == "primary"
        ]  # fmt: skip
        return leader
