"""The kill -9 run finds faults in real nodes (RELIABILITY I14): each is built into a node.

A run that cannot fail proves nothing, so the same run must pass with a sound node started the same
way.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from chaos.kill9 import Summary, run

NODE = Path(__file__).with_name("faulty_node.py")
SEED = 3
KILLS = 5


def run_with(fault: str, directory: Path) -> Summary:
    serve = (sys.executable, str(NODE), fault)
    return run(directory, seed=SEED, kills=KILLS, tell=lambda _: None, serve=serve)


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("early-answer", {"I1", "I8"}),
        ("lost-tail", {"I1", "I3", "I7", "I8"}),
        ("forgetful", {"I3"}),
    ],
)
def test_a_faulty_node_is_caught(fault: str, expected: set[str], tmp_path: Path) -> None:
    summary = run_with(fault, tmp_path)

    assert {violation.invariant for violation in summary.violations} & expected


@pytest.mark.timeout(180)
def test_a_sound_node_started_the_same_way_passes(tmp_path: Path) -> None:
    summary = run_with("none", tmp_path)

    assert summary.violations == []
    assert summary.kills.total() == KILLS
