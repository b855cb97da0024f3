"""The clock that stamps entries: the only wall clock between the socket and the log."""

from __future__ import annotations

import time
from pathlib import Path


class SystemClock:
    """Nanoseconds since the Unix epoch, as the machine believes; it may jump."""

    def now_ns(self) -> int:
        """Now."""
        return time.time_ns()


class BentClock:
    """The system's clock plus what a file says, so that a test can make it jump.

    Args:
        path: holds a decimal number of nanoseconds, negative to go back; absent = the true time.
            Read anew for each stamp. ValueError when it holds something else.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def now_ns(self) -> int:
        """Now, as bent."""
        try:
            text = self._path.read_text("ascii")
        except FileNotFoundError:
            return time.time_ns()
        return time.time_ns() + int(text)
