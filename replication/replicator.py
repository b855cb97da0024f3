"""The shell of one node's replication: threads, sockets and disk around the machine `Replica`.

Room: inputs go in under one lock, effects come out in order (`effects.py` has the duties); no rule
of the protocol is here. Fulfils the port that the exchange sees (`exchange/sequencer/ports.py`),
as `local_log.py` does for a single node.

    link threads, ticker, register ──▶ lock ─▶ Replica ─▶ effects ─▶ links, log writer, register
    committer thread: append ─▶ propose + flush here ─▶ durable ──▶ lock

A barrier that needs the log's writer (a cut, a snapshot) holds back all later effects until it is
done. Threads: `append` one thread; everything else any.

Size: the one place where every effect has its line; what takes time is elsewhere.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import Final

from replication import effects as fx
from replication import messages as m
from replication.digest_watch import DIGEST_EVERY
from replication.errands import Errands
from replication.hooks import Hooks, LinkRefused, ReplicationHalt
from replication.links import Links
from replication.log_view import PRIMARY, EntryJournal, LogView
from replication.log_writer import LogWriter, WriteEntries
from replication.register import ConsensusRegister
from replication.remote_copy import LossBound
from replication.replica import NotPrimaryError, Replica
from replication.replica_status import ReplicaStatus
from replication.snapshot_port import SnapshotPort

TICK_S: Final = 0.01

HERE_PATIENCE_S: Final = 0.1
"""While a link's thread waits longer than this for the disk, the machine hears nothing and is given
no ticks: to it this process stands still, and silence is nobody's fault."""

OFFERED_RECHECK_S: Final = 0.002
"""An entry that was drafted just before a planned switch waits for its end, looking so often."""

COPIES: Final = "COPIES"
"""The machine's alarm of too few copies of the log."""

Effects = list[fx.Effect]


class Replicator:
    """One node's copy of the replicated log.

    Args:
        replica: the machine.
        journal: of this node.
        links: to the other nodes; started here.
        register: who leads; watched here.
        snapshots: to give away and to take in.
        hooks: see there.
        clock_ns: monotonic time that goes on while the machine sleeps.
    """

    def __init__(
        self,
        replica: Replica,
        journal: EntryJournal,
        links: Links,
        register: ConsensusRegister,
        snapshots: SnapshotPort,
        *,
        hooks: Hooks,
        clock_ns: Callable[[], int] = lambda: time.clock_gettime_ns(time.CLOCK_BOOTTIME),
    ) -> None:
        self._replica = replica
        self._journal = journal
        self._links = links
        self._register = register
        self._snapshots = snapshots
        self._hooks = hooks
        self._clock_ns = clock_ns
        self._lock = threading.Lock()
        self._todo: deque[fx.Effect] = deque()
        self._outbox: deque[tuple[str, m.Envelope]] = deque()
        self._sending = threading.Lock()
        self._is_held_back = False  # by a barrier at the log's writer
        self._is_attended = False  # whose turn it is calls `on_pause` afterwards
        self._is_lending = False  # something was committed in such a turn
        self._view = LogView("joining", replica.role.epoch, "")
        self._view_no = 0
        self._committed = replica.committed_index
        self._is_untold = False  # a follower's engine hears of what is committed at ticks
        self._lease_until_ns = 0
        self._fresh_ns = clock_ns()
        self._held = False
        self._pause = ""
        self._applied = (0, b"")
        self._told_applied = 0
        self._on_change: Callable[[], None] = _nobody
        self._lend: Callable[[], None] = _nobody
        self._answers: dict[int, Future[tuple[bool, str]]] = {}
        self._requests = 0
        self._refused: set[tuple[str, int]] = set()
        self._stopping = threading.Event()
        self._writer = LogWriter(journal, self._flushed, hooks.fault)
        self._errands = Errands(replica, journal, snapshots, self._step, hooks.fault)
        self._ticker = threading.Thread(target=self._tick_on, name="replica-ticker", daemon=True)

    # --- the port of the exchange ---------------------------------------------------------------

    @property
    def view(self) -> LogView:
        """Role, epoch and primary."""
        return self._view

    @property
    def committed_index(self) -> int:
        """Newest entry that is committed and durable here."""
        return self._committed

    @property
    def may_serve(self) -> bool:
        """Whether this node leads and its lease holds."""
        return self._clock_ns() < self._lease_until_ns

    @property
    def is_held(self) -> bool:
        """Whether no entry may be drafted: the leadership is being handed over."""
        return self._held

    @property
    def pause(self) -> str:
        """Why nothing is acknowledged: too few copies, and an operator has not accepted that."""
        return "" if self.may_serve else self._pause

    @property
    def age_ns(self) -> int:
        """0 with a lease; else since this node knew everything that was committed."""
        now_ns = self._clock_ns()
        return 0 if now_ns < self._lease_until_ns else max(now_ns - self._fresh_ns, 0)

    @property
    def first_index(self) -> int:
        """Oldest entry kept."""
        return self._journal.first_index

    @property
    def last_index(self) -> int:
        """Newest entry that is durable here."""
        return self._journal.last_index

    def append(self, entries: Sequence[tuple[int, bytes]]) -> bool:
        """As primary: send entries to the followers and write them here; durable on return.

        Returns:
            False: this node does not lead (any more); nothing was written or sent.
        """
        view = self._view
        if view.role != PRIMARY:
            return False
        if not self._writer.hold(lambda: self._view is view):
            return False
        try:
            while not self._propose(view, entries):
                self._stopping.wait(OFFERED_RECHECK_S)
            self._send()
            self._journal.append(entries, committed=self._committed)
            place = self._journal.last_index, self._journal.last_chain_digest
        except NotPrimaryError:
            return False
        finally:
            self._writer.let_go()
        self._flushed(*place)
        return True

    def read(self, index: int) -> bytes:
        """One entry."""
        return self._journal.read(index)

    def scan(self, start: int, stop: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Entries start..stop (exclusive) in order."""
        return self._journal.scan(start, stop)

    def applied(self, log_index: int, events_digest: bytes) -> None:
        """The engine applied an entry; told to the machine in time for the next comparison."""
        self._applied = (log_index, events_digest)
        if not log_index % DIGEST_EVERY:
            self._tell_applied()

    def listen(self, on_change: Callable[[], None], lend: Callable[[], None] | None = None) -> None:
        """Call `on_change` after changes of view, committed index or hold; see the port."""
        self._on_change = on_change
        self._lend = lend or on_change

    # --- life and operators ---------------------------------------------------------------------

    def start(self) -> None:
        """Begin to take part."""
        facts = self._snapshots.newest()
        if facts is not None:
            self._step(lambda now_ns: self._replica.on_snapshot(now_ns, facts))
        self._writer.start()
        self._register.watch(self._errands.tell)
        self._errands.tell(self._register.read())
        self._links.start(self)
        self._ticker.start()

    def stop(self) -> None:
        """Take no part any more; what the writer holds is finished. Safe to call twice."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        if self._ticker.ident is not None:
            self._ticker.join()
        self._links.stop()
        self._errands.stop()
        self._writer.stop()

    def status(self) -> ReplicaStatus:
        """Everything about this node's replication, for people."""
        with self._lock:
            return self._replica.status(self._clock_ns())

    @property
    def register(self) -> ConsensusRegister:
        """The register in use."""
        return self._register

    def loss_bound(self) -> LossBound:
        """What a promotion of this DR node would lose."""
        with self._lock:
            return self._replica.loss_bound(self._clock_ns())

    def ask(self, verb: str, subject: str = "", text: str = "") -> Future[tuple[bool, str]]:
        """An operator's request (`Replica.request`); the future gives (done, sentence)."""
        return self._asked(
            lambda now_ns, number: self._replica.request(now_ns, number, verb, subject, text)
        )

    def promote_dr(self, *, force: bool) -> Future[tuple[bool, str]]:
        """Begin a new generation on this DR node."""
        return self._asked(
            lambda now_ns, number: self._replica.promote_dr(now_ns, number, force=force)
        )

    def snapshot_stored(self) -> None:
        """A new snapshot may be given away."""
        facts = self._snapshots.newest()
        if facts is not None:
            self._step(lambda now_ns: self._replica.on_snapshot(now_ns, facts))

    # --- links ----------------------------------------------------------------------------------

    def on_up(self, peer: str, generation: int) -> None:
        """A link is up."""
        self._step(lambda now_ns: self._replica.on_link_up(now_ns, peer, generation))

    def on_frame(self, peer: str, generation: int, frame: bytes) -> None:
        """A frame came. Raises LinkRefused, which ends the link."""
        try:
            envelope = m.decode(frame)
        except m.ProtocolError as error:
            raise LinkRefused(str(error)) from error
        with self._lock:
            self._is_attended = True
            try:
                now_ns = self._clock_ns()
                self._take(self._replica.on_message(now_ns, peer, generation, envelope))
            finally:
                self._is_attended = False
        self._send()
        body = envelope.body
        if (
            isinstance(body, m.Heartbeat | m.Append)
            and peer == self._view.primary
            and body.committed <= self._committed
        ):
            self._fresh_ns = self._clock_ns()
        if (peer, generation) in self._refused:
            self._refused.discard((peer, generation))
            raise LinkRefused(f"{peer} was refused")

    def on_pause(self, peer: str, generation: int) -> None:
        """All frames that had come were given: what they brought is written or applied here.

        Little of it; much is for the threads whose work it is.
        """
        self._writer.attend()
        if self._is_lending:
            self._is_lending = False
            self._lend()

    def on_down(self, peer: str, generation: int, why: str) -> None:
        """A link is gone."""
        self.on_pause(peer, generation)
        self._step(lambda now_ns: self._replica.on_link_down(now_ns, peer, generation))

    # --- inputs of the machine ------------------------------------------------------------------

    def _step(self, give: Callable[[int], Effects]) -> None:
        with self._lock:
            self._take(give(self._clock_ns()))
        self._send()

    # False: not now; the leadership is just being handed over, with or without success.
    def _propose(self, view: LogView, entries: Sequence[tuple[int, bytes]]) -> bool:
        with self._lock:
            if self._replica.is_offered:
                return False
            for index, entry in entries:
                self._take(self._replica.propose(self._clock_ns(), view.since, index, entry))
        return True

    # Outside of the lock, so that links may call in while others send; whoever sends, sends all.
    def _send(self) -> None:
        while self._outbox and self._sending.acquire(blocking=False):
            try:
                while self._outbox:
                    peer, envelope = self._outbox.popleft()
                    self._links.send(peer, m.encode(envelope))
            finally:
                self._sending.release()

    def _asked(self, give: Callable[[int, int], Effects]) -> Future[tuple[bool, str]]:
        answer: Future[tuple[bool, str]] = Future()
        with self._lock:
            self._requests += 1
            number = self._requests
            self._answers[number] = answer
            self._take(give(self._clock_ns(), number))
        self._send()
        return answer

    def _flushed(self, index: int, digest: bytes) -> None:
        self._step(lambda now_ns: self._replica.on_durable(now_ns, index, digest))

    def _tell_applied(self) -> None:
        with self._lock:
            index, digest = self._applied
            if index != self._told_applied:
                self._told_applied = index
                self._take(self._replica.on_applied(self._clock_ns(), index, digest))
        self._send()

    def _tick_on(self) -> None:
        try:
            while not self._stopping.wait(TICK_S):
                self._tell_applied()
                if self._writer.waits_here_s > HERE_PATIENCE_S:
                    continue
                healthy = self._register.status().healthy
                with self._lock:
                    now_ns = self._clock_ns()
                    effects = self._replica.on_register_health(now_ns, healthy=healthy)
                    self._take(effects + self._replica.on_tick(now_ns))
                    self._renew_lease()
                self._send()
                if self._is_untold:
                    self._is_untold = False
                    self._on_change()
        except BaseException as error:  # outermost: without a ticker nothing is suspected
            self._hooks.fault(error)

    # --- effects; under the lock ----------------------------------------------------------------

    def _take(self, effects: Effects) -> None:
        self._todo.extend(effects)
        while self._todo and not self._is_held_back:
            self._perform(self._todo.popleft())

    def _perform(self, effect: fx.Effect) -> None:
        match effect:
            case fx.Send(peer, envelope):
                self._outbox.append((peer, envelope))
            case fx.Append(entries, committed):
                self._writer.put(WriteEntries(entries, committed), is_attended=self._is_attended)
            case fx.Committed(index):
                self._committed = index
                if not self._lease_until_ns:
                    self._renew_lease()  # with the first entry of a leadership it begins
                if self._view.role != PRIMARY:
                    self._is_untold = True
                elif self._is_attended:
                    self._is_lending = True
                else:
                    self._on_change()
            case fx.Role(role, epoch, primary):
                self._turn(LogView(role, epoch, primary, epoch))
            case fx.Hold(on):
                self._held = on
                self._renew_lease()
                self._on_change()
            case fx.Promise(epoch):
                self._hooks.promise(epoch)
            case fx.CompareAndSet():
                self._errands.change(self._register, effect)
            case fx.Truncate():
                self._barrier(lambda: self._cut(effect))
            case fx.InstallSnapshot():
                self._barrier(lambda: self._install(effect))
            case fx.StoreChunk(log_index, chunk, data):
                self._writer.put(lambda: self._snapshots.store_chunk(log_index, chunk, data))
            case fx.ReadEntries():
                self._errands.read_entries(effect)
            case fx.ReadChunk():
                self._errands.read_chunk(effect)
            case fx.Membership(value, what):
                self._hooks.membership(value, what)
            case fx.NewGeneration(value):
                self._register = self._hooks.new_generation(value)
            case fx.Answer(request, ok, text):
                self._answers.pop(request).set_result((ok, text))
            case fx.Alarm(name, text):
                if name == COPIES:
                    pauses = self._replica.register.on_single_copy != "continue"
                    self._pause = text if pauses else ""
                self._hooks.alarm(name, text)
            case fx.CloseLink(peer, link):
                self._refused.add((peer, link))
            case fx.Halt(code, text):
                self._hooks.fault(ReplicationHalt(code, text))
            case _:
                self._hooks.fault(ReplicationHalt("UNKNOWN_EFFECT", repr(effect)))

    # A new primary begins after everything that was queued before is in the log.
    def _turn(self, view: LogView) -> None:
        self._view_no += 1
        number = self._view_no
        self._lease_until_ns = 0
        self._held = False
        if view.role == PRIMARY:
            self._writer.put(lambda: self._publish(view, number))
        else:
            self._publish(view, number)

    def _publish(self, view: LogView, number: int) -> None:
        if number == self._view_no:
            self._view = view
            self._on_change()

    def _renew_lease(self) -> None:
        now_ns = self._clock_ns()
        serves = self._view.role == PRIMARY and self._replica.may_serve(now_ns)
        self._lease_until_ns = self._replica.lease_until_ns(now_ns) if serves else 0
        if serves:
            self._fresh_ns = now_ns

    def _barrier(self, work: Callable[[], None]) -> None:
        self._is_held_back = True
        self._writer.put(work)

    # --- what other threads do ------------------------------------------------------------------

    def _cut(self, effect: fx.Truncate) -> None:
        self._hooks.cut(effect.first_removed, effect.reason)
        self._done_with(lambda ns: self._replica.on_truncated(ns, effect.first_removed))

    def _install(self, effect: fx.InstallSnapshot) -> None:
        why = self._hooks.install(
            lambda: self._snapshots.install(
                effect.log_index, effect.chain_digest, effect.manifest, effect.common
            )
        )
        if why:
            self._done_with(lambda ns: self._replica.on_install_failed(ns, why))
        else:
            index, digest = effect.log_index, effect.chain_digest
            self._done_with(lambda ns: self._replica.on_installed(ns, index, digest))

    def _done_with(self, report: Callable[[int], Effects]) -> None:
        with self._lock:
            self._is_held_back = False
            self._take([])
            self._take(report(self._clock_ns()))
        self._send()


def _nobody() -> None:
    """Called until somebody listens."""
