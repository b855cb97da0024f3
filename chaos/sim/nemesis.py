"""The faults of a run: drawn from its seed, each undone after a while.

Room: what is injected and the budget that keeps a run fair. A copy of the log is destroyed (wiped
disk, rotten bits) only while another member of every in-sync set that is, or may yet become, the
register's value still has its own: no protocol survives the loss of its last copy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial

from chaos.sim.checks import Checks
from chaos.sim.network import Network
from chaos.sim.node import SimNode
from chaos.sim.register_model import RegisterModel
from chaos.sim.shape import Shape
from chaos.sim.world import MS, SECOND, World

ARBITER = "arbiter"
FAVOURED = 8
"""How much more often a favoured fault is drawn."""


class Nemesis:
    """Injects faults until it is told to stop."""

    def __init__(
        self,
        world: World,
        shape: Shape,
        nodes: dict[str, SimNode],
        *,
        network: Network,
        register: RegisterModel,
        checks: Checks,
        favourite: str = "",
    ) -> None:
        self._world = world
        self._shape = shape
        self._nodes = nodes
        self._network = network
        self._register = register
        self._checks = checks
        self._is_active = True
        self._undo: dict[int, Callable[[], None]] = {}
        self._numbers = 0
        self.injected: Counter[str] = Counter()
        self._faults: list[tuple[int, str, Callable[[], None]]] = [
            (10, "kill", self._kill),
            (8, "power loss", self._power_loss),
            (2, "power loss of all", self._power_loss_of_all),
            (8, "pause", self._pause),
            (8, "partition", self._partition),
            (8, "one-way partition", self._one_way),
            (5, "cut from the register", self._cut_from_register),
            (8, "broken link", self._break_link),
            (4, "slow network", self._slow_network),
            (5, "slow disk", self._slow_disk),
            (3, "stalled disk", self._stalled_disk),
            (4, "failed fsync", self._failed_fsync),
            (3, "wiped disk", self._wipe),
            (3, "bit flip", self._flip),
            (2, "arbiter down", self._arbiter_down),
            (3, "wall clock jump", self._clock_jump),
            (4, "transfer", self._transfer),
            (2, "fence", self._fence),
            (2, "mode", self._mode),
            (5, "split pair", self._split_pair),
            (3, "deposed in the dark", self._deposed_in_the_dark),
        ]

        self._weights = [
            weight * (FAVOURED if name == favourite else 1) for weight, name, _ in self._faults
        ]

    def start(self) -> None:
        """Begin."""
        self._world.after(self._world.between(300, 900) * MS, self._strike)

    def stop(self) -> None:
        """Undo everything, start everyone again; disks that were refused are replaced."""
        self._is_active = False
        while self._undo:  # undoing one may leave another to undo
            self._undo.pop(next(iter(self._undo)))()
        for node in self._nodes.values():
            node.paused_until = 0
            node.disk.fails = False
            node.disk.slow_ns = node.disk.stalled_until = 0
            self._restart(node)

    def _strike(self) -> None:
        if not self._is_active:
            return
        world = self._world
        (_, name, inject) = world.rng.choices(self._faults, self._weights)[0]
        world.note(name)
        self.injected[name] += 1
        inject()
        mean = self._shape.fault_ms
        world.after(world.between(mean // 4, mean * 7 // 4) * MS, self._strike)

    # Undo in a while, or when the run ends, whichever is first.
    def _later(self, longest_ms: int, undo: Callable[[], None]) -> None:
        self._numbers += 1
        number = self._numbers
        self._undo[number] = undo

        def run() -> None:
            action = self._undo.pop(number, None)
            if action is not None:
                action()

        self._world.after(self._world.between(20, longest_ms) * MS, run)

    def _any(self) -> SimNode:
        return self._nodes[self._world.rng.choice(sorted(self._nodes))]

    def _primary(self) -> SimNode | None:
        return self._nodes.get(self._register.value.primary)

    # Often the one that leads: that is where it hurts.
    def _victim(self) -> SimNode:
        primary = self._primary()
        return primary if primary is not None and self._world.odds(40) else self._any()

    def _restart(self, node: SimNode) -> None:
        if node.is_up:
            return
        node.start()
        if node.is_corrupt:
            node.wipe()
            node.start()

    def _kill(self) -> None:
        node = self._victim()
        node.end(power=False, why="kill")
        self._later(2_000, lambda: self._restart(node))

    def _power_loss(self) -> None:
        node = self._victim()
        node.end(power=True, why="power loss")
        self._later(2_000, lambda: self._restart(node))

    def _power_loss_of_all(self) -> None:
        for name in sorted(self._nodes):
            node = self._nodes[name]
            node.end(power=True, why="power loss of all")
            self._later(1_000, partial(self._restart, node))

    def _pause(self) -> None:
        self._victim().pause(self._world.between(50, 2_500) * MS)

    def _cut(self, ways: list[tuple[str, str]], longest_ms: int) -> None:
        for sender, receiver in ways:
            self._network.block(sender, receiver)

        def heal() -> None:
            for sender, receiver in ways:
                self._network.unblock(sender, receiver)

        self._later(longest_ms, heal)

    def _partition(self) -> None:
        names = [*sorted(self._nodes), ARBITER]
        size = self._world.between(1, len(names) - 1)
        side = self._world.rng.sample(names, size)
        other = [name for name in names if name not in side]
        ways = [(a, b) for a in side for b in other]
        self._cut([*ways, *((b, a) for a, b in ways)], 2_500)

    def _one_way(self) -> None:
        names = [*sorted(self._nodes), ARBITER]
        one, other = self._world.rng.sample(names, 2)
        self._cut([(one, other)], 2_500)

    def _split_pair(self) -> None:
        one = self._victim().name
        others = [name for name in self._shape.data_nodes if name != one]
        other = self._world.rng.choice(others)
        self._cut([(one, other), (other, one)], 3_000)

    def _cut_from_register(self) -> None:
        name = self._victim().name
        self._cut([(name, ARBITER), (ARBITER, name)], 2_500)

    def _break_link(self) -> None:
        one, other = self._world.rng.sample(sorted(self._nodes), 2)
        self._network.break_pair(one, other)

    def _slow_network(self) -> None:
        self._network.delay_spike_ns = self._world.between(5, 300) * MS

        def heal() -> None:
            self._network.delay_spike_ns = 0

        self._later(1_500, heal)

    def _slow_disk(self) -> None:
        disk = self._victim().disk
        disk.slow_ns = self._world.between(5, 150) * MS

        def heal() -> None:
            disk.slow_ns = 0

        self._later(1_500, heal)

    def _stalled_disk(self) -> None:
        disk = self._victim().disk
        disk.stalled_until = self._world.now + self._world.between(300, 4_000) * MS

    def _failed_fsync(self) -> None:
        node = self._victim()
        disk = node.disk
        disk.fails = True

        def mend() -> None:
            disk.fails = False
            self._restart(node)

        self._later(2_000, mend)

    # Whether the loss of this node's disk leaves a copy in every set that counts, or may count.
    def _is_spare(self, node: SimNode) -> bool:
        values = [self._register.value, *self._register.in_flight]
        known = [each.replica.register for each in self._nodes.values() if each.is_up]
        values.extend(value for value in known if value.epoch)
        for value in values:
            others = [
                name
                for name, incarnation in value.in_sync.items()
                if name != node.name
                and name in self._shape.data_nodes  # a DR copy alone waits for an operator
                and self._nodes[name].disk.incarnation == incarnation
                and not self._nodes[name].is_corrupt
                and (name, incarnation) not in self._checks.lost_disks
            ]
            if not others and value.version:
                return False
        return self._register.value.version > 0

    def _lose(self, node: SimNode) -> bool:
        if not self._is_spare(node):
            return False
        self._checks.lost_disks.add((node.name, node.disk.incarnation))
        return True

    def _wipe(self) -> None:
        node = self._any()
        if not node.is_corrupt and self._lose(node):
            node.end(power=True, why="wiped")
            node.wipe()
            self._later(1_000, lambda: self._restart(node))

    def _flip(self) -> None:
        node = self._any()
        if node.disk.last_index > node.disk.base_index and self._lose(node):
            node.end(power=False, why="bit flip")
            node.disk.flip()
            self._later(1_000, lambda: self._restart(node))

    def _arbiter_down(self) -> None:
        self._register.arbiter_is_up = False

        def up() -> None:
            self._register.arbiter_is_up = True

        self._later(2_000, up)

    def _clock_jump(self) -> None:
        hour = 3_600 * SECOND
        self._victim().wall_jump_ns = self._world.between(-hour, hour)

    def _transfer(self) -> None:
        primary = self._primary()
        if primary is not None:
            primary.request("transfer", self._any().name)

    def _fence(self) -> None:
        primary = self._primary()
        asked = self._any() if self._world.odds(30) else primary
        target = self._any()
        if asked is None:
            return
        asked.request("fence", target.name)

        def unfence() -> None:
            leader = self._primary()
            if leader is not None:
                leader.request("unfence", target.name)

        self._later(2_000, unfence)

    def _mode(self) -> None:
        primary = self._primary()
        if primary is not None:
            if self._world.odds(50):
                primary.request("degrade")
            else:
                mode = self._world.rng.choice(("continue", "spare", "pause"))
                primary.request("set_mode", mode)

    # A primary that cannot hear the register, a standby that takes over and starts again, and then
    # the two hear each other before anyone hears the register.
    def _deposed_in_the_dark(self) -> None:
        primary = self._primary()
        others = [n for n in self._shape.data_nodes if primary is None or n != primary.name]
        if primary is None or not others:
            return
        standby = self._nodes[self._world.rng.choice(others)]
        world = self._world
        pair = [(primary.name, standby.name), (standby.name, primary.name)]
        dark = [(primary.name, ARBITER), (ARBITER, primary.name)]
        for way in (*pair, *dark):
            self._network.block(*way)

        def light() -> None:
            for way in dark:
                self._network.unblock(*way)

        def meet() -> None:
            for way in pair:
                self._network.unblock(*way)
            self._cut([(standby.name, ARBITER), (ARBITER, standby.name)], 1_500)
            self._restart(standby)
            self._later(1_500, light)

        def restart() -> None:
            standby.end(power=world.odds(50), why="restart in the dark")
            self._later(200, meet)

        self._later(3_000, restart)
