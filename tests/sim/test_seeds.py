"""The production replication code survives the simulator's faults, seed after seed.

A failure prints the seed and the command that replays it; such a seed goes into `seeds.txt`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.sim.run import run

SEEDS = 300
CHUNK = 10
KEPT = Path(__file__).with_name("seeds.txt")


def kept_seeds() -> list[int]:
    """The seeds that once failed."""
    lines = KEPT.read_text(encoding="utf-8").splitlines()
    return [int(line.split()[0]) for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_no_seed_breaks_an_invariant(first: int) -> None:
    for seed in range(first, first + CHUNK):
        outcome = run(seed)
        assert not outcome.violation, f"{outcome.violation}\nreplay: {outcome.replay()}"


@pytest.mark.parametrize("seed", [seed for seed in kept_seeds() if seed >= SEEDS])
def test_a_seed_that_once_failed_holds(seed: int) -> None:
    outcome = run(seed)
    assert not outcome.violation, f"{outcome.violation}\nreplay: {outcome.replay()}"


def test_the_faults_are_many_and_hit_the_cluster() -> None:
    """A simulator that injures nothing proves nothing."""
    outcomes = [run(seed) for seed in range(5)]
    assert min(sum(outcome.faults.values()) for outcome in outcomes) >= 20
    done = sum((outcome.figures for outcome in outcomes), start=type(outcomes[0].figures)())
    assert done["acknowledged"] > 100
    assert done["leaderships"] > 10
    assert done["truncations"] > 0
    assert done["repeated"] > 0
