"""A node of a cluster that keeps the order log: data node or DR.

Room: part of the composition root: builds links, register, replica, replicator and market, in
this order, and stops them in the reverse one. Who leads is not decided here.

A snapshot of another node is installed between two markets: the old one closes, log and state are
replaced, a new one opens from there.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from exchange import __version__
from exchange.cluster_config import ClusterConfig
from exchange.cluster_links import link_settings, raft_register
from exchange.cluster_status import ClusterStatus
from exchange.cluster_steering import ClusterSteering
from exchange.config import NodeConfig, check_config
from exchange.core import MarketCore
from exchange.errors import InvariantViolation, OperatorFault
from exchange.fail_stop import fail_stop
from exchange.market_host import MarketHost, Surroundings, known_committed
from exchange.membership_recorder import MembershipRecorder
from exchange.model.codec import decode_entry_head
from exchange.node_facts import NodeFacts
from exchange.open_data import open_data
from exchange.snapshot_exchange import SnapshotExchange
from replication.absent_register import AbsentRegister
from replication.hooks import Hooks
from replication.identity import DATA, ClusterPlan, Identity, PeerPlan
from replication.links import LinkError, Links
from replication.log_stream import SNAPSHOT_GAP_ENTRIES
from replication.node_state import StoredFacts
from replication.register import (
    REGISTER_KEY,
    ConsensusRegister,
    RegisterError,
    RegisterValue,
    SingleRegister,
)
from replication.replica import Replica
from replication.replicator import Replicator
from replication.timing import MS, Timing
from replication.tls_link import TlsEndpoint
from storage.data_directory import DataDirectory

log = logging.getLogger("lockstep.node")

LOG_PURPOSE = "log"


def monotonic_ns() -> int:
    """Time that also passes while the machine sleeps (RELIABILITY 5.1 rule 10)."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


class ClusterNode:
    """A data or DR node: `await start()`, then `await stop()`.

    Args:
        config: with a `[cluster]` section; checked again here.
        on_fault: what to do instead of leaving the process at once; for tests in one process.
    """

    def __init__(
        self, config: NodeConfig, *, on_fault: Callable[[BaseException], None] | None = None
    ) -> None:
        check_config(config)
        if config.cluster is None:
            raise OperatorFault("the configuration has no [cluster] section")
        self.config = config
        self._cluster: ClusterConfig = config.cluster
        self._on_fault = on_fault or fail_stop(
            config.node_name, Path(config.data_dir), self._standing
        )
        self._data: DataDirectory | None = None
        self._facts: NodeFacts | None = None
        self._endpoint: TlsEndpoint | None = None
        self._register: ConsensusRegister | None = None
        self._register_links: Links | None = None
        self._replicator: Replicator | None = None
        self._host: MarketHost | None = None
        self._turning = asyncio.Lock()
        self._stopped = False

    @property
    def core(self) -> MarketCore:
        """The running market. Raises InvariantViolation while there is none."""
        if self._host is None:
            raise InvariantViolation("NODE_NOT_STARTED")
        return self._host.core

    @property
    def replicator(self) -> Replicator:
        """This node's copy of the log. Raises InvariantViolation before `start`."""
        if self._replicator is None:
            raise InvariantViolation("NODE_NOT_STARTED")
        return self._replicator

    @property
    def links_endpoint(self) -> TlsEndpoint:
        """Where the other nodes meet this one. Raises InvariantViolation before `start`."""
        if self._endpoint is None:
            raise InvariantViolation("NODE_NOT_STARTED")
        return self._endpoint

    @property
    def is_open(self) -> bool:
        """Whether there is a running market; not while a snapshot is taken over."""
        return self._host is not None and self._host.is_open

    @property
    def endpoint(self) -> str:
        """HOST:PORT where the API is served."""
        host, port = self.config.listen_address()
        return f"{host}:{self._host.port if self._host else port}"

    async def start(self) -> None:
        """Bring the node up; returns once its API answers, whatever its role.

        Raises:
            OperatorFault: a setting, port, file or identity is wrong.
            StorageError: the data directory is foreign, busy, damaged or out of reach.
            InvariantViolation: log, snapshot and events do not fit each other.
        """
        self._loop = asyncio.get_running_loop()
        self._recorder = MembershipRecorder(lambda: self.core)
        self._data = data = open_data(self.config)
        try:
            self._facts = facts = NodeFacts(data.meta, self._cluster.generation)
            self._endpoint = TlsEndpoint(link_settings(self.config))
            self._register = register = self._make_register(data, facts)
            self._replicator = replicator = self._make_replicator(data, facts, register)
            self.steering = ClusterSteering(self.config, replicator, lambda: self.core)
            links = [one for one in (self._register_links, self._endpoint_links) if one]
            status = ClusterStatus(self._cluster, replicator, links)
            self._host = MarketHost(
                self.config,
                data,
                replicator,
                Surroundings(
                    cluster=self.steering,
                    endpoint_of=self._cluster.api_of,
                    describe=status.rows,
                    snapshot_stored=replicator.snapshot_stored,
                    on_fault=self._on_fault,
                ),
            )
            await self._host.open(until_leading=False)
            self._endpoint.start()
            replicator.start()
            start = getattr(register, "start", None)
            if start is not None:
                start()
        except (LinkError, RegisterError, OSError) as error:
            await self.stop()
            raise OperatorFault(str(error)) from error
        except BaseException:
            await self.stop()
            raise
        log.info("node %s answers at %s", self.config.node_name, self.endpoint)

    async def stop(self) -> None:
        """Stop serving, answer what was admitted, close everything. Safe after a failed start."""
        self._stopped = True
        self._recorder.stop()
        async with self._turning:
            if self._host is not None:
                await self._host.close()
        if self._replicator is not None:
            await asyncio.to_thread(self._replicator.stop)
        if self._register is not None:
            await asyncio.to_thread(self._register.close)
        if self._endpoint is not None:
            await asyncio.to_thread(self._endpoint.stop)
        if self._data is not None:
            self._data.close()
        self._host = self._replicator = self._register = self._endpoint = self._data = None

    def _make_register(self, data: DataDirectory, facts: NodeFacts) -> ConsensusRegister:
        name = self.config.node_name
        if facts.is_promoted:
            return SingleRegister(data.meta, name, data.marker.cluster_id)
        if name not in self._cluster.voters:
            return AbsentRegister(RegisterValue(data.marker.cluster_id, facts.generation))
        register, self._register_links = raft_register(
            self.config, self.links_endpoint, data.path, self._on_register_halt
        )
        return register

    def _make_replicator(
        self, data: DataDirectory, facts: NodeFacts, register: ConsensusRegister
    ) -> Replicator:
        cluster, name = self._cluster, self.config.node_name
        identity = Identity(
            cluster_id=data.marker.cluster_id,
            generation=facts.generation,
            name=name,
            kind=DATA if facts.is_promoted else cluster.kind,
            incarnation=facts.incarnation,
            boot_id=secrets.randbits(62) | 1,
            software=__version__,
        )
        plan = ClusterPlan(
            tuple(PeerPlan(node.name, node.kind) for node in cluster.nodes), cluster.on_single_copy
        )
        promised = max(facts.promised, _last_epoch(data))
        stored = StoredFacts(promised, known_committed(data))
        replica = Replica(
            identity,
            plan,
            data.journal,
            stored,
            monotonic_ns(),
            timing=_timing(cluster),
            snapshot_gap=SNAPSHOT_GAP_ENTRIES,
        )
        keepers = [node.name for node in cluster.peers_of(name) if node.kind != "arbiter"]
        self._endpoint_links = self.links_endpoint.links(LOG_PURPOSE, keepers)
        return Replicator(
            replica,
            data.journal,
            self._endpoint_links,
            register,
            SnapshotExchange(data),
            hooks=Hooks(
                promise=facts.promise,
                cut=self._cut,
                install=self._install,
                new_generation=self._new_generation,
                membership=self._membership,
                alarm=self._alarm,
                fault=self._on_fault,
            ),
            clock_ns=monotonic_ns,
        )

    # Log writer's thread.
    def _cut(self, first_removed: int, reason: str) -> None:
        data = self._opened()
        path = data.journal.truncate_suffix(first_removed, data.quarantine_path, reason)
        log.warning("entries from %d on are in %s: %s", first_removed, path, reason)

    # Log writer's thread: waits until the market is closed; the new one opens by itself.
    def _install(self, work: Callable[[], str]) -> str:
        return asyncio.run_coroutine_threadsafe(self._reinstall(work), self._loop).result()

    async def _reinstall(self, work: Callable[[], str]) -> str:
        async with self._turning:
            if self._host is None or self._stopped:
                return "the node is stopping"
            await self._host.close()
            why = await asyncio.to_thread(work)
        self._reopening = self._loop.create_task(self._reopen(), name="reopen")
        return why

    async def _reopen(self) -> None:
        try:
            async with self._turning:
                if self._host is not None and not self._stopped:
                    await self._host.open(until_leading=False)
        except BaseException as error:  # outermost: a node without a market is of no use
            self._on_fault(error)
            raise

    # Under the replica's lock.
    def _new_generation(self, value: RegisterValue) -> ConsensusRegister:
        data = self._opened()
        if self._facts is None:
            raise InvariantViolation("NODE_NOT_STARTED")
        self._facts.begin_generation(value.generation, msgspec.json.encode(value), REGISTER_KEY)
        return SingleRegister(data.meta, self.config.node_name, data.marker.cluster_id)

    # Under the replica's lock.
    def _membership(self, value: RegisterValue, what: str) -> None:
        log.warning("register version %d, epoch %d: %s", value.version, value.epoch, what)
        self._loop.call_soon_threadsafe(self._recorder.put, value, what)

    # Under the replica's lock.
    def _alarm(self, name: str, text: str) -> None:
        if text:
            log.warning("alarm %s: %s", name, text)
        self._loop.call_soon_threadsafe(self._show_alarm, name, text)

    def _show_alarm(self, name: str, text: str) -> None:
        if self._host is not None:
            self._host.set_alarm(name, text)

    # Register's thread.
    def _on_register_halt(self, why: str) -> None:
        self._alarm("REGISTER_VOTER", why)

    def _opened(self) -> DataDirectory:
        if self._data is None:
            raise InvariantViolation("NODE_NOT_STARTED")
        return self._data

    def _standing(self) -> str:
        if self._replicator is None:
            return ""
        view = self._replicator.view
        committed = self._replicator.committed_index
        return f"{view.role} in epoch {view.epoch}, committed {committed}\n"


# A log that was written by a node alone goes on in a cluster, in epochs above its own.
def _last_epoch(data: DataDirectory) -> int:
    journal = data.journal
    if journal.last_index < journal.first_index:
        return 0
    return decode_entry_head(journal.read(journal.last_index)).epoch


def _timing(cluster: ClusterConfig) -> Timing:
    told = cluster.timings
    return Timing(
        heartbeat=told.heartbeat_ms * MS,
        suspect=told.suspect_ms * MS,
        link_down=told.link_down_ms * MS,
        lease=told.lease_ms * MS,
        grace=told.grace_ms * MS,
        shrink=told.shrink_ms * MS,
        dr_lag_alarm=told.dr_lag_alarm_ms * MS,
    )
