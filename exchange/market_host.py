"""The market of one node, from recovery to its API: opened over a log, closed, opened again.

Room: part of the composition root; what a single node and a node of a cluster have in common.

    open:  engine = newest verified snapshot + the log after it, up to what is committed -> core
           (committer thread) -> gRPC server; who is served, health says
    close: the reverse; what was admitted is answered first

A node of a cluster that takes over a snapshot of another node closes, and opens again from there.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from exchange import __version__
from exchange.address import parse_address
from exchange.config import NodeConfig
from exchange.core import Identity, MarketCore, Parts
from exchange.engine.build import AUTO, EXTENSION, build_engine
from exchange.engine.capture import SnapshotBytes
from exchange.engine.port import Engine, digest_of
from exchange.errors import InvariantViolation, check
from exchange.feeds.history import History
from exchange.gateway.cluster_ports import ClusterControl
from exchange.gateway.ports import NodeStatus, SnapshotResult
from exchange.gateway.server import GatewayServer
from exchange.model.batch import EventBatch
from exchange.model.built_from import why_absent
from exchange.sequencer.clock import BentClock, SystemClock
from exchange.sequencer.ports import ReplicatedLog
from exchange.sequencer.recovery import RecoveryReport, recover
from exchange.sequencer.sequencer import Bounds
from exchange.telemetry import MetricsServer
from storage.data_directory import DataDirectory
from storage.event_layout import EventBatchRecord

log = logging.getLogger("lockstep.node")

SNAPSHOT_PACE_BYTES_PER_S = 128 << 20
"""Most of a snapshot that is written in a second: the log needs the disk too (IO section 3)."""

REPLAY_STORE_BATCHES = 2000
"""Replayed batches written to the event index in one transaction."""

DISK_CHECK_PERIOD_S = 1.0
LEASE_CHECK_PERIOD_S = 0.05
"""How late, at most, health and open streams learn that a lease was lost."""


class Surroundings(NamedTuple):
    """What is around the market of a node.

    Attributes:
        cluster: what operators steer; None for a node that runs alone.
        endpoint_of: HOST:PORT of a node's API by its name.
        describe: the status list of all nodes, from this node's own row.
        snapshot_stored: called after a snapshot is durable; any thread.
        on_fault: the node must stop; any thread.
    """

    cluster: ClusterControl | None
    endpoint_of: Callable[[str], str]
    describe: Callable[[NodeStatus], list[NodeStatus]]
    snapshot_stored: Callable[[], None]
    on_fault: Callable[[BaseException], None]


def known_committed(data: DataDirectory) -> int:
    """Newest entry of the journal that is certainly committed.

    Snapshots and events are made of committed entries only, so they prove it as well as the
    journal's own note does.
    """
    floor = data.journal.committed_index
    if data.events.last_seq:
        floor = max(floor, data.events.read_from(data.events.last_seq, 1)[-1].log_index)
    floor = max(floor, data.snapshots.newest_index)
    return min(floor, data.journal.last_index)


class MarketHost:
    """One market over an open data directory and a log. Event loop thread.

    Args:
        config: of the node, checked.
        data: its open data directory.
        replicated: its log.
        around: see there.
    """

    def __init__(
        self,
        config: NodeConfig,
        data: DataDirectory,
        replicated: ReplicatedLog,
        around: Surroundings,
    ) -> None:
        self.config = config
        self.recovery: RecoveryReport | None = None
        self._data = data
        self._log = replicated
        self._around = around
        self._started_at_ns = time.time_ns()
        self._core: MarketCore | None = None
        self._server: GatewayServer | None = None
        self._metrics: MetricsServer | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._alarms: dict[str, str] = {}

    @property
    def core(self) -> MarketCore:
        """The running market. Raises InvariantViolation while it is closed."""
        if self._core is None:
            raise InvariantViolation("NODE_NOT_STARTED")
        return self._core

    @property
    def is_open(self) -> bool:
        """Whether there is a running market."""
        return self._core is not None

    @property
    def port(self) -> int:
        """Port of the API; 0 while it is not served."""
        return self._server.port if self._server else 0

    async def open(self, *, until_leading: bool) -> None:
        """Recover, then serve.

        Args:
            until_leading: the API is served only once this node leads.
        """
        data, name = self._data, self.config.node_name
        history = History(data.events, EventBatchRecord, self._around.on_fault)
        committed = max(self._log.committed_index, known_committed(data))
        engine = await asyncio.to_thread(self._recover, history, committed)
        gc.collect()
        gc.freeze()  # what recovery built lives long; the collector need not walk it
        limits = self.config.limits
        bounds = Bounds(
            entry_commands=limits.entry_commands,
            entry_bytes=limits.entry_bytes,
            pending_commands=limits.pending_commands,
            pending_bytes=limits.pending_bytes,
        )
        self._core = core = MarketCore(
            Identity(data.marker.cluster_id, name, self._around.endpoint_of),
            Parts(engine, self._log, clock_of(self.config), history, bounds),
            store_snapshot=self._store_snapshot,
            on_fault=self._around.on_fault,
            describe=self._describe,
            snapshot_every_commands=self.config.snapshots.every_commands,
        )
        for alarm, text in self._alarms.items():
            core.set_alarm(alarm, text)
        core.start()
        if until_leading:
            await core.leadership.until_open()
        # Only now: a node whose disk is nearly full must still start, to be looked at.
        self._check_disk()
        self._server = GatewayServer(core, self.config, cluster=self._around.cluster)
        await self._show()
        await self._server.start()
        if self.config.metrics_listen:
            address = parse_address("metrics_listen", self.config.metrics_listen)
            self._metrics = MetricsServer(core, *address)
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._watch_disk(), name="disk"),
            loop.create_task(self._watch_leadership(), name="leadership"),
        ]

    async def close(self) -> None:
        """Stop serving, answer what was admitted. Safe after a failed `open`."""
        for task in self._tasks:
            task.cancel()
        self._tasks = []
        if self._metrics is not None:
            self._metrics.stop()
            self._metrics = None
        if self._server is not None:
            await self._server.stop()
            self._server = None
        if self._core is not None:
            await self._core.stop()
            self._core = None

    def set_alarm(self, name: str, text: str) -> None:
        """Raise an alarm, or end it with ""; kept while the market is closed."""
        if text:
            self._alarms[name] = text
        else:
            self._alarms.pop(name, None)
        if self._core is not None:
            self._core.set_alarm(name, text)

    # Worker thread.
    def _recover(self, history: History[Any], committed: int) -> Engine:
        data, journal = self._data, self._data.journal
        engine = build_engine(self.config.engine)
        why = why_absent(EXTENSION) if self.config.engine == AUTO else ""
        log.info("engine: %s%s", engine.name, f" ({why})" if why else "")
        newest, refused = data.snapshots.newest_verified(at_most=committed)
        for snapshot in refused:
            log.error("snapshot at log index %d is refused: %s", snapshot.log_index, snapshot.why)
        if newest is not None and journal.first_index == newest[0].log_index + 1:
            history.begin_at(newest[0].next_event_seq)
        waiting: list[EventBatch] = []

        def keep(batch: EventBatch) -> None:
            if batch.head.event_count:
                waiting.append(batch)
            if len(waiting) >= REPLAY_STORE_BATCHES:
                history.replayed(waiting)
                waiting.clear()

        self.recovery = report = recover(
            engine, journal, newest, journal.chain_digest, keep, last_index=committed
        )
        history.replayed(waiting)
        check(
            history.last_seq == engine.next_event_seq - 1,
            "EVENT_INDEX_IS_AHEAD_OF_THE_LOG",
            indexed_seq=history.last_seq,
            replayed_seq=engine.next_event_seq - 1,
            what_to_do="`exctl journal verify`; if the log is sound, `exctl journal rebuild-index`",
        )
        log.info(
            "recovered to log index %d: snapshot at %d, %d entries with %d commands in %.2f s",
            report.last_index,
            report.snapshot_index,
            report.replayed_entries,
            report.replayed_commands,
            report.seconds,
        )
        return engine

    # Snapshot thread.
    def _store_snapshot(
        self, log_index: int, next_seq: int, payload: SnapshotBytes
    ) -> SnapshotResult:
        info = self._data.snapshots.write(
            log_index=log_index,
            chain_digest=self._data.journal.chain_digest(log_index),
            state_digest=digest_of(payload),
            next_event_seq=next_seq,
            payload=payload,
            engine=self.core.engine_name,
            pace_bytes_per_s=SNAPSHOT_PACE_BYTES_PER_S,
        )
        self._data.snapshots.delete_older_than_newest(self.config.snapshots.keep)
        self._around.snapshot_stored()
        return SnapshotResult(info.log_index, len(payload), info.state_digest)

    def _describe(self, core: MarketCore) -> list[NodeStatus]:
        host = self.config.listen_address()[0]
        statistics = core.statistics
        own = NodeStatus(
            name=self.config.node_name,
            role=core.role,
            endpoint=f"{host}:{self.port}",
            pid=os.getpid(),
            healthy=not core.alarms,
            epoch=core.epoch,
            durable_seq=self._log.last_index,
            applied_seq=core.applied_index,
            digest=core.events_digest.hex(),
            lag_ms=core.age_ns / 1e6,
            started_at_ns=self._started_at_ns,
            trading_day=statistics.trading_day,
            open_orders=statistics.open_orders,
            pending_commands=core.pending_commands,
            subscribers=core.subscriber_count,
            disk_free_bytes=self._data.free_bytes(),
            alarms=core.alarms,
            version=__version__,
            engine=core.engine_name,
            codec=self._server.codec_name if self._server else "",
            durability=self.config.durability,
            committed_seq=self._log.committed_index,
            may_serve=core.leadership.may_trade,
        )
        return self._around.describe(own)

    async def _watch_leadership(self) -> None:
        while True:
            changed = self.core.leadership.changed
            try:
                async with asyncio.timeout(LEASE_CHECK_PERIOD_S):
                    await changed.wait()
            except TimeoutError:
                pass  # nobody tells of a lease that ran out
            await self._show()

    async def _show(self) -> None:
        if self._server is not None:
            leadership = self.core.leadership
            await self._server.show(trading=leadership.may_trade, reading=leadership.may_read)

    async def _watch_disk(self) -> None:
        while True:
            await asyncio.sleep(DISK_CHECK_PERIOD_S)
            self._check_disk()

    def _check_disk(self) -> None:
        free, reserve = self._data.free_bytes(), self.config.limits.disk_reserve_bytes
        text = ""
        if free < reserve:
            text = (
                f"{self._data.path}: {free} bytes are free, below the reserve of {reserve}; only "
                "cancels, halts and kill switches are taken until there is room "
                "(limits.disk_reserve_bytes)"
            )
        self.set_alarm("disk", text)


def clock_of(config: NodeConfig) -> SystemClock | BentClock:
    """The clock that stamps this node's entries; bent only where a test asks for it."""
    path = config.chaos.clock_offset_file
    return BentClock(Path(path)) if path else SystemClock()
