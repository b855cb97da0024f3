"""Runs with auctions, judged from the events and a slow oracle (R2, R6, R7).

Room: the comparison. It follows the events one by one, keeps the time priority that they imply, and
at each uncross asks the oracle for price, volume and allocation.
"""

from __future__ import annotations

from exchange.engine.build import build_engine
from exchange.engine.port import Engine
from exchange.model import auction_event as ae
from exchange.model import command as c
from exchange.model import event as e
from exchange.model.batch import EventBatch
from exchange.model.codec import EventRecord
from exchange.model.enums import Phase, Side, TimeInForce
from tests.properties.auction_oracle import Gathered, allocation, price_by_brute_force
from tests.properties.market_folds import MarketFolds
from tests.recorder import Recorder
from tests.strategies import SMALL_WORLD

AT_THE_CLOSE = TimeInForce.AT_THE_CLOSE
CLOSING = Phase.CLOSING_AUCTION
CALLS = {Phase.OPENING_AUCTION, CLOSING, Phase.VOLATILITY_AUCTION}


class AuctionJudge:
    """The small world, open; `auctions` counts the uncrosses that were judged."""

    def __init__(self) -> None:
        self.venue = Recorder()
        self.folds = MarketFolds()
        self.shadow: Engine | None = None
        self.auctions = 0
        self._places: dict[int, int] = {}
        self._moved: set[int] = set()
        self._reference: dict[int, int] = {}
        self._last: dict[int, int] = {}
        self._printed: list[e.Trade] = []
        self._before: list[Gathered] = []
        self._reference_before = 0
        self._indicated: dict[int, tuple[int, ...]] = {}
        self._used = 0
        self.venue.open_market(*SMALL_WORLD)
        for batch in self.venue.batches:
            self._follow(EventBatch(batch).events)

    def fresh(self) -> str:
        """A cl_ord_id that nothing else uses."""
        self._used += 1
        return f"fresh-{self._used}"

    def apply(self, several: list[c.Command]) -> list[EventRecord]:
        """Apply one entry and judge it."""
        records = self.venue.records(*several)
        if self.shadow is not None:
            assert self.shadow.apply(self.venue.entries[-1]) == self.venue.batches[-1]
        self._follow(records)
        self._indicatives_are_right()
        return records

    def restore(self) -> None:
        """R11.4, I8: swap the engine for one restored from its snapshot, also in a call."""
        self.shadow = self.venue.engine
        self.venue.engine = build_engine("reference")
        self.venue.engine.restore(self.shadow.snapshot())
        assert self.venue.engine.digest() == self.shadow.digest()

    def assert_views_agree(self) -> None:
        """Books, orders, phases and positions are what the events told; R4.9, R3.1, I7."""
        engine = self.venue.engine
        for view in engine.instruments():
            number = view.instrument.instrument_id
            depth = engine.depth(number, 0)
            assert depth is not None
            bids, asks = [tuple(x) for x in depth.bids], [tuple(x) for x in depth.asks]
            assert bids == self.folds.depth(number, Side.BUY)
            assert asks == self.folds.depth(number, Side.SELL)
            assert self.folds.phases.get(number, Phase.CLOSED) == view.phase
            if view.phase == Phase.CONTINUOUS:
                assert not (bids and asks and bids[0][0] >= asks[0][0])
                assert all(x.price or x.time_in_force == AT_THE_CLOSE for x in self._live(number))
        orders = engine.orders(0, 0, 0, 10_000, live=False)
        assert {view.order.order_id: view.order for view in orders} == self.folds.orders
        total: dict[int, int] = {}
        for _, instrument_id, qty in engine.positions(0):
            total[instrument_id] = total.get(instrument_id, 0) + qty
        assert not any(total.values())

    def assert_log_replays(self) -> None:
        """I3."""
        replayed = build_engine("reference")
        for entry, batch in zip(self.venue.entries, self.venue.batches, strict=True):
            assert replayed.apply(entry) == batch
        assert replayed.digest() == self.venue.engine.digest()

    def _follow(self, records: list[EventRecord]) -> None:
        for record in records:
            event = record.event
            if isinstance(event, ae.Uncrossed):
                self._judge(event)
            elif isinstance(event, e.Trade) and not event.aggressor:
                if not self._printed:
                    self._remember_gathered(event.instrument_id)
                self._printed.append(event)
            else:
                assert not self._printed, "auction trades are followed by their Uncrossed"
            self.folds.fold([record])
            self._note(event)

    def _note(self, event: e.Event) -> None:
        match event:
            case e.Accepted(order=o):
                self._to_the_back(o.order_id)
            case e.Replaced(order=o, kept_priority=0):
                self._to_the_back(o.order_id)
            case e.Trade(instrument_id=number, price=price):
                self._last[number] = price
                if event.aggressor:
                    self._moved |= {event.buy.order_id, event.sell.order_id}
            case e.Restated(order=o):
                self._moved.add(o.order_id)
            case ae.IndexChanged(instrument_id=number, price=price):
                self._last[number] = price
            case e.InstrumentChanged(instrument=instrument):
                self._reference[instrument.instrument_id] = instrument.reference_price
            case ae.Indicative(instrument_id=number):
                told = (event.price, event.volume, event.imbalance_side, event.imbalance_qty)
                assert self._indicated.get(number) != told  # only what changed is told
                self._indicated[number] = told
            case e.PhaseChanged(instrument_id=number, phase=phase, previous=previous):
                self._indicated.pop(number, None)
                waiting = [x for x in self._live(number) if x.time_in_force == AT_THE_CLOSE]
                if phase == CLOSING:
                    for order in sorted(waiting, key=lambda x: self._places[x.order_id]):
                        self._to_the_back(order.order_id)
                elif previous == CLOSING:
                    for order in sorted(waiting, key=lambda x: x.order_id):
                        self._to_the_back(order.order_id)
            case _:
                pass

    def _to_the_back(self, order_id: int) -> None:
        self._places[order_id] = len(self._places) + max(self._places.values(), default=0)

    def _live(self, number: int) -> list[e.OrderState]:
        found = self.folds.orders.values()
        return [x for x in found if x.leaves_qty and x.instrument_id == number]

    def _gathered(self, number: int) -> list[Gathered]:
        in_closing = self.folds.phases.get(number) == CLOSING
        return [
            Gathered(
                self._places[x.order_id],
                x.order_id,
                x.member_id,
                x.side,
                x.price,
                x.leaves_qty,
                x.stp,
            )
            for x in self._live(number)
            if in_closing or x.time_in_force != AT_THE_CLOSE
        ]

    def _judge(self, event: ae.Uncrossed) -> None:
        number = event.instrument_id
        if not self._printed:
            self._remember_gathered(number)
        orders, printed = self._before, self._printed
        price, volume, side, qty = price_by_brute_force(orders, self._reference_before)
        assert (event.price, event.imbalance_side, event.imbalance_qty) == (price, side, qty)
        trades = [(x.buy.order_id, x.sell.order_id, x.qty) for x in printed]
        assert all(x.price == price for x in printed)
        assert event.volume == sum(x.qty for x in printed) <= volume
        if not self._moved & {x.order_id for x in orders}:
            assert trades == (allocation(orders, price) if price else [])
            self.auctions += bool(trades)
        self._printed = []

    def _remember_gathered(self, number: int) -> None:
        self._before = self._gathered(number)
        self._reference_before = self._reference[number] or self._last.get(number, 0)

    def _indicatives_are_right(self) -> None:
        """R6.1: after each entry, what was last published is what an uncross would do now."""
        for number, phase in self.folds.phases.items():
            if phase not in CALLS:
                self._indicated.pop(number, None)
                continue
            reference = self._reference[number] or self._last.get(number, 0)
            now = tuple(price_by_brute_force(self._gathered(number), reference))
            assert self._indicated.get(number, (0, 0, 0, 0)) == now
