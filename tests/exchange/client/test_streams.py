"""Streams over a real node: everything once and in order, over lost connections and restarts."""

from __future__ import annotations

import asyncio

import pytest

from exchange.client import (
    AsyncClient,
    NotFoundError,
    SeqNotAvailableError,
    UnavailableError,
    new_order,
)
from exchange.client.api_number import number as api_number
from exchange.client.messages import ExecutionReport, MassCancelReport
from exchange.model.enums import Phase
from tests.exchange.client.conftest import Venue
from tests.exchange.client.lossy_proxy import LossyProxy

COUNT = 300


async def enter(client: AsyncClient, count: int) -> None:
    for number in range(count):
        await client.submit_order("ABC", "buy", 1, f"{number + 1}")


async def test_executions_resume_without_gap_or_repetition(
    venue: Venue, proxy: LossyProxy, alice: AsyncClient
) -> None:
    async def harm() -> None:
        for _ in range(6):
            await asyncio.sleep(0.05)
            proxy.cut()

    entering = asyncio.create_task(enter(alice, COUNT))
    harming = asyncio.create_task(harm())
    async with (
        AsyncClient(proxy.endpoint, member="alice") as client,
        client.executions(1) as stream,
    ):
        told = [(await anext(stream)).exec_id for _ in range(COUNT)]
    await asyncio.gather(entering, harming)

    async with alice.executions(1) as stream:
        direct = [(await anext(stream)).exec_id for _ in range(COUNT)]
    assert told == direct
    assert proxy.connections > 1


async def test_executions_go_on_after_a_restart(venue: Venue, alice: AsyncClient) -> None:
    await enter(alice, 2)
    async with alice.executions(1) as stream:
        told = [await anext(stream), await anext(stream)]
        await venue.stop()
        await venue.start()
        await enter(alice, 1)
        told.append(await anext(stream))

    assert [row.log_index for row in told] == sorted({row.log_index for row in told})
    assert stream.next_seq <= told[-1].exec_id + 1


async def test_trading_status_goes_on_after_a_restart(venue: Venue, alice: AsyncClient) -> None:
    """R6.1: the call is told again as it stands, to one who followed it before."""
    watched = alice.watch_trading_status("ABC")
    first = await anext(watched)
    assert first.snapshot
    assert first.statuses[0].phase == api_number(Phase.CONTINUOUS)
    await alice.submit_order("ABC", "buy", 5, "10")
    await venue.stop()
    await venue.start()
    again = await anext(watched)
    assert again.snapshot
    async with AsyncClient(venue.endpoint, operator="ops") as client:
        await client.set_phase("ABC", Phase.CLOSING_AUCTION)
        await client.set_phase("ABC", Phase.POST_CLOSE)
    told: list[str | None] = []
    while told.count("phase") < 2:
        told += [notice.WhichOneof("notice") for notice in (await anext(watched)).notices]
    await watched.aclose()
    assert told == ["phase", "uncross", "phase"]
    (status,) = await alice.trading_status("ABC")
    assert status.phase == api_number(Phase.POST_CLOSE)


async def test_a_mass_cancel_stands_among_the_executions(alice: AsyncClient) -> None:
    await enter(alice, 2)
    await alice.mass_cancel(cl_ord_id="m1")
    async with alice.executions(1) as stream:
        told = [await anext(stream) for _ in range(5)]

    assert [row.exec_id for row in told] == sorted(row.exec_id for row in told)
    assert [row.cl_ord_id for row in told if isinstance(row, MassCancelReport)] == ["m1"]


async def test_a_sequence_number_of_the_future_is_refused(alice: AsyncClient) -> None:
    with pytest.raises(SeqNotAvailableError) as refused:
        await anext(alice.executions(1_000_000))

    assert 0 < refused.value.newest_seq < 1_000_000


async def test_a_stream_gives_up_when_nobody_is_there(venue: Venue) -> None:
    await venue.stop()
    async with AsyncClient(venue.endpoint, member="alice", timeout=0.3) as client:
        with pytest.raises(UnavailableError):
            await anext(client.executions())


async def test_trades_are_told_from_a_sequence_number_on(
    alice: AsyncClient, bob: AsyncClient
) -> None:
    await alice.submit_order("ABC", "buy", 3, "10")
    for _ in range(3):
        await bob.submit_order("ABC", "sell", 1)
    async with alice.trades("ABC", 1) as stream:
        told = [await anext(stream) for _ in range(3)]
    async with alice.trades("ABC", told[1].seq) as stream:
        again = await anext(stream)

    assert [row.trade_id for row in told] == [1, 2, 3]
    assert again.trade_id == 2


async def test_the_watched_book_equals_the_exchanges(
    proxy: LossyProxy, alice: AsyncClient, bob: AsyncClient
) -> None:
    """I5: a book rebuilt from the stream is the book, also over a lost connection."""
    async with AsyncClient(proxy.endpoint) as reader:
        watching = reader.watch_book("ABC")
        book = await anext(watching)
        assert (book.bids(), book.asks(), book.phase) == ([], [], Phase.CONTINUOUS)
        for number in range(20):
            await alice.submit_order("ABC", "buy", number + 1, f"{50 + number % 7}")
            await bob.submit_order("ABC", "sell", number + 2, f"{54 + number % 7}")
            if number == 10:
                proxy.cut()
        told = await alice.order_book("ABC")
        while book.seq < told.seq:
            await anext(watching)
        await watching.aclose()

    assert [tuple(row) for row in book.bids()] == [
        (row.price, row.qty, row.order_count) for row in told.bids
    ]
    assert [tuple(row) for row in book.asks()] == [
        (row.price, row.qty, row.order_count) for row in told.asks
    ]
    assert book.best_bid == book.bids(1)[0]
    assert book.best_ask == book.asks(1)[0]


async def test_an_unknown_book_is_not_found(alice: AsyncClient) -> None:
    with pytest.raises(NotFoundError):
        await anext(alice.watch_book("NOPE"))


async def test_a_large_history_comes_whole(alice: AsyncClient) -> None:
    async with alice.order_session() as session:
        await session.send([new_order("ABC", "buy", 1, "50") for _ in range(3000)])
    async with alice.executions(1) as stream:
        told = [await anext(stream) for _ in range(3000)]

    ids = [row.order_id for row in told if isinstance(row, ExecutionReport)]
    assert ids == list(range(1, 3001))
