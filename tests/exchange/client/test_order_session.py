"""The order session over a real node: order, bounds, repetition after a loss (RULEBOOK R10)."""

from __future__ import annotations

import asyncio
import random

import pytest

from exchange.client import (
    AsyncClient,
    OutcomeUnknownError,
    UnavailableError,
    cancel_order,
    mass_cancel,
    new_order,
    replace_order,
)
from exchange.client.messages import CommandResult, NewOrder
from exchange.model.enums import ExecType
from tests.exchange.client.conftest import Venue, order_count, until
from tests.exchange.client.lossy_proxy import LossyProxy


def orders(count: int, price: str = "50") -> list[NewOrder]:
    return [new_order("ABC", "buy", 1, price) for _ in range(count)]


def order_ids(results: list[CommandResult]) -> list[int]:
    return [result.reports[0].order_id for result in results]


async def test_results_stand_in_the_order_of_the_commands(alice: AsyncClient) -> None:
    async with alice.order_session() as session:
        entered = new_order("ABC", "buy", 5, "50", cl_ord_id="a1")
        results = await session.send(
            [
                entered,
                replace_order("a1", qty=3, cl_ord_id="a2"),
                new_order("NOPE", "buy", 1, "1"),
                cancel_order("a2"),
                mass_cancel(),
            ]
        )

    kinds = [ExecType(result.reports[0].exec_type) for result in results[:4]]
    assert kinds == [ExecType.NEW, ExecType.REPLACED, ExecType.REJECTED, ExecType.CANCELED]
    assert not results[4].reports
    assert results[4].mass_cancel_report.canceled_count == 0


async def test_more_commands_than_a_message_takes_are_split(alice: AsyncClient) -> None:
    async with alice.order_session() as session:
        bound = session.logon.commands_max
        results = await session.send(orders(bound + 10))

    assert order_ids(results) == list(range(1, bound + 11))


async def test_messages_in_flight_are_answered_in_order(alice: AsyncClient) -> None:
    async with alice.order_session() as session:
        answers = await asyncio.gather(*(session.send(orders(50)) for _ in range(40)))

    assert [i for results in answers for i in order_ids(results)] == list(range(1, 2001))


async def test_a_malformed_command_is_a_fault_and_the_others_are_done(alice: AsyncClient) -> None:
    async with alice.order_session() as session:
        bad = new_order("ABC", "buy", -1, "50")
        results = await session.send([*orders(1), bad, *orders(1)])

    assert [bool(result.reports) for result in results] == [True, False, True]
    assert (results[1].fault.reason, results[1].fault.field) == ("INVALID_FIELD", "order_qty")


async def test_a_session_goes_on_over_lost_connections(
    venue: Venue, proxy: LossyProxy, seed: int
) -> None:
    """Each command takes effect once, however often the connection breaks and answers are lost."""
    chance = random.Random(seed)
    sent: list[list[NewOrder]] = []

    async def harm() -> None:
        for _ in range(5):
            await asyncio.sleep(chance.uniform(0.02, 0.1))
            proxy.loses_answers = True
            await asyncio.sleep(chance.uniform(0, 0.02))
            proxy.cut()
            proxy.loses_answers = False

    answers: list[list[CommandResult]] = []
    async with (
        AsyncClient(proxy.endpoint, member="alice") as client,
        client.order_session() as session,
    ):
        harming = asyncio.create_task(harm())
        while not harming.done():
            sent.append(orders(20))
            answers.append(await session.send(sent[-1]))
        assert session.reconnects > 0

    async with AsyncClient(venue.endpoint, member="alice") as witness:
        found = {row.cl_ord_id: row.order_id for row in await witness.list_orders()}
    asked = [order.cl_ord_id for batch in sent for order in batch]
    told = [order_id for results in answers for order_id in order_ids(results)]
    assert sorted(asked) == sorted(found)
    assert told == [found[cl_ord_id] for cl_ord_id in asked]


async def test_messages_in_flight_survive_a_restart(venue: Venue, alice: AsyncClient) -> None:
    async with alice.order_session() as session:
        waiting = [await session.post(orders(100)) for _ in range(10)]
        await venue.stop()
        await venue.start()
        results = [result for futures in waiting for done in futures for result in await done]

    assert order_ids(results) == list(range(1, 1001))
    assert len(await alice.list_orders()) == 1000


async def test_a_session_with_cancel_on_disconnect_is_not_resumed(
    venue: Venue, proxy: LossyProxy
) -> None:
    async def has(count: int, *, live_only: bool = False) -> bool:
        return await order_count(witness, live_only=live_only) == count

    async with (
        AsyncClient(venue.endpoint, member="alice") as witness,
        AsyncClient(proxy.endpoint, member="alice") as client,
        client.order_session(cancel_on_disconnect=True) as session,
    ):
        await session.send(orders(3))
        proxy.loses_answers = True
        lost = await session.post(orders(1))
        await until(lambda: has(4))
        proxy.cut()
        proxy.loses_answers = False
        with pytest.raises(OutcomeUnknownError):
            await lost[0]
        with pytest.raises(UnavailableError):
            await session.send(orders(1))
        await until(lambda: has(0, live_only=True))


async def test_a_session_that_cannot_come_back_says_what_is_unknown(
    venue: Venue, proxy: LossyProxy
) -> None:
    batch = orders(3)
    async with (
        AsyncClient(proxy.endpoint, member="alice", timeout=0.5) as client,
        client.order_session() as session,
    ):
        proxy.loses_answers = True
        lost = await session.post(batch)
        proxy.target = "127.0.0.1:1"
        proxy.cut()
        with pytest.raises(OutcomeUnknownError) as unknown:
            await lost[0]

    assert unknown.value.keys == tuple(order.cl_ord_id for order in batch)
