"""Long random runs of special orders: what they do is what their events tell, restored or not.

A seeded generator (`special_trader.py`); the seed is shown when a run fails. The engine's own
invariants (the book is not crossed, quantities add up) are on in every command.
"""

from __future__ import annotations

import random
from collections import Counter

import pytest

from exchange.engine.build import build_engine
from exchange.engine.port import Engine
from exchange.model import event as e
from exchange.model.batch import EventBatch
from exchange.model.codec import EventRecord
from exchange.model.enums import CancelReason, Side
from tests.properties.market_folds import MarketFolds, assert_order_of_events
from tests.properties.special_trader import SpecialTrader
from tests.recorder import Recorder
from tests.strategies import SMALL_WORLD


class Run:
    """A market under random special orders, its events folded."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.venue = Recorder()
        self.venue.open_market(*SMALL_WORLD)
        self.trader = SpecialTrader(chance)
        self.folds = MarketFolds()
        for batch in self.venue.batches:
            self.folds.fold(EventBatch(batch).events)

    def step(self) -> list[EventRecord]:
        """One command, a little later."""
        self.venue.ts_ns += self.chance.randint(0, 3)
        views = self.venue.engine.orders(0, 0, 0, 9_999, live=True)
        self.trader.live = [
            (view.order.member_id, view.order.order_id, view.order.cl_ord_id) for view in views
        ]
        records = self.venue.records(self.trader.command(self.venue.ts_ns))
        self.folds.fold(records)
        return records


@pytest.mark.parametrize("number", range(3))
def test_special_orders_are_what_their_events_tell(number: int, seed: int) -> None:
    """R11.1-R11.3, I5-I7 with every order type and instruction."""
    run = Run(random.Random(seed + number))
    reasons: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for _ in range(900):
        records = run.step()
        by_command: dict[int, list[EventRecord]] = {}
        for record in records:
            by_command.setdefault(record.command_no, []).append(record)
            kinds[type(record.event).__name__] += 1
            if isinstance(record.event, e.Canceled | e.Restated):
                reasons[CancelReason(record.event.reason).name] += 1
        for of_command in by_command.values():
            if of_command[0].command_no == 0:
                assert_order_of_events(of_command)
        engine = run.venue.engine
        views = engine.orders(0, 0, 0, 9_999, live=False)
        assert {view.order.order_id: view.order for view in views} == run.folds.orders
        for instrument_id in (1, 2):
            depth = engine.depth(instrument_id, 0)
            assert depth is not None
            assert [tuple(x) for x in depth.bids] == run.folds.depth(instrument_id, Side.BUY)
            assert [tuple(x) for x in depth.asks] == run.folds.depth(instrument_id, Side.SELL)
        held = {(a, i): qty for a, i, qty in engine.positions(0)}
        assert held == {key: qty for key, qty in run.folds.positions.items() if qty}

    assert {"Trade", "Triggered", "TermsChanged", "Restated", "Replaced"} <= set(kinds)
    wanted = {"PEG_REPRICED", "FOK_NOT_FILLABLE", "MIN_QTY_NOT_FILLABLE", "LINKED_ORDER_EXECUTED"}
    assert wanted <= set(reasons)


def test_special_orders_survive_a_restore_at_every_kth_command(seed: int) -> None:
    """R11.4, I8: nothing special is forgotten (PEERS section 7)."""
    run = Run(random.Random(seed))
    restored: list[Engine] = []
    for number in range(700):
        run.step()
        entry, batch = run.venue.entries[-1], run.venue.batches[-1]
        assert [engine.apply(entry) for engine in restored] == [batch] * len(restored)
        if number % 29 == 0:
            engine = build_engine("reference")
            engine.restore(run.venue.engine.snapshot())
            restored = [*restored[-11:], engine]

    assert {engine.snapshot() for engine in restored} == {run.venue.engine.snapshot()}


def test_special_orders_replay_to_the_same_state(seed: int) -> None:
    """I3: the log alone gives every batch and the digest again."""
    run = Run(random.Random(seed))
    for _ in range(400):
        run.step()

    replayed = build_engine("reference")
    for entry, batch in zip(run.venue.entries, run.venue.batches, strict=True):
        assert replayed.apply(entry) == batch
    assert replayed.digest() == run.venue.engine.digest()
