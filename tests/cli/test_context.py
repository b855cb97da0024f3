"""`exctl context`: the configuration file, read and changed in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import run

CONFIG = """# mine
current = "paper"   # for now
[contexts.paper]
endpoints = "127.0.0.1:9001"
member = "alice"
[contexts.live]
endpoints = "a:1,b:2"
operator = "ann"
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    monkeypatch.setenv("EXCTL_CONFIG", str(path))
    return path


def test_contexts_are_listed_and_shown(config: Path) -> None:
    rows = json.loads(run("-o", "json", "context", "list").stdout)["contexts"]
    shown = json.loads(run("-o", "json", "context", "show", "live").stdout)
    in_force = json.loads(run("-o", "json", "context", "show").stdout)

    assert [(row["name"], row["current"]) for row in rows] == [("paper", "yes"), ("live", "")]
    assert (shown["endpoints"], shown["operator"]) == ("a:1,b:2", "ann")
    assert (in_force["endpoints"], in_force["member"]) == ("127.0.0.1:9001", "alice")


def test_another_context_becomes_the_current_one(config: Path) -> None:
    assert run("context", "use", "live").exit_code == 0

    assert config.read_text() == CONFIG.replace('current = "paper"   # for now', 'current = "live"')
    assert "a:1,b:2" in run("context", "show").stdout


def test_a_file_without_a_current_context_gets_one(config: Path) -> None:
    config.write_text(CONFIG.partition("\n[")[2].join(["[", ""]))
    assert run("context", "use", "live").exit_code == 0

    assert config.read_text().startswith('current = "live"\n[contexts.paper]')


def test_nothing_is_changed_where_there_is_no_such_context(config: Path) -> None:
    refused = run("context", "use", "nowhere")

    assert (refused.exit_code, config.read_text()) == (2, CONFIG)
    assert "there is no context 'nowhere'" in refused.stderr


def test_a_line_that_stands_unusually_is_left_alone(config: Path) -> None:
    text = '"current" = "paper"\n' + CONFIG.partition("\n[")[2].join(["[", ""])
    config.write_text(text)
    refused = run("context", "use", "live")

    assert (refused.exit_code, config.read_text()) == (2, text)


def test_without_a_file_there_is_nothing() -> None:
    assert json.loads(run("-o", "json", "context", "list").stdout) == {"contexts": []}
    assert run("context", "use", "x").exit_code == 2
