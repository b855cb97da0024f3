"""The project's own scenarios hold on every engine, and none of them could hold by accident.

Each file tells one rule, `tests/scenarios/README.md` says which. Each run also replays its log,
restarts from snapshots on the way, and audits R11 (`exchange.scenario.run`).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from exchange.engine.build import BUILT_ENGINES
from exchange.scenario import parse, run
from exchange.scenario.statement import Scenario, Statement

FOLDER = Path(__file__).parent / "scenarios"
FILES = sorted(FOLDER.glob("*.txt"))
RULE = re.compile(r"(r\d+(_\d+)?|dark)_[a-z]")


def _parsed(path: Path) -> Scenario:
    return parse(path.name, path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("engine", BUILT_ENGINES)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario_holds(path: Path, engine: str) -> None:
    outcome = run(_parsed(path), (engine,))

    assert outcome.differences == []
    assert outcome.text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_expectation_of_the_scenario_is_compared(path: Path) -> None:
    """Spoil each `<` line in turn; the run must differ at its command, and only there."""
    scenario = _parsed(path)
    commands = [one for one in scenario.statements if one.expectations]
    spoiled = [_spoiled(one) if one.expectations else one for one in scenario.statements]

    outcome = run(replace(scenario, statements=tuple(spoiled)))

    assert commands
    assert [one.line_no for one in outcome.differences] == [one.line_no for one in commands]


def _spoiled(statement: Statement) -> Statement:
    """The statement expecting the last of its events of something that is not there."""
    *rest, last = statement.expectations
    words = replace(last.words, args=("nobody", *last.words.args[1:]))
    return replace(statement, expectations=(*rest, last._replace(words=words)))


def test_the_readme_lists_every_scenario_once_and_no_other() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    named = Counter(re.findall(r"`((?:r\d|dark_)\w+)`", text))

    assert set(named) == {path.stem for path in FILES}
    assert set(named.values()) == {1}


def test_scenarios_are_named_by_their_rule_and_say_it_first() -> None:
    assert [path.name for path in FILES if not RULE.match(path.stem)] == []
    for path in FILES:
        rule = re.match(r"r(\d+)(?:_(\d+))?_", path.stem)
        first = path.read_text(encoding="utf-8").splitlines()[0]
        name = "Dark book"
        if rule is not None:
            name = f"R{rule[1]}.{rule[2]}" if rule[2] else f"R{rule[1]}"
        assert first.startswith("# "), path.name
        assert name in first, path.name
