"""A file with its expectations replaced by what happened.

Room: lines of text. Comments, blank lines, indentation and every line that holds stay as they are;
a line that takes the place of another keeps its indentation and its comment.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from exchange.scenario.parser import without_comment
from exchange.scenario.statement import Scenario, Statement

INDENT = "  "
"""Before a price level that is new; a `<` line stands where its command stands."""


class Change(NamedTuple):
    """New text for a statement (None = as it is) and for the lines that belong to it."""

    statement: Statement
    own: str | None = None
    attached: list[str] | None = None


def rewritten(scenario: Scenario, changes: Iterable[Change]) -> str:
    """The text of the file with the changes made."""
    lines: list[str | None] = list(scenario.lines)
    added: dict[int, list[str]] = {}
    for change in changes:
        statement = change.statement
        if change.own is not None:
            _put(lines, statement.line_no, change.own)
        if change.attached is not None:
            former = statement.attached_lines
            for line_no, text in zip(former, change.attached, strict=False):
                _put(lines, line_no, text)
            for line_no in former[len(change.attached) :]:
                lines[line_no - 1] = None
            place = former[-1] if former else statement.line_no
            indent = _indent_of(scenario, statement)
            end = "\r" if scenario.lines[place - 1].endswith("\r") else ""
            added[place] = [f"{indent}{text}{end}" for text in change.attached[len(former) :]]
    result: list[str] = []
    for line_no, line in enumerate(lines, start=1):
        if line is not None:
            result.append(line)
        result += added.get(line_no, [])
    return "\n".join(result)


def _put(lines: list[str | None], line_no: int, text: str) -> None:
    line = lines[line_no - 1] or ""
    content = without_comment(line)
    indent = line[: len(line) - len(line.lstrip())]
    comment = line[len(content) :]
    gap = content[len(content.rstrip()) :]
    lines[line_no - 1] = f"{indent}{text}{gap}{comment}"


def _indent_of(scenario: Scenario, statement: Statement) -> str:
    former = statement.attached_lines
    line = scenario.lines[(former[0] if former else statement.line_no) - 1]
    indent = line[: len(line) - len(line.lstrip())]
    return INDENT if not former and statement.words.word == "book" else indent
