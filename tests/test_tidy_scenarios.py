"""No scenario lies unread: every ``tests/scenarios/*.txt`` is run by some test.

A scenario counts as read when a test names the file, or globs ``*.txt`` and speaks of the
``scenarios`` folder.
"""

from __future__ import annotations

import ast

from tests.tidy_source import ROOT, Source, parse, sources


def unread(scenarios: list[str], tests: list[Source]) -> list[str]:
    """Return the scenarios (paths below ``tests/scenarios``) that no test reads."""
    words = [_strings(test) for test in tests]
    flat = any(_speaks_of_scenarios(w) and {"*.txt", "**/*.txt"} & w for w in words)
    deep = any(_speaks_of_scenarios(w) and "**/*.txt" in w for w in words)
    named = {word.rsplit("/", 1)[-1] for w in words for word in w if word.endswith(".txt")}
    return [
        name
        for name in scenarios
        if not (deep or (flat and "/" not in name) or name.rsplit("/", 1)[-1] in named)
    ]


def _strings(source: Source) -> set[str]:
    return {
        node.value
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def _speaks_of_scenarios(words: set[str]) -> bool:
    return any("scenarios" in word.split("/") for word in words)


def test_every_scenario_is_read_by_a_test() -> None:
    folder = ROOT / "tests" / "scenarios"
    scenarios = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.txt"))]
    me = __name__.rsplit(".", maxsplit=1)[-1]
    tests = [s for s in sources("tests") if s.path.stem.startswith("test_") and s.path.stem != me]

    assert unread(scenarios, tests) == []


def test_an_unread_scenario_is_caught() -> None:
    def reader(text: str) -> list[Source]:
        return [parse("tests/test_x.py", text)]

    names = ["r4.txt", "auction/r6.txt"]

    assert unread(names, []) == names
    assert unread(names, reader("Path('tests/scenarios').glob('*.txt')")) == ["auction/r6.txt"]
    assert unread(names, reader("Path('tests/scenarios').glob('**/*.txt')")) == []
    assert unread(names, reader("run('tests/scenarios/r4.txt')")) == ["auction/r6.txt"]
    assert unread(names, reader("Path('elsewhere').glob('*.txt')")) == names
