"""Entries that were answered and wait to be folded into the feeds.

Room: the order of an answer and of what others see of it. The answer goes out first, in the same
pass of the event loop; the feeds follow in the next one, or as soon as anybody looks at them, so
that whoever got an answer finds its effect in every query.

Invariant: entries are folded in log order, each once.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable

from exchange.sequencer.committer import Applied


class LateFold:
    """The queue between answers and feeds. Made on the event loop thread.

    Args:
        fold: takes one entry; event loop thread.
        on_fault: what `fold` raised: a feed that fails is a node that must stop.
    """

    def __init__(
        self, fold: Callable[[Applied], None], on_fault: Callable[[BaseException], None]
    ) -> None:
        self._fold = fold
        self._on_fault = on_fault
        self._waiting: deque[Applied] = deque()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()

    def put(self, applied: Applied) -> None:
        """Fold an entry soon. Event loop thread."""
        if not self._waiting:
            self._loop.call_soon(self.settle)
        self._waiting.append(applied)

    def settle(self) -> None:
        """Fold all that waits; on another thread (a scrape of the metrics) do nothing."""
        if not self._waiting or threading.get_ident() != self._thread:
            return
        try:
            while self._waiting:
                self._fold(self._waiting.popleft())
        except BaseException as error:  # outermost: a feed that fails is a node that must stop
            self._waiting.clear()
            self._on_fault(error)
