"""A slow, obvious auction: the price by trying every limit, the allocation by two nested loops.

Room: R6.2, R6.3 and R5 read aloud, for the property tests. It shares no code with the engine.
"""

from __future__ import annotations

from typing import NamedTuple

from exchange.model.enums import Side, StpMode

BUY, SELL = Side.BUY.value, Side.SELL.value


class Outcome(NamedTuple):
    """Price (0 = none), executable volume, side and quantity of the surplus."""

    price: int
    volume: int
    imbalance_side: int
    imbalance_qty: int


class Gathered(NamedTuple):
    """An order in a call; `price` 0 = market order, `place` = time priority.

    `linked` is the other order of its OCO, `group` its STP group.
    """

    place: int
    order_id: int
    member_id: int
    side: int
    price: int
    qty: int
    stp: int
    hidden: bool = False
    group: int = 0
    linked: int = 0

    def prevents(self, other: Gathered) -> bool:
        """R5: whether it would not trade with another order of its member."""
        return self.stp != StpMode.ALLOW and self.group in (0, other.group)

    def is_own(self, other: Gathered) -> bool:
        """R5, R3.3: whether the two are not paired with each other."""
        same = self.member_id == other.member_id
        linked = self.linked == other.order_id
        return same and (linked or self.prevents(other) or other.prevents(self))


def price_by_brute_force(orders: list[Gathered], reference: int) -> Outcome:
    """R6.2: every limit in the book is tried, with sums over all orders."""

    def at(price: int) -> tuple[int, int]:
        demand = sum(x.qty for x in orders if x.side == BUY and (not x.price or x.price >= price))
        supply = sum(x.qty for x in orders if x.side == SELL and x.price <= price)
        return min(demand, supply), demand - supply

    limits = sorted({x.price for x in orders if x.price})
    market = min(
        sum(x.qty for x in orders if x.side == side and not x.price) for side in (BUY, SELL)
    )
    most = max([at(price)[0] for price in limits], default=0)
    if reference and market > 0 and most in (0, market):
        chosen = reference
    elif not most:
        return Outcome(0, 0, 0, 0)
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
    return Outcome(chosen, volume, side, abs(surplus))


def allocation(orders: list[Gathered], price: int) -> list[tuple[int, int, int]]:
    """R6.3, R5: (buy order, sell order, quantity) of each trade, in order."""
    buys = sorted(
        (x for x in orders if x.side == BUY and (not x.price or x.price >= price)),
        key=lambda x: (x.price != 0, -x.price, x.hidden, x.place),
    )
    sells = sorted(
        (x for x in orders if x.side == SELL and x.price <= price),
        key=lambda x: (x.price, x.hidden, x.place),
    )
    left = {x.order_id: x.qty for x in orders}
    trades = []
    for buy in buys:
        for sell in sells:
            qty = min(left[buy.order_id], left[sell.order_id])
            if qty and not buy.is_own(sell):
                left[buy.order_id] -= qty
                left[sell.order_id] -= qty
                left[buy.linked] = left[sell.linked] = 0
                trades.append((buy.order_id, sell.order_id, qty))
    return trades
