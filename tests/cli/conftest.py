"""A real exchange in a process of its own, started and stopped by the command under test."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.exctl import main as exctl_main
from tests.tidy_source import ROOT

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def exchange(*arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run `exchange` as a person would, and give what it said."""
    command = [sys.executable, "-m", "cli.exchange", *arguments]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False
    )


class Up:
    """An exchange that runs: its data directory and endpoint."""

    def __init__(self, data: Path) -> None:
        self.data = data
        told = json.loads((data / "endpoint.json").read_text("utf-8"))
        self.endpoint: str = told["endpoint"]
        self.pid: int = told["pid"]


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    data = tmp_path_factory.mktemp("up") / "data"
    done = exchange("up", "--detach", "--single", "--port", "0", "--data", str(data))
    assert done.returncode == 0, done.stderr
    yield Up(data)
    down = exchange("down", "--data", str(data))
    assert down.returncode == 0, down.stderr


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the settings of the person who runs it."""
    for name in ("ENDPOINTS", "CONTEXT", "OUTPUT", "TOKEN", "TOKEN_FILE", "MEMBER", "OPERATOR"):
        monkeypatch.delenv(f"EXCTL_{name}", raising=False)
    monkeypatch.setenv("EXCTL_CONFIG", str(tmp_path / "absent.toml"))


def run(*arguments: str, stdin: str | None = None) -> Result:
    """Run `exctl` in this process."""
    return CliRunner().invoke(exctl_main, arguments, input=stdin)


class Exctl:
    """`exctl` on a running exchange."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint

    def __call__(self, *arguments: str, code: int = 0, stdin: str | None = None) -> Result:
        """Run it and insist on the exit status."""
        result = run("--endpoints", self.endpoint, *arguments, stdin=stdin)
        assert result.exit_code == code, (result.stdout, result.stderr, result.exception)
        return result

    def json(self, *arguments: str, code: int = 0) -> Any:
        """Run it with -o json and give what it printed."""
        return json.loads(self("-o", "json", *arguments, code=code).stdout)


@pytest.fixture
def exctl(up: Up) -> Exctl:
    return Exctl(up.endpoint)
