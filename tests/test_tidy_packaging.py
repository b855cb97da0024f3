"""What is installed is what is here: packages, pins and the closed lock (STYLE §5, ECOSYSTEM §9).

Reads ``pyproject.toml`` and ``requirements.lock``, and asks the running environment where each
package comes from.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import exchange
from tests.tidy_source import PACKAGES, ROOT

# Wanted for the data in its wheel, never imported; see the head of requirements.lock.
DATA_ONLY = frozenset({"ob-analytics"})
PYPROJECT_TEXT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
PYPROJECT: dict[str, Any] = tomllib.loads(PYPROJECT_TEXT)

# prints {package: its __init__.py, or null} of the packages named on the command line
ORIGINS = """
import importlib.util, json, sys
origins = {}
for name in sys.argv[1:]:
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        spec = None
    origins[name] = spec and spec.origin
print(json.dumps(origins))
"""

Requires = Callable[[str], Iterable[str]]


def package_violations(root: Path, tops: Iterable[str], listed: list[str]) -> list[str]:
    """Return packages listed but not there, there but not listed, and folders without a package."""
    folders = {path.parent for top in tops for path in (root / top).rglob("*.py")}
    there = {".".join(folder.relative_to(root).parts): folder for folder in folders}
    bare = {name for name, folder in there.items() if not (folder / "__init__.py").is_file()}
    found = [f"{name}: has modules but no __init__.py" for name in sorted(bare)]
    found += [f"{name}: not listed" for name in sorted(there.keys() - bare - {*listed})]
    found += [f"{name}: listed but not there" for name in sorted({*listed} - there.keys())]
    return found


def read_lock(text: str) -> dict[str, str]:
    """Return canonical name -> version; ValueError on a line that is not an exact pin."""
    pins = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            match = re.fullmatch(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.+!]+)", line)
            if match is None:
                raise ValueError(f"requirements.lock: {line!r} is not name==version")
            pins[str(canonicalize_name(match[1]))] = match[2]
    return pins


def lock_violations(pins: dict[str, str], requires: Requires) -> list[str]:
    """Return what the pinned packages require that the lock does not hold in a fitting version."""
    found = []
    for name in sorted(pins.keys() - DATA_ONLY):
        for text in requires(name):
            need = Requirement(text)
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                pin = pins.get(canonicalize_name(need.name))
                if pin is None or not need.specifier.contains(pin, prereleases=True):
                    found.append(f"{name} requires {text}, the lock has {pin}")
    return found


def unexplained(text: str) -> list[str]:
    """Return the pins and lint exceptions of a pyproject that stand without a comment."""
    found, inside = [], False
    for line in text.splitlines():
        inside = inside or bool(re.match(r"(dependencies|dev|calendar|ignore|\"\S+\") = \[$", line))
        if inside and re.match(r'\s+"[^"]+",?\s*$', line):
            found.append(line.strip())
        inside = inside and line != "]"
    return found


def _requires(name: str) -> Iterable[str]:
    return importlib.metadata.requires(name) or []


def _lock() -> dict[str, str]:
    return read_lock((ROOT / "requirements.lock").read_text(encoding="utf-8"))


def test_packages_are_listed_by_name() -> None:
    tops = [top for top in PACKAGES if (ROOT / top).is_dir()]

    assert package_violations(ROOT, tops, PYPROJECT["tool"]["setuptools"]["packages"]) == []


def test_each_package_resolves_to_this_tree(tmp_path: Path) -> None:
    """Asked from another folder and without PYTHONPATH, as an installed program would."""
    names: list[str] = PYPROJECT["tool"]["setuptools"]["packages"]
    command = [sys.executable, "-I", "-c", ORIGINS, *names]
    done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)

    assert json.loads(done.stdout) == {
        name: str(ROOT.joinpath(*name.split("."), "__init__.py")) for name in names
    }, "not this tree's packages: make setup"


def test_packages_carry_their_types() -> None:
    tops = sorted({name.split(".")[0] for name in PYPROJECT["tool"]["setuptools"]["packages"]})

    assert [top for top in tops if not (ROOT / top / "py.typed").is_file()] == []


def test_the_version_is_one() -> None:
    assert PYPROJECT["project"]["version"] == exchange.__version__


def test_each_pin_is_in_the_lock() -> None:
    project = PYPROJECT["project"]
    wanted = read_lock(
        "\n".join([*project["dependencies"], *chain(*project["optional-dependencies"].values())])
    )
    lock = _lock()

    assert {name: lock.get(name) for name in wanted} == wanted


def test_the_lock_is_closed() -> None:
    assert lock_violations(_lock(), _requires) == []


def test_the_environment_is_the_locked_one() -> None:
    lock = _lock()

    assert {name: importlib.metadata.version(name) for name in lock} == lock, "make setup"


def test_pins_and_lint_exceptions_are_explained() -> None:
    assert unexplained(PYPROJECT_TEXT) == []


def test_a_wrong_package_list_is_caught(tmp_path: Path) -> None:
    for name in ("a/__init__.py", "a/b/__init__.py", "a/c/module.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("", encoding="utf-8")

    assert package_violations(tmp_path, ["a"], ["a", "a.d"]) == [
        "a.c: has modules but no __init__.py",
        "a.b: not listed",
        "a.d: listed but not there",
    ]


@pytest.mark.parametrize("line", ["lmdb", "lmdb>=3", "lmdb == 3.0", "-e ."])
def test_a_line_that_is_no_pin_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="is not name==version"):
        read_lock(line)


def test_an_open_lock_is_caught() -> None:
    needs = {"a": ["b>=2", "c; extra == 'x'"], "b": ["d"], "ob-analytics": ["pandas"]}
    pins = {"a": "1.0", "b": "1.9", "ob-analytics": "0.1"}

    assert lock_violations(pins, lambda name: needs.get(name, [])) == [
        "a requires b>=2, the lock has 1.9",
        "b requires d, the lock has None",
    ]


def test_an_unexplained_pin_is_caught() -> None:
    pins = 'dependencies = [\n  "a==1", # why\n  "b==2",\n]\n'
    text = pins + 'other = [\n  "c",\n]\nignore = [\n  "D1",\n]'

    assert unexplained(text) == ['"b==2",', '"D1",']
