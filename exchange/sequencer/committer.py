"""The committer: the threads that write the log of a primary and drive every node's engine.

Room: threads, lock and order of side effects. For each entry, in this order and never otherwise:
durable, committed, applied, delivered. A primary drafts and writes the next entries while those
before are on their way to the followers, up to a window; what is applied is only what the log says
is committed, and that alone is acknowledged or published. On a follower the entries come out of the
log. Any fault in here is final: `on_fault` must stop the process (fail-stop), for after a failed
fsync or a broken invariant nothing that this process believes can be trusted.

Two workers share two duties, to write and to apply; each duty is with one of them at a time, so
entries are written in order and applied in order, and the disk writes one while the engine applies
another. Whoever wrote an entry applies it if nobody applies: at low load an answer waits for no
second thread, at high load neither disk nor engine waits for the other. A thread of the log that
learns of a commit lends itself for a short entry.

Size: two duties, one lock; each wait and each wake-up is here.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from exchange.engine.port import Engine
from exchange.errors import ExchangeError, NotLeader, NotServing, OutcomeUnknown, check
from exchange.model.batch import EventBatch
from exchange.model.codec import BatchStatus, decode_entry_head
from exchange.sequencer.ports import Clock, LogView, ReplicatedLog
from exchange.sequencer.sequencer import Draft, Sequencer, Submission

T = TypeVar("T")

PRIMARY = "primary"

CLOCK_RECHECK_S = 1.0
"""Longest sleep towards a timer; bounds the delay if the wall clock is moved forward."""

WINDOW_ENTRIES = 64
WINDOW_BYTES = 16 << 20
"""Written here and not yet committed; at one of the two the next entry waits."""

LENT_COMMANDS = 64
"""A thread of the log applies at most so many commands itself: more would keep it from the log."""

UNDELIVERED_ENTRIES = 4096
UNDELIVERED_BYTES = 64 << 20
"""Events applied and not yet delivered; at one of the two applying waits. A follower that catches
up is faster than its readers."""

WORKERS = 2
"""One that writes and one that applies."""

STOP_GRACE_S = 3.0
"""How long `stop` waits for what was admitted to be committed; then its outcome is unknown."""


class Applied(NamedTuple):
    """An entry that is committed and applied, with its events."""

    draft: Draft
    batch: EventBatch
    events_digest: bytes


class Handover(NamedTuple):
    """Who is told what, on a thread of the committer; none may block.

    Nobody is told two things of one kind at a time, and `deliver` keeps the order of the log.

    Attributes:
        deliver: every entry, once it is committed and applied.
        abandon: submissions that this node will not answer, and why: never written (NotServing),
            or written and perhaps lost (OutcomeUnknown).
        follow: role or epoch changed.
        on_fault: what went wrong; called once, nothing follows.
    """

    deliver: Callable[[Applied], None]
    abandon: Callable[[list[Submission], ExchangeError], None]
    follow: Callable[[LogView], None]
    on_fault: Callable[[BaseException], None]


class Committer:
    """Writes, applies, delivers.

    Args:
        to: who is told.
        first_of_epoch: makes what a new leadership writes before everything else.
    """

    def __init__(
        self,
        *,
        sequencer: Sequencer,
        log: ReplicatedLog,
        engine: Engine,
        clock: Clock,
        to: Handover,
        first_of_epoch: Callable[[int], Submission] | None = None,
    ) -> None:
        self._sequencer = sequencer
        self._log = log
        self._engine = engine
        self._clock = clock
        self._to = to
        self._first_of_epoch = first_of_epoch
        lock = threading.Lock()
        self._wake = threading.Condition(lock)
        self._spare = threading.Condition(lock)
        self._has_front = False
        self._delivered = threading.Condition(lock)
        self._engine_lock = threading.Lock()
        self._open = True
        self._failed = False
        self._writer = 0  # identity of the thread that has the duty; 0 = nobody
        self._applier = 0
        self._stop_by = 0.0
        self._applied = engine.applied_index
        self._timer_ns = engine.next_timer_ns()
        self._in_flight: deque[Draft] = deque()
        self._in_flight_bytes = 0
        self._undelivered = 0
        self._undelivered_bytes = 0
        self._view = log.view
        self._workers = [
            threading.Thread(target=self._run, name=f"committer-{number}", daemon=True)
            for number in range(WORKERS)
        ]
        log.listen(self._look_again, self._apply_here)
        if self._view.role == PRIMARY:
            self._lead(self._view)

    def start(self) -> None:
        """Begin to write and apply entries."""
        for worker in self._workers:
            worker.start()

    def submit(self, submission: Submission) -> None:
        """Queue a submission; any thread.

        Raises as `Sequencer.admit`; NotLeader on a node that does not lead, NotServing if closed.
        """
        with self._wake:
            if not self._open:
                raise NotServing("STOPPING", "this node is stopping and takes no more commands")
            view = self._log.view
            if view.role != PRIMARY or view.since != self._view.since:
                raise self._not_leader(view)
            self._sequencer.admit(submission)
            if not self._writer:
                self._call_one()

    def release(self, applied: Applied) -> None:
        """An entry was delivered: its room in the queues is free again; any thread."""
        with self._wake:
            self._sequencer.release(applied.draft)
            self._undelivered -= 1
            self._undelivered_bytes -= len(applied.batch.raw)
            self._delivered.notify()

    @property
    def pending_commands(self) -> int:
        """Commands admitted and not yet delivered."""
        return self._sequencer.pending_commands

    def query(self, read: Callable[[Engine], T]) -> T:
        """Run `read` between two entries; any thread but the committer's."""
        with self._engine_lock:
            return read(self._engine)

    def stop(self) -> None:
        """Take no more, finish what was admitted, end the threads; safe if none ever started."""
        with self._wake:
            self._open = False
            self._stop_by = time.monotonic() + STOP_GRACE_S
            self._call_all()
        for worker in self._workers:
            if worker.ident is not None:
                worker.join()

    # Any thread: the log changed. The writer looks itself as soon as its entry is written.
    def _look_again(self) -> None:
        with self._wake:
            if threading.get_ident() != self._writer:
                self._call_one()

    # A thread of the log has heard that an entry is committed and lends itself: a short entry of
    # ours is applied on the spot, which saves the wake-up of a worker. It waits for nobody who
    # reads the engine: the log must be heard.
    def _apply_here(self) -> None:
        me = threading.get_ident()
        with self._wake:
            committed = self._log.committed_index
            own = self._in_flight[0] if self._in_flight else None
            if (
                own is None
                or self._applier
                or not self._open
                or self._log.view is not self._view
                or not own.log_index == self._applied + 1 == committed
                or own.command_count > LENT_COMMANDS
                or self._undelivered_bytes >= UNDELIVERED_BYTES
                or self._undelivered >= UNDELIVERED_ENTRIES
                or not self._engine_lock.acquire(blocking=False)
            ):
                self._call_one()
                return
            self._applier = me
            self._undelivered += 1
            self._take_own()
            timer_ns = self._timer_ns
        try:
            try:
                digest = self._feed(own)
            finally:
                self._engine_lock.release()
            self._log.applied(own.log_index, digest)
        except BaseException as error:  # outermost: as in `_run`
            self._fail(error)
            return
        with self._wake:
            self._lay_down(me)
            is_quiet = committed == self._log.committed_index and self._log.view is self._view
            if not is_quiet or timer_ns != self._timer_ns or self._sequencer.is_waiting:
                self._call_one()

    def _run(self) -> None:
        try:
            while (work := self._next()) is not None:
                if isinstance(work, Draft):
                    self._write(work)
                else:
                    self._apply_up_to(work)
        except BaseException as error:  # outermost: whatever it is, the node must stop
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        with self._wake:
            is_first = not self._failed
            self._failed = True
            self._open = False
            self._call_all()
        if is_first:
            self._to.on_fault(error)

    # What to do next: apply up to an index, or write a draft; waits for one of them. None when
    # stopped and drained. Committed entries go first: an answer is worth more than a new question.
    def _next(self) -> int | Draft | None:
        me = threading.get_ident()
        with self._wake:
            self._lay_down(me)
            while not self._failed:
                committed = self._log.committed_index
                view = self._log.view  # after the index: see ReplicatedLog
                if view is not self._view:
                    if self._writer or self._applier:
                        self._rest(None)  # a change is followed between two duties
                        continue
                    self._follow(view)
                    self._call_one()
                if committed > self._applied and not self._applier:
                    self._applier = me
                    self._call_writer()
                    return committed
                draft, timeout = self._draft(view)
                if draft is not None:
                    self._writer = me
                    return draft
                if not self._open and not (self._writer or self._applier):
                    left = self._stop_by - time.monotonic()
                    if not self._in_flight or left <= 0:
                        self._give_up()
                        return None
                    timeout = left if timeout is None else min(timeout, left)
                self._rest(timeout)
        return None

    # Under the lock. One thread waits in front and is called first, so that the same one, warm and
    # awake, does everything while there is little to do; the other is spare.
    def _rest(self, timeout: float | None) -> None:
        if self._has_front:
            self._spare.wait(timeout)
            return
        self._has_front = True
        self._wake.wait(timeout)
        self._has_front = False

    # Under the lock: there is something to do, for whoever rests.
    def _call_one(self) -> None:
        (self._wake if self._has_front else self._spare).notify()

    def _call_all(self) -> None:
        self._wake.notify_all()
        self._spare.notify_all()
        self._delivered.notify_all()

    # Under the lock: the duty that this thread had is done.
    def _lay_down(self, me: int) -> None:
        if self._writer == me:
            self._writer = 0
        if self._applier == me:
            self._applier = 0
        if not self._open:
            self._call_all()  # it may end now

    # Under the lock: this thread is busy now; the other one may write meanwhile.
    def _call_writer(self) -> None:
        if self._sequencer.is_waiting and not self._writer:
            self._call_one()

    # Under the lock: the next entry if one may be written now, or how long to wait for a timer.
    def _draft(self, view: LogView) -> tuple[Draft | None, float | None]:
        if self._writer or view.role != PRIMARY or not self._has_room() or self._log.is_held:
            return None, None
        now_ns = self._clock.now_ns()
        timer_ns = self._uncovered_timer_ns()
        draft = self._sequencer.draft(now_ns, timer_ns)
        if draft is not None:
            # Noted before it is written: it may be committed, by the others, while it is written.
            self._in_flight.append(draft)
            self._in_flight_bytes += len(draft.entry)
            return draft, None
        if timer_ns is None:
            return None, None
        return None, min(max(timer_ns - now_ns, 0) / 1e9, CLOCK_RECHECK_S)

    def _has_room(self) -> bool:
        return len(self._in_flight) < WINDOW_ENTRIES and self._in_flight_bytes < WINDOW_BYTES

    # The next timer, unless an entry on its way moves the time past it already.
    def _uncovered_timer_ns(self) -> int | None:
        timer_ns = self._timer_ns
        if timer_ns is not None and self._in_flight and self._sequencer.last_ts_ns >= timer_ns:
            return None
        return timer_ns

    # Under the lock: role or epoch changed. A leadership that goes on in a new epoch (a member was
    # taken in) keeps what is on its way; what was on its way under another one is not ours to
    # answer any more.
    def _follow(self, view: LogView) -> None:
        before, self._view = self._view, view
        if view.role == before.role == PRIMARY and view.since == before.since:
            self._sequencer.epoch = view.epoch
        else:
            self._lose_in_flight()
            waiting = self._sequencer.drop()
            if waiting:
                self._to.abandon(waiting, self._not_leader(view))
            if view.role == PRIMARY:
                self._lead(view)
        self._to.follow(view)  # last: a session is dropped after it was told what is known

    # A new leadership goes on after everything that the log holds, committed or not (superset).
    def _lead(self, view: LogView) -> None:
        last = self._log.last_index
        last_ts_ns = self._engine.now_ns
        if last > self._applied:
            last_ts_ns = max(last_ts_ns, decode_entry_head(self._log.read(last)).ts_ns)
        first = self._first_of_epoch(view.epoch) if self._first_of_epoch else None
        self._sequencer.lead(
            next_index=last + 1, last_ts_ns=last_ts_ns, epoch=view.epoch, first=first
        )

    def _lose_in_flight(self) -> None:
        lost: list[Submission] = []
        while self._in_flight:
            draft = self._in_flight.popleft()
            lost.extend(submission for submission, _ in draft.submissions)
            self._sequencer.release(draft)
        self._in_flight_bytes = 0
        if lost:
            self._to.abandon(
                lost,
                OutcomeUnknown(
                    "the leadership changed before this was known to be in the log; repeat it with "
                    "the same cl_ord_id or request_id, or ask"
                ),
            )

    def _give_up(self) -> None:
        self._lose_in_flight()
        waiting = self._sequencer.drop()
        if waiting:
            self._to.abandon(waiting, NotServing("STOPPING", "this node is stopping"))

    def _not_leader(self, view: LogView) -> NotLeader:
        leader = "" if view.role == PRIMARY else view.primary  # it has not begun, or ends now
        return NotLeader(leader, "", view.epoch)

    def _write(self, draft: Draft) -> None:
        if self._log.append([(draft.log_index, draft.entry)]):
            return
        with self._wake:
            self._in_flight.pop()
            self._in_flight_bytes -= len(draft.entry)
            self._sequencer.release(draft)
        dropped = [submission for submission, _ in draft.submissions]
        self._to.abandon(dropped, self._not_leader(self._log.view))

    def _apply_up_to(self, committed: int) -> None:
        while self._applied < committed:
            with self._wake:
                own_from = self._in_flight[0].log_index if self._in_flight else committed + 1
                draft = None
                if own_from == self._applied + 1:
                    draft = self._take_own()
            if draft is not None:
                self._apply(draft)
                continue
            for index, entry in self._log.scan(self._applied + 1, min(committed + 1, own_from)):
                head = decode_entry_head(entry)
                self._apply(Draft(index, head.ts_ns, entry, head.command_count, []))

    # Under the lock: the oldest entry on its way is committed; there is room for another.
    def _take_own(self) -> Draft:
        draft = self._in_flight.popleft()
        self._in_flight_bytes -= len(draft.entry)
        self._call_writer()
        return draft

    def _apply(self, draft: Draft) -> None:
        with self._wake:
            while self._open and (
                self._undelivered >= UNDELIVERED_ENTRIES
                or self._undelivered_bytes >= UNDELIVERED_BYTES
            ):
                self._delivered.wait()
            self._undelivered += 1
        with self._engine_lock:
            digest = self._feed(draft)
        self._log.applied(draft.log_index, digest)

    # Under the engine's lock, the handover too: a query never sees a state whose events were not
    # handed over. Returns the digest of all events.
    def _feed(self, draft: Draft) -> bytes:
        batch = EventBatch(self._engine.apply(draft.entry))
        timer_ns = self._engine.next_timer_ns()
        head = batch.head
        check(
            head.status == BatchStatus.APPLIED and head.log_index == draft.log_index,
            "ENTRY_NOT_APPLIED",
            log_index=draft.log_index,
            status=head.status,
        )
        digest = self._engine.events_digest()
        with self._wake:
            self._timer_ns = timer_ns
            self._applied = draft.log_index
            self._undelivered_bytes += len(batch.raw)
        self._to.deliver(Applied(draft, batch, digest))
        return digest
