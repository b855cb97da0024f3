"""R6.2: the uncross price of an auction, from aggregated orders.

Room: one pure function; it knows quantities at prices and nothing of orders, members or phases.
Self-trade prevention plays no part here (R5), and hidden quantity counts in full (R6.3).

Candidates are the limits in the book (Xetra T7 market model). At a price p, demand is the market
buys plus all bids at p or above, supply the market sells plus all asks at p or below; the smaller
of the two executes and the difference is the surplus. The price:

1. maximises the executable volume;
2. of those, minimises the absolute surplus;
3. of those, is the highest if all have buy surplus, the lowest if all have sell surplus,
   else the one closest to the reference price, the higher of two equally close;
4. is the reference price if only market orders meet: if no limit adds to their volume. Without a
   reference price the rules before decide, and where there is no limit either, nothing executes.

Cost: O(levels that cross). Without market orders the price lies between the best ask and the best
bid; market buys reach further up the asks, and market sells down the bids, until they are filled.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from exchange.model.enums import Side

Quote = tuple[int, int]
"""(limit price, quantity), quantity above 0."""

_BUY = Side.BUY.value
_SELL = Side.SELL.value


class Uncross(NamedTuple):
    """What an uncross at `price` executes and leaves; price 0 = nothing executes.

    Attributes:
        price: in 1e-9 quote units.
        volume: executable quantity, base units.
        imbalance_side: the side with the surplus, 0 where there is none.
        imbalance_qty: the surplus, base units.
    """

    price: int = 0
    volume: int = 0
    imbalance_side: int = 0
    imbalance_qty: int = 0


class _Candidate(NamedTuple):
    price: int
    demand: int
    supply: int

    @property
    def volume(self) -> int:
        return min(self.demand, self.supply)

    @property
    def surplus(self) -> int:
        """Above 0 for buys."""
        return self.demand - self.supply


def find_uncross(
    bids: Iterable[Quote],
    asks: Iterable[Quote],
    market: tuple[int, int],
    reference_price: int,
) -> Uncross:
    """The uncross of a book (rules in the module docstring).

    Args:
        bids: limits to buy, best (highest) first, each price once; may be walked more than once.
        asks: limits to sell, best (lowest) first, the same.
        market: quantity of market orders to buy and to sell.
        reference_price: for ties and for market orders alone; 0 = there is none.
    """
    candidates = _candidates(bids, asks, market)
    volume = max((candidate.volume for candidate in candidates), default=0)
    if reference_price and volume <= min(market) > 0:
        demand = market[0] + _sum_to(bids, reference_price, _BUY)
        supply = market[1] + _sum_to(asks, reference_price, _SELL)
        best = _Candidate(reference_price, demand, supply)
    elif volume:
        best = _choose([c for c in candidates if c.volume == volume], reference_price)
    else:
        return Uncross()
    side = 0 if not best.surplus else _BUY if best.surplus > 0 else _SELL
    return Uncross(best.price, best.volume, side, abs(best.surplus))


def _choose(most_volume: list[_Candidate], reference_price: int) -> _Candidate:
    least = min(abs(candidate.surplus) for candidate in most_volume)
    left = [candidate for candidate in most_volume if abs(candidate.surplus) == least]
    if all(candidate.surplus > 0 for candidate in left):
        return max(left)
    if all(candidate.surplus < 0 for candidate in left):
        return min(left)
    return min(left, key=lambda c: (abs(c.price - reference_price), -c.price))


def _candidates(
    bids: Iterable[Quote], asks: Iterable[Quote], market: tuple[int, int]
) -> list[_Candidate]:
    """Every limit where the best volume can lie, lowest first, with its demand and supply."""
    best_bid = next((price for price, _ in bids), None)
    best_ask = next((price for price, _ in asks), None)
    buys = _reach(bids, best_ask, _BUY, market)
    sells = _reach(asks, best_bid, _SELL, market[::-1])
    demand = market[0] + sum(buys.values())
    supply = market[1]
    found = []
    for price in sorted(buys.keys() | sells.keys()):
        supply += sells.get(price, 0)
        found.append(_Candidate(price, demand, supply))
        demand -= buys.get(price, 0)
    return found


def _reach(
    quotes: Iterable[Quote], best_opposite: int | None, side: int, market: tuple[int, int]
) -> dict[int, int]:
    # Beyond the best opposite limit only market orders of the other side are there to be filled.
    # The first level there can still lower the surplus; more volume needs more levels only while
    # those market orders (market[1]) are not filled.
    own, opposite = market
    taken: dict[int, int] = {}
    filled, is_beyond = own, False
    for price, qty in quotes:
        if is_beyond and filled >= opposite:
            break
        taken[price] = qty
        filled += qty
        is_beyond = best_opposite is None or (
            price < best_opposite if side == _BUY else price > best_opposite
        )
    return taken


def _sum_to(quotes: Iterable[Quote], limit: int, side: int) -> int:
    total = 0
    for price, qty in quotes:
        if price < limit if side == _BUY else price > limit:
            break
        total += qty
    return total
