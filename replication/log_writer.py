"""The one writer of the log on a node: appends of a follower, cuts, snapshots, in order.

Room: one thread and its queue. A primary's own entries are written by the thread that drafts them
(`hold`), never at the same time as anything here. Waiting appends are joined: one flush for all of
them. A fault is told once and ends the writer: after a failed flush nothing is written any more.

Small appends that nothing waits before are written by the thread that received them (`attend`),
which saves the wake-up of another one on the way to the acknowledgement.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

from replication.log_view import EntryJournal

JOIN_BYTES_MAX: Final = 8 << 20
"""Entries written in one transaction, bytes; bounds how long others wait for it."""

HERE_BYTES_MAX: Final = 32 << 10
"""Entries that the receiving thread writes itself; beyond that receiving the next ones while these
are written is worth more."""

HERE_S_MAX: Final = 0.05
"""After a flush that took longer the writer's thread does the next: heartbeats are to be answered
while a slow disk works."""

RECHECK_S: Final = 0.02
"""How often somebody who waits for the writer looks whether it still matters."""


class WriteEntries(NamedTuple):
    """Entries of another node, and what is committed of the log up to the last of them."""

    entries: list[tuple[int, bytes]]
    committed: int


Work = WriteEntries | Callable[[], None]


class LogWriter:
    """Writes what it is given.

    Args:
        journal: of this node.
        on_durable: called on the writer's thread: flushed up to (index, chain digest).
        on_fault: called once; the process must stop.
    """

    def __init__(
        self,
        journal: EntryJournal,
        on_durable: Callable[[int, bytes], None],
        on_fault: Callable[[BaseException], None],
    ) -> None:
        self._journal = journal
        self._on_durable = on_durable
        self._on_fault = on_fault
        self._queue: deque[Work] = deque()
        self._wake = threading.Condition()
        self._busy = False
        self._holders = 0  # who wait until nothing is queued
        self._here_since = 0.0
        self._is_slow = False
        self._open = True
        self._writing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what waits and end; safe if it never started."""
        with self._wake:
            self._open = False
            self._wake.notify_all()
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def put(self, work: Work, *, is_attended: bool = False) -> None:
        """Queue entries, or something else that changes the log; any thread.

        `is_attended`: the caller calls `attend` next, so the writer's thread need not wake up.
        """
        with self._wake:
            self._queue.append(work)
            if not is_attended:
                self._wake.notify_all()

    def attend(self) -> None:
        """See that what was queued is written: here if it is little, else by the writer's thread.

        On a thread that may wait for the disk.
        """
        if not self._queue:
            return
        with self._wake:
            if self._busy or not self._open or not self._queue:
                return  # who is busy looks at the queue again
            size = 0
            for work in self._queue:
                if isinstance(work, WriteEntries):
                    size += sum(len(entry) for _, entry in work.entries)
                if self._is_slow or size > HERE_BYTES_MAX or not isinstance(work, WriteEntries):
                    self._wake.notify_all()
                    return
            work = self._take()
            self._here_since = time.monotonic()
        try:
            self._do(work)
        except BaseException as error:  # outermost: as in `_run`
            self._end(error)
        finally:
            self._here_since = 0.0

    @property
    def waits_here_s(self) -> float:
        """For how long a thread that called `attend` waits for the disk by now."""
        since = self._here_since
        return time.monotonic() - since if since else 0.0

    def hold(self, is_wanted: Callable[[], bool]) -> bool:
        """Wait until everything queued is done and keep the writer still until `let_go`.

        Returns:
            False, and nothing is held: it was no longer wanted, or the writer has ended.
        """
        with self._wake:
            self._holders += 1
            try:
                while self._queue or self._busy:
                    if not self._open or not is_wanted():
                        return False
                    self._wake.wait(RECHECK_S)
            finally:
                self._holders -= 1
            if not self._open:
                return False
        self._writing.acquire()
        return True

    def let_go(self) -> None:
        """End of `hold`."""
        self._writing.release()

    def _run(self) -> None:
        try:
            while (work := self._next()) is not None:
                self._do(work)
        except BaseException as error:  # outermost: a log that cannot be written stops the node
            self._end(error)

    def _do(self, work: Work) -> None:
        if isinstance(work, WriteEntries):
            with self._writing:
                began = time.monotonic()
                self._journal.append(work.entries, committed=work.committed)
                self._is_slow = time.monotonic() - began > HERE_S_MAX
                place = self._journal.last_index, self._journal.last_chain_digest
            self._on_durable(*place)
        else:
            with self._writing:
                work()
        with self._wake:
            self._busy = False
            if self._queue or self._holders or not self._open:
                self._wake.notify_all()

    def _end(self, error: BaseException) -> None:
        with self._wake:
            self._open = False
            self._busy = False
            self._wake.notify_all()
        self._on_fault(error)

    def _next(self) -> Work | None:
        with self._wake:
            while self._busy or not self._queue:
                if not self._open and not self._busy:
                    return None
                self._wake.wait()
            return self._take()

    # Under the lock: the next work; appends that wait one after another become one.
    def _take(self) -> Work:
        self._busy = True
        work = self._queue.popleft()
        if not isinstance(work, WriteEntries):
            return work
        entries, committed = list(work.entries), work.committed
        size = sum(len(entry) for _, entry in entries)
        while self._queue and isinstance(follows := self._queue[0], WriteEntries):
            size += sum(len(entry) for _, entry in follows.entries)
            if size > JOIN_BYTES_MAX:
                break
            self._queue.popleft()
            entries += follows.entries
            committed = max(committed, follows.committed)
        return WriteEntries(entries, committed)
