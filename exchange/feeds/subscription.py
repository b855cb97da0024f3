"""A bounded queue between the event loop and one reader that must not miss anything.

Room: the queue and how it ends. Executions and trades are never conflated: a reader that falls
behind by more than the bound is dropped with the sequence number to resume from.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, TypeVar

from exchange.errors import ExchangeError

T = TypeVar("T")


class SlowReader(ExchangeError):
    """The reader fell behind and was dropped; subscribe again from `resume_seq`."""

    def __init__(self, resume_seq: int) -> None:
        super().__init__(f"the reader is too slow and was dropped; resume from seq {resume_seq}")
        self.resume_seq = resume_seq


class HistoryGone(ExchangeError):
    """The sequence asked for is no longer (or not yet) there."""

    def __init__(self, wanted: int, oldest: int, newest: int) -> None:
        super().__init__(f"seq {wanted} is not available; there are {oldest} to {newest}")
        self.wanted = wanted
        self.oldest = oldest
        self.newest = newest


class LiveQueue(Generic[T]):
    """Items in order with a bound on their number. Event loop thread only."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._items: deque[T] = deque()
        self._wake = asyncio.Event()
        self._resume_seq = 0
        self._closed = False

    def put(self, item: T, seq: int) -> None:
        """Add an item; beyond the bound the queue is cut here and `seq` is where to resume."""
        if self._closed or self._resume_seq:
            return
        if len(self._items) >= self._bound:
            self._resume_seq = seq
        else:
            self._items.append(item)
        self._wake.set()

    def close(self) -> None:
        """No more items; the reader gets what is there, then the end."""
        self._closed = True
        self._wake.set()

    async def get(self) -> list[T]:
        """All items that wait, at least one; [] after `close`.

        Raises:
            SlowReader: the bound was reached and everything before it has been given out.
        """
        await self._wake.wait()
        if self._items:
            items = list(self._items)
            self._items.clear()
            if not (self._closed or self._resume_seq):
                self._wake.clear()
            return items
        if self._resume_seq:
            raise SlowReader(self._resume_seq)
        return []
