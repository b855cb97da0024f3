"""The configuration of a cluster as one node reads it: who belongs to it, and how patient it is.

Room: the `[cluster]` section of `NodeConfig` and its checks. Who is primary is never configured:
the register decides (DESIGN section 2). Every node has the same list of nodes; a node's own file
may name other `peer` addresses, where the way to a peer leads over a relay.

    cluster_id = "lockstep-demo"
    node_name = "n1"
    [cluster]
    kind = "data"
    on_single_copy = "continue"
    [cluster.tls]
    cert = "tls/n1.pem"
    key = "tls/n1.key"
    ca = "tls/ca.pem"
    [[cluster.nodes]]
    name = "n1"
    kind = "data"
    api = "127.0.0.1:7001"
    peer = "127.0.0.1:7101"
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

import msgspec

from exchange.address import is_loopback, parse_address
from exchange.errors import OperatorFault

NodeKind = Literal["data", "dr", "arbiter"]
SingleCopy = Literal["spare", "continue", "pause"]

NODE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
DATA_NODES_MIN = 2
VOTERS = 3
"""Of the register: RELIABILITY section 1, row 9, holds for three and not for five."""

HEARTBEATS_IN_SUSPICION = 3
"""A node that misses fewer is only late."""


class ClusterNode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One node of the cluster.

    Attributes:
        name: as its certificate names it.
        kind: data = keeps the order log and may lead; dr = follows, leads only when an operator
            promotes it; arbiter = votes in the register, keeps no log.
        api: HOST:PORT of its public API, as clients reach it.
        peer: HOST:PORT where the other nodes reach it.
    """

    name: str
    kind: NodeKind
    api: str
    peer: str


class ClusterTls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """PEM files of the links between nodes; the certificate names the node (`exctl pki init`)."""

    cert: str
    key: str
    ca: str


class ClusterTimings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How patient the protocol is, milliseconds (RELIABILITY section 5.1; safety needs none of it).

    Attributes:
        heartbeat_ms: how often the primary tells that it lives.
        suspect_ms: silence after which a standby suspects the primary.
        link_down_ms: the same after its link was seen to break.
        lease_ms: age of the newest acknowledgements up to which the primary serves reads and feeds.
        grace_ms: no takeover before the last message that granted a lease is that old, unless the
            link broke.
        shrink_ms: silence after which the primary takes a member out of the in-sync set.
        dr_lag_alarm_ms: lag of the dr node that raises an alarm.
    """

    heartbeat_ms: Annotated[int, msgspec.Meta(ge=10, le=1_000)] = 50
    suspect_ms: Annotated[int, msgspec.Meta(ge=100, le=10_000)] = 400
    link_down_ms: Annotated[int, msgspec.Meta(ge=20, le=10_000)] = 100
    lease_ms: Annotated[int, msgspec.Meta(ge=100, le=10_000)] = 600
    grace_ms: Annotated[int, msgspec.Meta(ge=200, le=20_000)] = 900
    shrink_ms: Annotated[int, msgspec.Meta(ge=200, le=60_000)] = 1_000
    dr_lag_alarm_ms: Annotated[int, msgspec.Meta(ge=10, le=3_600_000)] = 100


class ClusterConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `[cluster]` section.

    Attributes:
        kind: of this node; the same as in its entry of `nodes`.
        nodes: all of them, this one too.
        tls: identity on the links between nodes; there are no links without.
        generation: raised by `exctl dr promote`; older generations refuse to serve.
        on_single_copy: what a new cluster does when one copy of the log is left; later changes are
            made with `exctl cluster mode` and live in the register.
        peer_listen: HOST:PORT this node listens on for its peers; "" = its own `peer`.
    """

    kind: NodeKind
    nodes: tuple[ClusterNode, ...]
    tls: ClusterTls
    generation: Annotated[int, msgspec.Meta(ge=1)] = 1
    on_single_copy: SingleCopy = "continue"
    peer_listen: str = ""
    timings: ClusterTimings = ClusterTimings()

    def node(self, name: str) -> ClusterNode:
        """The entry of a node. Raises KeyError if it does not belong to the cluster."""
        for node in self.nodes:
            if node.name == name:
                return node
        raise KeyError(name)

    def peers_of(self, name: str) -> tuple[ClusterNode, ...]:
        """All nodes but the named one, in the order of the configuration."""
        return tuple(node for node in self.nodes if node.name != name)

    @property
    def voters(self) -> tuple[str, ...]:
        """Names of those who vote in the register."""
        return tuple(node.name for node in self.nodes if node.kind != "dr")

    @property
    def data_names(self) -> tuple[str, ...]:
        """Names of those who may lead."""
        return tuple(node.name for node in self.nodes if node.kind == "data")

    def api_of(self, name: str) -> str:
        """HOST:PORT of a node's public API; "" for one that does not belong to the cluster."""
        return next((node.api for node in self.nodes if node.name == name), "")

    def listen_for_peers(self, name: str) -> tuple[str, int]:
        """Host and port that the named node listens on for its peers."""
        key, value = "cluster.peer_listen", self.peer_listen
        if not value:
            key, value = f"cluster.nodes {name}.peer", self.node(name).peer
        return parse_address(key, value)

    @property
    def is_loopback(self) -> bool:
        """Whether all nodes are on this machine."""
        addresses = [node.api for node in self.nodes] + [node.peer for node in self.nodes]
        return all(is_loopback(parse_address("cluster.nodes", one)[0]) for one in addresses)


def check_cluster(cluster: ClusterConfig, node_name: str, cluster_id: str) -> None:
    """Refuse a `[cluster]` section that contradicts itself, by name. Raises OperatorFault."""
    if not cluster_id:
        raise OperatorFault(
            'cluster_id = "" with a [cluster] section: name the cluster, the same on every node'
        )
    _check_names(cluster, node_name)
    _check_addresses(cluster)
    if not all((cluster.tls.cert, cluster.tls.key, cluster.tls.ca)):
        raise OperatorFault(
            "cluster.tls needs cert, key and ca: nodes know each other by certificate "
            "(`exctl pki init` makes them)"
        )
    _check_timings(cluster.timings)


def _check_names(cluster: ClusterConfig, node_name: str) -> None:
    names = [node.name for node in cluster.nodes]
    for name in names:
        if not NODE_NAME.fullmatch(name):
            raise OperatorFault(f"cluster.nodes: name {name!r} must be 1 to 32 of a-z 0-9 -")
        if names.count(name) > 1:
            raise OperatorFault(f"cluster.nodes: {name!r} is there twice")
    if node_name not in names:
        raise OperatorFault(
            f"node_name = {node_name!r} is not in cluster.nodes ({', '.join(names) or 'empty'})"
        )
    told = cluster.node(node_name).kind
    if told != cluster.kind:
        raise OperatorFault(
            f"cluster.kind = {cluster.kind!r}, but cluster.nodes says {node_name!r} is {told!r}"
        )
    kinds = [node.kind for node in cluster.nodes]
    if kinds.count("data") < DATA_NODES_MIN or len(cluster.voters) != VOTERS:
        raise OperatorFault(
            f"cluster.nodes has {kinds.count('data')} data nodes and {kinds.count('arbiter')} "
            f"arbiters: the register has {VOTERS} voters, two data nodes and an arbiter or three "
            "data nodes"
        )


def _check_addresses(cluster: ClusterConfig) -> None:
    seen: dict[tuple[str, int], str] = {}
    for node in cluster.nodes:
        for key, value in (("api", node.api), ("peer", node.peer)):
            name = f"cluster.nodes {node.name}.{key}"
            address = parse_address(name, value)
            if not address[1]:
                raise OperatorFault(f"{name} = {value!r}: others must know the port, so not 0")
            if address in seen:
                raise OperatorFault(f"{name} = {value!r} is {seen[address]} already")
            seen[address] = name
    if cluster.peer_listen:
        parse_address("cluster.peer_listen", cluster.peer_listen)


# Each row: the first must be less than, or at most, the second; else the protocol stumbles over
# its own timers.
def _check_timings(timings: ClusterTimings) -> None:
    if timings.suspect_ms < HEARTBEATS_IN_SUSPICION * timings.heartbeat_ms:
        raise OperatorFault(
            f"cluster.timings: suspect_ms = {timings.suspect_ms} is less than "
            f"{HEARTBEATS_IN_SUSPICION} heartbeats of {timings.heartbeat_ms} ms"
        )
    ladder = (
        ("heartbeat_ms", "lease_ms", "the lease would end between two heartbeats"),
        ("lease_ms", "grace_ms", "a standby would take over while the old primary still serves"),
        ("link_down_ms", "suspect_ms", "a broken link is surer than silence"),
        ("suspect_ms", "shrink_ms", "the primary would drop a member that is only late"),
    )
    for low, high, why in ladder:
        if getattr(timings, low) >= getattr(timings, high):
            raise OperatorFault(
                f"cluster.timings: {low} = {getattr(timings, low)} must be less than "
                f"{high} = {getattr(timings, high)}: {why}"
            )
