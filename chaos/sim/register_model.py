"""The consensus register as a model: one linearizable value behind an unreliable network.

Room: what a Raft group of the voters gives its users, no more: a compare-and-set takes effect at
one moment or never; its answer may be lost; a caller without a majority gets no answer, and what it
asked may still happen later; every node learns of the value late, in order.
"""

from __future__ import annotations

from typing import Protocol

from chaos.sim.network import Network
from chaos.sim.world import MS, World
from replication.register import CasOutcome, RegisterValue

ANSWER_TIMEOUT_NS = 1_000 * MS
POLL_NS = 50 * MS


class Voter(Protocol):
    """A node that uses the register."""

    name: str

    @property
    def is_up(self) -> bool:
        """Its process runs."""

    def register_seen(self, value: RegisterValue) -> None:
        """The newest value it learned."""

    def register_health(self, *, healthy: bool) -> None:
        """Whether it has a majority."""

    def cas_result(self, boot: int, token: int, outcome: CasOutcome) -> None:
        """Answer to a compare-and-set of that boot."""


class RegisterModel:
    """The value and who can reach it."""

    def __init__(self, world: World, network: Network) -> None:
        self._world = world
        self._network = network
        self.value = RegisterValue("sim")
        self.history = [self.value]
        self.in_flight: list[RegisterValue] = []
        self.voters: dict[str, Voter] = {}
        self.arbiter_is_up = True
        self._seen: dict[str, int] = {}
        self._usable_at: dict[str, int | None] = {}  # None = no majority

    def start(self) -> None:
        """Begin to tell the voters."""
        self._poll()

    def reachable(self, name: str) -> bool:
        """The register answers this node: it has a majority, and that had time to find itself."""
        usable = self._usable_at.get(name)
        return usable is not None and usable <= self._world.now and self._has_majority(name)

    # A majority of the voters and the arbiter is connected with `name`, both ways.
    def _has_majority(self, name: str) -> bool:
        names = [voter for voter, node in self.voters.items() if node.is_up]
        if self.arbiter_is_up:
            names.append("arbiter")
        net = self._network
        both = [n for n in names if n == name or (net.reaches(n, name) and net.reaches(name, n))]
        return 2 * len(both) > len(self.voters) + 1

    def compare_and_set(
        self, voter: Voter, boot: int, token: int, expected: int, new: RegisterValue
    ) -> None:
        """Try; the answer comes later, or says UNKNOWN after a time."""
        world = self._world
        self.in_flight.append(new)
        answered = False

        def answer(outcome: CasOutcome) -> None:
            nonlocal answered
            if not answered and self.reachable(voter.name):
                answered = True
                voter.cas_result(boot, token, outcome)

        def give_up() -> None:
            nonlocal answered
            if not answered:
                answered = True
                voter.cas_result(boot, token, CasOutcome.UNKNOWN)

        def take_effect() -> None:
            if not self.reachable(voter.name):
                if world.odds(50):  # it stays in a voter's log and may happen later
                    world.after(world.between(1, 1_500) * MS, take_effect)
                else:
                    self.in_flight.remove(new)
                return
            self.in_flight.remove(new)
            outcome = CasOutcome.LOST
            if self.value.version == expected:
                self._set(new)
                outcome = CasOutcome.WON
            if not world.odds(10):  # the answer may be lost
                world.after(world.between(1, 30) * MS, lambda: answer(outcome))

        world.after(world.between(1, 20) * MS, take_effect)
        world.after(ANSWER_TIMEOUT_NS, give_up)

    def forget(self, name: str) -> None:
        """A process ended; when it comes back it knows what its own disk had, or a bit less."""
        self._usable_at[name] = None
        self._seen[name] = max(self._seen.get(name, 0) - self._world.between(0, 2), 0)

    def at_start(self, name: str) -> RegisterValue:
        """What a process that starts knows before it hears the others."""
        return self.history[self._seen.get(name, 0)]

    def _set(self, new: RegisterValue) -> None:
        self.value = new
        self.history.append(new)
        self._world.note(f"register {new}")

    def _poll(self) -> None:
        world = self._world
        for name, voter in sorted(self.voters.items()):
            if not voter.is_up:
                continue
            if not self._has_majority(name):
                self._usable_at[name] = None
            elif self._usable_at.get(name) is None:
                election = world.between(0, 600) * MS if world.now else 0
                self._usable_at[name] = world.now + election
            healthy = self.reachable(name)
            voter.register_health(healthy=healthy)
            newest = len(self.history) - 1
            if healthy and (self._seen.get(name, 0) < newest or world.odds(5)) and world.odds(60):
                self._seen[name] = newest
                voter.register_seen(self.history[newest])
        world.after(POLL_NS, self._poll)
