"""The register of a cluster: three voters agree by Raft on one small value (DESIGN section 2).

Room: the thread around `RaftCore`, and the port `ConsensusRegister` for everybody else. The
register's thread is the only one that touches the core and its journal; links, callers and watchers
meet it through a bounded inbox.

    register = RaftRegister(settings, links, DiskFile(directory / "register.log"))
    register.start()
    register.wait_ready(5.0)

Reads. `read` is the newest committed value that this voter knows: it may be behind, and after a
restart it is the initial value until a leader was heard (`wait_ready`). `read_barrier` goes
through the log and is as fresh as its call. A change is decided on the version, never on a
read, so a value that is behind can only make a change lose.

Outcomes. A proposal is sent to whoever leads, again and again, until it was seen applied here or
its time is over; what it did when first applied is its outcome. When the time is over it may still
come about: OutcomeUnknown, and only a read tells.

Fail-stop: an error of the disk, of the journal's content or of a watcher stops this voter for good
(`status().problem`, `on_halt`); the other two go on.

A register that is full (ENTRIES_MAX entries, years of trouble) takes no changes; `status().problem`
says so from four fifths on. A new generation of the cluster begins a new journal.
"""

from __future__ import annotations

import collections
import contextlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import msgspec

from replication.link_frames import cluster_hash
from replication.links import Links
from replication.raft_core import RaftCore, VoterSettings
from replication.raft_file import JournalFile
from replication.raft_journal import RaftJournal
from replication.raft_state import Applied, Change, RegisterState, pack_change, unpack_change
from replication.register import (
    CasOutcome,
    OutcomeUnknown,
    RegisterError,
    RegisterStatus,
    RegisterUnavailable,
    RegisterValue,
)

TICK_S: Final = 0.02
"""How often time is looked at; frames and calls are handled at once."""

SUBMIT_AGAIN_S: Final = 0.1
HEALTHY_S: Final = 0.6
"""A leader with a majority heard within this time: the lease of DESIGN section 2."""

INBOX_MAX: Final = 20_000
"""Frames and calls that wait for the register's thread; Raft sends again what is dropped."""

OnOutcome = Callable[[CasOutcome], None]


@dataclass(frozen=True, slots=True)
class RaftSettings:
    """Who votes, and what the register begins with.

    Attributes:
        node: own name; one of `voters`.
        voters: the names of all three.
        initial: value before the first change: cluster id, generation, version 0.
        preferred: the voter that should lead Raft, normally the arbiter; "" = any.
        outcome_s: how long a change is asked for before its outcome is unknown.
        boot: made anew by every start of the process.
    """

    node: str
    voters: tuple[str, ...]
    initial: RegisterValue
    preferred: str = ""
    outcome_s: float = 2.0
    boot: int = field(default_factory=lambda: secrets.randbits(62) | 1)


@dataclass(slots=True)
class _Proposal:
    number: int
    command: bytes
    deadline: float
    on_outcome: OnOutcome
    submitted: float = float("-inf")


class RaftRegister:
    """A voter of the register; fulfils `ConsensusRegister`. Thread-safe.

    Raises JournalRefused or OSError when its journal cannot be used.
    """

    def __init__(
        self,
        settings: RaftSettings,
        links: Links,
        file: JournalFile,
        *,
        on_halt: Callable[[str], None] | None = None,
    ) -> None:
        self._settings = settings
        self._links = links
        self._on_halt = on_halt
        self._state = RegisterState(settings.initial)
        self._value = settings.initial
        cluster = cluster_hash(f"{settings.initial.cluster_id}/{settings.initial.generation}")
        self._journal = RaftJournal(file, cluster=cluster, node=settings.node)
        voter = VoterSettings(
            settings.node, settings.voters, settings.boot, preferred=settings.preferred
        )
        self._core = RaftCore(
            voter,
            self._journal,
            send=links.send,
            apply=self._apply,
            is_command=self._is_command,
        )
        self._watchers: list[Callable[[RegisterValue], None]] = []
        self._replayed_to = self._journal.last_index
        self._untold: RegisterValue | None = None
        self._inbox: collections.deque[Callable[[], None]] = collections.deque()
        self._wake = threading.Condition()
        self._queue: collections.deque[_Proposal] = collections.deque()
        self._number = 0
        self._halted = ""
        self._status = RegisterStatus(healthy=False, voters=len(settings.voters), leader="")
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="register", daemon=True)

    def start(self) -> None:
        """Begin to take part; once only."""
        self._thread.start()
        self._links.start(self)

    def read(self) -> RegisterValue:
        """As `ConsensusRegister.read`; see the module."""
        return self._value

    def read_barrier(self, timeout_s: float | None = None) -> RegisterValue:
        """The value after everything that was committed when this was called.

        Raises RegisterUnavailable when no majority confirmed it in time.
        """
        outcome = self._ask(self.read().version, None, timeout_s)
        if outcome is CasOutcome.UNKNOWN:
            raise RegisterUnavailable(self._why_not())
        return self._value

    def wait_ready(self, timeout_s: float) -> RegisterValue:
        """Wait until this voter knows what is committed; as `read_barrier`."""
        return self.read_barrier(timeout_s)

    def compare_and_set(self, expected_version: int, new: RegisterValue) -> bool:
        """As `ConsensusRegister.compare_and_set`. Not on the register's thread."""
        outcome = self._ask(expected_version, new, None)
        if outcome is CasOutcome.UNKNOWN:
            raise OutcomeUnknown(self._why_not())
        return outcome is CasOutcome.WON

    def propose(
        self,
        expected_version: int,
        new: RegisterValue | None,
        on_outcome: OnOutcome,
        *,
        timeout_s: float | None = None,
    ) -> None:
        """As `compare_and_set`, without waiting: `on_outcome` is called once.

        It is called on the register's thread, after the watchers heard of the change; or here,
        with UNKNOWN, when this voter has stopped. Proposals of one voter are made one after the
        other.
        """
        deadline = time.monotonic() + (self._settings.outcome_s if timeout_s is None else timeout_s)

        def enqueue() -> None:
            self._number += 1
            change = Change(
                self._settings.node, self._settings.boot, self._number, expected_version, new
            )
            command = pack_change(change)
            self._queue.append(_Proposal(self._number, command, deadline, on_outcome))

        if not self._put(enqueue, is_droppable=False):
            on_outcome(CasOutcome.UNKNOWN)

    def watch(self, on_change: Callable[[RegisterValue], None]) -> None:
        """As `ConsensusRegister.watch`; before `start`, or changes may be missed.

        Of the changes that its journal held at the start, a voter tells the newest only.
        """
        self._watchers.append(on_change)

    def status(self) -> RegisterStatus:
        """As `ConsensusRegister.status`."""
        status = self._status
        if self._halted:
            return msgspec.structs.replace(status, healthy=False, problem=self._halted)
        return status

    def close(self) -> None:
        """Leave: links down, thread ended, journal closed; idempotent. Not on its own thread."""
        self._closing.set()
        with self._wake:
            self._wake.notify_all()
        if self._thread.ident is not None:
            self._links.stop()
            self._thread.join()
        self._core.close()

    # on link threads

    def on_up(self, peer: str, generation: int) -> None:
        """As `LinkHandler.on_up`."""
        self._put(lambda: self._core.on_up(peer), is_droppable=False)

    def on_frame(self, peer: str, generation: int, frame: bytes) -> None:
        """As `LinkHandler.on_frame`."""
        self._put(lambda: self._core.on_frame(peer, frame), is_droppable=True)

    def on_pause(self, peer: str, generation: int) -> None:
        """As `LinkHandler.on_pause`: the register's thread gathers by itself."""

    def on_down(self, peer: str, generation: int, why: str) -> None:
        """As `LinkHandler.on_down`."""
        self._put(lambda: self._core.on_down(peer), is_droppable=False)

    def _put(self, call: Callable[[], None], *, is_droppable: bool) -> bool:
        with self._wake:
            if self._halted or self._closing.is_set():
                return False
            if is_droppable and len(self._inbox) >= INBOX_MAX:
                return False
            self._inbox.append(call)
            self._wake.notify()
            return True

    def _ask(
        self, expected_version: int, new: RegisterValue | None, timeout_s: float | None
    ) -> CasOutcome:
        if threading.current_thread() is self._thread:
            raise RegisterError("this waits for the register's thread, and was called on it")
        told = threading.Event()
        outcomes: list[CasOutcome] = []

        def on_outcome(outcome: CasOutcome) -> None:
            outcomes.append(outcome)
            told.set()

        self.propose(expected_version, new, on_outcome, timeout_s=timeout_s)
        told.wait()
        return outcomes[0]

    def _why_not(self) -> str:
        status = self.status()
        return status.problem or (
            f"no answer from a majority of {', '.join(self._settings.voters)} within "
            f"{self._settings.outcome_s:g} s (leader: {status.leader or 'none known'})"
        )

    # on the register's thread

    def _run(self) -> None:
        try:
            while not self._closing.is_set():
                self._turn()
        except Exception as error:  # outermost: a voter that failed must not vote on
            self._halt(f"register voter stopped: {error}")
        with self._wake:
            self._closing.set()
            self._inbox.clear()
        while self._queue:
            self._queue.popleft().on_outcome(CasOutcome.UNKNOWN)

    def _turn(self) -> None:
        with self._wake:
            if not self._inbox and not self._closing.is_set():
                self._wake.wait(TICK_S)
            calls = list(self._inbox)
            self._inbox.clear()
        for call in calls:
            call()
        self._submit()
        self._core.tick()
        self._tell()
        self._report()

    def _submit(self) -> None:
        now = time.monotonic()
        while self._queue and self._queue[0].deadline < now:
            self._queue.popleft().on_outcome(CasOutcome.UNKNOWN)
        if self._queue and now - self._queue[0].submitted >= SUBMIT_AGAIN_S and self._core.leader:
            self._queue[0].submitted = now
            self._core.submit(self._queue[0].command)

    def _apply(self, command: bytes) -> None:
        applied = self._state.apply(command)
        if applied is None:
            return
        if applied.is_changed:
            self._value = self._untold = self._state.value
        if self._core.applied_index >= self._replayed_to:  # the entry before this one
            self._tell()
        self._settle(applied)

    # Of what was in the journal at the start only the newest value is told: years of it are
    # applied in one tick, and none of it is news.
    def _tell(self) -> None:
        value, self._untold = self._untold, None
        if value is not None:
            for on_change in self._watchers:
                on_change(value)

    def _settle(self, applied: Applied) -> None:
        settings = self._settings
        if (applied.origin, applied.boot) != (settings.node, settings.boot):
            return
        if self._queue and self._queue[0].number == applied.number:
            self._queue.popleft().on_outcome(applied.outcome)

    def _is_command(self, origin: str, command: bytes) -> bool:
        try:
            change = unpack_change(command)
        except msgspec.DecodeError:
            return False
        return not origin or change.origin == origin

    def _report(self) -> None:
        core = self._core
        age_s = core.age_s()
        age_ns = min(int(age_s * 1e9), 1 << 62) if age_s != float("inf") else 1 << 62
        self._status = RegisterStatus(
            healthy=age_s < HEALTHY_S,
            voters=len(self._settings.voters),
            leader=core.leader,
            term=core.term,
            age_ns=age_ns,
            problem="; ".join(core.problems),
        )

    def _halt(self, why: str) -> None:
        with self._wake:
            self._halted = why
        # Others must see at once that this voter is gone; stopping the links waits for their
        # threads, which may be the ones waiting for us, so another thread does it.
        threading.Thread(target=self._links.stop, name="register-halt", daemon=True).start()
        with contextlib.suppress(OSError):  # the disk may be the reason
            self._core.close()
        if self._on_halt is not None:
            self._on_halt(why)
