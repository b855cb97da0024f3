"""How far one follower is, as the primary knows it.

Room: the stage of a follower, what was sent and what was acknowledged, and the bounded window of
what is under way. It sends nothing itself; `log_stream.py` does.
"""

from __future__ import annotations

from collections import deque
from enum import IntEnum
from typing import Final

from replication.messages import Hello, SnapshotPull
from replication.prefix import PrefixSearch

WINDOW_BYTES: Final = 8 * 1024 * 1024
"""Bytes sent to one follower and not acknowledged; at the bound sending waits."""

WINDOW_MESSAGES: Final = 512

PULLS_MAX: Final = 3
"""A chunk that was asked for more often is not there any more."""


class Stage(IntEnum):
    """Where a follower stands."""

    WAITING = 1
    """It listens to a higher epoch only, or has not said Hello."""
    PROBING = 2
    """The common prefix is searched."""
    SNAPSHOT = 3
    """It takes a snapshot."""
    SYNCING = 4
    """The common prefix is known; it has not confirmed."""
    STREAMING = 5
    """It gets entries."""


class Progress:
    """One follower on one link."""

    def __init__(self, name: str, kind: str, link: int, hello: Hello, now_ns: int) -> None:
        self.name = name
        self.kind = kind
        self.link = link
        self.hello = hello
        self.stage = Stage.WAITING
        self.sync_id = 0
        self.search: PrefixSearch | None = None
        self.next_index = 0  # next entry to send
        self.match = 0  # flushed there, its digest equal to ours
        self.heard_ns = now_ns  # last acknowledgement in this epoch
        self.asked_ns = now_ns  # last step that wants an answer
        self.echo_ns = 0  # sent_ns of the newest heartbeat it answered
        self.behind_ns = now_ns  # since when the window did not move although it is not level
        self.applied_index = 0
        self.is_reading = False  # the shell reads the journal for it
        self.takes_all = kind == "data"  # DR: only committed entries, but as a spare
        self._pull: SnapshotPull | None = None
        self._pulls = 0
        self._sent: deque[tuple[int, int]] = deque()  # (last index, bytes) of each append
        self._sent_bytes = 0

    @property
    def has_room(self) -> bool:
        """Another append may be sent."""
        return self._sent_bytes < WINDOW_BYTES and len(self._sent) < WINDOW_MESSAGES

    def begin(self, stage: Stage, sync_id: int, now_ns: int) -> None:
        """Enter a stage under a new agreement."""
        self.stage = stage
        self.sync_id = sync_id
        self.asked_ns = now_ns
        self._sent.clear()
        self._sent_bytes = 0
        self.is_reading = False

    def asks_again(self, pull: SnapshotPull) -> bool:
        """Whether this chunk was asked for as often as says that it is not to be had."""
        self._pulls = self._pulls + 1 if pull == self._pull else 1
        self._pull = pull
        return self._pulls > PULLS_MAX

    def sent(self, last_index: int, size: int) -> None:
        """An append went out."""
        self._sent.append((last_index, size))
        self._sent_bytes += size
        self.next_index = last_index + 1

    def acknowledged(self, index: int, now_ns: int) -> None:
        """Entries up to `index` are flushed there."""
        if index > self.match:
            self.match = index
            self.behind_ns = now_ns
        while self._sent and self._sent[0][0] <= index:
            self._sent_bytes -= self._sent.popleft()[1]
