"""Dark orders among every other order, phases and fees: sums, folds and snapshots hold (I3-I8)."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from exchange.engine.build import build_engine
from exchange.engine.port import Engine
from exchange.model import command as c
from exchange.model import event as e
from exchange.model.auction_event import Indicative
from exchange.model.batch import EventBatch
from exchange.model.codec import COMMAND_NO_TIMER, EventRecord
from exchange.model.dark import DarkRules, SetDarkRules, is_dark
from exchange.model.enums import CancelReason, Phase, Side
from exchange.model.risk import FeeSchedule
from exchange.model.risk_command import SetFeeSchedule
from tests.dark_desk import SECOND_NS, rules
from tests.properties.dark_trader import DarkTrader
from tests.properties.market_folds import MarketFolds, assert_order_of_events
from tests.properties.risk_audit import RiskAudit
from tests.properties.special_trader import SpecialTrader
from tests.recorder import Recorder
from tests.strategies import SMALL_WORLD

MOVES = {
    Phase.CONTINUOUS: (Phase.VOLATILITY_AUCTION, Phase.HALTED, Phase.CLOSING_AUCTION),
    Phase.VOLATILITY_AUCTION: (Phase.CONTINUOUS,),
    Phase.CLOSING_AUCTION: (Phase.VOLATILITY_AUCTION,),
    Phase.HALTED: (Phase.CONTINUOUS,),
}


class Mixture:
    """Two instruments with dark books under special orders, dark orders and phase changes."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.venue = Recorder()
        self.venue.open_market(*SMALL_WORLD)
        self.special, self.dark = SpecialTrader(chance), DarkTrader(chance)
        fees = FeeSchedule(0, 0, maker_ppm=-200, taker_ppm=300, auction_ppm=100)
        self.venue.send(SetFeeSchedule(fees, "fees", "op"))
        self.venue.send(SetDarkRules(self._rules(), "dark-0", "op"))
        self.folds, self.audit = MarketFolds(), RiskAudit()
        for batch in self.venue.batches:
            self._fold(EventBatch(batch).events)

    def step(self) -> list[EventRecord]:
        """One command, a little later, sometimes a session later."""
        self.venue.ts_ns += self.chance.choice([0, 1, 2, 3, SECOND_NS // 5])
        views = self.venue.engine.orders(0, 0, 0, 9_999, live=True)
        live = [view.order for view in views]
        self.special.live = [(o.member_id, o.order_id, o.cl_ord_id) for o in live]
        self.dark.live = [(o.member_id, o.order_id) for o in live]
        records = self.venue.records(self._command())
        self._fold(records)
        return records

    def _fold(self, records: list[EventRecord]) -> None:
        self.folds.fold(records)
        self.audit.fold(records)

    def _rules(self) -> DarkRules:
        chance = self.chance
        return rules(
            is_continuous=chance.choice([0, 1, 1]),
            shows_side=chance.randint(0, 1),
            min_block_qty=chance.choice([50, 100]),
            cross_interval_ns=SECOND_NS,
            is_open=0 if chance.random() < 0.3 else 1,
        )

    def _command(self) -> c.Command:
        draw = self.chance.random()
        if draw < 0.04:
            return SetDarkRules(self._rules(), self.dark.name(), "op")
        phase = Phase(self.venue.engine.instruments()[0].phase)
        if draw < 0.07 or (phase != Phase.CONTINUOUS and draw < 0.2):
            return c.SetPhase(1, self.chance.choice(MOVES[phase]), self.dark.name(), "op")
        if draw < 0.45:
            return self.dark.of_dark(self.venue.ts_ns)
        return self.special.command(self.venue.ts_ns)

    def assert_holds(self) -> None:
        """What the engine shows is what the events told, of both books."""
        engine = self.venue.engine
        views = engine.orders(0, 0, 0, 9_999, live=False)
        assert {view.order.order_id: view.order for view in views} == self.folds.orders
        depth = engine.depth(1, 0)
        assert depth is not None
        assert [tuple(x) for x in depth.bids] == self.folds.depth(1, Side.BUY)
        assert [tuple(x) for x in depth.asks] == self.folds.depth(1, Side.SELL)
        self.audit.assert_agrees(engine)


@pytest.mark.parametrize("number", range(3))
def test_a_market_with_both_books_is_what_its_events_tell(number: int, seed: int) -> None:
    run = Mixture(random.Random(seed + number))
    kinds: Counter[str] = Counter()
    for step in range(700):
        by_command: dict[int, list[EventRecord]] = {}
        for record in run.step():
            by_command.setdefault(record.command_no, []).append(record)
            event = record.event
            if isinstance(event, e.Trade):
                assert is_dark(event.buy.flags) == is_dark(event.sell.flags)
                kinds["dark trade" if is_dark(event.buy.flags) else "lit trade"] += 1
            elif isinstance(event, e.Canceled):
                kinds[CancelReason(event.reason).name] += 1
            else:
                kinds[type(event).__name__] += 1
        for command_no, records in by_command.items():
            if command_no != COMMAND_NO_TIMER:
                told = [record for record in records if type(record.event) is not Indicative]
                assert_order_of_events(told)
        if step % 20 == 0:
            run.assert_holds()

    wanted = {"dark trade", "lit trade", "DarkCrossed", "DarkIndication", "DARK_BOOK_CLOSED"}
    assert wanted | {"Uncrossed", "SELF_TRADE_PREVENTION", "Triggered"} <= set(kinds)


def test_both_books_survive_a_restore_at_every_kth_command(seed: int) -> None:
    """R11.4, I8, and I3: the log alone gives everything again."""
    run = Mixture(random.Random(seed))
    restored: list[Engine] = []
    for number in range(500):
        run.step()
        entry, batch = run.venue.entries[-1], run.venue.batches[-1]
        assert [engine.apply(entry) for engine in restored] == [batch] * len(restored)
        if number % 19 == 0:
            engine = build_engine("reference")
            engine.restore(run.venue.engine.snapshot())
            restored = [*restored[-9:], engine]
    assert {engine.snapshot() for engine in restored} == {run.venue.engine.snapshot()}

    replayed = build_engine("reference")
    for entry, batch in zip(run.venue.entries, run.venue.batches, strict=True):
        assert replayed.apply(entry) == batch
    assert replayed.digest() == run.venue.engine.digest()
