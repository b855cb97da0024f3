"""A cluster run finds faults in real nodes (RELIABILITY I14): each is built into every node.

The same runs with sound nodes pass in `tests/e2e/test_cluster_chaos.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from chaos import shim
from chaos.cluster_run import run
from chaos.faults import FAULTS

NODE = Path(__file__).with_name("faulty_node.py")
SEED = 3

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(180),
    pytest.mark.skipif(bool(shim.missing()), reason=shim.missing()),
]


@pytest.mark.parametrize(
    ("built_in", "fault", "invariants", "words"),
    [
        ("believing", "clock_swing_primary", {"I5"}, "time goes back"),
        ("patient", "hung_disk_primary", {"I12"}, "no answer of a new primary"),
        ("reckless", "lost_copy_pause", {"I12"}, "answers on one copy"),
        ("reckless", "lost_copy_spare", {"I12"}, "answers on one copy"),
        ("careless", "failing_disk_primary", {"I1", "I3", "I7", "I12"}, ""),
    ],
)
def test_a_fault_in_every_node_is_caught(
    built_in: str, fault: str, invariants: set[str], words: str, tmp_path: Path
) -> None:
    lines: list[str] = []
    serve = (sys.executable, str(NODE), built_in)

    summary = run(
        tmp_path / "run", seed=SEED, faults=[FAULTS[fault]], tell=lines.append, serve=serve
    )

    found = [one for one in summary.violations if one.invariant in invariants]
    assert any(words in one.text for one in found), summary.violations
