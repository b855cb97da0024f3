"""An operator at random: every admin command, sensible and not, for comparing engines.

Room: drawing. What stops trading puts its undoing on `undo`, from where the market takes it a few
commands later.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import msgspec

from exchange.model import auction_command as ac
from exchange.model import command as c
from exchange.model import risk_command as rc
from exchange.model.corporate_action import SplitInstrument
from exchange.model.dark import DarkRules, SetDarkRules
from exchange.model.enums import (
    AssetClass,
    BreakerScope,
    KillScope,
    OrderFlag,
    Phase,
    Side,
    StpMode,
)
from exchange.model.instrument import Instrument
from exchange.model.risk import AccountLimits, FeeSchedule, MemberLimits, Restriction, RiskReference
from exchange.model.terms import OrderTerms
from exchange.model.trading_rules import DayEnd, ScheduleStep, TradingRules, default_rules
from exchange.model.units import CASH_SCALE
from tests.properties.special_trader import LOT, MIDDLE, TICK
from tests.recorder import ABC

SECOND = 1_000_000_000
INSTRUMENTS = (
    ABC,
    msgspec.structs.replace(ABC, symbol="XYZ", static_band_bp=0),
    msgspec.structs.replace(
        ABC, symbol="FUT", asset_class=AssetClass.FUTURE, contract_multiplier=50
    ),
    msgspec.structs.replace(
        ABC, symbol="BTC", asset_class=AssetClass.CRYPTO, currency="EUR", qty_decimals=8
    ),
)
"""Four instruments, ids from 1, whose prices meet around MIDDLE."""

MEMBERS = 4


class OperatorDesk:
    """Draws commands of operators, and members' commands that need no live order.

    `trades` and `sessions` are what the market has seen; whoever runs it keeps them up to date.
    """

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.trades = 0
        self.sessions: list[int] = []
        self.undo: list[c.Command] = []
        self._number = 0
        self._draws: list[Callable[[int], c.Command]] = [
            *[self._phase] * 3,
            self._halt,
            *[self._session] * 2,
            self._market_day,
            self._kill,
            self._operator_cancel,
            *[self._rules] * 2,
            *[self._schedule] * 2,
            self._day_ends,
            *[self._index] * 2,
            *[self._limits] * 4,
            self._member_limits,
            *[self._fees] * 2,
            self._reference,
            self._restrict,
            *[self._cash] * 3,
            *[self._position] * 2,
            *[self._bust] * 2,
            *[self._correct] * 2,
            self._emergency,
            *[self._split] * 3,
            self._refdata,
            *[self._mass_cancel] * 2,
            *[self._own_trade] * 4,
            *[self._dark_rules] * 2,
            *[self._dark_order] * 8,
        ]

    def opening(self) -> list[c.Command]:
        """The first commands: members, instruments, the session."""
        first: list[c.Command] = []
        first += [c.CreateMember(f"m{n}", self._id(), "op") for n in range(1, MEMBERS + 1)]
        first += [c.CreateInstrument(each, self._id(), "op") for each in INSTRUMENTS]
        first.append(c.OpenSession(0, self._id(), "op"))
        return first

    def command(self, now_ns: int) -> c.Command:
        """The next command of the desk."""
        return self.chance.choice(self._draws)(now_ns)

    def _id(self) -> str:
        self._number += 1
        return f"q{self._number}"

    def _tail(self) -> tuple[str, str, str]:
        return self._id(), "op", self.chance.choice(["drill", "drill", "drill", ""])

    def _member(self) -> int:
        return self.chance.randint(1, MEMBERS + 1)

    def _instrument(self) -> int:
        return self.chance.randint(0, len(INSTRUMENTS) + 1)

    def _phase(self, _: int) -> c.Command:
        return c.SetPhase(self._instrument(), self.chance.choice(list(Phase)), *self._tail()[:2])

    def _halt(self, _: int) -> c.Command:
        instrument_id = self.chance.choice([0, self._instrument()])
        asset_class = self.chance.choice([0, 0, 1, 5])
        self.undo.append(
            c.Resume(instrument_id, asset_class, self.chance.randint(0, 1), self._id(), "op", "on")
        )
        return c.Halt(instrument_id, asset_class, self.chance.randint(0, 1), *self._tail())

    def _session(self, _: int) -> c.Command:
        if self.sessions and self.chance.random() < 0.4:
            return c.SessionClosed(self.chance.choice(self.sessions), "lost")
        return c.SessionOpened(self._member(), self.chance.randint(0, 1), self._id())

    def _market_day(self, _: int) -> c.Command:
        self.undo.append(c.OpenSession(0, self._id(), "op"))
        return c.CloseSession(self.chance.choice([0, self._instrument()]), self._id(), "op")

    def _kill(self, _: int) -> c.Command:
        scope = self.chance.choice(list(KillScope))
        target = 0 if scope == KillScope.MARKET else self.chance.randint(1, 4)
        self.undo.append(c.ReleaseKillSwitch(scope, target, self._id(), "op", "over"))
        return c.EngageKillSwitch(scope, target, *self._tail())

    def _operator_cancel(self, _: int) -> c.Command:
        filters = (self.chance.choice([0, self._member()]), 0, self._instrument())
        return c.OperatorCancel(*filters, self.chance.randint(0, 3), *self._tail())

    def _rules(self, _: int) -> c.Command:
        instrument_id = self._instrument()
        rules = TradingRules(
            instrument_id,
            self.chance.choice([0, 100, 300, 1000]),
            self.chance.choice([1, SECOND, 60 * SECOND]),
            self.chance.choice([1, 5 * SECOND, 60 * SECOND]),
            self.chance.choice([0, 3 * SECOND, 30 * SECOND]),
            self.chance.choice(list(BreakerScope)),
            self.chance.choice([100, 200, 700]),
            self.chance.choice([300, 1300]),
            self.chance.choice([500, 2000]),
            self.chance.choice([1, 20 * SECOND]),
            self.chance.choice([0, 35 * 60 * SECOND]),
        )
        if self.chance.random() < 0.4:
            rules = default_rules(instrument_id)
        return ac.SetTradingRules(rules, *self._tail()[:2])

    def _dark_rules(self, _: int) -> c.Command:
        pick = self.chance.choice
        rules = DarkRules(
            self._instrument(),
            pick([1, 1, 1, 0, 2]),
            pick([1, 1, 0]),
            pick([0, 1]),
            pick([LOT * 4, LOT * 10]),
            pick([0, SECOND, 60 * SECOND]),
        )
        return SetDarkRules(rules, *self._tail()[:2])

    def _dark_order(self, now_ns: int) -> c.Command:
        pick = self.chance.choice
        member_id, tif = self.chance.randint(1, MEMBERS), pick([1, 1, 2, 3, 4, 5])
        side = pick(list(Side))
        price = pick([0, MIDDLE + TICK * self.chance.randint(-4, 4)])
        order = c.NewOrder(
            member_id,
            member_id,
            self.chance.randint(1, 4),
            side,
            2 if price else 1,
            tif,
            pick([0, *StpMode]),
            OrderFlag.DARK_BOOK,
            LOT * self.chance.randint(2, 40),
            price,
            now_ns + 90 if tif == 5 else 0,
            f"d{self._id()}",
        )
        if self.chance.random() < 0.3:
            terms = OrderTerms(min_qty=LOT * self.chance.randint(1, 20), stp_group=pick([0, 1]))
            return c.NewOrderWithTerms(order, terms)
        return order

    def _schedule(self, now_ns: int) -> c.Command:
        steps, at = [], now_ns + self.chance.randint(-1, 20) * SECOND
        cycle = [(2, 0), (3, 10), (4, 0), (5, 10), (6, 0), (1, 0)]
        start = self.chance.randint(0, 5)
        for phase, call in (cycle + cycle)[start : start + self.chance.randint(0, 6)]:
            steps.append(ScheduleStep(max(at, 0), phase, call * SECOND))
            at += self.chance.randint(10, 90) * SECOND
        target = self.chance.choice([(0, 0), (0, 1), (self._instrument(), 0)])
        return ac.SetSchedule(*target, tuple(steps), *self._tail()[:2])

    def _day_ends(self, now_ns: int) -> c.Command:
        count = self.chance.randint(0, 3)
        ends = tuple(DayEnd(now_ns + (n + 1) * 300 * SECOND) for n in range(count))
        return ac.SetDayEnds(ends, *self._tail()[:2])

    def _index(self, _: int) -> c.Command:
        price = MIDDLE + TICK * self.chance.randint(-30, 5)
        return ac.SetIndex(self._instrument(), price, *self._tail()[:2])

    def _limits(self, _: int) -> c.Command:
        chance = self.chance
        pick = chance.choice
        limits = AccountLimits(
            self._member(),
            pick([0, 0, 1, 2, 2]),
            pick([0, 0, 1, 2, 3]),
            pick([0, 0, 200_000 * 10**9]),
            pick([0, 0, 500]),
            pick([0, 100]),
            pick([0, 0, 100_000 * 10**9]),
            pick([0, 0, 300]),
            pick([0, 0, 5_000]),
            pick([0, 1_000]),
            pick([0, 0, 6_000]),
            pick([0, 0, 3_000, 7_000]),
            pick([0, SECOND, 30 * SECOND]),
        )
        if chance.random() < 0.5:
            limits = AccountLimits(limits.account_id)
        return rc.SetAccountLimits(limits, *self._tail()[:2])

    def _member_limits(self, _: int) -> c.Command:
        pick = self.chance.choice
        limits = MemberLimits(
            self._member(), pick([0, 0, 1]), pick([0, 0, 2]), pick([0, 5]), pick([0, 0, 3]), 0
        )
        return rc.SetMemberLimits(limits, *self._tail()[:2])

    def _fees(self, _: int) -> c.Command:
        pick = self.chance.choice
        schedule = FeeSchedule(
            self._instrument(), pick([0, 0, 1]), pick([-100, 0, 200]), pick([0, 300]), pick([0, 50])
        )
        return rc.SetFeeSchedule(schedule, *self._tail()[:2])

    def _reference(self, _: int) -> c.Command:
        reference = RiskReference(self._instrument(), self.chance.choice([0, 500, 10_000]))
        return rc.SetRiskReference(reference, *self._tail()[:2])

    def _restrict(self, _: int) -> c.Command:
        pick = self.chance.choice
        row = Restriction(pick([0, 0, 1, 2]), pick([0, 0, 3]), pick([0, 1, 4]))
        self.undo.append(rc.Unrestrict(row, self._id(), "op", "over"))
        return rc.Restrict(row, *self._tail())

    def _cash(self, _: int) -> c.Command:
        amount = self.chance.choice([1, 10**9, 1_000_000 * 10**9, CASH_SCALE])
        currency = self.chance.choice(["USD", "USD", "EUR", "x"])
        request_id, operator, reason = self._tail()
        direction = self.chance.choice([1, 1, 2])
        return rc.AdjustCash(
            self._member(), direction, amount, request_id, operator, currency, reason
        )

    def _position(self, _: int) -> c.Command:
        qty = LOT * self.chance.randint(1, 100)
        where = (self._member(), self._instrument(), self.chance.choice([1, 1, 2]))
        return rc.AdjustPosition(*where, qty, MIDDLE, *self._tail())

    def _trade(self) -> int:
        return self.chance.randint(max(self.trades - 20, 0), self.trades + 1)

    def _bust(self, _: int) -> c.Command:
        return rc.BustTrade(self._trade(), *self._tail())

    def _correct(self, _: int) -> c.Command:
        price = self.chance.choice([0, MIDDLE + TICK * self.chance.randint(-5, 5), 7])
        qty = self.chance.choice([0, LOT, 2 * LOT])
        return rc.CorrectTrade(self._trade(), price, qty, *self._tail())

    def _emergency(self, _: int) -> c.Command:
        if self.chance.random() < 0.8:
            return self._index(0)
        self.undo += [
            c.OpenSession(0, self._id(), "op"),
            c.ReleaseKillSwitch(KillScope.MARKET, 0, self._id(), "op", "over"),
        ]
        return rc.EmergencyClose(*self._tail())

    def _refdata(self, _: int) -> c.Command:
        pick = self.chance.choice
        instrument: Instrument = pick(INSTRUMENTS)
        changed = msgspec.structs.replace(
            instrument,
            instrument_id=self._instrument(),
            static_band_bp=pick([0, 500, 2_000]),
            reference_price=pick([0, 990, 1_000, 1_020, 1_001]),
            tick_size=pick([10, 10, 10, 5]),
            max_order_qty=pick([10_000, 80]),
            status=pick([1] * 40 + [2]),
        )
        options: list[c.Command] = [
            c.UpdateInstrument(changed, self._id(), "op", pick([0, 1, 0xFFFF, 0x0D00])),
            c.CreateInstrument(changed, self._id(), "op"),
            c.CreateMember(pick(["m1", "m9", "bad name"]), self._id(), "op"),
            c.UpdateMember(self._member(), pick([1, 2, 3]), self._id(), "op"),
            c.CreateAccount(self._member(), pick(["a", "b", ""]), self._id(), "op"),
            c.UpdateAccount(self._member(), pick([1, 1, 2]), self._id(), "op"),
            c.EpochStarted(self.chance.randint(1, 9), "node-1"),
        ]
        return pick(options)

    def _split(self, _: int) -> c.Command:
        ratio = self.chance.choice([(2, 1), (1, 2), (3, 7), (10_001, 1), (0, 1), (1, 1)])
        self.undo.append(c.OpenSession(0, self._id(), "op"))
        return SplitInstrument(self._instrument(), *ratio, *self._tail())

    def _mass_cancel(self, _: int) -> c.Command:
        filters = (self._member(), 0, self._instrument(), self.chance.choice([0, Side.BUY]))
        return c.MassCancel(*filters, f"x{self._id()}")

    def _own_trade(self, _: int) -> c.Command:
        # Crosses whatever rests, also own orders, in any mode.
        member_id = self.chance.randint(1, MEMBERS)
        side = self.chance.choice(list(Side))
        price = MIDDLE + TICK * (9 if side == Side.BUY else -9)
        return c.NewOrder(
            member_id,
            member_id,
            self.chance.randint(1, 4),
            side,
            2,
            1,
            self.chance.choice(list(StpMode)),
            0,
            LOT * 40,
            price,
            0,
            f"x{self._id()}",
        )
