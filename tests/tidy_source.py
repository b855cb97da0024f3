"""Source files as the tidy tests see them: path, text and syntax tree.

Owns the walk over the project's Python files and the waiver comments. Holds no rule: each rule
lives in the ``test_tidy*.py`` that proves it. Generated stubs are never walked.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("exchange", "storage", "replication", "cli", "chaos")
GENERATED = re.compile(r"^exchange/api/.*_pb2(_grpc)?\.pyi?$")


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file; ``path`` is relative to the root of the repository."""

    path: PurePosixPath
    text: str
    tree: ast.Module

    @property
    def module(self) -> str:
        """The dotted name; a package is named without its ``__init__``."""
        parts = self.path.with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def is_package(self) -> bool:
        """True for an ``__init__.py``."""
        return self.path.name == "__init__.py"

    def waived(self, line: int, tag: str) -> bool:
        """Say whether ``line`` (counted from 1) carries ``# tag: why`` with a why."""
        return re.search(rf"#\s*{tag}:\s*\S", self.text.splitlines()[line - 1]) is not None


def parse(path: str, text: str) -> Source:
    """Make a source of ``text`` as if it stood at ``path``; SyntaxError names the path."""
    return Source(PurePosixPath(path), text, ast.parse(text, filename=path))


def sources(*tops: str) -> list[Source]:
    """Return every hand-written Python file under the given top folders, sorted by path."""
    return [parse(name, (ROOT / name).read_text(encoding="utf-8")) for name in _names(tops)]


def _names(tops: tuple[str, ...]) -> Iterator[str]:
    for top in tops:
        for path in sorted((ROOT / top).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not GENERATED.match(name):
                yield name
