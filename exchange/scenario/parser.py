"""Text to statements.

Room: lines, words and their shapes by the tables of `grammar.py`. Whether a member, an order or a
number makes sense is not seen here but when the statement is carried out. Every fault names the
file, the line, what is wrong and what was expected.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from exchange.scenario.faults import MalformedScenario, StatementFault, located
from exchange.scenario.grammar import COMMANDS, EXPECTATIONS, LOOKS, SETUP, STATEMENTS, Form
from exchange.scenario.statement import (
    Expectation,
    Kind,
    LevelLine,
    Scenario,
    Statement,
    Words,
)

_COMMENT = re.compile(r"(?:^|\s)#.*$")
_COUNT = re.compile(r"x([0-9]{1,9})")
_LEVEL_USAGE = "bid|ask PRICE QTY xCOUNT"
_WILDCARD = "..."


def parse(path: str, text: str) -> Scenario:
    """The statements of a file.

    Args:
        path: for messages only.
        text: the whole content.

    Raises:
        MalformedScenario: a line that the grammar does not know, or no statement at all.
    """
    lines = tuple(text.split("\n"))
    statements: list[Statement] = []
    for line_no, line in enumerate(lines, start=1):
        content = without_comment(line).strip()
        if not content:
            continue
        try:
            _take(statements, line_no, content)
        except StatementFault as fault:
            raise located(fault, path, line_no) from fault
    if not statements:
        raise MalformedScenario(path, len(lines), "the file holds no statement")
    return Scenario(path, lines, tuple(statements))


def without_comment(line: str) -> str:
    """The line up to a `#` that begins it or follows a blank."""
    return _COMMENT.sub("", line)


def _take(statements: list[Statement], line_no: int, content: str) -> None:
    first, *rest = content.split()
    if content.startswith("<"):
        statements.append(_with_expectation(statements, line_no, content[1:].split()))
    elif first in {"bid", "ask"}:
        statements.append(_with_level(statements, line_no, content.split()))
    elif content.startswith(">"):
        statements.append(_statement(line_no, Kind.COMMAND, content, content[1:].split()))
    elif first in SETUP or first in LOOKS:
        kind = Kind.SETUP if first in SETUP else Kind.LOOK
        statements.append(_statement(line_no, kind, content, [first, *rest]))
    elif first in COMMANDS:
        raise StatementFault(f"a command begins with '>'; expected: > {COMMANDS[first].usage}")
    else:
        known = ", ".join([*SETUP, *LOOKS])
        raise StatementFault(f"unknown statement {first!r}; expected '>', '<' or one of: {known}")


def _statement(line_no: int, kind: Kind, content: str, words: list[str]) -> Statement:
    taken = _words(STATEMENTS[kind], words, "command" if kind is Kind.COMMAND else "statement")
    return Statement(line_no, kind, content, taken)


def _with_expectation(statements: list[Statement], line_no: int, words: list[str]) -> Statement:
    """The last statement, taken off the list, with one more `<` line."""
    if not statements or statements[-1].kind is Kind.LOOK:
        raise StatementFault("an expectation stands below the command that it belongs to")
    statement = statements[-1]
    if statement.wildcard_line:
        raise StatementFault(f"nothing follows '< {_WILDCARD}': it stands for all that comes")
    if words == [_WILDCARD]:
        statements.pop()
        return replace(statement, wildcard_line=line_no)
    expectation = Expectation(line_no, _words(EXPECTATIONS, words, "expectation"))
    statements.pop()
    return replace(statement, expectations=(*statement.expectations, expectation))


def _with_level(statements: list[Statement], line_no: int, words: list[str]) -> Statement:
    """The last statement, a `book`, taken off the list, with one more level."""
    if not statements or statements[-1].words.word != "book":
        raise StatementFault("a price level stands below the 'book SYMBOL' that it belongs to")
    count = _COUNT.fullmatch(words[3]) if len(words) == 4 else None  # noqa: PLR2004 - as usage says
    if count is None:
        raise StatementFault(f"a price level is written: {_LEVEL_USAGE}")
    level = LevelLine(line_no, words[0], words[1], words[2], int(count[1]))
    book = statements.pop()
    return replace(book, levels=(*book.levels, level))


def _words(forms: Mapping[str, Form], words: list[str], what: str) -> Words:
    """The words of a line by the form of its first one."""
    if not words:
        raise StatementFault(f"an empty {what}; expected one of: {', '.join(forms)}")
    word, *rest = words
    form = forms.get(word)
    if form is None:
        raise StatementFault(f"unknown {what} {word!r}; expected one of: {', '.join(forms)}")
    args, keys, flags = _sort(form, rest)
    if len(args) < form.args[0]:
        raise StatementFault(f"{word!r} needs more words; expected: {form.usage}")
    if form.priced:
        price = keys.pop("@", None)
        if price is not None and "market" in flags:
            raise StatementFault("either '@ PRICE' or 'market', not both; type=market allows '@'")
        if price is not None:
            args.append(price)
        elif word == "trade":
            raise StatementFault(f"a trade has a price; expected: {form.usage}")
    return Words(word, tuple(args), keys, tuple(flags))


def _sort(form: Form, words: list[str]) -> tuple[list[str], dict[str, str], list[str]]:
    """The words of a line by what they are: in their places, keys ('@' is one), flags."""
    args: list[str] = []
    keys: dict[str, str] = {}
    flags: list[str] = []
    rest = iter(words)
    for word in rest:
        key, equals, value = word.partition("=")
        if word == "@" and form.priced:
            key, equals, value = "@", "=", next(rest, "")
            if not value:
                raise StatementFault(f"a price follows '@'; expected: {form.usage}")
        if equals:
            if key not in form.keys and key != "@":
                allowed = ", ".join(sorted(form.keys)) or "none"
                raise StatementFault(f"unknown key {key!r}; allowed here: {allowed}")
            if key in keys:
                raise StatementFault(f"{key!r} is given twice")
            keys[key] = value
        elif word in form.flags and len(args) >= form.args[0]:
            if word in flags:
                raise StatementFault(f"{word!r} is given twice")
            flags.append(word)
        elif len(args) < form.args[1]:
            args.append(word)
        else:
            raise StatementFault(f"unexpected word {word!r}; expected: {form.usage}")
    return args, keys, flags
