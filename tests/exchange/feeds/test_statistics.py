"""Counts over all events against a plain recount and the engine's own orders."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.engine.port import Engine
from exchange.feeds.statistics import Statistics
from exchange.model import event as e
from exchange.model.command import CloseSession
from exchange.model.enums import TimeInForce
from exchange.model.reject import RejectReason
from tests.exchange.feeds.market_run import Entries, MarketRun, entries, trading
from tests.recorder import START_NS, buy, sell


def open_orders(engine: Engine) -> int:
    return len(engine.orders(0, 0, 0, 1_000_000, live=True))


@given(st.one_of(trading(), entries()), st.integers(0, 25))
@settings(max_examples=50)
def test_counts_equal_a_recount_from_wherever_they_begin(run: Entries, start: int) -> None:
    market = MarketRun()
    for commands in run[:start]:
        market.send(*commands)
    counts = Statistics()
    counts.load(market.engine)
    assert counts.open_orders == open_orders(market.engine)
    first_seq = market.engine.next_event_seq
    for commands in run[start:]:
        counts.on_batch(market.send(*commands))
        assert counts.open_orders == open_orders(market.engine)
        assert counts.trading_day == market.engine.trading_day
    events = [record.event for record in market.records(first_seq)]
    trades = [event for event in events if isinstance(event, e.Trade)]
    assert counts.trades == len(trades)
    assert counts.traded_qty == sum(trade.qty for trade in trades)
    assert counts.accepted == sum(isinstance(event, e.Accepted) for event in events)
    assert counts.canceled == sum(isinstance(event, e.Canceled | e.Expired) for event in events)
    assert counts.rejected == Counter(
        RejectReason(event.reason).name for event in events if isinstance(event, e.Rejected)
    )


def test_orders_that_expire_are_open_no_more() -> None:
    market = MarketRun()
    counts = Statistics()
    counts.load(market.engine)
    gtd = buy(1, "g", 10, 990, time_in_force=TimeInForce.GTD, expire_ts_ns=START_NS + 25)
    for commands in ([gtd, buy(1, "d", 10, 990)], [sell(2, "e", 10, 1010)], []):
        counts.on_batch(market.send(*commands))
    assert (counts.open_orders, counts.canceled) == (2, 1)
    counts.on_batch(market.send(CloseSession(0, "close", "op")))
    assert (counts.open_orders, counts.canceled) == (0, 3)
    assert counts.trading_day == 2
