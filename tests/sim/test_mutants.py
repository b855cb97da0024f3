"""I14: each known bug, put back, is found within a bounded number of seeds."""

from __future__ import annotations

import pytest

from chaos.sim.mutants import MUTANTS
from chaos.sim.run import run

SEEDS_MAX = 40


@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_a_known_bug_is_found(name: str) -> None:
    for seed in range(SEEDS_MAX):
        if run(seed, MUTANTS[name]).violation:
            return
    raise AssertionError(f"mutant {name!r} survived {SEEDS_MAX} seeds")
