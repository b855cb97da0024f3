"""R8, R9.4 as a Hypothesis state machine: money and reservations, audited after every command."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from exchange.engine.build import build_engine
from exchange.engine.port import Engine
from exchange.model import command as c
from exchange.model import risk_event as re
from exchange.model.batch import EventBatch
from exchange.model.enums import AssetClass, OrdType, Side, TimeInForce
from exchange.model.risk import AccountType
from tests.properties.risk_audit import RiskAudit
from tests.recorder import ABC, order
from tests.risk_desk import RiskDesk
from tests.strategies import (
    CL_ORD_IDS,
    MEMBERS,
    PRICES,
    QUANTITIES,
    cancels,
    mass_cancels,
    new_orders,
    replaces,
)

SECOND = 10**9
COIN = msgspec.structs.replace(ABC, symbol="BTC", qty_decimals=8, contract_multiplier=3)
FUTURE = msgspec.structs.replace(ABC, symbol="FUT", asset_class=AssetClass.FUTURE, currency="EUR")
WORLD = (ABC, COIN, FUTURE)
INSTRUMENTS = st.integers(1, 3)
UNITS = st.integers(1, 90_000)
PAIRS = st.sampled_from([(1, 2), (2, 1), (1, 3), (3, 1), (2, 3), (3, 2)])


class RiskMachine(RuleBasedStateMachine):
    """Account 1 is a cash account, 2 a margin account, 3 has no limits; all of them change."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = RiskDesk()
        self.audit = RiskAudit()
        self.shadow: Engine | None = None
        self.seen = 0
        self._used = 0

    @initialize(units=UNITS)
    def open(self, units: int) -> None:
        self.desk.open_market(*WORLD)
        self.desk.limit(1, account_type=AccountType.CASH)
        self.desk.limit(2, account_type=AccountType.MARGIN, call_grace_ns=3 * SECOND)
        self.desk.fees(-150, 333)
        for account_id in (1, 2):
            self.desk.pay(account_id, units)
            self.desk.pay(account_id, units, "EUR")
            self.desk.deliver(account_id, 50)

    def fresh(self) -> str:
        self._used += 1
        return f"fresh-{self._used}"

    @rule(several=st.lists(new_orders(), min_size=1, max_size=6), instrument_id=INSTRUMENTS)
    def enter_orders(self, several: list[c.NewOrder], instrument_id: int) -> None:
        fields: dict[str, Any] = {"instrument_id": instrument_id}
        self.desk.send(
            *[msgspec.structs.replace(x, cl_ord_id=self.fresh(), **fields) for x in several]
        )

    @rule(member_id=MEMBERS, side=st.integers(1, 2), qty=QUANTITIES, instrument_id=INSTRUMENTS)
    def enter_at_market(self, member_id: int, side: int, qty: int, instrument_id: int) -> None:
        terms: dict[str, Any] = {"ord_type": OrdType.MARKET, "instrument_id": instrument_id}
        self.desk.send(order(member_id, self.fresh(), side, qty, 0, **terms))

    @rule(
        trades=st.lists(st.tuples(PAIRS, PRICES, QUANTITIES, QUANTITIES, INSTRUMENTS), min_size=1)
    )
    def trade(self, trades: list[tuple[tuple[int, int], int, int, int, int]]) -> None:
        """Two who meet, again and again; what is left of the larger order rests."""
        for (seller, buyer), price, qty, more, instrument_id in trades:
            terms: dict[str, Any] = {
                "instrument_id": instrument_id,
                "time_in_force": TimeInForce.GTC,
            }
            self.desk.send(
                order(seller, self.fresh(), Side.SELL, qty, price, **terms),
                order(buyer, self.fresh(), Side.BUY, more, price, **terms),
            )

    @rule(command=st.one_of(cancels(), replaces(), mass_cancels()), name=CL_ORD_IDS)
    def manage_orders(self, command: c.Command, name: str) -> None:
        self.desk.send(command)

    @rule(data=st.data(), lots=st.integers(0, 12), price=PRICES)
    def replace_a_live_order(self, data: st.DataObject, lots: int, price: int) -> None:
        live = [o for o in self.audit.orders.values() if o.leaves_qty]
        if live:
            found = data.draw(st.sampled_from(live), label="order")
            terms = (found.member_id, found.order_id, lots * 5, price, self.fresh(), "")
            self.desk.send(c.ReplaceOrder(*terms))

    @rule(data=st.data(), price=PRICES, lots=st.integers(0, 6), corrects=st.booleans())
    def correct_or_bust(
        self, data: st.DataObject, price: int, lots: int, *, corrects: bool
    ) -> None:
        if self.audit.trades:
            trade_id = data.draw(st.sampled_from(sorted(self.audit.trades)), label="trade")
            if corrects:
                self.desk.correct(trade_id, price, lots * 5)
            else:
                self.desk.bust(trade_id)

    @rule(account_id=MEMBERS, units=UNITS, withdraws=st.booleans(), euro=st.booleans())
    def move_money(self, account_id: int, units: int, *, withdraws: bool, euro: bool) -> None:
        self.desk.pay(
            account_id, -(units // 4) or -1 if withdraws else units, "EUR" if euro else "USD"
        )

    @rule(account_id=MEMBERS, qty=st.integers(-60, 60), price=PRICES)
    def move_securities(self, account_id: int, qty: int, price: int) -> None:
        if qty:
            self.desk.deliver(account_id, qty, price)

    @rule(account_id=MEMBERS, kind=st.integers(-9, 2), collar=st.sampled_from([0, 0, 300]))
    def limit(self, account_id: int, kind: int, collar: int) -> None:
        if kind < 0:
            return
        limits = {"account_type": kind, "collar_bp": collar, "max_position": 500}
        self.desk.limit(account_id, **limits, maintenance_margin_bp=4_500)

    @rule(maker=st.integers(-200, 200), taker=st.integers(200, 900), tier=st.integers(0, 1))
    def set_fees(self, maker: int, taker: int, tier: int) -> None:
        self.desk.fees(maker, taker, tier=tier)

    @rule(seconds=st.integers(1, 70))
    def let_time_pass(self, seconds: int) -> None:
        self.desk.wait(seconds * SECOND)

    @rule(is_evening=st.sampled_from([False] * 7 + [True]))
    def next_day(self, *, is_evening: bool) -> None:
        if not is_evening:
            return
        self.desk.send(c.CloseSession(0, *self.desk.tail()))
        self.desk.send(c.OpenSession(0, *self.desk.tail()))
        self.audit.trades.clear()

    @rule()
    def restore(self) -> None:
        """R11.4: go on with an engine from the snapshot, beside the uninterrupted one."""
        self.shadow = self.desk.engine
        restored = build_engine("reference")
        restored.restore(self.shadow.snapshot())
        self.desk.engine = restored

    @invariant()
    def books_agree(self) -> None:
        fresh = self.desk.batches[self.seen :]
        for raw, entry in zip(fresh, self.desk.entries[self.seen :], strict=True):
            self.audit.fold(EventBatch(raw).events)
            if (
                self.shadow is not None
                and self.shadow.applied_index < self.desk.engine.applied_index
            ):
                assert self.shadow.apply(entry) == raw
        self.seen = len(self.desk.batches)
        self.audit.assert_agrees(self.desk.engine)
        if self.shadow is not None:
            assert self.shadow.digest() == self.desk.engine.digest()

    @invariant()
    def cash_accounts_are_never_overdrawn(self) -> None:
        """R8.11: unless an operator's bust, correction, limits or fees came between."""
        events = (r.event for raw in self.desk.batches for r in EventBatch(raw).events)
        meddled = (re.TradeBusted, re.TradeCorrected, re.AccountLimitsChanged)
        if sum(isinstance(x, meddled) for x in events) == 2 and self._fees_are_first():
            assert self.desk.balance(1).cash >= self.desk.balance(1).reserved

    def _fees_are_first(self) -> bool:
        return len(self.desk.engine.risk_settings().fee_schedules) == 1


TestRiskMachine = RiskMachine.TestCase
TestRiskMachine.settings = settings(max_examples=40, stateful_step_count=40)
