"""The execution stream: from any sequence number, each event of the member once and in order."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.feeds import executions
from exchange.feeds.executions import ExecutionFeed, ExecutionSubscription
from exchange.feeds.history import History
from exchange.feeds.subscription import HistoryGone, SlowReader
from exchange.model.codec import EventRecord
from exchange.model.command import Command
from exchange.model.risk_command import BustTrade, CorrectTrade
from tests.exchange.feeds.market_run import (
    Entries,
    MarketRun,
    entries,
    memory_history,
    owners,
    trading,
)
from tests.recorder import buy, sell


class Follower:
    """A reader that subscribes again where it was cut, as a client does."""

    def __init__(self, feed: ExecutionFeed, member_id: int, start_seq: int, newest: int) -> None:
        self.member_id = member_id
        self.wanted_from = start_seq or newest + 1
        self.seen: list[EventRecord] = []
        self.cuts = 0
        self._feed = feed
        self._begin(feed.subscribe(member_id, start_seq))

    def _begin(self, subscription: ExecutionSubscription) -> None:
        self.subscription = subscription
        self._past = aiter(subscription.history())
        self._in_past = True

    async def read(self) -> bool:
        """Take what one read gives; False when there is nothing, or no more, to read."""
        if self._in_past:
            async for batch in self._past:
                self.seen.extend(batch.records)
                return True
            self._in_past = False
        try:
            async with asyncio.timeout(0):
                batches = await self.subscription.live()
        except TimeoutError:
            return False
        except SlowReader as cut:
            self.cuts += 1
            self.subscription.close()
            self._begin(self._feed.subscribe(self.member_id, cut.resume_seq))
            return True
        for live in batches:
            self.seen.extend(live.records)
        return bool(batches)


class Rig:
    """A market, its history in memory and the feed, fed as the core feeds them."""

    def __init__(self) -> None:
        self.market = MarketRun()
        self.history: History[Any] = memory_history()
        self.history.replayed(self.market.batches)
        self.feed = ExecutionFeed(self.history)

    def send(self, *commands: Command) -> None:
        batch = self.market.send(*commands)
        self.history.on_batch(batch)
        self.feed.on_batch(batch)

    def follow(self, member_id: int, start_seq: int) -> Follower:
        return Follower(self.feed, member_id, start_seq, self.history.last_seq)

    def wanted(self, follower: Follower) -> list[EventRecord]:
        records = self.market.records(follower.wanted_from)
        return [r for r in records if follower.member_id in owners(r.event)]


PLANS = st.lists(
    st.tuples(
        st.sampled_from(["settle", "follow", "read", "nothing"]),
        st.integers(1, 3),  # a member, or the reader that reads
        st.floats(0, 1),  # where it starts between the oldest and the next event
    ),
    min_size=25,
    max_size=25,
)


@given(st.one_of(trading(), entries()), PLANS, st.integers(1, 3), st.integers(1, 4))
@settings(max_examples=60)
def test_whatever_the_interleaving_each_reader_gets_exactly_its_events(
    run: Entries, plan: list[tuple[str, int, float]], page: int, bound: int
) -> None:
    async def play() -> None:
        rig = Rig()
        followers = [rig.follow(1, 1), rig.follow(2, 0)]
        for commands, (act, number, share) in zip(run, plan, strict=False):
            rig.send(*commands)
            if act == "settle":
                await rig.history.settle()
            elif act == "follow":
                newest = rig.history.last_seq
                followers.append(rig.follow(number, 1 + int(share * newest)))
            elif act == "read":
                await followers[number % len(followers)].read()
        for follower in followers:
            while await follower.read():
                pass
            assert follower.seen == rig.wanted(follower)
        await rig.history.stop()

    with (
        mock.patch.object(executions, "PAGE", page),
        mock.patch.object(executions, "QUEUE_EVENTS", bound),
    ):
        asyncio.run(play())


async def test_a_slow_reader_is_cut_and_told_where_to_resume() -> None:
    rig = Rig()
    with mock.patch.object(executions, "QUEUE_EVENTS", 2):
        subscription = rig.feed.subscribe(1, 0)
    starts = []
    for number in range(4):
        rig.send(buy(1, f"a{number}", 10, 1000))
        starts.append(rig.market.batches[-1].head.first_seq)
    got = await subscription.live()
    assert [batch.records[0].seq for batch in got] == starts[:2]
    with pytest.raises(SlowReader, match=f"resume from seq {starts[2]}") as raised:
        await subscription.live()
    assert raised.value.resume_seq == starts[2]
    follower = rig.follow(1, raised.value.resume_seq)
    while await follower.read():
        pass
    assert [record.seq for record in follower.seen] == starts[2:]
    await rig.history.stop()


async def test_both_sides_of_a_trade_are_told_and_nobody_else() -> None:
    rig = Rig()
    followers = [rig.follow(member, 0) for member in (1, 2, 3)]
    rig.send(buy(1, "a", 10, 1000))
    rig.send(sell(2, "b", 10, 1000))
    names = []
    for follower in followers:
        while await follower.read():
            pass
        names.append([type(record.event).__name__ for record in follower.seen])
    assert names == [["Accepted", "Trade"], ["Accepted", "Trade"], []]
    await rig.history.stop()


async def test_a_correction_and_a_bust_are_told_to_both_sides_live_and_from_history() -> None:
    """R9.4."""
    rig = Rig()
    rig.send(buy(1, "a", 10, 1000))
    rig.send(sell(2, "b", 10, 1000))
    live = [rig.follow(member, 0) for member in (1, 2, 3)]
    start_seq = rig.history.last_seq + 1
    rig.send(CorrectTrade(1, 990, 5, "r-correct", "op", "error"))
    rig.send(BustTrade(1, "r-bust", "op", "error"))
    await rig.history.settle()
    for followers in (live, [rig.follow(member, start_seq) for member in (1, 2, 3)]):
        for follower in followers:
            while await follower.read():
                pass
        names = [[type(record.event).__name__ for record in f.seen] for f in followers]
        assert names == [["TradeCorrected", "TradeBusted"], ["TradeCorrected", "TradeBusted"], []]
    await rig.history.stop()


async def test_batches_carry_the_place_and_time_of_their_entry() -> None:
    rig = Rig()
    subscription = rig.feed.subscribe(1, 0)
    rig.send(buy(1, "a", 10, 1000))
    head = rig.market.batches[-1].head
    (live,) = await subscription.live()
    past = [batch async for batch in rig.feed.subscribe(1, head.first_seq).history()]
    assert past == [live]
    assert (live.log_index, live.ts_ns) == (head.log_index, head.ts_ns)
    await rig.history.stop()


@pytest.mark.parametrize("beyond", [2, 100])
async def test_the_future_is_refused_and_the_next_event_is_not(beyond: int) -> None:
    rig = Rig()
    newest = rig.history.last_seq
    with pytest.raises(HistoryGone, match=f"there are 1 to {newest}") as raised:
        rig.feed.subscribe(1, newest + beyond)
    assert (raised.value.oldest, raised.value.newest) == (1, newest)
    follower = rig.follow(1, newest + 1)
    rig.send(buy(1, "a", 10, 1000))
    assert await follower.read()
    assert not await follower.read()
    assert [record.seq for record in follower.seen] == [newest + 1]
    await rig.history.stop()


async def test_closing_the_feed_ends_every_reader_after_what_waits() -> None:
    rig = Rig()
    readers = [rig.feed.subscribe(member, 0) for member in (1, 1, 2)]
    assert rig.feed.subscriber_count == 3
    rig.send(buy(1, "a", 10, 1000))
    rig.feed.close()
    assert rig.feed.subscriber_count == 0
    assert [len(await reader.live()) for reader in readers] == [1, 1, 0]
    assert [await reader.live() for reader in readers] == [[], [], []]
    await rig.history.stop()
