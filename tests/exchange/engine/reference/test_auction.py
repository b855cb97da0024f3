"""R6.2: the uncross price, by example and against brute force over every candidate price."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.engine.reference.auction import Uncross, find_uncross
from exchange.engine.reference.auction_curve import AuctionCurve
from exchange.model.enums import Side

BUY, SELL = Side.BUY.value, Side.SELL.value
Book = dict[int, int]
NONE: Book = {}


def uncross(
    bids: Book, asks: Book, market: tuple[int, int] = (0, 0), reference_price: int = 0
) -> Uncross:
    """`find_uncross` of books given as price -> quantity."""
    curves = AuctionCurve(1, bids.items()), AuctionCurve(1, asks.items())
    return find_uncross(*curves, market, reference_price)


EXAMPLES = {
    "one limit has the most volume": (
        ({102: 200, 101: 100, 100: 300}, {101: 250, 100: 100, 103: 50}),
        {},
        Uncross(101, 300, SELL, 50),
    ),
    "the least surplus decides": (
        ({102: 100}, {100: 100, 101: 20}),
        {},
        Uncross(100, 100),
    ),
    "all have buy surplus: the highest": (
        ({105: 200}, {100: 100}),
        {"reference_price": 100},
        Uncross(105, 100, BUY, 100),
    ),
    "all have sell surplus: the lowest": (
        ({105: 100}, {100: 200}),
        {"reference_price": 105},
        Uncross(100, 100, SELL, 100),
    ),
    "no surplus: the limit closest to the reference": (
        ({105: 100}, {100: 100}),
        {"reference_price": 104},
        Uncross(105, 100),
    ),
    "no surplus, reference below": (
        ({105: 100}, {100: 100}),
        {"reference_price": 90},
        Uncross(100, 100),
    ),
    "two equally close: the higher": (
        ({106: 100}, {100: 100}),
        {"reference_price": 103},
        Uncross(106, 100),
    ),
    "surplus on both sides: the one closest to the reference": (
        ({102: 100, 100: 50}, {100: 100, 102: 50}),
        {"reference_price": 100},
        Uncross(100, 100, BUY, 50),
    ),
    "only market orders: the reference price": (
        (NONE, NONE),
        {"market": (300, 200), "reference_price": 77},
        Uncross(77, 200, BUY, 100),
    ),
    "a limit that adds nothing to market orders does not make the price": (
        ({9: 50}, NONE),
        {"market": (100, 100), "reference_price": 77},
        Uncross(77, 100),
    ),
    "only market orders and no reference price": (
        (NONE, NONE),
        {"market": (300, 200)},
        Uncross(),
    ),
    "market buys walk up the asks": (
        ({90: 10}, {100: 50, 110: 50, 120: 50}),
        {"market": (80, 0)},
        Uncross(110, 80, SELL, 20),
    ),
    "market sells walk down the bids": (
        ({110: 50, 100: 50, 90: 50}, {120: 10}),
        {"market": (0, 80)},
        Uncross(100, 80, BUY, 20),
    ),
    "a book that does not cross": (({99: 10}, {100: 10}), {"reference_price": 99}, Uncross()),
    "one side is empty": (({99: 10}, NONE), {"reference_price": 99}, Uncross()),
    "a locked book trades at the lock": (({100: 10}, {100: 30}), {}, Uncross(100, 10, SELL, 20)),
}


@pytest.mark.parametrize(("books", "more", "expected"), EXAMPLES.values(), ids=EXAMPLES.keys())
def test_examples(books: tuple[Book, Book], more: dict[str, int], expected: Uncross) -> None:
    """R6.2."""
    assert uncross(*books, **more) == expected  # type: ignore[arg-type]


def by_brute_force(bids: Book, asks: Book, market: tuple[int, int], reference: int) -> Uncross:
    """R6.2 read aloud: every limit in the book is tried, with sums over all orders."""

    def at(price: int) -> tuple[int, int]:
        demand = market[0] + sum(qty for limit, qty in bids.items() if limit >= price)
        supply = market[1] + sum(qty for limit, qty in asks.items() if limit <= price)
        return min(demand, supply), demand - supply

    limits = sorted({*bids, *asks})
    most = max([at(price)[0] for price in limits], default=0)
    if reference and min(market) > 0 and most in (0, min(market)):
        chosen = reference
    elif not most:
        return Uncross()
    else:
        left = [price for price in limits if at(price)[0] == most]
        least = min(abs(at(price)[1]) for price in left)
        left = [price for price in left if abs(at(price)[1]) == least]
        surpluses = [at(price)[1] for price in left]
        if min(surpluses) > 0:
            chosen = left[-1]
        elif max(surpluses) < 0:
            chosen = left[0]
        else:
            closest = min(abs(price - reference) for price in left)
            chosen = max(price for price in left if abs(price - reference) == closest)
    volume, surplus = at(chosen)
    side = BUY if surplus > 0 else SELL if surplus < 0 else 0
    return Uncross(chosen, volume, side, abs(surplus))


BOOKS = st.dictionaries(st.integers(90, 110), st.integers(1, 6), max_size=8)
MARKET = st.tuples(st.sampled_from([0, 0, 1, 5, 12]), st.sampled_from([0, 0, 1, 5, 12]))


@settings(max_examples=1_500)
@given(bids=BOOKS, asks=BOOKS, market=MARKET, reference=st.integers(0, 120))
def test_the_price_is_that_of_brute_force(
    bids: Book, asks: Book, market: tuple[int, int], reference: int
) -> None:
    """R6.2 over all candidate prices."""
    expected = by_brute_force(bids, asks, market, reference)
    assert uncross(bids, asks, market, reference) == expected
