"""What a fault is: something done to a cluster, its undo, and what must be seen meanwhile.

Room: the values that faults are made of and what they look at; the faults themselves are in
`faults.py` and the files that it names.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from chaos.cluster import Cluster, ClusterProcess, View
from chaos.network import Network

NOTHING, NETWORK, SHIM, NAMESPACES = "", "network", "shim", "namespaces"
"""What a fault needs besides processes: the links between nodes led over something that can bend
them; the shim beneath each process; namespaces, which can bend links as well."""

LOOK_S = 0.02


class Broken(Exception):
    """What a fault itself must see did not hold."""


class Bent(NamedTuple):
    """What a fault works with.

    Attributes:
        cluster: under load.
        view: as it was before.
        chance: for everything that is drawn.
        answered: how many answers the probes got so far.
        newest_answer: log index of the newest command that any client has an answer to.
    """

    cluster: Cluster
    view: View
    chance: random.Random
    answered: Callable[[], int]
    newest_answer: Callable[[], int]

    @property
    def standby(self) -> str:
        """The data node that does not lead."""
        return next(name for name in self.cluster.data_names if name != self.view.primary)

    @property
    def network(self) -> Network:
        """Of the cluster. Raises ValueError where the links are not led over one."""
        if self.cluster.network is None:
            raise ValueError("this fault needs the links led over the relay")
        return self.cluster.network

    def process(self, name: str) -> ClusterProcess:
        """One of the nodes."""
        return self.cluster.processes[name]

    async def answers_within(self, timeout_s: float, why: str) -> float:
        """Wait until clients get an answer that they did not have; the seconds that took.

        Raises Broken when none comes.
        """
        loop = asyncio.get_running_loop()
        began, before = loop.time(), self.answered()
        while self.answered() == before:
            if loop.time() - began > timeout_s:
                raise Broken(f"no answer within {timeout_s:g} s {why}")
            await asyncio.sleep(LOOK_S)
        return loop.time() - began


Step = Callable[[Bent], Awaitable[None]]


class Fault(NamedTuple):
    """One fault.

    Attributes:
        name: as it is chosen and told.
        inject: does it; raises Broken when what must be seen meanwhile is not.
        undo: ends it; after the switch, where there is one.
        switches: another node must lead before it is undone.
        needs: NOTHING, NETWORK, SHIM or NAMESPACES.
        weight: how often it is drawn among the others.
    """

    name: str
    inject: Step
    undo: Step
    switches: bool = False
    needs: str = NOTHING
    weight: int = 1


async def nothing(_: Bent) -> None:
    """An undo that has nothing to do."""
    return


async def restart(bent: Bent) -> None:
    """Start every node that does not run."""
    bent.cluster.start()
