"""A node that must stop does stop, also where it cannot say why."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from exchange.fail_stop import EXIT_FAULT

STOP = """
import sys
from pathlib import Path
from exchange.fail_stop import fail_stop

fail_stop("n1", Path(sys.argv[1]), lambda: "at log index 7\\n")(OSError(28, "no space"))
"""
FULL = Path("/dev/full")


def stop(data_dir: Path, stderr: Path) -> int:
    with stderr.open("wb") as output:
        done = subprocess.run(
            [sys.executable, "-c", STOP, str(data_dir)], stderr=output, timeout=30, check=False
        )
    return done.returncode


def test_what_it_knows_is_written_down_and_told(tmp_path: Path) -> None:
    assert stop(tmp_path, tmp_path / "stderr") == EXIT_FAULT
    (fault,) = tmp_path.glob("fault-*.txt")
    assert "at log index 7" in fault.read_text()
    assert "no space" in (tmp_path / "stderr").read_text()


def test_it_tells_that_nothing_could_be_written_down(tmp_path: Path) -> None:
    assert stop(tmp_path / "gone", tmp_path / "stderr") == EXIT_FAULT
    assert "could not be written down" in (tmp_path / "stderr").read_text()


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full")
def test_it_ends_where_its_output_is_on_a_full_disk(tmp_path: Path) -> None:
    assert stop(tmp_path, FULL) == EXIT_FAULT
    assert list(tmp_path.glob("fault-*.txt"))
