"""A cluster in network namespaces: packets really dropped, disks really full; `pytest -m root`."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos import namespaces
from chaos.cluster_run import run
from chaos.faults import FAULTS, NAMESPACED

PARTED = ("deafen_primary", "mute_primary", "part_data_nodes", "reconnect_storm")


@pytest.mark.root
@pytest.mark.long
@pytest.mark.timeout(400)
@pytest.mark.skipif(bool(namespaces.missing()), reason=namespaces.missing())
def test_nothing_is_lost_where_packets_are(tmp_path: Path, seed: int) -> None:
    lines: list[str] = []
    faults = [FAULTS[name] for name in (*PARTED, *NAMESPACED)]

    summary = run(tmp_path / "run", seed=seed, faults=faults, tell=lines.append, namespaces=True)

    assert summary.violations == [], "\n".join(lines)
    assert summary.faults.total() == len(faults)
    assert (summary.lost, summary.duplicated) == (0, 0)
    assert summary.switches_s.keys() == {fault.name for fault in faults if fault.switches}
