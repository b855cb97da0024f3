"""Waiting with a heartbeat: `Idle` never claims what still waits in the queue."""

from __future__ import annotations

import asyncio

from exchange.feeds.subscription import LiveQueue
from exchange.gateway.live_reader import Idle, next_or_idle


async def test_items_that_wait_come_first() -> None:
    queue = LiveQueue[int](10)
    queue.put(1, 1)
    queue.put(2, 2)

    assert await next_or_idle(queue.get, lambda: 2, 60) == [1, 2]


async def test_idle_tells_the_seq_of_its_moment() -> None:
    queue = LiveQueue[int](10)

    assert await next_or_idle(queue.get, lambda: 41, 0.01) == Idle(41)


async def test_item_that_comes_in_the_moment_of_the_timeout_is_given_not_skipped() -> None:
    """A seq is "told" only if everything up to it was given out before."""
    queue = LiveQueue[int](10)

    def last_seq() -> int:  # asked when the wait is over: just then an item arrives
        queue.put(42, 42)
        return 42

    assert await next_or_idle(queue.get, last_seq, 0.01) == [42]


async def test_end_of_the_feed_is_no_heartbeat() -> None:
    queue = LiveQueue[int](10)
    asyncio.get_running_loop().call_later(0.01, queue.close)

    assert await next_or_idle(queue.get, lambda: 1, 60) == []
