"""The engine against an independent market of special orders (R3, R4, R5), command by command."""

from __future__ import annotations

import random

import msgspec
import pytest

from exchange.model import command as c
from exchange.model import event as e
from exchange.model.enums import Side
from exchange.model.terms import NO_TERMS, ChangedTerms, OrderTerms
from tests.properties.special_order_book import Effect, Special, SpecialOrderBook
from tests.properties.special_trader import TICK, SpecialTrader
from tests.recorder import ABC, Recorder

BAND = (800, 1200)


class Comparison:
    """One instrument, one engine and the oracle beside it."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.venue = Recorder()
        self.venue.open_market(ABC)
        self.trader = SpecialTrader(chance)
        self.oracle = SpecialOrderBook(TICK, ABC.reference_price, BAND)

    def step(self) -> None:
        """One command; every effect must be what the oracle says."""
        views = self.venue.engine.orders(0, 0, 0, 9_999, live=True)
        self.trader.live = [
            (view.order.member_id, view.order.order_id, view.order.cl_ord_id) for view in views
        ]
        command = self._one_instrument(self.trader.command(self.venue.ts_ns))
        events = self.venue.send(command)
        told, effects = self._effects(events), self._expected(command, events)
        assert told == effects, (command, told, effects)
        depth = self.venue.engine.depth(1, 0)
        assert depth is not None
        assert [tuple(x) for x in depth.bids] == self.oracle.depth(Side.BUY), command
        assert [tuple(x) for x in depth.asks] == self.oracle.depth(Side.SELL), command

    def _one_instrument(self, command: c.Command) -> c.Command:
        change = msgspec.structs.replace
        if isinstance(command, c.NewOrder):
            return change(command, instrument_id=1)
        if isinstance(command, c.NewOrderWithTerms):
            return change(command, order=change(command.order, instrument_id=1))
        if isinstance(command, c.Halt | c.Resume):  # only continuous trading here
            return c.CancelOrder(1, 999_999, "", "")
        return command

    def _expected(self, command: c.Command, events: list[e.Event]) -> list[Effect]:
        oracle, first = self.oracle, events[0]
        if isinstance(first, e.Accepted):
            assert isinstance(command, c.NewOrder | c.NewOrderWithTerms)
            terms = command.terms if isinstance(command, c.NewOrderWithTerms) else NO_TERMS
            oracle.new(self._special(first.order, terms))
        elif isinstance(first, e.Replaced):
            order = oracle.orders[first.order.order_id]
            terms = order.terms
            if isinstance(command, c.ReplaceOrderWithTerms):
                terms = self._changed(order, command.terms)
            kept = oracle.replace(order, first.order.order_qty, first.order.price, terms)
            assert first.kept_priority == kept
        elif isinstance(first, e.Canceled | e.MassCanceled):
            own = [x for x in events if isinstance(x, e.Canceled) and x.reason in (1, 2, 9)]
            for event in own:
                assert oracle.drop(event.order.order_id) == event.canceled_qty
        else:
            assert isinstance(first, e.Rejected | e.CancelRejected)
            assert len(events) == 1
        return oracle.take()

    def _special(self, order: e.OrderState, terms: OrderTerms) -> Special:
        oracle = self.oracle
        stop = terms.stop_price
        if terms.trail and not stop:
            start = oracle.last or oracle.reference_price
            stop = oracle.trailing_stop(order.side, terms, start)
        terms = msgspec.structs.replace(terms, stop_price=stop)
        partner = 0
        if terms.oco_cl_ord_id:
            view = self.venue.engine.order_by_cl_ord_id(order.member_id, terms.oco_cl_ord_id)
            assert view is not None
            partner = view.order.order_id
        return Special(
            order.order_id,
            order.member_id,
            order.side,
            order.ord_type,
            order.time_in_force,
            order.stp,
            order.flags,
            order.order_qty,
            order.order_qty,
            order.price,
            terms,
            stop=stop,
            partner=partner,
        )

    def _changed(self, order: Special, changed: ChangedTerms) -> OrderTerms:
        oracle, old = self.oracle, order.terms
        terms = msgspec.structs.replace(
            old,
            trail=changed.trail or old.trail,
            stop_price=changed.stop_price or old.stop_price,
            peg_offset=changed.peg_offset if changed.peg_offset_given else old.peg_offset,
            peg_limit=changed.peg_limit or old.peg_limit,
            display_qty=changed.display_qty or old.display_qty,
        )
        if changed.trail and not changed.stop_price:
            start = oracle.last or oracle.reference_price
            stop = oracle.trailing_stop(order.side, terms, start)
            terms = msgspec.structs.replace(terms, stop_price=stop)
        return terms

    def _effects(self, events: list[e.Event]) -> list[Effect]:
        effects: list[Effect] = []
        for place, event in enumerate(events):
            match event:
                case e.Trade(buy=buy, sell=sell, qty=qty, price=price):
                    effects.append(("trade", buy.order_id, sell.order_id, qty, price))
                case e.Canceled(order=o, canceled_qty=qty, reason=reason):
                    if reason not in (1, 2, 9):
                        effects.append(("canceled", o.order_id, qty, reason))
                case e.Restated(order=o):
                    effects.append(("restated", o.order_id, o.leaves_qty, o.price))
                case e.Triggered(order=o):
                    effects.append(("triggered", o.order_id))
                case e.TermsChanged(order=o, terms=terms):
                    if place != 1 or not isinstance(events[0], e.Accepted | e.Replaced):
                        effects.append(("moved", o.order_id, terms.stop_price))
                case _:
                    assert isinstance(
                        event,
                        e.Accepted | e.Replaced | e.Rejected | e.CancelRejected | e.MassCanceled,
                    )
        return effects


@pytest.mark.parametrize("number", range(4))
def test_the_engine_does_what_the_slow_market_does(number: int, seed: int) -> None:
    run = Comparison(random.Random(seed + number))
    for _ in range(250):
        run.step()
