"""Where a cluster of a run lives: its nodes and addresses, the links between them, the way in.

Room: the value, and the usual site: four processes on the loopback, their links led over a relay
where a run wants to bend them. The other one is `namespace_site.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from chaos.access import OPEN, Access
from chaos.network import Network, RelayNetwork
from cli.cluster_files import PKI_DIR, LocalNode, Tables, lay_out
from exchange.config import load_config

CLOCK_FILE = "clock"


class Site(NamedTuple):
    """One site.

    Attributes:
        nodes: all nodes, laid out in their directories.
        cluster_id: of the cluster.
        identities: directory of the certificates.
        access: how clients get in.
        network: what the links are led over; None = nothing that could be bent.
        tables_of: more tables of a node's configuration than the run's own.
        prefix_of: node name -> what its command begins with.
        disks: node name -> directory of a small disk of its own, where there is one.
        leave: gives everything back that the site made outside of its directory.
    """

    nodes: Sequence[LocalNode]
    cluster_id: str
    identities: Path
    access: Access
    network: Network | None
    tables_of: Callable[[LocalNode], Tables]
    prefix_of: Callable[[str], Sequence[str]]
    disks: Mapping[str, Path]
    leave: Callable[[], None]


def loopback(directory: Path, *, relayed: bool) -> Site:
    """Lay a cluster out in `directory`, absent or empty, on free ports of the loopback."""
    nodes = lay_out(directory, 0)
    network = RelayNetwork({node.name: node.peer for node in nodes}) if relayed else None

    def tables_of(node: LocalNode) -> Tables:
        return {"chaos": {"clock_offset_file": str(node.directory / CLOCK_FILE)}}

    def leave() -> None:
        if network is not None:
            network.close()

    return Site(
        nodes,
        load_config(nodes[0].config).cluster_id,
        directory.resolve() / PKI_DIR,
        OPEN,
        network,
        tables_of,
        lambda _: (),
        {},
        leave,
    )
