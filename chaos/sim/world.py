"""Simulated time and chance: one queue of events, one seeded generator, one trace.

Room: the order of everything. Events at one time run in the order they were scheduled, so a run is
a function of its seed; the trace hash proves it (invariant I13).
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable

import xxhash

US = 1_000
MS = 1_000_000
SECOND = 1_000_000_000


class World:
    """Time in ns from 0. `chance` is the one source of everything that is drawn."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.now = 0
        self.rng = random.Random(seed)
        self._queue: list[tuple[int, int, Callable[[], None]]] = []
        self._number = 0
        self._trace = xxhash.xxh3_128()
        self.events = 0

    def after(self, delay_ns: int, action: Callable[[], None]) -> None:
        """Run `action` in `delay_ns`."""
        self._number += 1
        heapq.heappush(self._queue, (self.now + delay_ns, self._number, action))

    def run(self, until_ns: int, stop: Callable[[], bool] | None = None) -> None:
        """Let events happen up to `until_ns`, or until `stop`, looked at between events."""
        queue = self._queue
        while queue and queue[0][0] <= until_ns:
            self.now, _, action = heapq.heappop(queue)
            self.events += 1
            action()
            if stop is not None and stop():
                return
        self.now = max(self.now, until_ns)

    def note(self, what: str) -> None:
        """Add something that happened to the trace."""
        self._trace.update(f"{self.now} {what}\n".encode())

    def trace(self) -> str:
        """Hash over everything that was noted."""
        return self._trace.hexdigest()

    def between(self, low: int, high: int) -> int:
        """A number low..high (inclusive)."""
        return self.rng.randint(low, high)

    def odds(self, percent: float) -> bool:
        """True in `percent` of cases."""
        return self.rng.random() * 100 < percent
