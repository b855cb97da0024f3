"""The limits of one side of a call with their sums: what `auction.py` asks for a price.

Room: a derived structure that lives as long as a call. It answers "how much up to this price" in
O(log of the range of prices), however many orders and levels there are, by a Fenwick tree (Fenwick,
"A new data structure for cumulative frequency tables", 1994) that keeps only the places in use.
The book tells it each change; who needs it first builds it from the levels.
"""

from __future__ import annotations

from collections.abc import Iterable

from sortedcontainers import SortedList

from exchange.model.units import PRICE_MAX


class AuctionCurve:
    """Quantity at prices, of one side.

    Args:
        tick_size: every price is a multiple of it.
        quotes: (price, quantity above 0), each price once.
    """

    __slots__ = ("_places", "_qty", "_sums", "_tick", "prices", "total")

    def __init__(self, tick_size: int, quotes: Iterable[tuple[int, int]]) -> None:
        self._tick = tick_size
        self._places = 1 << (PRICE_MAX // tick_size).bit_length()
        self._qty: dict[int, int] = {}
        self._sums: dict[int, int] = {}
        self.prices: SortedList = SortedList()
        self.total = 0
        for price, qty in quotes:
            self.add(price, qty)

    def add(self, price: int, qty: int) -> None:
        """Add a signed quantity at a price."""
        if not qty:
            return
        now = self._qty.get(price, 0) + qty
        if now == qty:
            self.prices.add(price)
        if now:
            self._qty[price] = now
        else:
            del self._qty[price]
            self.prices.remove(price)
        self.total += qty
        sums, place = self._sums, price // self._tick
        while place <= self._places:
            sums[place] = sums.get(place, 0) + qty
            place += place & -place

    def up_to(self, price: int) -> int:
        """The quantity at a price and below; the price may lie between ticks."""
        sums, place, found = self._sums, price // self._tick, 0
        while place > 0:
            found += sums.get(place, 0)
            place -= place & -place
        return found

    def from_on(self, price: int) -> int:
        """The quantity at a price and above; the price may lie between ticks."""
        return self.total - self.up_to(price - 1)
