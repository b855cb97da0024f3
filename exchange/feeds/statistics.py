"""Counts over all events: what `exctl status` and the metrics show.

Room: integers. A projection of the events; the open orders are loaded from the engine at start.
"""

from __future__ import annotations

from collections import Counter

from exchange.engine.port import Engine
from exchange.model.batch import EventBatch
from exchange.model.event import (
    Accepted,
    Canceled,
    Expired,
    Rejected,
    Trade,
    TradingDayChanged,
)
from exchange.model.reject import RejectReason

PAGE = 10_000


class Statistics:
    """Counts since this process started, but `open_orders` and `trading_day`, which are exact."""

    def __init__(self) -> None:
        self.open_orders = 0
        self.trading_day = 0
        self.accepted = 0
        self.trades = 0
        self.traded_qty = 0
        self.canceled = 0
        self.rejected: Counter[str] = Counter()

    def load(self, engine: Engine) -> None:
        """Take over the open orders and the trading day of the engine; once, at start."""
        self.trading_day = engine.trading_day
        after = 0
        while page := engine.orders(0, 0, after, PAGE, live=True):
            self.open_orders += len(page)
            after = page[-1].order.order_id

    def on_batch(self, batch: EventBatch) -> None:
        """Fold one batch."""
        for _, _, event in batch.events:
            match event:
                case Trade(qty=qty, buy=buy, sell=sell):
                    self.trades += 1
                    self.traded_qty += qty
                    self.open_orders -= (buy.leaves_qty == 0) + (sell.leaves_qty == 0)
                case Accepted():
                    self.accepted += 1
                    self.open_orders += 1
                case Canceled() | Expired():
                    self.canceled += 1
                    self.open_orders -= 1
                case Rejected(reason=reason):
                    self.rejected[RejectReason(reason).name] += 1
                case TradingDayChanged(trading_day=trading_day):
                    self.trading_day = trading_day
                case _:
                    pass
