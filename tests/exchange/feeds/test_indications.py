"""Indications: what stands, what is news, and who is cut."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest

from exchange.feeds import indications
from exchange.feeds.indications import EVERY_INSTRUMENT, IndicationFeed
from exchange.feeds.subscription import SlowReader
from exchange.model.batch import EventBatch
from exchange.model.command import Command
from exchange.model.dark import DarkCrossed, DarkIndication
from exchange.model.enums import Side
from tests.dark_desk import BLOCK, SECOND_NS, dark_buy, dark_market, dark_sell, set_rules
from tests.recorder import Recorder, cancel


class Rig:
    """A market with a dark book whose sides are told, and the feed beside it."""

    def __init__(self, **fields: Any) -> None:
        self.venue: Recorder = dark_market(shows_side=1, **fields)
        self.feed = IndicationFeed()
        self.feed.load(self.venue.engine)

    def send(self, *commands: Command) -> None:
        self.venue.send(*commands)
        self.feed.on_batch(EventBatch(self.venue.batches[-1]))

    def standing(self) -> list[tuple[int, int]]:
        return [(event.side, event.qty) for event in self.feed.standing(1)]


async def test_what_stands_is_what_the_engine_shows() -> None:
    rig = Rig()
    for commands in (
        (dark_buy(1, "b", 300, 900),),
        (dark_sell(2, "s", 200, 1100), dark_sell(2, "s2", 200, 1100)),
        (cancel(2, "s", "x"),),
        (cancel(2, "s2", "y"), dark_buy(1, "b2", 100, 900)),
    ):
        rig.send(*commands)
        dark = rig.venue.engine.dark(1)
        assert dark is not None
        assert rig.feed.standing(1) == dark.indications
    assert rig.standing() == [(Side.BUY, BLOCK)]

    late = IndicationFeed()
    late.load(rig.venue.engine)
    assert late.standing(EVERY_INSTRUMENT) == rig.feed.standing(1)


async def test_a_reader_begins_with_what_stands_and_gets_the_news() -> None:
    rig = Rig()
    rig.send(dark_buy(1, "b", 300, 900))
    one, every, other = (rig.feed.subscribe(number) for number in (1, EVERY_INSTRUMENT, 2))
    assert one.standing == every.standing == [DarkIndication(1, Side.BUY, BLOCK)]
    assert other.standing == []
    rig.send(cancel(1, "b", "x"))

    told = await one.live()
    assert [news.event for news in told] == [DarkIndication(1, Side.BUY, 0)]
    assert await every.live() == told
    assert rig.feed.subscriber_count == 3
    one.close()
    rig.feed.close()
    assert await other.live() == []
    assert rig.feed.subscriber_count == 0


async def test_sessions_are_news_too() -> None:
    rig = Rig(is_continuous=0, cross_interval_ns=SECOND_NS)
    reader = rig.feed.subscribe(1)
    rig.venue.ts_ns += SECOND_NS
    rig.send()

    (news,) = await reader.live()
    assert (news.event, news.ts_ns) == (DarkCrossed(1, 1000, 0), rig.venue.ts_ns)


async def test_a_slow_reader_is_cut() -> None:
    rig = Rig()
    with mock.patch.object(indications, "QUEUE_BOUND", 3):
        reader = rig.feed.subscribe(1)
    for number in range(4):
        rig.send(dark_buy(1, f"b{number}", 100, 900), cancel(1, f"b{number}", f"x{number}"))
    assert len(await reader.live()) == 3
    with pytest.raises(SlowReader):
        await reader.live()


async def test_rules_that_stop_telling_the_side_replace_what_stands() -> None:
    rig = Rig()
    rig.send(dark_buy(1, "b", 300, 900))
    set_rules(rig.venue)
    rig.feed.on_batch(EventBatch(rig.venue.batches[-1]))

    assert rig.standing() == [(0, BLOCK)]
