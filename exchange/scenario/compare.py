"""Expected against actual.

Room: when a `<` line matches a report, and which reports a command may cause without listing them.
Words in their places and flags must be equal; `key=value` parts are compared only when written;
numbers are compared as numbers. It reads no state and prints nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from exchange.scenario.decimals import normal
from exchange.scenario.grammar import LISTED_ON_DEMAND, NEVER_SILENT
from exchange.scenario.statement import Statement, Words


def matches(expected: Words, actual: Words) -> bool:
    """Whether an actual event is what one `<` line says."""
    return (
        expected.word == actual.word
        and [normal(arg) for arg in expected.args] == [normal(arg) for arg in actual.args]
        and sorted(expected.flags) == sorted(actual.flags)
        and all(
            key in actual.keys and normal(value) == normal(actual.keys[key])
            for key, value in expected.keys.items()
        )
    )


def relevant(statement: Statement, reports: Sequence[Words]) -> list[Words]:
    """The reports that the statement's `<` lines are compared with.

    Without any such line these are the reports that it must not cause; with some, all but those
    that are compared only where the statement lists one of their kind.
    """
    if not statement.expectations and not statement.wildcard_line:
        return [report for report in reports if report.word in NEVER_SILENT]
    listed = {expectation.words.word for expectation in statement.expectations}
    unlisted = LISTED_ON_DEMAND - listed
    return [report for report in reports if report.word not in unlisted]


def holds(statement: Statement, actual: Sequence[Words]) -> bool:
    """Whether the relevant reports are exactly the statement's `<` lines, up to its wildcard."""
    expected = statement.expectations
    if len(actual) < len(expected):
        return False
    if len(actual) > len(expected) and not statement.wildcard_line:
        return False
    return all(matches(line.words, report) for line, report in zip(expected, actual, strict=False))
