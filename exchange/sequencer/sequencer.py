"""Admission, batching and time: which commands make the next entry (DESIGN section 4).

Room: sans-io. It holds what waits, under bounds, and drafts entries. No thread, clock or disk: the
time is an argument. Adaptive group commit needs no timer: whatever waits when the log is free makes
the next entry, so at low load an entry holds one command, at high load thousands.

Invariants: log_index rises by one; ts_ns never falls, whatever the clock does (RULEBOOK R1.3); an
admitted submission is in exactly one entry, whole.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from exchange.errors import ClientFault, ExchangeError, Overloaded
from exchange.model.batch import Outcome
from exchange.model.codec import ENTRY_BYTES_MAX, ENTRY_COMMANDS_MAX, encode_entry
from exchange.model.units import TIMESTAMP_MAX_NS


class Bounds(NamedTuple):
    """Bounds of the sequencer; at each of them new submissions are refused with Overloaded.

    Attributes:
        entry_commands: commands in one entry.
        entry_bytes: bytes of command records in one entry.
        pending_commands: commands admitted and not yet answered.
        pending_bytes: bytes of those.
    """

    entry_commands: int = 4096
    entry_bytes: int = 1 << 20
    pending_commands: int = 65_536
    pending_bytes: int = 16 << 20


class Submission(NamedTuple):
    """Command records of one caller that go into one entry together.

    One of the two is called once, on the thread that delivers: `done` with what became of them, or
    `failed` if this node cannot tell (OutcomeUnknown) or never wrote them (NotServing).
    """

    body: bytes
    command_count: int
    done: Callable[[Outcome], None]
    failed: Callable[[ExchangeError], None]


class Draft(NamedTuple):
    """An entry of the log, and whose commands it holds from which position on.

    `submissions` is empty where the entry came from another node.
    """

    log_index: int
    ts_ns: int
    entry: bytes
    command_count: int
    submissions: list[tuple[Submission, int]]


class Sequencer:
    """Orders submissions. Not thread-safe: its shell holds a lock around every call.

    Args:
        next_index: log index of the next entry.
        last_ts_ns: time of the newest entry; the next is not below it.
        epoch: leadership under which entries are written.
    """

    def __init__(self, *, next_index: int, last_ts_ns: int, epoch: int, bounds: Bounds) -> None:
        if bounds.entry_commands > ENTRY_COMMANDS_MAX or bounds.entry_bytes > ENTRY_BYTES_MAX:
            raise ValueError(f"entry bounds above {ENTRY_COMMANDS_MAX} or {ENTRY_BYTES_MAX} bytes")
        self._next_index = next_index
        self._last_ts_ns = last_ts_ns
        self.epoch = epoch
        self._bounds = bounds
        self._waiting: deque[Submission] = deque()
        self.pending_commands = 0
        self.pending_bytes = 0

    @property
    def last_ts_ns(self) -> int:
        """Time of the newest draft."""
        return self._last_ts_ns

    @property
    def is_waiting(self) -> bool:
        """Whether something waits for the next draft."""
        return bool(self._waiting)

    def lead(
        self, *, next_index: int, last_ts_ns: int, epoch: int, first: Submission | None
    ) -> None:
        """Begin a leadership: entries go on after what the log holds now. Nothing may wait.

        `first` comes before everything else, whatever the bounds say.
        """
        if self._waiting:
            raise ValueError(f"{len(self._waiting)} submissions of the leadership before wait")
        self._next_index = next_index
        self._last_ts_ns = last_ts_ns
        self.epoch = epoch
        if first is not None:
            self._queue(first)

    def drop(self) -> list[Submission]:
        """Take out everything that waits: it was never written."""
        dropped = list(self._waiting)
        self._waiting.clear()
        self.pending_commands -= sum(submission.command_count for submission in dropped)
        self.pending_bytes -= sum(len(submission.body) for submission in dropped)
        return dropped

    def admit(self, submission: Submission) -> None:
        """Queue a submission.

        Raises:
            ClientFault: it is larger than one entry may be; split it.
            Overloaded: a bound is reached; nothing was queued.
        """
        size = len(submission.body)
        bounds = self._bounds
        if submission.command_count > bounds.entry_commands or size > bounds.entry_bytes:
            raise ClientFault(
                "MESSAGE_TOO_LARGE",
                f"{submission.command_count} commands in {size} bytes; one message takes at most "
                f"{bounds.entry_commands} commands and {bounds.entry_bytes} bytes: split it",
            )
        if (
            self.pending_commands + submission.command_count > bounds.pending_commands
            or self.pending_bytes + size > bounds.pending_bytes
        ):
            raise Overloaded(
                "QUEUE_FULL",
                f"{self.pending_commands} commands wait for the log; nothing of yours was "
                "queued, try again shortly",
            )
        self._queue(submission)

    def _queue(self, submission: Submission) -> None:
        self.pending_commands += submission.command_count
        self.pending_bytes += len(submission.body)
        self._waiting.append(submission)

    def draft(self, now_ns: int, timer_ns: int | None) -> Draft | None:
        """The next entry, or None if nothing waits and no timer is due.

        Args:
            now_ns: what the clock says.
            timer_ns: when the engine's next timer falls due; an entry without commands is made
                for it if nothing else moves the time.
        """
        ts_ns = min(max(now_ns, self._last_ts_ns), TIMESTAMP_MAX_NS)
        if not self._waiting and (timer_ns is None or timer_ns > ts_ns):
            return None
        taken: list[tuple[Submission, int]] = []
        count = 0
        size = 0
        while self._waiting:
            head = self._waiting[0]
            if taken and (
                count + head.command_count > self._bounds.entry_commands
                or size + len(head.body) > self._bounds.entry_bytes
            ):
                break
            taken.append((self._waiting.popleft(), count))
            count += head.command_count
            size += len(head.body)
        body = b"".join(submission.body for submission, _ in taken)
        entry = encode_entry(self._next_index, self.epoch, ts_ns, count, body)
        draft = Draft(self._next_index, ts_ns, entry, count, taken)
        self._next_index += 1
        self._last_ts_ns = ts_ns
        return draft

    def release(self, draft: Draft) -> None:
        """The submissions of a draft were answered; they no longer count against the bounds."""
        self.pending_commands -= sum(one.command_count for one, _ in draft.submissions)
        self.pending_bytes -= sum(len(one.body) for one, _ in draft.submissions)
