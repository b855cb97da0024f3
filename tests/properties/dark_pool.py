"""An independent dark pool, slow and obvious, as oracle of the dark book.

Room: one list of orders in time priority. Whatever happens to the midpoint, all orders come in
again one after the other into an empty pool, again and again until that changes nothing; a
crossing session gives out lot by lot. It shares no code with the engine: it is told accepted
orders, replaces, departures and the midpoint, and says which effects must follow, in order.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from exchange.model.enums import CancelReason as Why
from exchange.model.enums import Side, StpMode, TimeInForce

Effect = tuple[str | int, ...]
"""("trade", buy, sell, qty, price), ("canceled", id, qty, why) or ("restated", id, leaves)."""


@dataclass(eq=False)
class Block:
    """What the pool must know of an order; `limit` 0 = none."""

    order_id: int
    member_id: int
    side: int
    tif: int
    stp: int
    leaves: int
    limit: int
    least: int
    group: int

    def takes(self, price: int) -> bool:
        if not self.limit:
            return True
        return self.limit >= price if self.side == Side.BUY else self.limit <= price

    def enough(self, qty: int) -> bool:
        return qty >= self.least or qty == self.leaves

    def prevents(self, other: Block) -> bool:
        if self.member_id != other.member_id or self.stp == StpMode.ALLOW:
            return False
        return self.group in (0, other.group)


class DarkPool:
    """Orders of one instrument; `effects` grow until they are taken."""

    def __init__(self, lot: int) -> None:
        self.lot = lot
        self.queue: list[Block] = []
        self.effects: list[Effect] = []

    def take(self) -> list[Effect]:
        """The effects since the last time."""
        found, self.effects = self.effects, []
        return found

    def find(self, order_id: int) -> Block | None:
        """A live order."""
        return next((x for x in self.queue if x.order_id == order_id), None)

    def open_qty(self, side: int) -> int:
        """What is open on a side."""
        return sum(x.leaves for x in self.queue if x.side == side)

    def drop(self, order_id: int) -> int:
        """An order leaves; what it had open, or -1 if it is not here."""
        order = self.find(order_id)
        if order is None:
            return -1
        self.queue.remove(order)
        return order.leaves

    def enter(self, order: Block, price: int) -> None:
        """A new order, or a replaced one that lost its place; price 0 = nothing executes."""
        if order.tif == TimeInForce.FOK and self._trial(order, price) < order.leaves:
            self._end(order, Why.FOK_NOT_FILLABLE)
            return
        while self._meet(order, self.queue, price):
            pass
        if order.leaves and order.tif in (TimeInForce.IOC, TimeInForce.FOK):
            self._end(order, Why.UNFILLED_REMAINDER)
        elif order.leaves:
            self.queue.append(order)

    def retry(self, price: int) -> None:
        """All come in again, until nothing happens."""
        happened = True
        while happened:
            happened = False
            entered: list[Block] = []
            for order in list(self.queue):
                happened |= self._meet(order, entered, price)
                entered.append(order)
            self.queue = [x for x in self.queue if x.leaves]

    def cross(self, price: int) -> int:
        """One session; the volume."""
        places = {x.order_id: place for place, x in enumerate(self.queue)}
        part = [x for x in self.queue if price and x.takes(price)]
        part.sort(key=lambda x: (-x.leaves, places[x.order_id]))
        while True:
            given = self._give_out(part)
            sums: Counter[int] = Counter()
            for (buy_id, sell_id), qty in given.items():
                sums[buy_id] += qty
                sums[sell_id] += qty
            short = [x for x in part if sums[x.order_id] and not x.enough(sums[x.order_id])]
            if not short:
                break
            part.remove(short[-1])
        for (buy_id, sell_id), qty in given.items():
            buy, sell = self.find(buy_id), self.find(sell_id)
            assert buy is not None
            assert sell is not None
            self._trade(buy, sell, qty, price)
        self.queue = [x for x in self.queue if x.leaves]
        return sum(given.values())

    def _give_out(self, part: list[Block]) -> dict[tuple[int, int], int]:
        given: dict[tuple[int, int], int] = {}
        left = {x.order_id: x.leaves for x in part}
        for buy in [x for x in part if x.side == Side.BUY]:
            while left[buy.order_id]:
                sellers = [
                    x
                    for x in part
                    if x.side == Side.SELL
                    and left[x.order_id]
                    and not buy.prevents(x)
                    and not x.prevents(buy)
                ]
                if not sellers:
                    break
                pair = (buy.order_id, sellers[0].order_id)
                given[pair] = given.get(pair, 0) + self.lot
                left[pair[0]] -= self.lot
                left[pair[1]] -= self.lot
        return given

    def _meet(self, incoming: Block, others: list[Block], price: int) -> bool:
        happened = False
        for resting in list(others):
            if not incoming.leaves or not price or not incoming.takes(price):
                break
            if resting.side == incoming.side or not resting.leaves or not resting.takes(price):
                continue
            qty = min(incoming.leaves, resting.leaves)
            if not incoming.enough(qty) or not resting.enough(qty):
                continue
            happened = True
            if incoming.prevents(resting):
                self._prevent(incoming, resting)
            elif incoming.side == Side.BUY:
                self._trade(incoming, resting, qty, price)
            else:
                self._trade(resting, incoming, qty, price)
        self.queue = [x for x in self.queue if x.leaves]
        return happened

    def _trial(self, order: Block, price: int) -> int:
        need = order.leaves
        for resting in self.queue:
            if resting.side == order.side or not price:
                continue
            qty = min(need, resting.leaves)
            if not order.takes(price) or not resting.takes(price) or not resting.enough(qty):
                continue
            if order.prevents(resting):
                if order.stp != StpMode.CANCEL_RESTING:
                    break
                continue
            need -= qty
        return order.leaves - need

    def _prevent(self, incoming: Block, resting: Block) -> None:
        why = Why.SELF_TRADE_PREVENTION
        if incoming.stp == StpMode.CANCEL_INCOMING:
            self._end(incoming, why)
        elif incoming.stp == StpMode.CANCEL_RESTING:
            self._end(resting, why)
        elif incoming.stp == StpMode.CANCEL_BOTH or incoming.leaves == resting.leaves:
            self._end(resting, why)
            self._end(incoming, why)
        else:
            small, large = sorted((incoming, resting), key=lambda x: x.leaves)
            large.leaves -= small.leaves
            self._end(small, why)
            self.effects.append(("restated", large.order_id, large.leaves))

    def _trade(self, buy: Block, sell: Block, qty: int, price: int) -> None:
        buy.leaves -= qty
        sell.leaves -= qty
        self.effects.append(("trade", buy.order_id, sell.order_id, qty, price))

    def _end(self, order: Block, why: Why) -> None:
        self.effects.append(("canceled", order.order_id, order.leaves, why.value))
        order.leaves = 0
