"""A bent clock is the true one plus what its file says, read anew each time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from exchange.config import ChaosConfig, NodeConfig
from exchange.market_host import clock_of
from exchange.sequencer.clock import BentClock, SystemClock

HOUR_NS = 3_600_000_000_000
SECOND_NS = 1_000_000_000


def test_the_clock_jumps_with_its_file(tmp_path: Path) -> None:
    path = tmp_path / "clock"
    clock = BentClock(path)
    assert abs(clock.now_ns() - time.time_ns()) < SECOND_NS
    path.write_text(str(-HOUR_NS), "ascii")
    assert abs(clock.now_ns() + HOUR_NS - time.time_ns()) < SECOND_NS
    path.write_text("soon", "ascii")
    with pytest.raises(ValueError, match="soon"):
        clock.now_ns()


def test_only_a_test_bends_the_clock(tmp_path: Path) -> None:
    assert type(clock_of(NodeConfig(data_dir="d"))) is SystemClock
    bent = NodeConfig(data_dir="d", chaos=ChaosConfig(str(tmp_path / "clock")))
    assert type(clock_of(bent)) is BentClock
