"""`python -m chaos`: the table, the file and the exit status."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from chaos.__main__ import main, table
from chaos.checker import Violation
from chaos.kill9 import Summary
from chaos.process import Settings, to_toml


@pytest.mark.timeout(120)
def test_a_short_run_passes_and_is_written_down(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "latest.json"

    status = main(["--kills", "3", "--seed", "5", "--output", str(output)])

    told = capsys.readouterr().out
    written = json.loads(output.read_text(encoding="utf-8"))
    assert status == 0, told
    assert sum(written["kills"].values()) == 3
    assert written["violations"] == []
    assert written["seed"] == 5
    assert written["acknowledged"] > 0
    assert "acknowledged, all found" in told


def test_violations_are_told() -> None:
    summary = Summary(7, Counter({"serving": 2}), [Violation("I1", "m-1 is not in the log")])

    text = table(summary)

    assert "I1: m-1 is not in the log" in text
    assert "2 (2 serving)" in text


@pytest.mark.parametrize("kills", ["0", "-1", "x"])
def test_a_senseless_count_is_refused(kills: str) -> None:
    with pytest.raises(SystemExit) as refusal:
        main(["--kills", kills])

    assert refusal.value.code == 2


def test_settings_become_toml() -> None:
    settings: Settings = {"node_name": 'n"1', "snapshots": {"keep": 2}, "reflection": False}

    assert to_toml(settings) == 'node_name = "n\\"1"\nreflection = false\n[snapshots]\nkeep = 2\n'
