"""Snapshots while the market goes on: of one moment, one at a time, and what a stop leaves of them.

The captures here are whole when the test says so; that a child process gives the right bytes is
shown in `tests/exchange/engine/native/test_capture.py`.
"""

from __future__ import annotations

import asyncio
import logging
import threading

import pytest

from exchange.engine.capture import Capture, CaptureLost, SnapshotBytes
from exchange.engine.port import digest_of
from exchange.engine.reference.engine import ReferenceEngine
from exchange.errors import NotServing
from tests.exchange.test_core import Rig
from tests.recorder import buy


class SlowCapture:
    """The state of its entry, whole when `finish` or `lose` was called; lost if abandoned."""

    held_because = ""

    def __init__(self, engine: ReferenceEngine) -> None:
        self.log_index = engine.applied_index
        self.next_event_seq = engine.next_event_seq
        self.payload = engine.snapshot()
        self.fate = ""
        self._end = threading.Event()

    def wait(self) -> SnapshotBytes:
        assert self._end.wait(20)
        if self.fate:
            raise CaptureLost(self.fate)
        return memoryview(self.payload)

    def finish(self) -> None:
        self._end.set()

    def lose(self) -> None:
        self.fate = "a test took it away"
        self._end.set()

    def abandon(self) -> None:
        if not self._end.is_set():
            self.fate = "abandoned"
            self._end.set()


class SlowEngine(ReferenceEngine):
    """The reference engine, but that its captures take their time."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[SlowCapture] = []

    def begin_snapshot(self) -> Capture:
        self.begun.append(SlowCapture(self))
        return self.begun[-1]

    async def has_begun(self, number: int) -> SlowCapture:
        """The capture of that number, from 1, once it was begun."""
        async with asyncio.timeout(20):
            while len(self.begun) < number:  # noqa: ASYNC110 - the engine tells nobody
                await asyncio.sleep(0.002)
        return self.begun[number - 1]


async def test_the_market_goes_on_while_a_snapshot_is_captured() -> None:
    engine = SlowEngine()
    async with Rig(engine=engine) as rig:
        await rig.stock()
        asked = asyncio.create_task(rig.core.create_snapshot())
        capture = await engine.has_begun(1)
        for number in range(20):
            await rig.send(buy(1, f"b{number}", 10, 900))
        assert rig.core.applied_index == capture.log_index + 20
        assert rig.snapshots == []
        capture.finish()
        result = await asked
    assert result.log_index == capture.log_index
    assert result.state_digest == digest_of(capture.payload)
    assert rig.snapshots == [(capture.log_index, capture.next_event_seq, capture.payload)]
    assert not rig.faults


async def test_captures_are_made_one_at_a_time() -> None:
    """A digest that is asked for meanwhile is of a later entry, and waits for its turn."""
    engine = SlowEngine()
    async with Rig(engine=engine) as rig:
        await rig.stock()
        stored = asyncio.create_task(rig.core.create_snapshot())
        same = asyncio.create_task(rig.core.create_snapshot())
        first = await engine.has_begun(1)
        digest = asyncio.create_task(rig.core.digest())
        await rig.send(buy(1, "a", 10, 900))
        await asyncio.sleep(0.05)
        assert len(engine.begun) == 1
        first.finish()
        assert (await stored).log_index == (await same).log_index == first.log_index
        second = await engine.has_begun(2)
        second.finish()
        found = await digest
        assert found.log_index == second.log_index == first.log_index + 1
        assert found.state_digest == digest_of(second.payload)
        assert found.events_digest == rig.core.events_digest
    assert len(rig.snapshots) == 1


async def test_a_capture_that_is_lost_is_made_again_with_the_engine_held(
    caplog: pytest.LogCaptureFixture,
) -> None:
    engine = SlowEngine()
    async with Rig(engine=engine) as rig:
        await rig.stock()
        asked = asyncio.create_task(rig.core.create_snapshot())
        capture = await engine.has_begun(1)
        await rig.send(buy(1, "a", 10, 900))
        with caplog.at_level(logging.WARNING, "lockstep.node"):
            capture.lose()
            result = await asked
        assert result.log_index == capture.log_index + 1
        assert rig.snapshots[0][2] == engine.snapshot()
    assert "with the engine held, for: a test took it away" in caplog.text
    assert not rig.faults


async def test_stopping_abandons_what_is_being_captured() -> None:
    engine = SlowEngine()
    async with Rig(engine=engine) as rig:
        await rig.stock()
        asked = asyncio.create_task(rig.core.create_snapshot())
        waiting = asyncio.create_task(rig.core.digest())
        capture = await engine.has_begun(1)
        async with asyncio.timeout(10):
            await rig.core.stop()
        for task in (asked, waiting):
            with pytest.raises(NotServing, match="stopping"):
                await task
    assert capture.fate == "abandoned"
    assert len(engine.begun) == 1
    assert rig.snapshots == []
    assert not rig.faults


async def test_a_snapshot_that_is_due_while_the_node_stops_is_no_fault(
    caplog: pytest.LogCaptureFixture,
) -> None:
    engine = SlowEngine()
    with caplog.at_level(logging.INFO, "lockstep.node"):
        async with Rig(engine=engine, every=5) as rig:
            await rig.stock()
            await rig.send(buy(1, "a", 10, 900))
            await engine.has_begun(1)
    assert "no snapshot is taken: this node is stopping" in caplog.text
    assert rig.snapshots == []
    assert not rig.faults
