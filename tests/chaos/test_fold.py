"""The second bookkeeping: busts and corrections move positions back (R9.4), and wrong ones show."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from chaos.fold import MarketFold
from exchange.model.event import Event
from exchange.model.risk_command import AdjustPosition, BustTrade, CorrectTrade
from exchange.model.risk_event import TradeBusted, TradeCorrected
from tests.exchange.feeds.market_run import MarketRun
from tests.recorder import buy, sell

TAIL = ("op", "error")


def told() -> MarketRun:
    """A trade corrected then busted, another corrected twice, and a delivery."""
    market = MarketRun()
    for name in ("1", "2"):
        market.send(buy(1, f"b{name}", 10, 1000), sell(2, f"s{name}", 10, 1000))
    market.send(CorrectTrade(1, 990, 5, "r1", *TAIL), BustTrade(1, "r2", *TAIL))
    market.send(CorrectTrade(2, 0, 5, "r3", *TAIL), CorrectTrade(2, 980, 0, "r4", *TAIL))
    market.send(AdjustPosition(1, 1, 1, 15, 1000, "r5", *TAIL))
    return market


def folded(events: list[Event]) -> tuple[MarketFold, list[str]]:
    fold = MarketFold()
    faults = [fault for event in events for fault in fold.on_event(event)]
    return fold, [*faults, *fold.faults()]


def test_positions_after_busts_and_corrections_are_the_engines() -> None:
    market = told()
    fold, faults = folded([record.event for record in market.records()])

    assert faults == []
    held = {key: qty for key, qty in fold.positions.items() if qty}
    engine = {(p.account_id, p.instrument_id): p.qty for p in market.engine.positions(0)}
    assert held == engine == {(1, 1): 20, (2, 1): -5}


@pytest.mark.parametrize(
    ("kind", "changes", "fault"),
    [
        (TradeBusted, {"qty": 10}, "trade 1 was Standing(price=990, qty=5)"),
        (TradeBusted, {"trade_id": 9}, "trade 9 was Standing(price=0, qty=0)"),
        (TradeCorrected, {"former_price": 1}, "trade 1 was Standing(price=1000, qty=10)"),
    ],
)
def test_a_falsified_reversal_is_found(
    kind: type[Any], changes: dict[str, int], fault: str
) -> None:
    events = [record.event for record in told().records()]
    at = next(i for i, event in enumerate(events) if type(event) is kind)
    events[at] = msgspec.structs.replace(events[at], **changes)

    assert any(fault in text for text in folded(events)[1])


def test_orders_do_not_change_with_a_bust() -> None:
    events = [record.event for record in told().records()]
    at = next(i for i, event in enumerate(events) if type(event) is TradeBusted)
    busted: Any = events[at]
    events[at] = msgspec.structs.replace(busted, buy=msgspec.structs.replace(busted.buy, cum_qty=0))

    assert folded(events)[1] == [f"order {busted.buy.order_id}: changed with trade 1"]


def test_a_trade_is_busted_once() -> None:
    events = [record.event for record in told().records()]
    events.append(next(event for event in events if type(event) is TradeBusted))

    assert "trade 1 was Standing(price=0, qty=0)" in folded(events)[1][0]
