"""Links and register of a node as its configuration says.

Room: from `[cluster]` to what `replication` takes; data nodes, DR and arbiter use the same.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from exchange.address import parse_address
from exchange.cluster_config import ClusterConfig
from exchange.config import NodeConfig
from exchange.errors import OperatorFault
from replication.link_identity import LinkIdentity
from replication.links import Links
from replication.raft_file import DiskFile
from replication.raft_register import RaftRegister, RaftSettings
from replication.register import RegisterValue
from replication.tls_link import LinkSettings, TlsEndpoint

REGISTER_PURPOSE = "register"
REGISTER_FILE = "register.log"


def cluster_of(config: NodeConfig) -> ClusterConfig:
    """The `[cluster]` section. Raises OperatorFault if there is none."""
    if config.cluster is None:
        raise OperatorFault("the configuration has no [cluster] section")
    return config.cluster


def link_settings(config: NodeConfig) -> LinkSettings:
    """Who this node is to its peers and where they are. Raises LinkError, OperatorFault."""
    cluster, name = cluster_of(config), config.node_name
    tls = cluster.tls
    return LinkSettings(
        node=name,
        cluster_id=config.cluster_id,
        listen=cluster.listen_for_peers(name),
        peers={
            node.name: parse_address(f"cluster.nodes {node.name}.peer", node.peer)
            for node in cluster.peers_of(name)
        },
        identity=LinkIdentity(Path(tls.cert), Path(tls.key), Path(tls.ca)),
    )


def raft_register(
    config: NodeConfig, endpoint: TlsEndpoint, directory: Path, on_halt: Callable[[str], None]
) -> tuple[RaftRegister, Links]:
    """This node's vote in the register, not started, and its links to the other voters.

    Raises RegisterError, OSError.
    """
    cluster, name = cluster_of(config), config.node_name
    arbiters = [node.name for node in cluster.nodes if node.kind == "arbiter"]
    others = [voter for voter in cluster.voters if voter != name]
    links = endpoint.links(REGISTER_PURPOSE, others)
    register = RaftRegister(
        RaftSettings(
            node=name,
            voters=cluster.voters,
            initial=RegisterValue(config.cluster_id, cluster.generation),
            preferred=arbiters[0] if arbiters else "",
        ),
        links,
        DiskFile(directory / REGISTER_FILE),
        on_halt=on_halt,
    )
    return register, links
