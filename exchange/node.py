"""The composition root: builds one node, starts and stops it in the right order.

Room: the only file that knows all packages. No rule of the market and no protocol lives here.

Start: data directory (lock, checks) -> register (a new epoch, durable) -> engine = newest verified
snapshot + the log after it -> core (committer thread) -> first entry EpochStarted -> gRPC server ->
health SERVING. Stop: the reverse; what was admitted is answered first.

Fail-stop: after a disk fault or a broken invariant the process writes what it knows to
`DATA/fault-*.txt` and exits at once with status 70; it never limps on (DESIGN section 7).
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
import time
import traceback
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from exchange import __version__
from exchange.address import parse_address
from exchange.config import NodeConfig, check_config
from exchange.core import Identity, MarketCore, Parts
from exchange.engine.build import build_engine
from exchange.engine.port import Engine, digest_of
from exchange.errors import InvariantViolation, OperatorFault, check
from exchange.feeds.history import History
from exchange.gateway.ports import NodeStatus, SnapshotResult
from exchange.gateway.server import GatewayServer
from exchange.model.batch import EventBatch
from exchange.sequencer.clock import SystemClock
from exchange.sequencer.recovery import RecoveryReport, recover
from exchange.sequencer.sequencer import Bounds
from exchange.telemetry import MetricsServer
from replication.local_log import LocalLog
from replication.register import RegisterError, RegisterValue, SingleRegister
from storage.data_directory import DataDirectory
from storage.env import Durability
from storage.errors import StorageError
from storage.event_layout import EventBatchRecord
from storage.marker import read_marker

log = logging.getLogger("lockstep.node")

EXIT_OK = 0
EXIT_REFUSED = 1
EXIT_FAULT = 70
"""EX_SOFTWARE: fail-stop; `fault-*.txt` in the data directory says why."""

REPLAY_STORE_BATCHES = 2000
"""Replayed batches written to the event index in one transaction."""

DISK_CHECK_PERIOD_S = 1.0
SWITCH_INTERVAL_S = 0.0005
"""How long a thread may hold the interpreter while another waits; Python's own 5 ms would stand
between an fsync that is done and the answer to it."""


class Node:
    """One node of the exchange: `await start()`, then `await stop()`.

    Args:
        config: checked again here.
        on_fault: what to do instead of leaving the process at once; for tests in one process.
    """

    def __init__(
        self, config: NodeConfig, *, on_fault: Callable[[BaseException], None] | None = None
    ) -> None:
        check_config(config)
        self.config = config
        self.recovery: RecoveryReport | None = None
        self._on_fault = on_fault or self._fail_stop
        self._started_at_ns = 0
        self._data: DataDirectory | None = None
        self._core: MarketCore | None = None
        self._server: GatewayServer | None = None
        self._metrics: MetricsServer | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def core(self) -> MarketCore:
        """The running market. Raises InvariantViolation before `start`."""
        if self._core is None:
            raise InvariantViolation("NODE_NOT_STARTED")
        return self._core

    @property
    def endpoint(self) -> str:
        """HOST:PORT where the API is served; the real port where the configuration says 0."""
        host, port = self.config.listen_address()
        return f"{host}:{self._server.port if self._server else port}"

    async def start(self) -> None:
        """Bring the node up; returns once it serves.

        Raises:
            OperatorFault: a setting, port or file is wrong.
            StorageError: the data directory is foreign, busy, damaged or out of reach.
            InvariantViolation: log, snapshot and events do not fit each other.
        """
        host, port = self.config.listen_address()
        refuse_busy_port(host, port)
        self._started_at_ns = time.time_ns()
        self._data = data = self._open_data()
        try:
            epoch = self._take_epoch(data)
            history = History(data.events, EventBatchRecord, self._on_fault)
            engine = await asyncio.to_thread(self._recover, data, history)
            gc.collect()
            gc.freeze()  # what recovery built lives long; the collector need not walk it
            name = self.config.node_name
            identity = Identity(data.marker.cluster_id, name)
            replicated = LocalLog(data.journal, epoch=epoch, node_name=name)
            limits = self.config.limits
            bounds = Bounds(
                entry_commands=limits.entry_commands,
                entry_bytes=limits.entry_bytes,
                pending_commands=limits.pending_commands,
                pending_bytes=limits.pending_bytes,
            )
            self._core = core = MarketCore(
                identity,
                Parts(engine, replicated, SystemClock(), history, bounds),
                store_snapshot=self._store_snapshot,
                on_fault=self._on_fault,
                describe=self._describe,
                snapshot_every_commands=self.config.snapshots.every_commands,
            )
            core.start()
            await core.leadership.until_open()
            # Only now: a node whose disk is nearly full must still start, to be looked at.
            self._check_disk()
            self._server = GatewayServer(core, self.config)
            await self._server.start()
            if self.config.metrics_listen:
                address = parse_address("metrics_listen", self.config.metrics_listen)
                self._metrics = MetricsServer(core, *address)
        except BaseException:
            await self.stop()
            raise
        self._watch = asyncio.get_running_loop().create_task(self._watch_disk(), name="disk")
        log.info("node %s serves %s in epoch %d", self.config.node_name, self.endpoint, epoch)

    async def stop(self) -> None:
        """Stop serving, answer what was admitted, close everything. Safe after a failed start."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        if self._metrics is not None:
            self._metrics.stop()
            self._metrics = None
        if self._server is not None:
            await self._server.stop()
            self._server = None
        if self._core is not None:
            await self._core.stop()
            self._core = None
        if self._data is not None:
            self._data.close()
            self._data = None

    def _open_data(self) -> DataDirectory:
        path = Path(self.config.data_dir)
        cluster_id = self.config.cluster_id
        if not cluster_id and read_marker(path) is None:
            cluster_id = f"lockstep-{uuid.uuid4().hex[:12]}"
        return DataDirectory.open(
            path,
            create=True,
            cluster_id=cluster_id,
            durability=Durability(self.config.durability),
            log_map_bytes=self.config.log_map_bytes,
            index_map_bytes=self.config.index_map_bytes,
        )

    # A new leadership: durable in the register before anything is written under it.
    def _take_epoch(self, data: DataDirectory) -> int:
        name = self.config.node_name
        try:
            register = SingleRegister(data.meta, name, data.marker.cluster_id)
        except RegisterError as error:
            raise OperatorFault(str(error)) from error
        old = register.read()
        new = RegisterValue(
            cluster_id=old.cluster_id,
            generation=old.generation,
            version=old.version + 1,
            epoch=old.epoch + 1,
            primary=name,
            in_sync={name: 1},
        )
        if old.primary not in {"", name}:
            raise OperatorFault(
                f"this data directory is of node {old.primary!r}, the configuration says "
                f"node_name = {name!r}; use the node's own directory"
            )
        if not register.compare_and_set(old.version, new):
            raise InvariantViolation("REGISTER_OF_ONE_REFUSED", version=old.version)
        return new.epoch

    def _recover(self, data: DataDirectory, history: History[Any]) -> Engine:
        engine = build_engine(self.config.engine)
        newest, refused = data.snapshots.newest_verified(at_most=data.journal.last_index)
        for snapshot in refused:
            log.error("snapshot at log index %d is refused: %s", snapshot.log_index, snapshot.why)
        waiting: list[EventBatch] = []

        def keep(batch: EventBatch) -> None:
            if batch.head.event_count:
                waiting.append(batch)
            if len(waiting) >= REPLAY_STORE_BATCHES:
                history.replayed(waiting)
                waiting.clear()

        journal = data.journal
        self.recovery = report = recover(engine, journal, newest, journal.chain_digest, keep)
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
    def _store_snapshot(self, log_index: int, next_seq: int, payload: bytes) -> SnapshotResult:
        if self._data is None:
            raise InvariantViolation("NODE_NOT_STARTED")
        info = self._data.snapshots.write(
            log_index=log_index,
            chain_digest=self._data.journal.chain_digest(log_index),
            state_digest=digest_of(payload),
            next_event_seq=next_seq,
            payload=payload,
            engine=self.config.engine,
        )
        self._data.snapshots.delete_older_than_newest(self.config.snapshots.keep)
        return SnapshotResult(info.log_index, len(payload), info.state_digest)

    def _describe(self, core: MarketCore) -> list[NodeStatus]:
        data = self._data
        durable = data.journal.last_index if data else core.applied_index
        return [
            NodeStatus(
                name=self.config.node_name,
                role="primary",
                endpoint=self.endpoint,
                pid=os.getpid(),
                healthy=not core.alarms,
                epoch=core.epoch,
                durable_seq=durable,
                applied_seq=core.applied_index,
                digest=core.events_digest.hex(),
                lag_ms=0.0,
                started_at_ns=self._started_at_ns,
                trading_day=core.statistics.trading_day,
                open_orders=core.statistics.open_orders,
                pending_commands=core.pending_commands,
                subscribers=core.subscriber_count,
                disk_free_bytes=data.free_bytes() if data else 0,
                alarms=core.alarms,
                version=__version__,
                engine=core.engine_name,
                codec=self._server.codec_name if self._server else "",
                durability=self.config.durability,
            )
        ]

    async def _watch_disk(self) -> None:
        while True:
            await asyncio.sleep(DISK_CHECK_PERIOD_S)
            self._check_disk()

    def _check_disk(self) -> None:
        if self._core is None or self._data is None:
            return
        free, reserve = self._data.free_bytes(), self.config.limits.disk_reserve_bytes
        text = ""
        if free < reserve:
            text = (
                f"{self._data.path}: {free} bytes are free, below the reserve of {reserve}; only "
                "cancels, halts and kill switches are taken until there is room "
                "(limits.disk_reserve_bytes)"
            )
        self._core.set_alarm("disk", text)

    # Any thread; does not return.
    def _fail_stop(self, error: BaseException) -> None:
        lines = [f"lockstep {__version__} node {self.config.node_name} stopped itself\n"]
        if self._core is not None:
            lines.append(f"epoch {self._core.epoch}, applied {self._core.applied_index}\n")
        lines.extend(traceback.format_exception(error))
        text = "".join(lines)
        sys.stderr.write(text)
        sys.stderr.flush()
        try:
            path = Path(self.config.data_dir) / f"fault-{time.time_ns()}.txt"
            path.write_text(text)
        except OSError as second:
            sys.stderr.write(f"and the fault could not be written down: {second}\n")
        finally:
            os._exit(EXIT_FAULT)


def refuse_busy_port(host: str, port: int) -> None:
    """Raise OperatorFault if something listens there already, or the address is not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise OperatorFault(
                f"cannot listen on {host}:{port}: {error.strerror}; stop what uses the port, or "
                "choose another (--port, or `listen` in the configuration; 0 = any free one)"
            ) from error


async def _serve(config: NodeConfig, on_started: Callable[[Node], None] | None) -> None:
    node = Node(config)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await node.start()
    try:
        if on_started is not None:
            on_started(node)
        await stop.wait()
    finally:
        await node.stop()


def serve(config: NodeConfig, on_started: Callable[[Node], None] | None = None) -> int:
    """Run a node until SIGINT or SIGTERM; the exit status of the process.

    Args:
        on_started: called once on the event loop thread when the node serves.
    """
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    try:
        asyncio.run(_serve(config, on_started))
    except (OperatorFault, StorageError) as error:
        sys.stderr.write(f"exchange: {error}\n")
        return EXIT_REFUSED
    except InvariantViolation as error:
        sys.stderr.write(f"exchange: refuses to start: {error}\n")
        return EXIT_FAULT
    except Exception:  # outermost: told whole, and as a fault, not as a refusal
        traceback.print_exc()
        return EXIT_FAULT
    return EXIT_OK
