"""One run of the simulator: build the cluster of a seed, injure it, heal it, judge it.

Room: composition and the phases of a run. The outcome is a value; a violation carries the seed and
the command that replays it.
"""

from __future__ import annotations

import traceback
from collections import Counter
from functools import partial
from typing import NamedTuple

from chaos.sim import shape as shapes
from chaos.sim.checks import Checks, Violation
from chaos.sim.clients import Client
from chaos.sim.mutants import MUTANTS, NO_MUTANT, Mutant
from chaos.sim.nemesis import Nemesis
from chaos.sim.network import Network
from chaos.sim.node import SimNode
from chaos.sim.register_model import RegisterModel
from chaos.sim.venue import MEMBERS
from chaos.sim.world import SECOND, World
from exchange.engine.reference.engine import ReferenceEngine

FAULTS_NS = 20 * SECOND
HEAL_NS = 40 * SECOND
"""Longest time to be whole again after the faults stop (invariant I12)."""


class Outcome(NamedTuple):
    """What a run showed.

    Attributes:
        seed: repeats it.
        violation: what was broken, "" = nothing.
        trace: hash over everything that happened.
        faults: injected, by name.
        figures: what was done: acknowledged, entries, leaderships, events and the like.
        healed_ns: from the last fault until the cluster was whole.
    """

    seed: int
    violation: str
    trace: str
    faults: Counter[str]
    figures: Counter[str]
    healed_ns: int

    def replay(self) -> str:
        """The command that runs it again."""
        return f"make sim SEED={self.seed}"


def run(seed: int, mutant: Mutant = NO_MUTANT) -> Outcome:
    """Run one seed."""
    simulation = Simulation(seed, mutant)
    violation = ""
    with mutant.installed():
        try:
            simulation.play()
        except Violation as found:
            violation = str(found)
        except Exception as error:  # outermost: code that raises is a finding like any other
            where = traceback.extract_tb(error.__traceback__)[-1]
            violation = f"I12: {type(error).__name__}: {error} ({where.name}, line {where.lineno})"
    return simulation.outcome(violation)


def run_named(mutant: str, seed: int) -> Outcome:
    """Run one seed with the mutant of a name, "" = none; for worker processes."""
    return run(seed, MUTANTS[mutant] if mutant else NO_MUTANT)


class Simulation:
    """The cluster of one seed."""

    def __init__(self, seed: int, mutant: Mutant) -> None:
        self.world = world = World(seed)
        self.shape = shapes.draw(world)
        self.checks = Checks()
        self.network = Network(world)
        self.register = RegisterModel(world, self.network)
        self.checks.register = self.register.history
        self.nodes: dict[str, SimNode] = {}
        for plan in self.shape.plan.nodes:
            node = SimNode(
                world,
                plan.name,
                shape=self.shape,
                network=self.network,
                register=self.register,
                checks=self.checks,
                make_engine=lambda name: mutant.engine(world, name),
            )
            mutant.prepare(node)
            self.nodes[plan.name] = node
            self.checks.copies[plan.name] = node
            self.network.add(node)
            if plan.name in self.shape.data_nodes:
                self.register.voters[plan.name] = node
        data = [self.nodes[name] for name in self.shape.data_nodes]
        self.clients = [Client(world, m, data, self.checks) for m in range(1, MEMBERS + 1)]
        self.nemesis = Nemesis(
            world,
            self.shape,
            self.nodes,
            network=self.network,
            register=self.register,
            checks=self.checks,
            favourite=mutant.provoked_by,
        )
        self.healed_ns = -1

    def play(self) -> None:
        """The phases of a run. Raises Violation."""
        world = self.world
        self.network.start()
        self.register.start()
        for node in self.nodes.values():
            node.start()
        for client in self.clients:
            client.start()
        self.nemesis.start()
        world.run(FAULTS_NS)
        self.nemesis.stop()
        stopped = world.now
        self._unfence_all()
        world.run(stopped + HEAL_NS, self._is_whole)
        if not self._is_whole():
            raise Violation("I12", f"not whole {HEAL_NS // SECOND} s after the faults stopped")
        self.healed_ns = world.now - stopped
        self._takes_orders()
        self._same_everywhere()

    def outcome(self, violation: str) -> Outcome:
        """What the run showed so far."""
        checks = self.checks
        figures = Counter(
            acknowledged=len(checks.acknowledgements),
            repeated=sum(client.repeated for client in self.clients),
            resent=sum(client.resent for client in self.clients),
            entries=checks.committed_index,
            leaderships=checks.leaderships,
            truncations=checks.truncations,
            snapshots=sum(node.installed for node in self.nodes.values()),
            events=self.world.events,
            frames=self.network.frames,
        )
        seed, trace = self.world.seed, self.world.trace()
        return Outcome(seed, violation, trace, self.nemesis.injected, figures, self.healed_ns)

    # Unfence whoever an operator had fenced.
    def _unfence_all(self) -> None:
        for name in self.nodes:
            for delay in (2, 9, 14):
                self.world.after(delay * SECOND, partial(self._unfence, name))

    def _unfence(self, name: str) -> None:
        leader = self.nodes.get(self.register.value.primary)
        if leader is not None and name in self.register.value.fenced:
            leader.request("unfence", name)

    def _is_whole(self) -> bool:
        value = self.register.value
        leader = self.nodes.get(value.primary)
        if leader is None or not leader.is_up or leader.venue.epoch == 0 or value.fenced:
            return False
        if not all(name in value.in_sync for name in self.shape.data_nodes):
            return False
        last = leader.replica.last_index
        return leader.replica.may_serve(leader.now()) and all(
            node.is_up and node.venue.applied_index == last and node.disk.backlog == 0
            for node in self.nodes.values()
        )

    def _takes_orders(self) -> None:
        before = [client.acknowledged for client in self.clients]

        def all_served() -> bool:
            return all(c.acknowledged > b for c, b in zip(self.clients, before, strict=True))

        self.world.run(self.world.now + 10 * SECOND, all_served)
        if not all_served():
            raise Violation("I12", "a client gets no answer although the cluster is whole")

    def _same_everywhere(self) -> None:
        # An operator's late request may still change the register once.
        self.world.run(self.world.now + 15 * SECOND, self._is_whole)
        if not self._is_whole():
            raise Violation("I12", "the followers do not get level")
        states = {name: node.venue.engine.digest() for name, node in self.nodes.items()}
        if len(set(states.values())) != 1:
            raise Violation("I3", f"state digests differ: {states}")
        self.checks.final(self._final_log(), ReferenceEngine())

    # The whole log from genesis: prefixes may be dropped on some nodes, the committed entries were
    # kept by the observer.
    def _final_log(self) -> list[bytes]:
        leader = self.nodes[self.register.value.primary]
        kept = self.checks.kept
        entries = [kept[digest] for digest in self.checks.log[1 : leader.disk.base_index + 1]]
        span = range(leader.disk.first_index, leader.disk.last_index + 1)
        return entries + [leader.disk.read(index) for index in span]
