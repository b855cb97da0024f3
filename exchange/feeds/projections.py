"""All projections of a node: made, loaded and fed together.

Room: which there are, and the order in which a batch reaches them: what answers queries first, the
history before the feeds that read it. Event loop thread only.
"""

from __future__ import annotations

from typing import Any

from exchange.engine.port import Engine
from exchange.feeds.account_history import AccountHistory
from exchange.feeds.directory import Directory
from exchange.feeds.executions import ExecutionFeed
from exchange.feeds.history import History
from exchange.feeds.indications import IndicationFeed
from exchange.feeds.order_books import OrderBooks
from exchange.feeds.statistics import Statistics
from exchange.feeds.status_feed import StatusFeed
from exchange.feeds.trades import TradeFeed
from exchange.model.batch import EventBatch
from exchange.model.event_scan import kinds_of
from exchange.model.risk_event import EmergencyClosed

_EMERGENCY = kinds_of(EmergencyClosed)


class Projections:
    """The projections as attributes, loaded from an engine that stands where the history ends."""

    def __init__(self, engine: Engine, history: History[Any]) -> None:
        self.directory = Directory()
        self.books = OrderBooks()
        self.statistics = Statistics()
        self.trading_status = StatusFeed()
        self.history = history
        self.executions = ExecutionFeed(history)
        self.trades = TradeFeed(history)
        self.indications = IndicationFeed()
        self.account_history = AccountHistory(history)
        self._live = (
            self.books,
            self.trading_status,
            self.executions,
            self.trades,
            self.indications,
        )
        self.directory.load(engine)
        self.books.load(engine)
        self.statistics.load(engine)
        self.trading_status.load(engine)
        self.indications.load(engine)

    def on_batch(self, batch: EventBatch) -> None:
        """Fold one batch into all of them but the directory, which is told of it before."""
        self.books.on_batch(batch)
        self.statistics.on_batch(batch)
        self.trading_status.on_batch(batch)
        self.history.on_batch(batch)
        self.executions.on_batch(batch)
        self.trades.on_batch(batch)
        self.indications.on_batch(batch)

    def tell_emergency(self, batch: EventBatch) -> bool:
        """Whether the market was closed in an emergency (R9.3)."""
        return bool(batch.of_kinds(_EMERGENCY))

    def close(self) -> None:
        """End all subscriptions."""
        for feed in self._live:
            feed.close()

    @property
    def subscriber_count(self) -> int:
        """Readers of all feeds."""
        return sum(feed.subscriber_count for feed in self._live)
