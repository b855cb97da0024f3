"""Both engines give the same bytes: random commands over the whole command space.

Every batch, and now and then snapshots, digests, timers and all views, are compared; either engine
is now and then replaced by one restored from the snapshot of the other. `LOCKSTEP_FUZZ_COMMANDS`
sets how many commands all runs together draw (120,000 unless it is set).
"""

from __future__ import annotations

import os
import random

import pytest

from exchange.engine.build import BUILT_ENGINES, build_engine
from exchange.engine.port import NATIVE, REFERENCE, Engine
from exchange.model.batch import EventBatch
from exchange.model.codec import encode_command, encode_entry
from exchange.model.event import SessionChanged, Trade
from tests.exchange.engine.native.operator_desk import INSTRUMENTS, MEMBERS
from tests.exchange.engine.native.whole_market import WholeMarket
from tests.recorder import START_NS

pytestmark = pytest.mark.skipif(
    NATIVE not in BUILT_ENGINES, reason="the native engine is not built: no C++20 compiler"
)
RUNS = 40
COMMANDS = int(os.environ.get("LOCKSTEP_FUZZ_COMMANDS", "120000")) // RUNS
COMPARED_EVERY = 50


class Pair:
    """Two engines that are fed the same entries."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.market = WholeMarket(chance)
        self.one, self.other = build_engine(REFERENCE), build_engine(NATIVE)
        self.ts_ns = START_NS
        self.entries = 0

    def feed(self, records: list[bytes]) -> None:
        """Apply one entry to both; their batches must be equal."""
        body = b"".join(records)
        index = self.one.applied_index + 1
        entry = encode_entry(index, 1, self.ts_ns, len(records), body)
        batch = self.one.apply(entry)
        assert self.other.apply(entry) == batch, f"entry {index}"
        self._learn(batch)
        self.entries += 1
        if self.entries % COMPARED_EVERY == 0:
            self.compare()

    def compare(self) -> None:
        """Snapshots, digests, timers and views are equal; then one may go on from a snapshot."""
        one, other = self.one, self.other
        snapshot = one.snapshot()
        assert other.snapshot() == snapshot
        assert (other.digest(), other.events_digest()) == (one.digest(), one.events_digest())
        assert other.next_timer_ns() == one.next_timer_ns()
        assert _views(other, self.market.desk.trades) == _views(one, self.market.desk.trades)
        if self.chance.random() < 0.5:
            self.other = build_engine(NATIVE)
            self.other.restore(snapshot)
        if self.chance.random() < 0.2:
            self.one = build_engine(REFERENCE)
            self.one.restore(snapshot)

    def _learn(self, batch: bytes) -> None:
        market = self.market
        for record in EventBatch(batch).events:
            if isinstance(record.event, Trade):
                market.desk.trades = record.event.trade_id
            elif isinstance(record.event, SessionChanged) and record.event.is_open:
                market.desk.sessions = [*market.desk.sessions, record.event.session_id][-6:]
        if self.entries % 3 == 0:
            views = self.one.orders(0, 0, 0, 200, live=True)
            market.trader.live = [
                (view.order.member_id, view.order.order_id, view.order.cl_ord_id) for view in views
            ]


def _views(engine: Engine, trade_id: int) -> list[object]:
    found: list[object] = [
        engine.open_order_count - len(engine.orders(0, 0, 0, 1 << 30, live=True)),
        engine.open_order_count,
        engine.instruments(),
        engine.members(),
        engine.accounts(),
        engine.kill_switches(),
        engine.open_sessions(),
        engine.day_ends(),
        engine.positions(0),
        engine.risk_settings(),
        engine.venue_cash(),
        engine.trade(trade_id),
        engine.orders(1, 0, 3, 17, live=False),
        engine.orders(0, 2, 0, 50, live=True),
    ]
    for instrument_id in range(1, len(INSTRUMENTS) + 2):
        found += [
            engine.depth(instrument_id, 5),
            engine.auction(instrument_id),
            engine.dark(instrument_id),
            engine.schedule(instrument_id),
            engine.trading_rules(instrument_id),
        ]
    found += [engine.portfolio(account_id) for account_id in range(1, MEMBERS + 3)]
    found += [engine.order_by_cl_ord_id(1, f"s{number}") for number in range(0, 200, 7)]
    return found


@pytest.mark.parametrize("run", range(RUNS))
def test_engines_agree_on_random_commands(run: int, seed: int) -> None:
    """I3, R11.4: equal entries, equal bytes."""
    chance = random.Random(seed + run)
    pair = Pair(chance)
    for command in pair.market.desk.opening():
        pair.feed([encode_command(command)])
    sent = 0
    while sent < COMMANDS:
        pair.ts_ns += pair.market.leap_ns()
        records = [pair.market.record(pair.ts_ns) for _ in range(chance.randint(0, 10))]
        pair.feed(records)
        sent += len(records)
    pair.compare()
    assert pair.market.desk.trades > 0


def test_entries_that_are_none_change_nothing() -> None:
    """An entry with any byte changed, cut or out of order is refused alike, and leaves no trace."""
    pair = Pair(random.Random(1))
    for command in pair.market.desk.opening():
        pair.feed([encode_command(command)])
    good = encode_entry(
        pair.one.applied_index + 1, 1, pair.ts_ns, 1, pair.market.record(pair.ts_ns)
    )
    bad = [good[:size] for size in range(0, len(good), 3)]
    bad += [good[:at] + bytes((good[at] ^ 1,)) + good[at + 1 :] for at in range(len(good))]
    bad += [encode_entry(index, 1, 5, 0, b"") for index in (0, 3, 1 << 60)]
    bad += [encode_entry(pair.one.applied_index + 1, 1, 5, 2, good[40:])]
    before = pair.one.snapshot()
    for entry in bad:
        assert pair.other.apply(entry) == pair.one.apply(entry)
    assert pair.one.snapshot() == pair.other.snapshot() == before


def test_a_snapshot_that_is_none_is_refused(seed: int) -> None:
    """Any changed byte of a snapshot is refused by both, and the engine keeps its state."""
    chance = random.Random(seed)
    pair = Pair(chance)
    for command in pair.market.desk.opening():
        pair.feed([encode_command(command)])
    for _ in range(30):
        pair.feed([pair.market.record(pair.ts_ns) for _ in range(10)])
    good = pair.one.snapshot()
    accepted = 0
    for _ in range(300):
        at = chance.randrange(len(good))
        bad = good[:at] + bytes((good[at] ^ (1 << chance.randrange(8)),)) + good[at + 1 :]
        verdicts = []
        for engine in (pair.one, pair.other):
            try:
                engine.restore(bad)
            except ValueError:
                verdicts.append(False)
            else:
                verdicts.append(True)
                assert engine.snapshot() == bad
                engine.restore(good)
        accepted += verdicts[0]
        assert engine.snapshot() == good
    assert accepted < 300
