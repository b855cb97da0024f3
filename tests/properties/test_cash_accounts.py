"""R8.11: no order type lets trading overdraw a cash account, nor sell what it does not have.

Every order type and instruction in one busy instrument, calls among them, with so little money that
an order soon asks for the last of it. Nobody meddles: fees and limits stand from the beginning.
"""

from __future__ import annotations

import random
from collections import Counter

import msgspec
import pytest

from exchange.model import command as c
from exchange.model.enums import Phase
from exchange.model.reject import RejectReason
from exchange.model.risk import AccountType
from tests.properties.special_trader import LOT, TICK, SpecialTrader
from tests.recorder import ABC
from tests.risk_desk import UNIT, RiskDesk

COMMANDS = 1_200
WIDE = msgspec.structs.replace(ABC, static_band_bp=5_000)


class TightMarket:
    """Members 1 and 2 pay in cash, within a collar of 1 and 6 %; 3 to 6 make the market."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.desk = RiskDesk()
        self.desk.open_market(WIDE, members=6)
        self.trader = SpecialTrader(chance)
        self._steps = 0
        self.reasons: Counter[str] = Counter()
        self.desk.fees(-100, 900, auction=400)
        for account_id, collar in ((1, 100), (2, 600)):
            self.desk.limit(account_id, account_type=AccountType.CASH, collar_bp=collar)
            self.desk.pay(account_id, 40_000)
            self.desk.deliver(account_id, 300)

    def step(self) -> None:
        """One command of a member; now and then a call, or money that comes and goes."""
        self._steps += 1
        draw = self.chance.random()
        if draw < 0.01:
            self._phase(Phase.VOLATILITY_AUCTION)
        elif draw < 0.05:
            self._phase(Phase.CONTINUOUS)
        elif draw < 0.053:
            for phase in (Phase.CLOSING_AUCTION, Phase.POST_CLOSE, Phase.CLOSED, Phase.CONTINUOUS):
                self._phase(phase)
        elif draw < 0.30:
            self._squeeze(self.chance.randint(1, 2))
        else:
            self._trade()

    def assert_paid(self) -> None:
        """What there is covers what is reserved, money and securities."""
        for account_id in (1, 2):
            money, held = self.desk.balance(account_id), self.desk.holding(account_id)
            assert money.cash >= money.reserved >= 0, (account_id, money)
            assert held.qty >= held.open_sell_qty, (account_id, held)

    def _phase(self, phase: Phase) -> None:
        self.desk.send(c.SetPhase(1, phase.value, *self.desk.tail()))

    def _trade(self) -> None:
        views = self.desk.engine.orders(0, 0, 0, 9_999, live=True)
        self.trader.live = [(v.order.member_id, v.order.order_id, v.order.cl_ord_id) for v in views]
        command = self.trader.command(self.desk.ts_ns)
        change = msgspec.structs.replace
        if isinstance(command, c.NewOrder):
            command = self._here(command)
        elif isinstance(command, c.NewOrderWithTerms):
            order, terms = self._here(command.order), command.terms
            stop_price = terms.stop_price and terms.stop_price + self._drift()
            peg_limit = terms.peg_limit and terms.peg_limit + self._drift()
            terms = change(terms, stop_price=stop_price, peg_limit=peg_limit)
            command = c.NewOrderWithTerms(order, terms)
        elif isinstance(command, c.Halt | c.Resume):
            return
        for event in self.desk.send(command):
            reason = getattr(event, "reason", 0)
            if type(event).__name__ in {"Rejected", "CancelRejected"}:
                self.reasons[RejectReason(reason).name] += 1
            elif type(event).__name__ == "Trade":
                self.reasons["trade"] += 1

    # Takes away nearly all that is not reserved; who has that little already gets some.
    def _squeeze(self, account_id: int) -> None:
        money = self.desk.balance(account_id)
        free = (money.cash - money.reserved) // UNIT
        left = self.chance.randint(0, 300)
        self.desk.pay(account_id, left - free if free > left else self.chance.randint(1, 30_000))

    # The market climbs and falls by a tenth, so that what was reserved is soon too little.
    def _drift(self) -> int:
        place = self._steps // 12 % 20
        return TICK * min(place, 20 - place)

    def _here(self, order: c.NewOrder) -> c.NewOrder:
        owner = self.chance.choice([1, 1, 2, 3, 4, 5, 6])
        change: dict[str, int] = {"member_id": owner, "account_id": owner, "instrument_id": 1}
        if owner < 3:
            change["order_qty"] = LOT * self.chance.randint(2, 6)
        if order.price:
            change["price"] = order.price + self._drift()
        return msgspec.structs.replace(order, **change)


@pytest.mark.parametrize("number", range(8))
def test_no_order_type_overdraws_a_cash_account(number: int, seed: int) -> None:
    market = TightMarket(random.Random(seed + number))
    for _ in range(COMMANDS):
        market.step()
        market.assert_paid()

    assert market.reasons["INSUFFICIENT_CASH"]
    assert market.reasons["trade"]
