"""Open loop: calls begin when they are due, whether or not the ones before are done.

A latency counts from the time a call was due, so a stall is felt by all calls that were due in it
and not by one only (no coordinated omission).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

NS_PER_S = 1_000_000_000


async def open_loop(call: Callable[[], Awaitable[object]], per_s: float, count: int) -> list[int]:
    """Nanoseconds from due to done of `count` calls, `per_s` a second."""
    samples: list[int] = []
    running: set[asyncio.Task[None]] = set()

    async def one(due_ns: int) -> None:
        await call()
        samples.append(time.perf_counter_ns() - due_ns)

    began = time.perf_counter_ns()
    for number in range(count):
        due_ns = began + int(number * NS_PER_S / per_s)
        wait_s = (due_ns - time.perf_counter_ns()) / NS_PER_S
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        task = asyncio.create_task(one(due_ns))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    return samples
