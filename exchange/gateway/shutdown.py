"""The end of the server as streams see it.

Room: one flag and the means to wait for it beside something else.
"""

from __future__ import annotations

import asyncio


class Shutdown:
    """Set once, when the server begins to stop. Event loop thread only."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

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
