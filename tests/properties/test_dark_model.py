"""The dark book against an independent pool, and beside a lit market that must not notice it."""

from __future__ import annotations

import random
from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.engine.build import build_engine
from exchange.engine.port import Engine
from exchange.model import command as c
from exchange.model import dark as d
from exchange.model import event as e
from exchange.model.batch import EventBatch
from exchange.model.dark import is_dark
from exchange.model.enums import Phase, Side
from exchange.model.terms import NO_TERMS
from tests.dark_desk import BLOCK, SECOND_NS, set_rules
from tests.properties.dark_pool import Block, DarkPool, Effect
from tests.properties.dark_trader import DARK_MEMBERS, LOT, DarkTrader
from tests.recorder import Recorder, buy, sell

OWN_REASONS = (1, 9)


class Comparison:
    """One instrument with both books, and the pool beside the dark one."""

    def __init__(self, chance: random.Random, **rules: int) -> None:
        self.chance = chance
        self.venue = Recorder()
        self.venue.open_market(members=4)
        set_rules(self.venue, **rules)
        self.trader = DarkTrader(chance)
        self.pool = DarkPool(LOT)
        self.interest: dict[int, int] = {}
        self.continuous = bool(rules.get("is_continuous", 1))
        self.kinds: Counter[str] = Counter()

    def midpoint(self) -> int:
        """Of the displayed book; 0 = there is none, or no continuous trading."""
        depth, view = self.venue.engine.depth(1, 1), self.venue.engine.instruments()[0]
        assert depth is not None
        if view.phase != Phase.CONTINUOUS or not depth.bids or not depth.asks:
            return 0
        return (depth.bids[0].price + depth.asks[0].price) // 2

    def step(self) -> None:
        """One command, now and then some time; every effect must be what the pool says."""
        views = self.venue.engine.orders(0, 0, 0, 9_999, live=True)
        self.trader.live = [(view.order.member_id, view.order.order_id) for view in views]
        if self.chance.random() < 0.1:
            self.venue.ts_ns += self.chance.choice([1, 10, SECOND_NS])
            self.send()
        self.send(self.trader.command(self.venue.ts_ns))

    def send(self, *commands: c.Command) -> None:
        """An entry of one command, or one in which only time passes."""
        before = self.midpoint()
        self._judge(commands[0] if commands else None, self.venue.send(*commands), before)

    def _judge(self, command: c.Command | None, events: list[e.Event], before: int) -> None:
        mine = [event for event in events if _in_dark(event)]
        self.kinds.update(type(event).__name__ for event in mine)
        continuous = before if self.continuous else 0
        for event in mine:
            match event:
                case e.Accepted(order=o):
                    self.pool.enter(_block(command, o), continuous)
                case e.Replaced(order=o, kept_priority=kept):
                    self._replaced(o, continuous, kept=kept)
                case e.Canceled(order=o, canceled_qty=qty, reason=1 | 9):
                    assert self.pool.drop(o.order_id) == qty
                case e.Expired(order=o, expired_qty=qty):
                    assert self.pool.drop(o.order_id) == qty
                case d.DarkCrossed(price=price, volume=volume):
                    assert price == before
                    assert self.pool.cross(price) == volume
                case _:
                    pass
        if self.continuous:
            self.pool.retry(self.midpoint())
        assert _effects(mine) == self.pool.take(), command
        self._interest_agrees(mine)
        live = [x.order for x in self.venue.engine.orders(0, 0, 0, 9_999, live=True)]
        dark = {x.order_id: x.leaves_qty for x in live if is_dark(x.flags)}
        assert dark == {x.order_id: x.leaves for x in self.pool.queue}

    def _replaced(self, order: e.OrderState, price: int, *, kept: int) -> None:
        known = self.pool.find(order.order_id)
        assert known is not None
        known.leaves, known.limit = order.leaves_qty, order.price
        if not kept:
            self.pool.queue.remove(known)
            self.pool.enter(known, price)

    def _interest_agrees(self, events: list[e.Event]) -> None:
        """An indication for each side with a block open, and for no other."""
        for event in events:
            if isinstance(event, d.DarkIndication):
                self.interest[event.side] = event.qty
        for side in Side:
            has_block = self.pool.open_qty(side) >= BLOCK
            assert self.interest.get(side, 0) == (BLOCK if has_block else 0)


def _in_dark(event: e.Event) -> bool:
    match event:
        case e.Trade(buy=order):
            assert is_dark(order.flags) == is_dark(event.sell.flags)
            return is_dark(order.flags)
        case e.Rejected() | e.CancelRejected():
            return False
        case d.DarkIndication() | d.DarkCrossed():
            return True
        case _:
            about = getattr(event, "order", None)
            return isinstance(about, e.OrderState) and is_dark(about.flags)


def _block(command: c.Command | None, order: e.OrderState) -> Block:
    terms = command.terms if isinstance(command, c.NewOrderWithTerms) else NO_TERMS
    return Block(
        order.order_id,
        order.member_id,
        order.side,
        order.time_in_force,
        order.stp,
        order.leaves_qty,
        order.price,
        terms.min_qty,
        terms.stp_group,
    )


def _effects(events: list[e.Event]) -> list[Effect]:
    effects: list[Effect] = []
    for event in events:
        match event:
            case e.Trade(buy=buy, sell=sell, qty=qty, price=price):
                effects.append(("trade", buy.order_id, sell.order_id, qty, price))
            case e.Canceled(order=o, canceled_qty=qty, reason=reason):
                if reason not in OWN_REASONS:
                    effects.append(("canceled", o.order_id, qty, reason))
            case e.Restated(order=o):
                effects.append(("restated", o.order_id, o.leaves_qty))
            case _:
                pass
    return effects


MODES = {
    "continuous": {"shows_side": 1},
    "crossing": {"shows_side": 1, "is_continuous": 0, "cross_interval_ns": SECOND_NS},
    "both": {"shows_side": 1, "cross_interval_ns": SECOND_NS},
}


@pytest.mark.parametrize("mode", MODES)
def test_the_dark_book_does_what_the_slow_pool_does(mode: str, seed: int) -> None:
    run = Comparison(random.Random(seed), **MODES[mode])
    for _ in range(700):
        run.step()
    wanted = {"Trade", "Canceled", "Expired", "Replaced", "DarkIndication"}
    assert wanted <= set(run.kinds)
    assert ("DarkCrossed" in run.kinds) == (mode != "continuous")


@given(chance=st.randoms(use_true_random=False), mode=st.sampled_from(sorted(MODES)))
def test_the_dark_book_does_what_the_slow_pool_does_in_short_runs(
    chance: random.Random, mode: str
) -> None:
    run = Comparison(chance, **MODES[mode])
    for _ in range(25):
        run.step()


@given(chance=st.randoms(use_true_random=False), mode=st.sampled_from(["crossing", "both"]))
def test_sessions_of_many_orders_are_allocated_as_the_pool_does(
    chance: random.Random, mode: str
) -> None:
    run = Comparison(chance, **MODES[mode])
    run.send(buy(3, "bid", 50, 990))
    run.send(sell(4, "offer", 50, 1010))
    for _ in range(3):
        for _ in range(chance.randint(2, 16)):
            run.send(run.trader.of_dark(run.venue.ts_ns))
        run.venue.ts_ns += SECOND_NS
        run.send()


def lit_feed(venue: Recorder) -> list[object]:
    """What the lit market is told, without the numbers that both books share."""
    told: list[object] = []
    for raw in venue.batches:
        for record in EventBatch(raw).events:
            event = record.event
            match event:
                case e.LevelChanged() | e.BboChanged() | e.PhaseChanged():
                    told.append(event)
                case e.Trade(buy=buy, price=price, qty=qty, aggressor=aggressor):
                    if not is_dark(buy.flags):
                        told.append((price, qty, aggressor))
                case _:
                    pass
    return told


@given(chance=st.randoms(use_true_random=False), mode=st.sampled_from(sorted(MODES)))
def test_the_lit_market_does_not_notice_the_dark_one(chance: random.Random, mode: str) -> None:
    """The same lit commands with and without dark orders: one feed, one depth, one last price."""
    both, alone = Recorder(), Recorder()
    for venue in (both, alone):
        venue.open_market(members=4)
    set_rules(both, **MODES[mode])
    trader = DarkTrader(chance)
    names: dict[int, str] = {}
    for _ in range(40):
        both.ts_ns += chance.choice([0, 1, SECOND_NS])
        alone.ts_ns = both.ts_ns
        views = both.engine.orders(0, 0, 0, 9_999, live=True)
        trader.live = [(view.order.member_id, view.order.order_id) for view in views]
        names = {view.order.order_id: view.order.cl_ord_id for view in views}
        command = trader.command(both.ts_ns)
        both.send(command)
        if getattr(command, "member_id", None) in DARK_MEMBERS:
            continue
        if isinstance(command, c.NewOrderWithTerms):
            continue
        if isinstance(command, c.CancelOrder | c.ReplaceOrder):
            orig = names[command.order_id]
            command = msgspec.structs.replace(command, order_id=0, orig_cl_ord_id=orig)
        alone.send(command)

    assert lit_feed(both) == lit_feed(alone)
    assert both.engine.depth(1, 0) == alone.engine.depth(1, 0)
    assert both.engine.instruments() == alone.engine.instruments()


def test_quantities_and_money_are_conserved_and_restoring_changes_nothing(seed: int) -> None:
    """I7, R11.4: positions are the sums of trades; each k-th restored engine agrees to the end."""
    chance = random.Random(seed)
    venue, trader = Recorder(), DarkTrader(chance)
    venue.open_market(members=4)
    set_rules(venue, **MODES["both"])
    restored: list[Engine] = []
    held: Counter[int] = Counter()
    for number in range(500):
        venue.ts_ns += chance.choice([0, 1, SECOND_NS // 3])
        views = venue.engine.orders(0, 0, 0, 9_999, live=True)
        trader.live = [(view.order.member_id, view.order.order_id) for view in views]
        for event in venue.send(trader.command(venue.ts_ns)):
            if isinstance(event, e.Trade):
                held[event.buy.account_id] += event.qty
                held[event.sell.account_id] -= event.qty
        for engine in restored:
            assert engine.apply(venue.entries[-1]) == venue.batches[-1]
        if number % 23 == 0:
            engine = build_engine("reference")
            engine.restore(venue.engine.snapshot())
            restored.append(engine)
    shown = {account_id: qty for account_id, _, qty in venue.engine.positions(0)}
    assert shown == {account_id: qty for account_id, qty in held.items() if qty}
    assert sum(shown.values()) == 0
    assert {engine.snapshot() for engine in restored} == {venue.engine.snapshot()}
