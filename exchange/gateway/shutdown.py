"""The end of the server: who must know of it, and what must be finished before it.

Room: one flag, the number of running calls, and the tasks that outlive their call (a session's last
entry in the log). No I/O.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


class Shutdown:
    """Set once, when the server begins to stop. Event loop thread only."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._calls = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def begun(self) -> bool:
        """Whether the server is stopping."""
        return self._event.is_set()

    def begin(self) -> None:
        """Tell everyone."""
        self._event.set()

    async def wait(self) -> None:
        """Return once the server is stopping."""
        await self._event.wait()

    def enter(self) -> None:
        """A call begins."""
        self._calls += 1
        self._idle.clear()

    def leave(self) -> None:
        """A call ended."""
        self._calls -= 1
        if not self._calls:
            self._idle.set()

    def finish(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start work that goes on when its call is cancelled; `settled` waits for it."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def settled(self, timeout_s: float) -> bool:
        """Wait until no call and no such task runs; whether that came within `timeout_s`."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._idle.wait()
                while self._tasks:
                    await asyncio.wait(self._tasks)
        except TimeoutError:
            return False
        return True
