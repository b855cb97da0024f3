"""One run over the whole command space, judged after every entry from its events alone.

Room: the comparison, for R11 and the invariants I5 to I7 of DESIGN section 7. After each entry:

- R11.1, R11.3: event numbers without gaps, the order of the events of each command, one at least;
- R11.2: quantities add up in every event; what the engine shows of an order is its last event;
- I5: depth, best prices, phases and positions rebuilt from events are those that the engine shows;
- I6: no book is crossed in CONTINUOUS; no plain order is passed over by price or by time;
- I7: money, positions and reservations are the sums of what the events moved (`RiskAudit`);
- R8.11: no trade overdraws a cash account;
- R6.2, R6.3: each uncross is what trying every price finds, with every order type;
- I3: engines that were restored from a snapshot, run beside this one, give the same bytes; the
  native engine too, where it is built.
"""

from __future__ import annotations

from collections import defaultdict

from exchange.engine.build import BUILT_ENGINES, build_engine
from exchange.engine.port import Engine
from exchange.model import auction_event as ae
from exchange.model import command as c
from exchange.model import event as e
from exchange.model import risk_event as re
from exchange.model.batch import EventBatch
from exchange.model.codec import COMMAND_NO_TIMER, EventRecord
from exchange.model.enums import OrdType, Phase, Side, TimeInForce
from exchange.model.risk import AccountType
from tests.properties.market_folds import MarketFolds, assert_order_of_events
from tests.properties.risk_audit import RiskAudit
from tests.properties.uncross_judge import UncrossJudge
from tests.properties.whole_trader import WHOLE_WORLD
from tests.risk_desk import RiskDesk

MEDDLING = (
    re.TradeBusted,
    re.TradeCorrected,
    re.FeeScheduleChanged,
    re.MemberLimitsChanged,
    re.VariationSettled,
)
"""Operators may overdraw an account; so may a future that an account of another type had bought."""


class WholeJudge:
    """A market with money, open; account 1 pays in cash, 2 on margin, 3 is unlimited."""

    def __init__(self) -> None:
        self.desk = RiskDesk()
        self.folds = MarketFolds()
        self.audit = RiskAudit()
        self.uncrosses = UncrossJudge(self.folds)
        self.restored: list[Engine] = []
        self._places: dict[int, int] = {}
        self._plain: set[int] = set()
        self._headroom: dict[tuple[int, str], int] = {}
        self._limits_changed: set[int] = set()
        self._restores = 0
        self._open()

    def _open(self) -> None:
        desk = self.desk
        desk.open_market(*WHOLE_WORLD)
        for number in range(1, 4):
            desk.send(c.SessionOpened(number, number % 2, f"logon-{number}"))
            desk.pay(number, 60_000 if number == 1 else 200_000)
            desk.pay(number, 200_000, "EUR")
            desk.deliver(number, 1_000)
        desk.limit(1, account_type=AccountType.CASH, collar_bp=100)  # its cash is soon reserved
        desk.limit(2, account_type=AccountType.MARGIN, call_grace_ns=2 * 10**9)
        desk.fees(-150, 333, auction=50)
        for raw in desk.batches:
            self._follow(EventBatch(raw).events)
        self._limits_changed.clear()

    def apply(self, commands: list[c.Command], session_id: int = 0) -> list[EventRecord]:
        """Apply one entry and judge it."""
        desk = self.desk
        records = desk.records(*commands, session_id=session_id)
        for engine in self.restored:
            assert engine.apply(desk.entries[-1]) == desk.batches[-1]  # I3, R11.4
        self._follow(records)
        groups: defaultdict[int, list[EventRecord]] = defaultdict(list)
        for record in records:
            groups[record.command_no].append(record)
        groups.pop(COMMAND_NO_TIMER, None)
        assert sorted(groups) == list(range(len(commands)))
        for of_command in groups.values():
            # The indicative uncross stands behind the last command's book events (R6.1).
            plain = [r for r in of_command if not isinstance(r.event, ae.Indicative)]
            assert_order_of_events(plain)
        self._views_agree()
        self.audit.assert_agrees(desk.engine)
        self._nobody_is_overdrawn(records)
        return records

    def restore(self) -> None:
        """R11.4, I8: from now on an engine from this snapshot runs beside the others.

        The engines that are built take turns, so that each goes on from the other's state.
        """
        engine = build_engine(BUILT_ENGINES[self._restores % len(BUILT_ENGINES)])
        self._restores += 1
        snapshot = self.desk.engine.snapshot()
        engine.restore(snapshot)
        assert engine.snapshot() == snapshot
        self.restored = [*self.restored[-3:], engine]

    def assert_same_state(self) -> None:
        """I3: every restored engine has come to the same state."""
        digests = {engine.digest() for engine in self.restored}
        assert digests <= {self.desk.engine.digest()}

    def assert_log_replays(self) -> None:
        """I3: the log alone gives every batch and the state again."""
        replayed = build_engine("reference")
        for entry, batch in zip(self.desk.entries, self.desk.batches, strict=True):
            assert replayed.apply(entry) == batch
        assert replayed.digest() == self.desk.engine.digest()

    def _follow(self, records: list[EventRecord]) -> None:
        for record in records:
            event = record.event
            self.uncrosses.before(event)
            if isinstance(event, e.Trade) and event.aggressor:
                self._nobody_was_passed_over(event)
            self._note(event)
            self.folds.fold([record])
            self.uncrosses.after(event)
            self.audit.fold([record])

    def _note(self, event: e.Event) -> None:
        match event:
            case e.Accepted(order=o):
                self._places[o.order_id] = len(self._places)
                plain = o.ord_type == OrdType.LIMIT and not o.flags
                if plain and o.time_in_force != TimeInForce.AT_THE_CLOSE:
                    self._plain.add(o.order_id)
            case e.TermsChanged(order=o) | e.Replaced(order=o, kept_priority=0):
                self._plain.discard(o.order_id)  # how it stands in the queue is for other oracles
            case ae.Uncrossed() | e.PhaseChanged():
                self._plain.clear()  # what an uncross leaves may be put back into its queue
            case e.TradingDayChanged():
                self.audit.trades.clear()
                self._plain.clear()
            case re.AccountLimitsChanged(limits=limits):
                self._limits_changed.add(limits.account_id)
            case _:
                pass

    def _nobody_was_passed_over(self, trade: e.Trade) -> None:
        """R4.1, I6, for plain limit orders that rest."""
        incoming = trade.buy if trade.aggressor == Side.BUY else trade.sell
        resting = trade.sell if trade.aggressor == Side.BUY else trade.buy
        buying = resting.side == Side.BUY
        for order_id in self._plain:
            other = self.folds.orders[order_id]
            same_side = other.side == resting.side and other.instrument_id == trade.instrument_id
            if not other.leaves_qty or not same_side or order_id == incoming.order_id:
                continue
            is_better = other.price > trade.price if buying else other.price < trade.price
            assert not is_better, (trade, other)
            if other.price == trade.price and resting.order_id in self._plain:
                assert self._places[order_id] >= self._places[resting.order_id], (trade, other)

    def _views_agree(self) -> None:
        engine = self.desk.engine
        for view in engine.instruments():
            number = view.instrument.instrument_id
            depth = engine.depth(number, 0)
            assert depth is not None
            bids, asks = [tuple(x) for x in depth.bids], [tuple(x) for x in depth.asks]
            assert bids == self.folds.depth(number, Side.BUY)
            assert asks == self.folds.depth(number, Side.SELL)
            best = (*(bids or [(0, 0)])[0][:2], *(asks or [(0, 0)])[0][:2])
            assert self.folds.bbo.get(number, (0, 0, 0, 0)) == best
            assert self.folds.phases.get(number, Phase.CLOSED) == view.phase
            if view.phase == Phase.CONTINUOUS and bids and asks:
                assert bids[0][0] < asks[0][0]
        orders = engine.orders(0, 0, 0, 100_000, live=False)
        assert {view.order.order_id: view.order for view in orders} == self.folds.orders

    def _nobody_is_overdrawn(self, records: list[EventRecord]) -> None:
        """R8.11: what a cash account has covers what it reserves, unless operators meddled."""
        engine = self.desk.engine
        meddled = any(isinstance(record.event, MEDDLING) for record in records)
        live = {o.account_id for o in self.folds.orders.values() if o.leaves_qty}
        self._limits_changed &= live | {1}
        headroom = {}
        for account in engine.accounts():
            account_id = account.account_id
            view = engine.portfolio(account_id)
            assert view is not None
            if view.limits.account_type != AccountType.CASH or account_id in self._limits_changed:
                continue
            for balance in view.balances:
                key = (account_id, balance.currency)
                headroom[key] = balance.cash - balance.reserved
                if not meddled and self._headroom.get(key, -1) >= 0:
                    assert headroom[key] >= 0, (account_id, balance)
        self._headroom = headroom
