"""Each uncross of a run, judged by trying every price, with every order type (R6.2, R6.3, R5).

Room: who takes part, told from the events alone, and the comparison with `auction_oracle.py`. Price
and surplus must be those of the brute force, and nobody who is left over may have been passed over.
The allocation is compared trade by trade where the events tell everything that it depends on: not
where an order has moved in its queue unseen, where a reduce-only order is cut on the way, or where
an account's reach bounds a market order.
"""

from __future__ import annotations

from exchange.model import auction_event as ae
from exchange.model import event as e
from exchange.model import risk_event as re
from exchange.model.corporate_action import InstrumentSplit
from exchange.model.enums import OrderFlag, OrdType, PegType, Phase, Side, TimeInForce
from exchange.model.terms import NO_TERMS, OrderTerms
from tests.properties.auction_oracle import Gathered, allocation, price_by_brute_force
from tests.properties.market_folds import MarketFolds

_STOPS = {
    OrdType.STOP,
    OrdType.STOP_LIMIT,
    OrdType.TRAILING_STOP,
    OrdType.TRAILING_STOP_LIMIT,
}


class UncrossJudge:
    """Follows the events of a run; `count` and `allocated` say how many it judged, and how far."""

    def __init__(self, folds: MarketFolds) -> None:
        self.count = 0
        self.allocated = 0
        self._folds = folds
        self._terms: dict[int, OrderTerms] = {}
        self._linked: dict[int, int] = {}
        self._names: dict[tuple[int, str], int] = {}
        self._waiting: set[int] = set()
        self._moved: set[int] = set()
        self._bounded: set[int] = set()
        self._places: dict[int, int] = {}
        self._reference: dict[int, int] = {}
        self._last: dict[int, int] = {}
        self._before: list[Gathered] | None = None
        self._reference_before = 0
        self._printed: list[e.Trade] = []

    def before(self, event: e.Event) -> None:
        """Look at the market as it is before an event."""
        if isinstance(event, e.Trade) and not event.aggressor and self._before is None:
            self._gather(event.instrument_id)
        if isinstance(event, ae.Uncrossed):
            if self._before is None:
                self._gather(event.instrument_id)
            self._judge(event, self._before or [])
            self._before, self._printed = None, []

    def after(self, event: e.Event) -> None:
        """Take note of an event."""
        match event:
            case e.Trade():
                self._last[event.instrument_id] = event.price
                if event.aggressor:
                    self._moved |= {event.buy.order_id, event.sell.order_id}
                else:
                    self._printed.append(event)
            case e.Accepted(order=o):
                self._places[o.order_id] = len(self._places)
                self._names[o.member_id, o.cl_ord_id] = o.order_id
                if o.ord_type in _STOPS:
                    self._waiting.add(o.order_id)
            case e.Replaced(order=o):
                self._names[o.member_id, o.cl_ord_id] = o.order_id
                self._moved.add(o.order_id)
            case e.TermsChanged(order=o, terms=terms):
                if o.order_id not in self._terms and terms.oco_cl_ord_id:
                    self._link(o.order_id, self._names.get((o.member_id, terms.oco_cl_ord_id), 0))
                self._terms[o.order_id] = terms
            case e.Triggered(order=o):
                self._waiting.discard(o.order_id)
                self._moved.add(o.order_id)
            case e.Restated(order=o):
                self._moved.add(o.order_id)
            case _:
                self._note_venue(event)

    def _note_venue(self, event: e.Event) -> None:
        match event:
            case ae.IndexChanged():
                self._last[event.instrument_id] = event.price
            case InstrumentSplit():
                self._last[event.instrument_id] = event.last_price
            case e.InstrumentChanged(instrument=instrument):
                self._reference[instrument.instrument_id] = instrument.reference_price
            case re.AccountLimitsChanged(limits=limits):
                # Once bounded, an open order keeps its reach: so the account stays in the set.
                self._bounded.add(limits.account_id)
            case e.PhaseChanged(instrument_id=number, phase=phase, previous=previous):
                # AT_THE_CLOSE orders join the book, or leave it again, in an order of their own.
                if Phase.CLOSING_AUCTION in (phase, previous):
                    self._moved |= {o.order_id for o in self._live(number)}
            case _:
                pass

    def _link(self, order_id: int, other_id: int) -> None:
        if other_id:
            self._linked[order_id], self._linked[other_id] = other_id, order_id

    def _live(self, number: int) -> list[e.OrderState]:
        found = self._folds.orders.values()
        return [x for x in found if x.leaves_qty and x.instrument_id == number]

    def _takes_part(self, order: e.OrderState) -> bool:
        terms = self._terms.get(order.order_id, NO_TERMS)
        in_closing = self._folds.phases.get(order.instrument_id) == Phase.CLOSING_AUCTION
        return not (
            order.order_id in self._waiting
            or order.flags & OrderFlag.ALL_OR_NONE
            or terms.peg == PegType.MIDPOINT
            or (order.ord_type == OrdType.PEGGED and not order.price)
            or (order.time_in_force == TimeInForce.AT_THE_CLOSE and not in_closing)
        )

    def _gather(self, number: int) -> None:
        self._reference_before = self._reference[number] or self._last.get(number, 0)
        self._before = [
            Gathered(
                self._places[x.order_id],
                x.order_id,
                x.member_id,
                x.side,
                x.price,
                x.leaves_qty,
                x.stp,
                bool(x.flags & OrderFlag.HIDDEN),
                self._terms.get(x.order_id, NO_TERMS).stp_group,
                self._linked.get(x.order_id, 0),
            )
            for x in self._live(number)
            if self._takes_part(x)
        ]

    def _judge(self, event: ae.Uncrossed, orders: list[Gathered]) -> None:
        self.count += 1
        price, volume, side, qty = price_by_brute_force(orders, self._reference_before)
        assert (event.price, event.imbalance_side, event.imbalance_qty) == (price, side, qty)
        assert event.volume == sum(x.qty for x in self._printed) <= volume
        known = {x.order_id: x for x in orders}
        for trade in self._printed:
            assert trade.price == price
            buy, sell = known[trade.buy.order_id], known[trade.sell.order_id]
            assert not buy.price or buy.price >= price
            assert sell.price <= price
            self._nobody_was_passed_over(buy, sell, orders)
            self._nobody_was_passed_over(sell, buy, orders)
        if not self._is_simple(orders):
            return
        trades = [(x.buy.order_id, x.sell.order_id, x.qty) for x in self._printed]
        assert trades == (allocation(orders, price) if price else [])
        self.allocated += bool(trades)

    def _nobody_was_passed_over(
        self, one: Gathered, other: Gathered, orders: list[Gathered]
    ) -> None:
        """R6.3: who stood before `one` and is left over could not be paired with `other`."""
        for x in orders:
            if x.side != one.side or not self._folds.orders[x.order_id].leaves_qty:
                continue
            if not x.price and self._folds.orders[x.order_id].account_id in self._bounded:
                continue
            if self._rank(x, one) < self._rank(one, x):
                assert x.is_own(other), (x, one, other)

    def _rank(self, one: Gathered, versus: Gathered) -> tuple[bool, int, bool, int]:
        moved = self._moved & {one.order_id, versus.order_id}
        worse = -one.price if one.side == Side.BUY else one.price
        return one.price != 0, worse, one.hidden, 0 if moved else one.place

    def _is_simple(self, orders: list[Gathered]) -> bool:
        states = [self._folds.orders[x.order_id] for x in orders]
        reduces = any(x.flags & OrderFlag.REDUCE_ONLY for x in self._live_of(orders))
        bounded = any(not x.price and x.account_id in self._bounded for x in states)
        return not (reduces or bounded or self._moved & {x.order_id for x in orders})

    def _live_of(self, orders: list[Gathered]) -> list[e.OrderState]:
        numbers = {self._folds.orders[x.order_id].instrument_id for x in orders}
        return [x for number in numbers for x in self._live(number)]
