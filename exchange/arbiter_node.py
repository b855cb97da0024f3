"""The arbiter: a vote in the register and nothing else.

Room: part of the composition root. It keeps no order log and has no engine, so it is a cheap
machine in a third place; its API tells how the cluster is (GetStatus) and nothing of the market.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

from exchange import __version__
from exchange.arbiter_core import ArbiterCore
from exchange.cluster_links import cluster_of, link_settings, raft_register
from exchange.cluster_status import resident_bytes
from exchange.config import NodeConfig, check_config
from exchange.errors import OperatorFault
from exchange.fail_stop import fail_stop
from exchange.gateway.ports import NodeStatus
from exchange.gateway.server import GatewayServer
from replication.links import LinkError
from replication.raft_register import RaftRegister
from replication.register import RegisterError
from replication.tls_link import TlsEndpoint
from storage.data_directory import free_bytes
from storage.lock import DirectoryLock

log = logging.getLogger("lockstep.node")


class ArbiterNode:
    """An arbiter: `await start()`, then `await stop()`.

    Args:
        config: with a `[cluster]` section of kind arbiter.
        on_fault: what to do instead of leaving the process at once; for tests in one process.
    """

    def __init__(
        self, config: NodeConfig, *, on_fault: Callable[[BaseException], None] | None = None
    ) -> None:
        check_config(config)
        self.config = config
        self._cluster = cluster_of(config)
        self._path = Path(config.data_dir)
        self._on_fault = on_fault or fail_stop(config.node_name, self._path, lambda: "")
        self._started_at_ns = 0
        self._lock: DirectoryLock | None = None
        self._endpoint: TlsEndpoint | None = None
        self._register: RaftRegister | None = None
        self._server: GatewayServer | None = None
        self._problem = ""

    @property
    def endpoint(self) -> str:
        """HOST:PORT where the API is served."""
        host, port = self.config.listen_address()
        return f"{host}:{self._server.port if self._server else port}"

    async def start(self) -> None:
        """Take part; returns once the API answers. Raises OperatorFault, StorageError."""
        self._started_at_ns = time.time_ns()
        try:
            self._path.mkdir(mode=0o750, parents=True, exist_ok=True)
            self._lock = DirectoryLock.acquire(self._path)
            self._endpoint = TlsEndpoint(link_settings(self.config))
            register, _ = raft_register(
                self.config, self._endpoint, self._path, self._on_register_halt
            )
            self._register = register
            core = ArbiterCore(
                self.config.cluster_id, self.config.node_name, self._rows, self._on_fault
            )
            self._server = GatewayServer(core, self.config, only_status=True)
            self._endpoint.start()
            register.start()
            await self._server.start()
        except (LinkError, RegisterError, OSError) as error:
            await self.stop()
            raise OperatorFault(str(error)) from error
        except BaseException:
            await self.stop()
            raise
        log.info("arbiter %s answers at %s", self.config.node_name, self.endpoint)

    async def stop(self) -> None:
        """Leave. Safe after a failed start."""
        if self._server is not None:
            await self._server.stop()
        if self._register is not None:
            await asyncio.to_thread(self._register.close)
        if self._endpoint is not None:
            await asyncio.to_thread(self._endpoint.stop)
        if self._lock is not None:
            self._lock.release()
        self._server = self._register = self._endpoint = self._lock = None

    # Register's thread.
    def _on_register_halt(self, why: str) -> None:
        self._problem = why
        self._on_fault(RegisterError(why))

    def _rows(self) -> list[NodeStatus]:
        if self._register is None:
            return []
        value, status = self._register.read(), self._register.status()
        alarms = tuple(text for text in (self._problem, status.problem) if text)
        if not status.healthy:
            alarms += ("the register has no quorum here",)
        own = NodeStatus(
            name=self.config.node_name,
            role="arbiter",
            endpoint=self._cluster.api_of(self.config.node_name),
            pid=os.getpid(),
            healthy=not alarms,
            epoch=value.epoch,
            durable_seq=0,
            applied_seq=0,
            digest="",
            lag_ms=0.0,
            started_at_ns=self._started_at_ns,
            trading_day=0,
            open_orders=0,
            pending_commands=0,
            subscribers=0,
            disk_free_bytes=free_bytes(self._path),
            alarms=alarms,
            version=__version__,
            engine="",
            codec="",
            durability="sync",
            kind="arbiter",
            generation=value.generation,
            memory_bytes=resident_bytes(),
        )
        return [own]
