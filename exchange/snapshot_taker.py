"""Snapshots of a running market: captured between two entries, waited for, stored.

Room: one after another, whoever asks; what becomes of those under way when the node stops. The
engine goes on while a snapshot is made and stored (`exchange.engine.capture`). Where the capture is
lost, the engine is held for another one, and the log says so. Event loop thread.

A crash in the middle leaves what was stored before: a snapshot is none until its manifest is
written (`storage.snapshots`), and a child process that captures holds nothing but its memory.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, Protocol, TypeVar

from exchange.engine.capture import Capture, Captured, CaptureLost, HeldCapture, SnapshotBytes
from exchange.engine.port import Engine, digest_of
from exchange.errors import NotServing
from exchange.gateway.ports import DigestResult, SnapshotResult

log = logging.getLogger("lockstep.node")

T = TypeVar("T")


class Query(Protocol):
    """Runs a function on the engine between two entries, off the event loop thread."""

    async def __call__(self, read: Callable[[Engine], T]) -> T:
        """What `read` returns."""


class SnapshotTaker:
    """Takes snapshots; `stop` ends it.

    Args:
        query: see `Query`.
        settle: returns once the event index holds what was delivered before.
        store: stores (log_index, next_event_seq, payload); runs on a thread of its own.
        on_fault: a snapshot could not be stored; the node must stop.
    """

    def __init__(
        self,
        *,
        query: Query,
        settle: Callable[[], Awaitable[None]],
        store: Callable[[int, int, SnapshotBytes], SnapshotResult],
        on_fault: Callable[[BaseException], None],
    ) -> None:
        self._query = query
        self._settle = settle
        self._store = store
        self._on_fault = on_fault
        self._capturing = asyncio.Lock()
        self._capture: Capture | None = None
        self._task: asyncio.Task[SnapshotResult] | None = None
        self._open = True
        self._worker = ThreadPoolExecutor(1, "snapshot")

    async def create(self) -> SnapshotResult:
        """Take and store a snapshot; whoever asks while one is taken gets the same.

        Raises NotServing before the first entry, and when the node stops.
        """
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._create(), name="snapshot")
        return await asyncio.shield(self._task)

    async def create_when_due(self) -> None:
        """As `create`, for nobody in particular."""
        try:
            await self.create()
        except NotServing as reason:
            log.info("no snapshot is taken: %s", reason)

    async def digest(self) -> DigestResult:
        """Digests of the state and of all events so far."""
        found = await self.captured()
        digest = await asyncio.to_thread(_digest_and_release, found)
        return DigestResult(found.log_index, digest, found.events_digest)

    async def captured(self) -> Captured:
        """The state after the newest entry applied; one capture at a time. `release` it.

        Raises NotServing when the node stops.
        """
        async with self._capturing:
            self._refuse_when_stopping()
            began = time.perf_counter()
            begun = await self._query(_begin)
            try:
                payload = await self._payload(begun.capture)
            except CaptureLost as lost:
                self._refuse_when_stopping()
                log.warning("a snapshot is taken with the engine held, for: %s", lost)
                begun = await self._query(_hold)
                payload = begun.capture.wait()
            log.info(
                "captured the state after entry %d: %d bytes in %.3f s, the engine stood still for "
                "%.3f s",
                begun.capture.log_index,
                len(payload),
                time.perf_counter() - began,
                begun.stood_still_s,
            )
            where = begun.capture.log_index, begun.capture.next_event_seq
            return Captured(*where, payload, begun.events_digest)

    async def stop(self) -> None:
        """Abandon what is being captured, finish what is being stored, take no more."""
        self._open = False
        if self._capture is not None:
            self._capture.abandon()
        if self._task is not None:
            await asyncio.wait([self._task])
        async with self._capturing:
            self._worker.shutdown()

    async def _payload(self, capture: Capture) -> SnapshotBytes:
        if capture.held_because:
            log.warning("the engine is held for a snapshot: %s", capture.held_because)
        self._capture = capture
        try:
            if not self._open:
                capture.abandon()
            return await asyncio.get_running_loop().run_in_executor(self._worker, capture.wait)
        finally:
            self._capture = None

    async def _create(self) -> SnapshotResult:
        found = await self.captured()
        # The event index must reach the snapshot: replay after it makes no older events again.
        # What the captured state has seen was handed over before, so it is delivered by now.
        await self._settle()
        if found.log_index == 0:
            raise NotServing("NOTHING_TO_SNAPSHOT", "the log is empty")
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._worker, self._store_and_release, found
            )
        except BaseException as error:
            self._on_fault(error)
            raise

    # Snapshot thread.
    def _store_and_release(self, found: Captured) -> SnapshotResult:
        try:
            return self._store(found.log_index, found.next_event_seq, found.payload)
        finally:
            found.release()

    def _refuse_when_stopping(self) -> None:
        if not self._open:
            raise NotServing("STOPPING", "this node is stopping")


def _digest_and_release(found: Captured) -> bytes:
    digest = digest_of(found.payload)
    found.release()
    return digest


class _Begun(NamedTuple):
    capture: Capture
    events_digest: bytes
    stood_still_s: float


def _begin(engine: Engine) -> _Begun:
    began = time.perf_counter()
    capture = engine.begin_snapshot()
    return _Begun(capture, engine.events_digest(), time.perf_counter() - began)


def _hold(engine: Engine) -> _Begun:
    began = time.perf_counter()
    held = HeldCapture(engine.applied_index, engine.next_event_seq, engine.snapshot())
    return _Begun(held, engine.events_digest(), time.perf_counter() - began)
