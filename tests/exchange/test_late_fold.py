"""Answers first, feeds in the next pass of the event loop, or as soon as anybody looks."""

from __future__ import annotations

import asyncio
import threading
from typing import cast

from exchange.late_fold import LateFold
from exchange.sequencer.committer import Applied


def entry(number: int) -> Applied:
    return cast("Applied", number)


async def test_entries_are_folded_in_order_in_the_next_pass() -> None:
    folded: list[object] = []
    late = LateFold(folded.append, _never)

    for number in range(3):
        late.put(entry(number))
    assert folded == []
    await asyncio.sleep(0)

    assert folded == [0, 1, 2]


async def test_whoever_looks_first_folds_and_nothing_is_folded_twice() -> None:
    folded: list[object] = []
    late = LateFold(folded.append, _never)

    late.put(entry(1))
    late.settle()
    assert folded == [1]
    late.put(entry(2))
    await asyncio.sleep(0)

    assert folded == [1, 2]


async def test_what_was_told_before_an_entry_was_put_goes_first() -> None:
    order: list[str] = []
    late = LateFold(lambda _: order.append("fold"), _never)

    asyncio.get_running_loop().call_soon(order.append, "answer")
    late.put(entry(1))
    await asyncio.sleep(0)

    assert order == ["answer", "fold"]


async def test_another_thread_folds_nothing() -> None:
    folded: list[object] = []
    late = LateFold(folded.append, _never)
    late.put(entry(1))

    scrape = threading.Thread(target=late.settle)
    scrape.start()
    scrape.join()

    assert folded == []
    late.settle()
    assert folded == [1]


async def test_a_feed_that_fails_stops_the_node_and_nothing_follows() -> None:
    faults: list[BaseException] = []
    seen: list[object] = []

    def fail(applied: Applied) -> None:
        seen.append(applied)
        raise LookupError("a feed")

    late = LateFold(fail, faults.append)
    late.put(entry(1))
    late.put(entry(2))
    late.settle()
    late.settle()

    assert seen == [1]
    assert [type(fault) for fault in faults] == [LookupError]


def _never(fault: BaseException) -> None:
    raise AssertionError(fault)
