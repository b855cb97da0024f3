"""The blocking client over a real node: the same answers, for programs without an event loop."""

from __future__ import annotations

import asyncio
import threading

import pytest

from exchange.client import Client, UnavailableError, new_order
from tests.exchange.client.conftest import Venue


def trade(endpoint: str) -> None:
    with Client(endpoint, member="alice") as client:
        entered = client.submit_order("ABC", "buy", 2, "10", cl_ord_id="a1")
        assert client.get_order("a1").order_id == entered.order_id
        assert [row.symbol for row in client.list_instruments()] == ["ABC", "BTC-USD"]
        with client.order_session() as session:
            assert len(session.send([new_order("ABC", "sell", 1, "10") for _ in range(2)])) == 2
        with client.executions(1) as stream:
            assert next(stream).cl_ord_id == "a1"
        for book in client.watch_book("ABC"):
            assert book.seq > 0
            break


async def test_the_blocking_client_trades(venue: Venue) -> None:
    await asyncio.to_thread(trade, venue.endpoint)

    assert "client" not in {thread.name for thread in threading.enumerate()}


async def test_the_blocking_client_raises_the_same_errors(venue: Venue) -> None:
    await venue.stop()

    def ask() -> None:
        with Client(venue.endpoint, timeout=0.2) as client:
            client.status()

    with pytest.raises(UnavailableError):
        await asyncio.to_thread(ask)


def test_a_wrong_endpoint_leaves_no_thread_behind() -> None:
    with pytest.raises(ValueError, match="HOST:PORT"):
        Client("nonsense")

    assert "client" not in {thread.name for thread in threading.enumerate()}
