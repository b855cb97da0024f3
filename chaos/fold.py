"""A second bookkeeping of the market, made from events alone: orders, positions, displayed book.

Room: finds where events do not add up (RELIABILITY I5, I9). It matches nothing and knows no rule of
priority: quantities and money only. A bust or correction (R9.4) moves positions back; the orders of
the trade keep what they say. Three counts of the same book are held against each other: the
sum of the live orders, the `LevelChanged` events, and (by the caller) the engine's own depth.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from exchange.model.enums import OrdStatus, Side
from exchange.model.event import (
    Accepted,
    Canceled,
    Event,
    Expired,
    LevelChanged,
    OrderState,
    Replaced,
    Restated,
    Trade,
)
from exchange.model.risk_event import PositionAdjusted, TradeBusted, TradeCorrected


class Tally(NamedTuple):
    """What the trades of one order add up to: base units; 1e-9 quote units x base units."""

    qty: int
    notional: int


class Standing(NamedTuple):
    """What a trade counts for now; qty 0 = it was busted."""

    price: int
    qty: int


class Level(NamedTuple):
    """Displayed quantity, base units, and number of orders."""

    qty: int
    order_count: int


Side2Levels = dict[int, dict[int, Level]]


class MarketFold:
    """The market as its events tell it. Each `on_event` returns what does not add up."""

    def __init__(self) -> None:
        self._orders: dict[int, OrderState] = {}
        self._tallies: dict[int, Tally] = {}
        self._standing: dict[int, Standing] = {}
        self._delivered: defaultdict[int, int] = defaultdict(int)
        self.positions: defaultdict[tuple[int, int], int] = defaultdict(int)
        self._levels: defaultdict[int, Side2Levels] = defaultdict(
            lambda: {Side.BUY: {}, Side.SELL: {}}
        )

    def on_event(self, event: Event) -> list[str]:
        """Take the next event; sentences about what is wrong with it, none if nothing is."""
        if type(event) is Trade:
            return self._on_trade(event)
        if isinstance(event, TradeBusted | TradeCorrected):
            return self._on_reversal(event)
        if type(event) is PositionAdjusted:
            self.positions[event.account_id, event.instrument_id] += event.qty
            self._delivered[event.instrument_id] += event.qty
            return []
        if type(event) is LevelChanged:
            levels = self._levels[event.instrument_id][event.side]
            if event.qty:
                levels[event.price] = Level(event.qty, event.order_count)
            elif levels.pop(event.price, None) is None:
                return [f"level {event.price} of side {event.side} left a book it was not in"]
            return []
        if isinstance(event, Accepted | Canceled | Replaced | Expired | Restated):
            is_new = type(event) is Accepted
            return self._on_order(event.order, is_new=is_new)
        return []

    def levels(self, instrument_id: int) -> Side2Levels:
        """The displayed book as the feed tells it, price -> level, by side."""
        return self._levels[instrument_id]

    def instruments(self) -> list[int]:
        """Instruments that ever had a level."""
        return sorted(self._levels)

    def live_orders(self) -> Iterable[OrderState]:
        """Orders that can still trade."""
        return (order for order in self._orders.values() if OrdStatus(order.ord_status).is_live)

    def faults(self) -> list[str]:
        """What does not add up over the whole market, between two entries."""
        found = self._faults_of_books()
        sums: defaultdict[int, int] = defaultdict(int)
        for (_, instrument_id), qty in self.positions.items():
            sums[instrument_id] += qty
        found += [
            f"positions of instrument {key} sum to {qty}, {self._delivered[key]} were delivered"
            for key, qty in sums.items()
            if qty != self._delivered[key]
        ]
        return found

    def _on_order(self, order: OrderState, *, is_new: bool = False) -> list[str]:
        found = []
        known = self._orders.get(order.order_id)
        if is_new == (known is not None):
            found.append(f"order {order.order_id} is {'there already' if is_new else 'not known'}")
        if known is not None and not OrdStatus(known.ord_status).is_live:
            found.append(f"order {order.order_id} changed after it had left the market")
        if OrdStatus(order.ord_status).is_live:
            if order.order_qty != order.cum_qty + order.leaves_qty or order.leaves_qty <= 0:
                found.append(f"order {order.order_id}: quantities do not add up: {order}")
        elif order.leaves_qty:
            found.append(f"order {order.order_id} left the market with {order.leaves_qty} open")
        tally = self._tallies.get(order.order_id, Tally(0, 0))
        if tally != (order.cum_qty, order.cum_notional):
            found.append(
                f"order {order.order_id}: its trades sum to {tally}, it says "
                f"{order.cum_qty} and {order.cum_notional}"
            )
        self._orders[order.order_id] = order
        return found

    def _on_trade(self, trade: Trade) -> list[str]:
        found = []
        if trade.trade_id in self._standing:
            found.append(f"trade {trade.trade_id} is there already")
        self._standing[trade.trade_id] = Standing(trade.price, trade.qty)
        for order, sign in ((trade.buy, 1), (trade.sell, -1)):
            before = self._tallies.get(order.order_id, Tally(0, 0))
            notional = before.notional + trade.price * trade.qty
            self._tallies[order.order_id] = Tally(before.qty + trade.qty, notional)
            self.positions[order.account_id, order.instrument_id] += sign * trade.qty
            found += self._on_order(order)
        if trade.qty <= 0:
            found.append(f"trade {trade.trade_id} of {trade.qty}")
        return found

    def _on_reversal(self, event: TradeBusted | TradeCorrected) -> list[str]:
        """Take back what the trade moved as it stood, and book what it is now."""
        if isinstance(event, TradeCorrected):
            former = Standing(event.former_price, event.former_qty)
            now = Standing(event.price, event.qty)
        else:
            former, now = Standing(event.price, event.qty), Standing(0, 0)
        known = self._standing.get(event.trade_id, Standing(0, 0))
        self._standing[event.trade_id] = now
        for order, sign in ((event.buy, 1), (event.sell, -1)):
            moved = sign * (now.qty - former.qty)
            self.positions[order.account_id, event.instrument_id] += moved
        found = [] if known == former else [f"trade {event.trade_id} was {known}, not {former}"]
        found += [
            f"order {order.order_id}: changed with trade {event.trade_id}"
            for order in (event.buy, event.sell)
            if self._tallies.get(order.order_id) != (order.cum_qty, order.cum_notional)
        ]
        return found

    def _faults_of_books(self) -> list[str]:
        counted: defaultdict[tuple[int, int, int], list[int]] = defaultdict(list)
        for order in self.live_orders():
            counted[order.instrument_id, order.side, order.price].append(order.leaves_qty)
        told = {
            (instrument_id, side, price): level
            for instrument_id, sides in self._levels.items()
            for side, levels in sides.items()
            for price, level in levels.items()
        }
        found = []
        for key in sorted(counted.keys() | told.keys()):
            of_orders = Level(sum(counted.get(key, ())), len(counted.get(key, ())))
            of_feed = told.get(key, Level(0, 0))
            if of_orders != of_feed:
                found.append(f"level {key}: live orders give {of_orders}, the feed {of_feed}")
        for instrument_id, sides in self._levels.items():
            bids, asks = sides[Side.BUY], sides[Side.SELL]
            if bids and asks and max(bids) >= min(asks):
                found.append(f"instrument {instrument_id}: {max(bids)} bid, {min(asks)} asked")
        return found
