"""The composition root: builds one node, starts and stops it in the right order.

Room: the only file that knows all packages. No rule of the market and no protocol lives here.

Start: data directory (lock, checks) -> register (a new epoch, durable) -> market (`market_host`):
engine, committer, first entry EpochStarted -> gRPC server -> health SERVING. Stop: the reverse;
what was admitted is answered first. A node of a cluster is in `cluster_node`.

Fail-stop: after a disk fault or a broken invariant the process writes what it knows to
`DATA/fault-*.txt` and exits at once with status 70; it never limps on (DESIGN section 7).
"""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from exchange.arbiter_node import ArbiterNode
from exchange.cluster_node import ClusterNode
from exchange.config import NodeConfig, check_config
from exchange.core import MarketCore
from exchange.errors import InvariantViolation, OperatorFault
from exchange.fail_stop import EXIT_FAULT, fail_stop
from exchange.market_host import MarketHost, Surroundings
from exchange.node_facts import is_of_cluster
from exchange.open_data import open_data
from exchange.sequencer.recovery import RecoveryReport
from replication.local_log import LocalLog
from replication.register import RegisterError, RegisterValue, SingleRegister
from storage.data_directory import DataDirectory
from storage.errors import StorageError

log = logging.getLogger("lockstep.node")

EXIT_OK = 0
EXIT_REFUSED = 1

SWITCH_INTERVAL_S = 0.0005
"""How long a thread may hold the interpreter while another waits; Python's own 5 ms would stand
between an fsync that is done and the answer to it."""

COLLECT_AFTER = (50_000, 20, 100)
"""Thresholds of the cyclic collector. What an order leaves behind is freed by reference counts when
its events are stored, a second later: at Python's own 700 objects the collector walked it in vain
every hundred orders, for 0.1 ms, and now and then for 3 ms."""


class Node:
    """A node that runs alone: `await start()`, then `await stop()`.

    Args:
        config: checked again here.
        on_fault: what to do instead of leaving the process at once; for tests in one process.
    """

    def __init__(
        self, config: NodeConfig, *, on_fault: Callable[[BaseException], None] | None = None
    ) -> None:
        check_config(config)
        self.config = config
        self._on_fault = on_fault or fail_stop(
            config.node_name, Path(config.data_dir), self._standing
        )
        self._data: DataDirectory | None = None
        self._host: MarketHost | None = None

    @property
    def core(self) -> MarketCore:
        """The running market. Raises InvariantViolation before `start`."""
        if self._host is None:
            raise InvariantViolation("NODE_NOT_STARTED")
        return self._host.core

    @property
    def recovery(self) -> RecoveryReport | None:
        """What the start had to replay; None before."""
        return self._host.recovery if self._host else None

    @property
    def endpoint(self) -> str:
        """HOST:PORT where the API is served; the real port where the configuration says 0."""
        host, port = self.config.listen_address()
        return f"{host}:{self._host.port if self._host else port}"

    async def start(self) -> None:
        """Bring the node up; returns once it serves.

        Raises:
            OperatorFault: a setting, port or file is wrong.
            StorageError: the data directory is foreign, busy, damaged or out of reach.
            InvariantViolation: log, snapshot and events do not fit each other.
        """
        refuse_busy_port(*self.config.listen_address())
        name = self.config.node_name
        self._data = data = open_data(self.config)
        try:
            epoch = self._take_epoch(data)
            self._host = MarketHost(
                self.config,
                data,
                LocalLog(data.journal, epoch=epoch, node_name=name),
                Surroundings(
                    cluster=None,
                    endpoint_of=lambda _: self.endpoint,
                    describe=lambda own: [own],
                    snapshot_stored=_nobody,
                    on_fault=self._on_fault,
                ),
            )
            await self._host.open(until_leading=True)
        except BaseException:
            await self.stop()
            raise
        log.info("node %s serves %s in epoch %d", name, self.endpoint, epoch)

    async def stop(self) -> None:
        """Stop serving, answer what was admitted, close everything. Safe after a failed start."""
        if self._host is not None:
            await self._host.close()
            self._host = None
        if self._data is not None:
            self._data.close()
            self._data = None

    # A new leadership: durable in the register before anything is written under it.
    def _take_epoch(self, data: DataDirectory) -> int:
        name = self.config.node_name
        if is_of_cluster(data.meta):
            raise OperatorFault(
                f"{data.path} belongs to a node of cluster {data.marker.cluster_id!r}: the end of "
                "its log may not be committed, and other nodes may go on. Start it with its "
                "[cluster] section, or give this node a directory of its own"
            )
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

    def _standing(self) -> str:
        if self._host is None or not self._host.is_open:
            return ""
        return f"epoch {self.core.epoch}, applied {self.core.applied_index}\n"


def _nobody() -> None:
    """A node that runs alone has nobody to tell."""


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


AnyNode = Node | ClusterNode | ArbiterNode


def build_node(
    config: NodeConfig, *, on_fault: Callable[[BaseException], None] | None = None
) -> AnyNode:
    """The node that the configuration describes: alone, of a cluster, or its arbiter."""
    if config.cluster is None:
        return Node(config, on_fault=on_fault)
    if config.cluster.kind == "arbiter":
        return ArbiterNode(config, on_fault=on_fault)
    return ClusterNode(config, on_fault=on_fault)


async def _serve(config: NodeConfig, on_started: Callable[[AnyNode], None] | None) -> None:
    refuse_busy_port(*config.listen_address())
    node = build_node(config)
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


def serve(config: NodeConfig, on_started: Callable[[AnyNode], None] | None = None) -> int:
    """Run a node until SIGINT or SIGTERM; the exit status of the process.

    Args:
        on_started: called once on the event loop thread when the node serves.
    """
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    gc.set_threshold(*COLLECT_AFTER)
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
