"""The cluster of one run, drawn from its seed: which nodes, which settings, how much goes wrong.

Room: values only.
"""

from __future__ import annotations

from typing import NamedTuple

from chaos.sim.world import World
from replication.identity import DATA, DR, ClusterPlan, PeerPlan


class Shape(NamedTuple):
    """What a run is made of.

    Attributes:
        plan: the nodes; an arbiter is always there beside them.
        snapshot_every: a node takes a snapshot at multiples of this log index.
        serves_by_lease: the order gateway is closed without a lease; else orders are always taken.
        buggify: the replica is asked to do rare but allowed things.
        fault_ms: mean time between faults.
    """

    plan: ClusterPlan
    snapshot_every: int
    serves_by_lease: bool
    buggify: bool
    fault_ms: int

    @property
    def data_nodes(self) -> list[str]:
        """Names of the voters with a log."""
        return self.plan.data_nodes()


def draw(world: World) -> Shape:
    """The shape of a seed."""
    names = ["a", "b", "c"] if world.odds(25) else ["a", "b"]
    nodes = [PeerPlan(name, DATA) for name in names]
    if world.odds(70):
        nodes.append(PeerPlan("d", DR))
    mode = world.rng.choice(("continue", "continue", "continue", "spare", "pause"))
    return Shape(
        plan=ClusterPlan(tuple(nodes), mode),
        snapshot_every=world.rng.choice((25, 40, 1_000)),
        serves_by_lease=world.odds(50),
        buggify=world.odds(50),
        fault_ms=world.rng.choice((200, 350, 600)),
    )
