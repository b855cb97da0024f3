"""pysyncobj as a machine without thread, socket or disk of its own.

Room: the only file that builds a `SyncObj`. Its journal is `raft_journal.py`, its transport
`raft_transport.py`, its ticks come from outside, commands are opaque bytes to it and are given to
`apply` once committed, never through pickle.

Three seams, all here: pysyncobj makes its journal in `createJournal`, a name of its module, and
applies commands and compacts its log in private methods that it calls on itself.

Configuration (RELIABILITY section 5.2): compaction off and no dump, no batching period, 16 MiB in
one message so that a resend is one, leader steps down after 1 s without majority, members fixed.
The preferred voter (the arbiter) stands for election sooner than the others and is handed the
leadership when it is level, so that losing the primary normally needs no election here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pysyncobj.syncobj
from pysyncobj import SyncObj, SyncObjConf
from pysyncobj.journal import Journal

from replication.raft_journal import RaftHalted, RaftJournal
from replication.raft_transport import REGULAR, RaftTransport

BATCH_BYTES: Final = 16 * 1024 * 1024
HEARTBEAT_S: Final = 0.05
FALLBACK_S: Final = 1.0
OFF: Final = 10**9

HANDOVER_S: Final = 2.0
"""The preferred voter must have been linked for this long, and again between two attempts."""

_create_journal = pysyncobj.syncobj.createJournal


def _journal_or_file(journal: object) -> object:
    return journal if isinstance(journal, Journal) else _create_journal(journal)


pysyncobj.syncobj.createJournal = _journal_or_file
pysyncobj.syncobj.PIPE_NOTIFIER_ENABLED = False  # it wakes pysyncobj's own thread; there is none


@dataclass(frozen=True, slots=True)
class VoterSettings:
    """Who votes and how patiently.

    Attributes:
        node: own name.
        voters: all names, this one too; three.
        preferred: who should lead, "" = anybody.
        boot: made anew by every start of the process.
        election_s: shortest and longest time without a leader before this voter stands.
        preferred_election_s: the same for the preferred voter.
        batch_bytes: most bytes of commands in one message.
    """

    node: str
    voters: tuple[str, ...]
    boot: int
    preferred: str = ""
    election_s: tuple[float, float] = (0.45, 0.8)
    preferred_election_s: tuple[float, float] = (0.25, 0.35)
    batch_bytes: int = BATCH_BYTES


class _Voter(SyncObj):  # type: ignore[misc]  # pysyncobj is untyped
    """SyncObj with commands that are bytes. State lives outside of it."""

    apply_bytes: Callable[[bytes], None]
    journal: RaftJournal

    def _SyncObj__doApplyCommand(self, command: bytes) -> None:  # noqa: N802  # the seam
        if command[0] != REGULAR:
            return
        try:
            self.apply_bytes(command[1:])
        except Exception as error:  # outermost: pysyncobj would apply it again for ever (E5)
            raise self.journal.halt(f"a committed command cannot be applied: {error!r}") from error

    def _SyncObj__tryLogCompaction(self) -> None:  # noqa: N802  # the seam
        """Never (E1, E2, E4), whatever the configuration or a caller says."""


class RaftCore:
    """One voter. One thread; every method may raise RaftHalted, after which nothing may be called.

    `send(peer, frame)` is called only with the journal durable. `apply(command)` gets each
    committed command in order, after a restart from the first one again, and must not raise.
    `is_command(origin, command)` says whether bytes may enter the log; origin "" = from a leader.
    """

    def __init__(
        self,
        settings: VoterSettings,
        journal: RaftJournal,
        *,
        send: Callable[[str, bytes], bool],
        apply: Callable[[bytes], None],
        is_command: Callable[[str, bytes], bool],
    ) -> None:
        self._settings = settings
        self._journal = journal
        self._preferred = settings.preferred if settings.preferred in settings.voters else ""
        self._handed_over_s = self.now()
        others = tuple(name for name in settings.voters if name != settings.node)
        self._transport = RaftTransport(
            journal,
            send,
            is_command,
            voters=settings.voters,
            boot=settings.boot,
            now=self.now,
        )
        nodes = self._transport.nodes
        self._raft = _Voter(
            nodes[settings.node],
            [nodes[name] for name in others],
            conf=self._configuration(),
            transport=self._transport,
        )
        self._raft.apply_bytes = apply
        self._raft.journal = journal
        self._transport.bind(self._raft)
        self._others = others

    @staticmethod
    def now() -> float:
        """Seconds on the clock that pysyncobj runs by."""
        return float(pysyncobj.syncobj.monotonicTime())

    def on_up(self, peer: str) -> None:
        """A connection to a voter lives."""
        self._transport.on_up(peer)

    def on_frame(self, peer: str, frame: bytes) -> None:
        """A frame of a voter came."""
        self._check()
        self._transport.on_frame(peer, frame)

    def on_down(self, peer: str) -> None:
        """The connection ended."""
        self._transport.on_down(peer)

    def submit(self, command: bytes) -> None:
        """Ask for a command to be put into the log; may be lost, so ask again until applied."""
        if not (self.is_leader and self._journal.is_full):
            self._raft._applyCommand(bytes((REGULAR,)) + command, None)  # noqa: SLF001

    def tick(self) -> None:
        """Elections, heartbeats, commitment, application; every 10 ms or after input."""
        self._check()
        if self._journal.is_on_probation:  # standing would only raise its term beyond the leader's
            deadline = self.now() + max(self._settings.election_s)
            self._raft._SyncObj__raftElectionDeadline = deadline  # noqa: SLF001  # no other way
        self._raft.doTick(0.0)
        self._journal.applied_index = self._raft.raftLastApplied
        self._hand_over()
        self._journal.sync()

    def close(self) -> None:
        """Close the journal."""
        self._raft.destroy()

    @property
    def is_leader(self) -> bool:
        """Whether this voter thinks it leads; never derive authority from it."""
        return bool(self._raft._isLeader())  # noqa: SLF001  # its name for a public getter

    @property
    def leader(self) -> str:
        """Name of the leader it knows, "" = none."""
        leader = self._raft._getLeader()  # noqa: SLF001  # its name for a public getter
        return "" if leader is None else str(leader.id)

    @property
    def term(self) -> int:
        """Raft's current term."""
        return int(self._raft.raftCurrentTerm)

    @property
    def applied_index(self) -> int:
        """Index of the last applied entry."""
        return int(self._raft.raftLastApplied)

    @property
    def problems(self) -> list[str]:
        """What an operator should look at."""
        found = [problem for _, problem in sorted(self._transport.peers.problems.items())]
        if self._journal.is_on_probation:
            found.append(
                "this voter's register journal is new and the others remember another (its disk "
                "was emptied or replaced): it has no vote before it met both and is level"
            )
        if self._journal.is_filling_up:
            what = "full: no change is possible" if self._journal.is_full else "nearly full"
            found.append(f"the register's journal is {what}; a new generation begins a new one")
        return found

    def age_s(self) -> float:
        """Seconds since a leader with a majority was heard; infinite where never."""
        if not self.is_leader:
            return self.now() - self._transport.leader_heard_s if self.leader else float("inf")
        needed = (len(self._others) + 1) // 2
        answered = sorted(
            (self._transport.answered_s.get(peer, float("-inf")) for peer in self._others),
            reverse=True,
        )
        return self.now() - answered[needed - 1] if needed else 0.0

    def _check(self) -> None:
        if self._journal.halted:
            raise RaftHalted(self._journal.halted)

    def _hand_over(self) -> None:
        preferred, transport, now = self._preferred, self._transport, self.now()
        if (
            not self.is_leader
            or preferred in {"", self._settings.node}
            or now - self._handed_over_s < HANDOVER_S
            or now - transport.up_since_s.get(preferred, now) < HANDOVER_S
            or now - transport.answered_s.get(preferred, 0.0) > 2 * HEARTBEAT_S
            or transport.matched.get(preferred) != self._journal.last_index
        ):
            return
        self._handed_over_s = now
        self._raft.transferLeadership(transport.nodes[preferred])

    def _configuration(self) -> Any:
        settings = self._settings
        is_preferred = settings.node == self._preferred
        shortest, longest = settings.preferred_election_s if is_preferred else settings.election_s
        return SyncObjConf(
            autoTick=False,
            appendEntriesUseBatch=False,
            appendEntriesPeriod=HEARTBEAT_S,
            raftMinTimeout=shortest,
            raftMaxTimeout=longest,
            leaderFallbackTimeout=FALLBACK_S,
            connectionTimeout=1.0,
            connectionRetryTime=0.2,
            appendEntriesBatchSizeBytes=settings.batch_bytes,
            dynamicMembershipChange=False,
            logCompactionMinEntries=OFF,
            logCompactionMinTime=OFF,
            fullDumpFile=None,
            journalFile=self._journal,
            commandsWaitLeader=False,
            useFork=False,
        )
