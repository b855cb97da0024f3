"""Two nodes that replicate a log and have no engine: the stream's own figure.

Room: replicators, TLS links, LMDB journals with fsync; the register is one value in memory, since
it takes no part in a commit. Both nodes run in this process and share its interpreter.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Self

from replication.hooks import Hooks
from replication.identity import DATA, ClusterPlan, Identity, PeerPlan
from replication.link_identity import LinkIdentity
from replication.node_state import StoredFacts
from replication.replica import Replica
from replication.replicator import Replicator
from replication.tls_link import LinkSettings, TlsEndpoint
from storage.data_directory import DataDirectory
from tests.replication.link_desk import Pki
from tests.replication.log_cluster import CLUSTER, NoSnapshots, SharedRegister, until

NAMES = ("n1", "n2")
WAIT_S = 30.0
WINDOW = 64


class StreamPair:
    """A primary and its standby; a context manager."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True)
        pki = Pki(directory / "pki")
        self._register = SharedRegister()
        self._plan = ClusterPlan(tuple(PeerPlan(name, DATA) for name in NAMES))
        self._ports = dict.fromkeys(NAMES, 0)
        self._faults: list[BaseException] = []
        self._data = {}
        self._ends = {}
        for name in NAMES:
            pki.identity(name)
            self._data[name] = DataDirectory.open(directory / name, create=True)
        self._identities = {
            name: LinkIdentity(
                pki.folder / f"{name}.pem", pki.folder / f"{name}.key", pki.folder / "ca.pem"
            )
            for name in NAMES
        }
        # n1 dials n2, so n2 listens first and n1 learns its port.
        for name in reversed(NAMES):
            (other,) = set(NAMES) - {name}
            settings = LinkSettings(
                node=name,
                cluster_id=CLUSTER,
                listen=("127.0.0.1", 0),
                peers={other: ("127.0.0.1", self._ports[other])},
                identity=self._identities[name],
            )
            self._ends[name] = TlsEndpoint(settings)
            self._ports[name] = self._ends[name].port
        self._logs = {name: self._log(name) for name in NAMES}

    def __enter__(self) -> Self:
        for name in NAMES:
            self._ends[name].start()
            self._logs[name].start()
        until(lambda: len(self._register.value.in_sync) == len(NAMES), "two copies", WAIT_S)
        self._primary = self._logs[self._register.value.primary]
        self._moved = threading.Condition()
        self._primary.listen(self._look)
        return self

    def __exit__(self, *_: object) -> None:
        for name in NAMES:
            self._logs[name].stop()
            self._ends[name].stop()
            self._data[name].close()
        if self._faults:
            raise self._faults[0]

    def commit(self, count: int, size: int) -> list[int]:
        """Entries one after the other; nanoseconds from the write to the commit of each."""
        samples = []
        entry = bytes(size)
        for _ in range(count):
            index = self._primary.last_index + 1
            began = time.perf_counter_ns()
            self._primary.append([(index, entry)])
            self._wait(index)
            samples.append(time.perf_counter_ns() - began)
        return samples

    def pipeline(self, count: int, size: int) -> None:
        """Entries without waiting but for a window; returns when all are committed."""
        entry = bytes(size)
        for _ in range(count):
            index = self._primary.last_index + 1
            self._primary.append([(index, entry)])
            self._wait(index - WINDOW)
        self._wait(self._primary.last_index)

    def _wait(self, index: int) -> None:
        with self._moved:
            done = self._moved.wait_for(lambda: self._primary.committed_index >= index, WAIT_S)
        if not done:
            raise TimeoutError(f"entry {index} is not committed")

    def _look(self) -> None:
        with self._moved:
            self._moved.notify_all()

    def _log(self, name: str) -> Replicator:
        data = self._data[name]
        (other,) = set(NAMES) - {name}
        boot = NAMES.index(name) + 1
        identity = Identity(CLUSTER, 1, name, DATA, boot, boot, "0.1.0")
        now_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        return Replicator(
            Replica(identity, self._plan, data.journal, StoredFacts(), now_ns),
            data.journal,
            self._ends[name].links("log", [other]),
            self._register.seen_by(name),
            NoSnapshots(),
            hooks=Hooks(
                promise=lambda epoch: data.meta.put_many({"promised": epoch.to_bytes(8, "big")}),
                cut=lambda _first, reason: self._faults.append(RuntimeError(reason)),
                install=lambda work: work(),
                new_generation=lambda _: self._register.seen_by(name),
                membership=lambda _, __: None,
                alarm=lambda _, __: None,
                fault=self._faults.append,
            ),
        )
