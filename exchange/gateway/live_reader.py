"""Waiting on a feed with a heartbeat: the newest items, or the news that there are none.

Room: one wait. What is told as "everything up to seq" must really have been told: after an idle
period the queue is looked at once more, without waiting, with the seq taken before that look.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple, TypeVar

HEARTBEAT_S = 5.0
"""Idle time after which a stream tells that it lives."""

T = TypeVar("T")


class Idle(NamedTuple):
    """Nothing came; everything up to `seq` is told."""

    seq: int


async def next_or_idle(
    read: Callable[[], Awaitable[T]], last_seq: Callable[[], int], period_s: float
) -> T | Idle:
    """What `read` gives, or Idle after `period_s` without anything.

    Args:
        read: waits for the next items; gives what is there without suspending.
        last_seq: newest sequence number that was put into the queue, or is of no concern to it.
        period_s: seconds.
    """
    try:
        async with asyncio.timeout(period_s):
            return await read()
    except TimeoutError:
        seq = last_seq()
    try:
        async with asyncio.timeout(0):
            return await read()
    except TimeoutError:
        return Idle(seq)
