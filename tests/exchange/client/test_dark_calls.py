"""Dark books over a real node: rules, dark orders, indications over a lost connection."""

from __future__ import annotations

import asyncio

import pytest

from exchange.client import AsyncClient, Client, NotFoundError, RefusedError, new_order
from exchange.client.messages import DarkRules
from exchange.model.enums import BookKind, OrderFlag, Side
from tests.exchange.client.conftest import Venue
from tests.exchange.client.lossy_proxy import LossyProxy

RULES = DarkRules(is_open=True, is_continuous=True, shows_side=True, min_block_qty=100)


@pytest.fixture
async def operator(venue: Venue) -> AsyncClient:
    return AsyncClient(venue.endpoint, operator="ops")


async def test_a_block_trades_at_the_midpoint(
    operator: AsyncClient, alice: AsyncClient, bob: AsyncClient
) -> None:
    async with operator:
        await operator.set_dark_rules("ABC", RULES)
        assert (await operator.dark_book("ABC")).rules == RULES
        with pytest.raises(RefusedError, match="changes nothing"):
            await operator.set_dark_rules("ABC", RULES)
        with pytest.raises(NotFoundError):
            await operator.dark_book("NOPE")
    await alice.submit_order("ABC", "buy", 5, "10.00")
    await bob.submit_order("ABC", "sell", 5, "10.01")
    entered = await alice.submit_order("ABC", "buy", 300, book="dark")
    assert entered.reports[0].flags == OrderFlag.DARK_BOOK
    traded = await bob.submit_order("ABC", "sell", 100, "10.00", book=BookKind.DARK)

    assert traded.reports[-1].last_px == 10_005_000_000
    (trade,) = await alice.list_trades("ABC")
    assert int(trade.book) == BookKind.DARK


async def test_indications_begin_anew_over_a_lost_connection(
    operator: AsyncClient, alice: AsyncClient, proxy: LossyProxy
) -> None:
    async with operator:
        await operator.set_dark_rules("ABC", RULES)
    await alice.submit_order("ABC", "buy", 100, "9.00", cl_ord_id="d1", book="dark")
    async with AsyncClient(proxy.endpoint) as client:
        stream = client.indications("ABC")
        first = await anext(stream)
        proxy.cut()
        await alice.cancel_order("d1")
        again = await anext(stream)
        await stream.aclose()

    assert first.snapshot
    assert [(row.symbol, int(row.side), row.qty) for row in first.indications] == [
        ("ABC", Side.BUY, 100)
    ]
    assert again.snapshot
    assert not again.indications


async def test_the_blocking_client_knows_dark_books(venue: Venue) -> None:
    def ask() -> None:
        with Client(venue.endpoint, operator="ops") as client:
            client.set_dark_rules("ABC", RULES, request_id="r1")
            assert client.dark_book("ABC").rules.is_open
            with client.indications() as stream:
                assert next(stream).snapshot

    await asyncio.to_thread(ask)


def test_a_book_is_named_lit_or_dark() -> None:
    assert int(new_order("ABC", "buy", 1, "1", book="DARK").book) == BookKind.DARK
    assert new_order("ABC", "buy", 1, "1").book == 0
    with pytest.raises(ValueError, match="lit or dark"):
        new_order("ABC", "buy", 1, "1", book="grey")
