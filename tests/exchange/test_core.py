"""The core: an answer means durable, applied and visible everywhere; nothing is answered twice."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from unittest import mock

import pytest

from exchange.core import Identity, MarketCore, Parts
from exchange.engine.build import build_engine
from exchange.engine.capture import SnapshotBytes
from exchange.engine.port import Engine, digest_of
from exchange.engine.reference.engine import ReferenceEngine
from exchange.errors import ClientFault, NotLeader, NotServing, Overloaded
from exchange.feeds.directory import Directory
from exchange.feeds.history import History
from exchange.gateway.ports import NodeStatus, SnapshotResult
from exchange.model.batch import EventBatch, Outcome
from exchange.model.codec import encode_command
from exchange.model.command import (
    Command,
    CreateInstrument,
    CreateMember,
    Halt,
    OpenSession,
    Resume,
)
from exchange.model.event import Accepted, AdminAccepted, PhaseChanged, Trade
from exchange.sequencer.clock import SystemClock
from exchange.sequencer.sequencer import Bounds
from replication.local_log import LocalLog
from storage.errors import DiskFaultError
from storage.event_layout import EventBatchRecord
from storage.memory import MemoryJournal
from storage.memory_index import MemoryEventStore
from tests.recorder import ABC, buy, cancel, sell


class Rig:
    """A core with everything around it in memory; leaving the block stops it."""

    def __init__(
        self,
        *,
        bounds: Bounds | None = None,
        every: int = 1_000_000,
        journal: MemoryJournal | None = None,
        store: Callable[[int, int, SnapshotBytes], SnapshotResult] | None = None,
        leads: bool = True,
        engine: Engine | None = None,
    ) -> None:
        self.journal = journal or MemoryJournal()
        self.events = MemoryEventStore()
        self.faults: list[BaseException] = []
        self.snapshots: list[tuple[int, int, bytes]] = []
        self._bounds = bounds or Bounds()
        self._every = every
        self._leads = leads
        self._engine = engine or build_engine("reference")
        self._store = store or self._keep

    async def __aenter__(self) -> Self:
        history: History[Any] = History(self.events, EventBatchRecord, self.faults.append)
        log = LocalLog(self.journal, epoch=3, node_name="n1")
        if not self._leads:
            log.stop()
        self.core = MarketCore(
            Identity("c1", "n1"),
            Parts(self._engine, log, SystemClock(), history, self._bounds),
            store_snapshot=self._store,
            on_fault=self.faults.append,
            describe=_describe,
            snapshot_every_commands=self._every,
        )
        self.core.start()
        if self._leads:
            await self.core.leadership.until_open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.core.stop()

    def _keep(self, log_index: int, next_seq: int, payload: SnapshotBytes) -> SnapshotResult:
        self.snapshots.append((log_index, next_seq, bytes(payload)))
        return SnapshotResult(log_index, len(payload), digest_of(payload))

    async def send(self, *commands: Command) -> Outcome:
        body = b"".join(encode_command(command) for command in commands)
        return await self.core.submit(body, len(commands))

    async def stock(self) -> None:
        await self.send(
            CreateMember("m1", "r1", "op"),
            CreateMember("m2", "r2", "op"),
            CreateInstrument(ABC, "r3", "op"),
            OpenSession(0, "r4", "op"),
        )


def _describe(core: MarketCore) -> list[NodeStatus]:
    raise AssertionError(f"nobody asks {core} for its status here")


async def test_an_answer_is_durable_and_its_effect_is_in_every_view() -> None:
    async with Rig() as rig:
        await rig.stock()
        assert rig.core.first_seq == 1
        outcome = await rig.send(buy(1, "a", 20, 1000), sell(2, "b", 15, 1000))
        index = outcome.batch.head.log_index
        assert rig.journal.last_index == index == rig.core.applied_index
        assert rig.core.last_seq == outcome.batch.head.last_seq
        assert rig.core.directory.instrument_by_symbol("ABC") is not None
        assert [level.qty for level in rig.core.books.depth(1).bids] == [5]
        assert rig.core.statistics.open_orders == 1
        (tick,) = await rig.core.trades.newest(1, 5)
        assert tick.trade.qty == 15
        assert (await rig.core.digest()).log_index == index
        assert (await rig.core.digest()).events_digest == rig.core.events_digest
    assert not rig.faults


async def test_each_caller_gets_the_events_of_its_own_commands() -> None:
    async with Rig() as rig:
        await rig.stock()
        outcomes = await asyncio.gather(
            *(
                rig.send(*(buy(1, f"c{n}-{k}", 10, 900) for k in range(n % 3 + 1)))
                for n in range(60)
            )
        )
        for number, outcome in enumerate(outcomes):
            names = [
                record.event.order.cl_ord_id
                for record in outcome.all()
                if isinstance(record.event, Accepted)
            ]
            assert names == [f"c{number}-{k}" for k in range(number % 3 + 1)]
        assert rig.core.pending_commands == 0


async def test_a_caller_that_goes_away_leaves_its_command_in_the_log() -> None:
    async with Rig() as rig:
        gone = asyncio.create_task(rig.send(CreateMember("m1", "r1", "op")))
        await asyncio.sleep(0)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        outcome = await rig.send(CreateMember("m2", "r2", "op"))
        (accepted,) = [r.event for r in outcome.all() if isinstance(r.event, AdminAccepted)]
        assert accepted.target_id == 2
        assert rig.core.directory.member_by_name("m1") is not None
        assert rig.core.pending_commands == 0
    assert not rig.faults


async def test_bounds_are_told_and_nothing_was_admitted() -> None:
    gate = threading.Event()

    class SlowJournal(MemoryJournal):
        def append(self, entries: Sequence[tuple[int, bytes]], *, committed: int = 0) -> None:
            assert entries[0][0] == 1 or gate.wait(10)  # the first is the leadership's own
            super().append(entries, committed=committed)

    bounds = Bounds(entry_commands=2, pending_commands=2)
    async with Rig(bounds=bounds, journal=SlowJournal()) as rig:
        three = [CreateMember(f"m{n}", f"r{n}", "op") for n in range(3)]
        with pytest.raises(ClientFault):
            await rig.send(*three)
        first = asyncio.create_task(rig.send(*three[:2]))
        await asyncio.sleep(0)
        with pytest.raises(Overloaded, match="wait for the log"):
            await rig.send(three[2])
        gate.set()
        await first
        assert (await rig.send(three[2])).batch.head.log_index == 3
    assert rig.journal.last_index == 3


async def test_an_alarm_of_the_disk_refuses_commands_and_others_do_not() -> None:
    async with Rig() as rig:
        rig.core.set_alarm("clock", "the clock is off")
        await rig.stock()
        rig.core.set_alarm("disk", "no room")
        assert list(rig.core.alarms) == ["the clock is off", "no room"]
        with pytest.raises(Overloaded, match="no room") as raised:
            await rig.send(buy(1, "a", 10, 1000))
        assert raised.value.reason == "DISK_NEARLY_FULL"
        halt = Halt(1, 0, 0, "h1", "op", "no disk")
        outcome = await rig.send(halt)  # what lowers risk is let through
        assert any(isinstance(record.event, PhaseChanged) for record in outcome.all())
        body = encode_command(cancel(1, "a", "c")) + encode_command(buy(1, "b", 10, 1000))
        with pytest.raises(Overloaded):  # not in the company of what does not
            await rig.core.submit(body, 2)
        rig.core.set_alarm("disk", "")
        await rig.send(Resume(1, 0, 1, "h2", "op", "there is room again"))
        rig.core.set_alarm("disk", "")
        await rig.send(buy(1, "a", 10, 1000))
        assert list(rig.core.alarms) == ["the clock is off"]


async def test_stopping_answers_what_was_admitted_and_takes_no_more() -> None:
    async with Rig() as rig:
        waiting = [
            asyncio.create_task(rig.send(CreateMember(f"m{n}", f"r{n}", "op"))) for n in range(20)
        ]
        await asyncio.sleep(0)
        reader = rig.core.books.subscribe(1)
    assert len({(await task).batch.head.log_index for task in waiting}) >= 1
    assert rig.events.last_seq == rig.core.last_seq
    assert [update.snapshot async for update in reader] == [True]
    with pytest.raises(NotServing):
        await rig.send(CreateMember("late", "r", "op"))


async def test_a_snapshot_is_of_one_moment_and_the_index_has_reached_it() -> None:
    indexed: list[int] = []

    def store(log_index: int, next_seq: int, payload: SnapshotBytes) -> SnapshotResult:
        indexed.append(rig.events.last_seq + 1 - next_seq)
        engine = build_engine("reference")
        engine.restore(bytes(payload))
        assert (engine.applied_index, engine.next_event_seq) == (log_index, next_seq)
        return SnapshotResult(log_index, len(payload), engine.digest())

    async with Rig(store=store) as rig:
        await rig.stock()
        busy = asyncio.create_task(trade(rig, 30))
        results = []
        while not busy.done():
            results.append(await rig.core.create_snapshot())
        await busy
        final = await rig.core.create_snapshot()
        assert final.state_digest == (await rig.core.digest()).state_digest
        assert results
    assert min(indexed) >= 0  # replay after the snapshot makes no older events
    assert not rig.faults


async def trade(rig: Rig, rounds: int) -> None:
    for number in range(rounds):
        outcome = await rig.send(buy(1, f"b{number}", 10, 1000), sell(2, f"s{number}", 10, 1000))
        assert any(isinstance(record.event, Trade) for record in outcome.all())


async def test_whoever_asks_while_a_snapshot_is_taken_gets_the_same() -> None:
    async with Rig() as rig:
        await rig.stock()
        one, two = await asyncio.gather(rig.core.create_snapshot(), rig.core.create_snapshot())
        assert one == two
        assert len(rig.snapshots) == 1
        await rig.core.create_snapshot()
        assert len(rig.snapshots) == 2


async def test_a_snapshot_is_taken_by_itself_after_so_many_commands() -> None:
    async with Rig(every=10) as rig:
        await rig.stock()
        await trade(rig, 2)
        assert rig.snapshots == []
        await trade_more(rig)
        async with asyncio.timeout(10):
            while not rig.snapshots:  # noqa: ASYNC110 - the core tells nobody
                await asyncio.sleep(0.002)
    assert [index for index, _, _ in rig.snapshots] == [5]


async def trade_more(rig: Rig) -> None:
    await rig.send(buy(1, "x", 10, 900), buy(1, "y", 10, 900))


async def test_stopping_finishes_the_snapshot_that_is_under_way() -> None:
    original = ReferenceEngine.snapshot

    def slow(self: ReferenceEngine) -> bytes:
        time.sleep(0.1)
        return original(self)

    async with Rig() as rig:
        await rig.stock()
        with mock.patch.object(ReferenceEngine, "snapshot", slow):
            asked = asyncio.create_task(rig.core.create_snapshot())
            await asyncio.sleep(0.02)
            await rig.core.stop()
    assert (await asked).log_index == 2
    assert [index for index, _, _ in rig.snapshots] == [2]
    assert not rig.faults


async def test_there_is_no_snapshot_of_nothing() -> None:
    async with Rig(leads=False) as rig:
        with pytest.raises(NotServing, match="the log is empty"):
            await rig.core.create_snapshot()


async def test_a_snapshot_that_cannot_be_stored_is_a_fault_of_the_node() -> None:
    def fail(*_: object) -> SnapshotResult:
        raise DiskFaultError(Path("index"), "no space left")

    async with Rig(store=fail) as rig:
        await rig.stock()
        with pytest.raises(DiskFaultError):
            await rig.core.create_snapshot()
    assert [type(fault) for fault in rig.faults] == [DiskFaultError]


async def test_a_feed_that_fails_is_a_fault_of_the_node_and_answers_nobody() -> None:
    async with Rig() as rig:
        await rig.stock()
        with mock.patch.object(Directory, "on_batch", side_effect=LookupError("a feed")):
            unanswered = asyncio.create_task(rig.send(buy(1, "a", 10, 1000)))
            async with asyncio.timeout(10):
                while not rig.faults:  # noqa: ASYNC110 - the test's own list
                    await asyncio.sleep(0.002)
        assert not unanswered.done()
        unanswered.cancel()
    assert [type(fault) for fault in rig.faults] == [LookupError]


async def test_projections_are_fed_before_anyone_is_answered() -> None:
    order: list[str] = []
    original = Directory.on_batch

    def noted(self: Directory, batch: EventBatch) -> None:
        order.append("fold")
        original(self, batch)

    async with Rig() as rig:
        with mock.patch.object(Directory, "on_batch", noted):
            task = asyncio.create_task(rig.send(CreateMember("m1", "r1", "op")))
            task.add_done_callback(lambda _: order.append("answer"))
            await task
            await asyncio.sleep(0)
    assert order == ["fold", "answer"]


async def test_what_the_core_says_of_itself() -> None:
    async with Rig(leads=False) as rig:
        core = rig.core
        assert (core.cluster_id, core.node_name, core.epoch) == ("c1", "n1", 3)
        assert (core.role, core.age_ns) == ("stopped", 0)
        with pytest.raises(NotLeader, match="no node leads now"):
            await rig.send(CreateMember("m1", "r1", "op"))
        assert core.engine_name == "reference"
        assert (core.applied_index, core.last_seq, core.subscriber_count) == (0, 0, 0)
        assert core.events_digest == build_engine("reference").events_digest()
        readers = [core.books.subscribe(1), core.executions.subscribe(1, 0)]
        assert core.subscriber_count == len(readers)
        name = await core.query(lambda engine: (engine.name, threading.current_thread().name))
        assert name[0] == "reference"
        assert name[1] not in {threading.main_thread().name, "committer"}
