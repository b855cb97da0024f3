"""One run of the engine, judged after each command by folds that know nothing of it.

Room: the comparison. The oracle book says which effects must follow an acceptance (R4, R5),
`MarketFolds` rebuilds depth, orders and positions from the events alone (R11.3); both must agree
with the engine's views (I5-I7). A former engine may run on beside one restored from its snapshot.
"""

from __future__ import annotations

from collections import defaultdict

from exchange.engine.build import build_engine
from exchange.engine.port import Engine
from exchange.model import command as c
from exchange.model import event as e
from exchange.model.batch import EventBatch
from exchange.model.codec import COMMAND_NO_TIMER, EventRecord
from exchange.model.enums import KillScope, Phase, Side
from tests.properties.market_folds import MarketFolds, assert_order_of_events
from tests.properties.price_time_book import Effect, PriceTimeBook, Resting
from tests.recorder import Recorder
from tests.strategies import SMALL_WORLD

REFUSALS = (e.Rejected, e.CancelRejected, e.Repeated, e.AdminRejected, e.CommandIgnored)


class Judge:
    """The small world of `tests.strategies`, open, with a session for each of three members."""

    def __init__(self) -> None:
        self.venue = Recorder()
        self.oracle = PriceTimeBook()
        self.folds = MarketFolds()
        self.shadow: Engine | None = None
        self._used = 0
        self.venue.open_market(*SMALL_WORLD)
        for number in range(1, 4):
            self.venue.send(c.SessionOpened(number, number % 2, "s"))
        for batch in self.venue.batches:
            self.folds.fold(EventBatch(batch).events)

    def fresh(self) -> str:
        """A cl_ord_id or request_id that nothing else uses."""
        self._used += 1
        return f"fresh-{self._used}"

    def restore(self) -> None:
        """R11.4, I8: swap the engine for one restored from its snapshot."""
        self.shadow = self.venue.engine
        self.venue.engine = build_engine("reference")
        self.venue.engine.restore(self.shadow.snapshot())
        assert self.venue.engine.digest() == self.shadow.digest()

    def assert_views_agree(self) -> None:
        """Everything that the engine shows is what the events told."""
        self._books_agree()
        self._orders_agree()
        self._quantities_are_conserved()

    def assert_log_replays(self) -> None:
        """I3: the same log gives the same batches and the same digest."""
        replayed = build_engine("reference")
        for entry, batch in zip(self.venue.entries, self.venue.batches, strict=True):
            assert replayed.apply(entry) == batch
        assert replayed.digest() == self.venue.engine.digest()

    def apply(self, several: list[c.Command], session_id: int = 0) -> list[EventRecord]:
        """Apply one entry and judge it; its event records."""
        records = self.venue.records(*several, session_id=session_id)
        if self.shadow is not None:
            assert self.shadow.apply(self.venue.entries[-1]) == self.venue.batches[-1]
        self.folds.fold(records)
        groups: defaultdict[int, list[EventRecord]] = defaultdict(list)
        for record in records:
            groups[record.command_no].append(record)
        for record in groups.pop(COMMAND_NO_TIMER, []):
            self._drop(record.event)
        assert sorted(groups) == list(range(len(several)))  # each command causes an event
        for command_no, command in enumerate(several):
            assert_order_of_events(groups[command_no])
            self._judge(command, [record.event for record in groups[command_no]])
        return records

    def _judge(self, command: c.Command, events: list[e.Event]) -> None:
        first, rest = events[0], events[1:]
        if isinstance(first, REFUSALS) or (isinstance(first, e.AdminAccepted) and first.repeated):
            assert rest == []
        elif isinstance(command, c.NewOrder):
            assert isinstance(first, e.Accepted)
            assert _effects(rest) == self.oracle.enter(_resting(first.order))
        elif isinstance(command, c.ReplaceOrder) and isinstance(first, e.Replaced):
            order = first.order
            kept, effects = self.oracle.replace(order.order_id, order.order_qty, order.price)
            assert (first.kept_priority == 1, _effects(rest)) == (kept, effects)
        else:
            self._judge_departures(command, events)

    def _judge_departures(self, command: c.Command, events: list[e.Event]) -> None:
        if isinstance(command, c.MassCancel):
            expected = [x.order_id for x in self._selected(command)]
            assert [event.order.order_id for event in _canceled(events)] == expected
            assert isinstance(events[0], e.MassCanceled)
            assert events[0].canceled_count == len(expected)
        ids = [event.order.order_id for event in _canceled(events)]
        assert isinstance(command, c.EpochStarted) or ids == sorted(ids)
        for event in events:
            self._drop(event)
        if isinstance(command, c.EngageKillSwitch):
            assert not [x for x in self.oracle.live if _in_scope(command, x)]

    def _selected(self, command: c.MassCancel) -> list[Resting]:
        found = [
            x
            for x in self.oracle.live
            if x.member_id == command.member_id
            and command.account_id in (0, x.member_id)
            and command.instrument_id in (0, x.instrument_id)
            and command.side in (0, x.side)
        ]
        return sorted(found, key=lambda x: x.order_id)

    def _drop(self, event: e.Event) -> None:
        match event:
            case e.Canceled(canceled_qty=qty, order=o) | e.Expired(expired_qty=qty, order=o):
                assert self.oracle.drop(o.order_id) == qty
            case e.Trade() | e.Restated():
                raise AssertionError(f"no incoming order, yet {event}")
            case _:
                pass

    def _books_agree(self) -> None:
        """I5, I6: engine, feed and oracle show one book; it is not crossed in CONTINUOUS."""
        for view in self.venue.engine.instruments():
            number = view.instrument.instrument_id
            depth = self.venue.engine.depth(number, 0)
            assert depth is not None
            bids, asks = [tuple(x) for x in depth.bids], [tuple(x) for x in depth.asks]
            assert bids == self.folds.depth(number, Side.BUY)
            assert bids == self.oracle.depth(number, Side.BUY)
            assert asks == self.folds.depth(number, Side.SELL)
            assert asks == self.oracle.depth(number, Side.SELL)
            best = (*(bids or [(0, 0)])[0][:2], *(asks or [(0, 0)])[0][:2])
            assert self.folds.bbo.get(number, (0, 0, 0, 0)) == best
            assert self.folds.phases.get(number, Phase.CLOSED) == view.phase
            if view.phase == Phase.CONTINUOUS and bids and asks:
                assert bids[0][0] < asks[0][0]

    def _orders_agree(self) -> None:
        """R11.2, R11.3: the last event about an order is the order."""
        engine = self.venue.engine
        views = engine.orders(0, 0, 0, 10_000, live=False)
        assert {view.order.order_id: view.order for view in views} == self.folds.orders
        live = [view.order.order_id for view in engine.orders(0, 0, 0, 10_000, live=True)]
        assert live == sorted(x.order_id for x in self.oracle.live)

    def _quantities_are_conserved(self) -> None:
        """I7: positions are the sums of trades, and add up to nothing in each instrument."""
        total: defaultdict[int, int] = defaultdict(int)
        shown = {}
        for account_id, instrument_id, qty in self.venue.engine.positions(0):
            total[instrument_id] += qty
            shown[account_id, instrument_id] = qty
        assert not any(total.values())
        assert shown == {key: qty for key, qty in self.folds.positions.items() if qty}


def _resting(order: e.OrderState) -> Resting:
    return Resting(
        order.order_id,
        order.member_id,
        order.instrument_id,
        order.side,
        order.ord_type,
        order.time_in_force,
        order.stp,
        order.order_qty,
        order.cum_qty,
        order.leaves_qty,
        order.price,
    )


def _effects(events: list[e.Event]) -> list[Effect]:
    effects: list[Effect] = []
    for event in events:
        match event:
            case e.Trade(buy=buy, sell=sell, qty=qty, price=price):
                effects.append(("trade", buy.order_id, sell.order_id, qty, price))
            case e.Canceled(order=o, canceled_qty=qty, reason=reason):
                effects.append(("canceled", o.order_id, qty, reason))
            case e.Restated(order=o):
                effects.append(("restated", o.order_id, o.leaves_qty))
            case _:
                assert isinstance(event, e.LevelChanged | e.BboChanged)
    return effects


def _canceled(events: list[e.Event]) -> list[e.Canceled]:
    return [event for event in events if isinstance(event, e.Canceled)]


def _in_scope(command: c.EngageKillSwitch, order: Resting) -> bool:
    match command.scope:
        case KillScope.MARKET:
            return True
        case KillScope.INSTRUMENT:
            return order.instrument_id == command.target_id
        case KillScope.MEMBER | KillScope.ACCOUNT:
            return order.member_id == command.target_id
        case _:
            return False
