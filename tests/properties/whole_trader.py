"""Random commands of every kind the log knows, in a small world where they meet.

Room: drawing. Orders with every type, time in force and instruction come from `SpecialTrader`; here
they get other accounts, instruments and the auction times in force, and the operators do everything
that operators can. `chance` may be a `random.Random`, or one that Hypothesis drives and shrinks. A
kind without a row in `_OPERATORS` is drawn from its layout, so that a new one is never forgotten.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from exchange.model import auction_command as ac
from exchange.model import command as c
from exchange.model import risk_command as rc
from exchange.model.command import CommandKind as K
from exchange.model.corporate_action import SplitInstrument
from exchange.model.enums import (
    AssetClass,
    BreakerScope,
    InstrumentStatus,
    KillScope,
    OrdType,
    Phase,
    Standing,
    TimeInForce,
)
from exchange.model.instrument import ALL_FIELDS, Instrument
from exchange.model.records import COMMANDS
from exchange.model.risk import (
    AccountLimits,
    AccountType,
    FeeSchedule,
    MemberLimits,
    Restriction,
    RiskReference,
)
from exchange.model.trading_rules import DayEnd, ScheduleStep, default_rules
from tests.properties.special_trader import LOT, MIDDLE, TICK, SpecialTrader
from tests.recorder import ABC, Recorder
from tests.risk_desk import DEPOSIT, UNIT, WITHDRAWAL
from tests.strategies import SMALL_WORLD

SECOND = 10**9
FUTURE = msgspec.structs.replace(ABC, symbol="FUT", asset_class=AssetClass.FUTURE, currency="EUR")
WHOLE_WORLD = (*SMALL_WORLD, FUTURE)
"""The small world and a future in another currency: instruments 1 to 3."""

_OF_MEMBERS = frozenset(
    {
        K.NEW_ORDER,
        K.NEW_ORDER_WITH_TERMS,
        K.REPLACE_ORDER,
        K.REPLACE_ORDER_WITH_TERMS,
        K.CANCEL_ORDER,
        K.MASS_CANCEL,
    }
)
_GATHERING = (TimeInForce.AT_THE_OPENING, TimeInForce.AT_THE_CLOSE)
_PASSING = (TimeInForce.IOC, TimeInForce.FOK)
_PLAIN = (OrdType.LIMIT, OrdType.MARKET)


class WholeTrader:
    """Draws the entries of one run; account 1 is a cash account for good.

    `trades` is kept up to date by the run: the trades of the day, which can be busted.
    """

    def __init__(
        self, chance: random.Random, venue: Recorder, trades: Mapping[int, object]
    ) -> None:
        self.chance = chance
        self._venue = venue
        self._trades = trades
        self._orders = SpecialTrader(chance)
        self._sent: list[c.Command] = []
        self._used = 0

    def entry(self, chance: random.Random | None = None) -> list[c.Command]:
        """The commands of the next entry, mostly one."""
        if chance is not None:
            self.chance = self._orders.chance = chance
        views = self._venue.engine.orders(0, 0, 0, 9_999, live=True)
        self._orders.live = [
            (v.order.member_id, v.order.order_id, v.order.cl_ord_id) for v in views
        ]
        count = self.chance.choice([1, 1, 1, 3, 6])
        found: list[c.Command] = []
        for _ in range(count):
            found += self._next()
        self._sent = [*self._sent, *found][-30:]
        return found

    def number(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        return self.chance.randint(low, high)

    def name(self) -> str:
        """A cl_ord_id or request_id that was not used before."""
        self._used += 1
        return f"w{self._used}"

    def tail(self) -> tuple[str, str]:
        """A fresh request_id, and an operator."""
        return self.name(), "olga"

    def told(self) -> tuple[str, str, str]:
        """The same with a reason, now and then without."""
        return (*self.tail(), self.chance.choice(["drill"] * 9 + [""]))

    def trade_id(self) -> int:
        """A trade of late, perhaps unknown."""
        known = list(self._trades)[-20:]
        return self.chance.choice([*known, 1 << 40])

    def near(self, ns: int = 5 * SECOND) -> int:
        """A time that is soon to come, perhaps past."""
        return self._venue.ts_ns + self.number(-1, ns)

    def _next(self) -> list[c.Command]:
        phases = [view.phase for view in self._venue.engine.instruments()[: len(WHOLE_WORLD)]]
        is_open = phases == [Phase.CONTINUOUS] * len(phases)
        if not is_open and self.chance.random() < 0.25:
            return self._in_order()
        draw = self.chance.random()
        if draw < 0.87:
            return [self._member_command()]
        if draw < 0.89 and self._sent:
            return [self.chance.choice(self._sent)]
        if draw < 0.92:
            return self._auction()
        if draw < 0.93:
            return self._in_order()
        kind = self.chance.choice([kind for kind in K if kind not in _OF_MEMBERS])
        row = _OPERATORS.get(kind)
        return [row(self) if row else self._any(kind)]

    def _member_command(self) -> c.Command:
        command = self._orders.command(self._venue.ts_ns)
        change = msgspec.structs.replace
        if isinstance(command, c.NewOrder):
            return change(command, **self._elsewhere(command))
        if isinstance(command, c.NewOrderWithTerms):
            elsewhere = self._elsewhere(command.order, has_terms=True)
            return change(command, order=change(command.order, **elsewhere))
        return command

    def _elsewhere(self, order: c.NewOrder, *, has_terms: bool = False) -> dict[str, Any]:
        found: dict[str, Any] = {"instrument_id": self.chance.choice([1, 1, 1, 2, 3])}
        plain = order.ord_type in _PLAIN and not order.flags and not has_terms
        if plain and order.time_in_force == TimeInForce.DAY and self.chance.random() < 0.3:
            found["time_in_force"] = self.chance.choice(_GATHERING)
        if self.chance.random() < 0.02:
            field = self.chance.choice(["side", "ord_type", "time_in_force", "stp", "flags"])
            found[field] = self.number(0, 33)
        if self.chance.random() < 0.02:
            found["order_qty"] = self.chance.choice([0, 1, 5, 1 << 41])
        return found

    # A whole call, with orders on both sides, up to its uncross.
    def _auction(self) -> list[c.Command]:
        number = self.chance.choice([1, 1, 2, 3])
        calls = [Phase.VOLATILITY_AUCTION] * 3 + [Phase.OPENING_AUCTION, Phase.CLOSING_AUCTION]
        call = self.chance.choice(calls)
        before = Phase.CLOSED if call == Phase.OPENING_AUCTION else Phase.CONTINUOUS
        after = Phase.POST_CLOSE if call == Phase.CLOSING_AUCTION else Phase.CONTINUOUS
        found: list[c.Command] = [
            c.SetPhase(number, phase.value, *self.tail()) for phase in (before, call)
        ]
        for _ in range(self.number(4, 12)):
            command = self._member_command()
            plain = command.order if isinstance(command, c.NewOrderWithTerms) else command
            if isinstance(plain, c.NewOrder):
                plain = msgspec.structs.replace(plain, instrument_id=number)
                gathers = plain.time_in_force in _GATHERING or self.chance.random() < 0.5
                if plain.time_in_force in _PASSING and gathers:
                    plain = msgspec.structs.replace(plain, time_in_force=TimeInForce.DAY.value)
                if isinstance(command, c.NewOrderWithTerms):
                    found.append(msgspec.structs.replace(command, order=plain))
                else:
                    found.append(plain)
        return [*found, c.SetPhase(number, after.value, *self.tail())]

    # Undoes what refuses orders, so that a long run does not end in silence.
    def _in_order(self) -> list[c.Command]:
        engine = self._venue.engine
        found: list[c.Command] = [
            c.ReleaseKillSwitch(switch.scope, switch.target_id, *self.tail(), "again")
            for switch in engine.kill_switches()
        ]
        off = Standing.DISABLED
        members = [m.member_id for m in engine.members() if m.standing == off]
        accounts = [a.account_id for a in engine.accounts() if a.standing == off]
        found += [c.UpdateMember(number, 1, *self.tail()) for number in members]
        found += [c.UpdateAccount(number, 1, *self.tail()) for number in accounts]
        rows = engine.risk_settings().restrictions
        found += [rc.Unrestrict(row, *self.tail(), "again") for row in rows]
        for view in engine.instruments():
            number, phase = view.instrument.instrument_id, view.phase
            if phase == Phase.HALTED:
                found.append(c.Resume(number, 0, 1, *self.tail(), "again"))
            elif phase == Phase.POST_CLOSE:
                found.append(c.SetPhase(number, Phase.CLOSED.value, *self.tail()))
            elif phase not in {Phase.CLOSED, Phase.CONTINUOUS}:
                found.append(c.SetPhase(number, Phase.CONTINUOUS.value, *self.tail()))
        return [*found, c.OpenSession(0, *self.tail())]

    def _any(self, kind: K) -> c.Command:
        layout = COMMANDS[kind]
        small = {"id": self.name(), "name": "olga", "text": "drill"}
        nested = iter(layout.nested)
        values = []
        for _, field in layout.pairs:
            if field == "record":
                row = next(nested)
                values.append(row.record(*[small.get(k, self.number(0, 3)) for _, k in row.pairs]))
            elif field == "list":
                next(nested)
                values.append(())
            else:
                values.append(small.get(field, self.number(0, 3)))
        found: c.Command = layout.record(*values)
        return found

    def instrument(self, number: int) -> Instrument:
        """A change of one of the instruments, mostly a small one."""
        views = self._venue.engine.instruments()
        former = next((v.instrument for v in views if v.instrument.instrument_id == number), ABC)
        status = self.chance.choice([InstrumentStatus.ACTIVE] * 30 + [InstrumentStatus.RETIRED])
        if number <= len(WHOLE_WORLD):
            status = InstrumentStatus.ACTIVE
        change: dict[str, Any] = self.chance.choice(
            [
                {"static_band_bp": self.chance.choice([0, 300, 2_000])},
                {"reference_price": MIDDLE + TICK * self.number(-5, 5)},
                {"max_order_qty": self.chance.choice([50, 1_000, 10_000])},
                {"max_order_notional": self.chance.choice([0, 90_000])},
                {"stp_default": self.number(1, 5)},
                {"tick_size": self.chance.choice([0, TICK])},
            ]
        )
        return msgspec.structs.replace(former, instrument_id=number, status=status.value, **change)

    def limits(self) -> AccountLimits:
        """Limits of an account other than the first."""
        chance = self.chance
        return AccountLimits(
            self.number(2, 5),
            account_type=chance.choice([0, 0, AccountType.CASH, AccountType.MARGIN]),
            flags=chance.choice([0, 0, 1, 3]),
            max_position=chance.choice([0, 0, 400]),
            max_order_qty=chance.choice([0, 0, 100]),
            max_order_notional=chance.choice([0, 0, 120_000 * UNIT]),
            credit_limit=chance.choice([0, 0, 900_000 * UNIT]),
            collar_bp=chance.choice([0, 0, 300]),
            concentration_bp=chance.choice([0, 0, 9_000]),
            adv_bp=chance.choice([0, 0, 500]),
            maintenance_margin_bp=chance.choice([0, 4_990]),
            call_grace_ns=chance.choice([0, 2 * SECOND]),
        )

    def rules(self) -> ac.SetTradingRules:
        """Trading rules with short calls and a breaker that trips."""
        changed = msgspec.structs.replace(
            default_rules(self.number(1, 3)),
            dynamic_band_bp=self.chance.choice([0, 0, 200, 600]),
            dynamic_window_ns=SECOND,
            volatility_call_ns=2 * SECOND,
            random_end_max_ns=self.chance.choice([0, SECOND]),
            breaker_scope=self.chance.choice([*BreakerScope, BreakerScope.NONE]).value,
            breaker_1_bp=300,
            breaker_2_bp=500,
            breaker_3_bp=self.chance.choice([501, 2_000]),
            breaker_halt_ns=SECOND,
            breaker_cutoff_ns=0,
        )
        return ac.SetTradingRules(changed, *self.tail())

    def schedule(self) -> ac.SetSchedule:
        """A few steps, mostly in order."""
        times = sorted(self.near(20 * SECOND) for _ in range(self.number(0, 3)))
        calls = (Phase.OPENING_AUCTION, Phase.CLOSING_AUCTION)
        phases = [self.chance.choice([*calls, Phase.CONTINUOUS]) for _ in times]
        steps = tuple(
            ScheduleStep(ts_ns, phase.value, 1 if phase in calls else 0)
            for ts_ns, phase in zip(times, phases, strict=True)
        )
        return ac.SetSchedule(self.number(0, 3), 0, steps, *self.tail())

    def cash(self) -> rc.AdjustCash:
        """Money that comes, or goes."""
        direction = self.chance.choice([DEPOSIT, DEPOSIT, WITHDRAWAL])
        amount = self.number(1, 40_000) * UNIT
        currency = self.chance.choice(["USD", "EUR", "usd"])
        return rc.AdjustCash(self.number(1, 5), direction, amount, *self.tail(), currency, "drill")

    def securities(self) -> rc.AdjustPosition:
        """Securities that come, or go."""
        direction = self.chance.choice([DEPOSIT, DEPOSIT, WITHDRAWAL])
        qty, price = LOT * self.number(1, 30), MIDDLE
        terms = (self.number(1, 5), self.number(1, 3), direction, qty, price)
        return rc.AdjustPosition(*terms, *self.told())

    def fees(self) -> rc.SetFeeSchedule:
        """Fees of all instruments or one."""
        taker = self.number(0, 2_000)
        rates = (self.number(-taker, 900), taker, self.number(0, 900))
        schedule = FeeSchedule(self.chance.choice([0, 0, 1, 9]), self.number(0, 1), *rates)
        return rc.SetFeeSchedule(schedule, *self.tail())

    def restriction(self) -> Restriction:
        """A row of the restricted list."""
        return Restriction(self.chance.choice([0, 2]), 0, self.chance.choice([2, 3]))

    def switch(self) -> tuple[int, int]:
        """A scope of a kill switch and what it names."""
        return self.chance.choice([*KillScope]).value, self.number(0, 3)


_OPERATORS: dict[K, Callable[[WholeTrader], c.Command]] = {
    K.SESSION_OPENED: lambda t: c.SessionOpened(t.number(1, 3), t.number(0, 1), t.name()),
    K.SESSION_CLOSED: lambda t: c.SessionClosed(t.number(1, 9), "lost"),
    K.EPOCH_STARTED: lambda t: c.EpochStarted(t.number(1, 99), "n1"),
    K.SPLIT_INSTRUMENT: lambda t: SplitInstrument(
        t.number(1, 4), t.number(0, 3), t.number(1, 3), *t.told()
    ),
    K.RECORD_MEMBERSHIP: lambda t: c.RecordMembership(
        t.number(1, 9), 1, t.number(1, 9), "n1", "continue", "n1 n2", "n2 joined"
    ),
    K.CREATE_INSTRUMENT: lambda t: c.CreateInstrument(
        msgspec.structs.replace(ABC, symbol=t.name().upper()), *t.tail()
    ),
    K.UPDATE_INSTRUMENT: lambda t: c.UpdateInstrument(
        t.instrument(t.number(1, 5)),
        *t.tail(),
        t.chance.choice([ALL_FIELDS, t.number(1, ALL_FIELDS), t.number(0, 1 << 17)]),
    ),
    K.CREATE_MEMBER: lambda t: c.CreateMember(t.name(), *t.tail()),
    K.UPDATE_MEMBER: lambda t: c.UpdateMember(t.number(1, 3), t.number(1, 2), *t.tail()),
    K.CREATE_ACCOUNT: lambda t: c.CreateAccount(t.number(1, 3), t.name(), *t.tail()),
    K.UPDATE_ACCOUNT: lambda t: c.UpdateAccount(t.number(1, 4), t.number(1, 2), *t.tail()),
    K.OPEN_SESSION: lambda t: c.OpenSession(t.number(0, 3), *t.tail()),
    K.CLOSE_SESSION: lambda t: c.CloseSession(t.number(0, 3), *t.tail()),
    K.HALT: lambda t: c.Halt(t.number(0, 3), 0, t.number(0, 1), *t.told()),
    K.RESUME: lambda t: c.Resume(t.number(0, 3), 0, t.number(0, 1), *t.told()),
    K.ENGAGE_KILL_SWITCH: lambda t: c.EngageKillSwitch(*t.switch(), *t.told()),
    K.RELEASE_KILL_SWITCH: lambda t: c.ReleaseKillSwitch(*t.switch(), *t.told()),
    K.OPERATOR_CANCEL: lambda t: c.OperatorCancel(
        t.number(0, 3), 0, t.number(0, 3), t.number(0, 2), *t.told()
    ),
    K.SET_PHASE: lambda t: c.SetPhase(t.number(1, 3), t.chance.choice([*Phase]).value, *t.tail()),
    K.SET_TRADING_RULES: lambda t: t.rules(),
    K.SET_SCHEDULE: lambda t: t.schedule(),
    K.SET_DAY_ENDS: lambda t: ac.SetDayEnds((DayEnd(t.near()),), *t.tail()),
    K.SET_INDEX: lambda t: ac.SetIndex(t.number(1, 3), MIDDLE + TICK * t.number(-6, 6), *t.tail()),
    K.SET_ACCOUNT_LIMITS: lambda t: rc.SetAccountLimits(t.limits(), *t.tail()),
    K.SET_MEMBER_LIMITS: lambda t: rc.SetMemberLimits(
        MemberLimits(t.number(1, 3), t.number(0, 1), t.chance.choice([0, 0, 3])), *t.tail()
    ),
    K.RESTRICT: lambda t: rc.Restrict(t.restriction(), *t.told()),
    K.UNRESTRICT: lambda t: rc.Unrestrict(t.restriction(), *t.told()),
    K.ADJUST_CASH: lambda t: t.cash(),
    K.ADJUST_POSITION: lambda t: t.securities(),
    K.SET_FEE_SCHEDULE: lambda t: t.fees(),
    K.SET_RISK_REFERENCE: lambda t: rc.SetRiskReference(
        RiskReference(t.number(1, 4), t.chance.choice([0, 2_000])), *t.tail()
    ),
    K.BUST_TRADE: lambda t: rc.BustTrade(t.trade_id(), *t.told()),
    K.CORRECT_TRADE: lambda t: rc.CorrectTrade(
        t.trade_id(), MIDDLE + TICK * t.number(-4, 4), LOT * t.number(0, 4), *t.told()
    ),
    K.EMERGENCY_CLOSE: lambda t: rc.EmergencyClose(*t.told()),
}
