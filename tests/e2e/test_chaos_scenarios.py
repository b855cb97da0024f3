"""Failures of real exchanges, by name: all of them with the long tests, the quickest always."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos import dr_move
from chaos.cluster_run import run
from chaos.scenarios import SCENARIOS

ALWAYS = "facebook"


def play(name: str, directory: Path, seed: int) -> None:
    lines: list[str] = []
    summary = run(directory, seed=seed, faults=SCENARIOS[name].faults, tell=lines.append)
    assert summary.violations == [], "\n".join(lines)
    assert summary.faults.total() == len(SCENARIOS[name].faults)
    assert summary.acknowledged > 0


@pytest.mark.timeout(200)
def test_an_auction_survives_the_death_of_its_primary(tmp_path: Path, seed: int) -> None:
    play(ALWAYS, tmp_path / "run", seed)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", sorted(SCENARIOS.keys() - {ALWAYS}))
def test_it_does_not_happen_here(tmp_path: Path, seed: int, name: str) -> None:
    play(name, tmp_path / "run", seed)


@pytest.mark.timeout(200)
def test_the_other_site_takes_over_and_the_old_one_is_not_heard(tmp_path: Path) -> None:
    lines: list[str] = []
    summary = dr_move.run(tmp_path / "run", tell=lines.append)
    assert summary.violations == [], "\n".join(lines)
    assert summary.acknowledged_before > 0
    assert summary.acknowledged_after > 0
    assert summary.roles["n1"] == summary.roles["n2"] == "ended with status 70"
    assert summary.led_at_last == "n1", "leadership was handed back"
