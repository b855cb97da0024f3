"""An independent price-time book, slow and obvious, as oracle of the matching rules (R4, R5).

Room: one flat list of resting orders, searched anew for each execution. It shares no code and no
data structure with the engine. What it is told is which commands were accepted; it then says, from
the rulebook alone, which effects must follow, in order.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

from exchange.model.enums import CancelReason, OrdType, Side, StpMode, TimeInForce

Effect = tuple[str | int, ...]
"""("trade", buy, sell, qty, price), ("canceled", id, qty, reason) or ("restated", id, leaves)."""

STP = CancelReason.SELF_TRADE_PREVENTION
MARKET_PRICES = {Side.BUY: 1 << 62, Side.SELL: 0}


@dataclass
class Resting:
    """What the book must know of an order."""

    order_id: int
    member_id: int
    instrument_id: int
    side: int
    ord_type: int
    tif: int
    stp: int
    qty: int
    cum: int
    leaves: int
    price: int

    def limit(self) -> int:
        """The worst price it takes."""
        market = self.ord_type == OrdType.MARKET
        return MARKET_PRICES[Side(self.side)] if market else self.price


class PriceTimeBook:
    """All instruments; `live` is in time priority."""

    def __init__(self) -> None:
        self.live: list[Resting] = []

    def find(self, order_id: int) -> Resting | None:
        """A live order."""
        return next((x for x in self.live if x.order_id == order_id), None)

    def enter(self, order: Resting) -> list[Effect]:
        """Effects of an accepted new order after its acknowledgement."""
        if order.tif == TimeInForce.FOK and not self._executes_whole(order):
            return [("canceled", order.order_id, order.leaves, CancelReason.FOK_NOT_FILLABLE)]
        effects = self.match(order)
        if order.leaves:
            if order.ord_type == OrdType.MARKET or order.tif == TimeInForce.IOC:
                reason = CancelReason.UNFILLED_REMAINDER
                effects.append(("canceled", order.order_id, order.leaves, reason))
            else:
                self.live.append(order)
        return effects

    def replace(self, order_id: int, qty: int, price: int) -> tuple[bool, list[Effect]]:
        """Whether a successful replace keeps the place, and its effects (R4.4)."""
        order = self.find(order_id)
        assert order is not None
        if price == order.price and qty < order.qty:
            order.leaves -= order.qty - qty
            order.qty = qty
            return True, []
        self.live.remove(order)
        order.qty, order.price, order.leaves = qty, price, qty - order.cum
        effects = self.match(order)
        if order.leaves:
            self.live.append(order)
        return False, effects

    def drop(self, order_id: int) -> int:
        """Take an order out; the quantity that was open."""
        order = self.find(order_id)
        assert order is not None, f"order {order_id} left twice"
        self.live.remove(order)
        return order.leaves

    def depth(self, instrument_id: int, side: int) -> list[tuple[int, int, int]]:
        """(price, qty, count), best first."""
        mine = [x for x in self.live if (x.instrument_id, x.side) == (instrument_id, side)]
        prices = sorted({x.price for x in mine}, reverse=side == Side.BUY)
        return [
            (
                price,
                sum(x.leaves for x in mine if x.price == price),
                sum(1 for x in mine if x.price == price),
            )
            for price in prices
        ]

    def _executes_whole(self, order: Resting) -> bool:
        trial, incoming = copy.deepcopy(self), copy.deepcopy(order)
        trial.match(incoming)
        return incoming.cum == order.qty

    def _next_resting(self, order: Resting) -> Resting | None:
        sign = 1 if order.side == Side.BUY else -1
        there = [
            (sign * x.price, place, x)
            for place, x in enumerate(self.live)
            if x.instrument_id == order.instrument_id
            and x.side != order.side
            and sign * x.price <= sign * order.limit()
        ]
        return min(there, key=lambda found: found[:2])[2] if there else None

    def match(self, order: Resting) -> list[Effect]:
        effects: list[Effect] = []
        while order.leaves and (other := self._next_resting(order)) is not None:
            if other.member_id == order.member_id and order.stp != StpMode.ALLOW:
                effects += self._self_trade(order, other)
                continue
            qty = min(order.leaves, other.leaves)
            for side in (order, other):
                side.leaves -= qty
                side.cum += qty
            pair = (order, other) if order.side == Side.BUY else (other, order)
            effects.append(("trade", pair[0].order_id, pair[1].order_id, qty, other.price))
            if not other.leaves:
                self.live.remove(other)
        return effects

    def _self_trade(self, order: Resting, other: Resting) -> list[Effect]:
        out: list[Effect] = []

        def end(x: Resting) -> None:
            out.append(("canceled", x.order_id, x.leaves, STP))
            x.leaves = 0
            if x in self.live:
                self.live.remove(x)

        def lower(x: Resting, qty: int) -> None:
            x.qty -= qty
            x.leaves -= qty
            out.append(("restated", x.order_id, x.leaves))

        mine, theirs = order.leaves, other.leaves
        if order.stp == StpMode.CANCEL_INCOMING:
            end(order)
        elif order.stp == StpMode.CANCEL_RESTING:
            end(other)
        elif order.stp == StpMode.CANCEL_BOTH or mine == theirs:
            end(other)
            end(order)
        elif mine > theirs:
            end(other)
            lower(order, theirs)
        else:
            end(order)
            lower(other, mine)
        return out
