"""Long random runs: the judge on a busy market, and restore at every k-th command (I3, I8, R11.4).

A seeded generator, not Hypothesis: thousands of commands with many live orders, where a state
machine gives short runs that shrink. The seed is shown when a run fails.
"""

from __future__ import annotations

import random
from collections import Counter

import pytest

from exchange.engine.build import build_engine
from exchange.engine.port import Engine
from exchange.model import command as c
from exchange.model import event as e
from exchange.model.enums import KillScope, OrderFlag, OrdType, Side, StpMode, TimeInForce
from tests.properties.market_judge import Judge
from tests.recorder import Recorder
from tests.strategies import SMALL_WORLD

TIFS = [TimeInForce.DAY] * 6 + [TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTD]


class RandomTrader:
    """Draws commands that mostly make sense.

    `live` holds (member_id, order_id) of orders to cancel and replace; whoever runs the trader
    keeps it up to date. What stops trading is undone a few commands later.
    """

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.live: list[tuple[int, int]] = []
        self._undo: list[c.Command] = []
        self.sent: list[c.Command] = []

    def command(self, now_ns: int) -> c.Command:
        """The next command."""
        draw = self.chance.random()
        if draw < 0.03 and self.sent:
            return self.chance.choice(self.sent[-50:])
        name = f"t{len(self.sent)}"
        if self._undo and self.chance.random() < 0.15:
            return self._undo.pop()
        if draw < 0.72:
            command: c.Command = self._order(name, now_ns)
        elif draw < 0.86:
            command = self._replace(name)
        elif draw < 0.975:
            command = c.CancelOrder(*self._target(), name, "")
        elif draw < 0.98:
            filters = (0, self.chance.randint(0, 2), self.chance.randint(0, 2))
            command = c.MassCancel(self._member(), *filters, name)
        else:
            command = self._admin(name)
        self.sent.append(command)
        return command

    def _member(self) -> int:
        return self.chance.randint(1, 3)

    def _target(self) -> tuple[int, int]:
        unknown = (self._member(), self.chance.randint(1, 500))
        return self.chance.choice([*self.live[-40:], unknown])

    def _order(self, name: str, now_ns: int) -> c.NewOrder:
        chance, member_id = self.chance, self._member()
        tif = chance.choice(TIFS)
        market = chance.random() < 0.1
        post_only = not market and chance.random() < 0.15
        side = chance.choice(list(Side))
        away = chance.randint(-3, 8) * (-10 if side == Side.BUY else 10)
        return c.NewOrder(
            member_id=member_id,
            account_id=member_id,
            instrument_id=chance.randint(1, 2),
            side=side,
            ord_type=OrdType.MARKET if market else OrdType.LIMIT,
            time_in_force=tif,
            stp=chance.choice([0, *StpMode]),
            flags=OrderFlag.POST_ONLY if post_only else 0,
            order_qty=5 * chance.randint(2, 40),
            price=0 if market else 1000 + away,
            expire_ts_ns=now_ns + chance.randint(1, 90) if tif == TimeInForce.GTD else 0,
            cl_ord_id=name,
        )

    def _replace(self, name: str) -> c.ReplaceOrder:
        order_qty = self.chance.choice([0, 5 * self.chance.randint(2, 40)])
        price = self.chance.choice([0, 1000 + 10 * self.chance.randint(-6, 6)])
        return c.ReplaceOrder(*self._target(), order_qty, price, name, "")

    def _admin(self, name: str) -> c.Command:
        number = self._member()
        tail = (name, "olga", "drill")
        undo = (f"u{name}", "olga", "drill")
        reopen = c.OpenSession(0, f"u{name}", "olga")
        close = c.CloseSession(self.chance.randint(0, 2), name, "olga")
        kill = c.EngageKillSwitch(KillScope.MEMBER, number, *tail)
        steps: list[tuple[c.Command, c.Command | None]] = [
            (c.Halt(0, 0, self.chance.randint(0, 1), *tail), c.Resume(0, 0, 1, *undo)),
            (close, reopen),
            (kill, c.ReleaseKillSwitch(KillScope.MEMBER, number, *undo)),
            (c.SessionOpened(number, 1, name), None),
            (c.SessionClosed(self.chance.randint(1, 9), "lost"), None),
            (c.OperatorCancel(number, 0, 0, 0, *tail), None),
            (c.CreateAccount(number, name, name, "olga"), None),
        ]
        step, undoing = self.chance.choice(steps)
        if undoing is not None:
            self._undo.append(undoing)
        return step


@pytest.mark.parametrize("run", range(3))
def test_a_busy_market_is_what_its_events_tell(run: int, seed: int) -> None:
    """I5-I7, R4, R5, R10, R11 over 2,500 commands in entries of up to 12."""
    chance = random.Random(seed + run)
    judge, trader = Judge(), RandomTrader(chance)
    kinds: Counter[str] = Counter()
    while len(trader.sent) < 2_500:
        judge.venue.ts_ns += chance.randint(0, 3)
        trader.live = [(x.member_id, x.order_id) for x in judge.oracle.live]
        several = [trader.command(judge.venue.ts_ns) for _ in range(chance.randint(0, 12))]
        sessions = judge.venue.engine.open_sessions()
        one_member = len(several) == 1 and sessions and isinstance(several[0], c.NewOrder)
        session_id = chance.choice(sessions)[0] if one_member else 0
        records = judge.apply(several, session_id)
        kinds.update(type(record.event).__name__ for record in records)
        judge.assert_views_agree()
        if chance.random() < 0.01:
            judge.restore()
    judge.assert_log_replays()

    wanted = {e.Trade, e.Replaced, e.Restated, e.Expired, e.Repeated, e.MassCanceled, e.Rejected}
    assert {kind.__name__ for kind in wanted} <= set(kinds)


def test_restoring_at_every_kth_command_changes_nothing(seed: int) -> None:
    """R11.4, I8: each restored engine agrees with the uninterrupted one to the end of the log."""
    chance = random.Random(seed)
    venue, trader = Recorder(), RandomTrader(chance)
    venue.open_market(*SMALL_WORLD)
    restored: list[Engine] = []
    for number in range(600):
        venue.ts_ns += chance.randint(0, 3)
        views = venue.engine.orders(0, 0, 0, 999, live=True)
        trader.live = [(view.order.member_id, view.order.order_id) for view in views]
        venue.records(trader.command(venue.ts_ns))
        for engine in restored:
            assert engine.apply(venue.entries[-1]) == venue.batches[-1]
        if number % 37 == 0:
            engine = build_engine("reference")
            engine.restore(venue.engine.snapshot())
            restored.append(engine)
        if number % 50 == 0:
            assert {engine.digest() for engine in restored} == {venue.engine.digest()}

    assert {engine.snapshot() for engine in restored} == {venue.engine.snapshot()}
