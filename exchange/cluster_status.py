"""The status rows of a cluster as one node knows them: itself first, then every other node.

Room: from the replica's figures to `NodeStatus`. What only a node itself knows (process, memory,
open orders) is empty in the rows of others: ask that node.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from exchange.cluster_config import ClusterConfig, ClusterNode
from exchange.gateway.ports import NodeStatus
from replication.links import Links, LinkState
from replication.replica_status import PeerStatus, ReplicaStatus
from replication.replicator import Replicator

NS_PER_MS = 1_000_000
KIB_PER_PAGE = 4


class ClusterStatus:
    """Makes the rows.

    Args:
        cluster: the configuration.
        replicator: of this node.
        links: of every purpose; where two lead to one node the later one counts.
    """

    def __init__(
        self, cluster: ClusterConfig, replicator: Replicator, links: Sequence[Links]
    ) -> None:
        self._cluster = cluster
        self._replicator = replicator
        self._links = links

    def rows(self, own: NodeStatus) -> list[NodeStatus]:
        """All nodes, this one first."""
        status = self._replicator.status()
        register = status.register
        first = own._replace(
            endpoint=self._cluster.api_of(own.name),
            kind=self._cluster.kind,
            in_sync=own.name in register.in_sync,
            generation=register.generation,
            memory_bytes=resident_bytes(),
        )
        linked: dict[str, LinkState] = {}
        queued: Counter[str] = Counter()
        for links in self._links:
            linked.update(links.peers())
            for name, state in links.peers().items():
                queued[name] += state.queued_bytes
        peers = {peer.name: peer for peer in status.peers}
        rows = [first._replace(queued_bytes=queued.total())]
        for node in self._cluster.peers_of(own.name):
            peer = peers[node.name]
            link = linked.get(node.name)
            problem = "" if link is None or link.connected else link.problem or "not connected"
            row = _row(node, peer, status, own, problem)
            rows.append(row._replace(queued_bytes=queued[node.name]))
        return rows


def _row(
    node: ClusterNode, peer: PeerStatus, status: ReplicaStatus, own: NodeStatus, problem: str
) -> NodeStatus:
    register = status.register
    role = "standby" if peer.in_sync and node.kind == "data" else "joining"
    if node.kind != "data":
        role = node.kind
    if node.name in register.fenced:
        role = "fenced"
    if node.name == status.role.primary:
        role = "primary"
    lag = peer.lag
    return own._replace(
        name=node.name,
        role=role,
        endpoint=node.api,
        pid=0,
        healthy=not problem,
        epoch=status.epoch,
        durable_seq=max(peer.durable_index, 0),
        applied_seq=max(peer.applied_index, 0),
        committed_seq=0,
        digest="",
        lag_ms=lag.ns / NS_PER_MS if lag else 0.0,
        lag_entries=lag.entries if lag else 0,
        lag_bytes=max(lag.size, 0) if lag else 0,
        started_at_ns=0,
        open_orders=0,
        pending_commands=0,
        subscribers=0,
        disk_free_bytes=0,
        memory_bytes=0,
        alarms=(f"no link from {own.name}: {problem}",) if problem else (),
        version="",
        engine="",
        codec="",
        durability="",
        kind=node.kind,
        in_sync=peer.in_sync,
        generation=register.generation,
        may_serve=False,
        connected=not problem,
    )


def resident_bytes() -> int:
    """Memory of this process that is in use, bytes."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - read 20 times a second
        return int(file.read().split()[1]) * KIB_PER_PAGE * 1024
