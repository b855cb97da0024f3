"""`python -m chaos`: the table, the file and the exit status."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from chaos.__main__ import main
from chaos.checker import Violation
from chaos.kill9 import Summary
from chaos.process import Settings, to_toml
from chaos.report import kill9_table, percentile, write


@pytest.mark.timeout(120)
def test_a_short_run_passes_and_is_written_down(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "latest.json"

    status = main(["single", "--kills", "3", "--seed", "5", "--output", str(output)])

    told = capsys.readouterr().out
    written = json.loads(output.read_text(encoding="utf-8"))["runs"]["single"]
    assert status == 0, told
    assert sum(written["kills"].values()) == 3
    assert written["violations"] == []
    assert written["seed"] == 5
    assert written["acknowledged"] > 0
    assert "acknowledged, all found" in told


def test_violations_are_told() -> None:
    summary = Summary(7, Counter({"serving": 2}), [Violation("I1", "m-1 is not in the log")])

    text = kill9_table(summary)

    assert "I1: m-1 is not in the log" in text
    assert "2 (2 serving)" in text


@pytest.mark.parametrize("kills", ["0", "-1", "x"])
def test_a_senseless_count_is_refused(kills: str) -> None:
    with pytest.raises(SystemExit) as refusal:
        main(["single", "--kills", kills])

    assert refusal.value.code == 2


def test_settings_become_toml() -> None:
    settings: Settings = {"node_name": 'n"1', "snapshots": {"keep": 2}, "reflection": False}

    assert to_toml(settings) == 'node_name = "n\\"1"\nreflection = false\n[snapshots]\nkeep = 2\n'


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(number) for number in range(1, 101)]
    assert [percentile(values, share) for share in (0.5, 0.99, 1.0)] == [50.0, 99.0, 100.0]
    assert percentile([3.0], 0.99) == 3.0
    assert percentile([], 0.5) == 0.0


def test_one_kind_of_run_does_not_wipe_another(tmp_path: Path) -> None:
    path = tmp_path / "latest.json"
    path.write_text("nonsense", "utf-8")
    write(path, "single", {"seed": 1})
    write(path, "cluster", {"seed": 2})
    write(path, "single", {"seed": 3})
    assert json.loads(path.read_text("utf-8")) == {
        "runs": {"single": {"seed": 3}, "cluster": {"seed": 2}}
    }
