"""A snapshot that a child process of the native engine writes (`src/capture.hpp`).

Room: translation. Its bytes lie in a memory file and are never copied into Python's memory.
"""

from __future__ import annotations

from exchange.engine.capture import CaptureLost, SnapshotBytes
from exchange.engine.native import _core


class ForkedCapture:
    """`exchange.engine.capture.Capture`; the engine stands still for the fork alone."""

    held_because = ""

    def __init__(self, capture: _core.Capture, log_index: int, next_event_seq: int) -> None:
        self._capture = capture
        self.log_index = log_index
        self.next_event_seq = next_event_seq

    @property
    def pid(self) -> int:
        """Process id of the child."""
        return self._capture.pid

    def wait(self) -> SnapshotBytes:
        """The bytes; their memory is given back when nobody refers to the view any more.

        Raises:
            CaptureLost: the child came to no end, or was ended.
        """
        try:
            return self._capture.wait()
        except _core.CaptureError as error:
            raise CaptureLost(str(error)) from error

    def abandon(self) -> None:
        """Kill the child, if it is still at work."""
        self._capture.abandon()
