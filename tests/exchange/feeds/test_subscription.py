"""The queue of one reader: in order, bounded, ended once."""

from __future__ import annotations

import asyncio

import pytest

from exchange.feeds.subscription import LiveQueue, SlowReader


async def test_a_reader_gets_all_that_waits_at_once_and_in_order() -> None:
    queue = LiveQueue[str](3)
    for seq, item in enumerate("abc"):
        queue.put(item, seq)
    assert await queue.get() == ["a", "b", "c"]
    queue.put("d", 4)
    assert await queue.get() == ["d"]


async def test_a_reader_waits_for_the_next_item() -> None:
    queue = LiveQueue[str](3)
    waiting = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    assert not waiting.done()
    queue.put("a", 1)
    assert await waiting == ["a"]


async def test_beyond_the_bound_it_is_cut_at_the_first_item_that_did_not_fit() -> None:
    queue = LiveQueue[str](2)
    for seq, item in enumerate("abcd", start=10):
        queue.put(item, seq)
    assert await queue.get() == ["a", "b"]
    queue.put("e", 14)  # what is cut stays cut: a gap would follow
    for _ in range(2):
        with pytest.raises(SlowReader, match="resume from seq 12"):
            await queue.get()


async def test_after_closing_what_waits_is_given_and_then_the_end() -> None:
    queue = LiveQueue[str](2)
    queue.put("a", 1)
    queue.close()
    queue.put("b", 2)
    assert await queue.get() == ["a"]
    assert await queue.get() == []
    assert await queue.get() == []


async def test_closing_wakes_a_reader_that_waits() -> None:
    queue = LiveQueue[str](2)
    waiting = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.close()
    assert await waiting == []


async def test_the_bound_counts_what_items_weigh() -> None:
    queue = LiveQueue[str](10)
    queue.put("heavy", 1, 12)
    assert await queue.get() == ["heavy"], "alone it is taken, whatever it weighs"
    queue.put("a", 2, 6)
    queue.put("b", 3, 4)
    queue.put("c", 4, 1)
    assert await queue.get() == ["a", "b"]
    with pytest.raises(SlowReader) as slow:
        await queue.get()
    assert slow.value.resume_seq == 4
