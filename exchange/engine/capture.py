"""A snapshot that was begun at one entry, and is waited for while the engine goes on.

Room: the port of what `Engine.begin_snapshot` returns, and the one that has nothing to wait for.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from exchange.errors import ExchangeError

SnapshotBytes = bytes | memoryview
"""The bytes of a snapshot; a view where they lie outside of Python's own memory."""


class CaptureLost(ExchangeError):
    """A snapshot that was begun came to nothing, the message says why; the state is unharmed."""


class Capture(Protocol):
    """A snapshot that was begun; what the engine does after that is not in it."""

    @property
    def log_index(self) -> int:
        """The entry after which the state is captured."""

    @property
    def next_event_seq(self) -> int:
        """Sequence number of the first event after it."""

    @property
    def held_because(self) -> str:
        """Why no child process could be had for it; "" where one was, or none was wanted."""

    def wait(self) -> SnapshotBytes:
        """Wait for the bytes, those of `Engine.snapshot()` at that entry. Once; any thread.

        The interpreter is free meanwhile. Raises CaptureLost, also when abandoned.
        """

    def abandon(self) -> None:
        """Make an end of it, if it has none yet; any thread, also while another one waits."""


class HeldCapture(NamedTuple):
    """A snapshot for which the engine stood still: its bytes are here."""

    log_index: int
    next_event_seq: int
    payload: bytes
    held_because: str = ""

    def wait(self) -> SnapshotBytes:
        """The bytes, at once."""
        return self.payload

    def abandon(self) -> None:
        """There is nothing at work."""


class Captured(NamedTuple):
    """The state after an entry, and where its events end; `release` it when it was read."""

    log_index: int
    next_event_seq: int
    payload: SnapshotBytes
    events_digest: bytes

    def release(self) -> None:
        """Give the memory of the bytes back; worker thread, for that takes time too."""
        if isinstance(self.payload, memoryview):
            self.payload.release()
