"""A register cluster in one thread: simulated clock, seeded chance, links that break.

Room: two kinds of voters behind one face, so that every experiment runs against both. `bare` is
pysyncobj as it comes, on a journal that never loses anything; `ours` is `RaftCore` on a disk that
loses what was not synced and may tear the last write. Commands are opaque bytes; an
acknowledged one is one that its proposer was told of.
"""

from __future__ import annotations

import contextlib
import pickle
import random
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import pysyncobj.syncobj
from pysyncobj import FAIL_REASON, SyncObj, SyncObjConf
from pysyncobj.journal import MemoryJournal
from pysyncobj.transport import Transport

from replication.memory_links import MemoryLinks, MemoryNetwork
from replication.raft_core import RaftCore, VoterSettings
from replication.raft_journal import RaftHalted, RaftJournal
from replication.raft_transport import VoterNode

NAMES = ("a", "b", "c")
TICK_S = 0.01
HALTED = "halted"


class Clock:
    """Simulated seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@contextlib.contextmanager
def simulated(seed: int) -> Iterator[Clock]:
    """Put pysyncobj on a simulated clock and seeded chance."""
    clock = Clock()
    module: Any = pysyncobj.syncobj
    saved = module.monotonicTime, module.random
    module.monotonicTime, module.random = clock, random.Random(seed)
    module.logger.disabled = True  # the bare library tells of every entry that it breaks
    try:
        yield clock
    finally:
        module.monotonicTime, module.random = saved
        module.logger.disabled = False


class Disk:
    """A journal file that keeps what was synced; `tear` makes the next append a crash."""

    name = "disk"

    def __init__(self) -> None:
        self.content = b""
        self.tear: Callable[[bytes], bytes] | None = None
        self.appends = 0

    def read(self) -> bytes:
        return self.content

    def append(self, data: bytes) -> None:
        self.appends += 1
        if self.tear is not None:
            self.content += self.tear(data)
            self.tear = None
            raise OSError("power lost in the middle of a write")
        self.content += data

    def replace(self, content: bytes) -> None:
        self.content = content

    def close(self) -> None:
        return


class Voter(Protocol):
    """A voter of either kind. `applied`: commands in order, of the present process."""

    applied: list[bytes]

    def on_up(self, peer: str, generation: int) -> None: ...
    def on_frame(self, peer: str, generation: int, frame: bytes) -> None: ...
    def on_down(self, peer: str, generation: int, why: str) -> None: ...
    def tick(self) -> None: ...
    def submit(self, command: bytes) -> None: ...
    def is_leader(self) -> bool: ...
    def log_length(self) -> int: ...


Acknowledge = Callable[[bytes], None]


class _BareTransport(Transport):  # type: ignore[misc]
    """Stock messages, pickled, over the links."""

    def __init__(self, links: MemoryLinks) -> None:
        super().__init__(None, None, [])
        self._links = links

    def send(self, node: Any, message: dict[str, Any]) -> bool:
        return self._links.send(node.id, pickle.dumps(message))


class _BareObject(SyncObj):  # type: ignore[misc]
    applied: list[bytes]

    def _SyncObj__doApplyCommand(self, command: bytes) -> None:
        if command[0] == 0:
            self.applied.append(command[1:])


class BareVoter:
    """pysyncobj as it comes, its journal kept over restarts by the caller."""

    def __init__(
        self,
        node: str,
        links: MemoryLinks,
        journal: MemoryJournal,
        acknowledge: Acknowledge,
        batch_bytes: int,
    ) -> None:
        nodes = {name: VoterNode(name) for name in NAMES}
        self.transport = _BareTransport(links)
        self._nodes = nodes
        self._acknowledge = acknowledge
        self._journal = journal
        conf = SyncObjConf(
            autoTick=False,
            appendEntriesUseBatch=False,
            appendEntriesPeriod=0.05,
            raftMinTimeout=0.25,
            raftMaxTimeout=0.5,
            leaderFallbackTimeout=1.0,
            appendEntriesBatchSizeBytes=batch_bytes,
            logCompactionMinEntries=10**9,
            logCompactionMinTime=10**9,
            journalFile=journal,
            commandsWaitLeader=False,
        )
        others = [nodes[name] for name in NAMES if name != node]
        self.raft = _BareObject(nodes[node], others, conf=conf, transport=self.transport)
        self.applied: list[bytes] = []
        self.raft.applied = self.applied

    def on_up(self, peer: str, generation: int) -> None:
        self.transport._onNodeConnected(self._nodes[peer])

    def on_down(self, peer: str, generation: int, why: str) -> None:
        self.transport._onNodeDisconnected(self._nodes[peer])

    def on_frame(self, peer: str, generation: int, frame: bytes) -> None:
        self.transport._onMessageReceived(self._nodes[peer], pickle.loads(frame))

    def tick(self) -> None:
        self.raft.doTick(0.0)

    def submit(self, command: bytes) -> None:
        def told(_: object, reason: int) -> None:
            if reason == FAIL_REASON.SUCCESS:
                self._acknowledge(command)

        self.raft._applyCommand(b"\0" + command, told)

    def is_leader(self) -> bool:
        return bool(self.raft._isLeader())

    def log_length(self) -> int:
        return len(self._journal)


class OurVoter:
    """`RaftCore`; acknowledges a command when the voter that was asked has applied it."""

    def __init__(
        self,
        settings: VoterSettings,
        links: MemoryLinks,
        disk: Disk,
        acknowledge: Acknowledge,
    ) -> None:
        self._acknowledge = acknowledge
        self._asked: set[bytes] = set()
        self.applied: list[bytes] = []
        self.journal = RaftJournal(disk, cluster=bytes(16), node=settings.node)
        self.core = RaftCore(
            settings,
            self.journal,
            send=links.send,
            apply=self._apply,
            is_command=lambda _, command: bool(command),
        )

    def _apply(self, command: bytes) -> None:
        self.applied.append(command)
        if command in self._asked:
            self._acknowledge(command)

    def on_up(self, peer: str, generation: int) -> None:
        self.core.on_up(peer)

    def on_down(self, peer: str, generation: int, why: str) -> None:
        self.core.on_down(peer)

    def on_frame(self, peer: str, generation: int, frame: bytes) -> None:
        self.core.on_frame(peer, frame)

    def tick(self) -> None:
        self.core.tick()

    def submit(self, command: bytes) -> None:
        self._asked.add(command)
        self.core.submit(command)

    def is_leader(self) -> bool:
        return self.core.is_leader

    def log_length(self) -> int:
        return len(self.journal)


class Cluster:
    """Three voters on one network; everything moves in `step` and `run`."""

    def __init__(
        self,
        clock: Clock,
        *,
        is_ours: bool,
        seed: int = 0,
        delay_ms: tuple[int, int] = (1, 20),
        batch_bytes: int = 1 << 24,
        preferred: str = "",
    ) -> None:
        self.clock = clock
        self.is_ours = is_ours
        self.network = MemoryNetwork(
            seed, delay_ns=(delay_ms[0] * 1_000_000, delay_ms[1] * 1_000_000)
        )
        self.disks = {name: Disk() for name in NAMES}
        self.bare_journals = {name: MemoryJournal() for name in NAMES}
        self.links: dict[str, MemoryLinks] = {}
        self.voters: dict[str, Voter] = {}
        self.acknowledged: list[bytes] = []
        self.histories: list[tuple[str, list[bytes]]] = []
        self.paused_until: dict[str, float] = {}
        self.halts: list[str] = []
        self._batch_bytes = batch_bytes
        self._preferred = preferred
        self._boot = 0
        self._began = clock.now

    def start(self, *names: str) -> None:
        """Start voters, or start them again."""
        for name in names or NAMES:
            links = self.network.links(name, [other for other in NAMES if other != name])
            self.links[name] = links
            self.voters[name] = self._voter(name, links)
            self.histories.append((name, self.voters[name].applied))
            links.start(_Guard(self, name))

    def crash(self, name: str) -> None:
        """Kill a voter: what was not synced is gone, what was sent arrives in part."""
        if self.voters.pop(name, None) is not None:
            self.links[name].stop()

    def step(self) -> None:
        """One tick of time: move frames, then tick every voter that is not paused."""
        self.clock.now += TICK_S
        self.network.advance(int((self.clock.now - self._began) * 1e9))
        for name in list(self.voters):
            if self.paused_until.get(name, 0.0) <= self.clock.now:
                self.guarded(name, "tick")

    def run(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Step until `until` or the end of the time; whether `until` came true."""
        for _ in range(int(seconds / TICK_S)):
            if until():
                return True
            self.step()
        return until()

    def guarded(self, name: str, method: str, *arguments: object) -> None:
        """Call a voter; one that halts is taken out, as its process would end."""
        voter = self.voters.get(name)
        if voter is None:
            return
        try:
            getattr(voter, method)(*arguments)
        except RaftHalted as halted:
            self.halts.append(f"{name}: {halted}")
            self.crash(name)

    def leader(self) -> str:
        """Name of a voter that leads, "" = none."""
        return next((name for name, voter in self.voters.items() if voter.is_leader()), "")

    def elect(self) -> str:
        """Run until somebody leads."""
        assert self.run(10.0, lambda: bool(self.leader())), "nobody was elected"
        return self.leader()

    def submit(self, name: str, command: bytes) -> None:
        """Ask a voter for a command."""
        self.guarded(name, "submit", command)

    def lost(self) -> list[bytes]:
        """Acknowledged commands that the longest history of a living voter does not have.

        To be asked after everything healed; before that a restarted voter has no history yet.
        """
        final = max((voter.applied for voter in self.voters.values()), key=len)
        held = set(final)
        return [command for command in self.acknowledged if command not in held]

    def divergences(self) -> list[str]:
        """Histories, of living and dead processes, that are not prefixes of the longest one."""
        _, longest = max(self.histories, key=lambda history: len(history[1]))
        return [name for name, applied in self.histories if applied != longest[: len(applied)]]

    def duplicates(self) -> int:
        """Commands that one process applied more than once."""
        return sum(len(applied) - len(set(applied)) for _, applied in self.histories)

    def _voter(self, name: str, links: MemoryLinks) -> Voter:
        acknowledge = self.acknowledged.append
        if not self.is_ours:
            journal = self.bare_journals[name]
            return BareVoter(name, links, journal, acknowledge, self._batch_bytes)
        self._boot += 1
        settings = VoterSettings(
            node=name,
            voters=NAMES,
            boot=self._boot,
            preferred=self._preferred,
            election_s=(0.25, 0.5),
            batch_bytes=self._batch_bytes,
        )
        return OurVoter(settings, links, self.disks[name], acknowledge)


class _Guard:
    """The link handler of a voter: a halt there ends the voter, not the run."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self._cluster = cluster
        self._name = name
        self._voter = cluster.voters[name]

    def _call(self, method: str, *arguments: object) -> None:
        if self._cluster.voters.get(self._name) is self._voter:
            self._cluster.guarded(self._name, method, *arguments)

    def on_up(self, peer: str, generation: int) -> None:
        self._call("on_up", peer, generation)

    def on_frame(self, peer: str, generation: int, frame: bytes) -> None:
        self._call("on_frame", peer, generation, frame)

    def on_pause(self, peer: str, generation: int) -> None:
        """A voter gathers nothing."""

    def on_down(self, peer: str, generation: int, why: str) -> None:
        self._call("on_down", peer, generation, why)
