"""A random search for lost commands: it finds them in the bare library, and none in ours.

RELIABILITY section 0 point 2 (E3b and fuzz_s) and point 5 (fuzz_reg). More seeds: `make
sim-register SEEDS=400`.
"""

from __future__ import annotations

import pytest

from tests.replication.register_search import LOADS, search

BARE_SEEDS_THAT_LOSE = (15,)
"""Found by `--bare`; the search is as it was, so they go on losing."""

SEEDS = 12


@pytest.mark.parametrize("seed", BARE_SEEDS_THAT_LOSE)
def test_the_search_finds_what_the_bare_library_loses(seed: int) -> None:
    assert search(seed, "order", is_ours=False).lost > 0
    verdict = search(seed, "order", is_ours=True)
    assert verdict.is_good, verdict


@pytest.mark.parametrize("load", LOADS)
@pytest.mark.parametrize("chunk", range(3))
def test_nothing_is_lost_by_ours(load: str, chunk: int) -> None:
    for seed in range(chunk * SEEDS // 3, (chunk + 1) * SEEDS // 3):
        verdict = search(seed, load, is_ours=True)
        assert verdict.is_good, verdict
        assert verdict.acknowledged
        assert verdict.faults


def test_a_seed_gives_the_same_run_again() -> None:
    assert search(5, "register", is_ours=True) == search(5, "register", is_ours=True)
