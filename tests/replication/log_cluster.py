"""Whole replicators in one process: real threads and machines, links and register in memory.

Room: the rig. Journals are in-memory twins; a restart is a new replicator on the old journal.
Nothing of the protocol is replaced; the register is one value behind a lock, as linearizable as
the real one, and can be cut off from a node.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from replication.hooks import Hooks
from replication.identity import ClusterPlan, Identity, PeerPlan
from replication.log_stream import SnapshotFacts
from replication.memory_links import MemoryNetwork
from replication.node_state import StoredFacts
from replication.register import (
    ConsensusRegister,
    RegisterError,
    RegisterStatus,
    RegisterValue,
)
from replication.replica import Replica
from replication.replicator import Replicator
from storage.memory import MemoryJournal

CLUSTER = "test-cluster"
WAIT_S = 10.0


def until(condition: Callable[[], bool], what: str, wait_s: float = WAIT_S) -> None:
    """Wait for a condition; AssertionError saying `what` did not come."""
    deadline = time.monotonic() + wait_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"did not come within {wait_s} s: {what}")
        time.sleep(0.002)


class SharedRegister:
    """The register of all nodes; `seen_by` gives each its own view of it."""

    def __init__(self) -> None:
        self.value = RegisterValue(CLUSTER)
        self.cut_off: set[str] = set()
        self.lock = threading.Lock()
        self.views: list[RegisterOf] = []

    def seen_by(self, node: str) -> RegisterOf:
        """The register as one node reaches it."""
        view = RegisterOf(self, node)
        self.views.append(view)
        return view


class RegisterOf:
    """Fulfils `ConsensusRegister` for one node."""

    def __init__(self, shared: SharedRegister, node: str) -> None:
        self._shared = shared
        self.node = node
        self.watchers: list[Callable[[RegisterValue], None]] = []
        self._known = shared.value

    def read(self) -> RegisterValue:
        """The newest value that reached this node."""
        if self.node not in self._shared.cut_off:
            self._known = self._shared.value
        return self._known

    def compare_and_set(self, expected_version: int, new: RegisterValue) -> bool:
        """As the port."""
        shared = self._shared
        if self.node in shared.cut_off:
            raise RegisterError("no quorum is reached from here")
        with shared.lock:
            if shared.value.version != expected_version:
                return False
            shared.value = new
        for view in list(shared.views):
            if view.node not in shared.cut_off:
                for on_change in view.watchers:
                    on_change(new)
        return True

    def watch(self, on_change: Callable[[RegisterValue], None]) -> None:
        """As the port."""
        self.watchers.append(on_change)

    def status(self) -> RegisterStatus:
        """Healthy unless cut off."""
        healthy = self.node not in self._shared.cut_off
        return RegisterStatus(healthy=healthy, voters=3, leader="arbiter")

    def close(self) -> None:
        """Nothing is held."""
        self._shared.views.remove(self)


class NoSnapshots:
    """A node without snapshots."""

    def newest(self) -> SnapshotFacts | None:
        """None."""
        return None

    def read_chunk(self, log_index: int, chunk: int) -> bytes:
        """Nobody may ask."""
        raise AssertionError(f"chunk {chunk} of {log_index} was never offered")

    def store_chunk(self, log_index: int, chunk: int, data: bytes) -> None:
        """Nobody may offer one."""
        raise AssertionError(f"chunk {chunk} of {log_index} was never pulled")

    def install(self, log_index: int, chain_digest: bytes, manifest: bytes, common: int) -> str:
        """Nobody may offer one."""
        raise AssertionError(f"snapshot {log_index} was never pulled")


class LogNode:
    """One node: its disk outlives `stop`; `start` is another boot of it."""

    def __init__(self, cluster: LogCluster, name: str, kind: str, incarnation: int) -> None:
        self.cluster = cluster
        self.name = name
        self.kind = kind
        self.incarnation = incarnation
        self.journal = MemoryJournal()
        self.promised = 0
        self.boots = 0
        self.memberships: list[str] = []
        self.alarms: dict[str, str] = {}
        self.faults: list[BaseException] = []
        self.log: Replicator

    def start(self) -> None:
        """Boot."""
        self.boots += 1
        cluster = self.cluster
        identity = Identity(CLUSTER, 1, self.name, self.kind, self.incarnation, self.boots, "0.1.0")
        peers = [plan.name for plan in cluster.plan.nodes if plan.name != self.name]
        stored = StoredFacts(self.promised, self.journal.committed_index)
        now_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        replica = Replica(identity, cluster.plan, self.journal, stored, now_ns)
        self.log = Replicator(
            replica,
            self.journal,
            cluster.network.links(self.name, peers),
            cluster.register.seen_by(self.name),
            NoSnapshots(),
            hooks=Hooks(
                promise=self._promise,
                cut=self._cut,
                install=lambda work: work(),
                new_generation=self._new_generation,
                membership=lambda _, what: self.memberships.append(what),
                alarm=self._alarm,
                fault=self.faults.append,
            ),
        )
        self.log.start()

    def stop(self) -> None:
        """The process ends."""
        self.log.stop()
        self.log.register.close()

    @property
    def role(self) -> str:
        """As announced."""
        return self.log.view.role

    def append(self, *entries: bytes) -> bool:
        """One write of the primary."""
        first = self.log.last_index + 1
        return self.log.append(list(enumerate(entries, start=first)))

    def _promise(self, epoch: int) -> None:
        assert epoch > self.promised
        self.promised = epoch

    def _cut(self, first_removed: int, reason: str) -> None:
        path = self.cluster.quarantine / self.name
        self.journal.truncate_suffix(first_removed, path, reason)

    def _new_generation(self, value: RegisterValue) -> ConsensusRegister:
        own = SharedRegister()
        own.value = value
        return own.seen_by(self.name)

    def _alarm(self, name: str, text: str) -> None:
        if text:
            self.alarms[name] = text
        else:
            self.alarms.pop(name, None)


class LogCluster:
    """Two data nodes and a DR node by default; leaving the block stops all that run."""

    def __init__(self, tmp_path: Path, *, mode: str = "continue") -> None:
        self.quarantine = tmp_path / "quarantine"
        self.network = MemoryNetwork(seed=1, delay_ns=(50_000, 200_000))
        self.register = SharedRegister()
        kinds = {"n1": "data", "n2": "data", "dr1": "dr"}
        plans = tuple(PeerPlan(name, kind) for name, kind in kinds.items())
        self.plan = ClusterPlan(plans, mode)
        self.nodes = {
            name: LogNode(self, name, kind, 100 + number)
            for number, (name, kind) in enumerate(kinds.items())
        }
        self.running: set[str] = set()

    def __enter__(self) -> Self:
        self.network.start_clock()
        return self

    def __exit__(self, *_: object) -> None:
        for name in sorted(self.running):
            self.nodes[name].stop()
        self.network.stop_clock()

    def start(self, *names: str) -> None:
        """Boot nodes."""
        for name in names or self.nodes:
            self.nodes[name].start()
            self.running.add(name)

    def stop(self, name: str) -> None:
        """End a node's process."""
        self.running.discard(name)
        self.nodes[name].stop()

    def primary(self, *, other_than: str = "") -> LogNode:
        """The node that leads and may serve; waits for it."""

        def leads(name: str) -> bool:
            return name != other_than and self.nodes[name].role == "primary"

        until(lambda: any(leads(name) for name in self.running), "a primary")
        return next(self.nodes[name] for name in sorted(self.running) if leads(name))

    def until_level(self, index: int, *names: str) -> None:
        """Wait until nodes know everything up to `index` as committed."""
        for name in names:
            node = self.nodes[name]
            until(
                lambda node=node: node.log.committed_index >= index,  # type: ignore[misc]
                f"{name} to commit {index}; it is at {node.log.committed_index}, {node.role}",
            )

    def until_in_sync(self, *names: str) -> None:
        """Wait until the register lists exactly these nodes."""
        wanted = set(names)
        until(
            lambda: set(self.register.value.in_sync) == wanted,
            f"{wanted} in sync, not {self.register.value}",
        )
