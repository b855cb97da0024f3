"""Realised and unrealised results, exact in integers, against events alone (R8, issue: portfolios).

Two oracles that share nothing with the engine: the cash that trades moved (an identity that must
hold to the last unit), and average cost in fractions (which the rule may miss by rounding only).
"""

from __future__ import annotations

import random
from collections import defaultdict
from fractions import Fraction

import pytest

from exchange.engine.risk_views import HoldingView
from exchange.model import command as c
from exchange.model.batch import EventBatch
from exchange.model.event import Event, InstrumentChanged, Trade
from exchange.model.instrument import Instrument
from exchange.model.risk_command import AdjustPosition, BustTrade, CorrectTrade
from exchange.model.risk_event import TradeBusted, TradeCorrected, VariationSettled
from tests.properties.risk_audit import RiskAudit
from tests.properties.test_risk_long_runs import COIN, FUTURE, WIDE, RiskTrader
from tests.risk_desk import RiskDesk

Key = tuple[int, int]
SECOND = 10**9


class Results:
    """What each account paid for its positions, and what closing them brought, by Fractions."""

    def __init__(self) -> None:
        self.instruments: dict[int, Instrument] = {}
        self.qty: defaultdict[Key, int] = defaultdict(int)
        self.paid: defaultdict[Key, int] = defaultdict(int)
        self.settled: defaultdict[Key, int] = defaultdict(int)
        self.cost: defaultdict[Key, Fraction] = defaultdict(Fraction)
        self.realised: defaultdict[Key, Fraction] = defaultdict(Fraction)
        self.closings: defaultdict[Key, int] = defaultdict(int)

    def fold(self, event: Event) -> None:
        match event:
            case InstrumentChanged(instrument=instrument):
                self.instruments[instrument.instrument_id] = instrument
            case Trade(price=price, qty=qty, instrument_id=number):
                self._trade((event.buy.account_id, number), price, qty)
                self._trade((event.sell.account_id, number), price, -qty)
            case TradeBusted(price=price, qty=qty, instrument_id=number):
                self._move((event.buy.account_id, number), price, -qty)
                self._move((event.sell.account_id, number), price, qty)
            case TradeCorrected(instrument_id=number):
                for account, sign in ((event.buy.account_id, 1), (event.sell.account_id, -1)):
                    self._move((account, number), event.former_price, -sign * event.former_qty)
                    self._move((account, number), event.price, sign * event.qty)
            case VariationSettled(account_id=account, instrument_id=number, qty=qty) if qty:
                # Marked to market at the end of the day: that much more was paid, and realised.
                self.settled[account, number] += event.amount
            case _:
                pass

    def scale(self, number: int) -> int:
        instrument = self.instruments[number]
        return int(instrument.contract_multiplier * 10 ** (9 - instrument.qty_decimals))

    def _move(self, key: Key, price: int, qty: int) -> None:
        self.qty[key] += qty
        self.paid[key] += price * qty * self.scale(key[1])

    def _trade(self, key: Key, price: int, qty: int) -> None:
        position, value = self.qty[key], Fraction(price * qty * self.scale(key[1]))
        self._move(key, price, qty)
        if not position or (position > 0) == (qty > 0):
            self.cost[key] += value
            return
        self.closings[key] += 1
        share = Fraction(min(abs(qty), abs(position)), abs(position))
        closed = Fraction(min(abs(qty), abs(position)), abs(qty)) * value
        out = self.cost[key] * share
        self.realised[key] += -closed - out
        self.cost[key] += -out + (value - closed)


def traded(chance: random.Random, count: int, *, revised: bool) -> tuple[RiskDesk, Results]:
    """A market of a share, a coin and a future; with busts and corrections if asked."""
    desk, results, trader, audit = RiskDesk(), Results(), RiskTrader(chance), RiskAudit()
    desk.open_market(WIDE, COIN, FUTURE, members=4)
    for raw in desk.batches:
        audit.fold(EventBatch(raw).events)
    told = 0
    while trader.sent < count:
        desk.ts_ns += chance.choice([0, 1, SECOND])
        command = trader.command(audit)
        is_revision = isinstance(command, BustTrade | CorrectTrade)
        if isinstance(command, AdjustPosition) or (is_revision and not revised):
            continue
        audit.fold(desk.records(command))
        if isinstance(command, c.CloseSession):
            audit.trades.clear()
            desk.records(c.OpenSession(0, *desk.tail()))
        for raw in desk.batches[told:]:
            for record in EventBatch(raw).events:
                results.fold(record.event)
        told = len(desk.batches)
    return desk, results


def holdings(desk: RiskDesk, results: Results) -> list[tuple[Key, HoldingView]]:
    """Every holding that was ever traded."""
    found = []
    for account_id, number in sorted(results.qty):
        view = desk.engine.portfolio(account_id)
        assert view is not None
        found += [((account_id, number), x) for x in view.holdings if x.instrument_id == number]
    return found


@pytest.mark.parametrize("run", range(3))
def test_results_are_what_the_position_is_worth_less_what_was_paid_for_it(
    run: int, seed: int
) -> None:
    """Exact, also after busts and corrections; the mark is the last, else the reference price."""
    desk, results = traded(random.Random(seed + run), 600, revised=True)
    marks = {
        row.instrument.instrument_id: row.last_price or row.instrument.reference_price
        for row in desk.engine.instruments()
    }
    found = holdings(desk, results)
    assert len(found) > 6
    for key, held in found:
        worth = held.qty * marks[key[1]] * results.scale(key[1])
        assert held.qty == results.qty[key]
        assert held.mark == marks[key[1]]
        assert held.realised + held.unrealised == worth - results.paid[key]
        assert held.unrealised == worth - held.cost


@pytest.mark.parametrize("run", range(3))
def test_realised_is_average_cost_but_for_rounding(run: int, seed: int) -> None:
    desk, results = traded(random.Random(seed + run), 600, revised=False)
    compared = 0
    for key, held in holdings(desk, results):
        if results.settled[key]:
            continue  # marked to market: cost was moved at a day's end
        compared += 1
        assert abs(held.realised - results.realised[key]) <= results.closings[key]
        assert abs(held.cost - results.cost[key]) <= results.closings[key]
    assert compared > 4
