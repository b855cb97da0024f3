"""A book kept from the stream: exact after each message, and loud about a gap (I5)."""

from __future__ import annotations

import pytest

from exchange.api.v1.market_data_service_pb2 import (
    LevelUpdate,
    OrderBook,
    PriceLevel,
    SubscribeOrderBookResponse,
)
from exchange.client import BookGapError, Level, LocalBook
from exchange.model.enums import Phase

BUY, SELL = 1, 2


def snapshot(seq: int) -> SubscribeOrderBookResponse:
    book = OrderBook(
        bids=[PriceLevel(price=9, qty=5, order_count=1), PriceLevel(price=8, qty=1, order_count=1)],
        asks=[PriceLevel(price=11, qty=2, order_count=2)],
    )
    return SubscribeOrderBookResponse(seq=seq, snapshot=True, book=book, phase="PHASE_CONTINUOUS")


def update(seq: int, side: int, price: int, qty: int) -> SubscribeOrderBookResponse:
    row = LevelUpdate(price=price, qty=qty, order_count=1 if qty else 0)
    row.side = side  # type: ignore[assignment]
    return SubscribeOrderBookResponse(seq=seq, updates=[row], phase="PHASE_CONTINUOUS")


def test_levels_come_change_and_go() -> None:
    book = LocalBook("ABC")
    assert book.apply(snapshot(5))
    assert book.apply(update(6, BUY, 10, 7))
    assert book.apply(update(7, BUY, 9, 0))
    assert book.apply(update(8, SELL, 11, 3))

    assert book.bids() == [Level(10, 7, 1), Level(8, 1, 1)]
    assert book.bids(1) == [book.best_bid]
    assert book.asks() == [Level(11, 3, 1)]
    assert (book.seq, book.phase) == (8, Phase.CONTINUOUS)


def test_a_heartbeat_moves_only_the_sequence() -> None:
    book = LocalBook("ABC")
    book.apply(snapshot(5))
    beat = SubscribeOrderBookResponse(seq=9, heartbeat=True, phase="PHASE_CONTINUOUS")

    assert not book.apply(beat)
    assert book.seq == 9


def test_a_change_of_phase_is_a_change() -> None:
    book = LocalBook("ABC")
    book.apply(snapshot(5))

    assert book.apply(SubscribeOrderBookResponse(seq=6, phase="PHASE_HALTED"))


def test_a_new_snapshot_replaces_everything() -> None:
    book = LocalBook("ABC")
    book.apply(snapshot(5))
    book.apply(update(6, BUY, 10, 7))
    book.apply(snapshot(7))

    assert book.best_bid == Level(9, 5, 1)


def test_an_update_before_a_snapshot_or_back_in_time_is_a_gap() -> None:
    book = LocalBook("ABC")
    with pytest.raises(BookGapError, match="before any snapshot"):
        book.apply(update(6, BUY, 10, 7))
    book.apply(snapshot(8))
    with pytest.raises(BookGapError, match="seq 6 after 8"):
        book.apply(update(6, BUY, 10, 7))
