"""A cluster of real processes under load: 20 kill -9 and 5 partitions, nothing lost or done twice.

The run is `chaos/cluster_run.py`, the judge `chaos/checker.py`. More of it: `make chaos`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.cluster_run import draw, run
from chaos.faults import FAULTS

KILLED = ("kill_primary", "kill_primary", "kill_standby", "kill_arbiter", "kill_dr", "kill_all")
PARTED = ("isolate_primary", "deafen_primary", "mute_primary", "part_data_nodes", "flap")


@pytest.mark.timeout(600)
def test_twenty_kills_lose_nothing(tmp_path: Path, seed: int) -> None:
    lines: list[str] = []
    faults = draw(seed, 20, KILLED)

    summary = run(tmp_path / "run", seed=seed, faults=faults, tell=lines.append)

    assert summary.violations == [], "\n".join(lines)
    assert summary.faults.total() == 20
    assert (summary.lost, summary.duplicated) == (0, 0)
    assert summary.acknowledged > 20 * 20, "there was load"
    assert summary.switches_s["kill_primary"], "the primary was killed, and another one led"


@pytest.mark.timeout(300)
def test_five_partitions_lose_nothing(tmp_path: Path, seed: int) -> None:
    lines: list[str] = []
    faults = [FAULTS[name] for name in PARTED]

    summary = run(tmp_path / "run", seed=seed, faults=faults, tell=lines.append)

    assert summary.violations == [], "\n".join(lines)
    assert summary.faults.total() == len(PARTED)
    assert len(summary.switches_s) == 3, "each partition of the primary ended its leadership"
