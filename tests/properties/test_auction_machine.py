"""Auctions in the whole command space, as a Hypothesis state machine (R2, R5, R6, R7, R11)."""

from __future__ import annotations

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from exchange.model import command as c
from exchange.model.enums import OrdType, Phase, TimeInForce
from tests.properties.auction_judge import AuctionJudge
from tests.strategies import (
    admin_commands,
    auction_commands,
    cancels,
    mass_cancels,
    new_orders,
    replaces,
)

GATHERING = st.sampled_from(
    [TimeInForce.DAY, TimeInForce.GTC, TimeInForce.AT_THE_OPENING, TimeInForce.AT_THE_CLOSE]
)
CALLS = [Phase.OPENING_AUCTION, Phase.CLOSING_AUCTION, Phase.VOLATILITY_AUCTION]
ROUND = (Phase.OPENING_AUCTION, Phase.CONTINUOUS, Phase.CLOSING_AUCTION, Phase.POST_CLOSE)


class AuctionMachine(RuleBasedStateMachine):
    """Commands in; `AuctionJudge` reads the events back and compares."""

    def __init__(self) -> None:
        super().__init__()
        self.judge = AuctionJudge()

    @rule(orders=st.lists(new_orders(), min_size=1, max_size=10), tif=GATHERING)
    def gather(self, orders: list[c.NewOrder], tif: TimeInForce) -> None:
        """Orders that a call takes."""
        several: list[c.Command] = [
            msgspec.structs.replace(
                x, cl_ord_id=self.judge.fresh(), time_in_force=tif, flags=0, expire_ts_ns=0
            )
            for x in orders
        ]
        self.judge.apply(several)

    @rule(order=new_orders(), market=st.booleans())
    def enter(self, order: c.NewOrder, *, market: bool) -> None:
        terms = {"ord_type": OrdType.MARKET, "price": 0, "flags": 0} if market else {}
        fresh = self.judge.fresh()
        self.judge.apply([msgspec.structs.replace(order, cl_ord_id=fresh, **terms)])

    @rule(command=st.one_of(cancels(), replaces(), mass_cancels()))
    def manage(self, command: c.Command) -> None:
        self.judge.apply([command])

    @rule(
        number=st.integers(1, 2),
        call=st.sampled_from(CALLS),
        orders=st.lists(new_orders(), min_size=4, max_size=20),
        tifs=st.lists(GATHERING, min_size=20, max_size=20),
    )
    def hold_an_auction(
        self, number: int, call: Phase, orders: list[c.NewOrder], tifs: list[TimeInForce]
    ) -> None:
        """A whole call, with orders on both sides, up to its uncross."""
        before = Phase.CONTINUOUS if call != Phase.OPENING_AUCTION else Phase.CLOSED
        for phase in (Phase.CLOSED, before, call):
            self.judge.apply([c.SetPhase(number, phase, self.judge.fresh(), "olga")])
        for order, tif in zip(orders, tifs, strict=False):
            fresh = self.judge.fresh()
            terms = {"time_in_force": tif, "flags": 0, "expire_ts_ns": 0, "cl_ord_id": fresh}
            self.judge.apply([msgspec.structs.replace(order, instrument_id=number, **terms)])
        after = Phase.POST_CLOSE if call == Phase.CLOSING_AUCTION else Phase.CONTINUOUS
        self.judge.apply([c.SetPhase(number, after, self.judge.fresh(), "olga")])

    @rule(number=st.integers(1, 2), phase=st.sampled_from([*ROUND, *Phase]))
    def set_phase(self, number: int, phase: Phase) -> None:
        self.judge.apply([c.SetPhase(number, phase, self.judge.fresh(), "olga")])

    @rule(command=auction_commands())
    def run_the_market(self, command: c.Command) -> None:
        self.judge.apply([msgspec.structs.replace(command, request_id=self.judge.fresh())])

    @rule(command=admin_commands(auctions=True), undo=st.integers(0, 3))
    def administer(self, command: c.Command, undo: int) -> None:
        self.judge.apply([command])
        if undo:
            for switch in self.judge.venue.engine.kill_switches():
                scope = (switch.scope, switch.target_id)
                release = c.ReleaseKillSwitch(*scope, self.judge.fresh(), "olga", "again")
                self.judge.apply([release])
            self.judge.apply(
                [
                    *[c.UpdateMember(n, 1, self.judge.fresh(), "olga") for n in range(1, 4)],
                    *[c.UpdateAccount(n, 1, self.judge.fresh(), "olga") for n in range(1, 4)],
                    c.OpenSession(0, self.judge.fresh(), "olga"),
                ]
            )

    @rule(several=st.lists(st.one_of(new_orders(), auction_commands()), max_size=6))
    def apply_several(self, several: list[c.Command]) -> None:
        self.judge.apply(several)

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


TestAuctionMachine = AuctionMachine.TestCase
TestAuctionMachine.settings = settings(max_examples=60, stateful_step_count=50)
