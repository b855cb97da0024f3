"""All Hypothesis strategies for commands: small worlds, where ids meet, and wild ones.

Room: generation only. The small world has three members (ids 1-3, accounts the same), two
instruments (1, 2) with tick 10 and lot 5 and few prices, so that orders meet; wild values lie
anywhere in their field. Names of orders come from a short list, so that they repeat and collide.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import strategies as st

from exchange.model import command as c
from exchange.model.auction_command import SetDayEnds, SetIndex, SetSchedule, SetTradingRules
from exchange.model.dark import CROSS_INTERVAL_MIN_NS, DarkRules, SetDarkRules
from exchange.model.enums import (
    BreakerScope,
    InstrumentStatus,
    KillScope,
    OrderFlag,
    OrdType,
    Phase,
    Side,
    StpMode,
    TimeInForce,
)
from exchange.model.event import Event
from exchange.model.instrument import Instrument
from exchange.model.records import COMMANDS, EVENTS
from exchange.model.trading_rules import DayEnd, ScheduleStep, default_rules
from tests.recorder import ABC, START_NS

U8 = st.integers(0, 0xFF)
U16 = st.integers(0, 0xFFFF)
U32 = st.one_of(st.integers(0, 5), st.integers(0, 0xFFFF_FFFF))
U64 = st.one_of(st.integers(0, 5), st.integers(0, (1 << 64) - 1))
I64 = st.one_of(st.integers(-5, 2_000), st.integers(-(1 << 63), (1 << 63) - 1))
U128 = st.one_of(st.just(0), st.integers(0, (1 << 128) - 1))
IDS = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=36)
NAMES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=32)
TEXTS = st.text(max_size=50)

MEMBERS = st.integers(1, 3)
INSTRUMENTS = st.integers(1, 2)
CL_ORD_IDS = st.sampled_from([f"c{number}" for number in range(40)])
REQUEST_IDS = st.sampled_from([f"r{number}" for number in range(60)])
PRICES = st.integers(95, 105).map(lambda ticks: ticks * 10)
QUANTITIES = st.integers(2, 12).map(lambda lots: lots * 5)
OPERATORS = st.sampled_from(["olga", "omar"])
REASONS = st.sampled_from(["news", "test", ""])
GTD_TIMES = st.integers(START_NS, START_NS + 200)

_WILD: dict[str, st.SearchStrategy[Any]] = {
    "u8": U8,
    "u16": U16,
    "u32": U32,
    "u64": U64,
    "i64": I64,
    "u128": U128,
    "i256": st.integers(-(1 << 255), (1 << 255) - 1),
    "id": IDS,
    "name": NAMES,
    "text": TEXTS,
}


@st.composite
def new_orders(draw: st.DrawFn) -> c.NewOrder:
    """Orders that the ladder mostly takes; now and then a wrong flag, expiry or price."""
    ord_type = draw(st.sampled_from([OrdType.LIMIT] * 5 + [OrdType.MARKET]))
    tif = draw(
        st.sampled_from(
            [TimeInForce.DAY] * 4
            + [TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTD]
        )
    )
    member_id = draw(MEMBERS)
    return c.NewOrder(
        member_id=member_id,
        account_id=member_id,
        instrument_id=draw(INSTRUMENTS),
        side=draw(st.sampled_from(Side)),
        ord_type=ord_type,
        time_in_force=tif,
        stp=draw(st.sampled_from([0, *StpMode])),
        flags=draw(st.sampled_from([0] * 6 + [OrderFlag.POST_ONLY])),
        order_qty=draw(QUANTITIES),
        price=draw(PRICES) if ord_type == OrdType.LIMIT else 0,
        expire_ts_ns=draw(GTD_TIMES) if tif == TimeInForce.GTD else 0,
        cl_ord_id=draw(CL_ORD_IDS),
    )


def cancels() -> st.SearchStrategy[c.CancelOrder]:
    """Cancels by order_id or by name."""
    return st.builds(
        c.CancelOrder, MEMBERS, st.integers(0, 30), CL_ORD_IDS, st.one_of(st.just(""), CL_ORD_IDS)
    )


def replaces() -> st.SearchStrategy[c.ReplaceOrder]:
    """Replaces of quantity, price, both or neither."""
    return st.builds(
        c.ReplaceOrder,
        MEMBERS,
        st.integers(0, 30),
        st.one_of(st.just(0), QUANTITIES),
        st.one_of(st.just(0), PRICES),
        CL_ORD_IDS,
        CL_ORD_IDS,
    )


def mass_cancels() -> st.SearchStrategy[c.MassCancel]:
    """Mass cancels with any filters."""
    return st.builds(
        c.MassCancel,
        MEMBERS,
        st.integers(0, 3),
        st.sampled_from([0, 1, 2, 3, c.UNKNOWN_ID]),
        st.integers(0, 3),
        CL_ORD_IDS,
    )


def instruments() -> st.SearchStrategy[Instrument]:
    """Instruments that differ from ABC in little; some have a fault."""
    return st.builds(
        lambda number, symbol, lot, band, status: Instrument(
            number, symbol, 1, "USD", "XLCK", 10, lot, 0, 10, 1000, 0, 1000, band, 1, 2, status
        ),
        st.integers(1, 4),
        st.sampled_from(["ABC", "XYZ", "NEW", "bad"]),
        st.sampled_from([5, 5, 10]),
        st.sampled_from([0, 400, 2000]),
        st.sampled_from([InstrumentStatus.ACTIVE] * 15 + [InstrumentStatus.RETIRED]),
    )


def admin_commands(*, auctions: bool = False) -> st.SearchStrategy[c.Command]:
    """Every admin command, session and epoch; call phases and what leads to them if asked."""
    phases = [0, 9, *Phase] if auctions else [0, 9, Phase.CLOSED, Phase.CONTINUOUS, Phase.HALTED]
    tail = (REQUEST_IDS, OPERATORS)
    standing = st.sampled_from([1, 1, 1, 2, 3])
    scope = (st.integers(0, 3), st.integers(0, 2), st.integers(0, 1), *tail, REASONS)
    switch = (st.sampled_from([*KillScope, 9]), st.integers(0, 3), *tail, REASONS)
    any_instrument = st.integers(0, 3)
    small = st.integers(0, 4)
    return st.one_of(
        st.builds(c.CreateInstrument, instruments(), *tail),
        st.builds(c.UpdateInstrument, instruments(), *tail),
        st.builds(c.CreateMember, st.sampled_from(["m1", "m9", "no name"]), *tail),
        st.builds(c.UpdateMember, small, standing, *tail),
        st.builds(c.CreateAccount, small, st.sampled_from(["m1", "x"]), *tail),
        st.builds(c.UpdateAccount, small, standing, *tail),
        st.builds(c.OpenSession, any_instrument, *tail),
        st.builds(c.CloseSession, any_instrument, *tail),
        st.builds(c.Halt, *scope),
        st.builds(c.Resume, *scope[:2], st.sampled_from([0, 1] if auctions else [1]), *scope[3:]),
        st.builds(c.EngageKillSwitch, *switch),
        st.builds(c.ReleaseKillSwitch, *switch),
        st.builds(c.OperatorCancel, small, small, small, st.integers(0, 2), *tail, REASONS),
        st.builds(c.SetPhase, any_instrument, st.sampled_from(phases), *tail),
        st.builds(c.SessionOpened, small, st.integers(0, 1), REQUEST_IDS),
        st.builds(c.SessionClosed, small, st.just("lost")),
        st.builds(c.EpochStarted, st.integers(1, 9), st.sampled_from(["n1", "n2"])),
        st.builds(
            c.RecordMembership,
            st.integers(1, 9),
            st.just(1),
            st.integers(1, 9),
            st.just("n1"),
            st.just("continue"),
            st.sampled_from(["n1", "n1 n2"]),
            st.just("n2 left"),
        ),
    )


def auction_commands() -> st.SearchStrategy[c.Command]:
    """Phases, rules, schedules, day ends and index values, near START_NS: timers fall due."""
    tail = (REQUEST_IDS, OPERATORS)
    number = st.integers(1, 2)
    near = st.integers(START_NS, START_NS + 400)
    calls = st.sampled_from([0, 20, 50])
    steps = st.lists(st.builds(ScheduleStep, near, st.sampled_from(Phase), calls), max_size=4)
    rising = steps.map(lambda found: tuple(sorted(found, key=lambda step: step.ts_ns)))
    ends = st.lists(near, max_size=2, unique=True).map(
        lambda found: tuple(DayEnd(ts_ns) for ts_ns in sorted(found))
    )
    rules = st.builds(
        lambda instrument_id, band, scope, random_end: msgspec.structs.replace(
            default_rules(instrument_id),
            dynamic_band_bp=band,
            dynamic_window_ns=30,
            volatility_call_ns=40,
            random_end_max_ns=random_end,
            breaker_scope=scope,
            breaker_1_bp=100,
            breaker_2_bp=200,
            breaker_3_bp=400,
            breaker_halt_ns=50,
            breaker_cutoff_ns=20,
        ),
        number,
        st.sampled_from([0, 100, 300]),
        st.sampled_from([1, 1, *BreakerScope]),
        st.sampled_from([0, 30]),
    )
    return st.one_of(
        st.builds(c.SetPhase, number, st.sampled_from(Phase), *tail),
        st.builds(c.SetPhase, number, st.sampled_from(Phase), *tail),
        st.builds(SetSchedule, number, st.just(0), rising, *tail),
        st.builds(SetTradingRules, rules, *tail),
        st.builds(SetDarkRules, _dark_rules(number), *tail),
        st.builds(SetDayEnds, ends, *tail),
        st.builds(SetIndex, number, PRICES, *tail),
    )


def _dark_rules(number: st.SearchStrategy[int]) -> st.SearchStrategy[DarkRules]:
    """Rules of dark books, some without sense."""
    switch = st.sampled_from([0, 1, 1, 2])
    interval = st.sampled_from([0, 1, CROSS_INTERVAL_MIN_NS])
    return st.builds(DarkRules, number, switch, switch, switch, st.integers(0, 30), interval)


def commands() -> st.SearchStrategy[c.Command]:
    """The whole command space, mostly orders."""
    return st.one_of(
        new_orders(),
        new_orders(),
        new_orders(),
        cancels(),
        replaces(),
        mass_cancels(),
        admin_commands(),
    )


def wild_record(layout: Any) -> st.SearchStrategy[Any]:
    """Any value of one layout: every field anywhere in its range."""
    nested = iter(layout.nested)
    kinds = [kind for _, kind in layout.pairs]
    records = [wild_record(next(nested)) for kind in kinds if kind == "record"]
    lists = [
        st.lists(wild_record(next(nested)), max_size=3).map(tuple)
        for kind in kinds
        if kind == "list"
    ]
    pools = {"record": iter(records), "list": iter(lists)}
    fields = [next(pools[kind]) if kind in pools else _WILD[kind] for kind in kinds]
    make: Callable[..., Any] = layout.record
    return st.builds(make, *fields)


def wild_commands() -> st.SearchStrategy[c.Command]:
    """Any command that has bytes: every field anywhere in its range."""
    return st.one_of([wild_record(layout) for layout in COMMANDS.values()])


def wild_events() -> st.SearchStrategy[Event]:
    """Any event that has bytes: every field anywhere in its range."""
    return st.one_of([wild_record(layout) for layout in EVENTS.values()])


SMALL_WORLD = (ABC, Instrument(0, "XYZ", 2, "USD", "XLCK", 10, 5, 0, 10, 1000, 0, 0, 0, 1, 1))
"""The instruments of the small world: STP defaults CANCEL_INCOMING and ALLOW."""
