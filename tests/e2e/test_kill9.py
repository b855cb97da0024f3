"""kill -9 at any moment, 50 times under load: what was acknowledged is there, exactly once.

The scenario is `chaos/kill9.py`, the judge `chaos/checker.py`; `tests/chaos` shows that it judges.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.kill9 import run

KILLS = 50


@pytest.mark.timeout(400)
def test_what_was_acknowledged_survives_every_kill(tmp_path: Path, seed: int) -> None:
    lines: list[str] = []
    summary = run(tmp_path, seed=seed, kills=KILLS, tell=lines.append)

    assert summary.violations == [], "\n".join(lines)
    assert summary.kills.total() == KILLS
    assert len(summary.kills) == 3, "each kind of moment is drawn"
    assert summary.acknowledged > 20 * KILLS, "there was load"
    assert summary.repeated, "some answers were lost and asked for again"
    assert summary.full_replays >= 2
