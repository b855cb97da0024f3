"""A bounded queue between the event loop and one reader that must not miss anything.

Room: the queue and how it ends. Executions and trades are never conflated: a reader that falls
behind by more than the bound is dropped with the sequence number to resume from.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, Protocol, TypeVar

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
    """Items in order with a bound on what they weigh together. Event loop thread only."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._weight = 0
        self._items: deque[T] = deque()
        self._wake = asyncio.Event()
        self._resume_seq = 0
        self._closed = False

    def put(self, item: T, seq: int, weight: int = 1) -> None:
        """Add an item; beyond the bound the queue is cut here and `seq` is where to resume.

        An item that alone is heavier than the bound is taken where nothing waits.
        """
        if self._closed or self._resume_seq:
            return
        if self._items and self._weight + weight > self._bound:
            self._resume_seq = seq
        else:
            self._items.append(item)
            self._weight += weight
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
            self._weight = 0
            if not (self._closed or self._resume_seq):
                self._wake.clear()
            return items
        if self._resume_seq:
            raise SlowReader(self._resume_seq)
        return []


class Reader(Protocol):
    """Someone who follows a feed."""

    def close(self) -> None:
        """Stop following."""


S = TypeVar("S", bound=Reader)


class Readers(Generic[S]):
    """Who follows what: the readers of a feed by the id that they follow. Loop thread only."""

    def __init__(self) -> None:
        self._by_id: dict[int, list[S]] = {}

    def __contains__(self, followed_id: int) -> bool:
        return followed_id in self._by_id

    def __bool__(self) -> bool:
        return bool(self._by_id)

    @property
    def count(self) -> int:
        """Readers now."""
        return sum(len(readers) for readers in self._by_id.values())

    def of(self, followed_id: int) -> tuple[S, ...]:
        """The readers of one id, in the order in which they came."""
        return tuple(self._by_id.get(followed_id, ()))

    def add(self, followed_id: int, reader: S) -> None:
        """Begin to feed a reader."""
        self._by_id.setdefault(followed_id, []).append(reader)

    def discard(self, followed_id: int, reader: S) -> None:
        """Stop feeding a reader; one that is not fed (any more) is fine."""
        readers = self._by_id.get(followed_id, [])
        if reader in readers:
            readers.remove(reader)
        if not readers:
            self._by_id.pop(followed_id, None)

    def close(self) -> None:
        """End all subscriptions."""
        for readers in list(self._by_id.values()):
            for reader in list(readers):
                reader.close()
