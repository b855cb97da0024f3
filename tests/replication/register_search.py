"""Random search for lost commands in the register's Raft: `make sim-register SEEDS=400`.

    python -m tests.replication.register_search --seeds 400 --load order
    python -m tests.replication.register_search --seeds 200 --load order --bare    # loses
    python -m tests.replication.register_search --seed 17 --load order             # one again

Room: faults and load from a seed, and the verdict. Loads: `order` keeps many commands under way
and resends them in messages of 300 bytes, so that a resend spans several (the condition under
which the bare library loses); `register` makes a change now and then, in messages of any size, and
breaks more; `emptied` is `register` with disks that are emptied, one at a time.
"""

from __future__ import annotations

import argparse
import collections
import random
import sys
import time
from dataclasses import dataclass, field

from replication.raft_journal import RaftJournal
from tests.replication.raft_cluster import (
    NAMES,
    TICK_S,
    Cluster,
    Disk,
    OurVoter,
    simulated,
)

FAULT_SECONDS = 12.0
HEAL_SECONDS = 15.0
POWER_LOST = "power lost"
LOADS = ("order", "register", "emptied")
CRASHES, TEARS, BREAKS, CUTS, PAUSES = "crashes", "tears", "breaks", "cuts", "pauses"
EMPTIED = "emptied"
EMPTIED_OFTEN = 0.02


@dataclass
class Verdict:
    """What one seed gave."""

    seed: int
    acknowledged: int = 0
    lost: int = 0
    divergences: int = 0
    duplicates: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    halts: list[str] = field(default_factory=list)
    healed_s: float | None = None

    @property
    def is_good(self) -> bool:
        """Nothing lost, nothing differs, nothing stopped, all level in the end."""
        broken = self.lost or self.divergences or self.duplicates or self.halts
        return not broken and self.healed_s is not None


def search(seed: int, load: str, *, is_ours: bool) -> Verdict:
    """Run one seed."""
    rng = random.Random(f"{load} {seed}")
    verdict = Verdict(seed)
    with simulated(seed) as clock:
        cluster = Cluster(
            clock,
            is_ours=is_ours,
            seed=seed,
            delay_ms=(1, rng.choice((5, 20, 60))),
            batch_bytes=300 if load == "order" else 1 << 24,
        )
        cluster.start()
        trouble = Trouble(cluster, rng, often=0.05 if load == "order" else 0.06)
        count = 0
        end = clock.now + FAULT_SECONDS
        while clock.now < end:
            count = _load(cluster, rng, load, count)
            trouble.step()
            if load == "emptied":
                trouble.empty_a_disk()
            cluster.step()
        trouble.end()
        verdict.faults = dict(trouble.counts)
        began = clock.now
        if cluster.run(HEAL_SECONDS, lambda: _is_level(cluster, rng)):
            verdict.healed_s = round(clock.now - began, 2)
            verdict.lost = len(set(cluster.lost()))
        verdict.acknowledged = len(set(cluster.acknowledged))
        verdict.divergences = len(cluster.divergences())
        verdict.duplicates = cluster.duplicates()
        verdict.halts = [halt for halt in cluster.halts if POWER_LOST not in halt]
    return verdict


def _load(cluster: Cluster, rng: random.Random, load: str, count: int) -> int:
    wanted = rng.randint(0, 3) if load == "order" else int(rng.random() < 0.04)
    leader = cluster.leader()
    for _ in range(wanted if cluster.voters else 0):
        count += 1
        to = leader if leader and rng.random() < 0.8 else rng.choice(list(cluster.voters))
        cluster.submit(to, b"%d " % count + b"x" * rng.choice((40, 80)))
        if not cluster.voters:
            break
    return count


class Trouble:
    """Faults from a seed, and their ends."""

    def __init__(self, cluster: Cluster, rng: random.Random, *, often: float) -> None:
        self.counts: collections.Counter[str] = collections.Counter()
        self._cluster = cluster
        self._rng = rng
        self._often = often
        self._heals: list[tuple[float, str, str]] = []
        self._restarts: list[tuple[float, str]] = []

    def step(self) -> None:
        """Perhaps break something, and mend what is due."""
        if self._rng.random() < self._often:
            kind = self._rng.choices((CRASHES, TEARS, BREAKS, CUTS, PAUSES), (2, 1, 5, 3, 2))[0]
            self.counts[kind] += 1
            self._break(kind)
        now = self._cluster.clock.now
        for heal in [heal for heal in self._heals if heal[0] <= now]:
            self._cluster.network.heal(*heal[1:])
            self._heals.remove(heal)
        for restart in [restart for restart in self._restarts if restart[0] <= now]:
            self._cluster.start(restart[1])
            self._restarts.remove(restart)

    def empty_a_disk(self) -> None:
        """Perhaps empty one, when all are up and no other is on its way back."""
        cluster = self._cluster
        if self._rng.random() >= EMPTIED_OFTEN or len(cluster.voters) < len(NAMES):
            return
        for name in NAMES:
            journal = journal_of(cluster, name)
            known = [journal.store_of(other) for other in NAMES if other != name]
            if journal.is_on_probation or not all(known):
                return
        name = self._rng.choice(NAMES)
        self.counts[EMPTIED] += 1
        cluster.crash(name)
        cluster.disks[name] = Disk()
        self._restarts.append((cluster.clock.now + self._rng.uniform(TICK_S, 0.5), name))

    def end(self) -> None:
        """Mend everything; a voter that halted stays away, as in life."""
        self._cluster.network.heal()
        self._cluster.paused_until.clear()
        halted = {halt[:1] for halt in self._cluster.halts if POWER_LOST not in halt}
        for name in NAMES:
            if name not in self._cluster.voters and name not in halted:
                self._cluster.start(name)

    def _break(self, kind: str) -> None:
        cluster, rng, now = self._cluster, self._rng, self._cluster.clock.now
        one, other = rng.sample(NAMES, 2)
        if kind in {CRASHES, TEARS} and one in cluster.voters:
            if kind == TEARS and cluster.is_ours:
                cluster.disks[one].tear = lambda data: data[: rng.randint(0, len(data) - 1)]
                cluster.guarded(one, "submit", b"torn %f" % now)
                cluster.guarded(one, "tick")
                cluster.disks[one].tear = None
            cluster.crash(one)
            self._restarts.append((now + rng.uniform(TICK_S, 1.0), one))
        elif kind == BREAKS:
            cluster.network.break_link(one, other)
        elif kind == CUTS:
            cluster.network.cut_way(one, other)
            if rng.random() < 0.6:
                cluster.network.cut_way(other, one)
            self._heals.append((now + rng.uniform(0.02, 2.0), one, other))
        elif kind == PAUSES:
            cluster.paused_until[one] = now + rng.uniform(0.05, 1.0)


def journal_of(cluster: Cluster, name: str) -> RaftJournal:
    """The journal of a voter of our kind."""
    voter = cluster.voters[name]
    if not isinstance(voter, OurVoter):
        raise TypeError(name)
    return voter.journal


# All voters are up and have applied the same, a command of the end among it. It is submitted
# again now and then, since it may be lost on its way.
def _is_level(cluster: Cluster, rng: random.Random) -> bool:
    voters = list(cluster.voters.values())
    if len(voters) == len(NAMES):
        first = voters[0].applied
        is_same = all(voter.applied == first for voter in voters[1:])
        if is_same and any(command.startswith(b"end ") for command in first[-3:]):
            return True
    leader = cluster.leader()
    if leader and rng.random() < 0.05:
        cluster.submit(leader, b"end %f" % cluster.clock.now)
    return False


def main(arguments: list[str] | None = None) -> int:
    """Search; the exit status."""
    parser = argparse.ArgumentParser(prog="register_search", description=__doc__)
    parser.add_argument("--seeds", type=int, default=400)
    parser.add_argument("--seed", type=int, help="only this one")
    parser.add_argument("--load", choices=LOADS, action="append")
    parser.add_argument("--bare", action="store_true", help="pysyncobj as it comes")
    options = parser.parse_args(arguments)
    seeds = range(options.seeds) if options.seed is None else [options.seed]
    is_bad = False
    for load in options.load or LOADS:
        began = time.monotonic()
        verdicts = [search(seed, load, is_ours=not options.bare) for seed in seeds]
        bad = [verdict for verdict in verdicts if not verdict.is_good]
        for verdict in bad[:20]:
            print(f"seed {verdict.seed}: {verdict}")
        print(summary(load, verdicts, time.monotonic() - began))
        is_bad = is_bad or bool(bad)
    return int(is_bad)


def summary(load: str, verdicts: list[Verdict], seconds: float) -> str:
    """One line of totals."""
    healed = [verdict.healed_s for verdict in verdicts if verdict.healed_s is not None]
    faults = sum(sum(verdict.faults.values()) for verdict in verdicts)
    crashes = sum(verdict.faults.get(kind, 0) for verdict in verdicts for kind in (CRASHES, TEARS))
    return (
        f"load {load}: {len(verdicts)} seeds, {faults} faults ({crashes} crashes), "
        f"{sum(verdict.acknowledged for verdict in verdicts)} acknowledged, "
        f"{sum(verdict.lost for verdict in verdicts)} lost, "
        f"{sum(verdict.duplicates for verdict in verdicts)} duplicated, "
        f"{sum(bool(verdict.lost or verdict.divergences) for verdict in verdicts)} seeds lost or "
        f"diverged, {sum(len(verdict.halts) for verdict in verdicts)} halts, "
        f"{len(verdicts) - len(healed)} not level after {HEAL_SECONDS:g} s, "
        f"slowest of the others {max(healed, default=0.0):.1f} simulated s, "
        f"{seconds:.1f} s"
    )


if __name__ == "__main__":
    sys.exit(main())
