"""Settings: flag before environment before context before default; secrets never from flags."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from cli.connection import resolve
from cli.exctl import main
from cli.local_exchange import DEFAULT_DATA
from tests.cli.conftest import run

CONFIG = """
current = "paper"
[contexts.paper]
endpoints = "127.0.0.1:9001"
timeout = 3
member = "alice"
[contexts.live]
endpoints = "a:1,b:2"
output = "json"
token_file = "{token}"
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "token").write_text("secret\n")
    path = tmp_path / "config.toml"
    path.write_text(CONFIG.format(token=tmp_path / "token"))
    monkeypatch.setenv("EXCTL_CONFIG", str(path))
    return path


def test_the_default_is_the_local_exchange(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert resolve({}).endpoints == "127.0.0.1:7001"
    DEFAULT_DATA.mkdir(parents=True)
    (DEFAULT_DATA / "endpoint.json").write_text('{"endpoint": "127.0.0.1:5555", "pid": 1}')
    assert resolve({}).endpoints == "127.0.0.1:5555"


def test_the_current_context_is_taken(config: Path) -> None:
    found = resolve({})

    assert (found.endpoints, found.timeout_s, found.member) == ("127.0.0.1:9001", 3.0, "alice")


def test_a_named_context_and_flags_before_it(config: Path) -> None:
    found = resolve({"context": "live", "endpoints": "c:3"})

    assert (found.endpoints, found.output, found.token) == ("c:3", "json", "secret")


def test_the_environment_stands_between_flag_and_context(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXCTL_ENDPOINTS", "127.0.0.1:2")
    monkeypatch.setenv("EXCTL_TIMEOUT", "0.1")

    assert "127.0.0.1:2" in run("book", "ABC").stderr
    assert "127.0.0.1:3" in run("--endpoints", "127.0.0.1:3", "book", "ABC").stderr
    assert "127.0.0.1:4" in run("book", "ABC", "--endpoints", "127.0.0.1:4").stderr


def test_the_token_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCTL_TOKEN", "t0p")

    assert resolve({}).token == "t0p"  # noqa: S105 - not a password of anybody
    assert "--token" not in {name for param in main.params for name in param.opts}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("contexts = 3", "no context 'x'"),
        ("[contexts.y]", "it has: y"),
        ("[contexts.x]\ncolour = 1", "unknown keys colour"),
        ("nonsense", "config.toml"),
        ("[contexts.x]\ntimeout = 'soon'", "not a number"),
        ("[contexts.x]\ntoken_file = '/nowhere'", "token_file /nowhere"),
        ("[contexts.x]\ncert = 'c.pem'", "go together"),
    ],
)
def test_a_wrong_file_is_named(config: Path, text: str, words: str) -> None:
    config.write_text(text)

    with pytest.raises(click.UsageError, match=words):
        resolve({"context": "x"})


def test_a_context_without_a_file_is_named() -> None:
    with pytest.raises(click.UsageError, match="does not exist"):
        resolve({"context": "x"})


@pytest.mark.parametrize("arguments", [("--timeout", "0"), ("-o", "xml"), ("--endpoints", "x")])
def test_wrong_flags_are_usage_errors(arguments: tuple[str, ...]) -> None:
    assert run(*arguments, "book", "ABC").exit_code == 2
