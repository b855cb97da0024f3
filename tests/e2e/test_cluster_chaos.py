"""A cluster of real processes under faults: nothing acknowledged is lost or done twice.

20 kill -9, 5 partitions, a disk that hangs and a clock that jumps, under load.

The run is `chaos/cluster_run.py`, the judge `chaos/checker.py`. More of it: `make chaos`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos import shim
from chaos.cluster_run import draw, run
from chaos.faults import FAULTS

KILLED = ("kill_primary", "kill_primary", "kill_standby", "kill_arbiter", "kill_dr", "kill_all")
PARTED = ("isolate_primary", "deafen_primary", "mute_primary", "part_data_nodes", "flap")
BENT = () if shim.missing() else ("hung_disk_primary", "clock_swing_primary")


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
def test_partitions_a_hung_disk_and_a_wrong_clock_lose_nothing(tmp_path: Path, seed: int) -> None:
    lines: list[str] = []
    faults = [FAULTS[name] for name in (*PARTED, *BENT)]

    summary = run(tmp_path / "run", seed=seed, faults=faults, tell=lines.append)

    assert summary.violations == [], "\n".join(lines)
    assert summary.faults.total() == len(faults)
    switches = {fault.name for fault in faults if fault.switches}
    assert summary.switches_s.keys() == switches, "each of them ended a leadership"
