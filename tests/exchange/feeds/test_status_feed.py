"""R6.1, R7: what is public about trading is what the engine says, however it is read."""

from __future__ import annotations

import asyncio
from unittest import mock

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.engine.port import Engine
from exchange.feeds import status_feed
from exchange.feeds.status_feed import EVERY, StatusFeed, StatusSubscription, StatusUpdate
from exchange.feeds.trading_states import TradingState, TradingStates
from exchange.model import command as c
from exchange.model.auction_command import SetIndex, SetTradingRules
from exchange.model.command import Command, Halt, SetPhase
from exchange.model.enums import BreakerScope, Phase, Side
from exchange.model.trading_rules import TradingRules, default_rules
from tests.exchange.feeds.market_run import MarketRun
from tests.recorder import buy, sell
from tests.strategies import SMALL_WORLD, admin_commands, auction_commands, new_orders

Entries = list[list[Command]]
OP = ("op", "news")


def rules(instrument_id: int, band_bp: int, scope: int) -> TradingRules:
    return msgspec.structs.replace(
        default_rules(instrument_id),
        dynamic_band_bp=band_bp,
        dynamic_window_ns=30,
        volatility_call_ns=40,
        random_end_max_ns=20,
        breaker_scope=scope,
        breaker_1_bp=100,
        breaker_2_bp=200,
        breaker_3_bp=400,
        breaker_halt_ns=50,
    )


def eventful() -> st.SearchStrategy[Command]:
    """What moves phases, calls, halts and breakers, mostly with effect."""
    number, tail = st.integers(1, 2), (st.just(""), st.just("op"))
    retired = msgspec.structs.replace(SMALL_WORLD[1], instrument_id=2, status=2)
    narrow = msgspec.structs.replace(SMALL_WORLD[0], instrument_id=1, static_band_bp=100)
    changed = st.sampled_from([narrow, narrow, retired])
    bands, scopes = st.sampled_from([0, 100]), st.sampled_from(BreakerScope)
    return st.one_of(
        new_orders(),
        new_orders(),
        st.builds(c.SetPhase, number, st.sampled_from(Phase), *tail),
        st.builds(c.SetPhase, number, st.just(Phase.CONTINUOUS), *tail),
        st.builds(SetIndex, number, st.sampled_from([990, 980, 950, 1000]), *tail),
        st.builds(c.Halt, number, st.just(0), st.integers(0, 1), *tail, st.just("news")),
        st.builds(c.Resume, st.integers(0, 2), st.just(0), st.integers(0, 1), *tail, st.just("n")),
        st.builds(SetTradingRules, st.builds(rules, number, bands, scopes), *tail),
        st.builds(c.UpdateInstrument, changed, *tail),
        st.sampled_from([c.OpenSession(0, "", "op"), c.CloseSession(0, "", "op")]),
        st.one_of(auction_commands(), admin_commands(auctions=True)),
    )


@st.composite
def auction_days(draw: st.DrawFn) -> Entries:
    """Entries of calls, halts, breakers, schedules and orders, each request under its own id."""
    plan = draw(st.lists(st.lists(eventful(), max_size=4), min_size=10, max_size=30))
    market: Command = SetTradingRules(rules(1, 0, BreakerScope.MARKET.value), "", "op")
    used = 0
    entries: Entries = []
    for commands in [[market], *plan]:
        entry: list[Command] = []
        for command in commands:
            used += 1
            key = "cl_ord_id" if hasattr(command, "cl_ord_id") else "request_id"
            if hasattr(command, key):
                entry.append(msgspec.structs.replace(command, **{key: f"u{used}"}))
        entries.append(entry)
    return entries


def shown(engine: Engine) -> list[tuple[object, ...]]:
    """What the engine says of each instrument."""
    found: list[tuple[object, ...]] = []
    for listed in engine.instruments():
        view = engine.auction(listed.instrument.instrument_id)
        assert view is not None
        found.append(
            (
                listed.instrument.instrument_id,
                *(view.phase, view.price, view.volume, view.imbalance_side, view.imbalance_qty),
                *(view.is_extended, view.reopen_ts_ns, view.is_barred),
            )
        )
    return found


def bare(states: list[TradingState]) -> list[tuple[object, ...]]:
    return [(state.instrument_id, *state[3:]) for state in states]


@given(auction_days(), st.integers(0, 30))
@settings(max_examples=80)
def test_the_states_are_the_engines_after_every_batch(run: Entries, loaded_at: int) -> None:
    market = MarketRun()
    folded = TradingStates()
    for batch in market.batches:
        folded.on_batch(batch)
    loaded = None
    for number, entry in enumerate(run):
        if number == loaded_at:
            loaded = TradingStates()
            loaded.load(market.engine)
        batch = market.send(*entry)
        before = {state.instrument_id: state for state in folded.every()}
        changed = folded.on_batch(batch)
        assert bare(folded.every()) == shown(market.engine)
        assert changed == [s for s in folded.every() if before.get(s.instrument_id) != s]
        if loaded is not None:
            loaded.on_batch(batch)
            assert bare(loaded.every()) == bare(folded.every())


def test_an_extension_and_the_levels_of_a_breaker_are_the_engines() -> None:
    """R6.4, R7.3: what random days seldom reach."""
    market = MarketRun()
    states = TradingStates()
    states.load(market.engine)
    narrow = msgspec.structs.replace(SMALL_WORLD[0], instrument_id=1, static_band_bp=100)
    retired = msgspec.structs.replace(SMALL_WORLD[1], instrument_id=2, status=2)
    steps: list[list[Command]] = [
        [SetTradingRules(rules(1, 0, BreakerScope.MARKET.value), "r0", "op")],
        [SetPhase(1, Phase.CLOSING_AUCTION, "r1", "op")],
        [buy(1, "b", 10, 1050), sell(2, "s", 10, 1050)],
        [c.UpdateInstrument(narrow, "r2", "op")],
        [SetPhase(1, Phase.POST_CLOSE, "r3", "op")],
        [SetPhase(1, Phase.CONTINUOUS, "r4", "op")],
        [c.CloseSession(0, "r5", "op"), c.OpenSession(0, "r6", "op")],
        [SetIndex(1, 990, "r7", "op")],
        [SetIndex(1, 980, "r8", "op")],
        [c.UpdateInstrument(retired, "r9", "op")],
        [SetIndex(1, 500, "r10", "op")],
        [c.CloseSession(0, "r11", "op")],
    ]
    seen: set[tuple[bool, int, bool]] = set()
    for step in steps:
        states.on_batch(market.send(*step))
        assert bare(states.every()) == shown(market.engine)
        seen |= {(s.is_extended, s.reopen_ts_ns, s.is_barred) for s in states.every()}
    assert {extended for extended, _, _ in seen} == {True, False}
    assert len({reopen for _, reopen, _ in seen}) == 3
    assert {barred for _, _, barred in seen} == {True, False}


async def read(reader: StatusSubscription) -> StatusUpdate | None:
    """The update that waits, None if none does."""
    try:
        async with asyncio.timeout(0):
            return await anext(reader)
    except (TimeoutError, StopAsyncIteration):
        return None


@given(auction_days(), st.lists(st.integers(0, 5), min_size=31, max_size=31), st.integers(1, 3))
@settings(max_examples=40)
def test_whoever_reads_when_has_the_states_of_now(
    run: Entries, reads: list[int], notices_max: int
) -> None:
    async def play() -> None:
        market, feed = MarketRun(), StatusFeed()
        feed.load(market.engine)
        readers = [feed.subscribe(ids) for ids in ((EVERY,), (1,), (1, 2))]
        rebuilt: list[dict[int, TradingState]] = [{}, {}, {}]
        told: list[list[int]] = [[], [], []]
        for entry, pick in zip(run, reads, strict=False):
            feed.on_batch(market.send(*entry))
            if pick > 2:
                continue
            update = await read(readers[pick])
            if update is not None:
                assert update.snapshot == (not rebuilt[pick])
                rebuilt[pick] |= {state.instrument_id: state for state in update.states}
                told[pick] += [notice.seq for notice in update.notices]
                assert len(update.notices) <= notices_max
            wanted = feed.states_of(readers[pick].instrument_ids)
            assert sorted(rebuilt[pick].values()) == wanted
            assert told[pick] == sorted(set(told[pick]))

    with mock.patch.object(status_feed, "NOTICES_MAX", notices_max):
        asyncio.run(play())


def venue() -> tuple[MarketRun, StatusFeed]:
    market, feed = MarketRun(), StatusFeed()
    feed.load(market.engine)
    return market, feed


async def test_a_call_is_told_on_every_change_and_its_uncross_too() -> None:
    """R6.1: price, volume and imbalance, side and size."""
    market, feed = venue()
    reader = feed.subscribe([1])
    first = await anext(reader)
    assert (first.snapshot, first.states[0].phase) == (True, Phase.CONTINUOUS)
    feed.on_batch(market.send(SetPhase(1, Phase.CLOSING_AUCTION, "r1", "op")))
    feed.on_batch(market.send(sell(2, "s", 10, 1000)))
    feed.on_batch(market.send(buy(1, "b", 25, 1000)))
    told = await anext(reader)
    (state,) = told.states
    indicated = (state.price, state.volume, state.imbalance_side, state.imbalance_qty)
    assert indicated == (1000, 10, Side.BUY, 15)
    assert told.conflated
    assert [type(notice.event).__name__ for notice in told.notices] == ["PhaseChanged"]
    feed.on_batch(market.send(SetPhase(1, Phase.POST_CLOSE, "r2", "op")))
    closed = await anext(reader)
    assert (closed.conflated, closed.states[0].price) == (False, 0)
    names = [type(notice.event).__name__ for notice in closed.notices]
    assert names == ["Uncrossed", "ClosingPrice", "PhaseChanged"]


async def test_a_halt_a_breaker_and_a_new_instrument_are_told_to_those_concerned() -> None:
    """R7.3, R7.4: the breaker of the market names when it reopens, for each instrument."""
    market, feed = venue()
    one, two, every = feed.subscribe([1]), feed.subscribe([2]), feed.subscribe([EVERY])
    for reader in (one, two, every):
        await anext(reader)
    feed.on_batch(market.send(Halt(2, 0, 0, "r1", *OP)))
    halted = await anext(two)
    assert halted.states[0].phase == Phase.HALTED
    assert getattr(halted.notices[0].event, "reason", "") == "news"
    assert await read(one) is None
    whole = rules(1, 0, BreakerScope.MARKET.value)
    feed.on_batch(market.send(SetTradingRules(whole, "r2", "op"), SetIndex(1, 990, "r3", "op")))
    told = await anext(one)
    view = market.engine.auction(1)
    assert view is not None
    assert (told.states[0].phase, told.states[0].reopen_ts_ns) == (Phase.HALTED, view.reopen_ts_ns)
    assert view.reopen_ts_ns
    assert [type(n.event).__name__ for n in told.notices] == ["BreakerTripped", "PhaseChanged"]
    assert await read(two) is None
    assert {state.instrument_id for state in (await anext(every)).states} == {1, 2}


async def test_closing_the_feed_ends_every_reader_after_what_waits() -> None:
    market, feed = venue()
    unread, told = feed.subscribe([EVERY]), feed.subscribe([1, 1, 2])
    assert feed.subscriber_count == 3
    await anext(told)
    feed.on_batch(market.send(Halt(1, 0, 0, "r1", *OP)))
    feed.close()
    assert feed.subscriber_count == 0
    assert [update.snapshot async for update in unread] == [True]
    assert [[s.instrument_id for s in update.states] async for update in told] == [[1]]
    assert await read(told) is None
