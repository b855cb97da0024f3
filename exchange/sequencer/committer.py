"""The committer: the one thread that writes the log and drives the engine.

Room: thread, lock and order of side effects. For each entry, in this order and never otherwise:
durable in the log, applied, delivered. Nothing is acknowledged or published before that. Any fault
in here is final: `on_fault` must stop the process (fail-stop), for after a failed fsync or a broken
invariant nothing that this process believes can be trusted.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from exchange.engine.port import Engine
from exchange.errors import NotServing, check
from exchange.model.batch import EventBatch
from exchange.model.codec import BatchStatus
from exchange.sequencer.ports import Clock, Journal
from exchange.sequencer.sequencer import Draft, Sequencer, Submission

T = TypeVar("T")

CLOCK_RECHECK_S = 1.0
"""Longest sleep towards a timer; bounds the delay if the wall clock is moved forward."""


class Applied(NamedTuple):
    """An entry that is durable and applied, with its events."""

    draft: Draft
    batch: EventBatch
    events_digest: bytes


class Committer:
    """Writes, applies, delivers.

    Args:
        deliver: called on the committer's thread for every entry, in log order; must not block.
        on_fault: called once, on the committer's thread, with what went wrong; no entry follows.
    """

    def __init__(
        self,
        *,
        sequencer: Sequencer,
        journal: Journal,
        engine: Engine,
        clock: Clock,
        deliver: Callable[[Applied], None],
        on_fault: Callable[[BaseException], None],
    ) -> None:
        self._sequencer = sequencer
        self._journal = journal
        self._engine = engine
        self._clock = clock
        self._deliver = deliver
        self._on_fault = on_fault
        self._wake = threading.Condition(threading.Lock())
        self._engine_lock = threading.Lock()
        self._open = True
        self._timer_ns = engine.next_timer_ns()
        self._thread = threading.Thread(target=self._run, name="committer", daemon=True)

    def start(self) -> None:
        """Begin to write entries."""
        self._thread.start()

    def submit(self, submission: Submission) -> None:
        """Queue a submission; any thread. Raises as `Sequencer.admit`, or NotServing if closed."""
        with self._wake:
            if not self._open:
                raise NotServing("STOPPING", "this node is stopping and takes no more commands")
            self._sequencer.admit(submission)
            self._wake.notify()

    def release(self, draft: Draft) -> None:
        """An entry was delivered: its room in the queue is free again; any thread."""
        with self._wake:
            self._sequencer.release(draft)

    @property
    def pending_commands(self) -> int:
        """Commands admitted and not yet delivered."""
        return self._sequencer.pending_commands

    def query(self, read: Callable[[Engine], T]) -> T:
        """Run `read` between two entries; any thread but the committer's."""
        with self._engine_lock:
            return read(self._engine)

    def stop(self) -> None:
        """Take no more, finish what was admitted, end the thread; safe if it never started."""
        with self._wake:
            self._open = False
            self._wake.notify()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            while (draft := self._next()) is not None:
                self._commit(draft)
        except BaseException as error:  # outermost: whatever it is, the node must stop
            with self._wake:
                self._open = False
            self._on_fault(error)

    # The next draft; waits for work or for the next timer. None when stopped and drained.
    def _next(self) -> Draft | None:
        with self._wake:
            while True:
                now_ns = self._clock.now_ns()
                draft = self._sequencer.draft(now_ns, self._timer_ns)
                if draft is not None:
                    return draft
                if not self._open:
                    return None
                timeout = None
                if self._timer_ns is not None:
                    due_s = max(self._timer_ns - now_ns, 0) / 1e9
                    timeout = min(due_s, CLOCK_RECHECK_S)
                self._wake.wait(timeout)

    def _commit(self, draft: Draft) -> None:
        self._journal.append([(draft.log_index, draft.entry)])
        with self._engine_lock:
            batch = EventBatch(self._engine.apply(draft.entry))
            self._timer_ns = self._engine.next_timer_ns()
            head = batch.head
            check(
                head.status == BatchStatus.APPLIED and head.log_index == draft.log_index,
                "ENTRY_NOT_APPLIED",
                log_index=draft.log_index,
                status=head.status,
            )
            # Inside the lock: a query never sees a state whose events were not handed over.
            self._deliver(Applied(draft, batch, self._engine.events_digest()))
