"""Counts over all events: what `exctl status` and the metrics show.

Room: integers. A projection of the events; the open orders are loaded from the engine at start.
"""

from __future__ import annotations

from collections import Counter

from exchange.engine.port import Engine
from exchange.model.batch import EventBatch
from exchange.model.event import TradingDayChanged
from exchange.model.event_scan import kinds_of, tally
from exchange.model.reject import RejectReason

_DAY = kinds_of(TradingDayChanged)


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
        self.open_orders = engine.open_order_count

    def on_batch(self, batch: EventBatch) -> None:
        """Fold one batch."""
        counts = tally(batch)
        self.accepted += counts.accepted
        self.trades += counts.trades
        self.traded_qty += counts.traded_qty
        self.canceled += counts.canceled
        self.open_orders += counts.accepted - counts.canceled - counts.filled
        for reason, count in counts.rejected:
            self.rejected[RejectReason(reason).name] += count
        for record in batch.of_kinds(_DAY):
            if isinstance(record.event, TradingDayChanged):
                self.trading_day = record.event.trading_day
