"""`cli/RUNBOOK.md` is true: its commands print what it shows, on a real node.

Every ```console block is taken, in order: `$ command`, then the lines that it prints on stdout and
stderr. `...` stands for anything; runs of blanks count as one. A command fails the page unless its
exit status is 0, or the page goes on with `$ echo $?` and the status.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli.conftest import Exctl, Up, exchange, run
from tests.tidy_source import ROOT

PAGE = ROOT / "cli" / "RUNBOOK.md"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WALKS = {
    "An opening auction": ("auction start", "auction uncross", "schedule set"),
    "A volatility interruption": ("band set", "auction show", "phase wait"),
    "A kill switch": ("kill engage", "kill status", "kill release"),
    "The breaker of the whole market": ("breaker set", "breaker index", "phase end-day"),
}


class Shown(NamedTuple):
    """A command of the page, what it is said to print, and the exit status that it asks for."""

    command: str
    output: str
    status: int


def shown(page: str) -> Iterator[Shown]:
    """The commands of a page, in order."""
    found: list[Shown] = []
    for block in BLOCK.findall(page):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            if command == "echo $?":
                found[-1] = found[-1]._replace(status=int(output))
            else:
                found.append(Shown(command, output, 0))
    yield from found


def agrees(expected: str, printed: str) -> bool:
    """Whether the output is what the page shows."""

    def words(text: str) -> list[str]:
        return [" ".join(line.split()) for line in text.strip().splitlines()]

    pattern = "\n".join(".*".join(map(re.escape, line.split("..."))) for line in words(expected))
    return re.fullmatch(pattern, "\n".join(words(printed))) is not None


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Exctl]:
    """A fresh exchange on a free port."""
    data = tmp_path / "data"
    done = exchange("up", "--detach", "--single", "--port", "0", "--data", str(data))
    assert done.returncode == 0, done.stderr
    yield Exctl(Up(data).endpoint)
    down = exchange("down", "--data", str(data))
    assert down.returncode == 0, down.stderr


def test_the_page_shows_what_happens(node: Exctl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCTL_CONFIG", "/nowhere/config.toml")
    for step in shown(PAGE.read_text("utf-8")):
        program, *words = shlex.split(step.command)
        assert program == "exctl"
        result = run("--endpoints", node.endpoint, *words)

        assert result.exit_code == step.status, (step.command, result.output, result.exception)
        assert agrees(step.output, result.output), f"$ {step.command}\n{result.output}"


def test_the_page_has_its_four_walks() -> None:
    """A walk that was emptied would pass otherwise."""
    parts = re.split(r"^## ", PAGE.read_text("utf-8"), flags=re.MULTILINE)[1:]

    assert [part.partition(" (")[0] for part in parts] == list(WALKS)
    for part, verbs in zip(parts, WALKS.values(), strict=True):
        commands = [step.command for step in shown(part)]
        assert [v for v in verbs if not any(c.startswith(f"exctl {v}") for c in commands)] == []
        assert all(step.output.strip() for step in shown(part))


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("phase   closed\n", "phase  closed\n", True),
        ("time ... x\n", "time 12:00 x\n", True),
        ("phase closed\n", "phase halted\n", False),
        ("phase closed\n", "phase closed\nmore\n", False),
        ("a\nb\n", "a\n", False),
        ("a ...\n", "a b\nc\n", False),
        ("1.5 (x)\n", "1x5 (x)\n", False),
    ],
)
def test_what_differs_is_noticed(expected: str, printed: str, *, same: bool) -> None:
    assert agrees(expected, printed) is same


def test_an_exit_status_is_read() -> None:
    page = "```console\n$ exctl book A\nexctl: no\n$ echo $?\n1\n$ exctl status\nup\n```\n"

    assert list(shown(page)) == [
        Shown("exctl book A", "exctl: no\n", 1),
        Shown("exctl status", "up\n", 0),
    ]
