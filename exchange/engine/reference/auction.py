"""R6.2: the uncross price of an auction, from aggregated orders.

Room: one function of two curves; it knows nothing of orders, members or phases.
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

The surplus falls with the price, so the best volume lies where it changes its sign: at the highest
limit with demand at least supply, or at the lowest with supply at least demand. Further away it
can only be equal where no limit lies between, which is the next limit to either side. So the price
is found by bisection: O(log levels) questions to the curves.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import NamedTuple

from exchange.engine.reference.auction_curve import AuctionCurve
from exchange.model.enums import Side

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
    bids: AuctionCurve, asks: AuctionCurve, market: tuple[int, int], reference_price: int
) -> Uncross:
    """The uncross of a book (rules in the module docstring).

    Args:
        bids: limits to buy.
        asks: limits to sell.
        market: quantity of market orders to buy and to sell.
        reference_price: for ties and for market orders alone; 0 = there is none.
    """

    def at(price: int) -> _Candidate:
        return _Candidate(price, market[0] + bids.from_on(price), market[1] + asks.up_to(price))

    candidates = [at(price) for price in _near(bids, asks, at)]
    volume = max((candidate.volume for candidate in candidates), default=0)
    if reference_price and volume <= min(market) > 0:
        best = at(reference_price)
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


def _near(bids: AuctionCurve, asks: AuctionCurve, at: Callable[[int], _Candidate]) -> list[int]:
    """The limits around the price where demand and supply meet, lowest first."""
    found: set[int] = set()
    for prices in (bids.prices, asks.prices):
        first_even = bisect_left(prices, 0, key=lambda price: -at(price).surplus)
        first_short = bisect_right(prices, 0, key=lambda price: -at(price).surplus)
        found.update(prices[max(first_even - 2, 0) : first_short + 2])
    return sorted(found)
