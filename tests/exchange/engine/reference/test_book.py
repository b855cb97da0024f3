"""The book: queues, levels, what is displayed, and what changed of it."""

from __future__ import annotations

import pytest

from exchange.engine.reference.book import Book
from exchange.engine.reference.order import Order
from exchange.errors import InvariantViolation
from exchange.model.enums import OrdType, Side
from exchange.model.event import BboChanged, LevelChanged

BUY, SELL = Side.BUY, Side.SELL


def resting(order_id: int, side: Side, price: int, qty: int) -> Order:
    return Order(order_id, 1, 1, 7, 0, side, 2, 1, 2, 1, 0, qty, 0, qty, price, 0, 0, "x", 0, 0)


@pytest.fixture
def book() -> Book:
    return Book(7, {})


def test_best_prices_on_both_sides(book: Book) -> None:
    assert (book.bids.best_price(), book.asks.best_price()) == (0, 0)
    for order_id, price in enumerate((900, 920, 910), 1):
        book.add(resting(order_id, BUY, price, 10))
        book.add(resting(order_id + 10, SELL, price + 100, 10))

    assert [level.price for level in book.bids.best_first()] == [920, 910, 900]
    assert [level.price for level in book.asks.best_first()] == [1000, 1010, 1020]
    assert book.bbo() == (920, 10, 1000, 10)


def test_a_level_is_a_queue_and_goes_with_its_last_order(book: Book) -> None:
    """R4.1."""
    first, second = resting(1, BUY, 900, 10), resting(2, BUY, 900, 20)
    book.add(first)
    book.add(second)
    level = book.bids.levels[900]

    assert (level.head(), level.qty) == (first, 30)
    book.remove(first)
    assert (level.head(), level.qty, first.is_resting) == (second, 20, False)
    book.remove(second)
    assert (book.bids.levels, list(book.bids.prices)) == ({}, [])


@pytest.mark.parametrize(
    ("side", "ord_type", "price", "crosses"),
    [
        (BUY, OrdType.LIMIT, 1000, True),
        (BUY, OrdType.LIMIT, 999, False),
        (SELL, OrdType.LIMIT, 900, True),
        (SELL, OrdType.LIMIT, 901, False),
        (BUY, OrdType.MARKET, 0, True),
    ],
)
def test_crossing(book: Book, side: Side, ord_type: OrdType, price: int, *, crosses: bool) -> None:
    assert not book.crosses(side, ord_type, price)
    book.add(resting(1, BUY, 900, 10))
    book.add(resting(2, SELL, 1000, 10))

    assert book.crosses(side, ord_type, price) is crosses


def test_changes_compare_with_before_the_command(book: Book) -> None:
    """R11.1: bids best first, then asks best first, then the BBO; each command on its own."""
    for order_id, (side, price) in enumerate(
        [(SELL, 1010), (SELL, 1000), (BUY, 900), (BUY, 910)], 1
    ):
        book.add(resting(order_id, side, price, 10))

    assert book.changes() == (
        [
            LevelChanged(7, BUY, 910, 10, 1),
            LevelChanged(7, BUY, 900, 10, 1),
            LevelChanged(7, SELL, 1000, 10, 1),
            LevelChanged(7, SELL, 1010, 10, 1),
        ],
        BboChanged(7, 910, 10, 1000, 10),
    )
    passing = resting(9, BUY, 905, 10)
    book.add(passing)
    book.remove(passing)
    assert book.changes() == ([], None)
    book.add(resting(10, BUY, 900, 5))
    assert book.changes() == ([LevelChanged(7, BUY, 900, 15, 2)], None)


def test_a_touched_book_is_registered() -> None:
    dirty: dict[int, Book] = {}
    book = Book(7, dirty)
    book.add(resting(1, BUY, 900, 10))

    assert dirty == {7: book}


def test_a_level_that_does_not_add_up_stops_the_node(book: Book) -> None:
    """I7: leaves that change behind the book's back are found."""
    order = resting(1, BUY, 900, 10)
    book.add(order)
    order.leaves_qty = 5

    with pytest.raises(InvariantViolation, match="level_qty_is_what_it_shows"):
        book.remove(order)


def test_a_crossed_book_is_seen(book: Book) -> None:
    """R4.9."""
    book.add(resting(1, BUY, 1000, 10))
    assert not book.is_crossed()
    book.add(resting(2, SELL, 1000, 10))

    assert book.is_crossed()


def test_an_order_that_does_not_add_up_stops_the_node() -> None:
    """R11.2."""
    order = resting(1, BUY, 900, 10)
    order.cum_qty = 1

    with pytest.raises(InvariantViolation, match="order_qty_is_cum_plus_leaves"):
        order.state()
