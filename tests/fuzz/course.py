"""A course: the steps that one seed draws, against the engines that take them.

Room: drawing. Commands are those of `tests/exchange/engine/native/whole_market.py`, over the whole
command space; which orders, trades and sessions there are is learned from what the engines say.
Equal seeds and lengths give equal steps, whatever the machine.
"""

from __future__ import annotations

import random
from typing import NamedTuple

from exchange.engine.build import build_engine
from exchange.model.batch import EventBatch
from exchange.model.codec import encode_command
from exchange.model.event import SessionChanged, Trade
from exchange.model.event_scan import kinds_of
from tests.exchange.engine.native.whole_market import WholeMarket
from tests.fuzz.steps import Check, Entry, Step
from tests.fuzz.twins import Difference, MakeEngine, Twins
from tests.recorder import START_NS

COMMANDS_A_COURSE = 5_000
ENTRY_COMMANDS = 12
LIVE_EVERY_ENTRIES = 4
LIVE_ORDERS = 60
_TOLD = kinds_of(Trade, SessionChanged)


class Run(NamedTuple):
    """What a course came to: all its steps, and the difference at the last one ("" = none)."""

    commands: int
    steps: list[Step]
    difference: str


class Course:
    """Draws steps. `twins` are those that take them, one after another."""

    def __init__(self, seed: int, twins: Twins) -> None:
        self._chance = random.Random(seed)
        self._market = WholeMarket(self._chance)
        self._twins = twins
        self._ts_ns = START_NS
        self._entries = 0

    def opening(self) -> list[Step]:
        """The first steps."""
        desk = self._market.desk
        return [Entry(self._ts_ns, (encode_command(command),)) for command in desk.opening()]

    def entry(self) -> Entry:
        """The next entry."""
        self._ts_ns += self._market.leap_ns()
        count = self._chance.randint(0, ENTRY_COMMANDS)
        return Entry(self._ts_ns, tuple(self._market.record(self._ts_ns) for _ in range(count)))

    def check(self) -> Check:
        """A check of any kind."""
        return self._chance.choice(list(Check))

    def learn(self, batch: EventBatch) -> None:
        """What an entry came to."""
        desk = self._market.desk
        for record in batch.of_kinds(_TOLD):
            if isinstance(record.event, Trade):
                desk.trades = record.event.trade_id
            elif isinstance(record.event, SessionChanged) and record.event.is_open:
                desk.sessions = [*desk.sessions, record.event.session_id][-6:]
        self._entries += 1
        if self._entries % LIVE_EVERY_ENTRIES == 0:
            engine = self._twins.native
            after = max(engine.open_order_count - LIVE_ORDERS, 0)
            after = self._chance.randint(0, after)
            views = engine.orders(0, 0, after, LIVE_ORDERS, live=True)
            self._market.trader.live = [
                (view.order.member_id, view.order.order_id, view.order.cl_ord_id) for view in views
            ]


def run_course(
    seed: int, commands: int = COMMANDS_A_COURSE, make: MakeEngine = build_engine
) -> Run:
    """Draw a course and put both engines through it, up to the first difference."""
    twins = Twins(make)
    course = Course(seed, twins)
    steps: list[Step] = []
    sent = 0

    def take(step: Step) -> None:
        steps.append(step)
        batch = twins.take(step)
        if batch is not None:
            course.learn(batch)

    try:
        for step in course.opening():
            take(step)
        checks = [commands // 2, commands]
        while checks:
            entry = course.entry()
            take(entry)
            sent += len(entry.records)
            if sent >= checks[0]:
                checks.pop(0)
                take(course.check())
    except Difference as found:
        return Run(sent, steps, str(found))
    return Run(sent, steps, "")
