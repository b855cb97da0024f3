"""What a consumer can know from events alone (R11.3), and the checks that each event allows.

Room: folds over event records: displayed books, order states, positions. They never look at the
engine; the properties compare them with its views.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from exchange.model import event as e
from exchange.model import risk_event as re
from exchange.model.codec import EventRecord
from exchange.model.enums import OrdStatus, Side

_MARKET_DATA_RANK = {
    e.LevelChanged: 1,
    e.BboChanged: 2,
    e.PhaseChanged: 3,
    re.EmergencyClosed: 4,
}


class MarketFolds:
    """Books, orders, phases and positions as the events tell them."""

    def __init__(self) -> None:
        self.next_seq = 1
        self.levels: defaultdict[tuple[int, int], dict[int, tuple[int, int]]] = defaultdict(dict)
        self.bbo: dict[int, tuple[int, int, int, int]] = {}
        self.orders: dict[int, e.OrderState] = {}
        self.positions: Counter[tuple[int, int]] = Counter()
        self.phases: dict[int, int] = {}

    def fold(self, records: list[EventRecord]) -> None:
        """Take the records of one entry, in order."""
        for seq, _, event in records:
            assert seq == self.next_seq  # R11.3
            self.next_seq += 1
            match event:
                case e.LevelChanged():
                    self._level(event)
                case e.BboChanged(instrument_id=instrument_id):
                    self.bbo[instrument_id] = (
                        event.bid_price,
                        event.bid_qty,
                        event.ask_price,
                        event.ask_qty,
                    )
                case e.PhaseChanged(instrument_id=instrument_id, phase=phase, previous=previous):
                    assert self.phases.get(instrument_id, 1) == previous
                    self.phases[instrument_id] = phase
                case e.Trade():
                    self._trade(event)
                case e.Accepted(order=o) | e.Replaced(order=o) | e.Restated(order=o):
                    self._order(o)
                case e.Triggered(order=o) | e.TermsChanged(order=o):
                    self._order(o)
                case e.Canceled(order=o) | e.Expired(order=o):
                    self._order(o)
                    assert not OrdStatus(o.ord_status).is_live
                case e.TradingDayChanged():
                    live = {k: o for k, o in self.orders.items() if o.leaves_qty}
                    self.orders = live
                case _:
                    pass

    def depth(self, instrument_id: int, side: int) -> list[tuple[int, int, int]]:
        """(price, qty, count), best first."""
        levels = self.levels[instrument_id, side]
        prices = sorted(levels, reverse=side == Side.BUY)
        return [(price, *levels[price]) for price in prices]

    def _level(self, event: e.LevelChanged) -> None:
        levels = self.levels[event.instrument_id, event.side]
        now = (event.qty, event.order_count)
        assert levels.get(event.price, (0, 0)) != now  # a level that did not change is not told
        if event.order_count:
            assert event.qty > 0
            levels[event.price] = now
        else:
            assert event.qty == 0
            del levels[event.price]

    def _order(self, order: e.OrderState) -> None:
        if OrdStatus(order.ord_status).is_live:  # R11.2
            assert order.order_qty == order.cum_qty + order.leaves_qty
            assert order.leaves_qty > 0
        else:
            assert order.leaves_qty == 0
        self.orders[order.order_id] = order

    def _trade(self, event: e.Trade) -> None:
        for order, sign in ((event.buy, 1), (event.sell, -1)):
            before = self.orders[order.order_id]  # I7: each execution moves both by its quantity
            assert order.cum_qty == before.cum_qty + event.qty
            assert order.leaves_qty == before.leaves_qty - event.qty
            assert order.cum_notional == before.cum_notional + event.qty * event.price
            self._order(order)
            self.positions[order.account_id, event.instrument_id] += sign * event.qty


def assert_order_of_events(records: list[EventRecord]) -> None:
    """R11.1: of one command, everything else, then levels, BBO, phases, emergency."""
    ranks = [_MARKET_DATA_RANK.get(type(record.event), 0) for record in records]
    assert ranks == sorted(ranks)
