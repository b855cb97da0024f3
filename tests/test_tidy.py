"""Small rooms: sizes, names, docstrings and honest ``except`` clauses (STYLE points 7, 8, 15, 21).

Line length and everything else that a linter knows is ruff's. Import direction, determinism,
packaging and generated stubs have their own ``test_tidy_*.py``.
"""

from __future__ import annotations

import ast
import itertools
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Mapping

import pytest

from tests.tidy_source import PACKAGES, ROOT, Source, parse, sources

FILE_LINES_REASONED = 400  # above: the module docstring says why, on a line that begins `Size:`
FILE_LINES_MAX = 600  # above: listed in the ratchet, or refused
FUNCTION_LINES_MAX = 70
FORBIDDEN_NAMES = frozenset({"base", "common", "helpers", "manager", "misc", "util", "utils"})
RATCHET = "tests/tidy_ratchet.toml"

Ratchet = Mapping[str, int]


def size_violations(source: Source, ratchet: Ratchet) -> list[str]:
    """Return why the file is too long, or longer or shorter than its ratchet entry."""
    count = len(source.text.splitlines())
    allowed = ratchet.get(str(source.path))
    if allowed is not None:
        if count == allowed and count > FILE_LINES_MAX:
            return []
        return [f"{source.path}: {count} lines, ratchet says {allowed}; lower or drop its entry"]
    if count > FILE_LINES_MAX:
        return [f"{source.path}: {count} lines, at most {FILE_LINES_MAX}; split it"]
    lines = (ast.get_docstring(source.tree) or "").splitlines()
    reasoned = any(line.startswith("Size: ") and line[len("Size: ") :].strip() for line in lines)
    if count > FILE_LINES_REASONED and not reasoned:
        return [f"{source.path}: {count} lines without a `Size:` reason in the module docstring"]
    return []


def function_violations(source: Source) -> list[str]:
    """Return the functions over the limit; a docstring's lines are not counted."""
    found = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            count = (node.end_lineno or node.lineno) - node.lineno + 1
            if ast.get_docstring(node) is not None:
                first = node.body[0]
                count -= (first.end_lineno or first.lineno) - first.lineno + 1
            if count > FUNCTION_LINES_MAX:
                found.append(f"{source.path}:{node.lineno}: {node.name} has {count} lines")
    return found


def name_violations(source: Source) -> list[str]:
    """Return the file's path when a part of it names no thing."""
    parts = source.path.with_suffix("").parts
    return [f"{source.path}: name it by its noun"] if FORBIDDEN_NAMES & {*parts} else []


def docstring_violations(source: Source) -> list[str]:
    """Return the file's path when it does not begin with a docstring."""
    return [] if ast.get_docstring(source.tree) else [f"{source.path}: no module docstring"]


def except_violations(source: Source) -> list[str]:
    """Return the clauses that catch everything and keep it, without an ``# outermost: why``.

    A clause that ends in a bare ``raise`` keeps nothing; a bare ``except:`` never passes.
    """
    found = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler):
            last = node.body[-1]
            if node.type is not None and isinstance(last, ast.Raise) and last.exc is None:
                continue
            caught = [node.type] if not isinstance(node.type, ast.Tuple) else node.type.elts
        elif isinstance(node, ast.Call) and _name(node.func) == "suppress":
            caught = list(node.args)
        else:
            continue
        if any(part is None or _name(part) in {"Exception", "BaseException"} for part in caught):
            bare = isinstance(node, ast.ExceptHandler) and node.type is None
            if bare or not source.waived(node.lineno, "outermost"):
                found.append(f"{source.path}:{node.lineno}: catches everything")
    return found


def _name(node: ast.expr | None) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else None


def read_ratchet(text: str) -> dict[str, int]:
    """Return path -> lines; each entry must say why."""
    files: dict[str, dict[str, object]] = tomllib.loads(text)["files"]
    entries = {}
    for path, entry in files.items():
        lines, why = entry.get("lines"), entry.get("why")
        if not isinstance(lines, int) or not isinstance(why, str) or not why.strip():
            raise ValueError(f"{RATCHET}: {path} needs lines = N and why = '...'")
        entries[path] = lines
    return entries


def ratchet_violations(versions: list[Ratchet]) -> list[str]:
    """Return the entries that rose from one version to the next; ``versions`` is oldest first."""
    return [
        f"{RATCHET}: {path} rose from {before[path]} to {after[path]}"
        for before, after in itertools.pairwise(versions)
        for path in sorted(before.keys() & after.keys())
        if after[path] > before[path]
    ]


def _ratchet_now() -> dict[str, int]:
    return read_ratchet((ROOT / RATCHET).read_text(encoding="utf-8"))


RULES: list[Callable[[Source], list[str]]] = [
    function_violations,
    name_violations,
    docstring_violations,
    except_violations,
]


@pytest.mark.parametrize("rule", RULES)
def test_the_tree_keeps_the_rule(rule: Callable[[Source], list[str]]) -> None:
    found = [line for source in sources(*PACKAGES, "tests") for line in rule(source)]

    assert not found, "\n".join(["", *found])


def test_files_are_small() -> None:
    ratchet = _ratchet_now()
    found = [line for s in sources(*PACKAGES, "tests") for line in size_violations(s, ratchet)]
    gone = [path for path in ratchet if not (ROOT / path).is_file()]

    assert not found, "\n".join(["", *found])
    assert gone == []


def test_the_ratchet_only_goes_down() -> None:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: the ratchet's history is not here")

    def run(*args: str) -> str:
        done = subprocess.run([git, *args], cwd=ROOT, check=True, capture_output=True, text=True)
        return done.stdout

    commits = run("log", "--reverse", "--format=%H", "--diff-filter=AM", "--", RATCHET).split()
    versions: list[Ratchet] = [read_ratchet(run("show", f"{c}:{RATCHET}")) for c in commits]

    assert ratchet_violations([*versions, _ratchet_now()]) == []


def _lines(count: int, docstring: str = "Doc.") -> Source:
    head = f'"""{docstring}"""\n'
    return parse("exchange/x.py", head + "x = 1\n" * (count - head.count("\n")))


def test_a_long_file_is_caught() -> None:
    reasoned = "Doc.\n\nSize: one table.\n"

    assert size_violations(_lines(400), {}) == []
    assert len(size_violations(_lines(401), {})) == 1
    assert len(size_violations(_lines(401, "Doc.\n\nSize: \n"), {})) == 1
    assert size_violations(_lines(600, reasoned), {}) == []
    assert len(size_violations(_lines(601, reasoned), {})) == 1


def test_a_file_must_match_its_ratchet_entry() -> None:
    assert size_violations(_lines(700), {"exchange/x.py": 700}) == []
    assert len(size_violations(_lines(701), {"exchange/x.py": 700})) == 1
    assert len(size_violations(_lines(699), {"exchange/x.py": 700})) == 1
    assert len(size_violations(_lines(500), {"exchange/x.py": 500})) == 1


def test_a_rising_ratchet_is_caught() -> None:
    assert ratchet_violations([{"a": 700}, {"a": 650, "b": 610}, {"b": 610}]) == []
    assert len(ratchet_violations([{"a": 700}, {"a": 650}, {"a": 660}])) == 1


def test_a_ratchet_entry_without_a_reason_is_refused() -> None:
    assert read_ratchet('[files."a.py"]\nlines = 700\nwhy = "x"') == {"a.py": 700}
    with pytest.raises(ValueError, match="why"):
        read_ratchet('[files."a.py"]\nlines = 700')


def test_a_long_function_is_caught() -> None:
    def function(lines: int) -> Source:
        return parse("exchange/x.py", 'def f():\n    """Doc."""\n' + "    x = 1\n" * (lines - 1))

    assert function_violations(function(FUNCTION_LINES_MAX)) == []
    assert len(function_violations(function(FUNCTION_LINES_MAX + 1))) == 1


@pytest.mark.parametrize("path", ["exchange/utils.py", "cli/common/x.py", "storage/base.py"])
def test_a_nameless_file_is_caught(path: str) -> None:
    assert len(name_violations(parse(path, ""))) == 1
    assert name_violations(parse("exchange/model/database.py", "")) == []


@pytest.mark.parametrize("text", ["", "x = 1", "x = 1\n'late'", "''"])
def test_a_missing_docstring_is_caught(text: str) -> None:
    assert len(docstring_violations(parse("storage/x.py", text))) == 1
    assert docstring_violations(parse("storage/x.py", '"""Room."""')) == []


@pytest.mark.parametrize(
    "clause",
    [
        "except:",
        "except:  # outermost: a bare one is never waived",
        "except Exception:",
        "except Exception as error:  # outermost:",
        "except (OSError, BaseException):",
        "except builtins.Exception:",
    ],
)
def test_a_clause_that_catches_everything_is_caught(clause: str) -> None:
    assert len(except_violations(parse("cli/x.py", f"try: f()\n{clause}\n    g()"))) == 1


def test_a_clause_that_raises_again_passes() -> None:
    def clause(line: str, body: str) -> Source:
        return parse("cli/x.py", f"try: f()\n{line}\n    {body}")

    assert except_violations(clause("except BaseException:", "g(); raise")) == []
    assert len(except_violations(clause("except BaseException:", "raise Other() from None"))) == 1
    assert len(except_violations(clause("except BaseException:", "raise; g()"))) == 1
    assert len(except_violations(clause("except:", "raise"))) == 1


def test_suppressing_everything_is_caught() -> None:
    text = "with contextlib.suppress(Exception):\n    f()"

    assert len(except_violations(parse("cli/x.py", text))) == 1


@pytest.mark.parametrize(
    "clause",
    ["except OSError:", "except Exception:  # outermost: the process ends here, with a dump"],
)
def test_a_narrow_or_explained_clause_passes(clause: str) -> None:
    assert except_violations(parse("cli/x.py", f"try: f()\n{clause}\n    g()")) == []
