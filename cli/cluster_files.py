"""The files of a cluster on this machine: identities, a configuration and a directory per node.

Room: laying them out once and reading them back; it starts nothing. A layout is made beside its
place and moved there whole, so that a start which was interrupted leaves nothing behind.

    DATA/pki/                  authority and identities (cli/pki.py)
    DATA/nodes/NAME/node.toml  configuration
    DATA/nodes/NAME/node.log   what the process writes
    DATA/nodes/NAME/data/      the node's data directory
"""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from cli import pki
from cli.ports import LOOPBACK, can_bind, free_ports
from exchange.config import load_config

NODES_DIR, PKI_DIR = "nodes", "pki"
PEER_OFFSET = 100
"""A node's peers meet it so many ports above its API, where ports are not drawn."""

DEMO_KINDS = (("n1", "data"), ("n2", "data"), ("arbiter", "arbiter"), ("dr", "dr"))

Value = str | int | bool
Tables = Mapping[str, Mapping[str, Value]]


class LocalNode(NamedTuple):
    """One node of a cluster on this machine; `peer` is where it listens for the others."""

    name: str
    kind: str
    api: str
    peer: str
    directory: Path

    @property
    def config(self) -> Path:
        """Its configuration file."""
        return self.directory / "node.toml"

    @property
    def log(self) -> Path:
        """What its process writes."""
        return self.directory / "node.log"

    @property
    def data(self) -> Path:
        """Its data directory."""
        return self.directory / "data"


class PortTaken(Exception):
    """A port that the layout needs is in use; the text names it."""


def is_cluster(data: Path) -> bool:
    """Whether a cluster was laid out there."""
    return (data / NODES_DIR).is_dir()


def read_nodes(data: Path) -> list[LocalNode]:
    """The nodes of the cluster that was laid out in `data`, in its order.

    Raises OperatorFault if a configuration is damaged.
    """
    directories = {path.name: path for path in (data / NODES_DIR).iterdir() if path.is_dir()}
    config = load_config(next(iter(sorted(directories.items())))[1] / "node.toml")
    if config.cluster is None:
        return []
    return [
        LocalNode(one.name, one.kind, one.api, one.peer, directories[one.name])
        for one in config.cluster.nodes
        if one.name in directories
    ]


def lay_out(
    data: Path,
    port: int,
    *,
    kinds: Sequence[tuple[str, str]] = DEMO_KINDS,
    on_single_copy: str = "continue",
    tables: Tables | None = None,
) -> list[LocalNode]:
    """Make a new cluster of nodes on the loopback in `data`, which is absent or empty.

    Args:
        data: where to.
        port: of the first node's API, the others follow; 0 = free ones.
        kinds: name and kind of each node.
        on_single_copy: as ClusterConfig has it.
        tables: more tables of each node.toml.

    Raises:
        PortTaken: one of the ports is in use.
        OSError: `data` is not empty, or cannot be written.
    """
    data = data.resolve()
    count = len(kinds)
    ports = _ports(port, count)
    nodes = [
        LocalNode(
            name,
            kind,
            f"{LOOPBACK}:{ports[number]}",
            f"{LOOPBACK}:{ports[count + number]}",
            data / NODES_DIR / name,
        )
        for number, (name, kind) in enumerate(kinds)
    ]
    cluster_id = f"lockstep-{uuid.uuid4().hex[:12]}"
    data.parent.mkdir(parents=True, exist_ok=True)
    partial = data.parent / f".{data.name}.{uuid.uuid4().hex[:8]}.new"
    try:
        pki.init(partial / PKI_DIR, [node.name for node in nodes])
        for node in nodes:
            directory = partial / NODES_DIR / node.name
            directory.mkdir(parents=True)
            text = node_toml(node, nodes, data / PKI_DIR, cluster_id, on_single_copy=on_single_copy)
            (directory / "node.toml").write_text(text + to_toml(tables or {}), "utf-8")
        partial.replace(data)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return nodes


def node_toml(
    node: LocalNode,
    nodes: Sequence[LocalNode],
    identities: Path,
    cluster_id: str,
    *,
    on_single_copy: str = "continue",
    generation: int = 1,
    peers: Mapping[str, str] | None = None,
) -> str:
    """The configuration of one node, ending with a table: more tables may follow.

    Args:
        node: whose.
        nodes: all of them.
        identities: directory of the certificates.
        cluster_id: the same for all.
        on_single_copy, generation: as ClusterConfig has them.
        peers: where this node reaches others, if not at their own `peer`.
    """
    tls = {key: str(identities / file) for key, file in _identity_files(node.name)}
    top: dict[str, Value] = {
        "data_dir": str(node.data),
        "node_name": node.name,
        "listen": node.api,
        "cluster_id": cluster_id,
    }
    cluster: dict[str, Value] = {
        "kind": node.kind,
        "on_single_copy": on_single_copy,
        "generation": generation,
    }
    lines = [_pairs(top), to_toml({"cluster": cluster, "cluster.tls": tls})]
    for one in nodes:
        peer = (peers or {}).get(one.name, one.peer)
        row: dict[str, Value] = {"name": one.name, "kind": one.kind, "api": one.api, "peer": peer}
        lines.append(f"[[cluster.nodes]]\n{_pairs(row)}")
    return "".join(lines)


def to_toml(tables: Tables) -> str:
    """Tables as TOML; strings, numbers and truth values are written alike in JSON."""
    return "".join(f"[{name}]\n{_pairs(table)}" for name, table in tables.items())


def _pairs(table: Mapping[str, Value]) -> str:
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())


def _identity_files(name: str) -> tuple[tuple[str, str], ...]:
    return ("cert", f"{name}.pem"), ("key", f"{name}.key"), ("ca", "ca.pem")


def _ports(port: int, count: int) -> list[int]:
    if port == 0:
        return free_ports(2 * count)
    ports = [port + number for number in range(count)]
    ports += [port + PEER_OFFSET + number for number in range(count)]
    for one in ports:
        if not can_bind(one):
            raise PortTaken(
                f"port {one} is taken; a cluster at --port {port} uses {ports[0]}-"
                f"{ports[count - 1]} and {ports[count]}-{ports[-1]}; --port 0 takes free ones"
            )
    return ports
