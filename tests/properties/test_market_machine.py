"""The engine over the whole command space, as a Hypothesis state machine (I3, I5-I7, R4-R11)."""

from __future__ import annotations

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from exchange.model import command as c
from exchange.model import event as e
from tests.properties.market_judge import Judge
from tests.strategies import (
    admin_commands,
    cancels,
    commands,
    mass_cancels,
    new_orders,
    replaces,
)


class MarketMachine(RuleBasedStateMachine):
    """Commands in; `Judge` reads the events back and compares."""

    def __init__(self) -> None:
        super().__init__()
        self.judge = Judge()

    @rule(orders=st.lists(new_orders(), min_size=1, max_size=8))
    def enter_orders(self, orders: list[c.NewOrder]) -> None:
        self.judge.apply([msgspec.structs.replace(x, cl_ord_id=self.judge.fresh()) for x in orders])

    @rule(order=new_orders(), session_id=st.integers(0, 3))
    def enter_over_a_session(self, order: c.NewOrder, session_id: int) -> None:
        self.judge.apply([order], session_id if session_id == order.member_id else 0)

    @rule(data=st.data(), order_qty=st.integers(0, 60), price=st.integers(93, 107))
    def replace_a_live_order(self, data: st.DataObject, order_qty: int, price: int) -> None:
        if self.judge.oracle.live:
            order = data.draw(st.sampled_from(self.judge.oracle.live), label="order")
            terms = (order_qty // 5 * 5, price * 10 if price > 94 else 0)
            fresh = self.judge.fresh()
            self.judge.apply([c.ReplaceOrder(order.member_id, order.order_id, *terms, fresh, "")])

    @rule(data=st.data())
    def cancel_a_live_order(self, data: st.DataObject) -> None:
        if self.judge.oracle.live:
            order = data.draw(st.sampled_from(self.judge.oracle.live), label="order")
            name = self.judge.fresh()
            self.judge.apply([c.CancelOrder(order.member_id, order.order_id, name, "")])

    @rule(command=st.one_of(cancels(), replaces(), mass_cancels()))
    def manage_orders(self, command: c.Command) -> None:
        self.judge.apply([command])

    @rule(command=admin_commands(), undo=st.booleans())
    def administer(self, command: c.Command, *, undo: bool) -> None:
        self.judge.apply([command])
        if undo:
            self._put_in_order()

    def _put_in_order(self) -> None:
        """Undo what refuses orders, so that long runs do not end in silence."""
        tail = ("olga", "again")
        for switch in self.judge.venue.engine.kill_switches():
            fresh = self.judge.fresh()
            self.judge.apply([c.ReleaseKillSwitch(switch.scope, switch.target_id, fresh, *tail)])
        self.judge.apply(
            [
                c.Resume(0, 0, 1, self.judge.fresh(), *tail),
                c.OpenSession(0, self.judge.fresh(), "olga"),
                *[c.UpdateMember(n, 1, self.judge.fresh(), "olga") for n in range(1, 4)],
                *[c.UpdateAccount(n, 1, self.judge.fresh(), "olga") for n in range(1, 4)],
            ]
        )

    @rule(several=st.lists(commands(), max_size=6))
    def apply_several(self, several: list[c.Command]) -> None:
        self.judge.apply(several)

    @rule(order=new_orders())
    def repeat(self, order: c.NewOrder) -> None:
        """R10.1: the second time nothing happens."""
        self.judge.apply([order])
        known = self.judge.venue.engine.order_by_cl_ord_id(order.member_id, order.cl_ord_id)
        records = self.judge.apply([order])
        assert len(records) == 1
        if isinstance(records[0].event, e.Repeated):
            assert known is not None
            assert records[0].event.order == known.order
        else:
            assert isinstance(records[0].event, e.Rejected)

    @rule(ns=st.integers(0, 60))
    def let_time_pass(self, ns: int) -> None:
        self.judge.venue.ts_ns += ns
        self.judge.apply([])
        due = self.judge.venue.engine.next_timer_ns()
        assert due is None or due > self.judge.venue.ts_ns

    @rule()
    def restore(self) -> None:
        self.judge.restore()

    @invariant()
    def views_agree(self) -> None:
        self.judge.assert_views_agree()

    def teardown(self) -> None:
        self.judge.assert_log_replays()


TestMarketMachine = MarketMachine.TestCase
TestMarketMachine.settings = settings(max_examples=60, stateful_step_count=60)
