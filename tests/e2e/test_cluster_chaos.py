"""A cluster of real processes under faults: nothing acknowledged is lost or done twice.

20 kill -9, 5 partitions, a disk that hangs and a clock that jumps, under load.

The run is `chaos/cluster_run.py`, the judge `chaos/checker.py`. More of it: `make chaos`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos import behind, shim
from chaos.cluster_run import draw, run
from chaos.fault import SHIM
from chaos.faults import BAD_CLOCKS, BAD_DISKS, DOUBLES, FAULTS, LOST_COPIES

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


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("names", [BAD_DISKS, BAD_CLOCKS, LOST_COPIES, DOUBLES], ids=lambda x: x[0])
def test_each_of_these_once_loses_nothing(
    tmp_path: Path, seed: int, names: tuple[str, ...]
) -> None:
    if shim.missing() and FAULTS[names[0]].needs == SHIM:
        pytest.skip(shim.missing())
    lines: list[str] = []
    faults = draw(seed, len(names), names)

    summary = run(tmp_path / "run", seed=seed, faults=faults, tell=lines.append)

    assert summary.violations == [], "\n".join(lines)
    assert set(summary.faults) == set(names)
    assert (summary.lost, summary.duplicated) == (0, 0)


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_standby_far_behind_gets_level_while_clients_go_on(tmp_path: Path) -> None:
    lines: list[str] = []

    summary = behind.run(tmp_path / "run", commands=100_000, day=40_000, tell=lines.append)

    assert summary.violations == [], "\n".join(lines)
    assert summary.entries >= 100
    assert 0 < summary.in_sync_s <= summary.level_s
