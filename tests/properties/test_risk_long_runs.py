"""R8, R9.4 over long seeded runs: a busy market with money, audited as it goes (I7, R11.4).

A seeded generator beside the state machine: thousands of commands, many positions, all corrections.
The seed is shown when a run fails.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import msgspec
import pytest

from exchange.engine.build import build_engine
from exchange.engine.port import Engine
from exchange.model import command as c
from exchange.model import risk_command as rc
from exchange.model.batch import EventBatch
from exchange.model.enums import AssetClass, OrdType, Side, StpMode, TimeInForce
from exchange.model.risk import AccountFlag, AccountLimits, AccountType, FeeSchedule
from tests.properties.risk_audit import RiskAudit
from tests.recorder import ABC, order
from tests.risk_desk import DEPOSIT, UNIT, WITHDRAWAL, RiskDesk

SECOND = 10**9
WIDE = msgspec.structs.replace(ABC, min_order_qty=5)
COIN = msgspec.structs.replace(WIDE, symbol="BTC", qty_decimals=8, contract_multiplier=3)
FUTURE = msgspec.structs.replace(WIDE, symbol="FUT", asset_class=AssetClass.FUTURE, currency="EUR")
TIFS = [TimeInForce.DAY, TimeInForce.GTC, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK]


class RiskTrader:
    """Draws commands of every kind that moves or reserves money."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.sent = 0

    def command(self, audit: RiskAudit) -> c.Command:
        """The next command."""
        chance = self.chance
        self.sent += 1
        name = f"t{self.sent}"
        draw = chance.random()
        live = [o for o in audit.orders.values() if o.leaves_qty]
        if draw < 0.62 or not live:
            return self._order(name)
        found = chance.choice(live)
        if draw < 0.72:
            terms = (5 * chance.randint(0, 30), chance.choice([0, self._price()]))
            return c.ReplaceOrder(found.member_id, found.order_id, *terms, name, "")
        if draw < 0.78:
            return c.CancelOrder(found.member_id, found.order_id, name, "")
        return self._operator(name, audit)

    def _price(self) -> int:
        # The market drifts by a fifth up and down, so that margin runs out now and then.
        middle = 100 + 15 * (self.sent // 100 % 3 - 1)
        return 10 * (middle + self.chance.randint(-5, 5))

    def _order(self, name: str) -> c.NewOrder:
        chance = self.chance
        market = chance.random() < 0.15
        account_id = chance.randint(1, 4)
        more: dict[str, Any] = {
            "instrument_id": chance.randint(1, 3 if account_id > 1 else 2),
            "ord_type": OrdType.MARKET if market else OrdType.LIMIT,
            "time_in_force": chance.choice(TIFS),
            "stp": chance.choice(list(StpMode)),
        }
        qty, price = 5 * chance.randint(1, 30), 0 if market else self._price()
        return order(account_id, name, chance.choice(list(Side)), qty, price, **more)

    def _operator(self, name: str, audit: RiskAudit) -> c.Command:
        chance = self.chance
        tail, told = (name, "olga"), (name, "olga", "drill")
        account_id = chance.randint(1, 4)
        currency = chance.choice(["USD", "EUR"])
        trade_id = chance.choice(sorted(audit.trades)[-30:]) if audit.trades else 1
        draw = chance.random()
        if draw < 0.15:
            return rc.BustTrade(trade_id, *told)
        if draw < 0.3:
            return rc.CorrectTrade(trade_id, self._price(), 5 * chance.randint(0, 5), *told)
        if draw < 0.65:
            amount = chance.randint(1, 50_000) * UNIT
            return rc.AdjustCash(account_id, DEPOSIT, amount, *tail, currency, "drill")
        if draw < 0.7:
            amount = chance.randint(1, 9_000) * UNIT
            return rc.AdjustCash(account_id, WITHDRAWAL, amount, *tail, currency, "drill")
        if draw < 0.8:
            direction, instrument_id = chance.choice([DEPOSIT, WITHDRAWAL]), chance.randint(1, 2)
            terms = (account_id, instrument_id, direction, chance.randint(1, 40), self._price())
            return rc.AdjustPosition(*terms, *told)
        if draw < 0.88:
            ppm = chance.randint(0, 2_000)
            return rc.SetFeeSchedule(FeeSchedule(0, 0, chance.randint(-ppm, 900), ppm, 0), *tail)
        if draw < 0.98:
            return rc.SetAccountLimits(self._limits(chance.randint(2, 4)), *tail)
        return c.CloseSession(0, *tail)

    def _limits(self, account_id: int) -> AccountLimits:
        chance = self.chance
        return AccountLimits(
            account_id,
            account_type=chance.choice([0, 1, 2, 2, 2, 2]),
            flags=chance.choice([0, 0, 0, AccountFlag.RETAIL, 3]),
            max_position=chance.choice([0, 200]),
            credit_limit=chance.choice([0, 900_000 * UNIT]),
            concentration_bp=chance.choice([0, 0, 9_000]),
            maintenance_margin_bp=4_990,
            call_grace_ns=chance.choice([0, 2 * SECOND]),
        )


def opened(accounts: int = 4) -> RiskDesk:
    """Account 1 is a cash account for good; the others change."""
    desk = RiskDesk()
    desk.open_market(WIDE, COIN, FUTURE, members=accounts)
    desk.limit(1, account_type=AccountType.CASH)
    for account_id in range(2, accounts):
        desk.limit(account_id, account_type=AccountType.MARGIN, maintenance_margin_bp=4_990)
    for account_id in range(1, accounts + 1):
        units = 300_000 if account_id == 1 else 20_000
        desk.pay(account_id, units)
        desk.pay(account_id, units, "EUR")
        desk.deliver(account_id, 500 if account_id == 1 else 20)
    return desk


@pytest.mark.parametrize("run", range(3))
def test_money_is_what_the_events_tell(run: int, seed: int) -> None:
    """R8, R9.4, I7, R11.4: 1,200 commands; a restored engine runs beside the uninterrupted one."""
    chance = random.Random(seed + run)
    desk, audit, trader = opened(), RiskAudit(), RiskTrader(chance)
    for raw in desk.batches:
        audit.fold(EventBatch(raw).events)
    shadow: Engine | None = None
    kinds: Counter[str] = Counter()
    while trader.sent < 1_200:
        desk.ts_ns += chance.choice([0, 1, SECOND, SECOND])
        command = trader.command(audit)
        records = desk.records(command)
        if isinstance(command, c.CloseSession):
            audit.trades.clear()
            records += desk.records(c.OpenSession(0, *desk.tail()))
        kinds.update(type(record.event).__name__ for record in records)
        audit.fold(records)
        for entry, raw in zip(desk.entries, desk.batches, strict=True):
            if shadow is not None and shadow.applied_index < applied(entry):
                assert shadow.apply(entry) == raw
        desk.entries.clear()
        desk.batches.clear()
        if trader.sent % 5 == 0:
            audit.assert_agrees(desk.engine)
        if trader.sent % 40 == 0:
            if shadow is not None:
                assert shadow.digest() == desk.engine.digest()
            shadow = build_engine("reference")
            shadow.restore(desk.engine.snapshot())

    wanted = {"TradeBusted", "TradeCorrected", "TradeFees", "VariationSettled"}
    assert wanted <= set(kinds)


def applied(entry: bytes) -> int:
    """Log index of an entry."""
    return int.from_bytes(entry[8:16], "little")


def test_a_cash_account_is_never_overdrawn(seed: int) -> None:
    """R8.11: whatever it trades, at whatever fees are set beforehand, it can pay for."""
    chance = random.Random(seed)
    desk, trader = opened(), RiskTrader(chance)
    audit = RiskAudit()
    desk.fees(-300, 1_700)
    for raw in desk.batches:
        audit.fold(EventBatch(raw).events)
    trades = 0
    while trader.sent < 1_500:
        desk.ts_ns += 1
        command = trader.command(audit)
        if isinstance(command, rc.BustTrade | rc.CorrectTrade | rc.SetFeeSchedule):
            continue
        records = desk.records(command)
        audit.fold(records)
        trades += sum(type(record.event).__name__ == "TradeFees" for record in records)
        for currency in ("USD", "EUR"):
            assert desk.balance(1, currency).cash >= desk.balance(1, currency).reserved
        assert all(desk.holding(1, n).qty >= desk.holding(1, n).open_sell_qty for n in (1, 2, 3))
    assert trades > 0
