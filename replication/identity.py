"""Who a node is, and who the others are: the fixed facts of one run.

Room: values only. Incarnation belongs to a data directory (a new or wiped one has another), boot id
to one start of the process. Nothing here changes while a node runs, but the generation, which an
operator's promotion of DR raises (`Identity.of_generation`).
"""

from __future__ import annotations

from typing import Final

import msgspec
import xxhash

DATA: Final = "data"
DR: Final = "dr"
ARBITER: Final = "arbiter"

SCHEMA_VERSION: Final = 1
"""Version of the messages; nodes of another one refuse each other by name."""


class Identity(msgspec.Struct, frozen=True):
    """This node.

    Attributes:
        cluster_id: identity of the cluster, made once.
        generation: of the cluster, from 1; raised by the promotion of a DR node.
        name: of the node, as in the certificate of its links.
        kind: DATA, DR or ARBITER.
        incarnation: of the data directory; never 0, never the same for a new directory.
        boot_id: of this start of the process; never 0.
        software: version of the program, "major.minor.patch".
    """

    cluster_id: str
    generation: int
    name: str
    kind: str
    incarnation: int
    boot_id: int
    software: str

    @property
    def cluster_hash(self) -> int:
        """64 bits that stand for the cluster id in every message."""
        return cluster_hash(self.cluster_id)

    def of_generation(self, generation: int) -> Identity:
        """The same node in another generation."""
        return msgspec.structs.replace(self, generation=generation)


class PeerPlan(msgspec.Struct, frozen=True):
    """Another node as the configuration has it."""

    name: str
    kind: str


class ClusterPlan(msgspec.Struct, frozen=True):
    """All nodes, this one included, in the same order on every node.

    Attributes:
        nodes: name and kind; the order breaks ties between candidates.
        on_single_copy: what the register begins with: "continue", "pause" or "spare".
    """

    nodes: tuple[PeerPlan, ...]
    on_single_copy: str = "continue"

    def kind(self, name: str) -> str:
        """Kind of a node, "" when it is not configured."""
        return next((node.kind for node in self.nodes if node.name == name), "")

    def data_nodes(self) -> list[str]:
        """Names of the data nodes, in order."""
        return [node.name for node in self.nodes if node.kind == DATA]

    def rank(self, name: str) -> int:
        """Place among the nodes, from 0; the number of nodes for a stranger."""
        names = [node.name for node in self.nodes]
        return names.index(name) if name in names else len(names)


def cluster_hash(cluster_id: str) -> int:
    """64 bits of a cluster id."""
    return xxhash.xxh3_64_intdigest(cluster_id.encode())


def compatible(mine: str, theirs: str) -> bool:
    """Whether two program versions may run in one cluster: the same major version."""
    return mine.split(".", 1)[0] == theirs.split(".", 1)[0]
