"""What a scenario file says, as values: statements with their line numbers, nothing judged yet.

Room: frozen values only. `parser.py` makes them, `run.py` carries them out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple


class Kind(Enum):
    """What a statement is for."""

    SETUP = "setup"
    COMMAND = "command"
    LOOK = "look"


@dataclass(frozen=True, slots=True)
class Words:
    """One line taken apart: `trade A1 B7 50 @ 10.00 id=T1` has the args A1, B7, 50 and 10.00.

    `args` are the words in their fixed places, `keys` the `key=value` parts in the order written,
    `flags` the bare words that may follow.
    """

    word: str
    args: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()


class Expectation(NamedTuple):
    """One `<` line."""

    line_no: int
    words: Words


class LevelLine(NamedTuple):
    """One price level as a `book` block expects it; price and quantity as written."""

    line_no: int
    side: str
    price: str
    qty: str
    order_count: int


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement with the lines that belong to it.

    `text` is the line without comment and outer blanks. `wildcard_line` is the line of `< ...`,
    0 where there is none. `levels` belong to `book`.
    """

    line_no: int
    kind: Kind
    text: str
    words: Words
    expectations: tuple[Expectation, ...] = ()
    wildcard_line: int = 0
    levels: tuple[LevelLine, ...] = ()

    @property
    def attached_lines(self) -> list[int]:
        """Numbers of the lines that stand below it and belong to it."""
        found = [expectation.line_no for expectation in self.expectations]
        found += [level.line_no for level in self.levels]
        return [*found, self.wildcard_line] if self.wildcard_line else found


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole file. `lines` are its raw lines, split at line feeds; joined they are the file."""

    path: str
    lines: tuple[str, ...]
    statements: tuple[Statement, ...]
