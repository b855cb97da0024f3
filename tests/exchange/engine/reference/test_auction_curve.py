"""The sums of a side of a call against sums over all its orders."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from exchange.engine.reference.auction_curve import AuctionCurve
from exchange.model.units import PRICE_MAX

TICK = 10
PRICES = st.one_of(
    st.integers(1, 30).map(lambda place: place * TICK),
    st.integers(1, PRICE_MAX // TICK).map(lambda place: place * TICK),
)
CHANGES = st.lists(st.tuples(PRICES, st.integers(-9, 20)), max_size=60)


@given(CHANGES, st.lists(st.integers(0, PRICE_MAX), max_size=5))
def test_sums_are_those_of_the_quotes(changes: list[tuple[int, int]], asked: list[int]) -> None:
    curve, quotes = AuctionCurve(TICK, []), Counter[int]()
    for price, qty in changes:
        moved = max(qty, -quotes[price])  # a level never has less than nothing
        curve.add(price, moved)
        quotes[price] += moved
    held = {price: qty for price, qty in quotes.items() if qty}

    assert list(curve.prices) == sorted(held)
    assert curve.total == sum(held.values())
    for price in [*asked, *held, *(price + 1 for price in held), *(price - 1 for price in held)]:
        assert curve.up_to(price) == sum(qty for at, qty in held.items() if at <= price)
        assert curve.from_on(price) == sum(qty for at, qty in held.items() if at >= price)


def test_a_curve_built_from_quotes_is_the_curve_that_grew() -> None:
    grown = AuctionCurve(TICK, [])
    for price in (50, 10, 30, 10):
        grown.add(price, 7)
    built = AuctionCurve(TICK, [(10, 14), (30, 7), (50, 7)])

    assert [grown.up_to(price) for price in range(0, 70, 5)] == [
        built.up_to(price) for price in range(0, 70, 5)
    ]
