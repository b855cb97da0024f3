"""R8.11: margin calls, forced liquidation, in log time and without anybody's command."""

from __future__ import annotations

import pytest

from exchange.engine.build import build_engine
from exchange.model import risk_event as re
from exchange.model.batch import EventBatch
from exchange.model.command import Halt, Resume
from exchange.model.risk import AccountType, MarginCallStatus
from tests.recorder import buy, sell
from tests.risk_desk import UNIT, RiskDesk, risk_desk

MARGIN = AccountType.MARGIN.value
SECOND = 10**9
HOUR = 3_600 * SECOND


@pytest.fixture
def desk() -> RiskDesk:
    """Account 1 bought 20 at 1000 with 10,000 of its own: a loan of 10,000."""
    desk = risk_desk()
    desk.limit(1, account_type=MARGIN)
    desk.pay(1, 10_000)
    desk.send(sell(2, "s0", 20, 1_000), buy(1, "b0", 20, 1_000))
    desk.wait(SECOND)
    return desk


def fall(desk: RiskDesk, *prices: int) -> None:
    """Trades between others move the mark."""
    for price in prices:
        mark = desk.engine.next_event_seq
        desk.send(sell(3, f"f{mark}", 10, price), buy(2, f"g{mark}", 10, price))


def calls(desk: RiskDesk) -> list[re.MarginCall]:
    events = [r.event for raw in desk.batches for r in EventBatch(raw).events]
    return [event for event in events if isinstance(event, re.MarginCall)]


@pytest.fixture
def called(desk: RiskDesk) -> RiskDesk:
    """The price fell by a third through two bands: equity 3,400 of 13,400."""
    desk.limit(1, account_type=MARGIN, maintenance_margin_bp=4_000)
    fall(desk, 800)
    desk.wait(SECOND)
    return desk


def test_above_maintenance_there_is_no_call(desk: RiskDesk) -> None:
    fall(desk, 800)
    desk.wait(SECOND)

    assert calls(desk) == []
    assert desk.balance(1).maintenance_margin == 4_000 * UNIT


def test_below_maintenance_the_account_is_called_within_a_second(called: RiskDesk) -> None:
    (call,) = calls(called)

    assert call.status == MarginCallStatus.CALLED
    assert (call.equity, call.requirement) == (6_000 * UNIT, 6_400 * UNIT)
    assert call.deadline_ts_ns == called.ts_ns + HOUR
    assert called.balance(1).call_deadline_ts_ns == call.deadline_ts_ns


def test_in_a_call_the_account_may_only_reduce(called: RiskDesk) -> None:
    assert called.told(buy(1, "a", 10, 800)) == ["rejected a ACCOUNT_IN_MARGIN_CALL"]
    assert called.told(sell(1, "b", 10, 900)) == ["accepted b 10 @ 900"]


def test_a_call_is_met_by_money(called: RiskDesk) -> None:
    called.pay(1, 400)
    called.wait(SECOND)

    assert [call.status for call in calls(called)] == [
        MarginCallStatus.CALLED,
        MarginCallStatus.MET,
    ]
    assert called.engine.next_timer_ns() is None
    assert called.wait(HOUR) == []


def test_a_call_is_met_by_the_market(called: RiskDesk) -> None:
    fall(called, 900)
    called.wait(SECOND)

    assert calls(called)[-1].status == MarginCallStatus.MET


def test_at_the_deadline_positions_are_closed(called: RiskDesk) -> None:
    called.send(buy(3, "bid", 50, 800), sell(1, "mine", 10, 900))

    told = called.wait(HOUR)
    assert told[0] == "canceled mine 10 FORCED_LIQUIDATION"
    assert told[1].startswith("accepted LIQ-")
    assert told[2].startswith("trade bid LIQ-")
    assert calls(called)[-1].status == MarginCallStatus.LIQUIDATED
    assert called.holding(1).qty == 0
    assert called.cash(1) == 6_000


def test_what_finds_no_other_side_is_tried_again(called: RiskDesk) -> None:
    told = called.wait(HOUR)
    assert told[1].startswith("canceled LIQ-")
    called.send(buy(3, "bid", 10, 800))

    assert called.wait(60 * SECOND)[1].startswith("trade bid LIQ-")
    assert called.holding(1).qty == 10
    assert calls(called)[-1].status == MarginCallStatus.LIQUIDATED


def test_a_halted_instrument_is_closed_when_it_trades_again(called: RiskDesk) -> None:
    called.send(buy(3, "bid", 20, 800), Halt(1, 0, 0, *called.tail(), "news"))
    assert called.wait(HOUR) == []
    called.send(Resume(1, 0, 1, *called.tail(), "news"))

    assert called.wait(60 * SECOND)[1].startswith("trade bid LIQ-")


def test_the_grace_is_the_accounts(desk: RiskDesk) -> None:
    desk.limit(1, account_type=MARGIN, maintenance_margin_bp=4_000, call_grace_ns=7)
    fall(desk, 800)
    desk.wait(SECOND)

    assert calls(desk)[0].deadline_ts_ns == desk.ts_ns + 7


def test_a_call_ends_when_the_account_is_no_margin_account_any_more(called: RiskDesk) -> None:
    called.limit(1)
    called.wait(SECOND)

    assert calls(called)[-1].status == MarginCallStatus.MET


def test_a_forced_order_takes_a_name_that_is_free(called: RiskDesk) -> None:
    called.send(buy(3, "bid", 20, 800))
    number = called.engine.orders(0, 0, 0, 1_000, live=False)[-1].order.order_id
    called.send(buy(1, f"LIQ-{number + 1}", 12, 800))

    assert called.wait(HOUR)[0] == f"accepted LIQ-{number + 1}. 20 @ 0"


def test_a_quiet_market_has_no_timer(desk: RiskDesk) -> None:
    assert desk.engine.next_timer_ns() is None


def test_calls_survive_a_snapshot(called: RiskDesk) -> None:
    """R11.4: the restored engine liquidates at the same moment in the same way."""
    called.send(buy(3, "bid", 50, 800))
    restored = build_engine("reference")
    restored.restore(called.engine.snapshot())
    called.wait(HOUR)

    assert restored.apply(called.entries[-1]) == called.batches[-1]
    assert restored.digest() == called.engine.digest()
