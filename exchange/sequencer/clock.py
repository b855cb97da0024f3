"""The clock that stamps entries: the only wall clock between the socket and the log."""

from __future__ import annotations

import time


class SystemClock:
    """Nanoseconds since the Unix epoch, as the machine believes; it may jump."""

    def now_ns(self) -> int:
        """Now."""
        return time.time_ns()
