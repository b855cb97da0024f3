"""I13: a run is a function of its seed, also under another hash seed and in another process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chaos.sim.run import run

PROGRAM = "from chaos.sim.run import run; print(run(7).trace)"


def test_the_same_seed_gives_the_same_trace() -> None:
    assert run(7).trace == run(7).trace
    assert run(7).trace != run(8).trace


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_the_trace_does_not_depend_on_the_hash_seed(hash_seed: str) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip() == run(7).trace
