"""`exchange scenario run`: exit status, what it prints, and what it writes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.exchange import main
from exchange.engine.build import BUILT_ENGINES
from exchange.engine.reference.engine import ReferenceEngine
from exchange.errors import InvariantViolation
from tests.tidy_source import ROOT

ABC = "instrument ABC tick=0.01 lot=1\n"
HOLDS = f"{ABC}> new m1 A1 ABC buy 10 @ 10.00\n< accepted A1\n"
DIFFERS = HOLDS.replace("accepted A1", "accepted A2")
MALFORMED = f"{ABC}> buy\n"


def exchange(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["scenario", "run", *map(str, arguments)])


def story(folder: Path, text: str, name: str = "story.txt") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def test_all_hold(tmp_path: Path) -> None:
    path = story(tmp_path, HOLDS)
    result = exchange(path)

    assert (result.exit_code, result.output) == (0, f"{path}: 1 commands, all hold\n")


def test_a_difference(tmp_path: Path) -> None:
    path = story(tmp_path, DIFFERS)
    result = exchange(path)

    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"{path}:2: > new m1 A1 ABC buy 10 @ 10.00",
        "  expected  < accepted A2",
        "  actual    < accepted A1",
        f"{path}: 1 commands, 1 differences",
    ]


def test_the_worst_file_decides_and_all_are_run(tmp_path: Path) -> None:
    files = [story(tmp_path, text, f"{at}.txt") for at, text in enumerate([DIFFERS, MALFORMED])]
    files.append(story(tmp_path, HOLDS, "2.txt"))
    result = exchange(*files)

    assert result.exit_code == 2
    assert "1 differences" in result.stdout
    assert "all hold" in result.stdout
    assert f"exchange: {files[1]}: line 2: unknown command 'buy'" in result.stderr


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"\xff\xfe", "not a text in UTF-8 (byte 0)"), (b"", "the file holds no statement")],
)
def test_what_is_no_scenario(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "story.txt"
    path.write_bytes(content)
    result = exchange(path)

    assert result.exit_code == 2
    assert says in result.stderr


def test_what_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.txt"):
        result = exchange(path)

        assert result.exit_code == 2
        assert f"exchange: {path}: cannot be read: " in result.stderr


@pytest.mark.skipif("native" in BUILT_ENGINES, reason="a native engine is built")
@pytest.mark.parametrize("engine", ["native", "both"])
def test_an_engine_that_is_not_built_is_named(tmp_path: Path, engine: str) -> None:
    result = exchange("--engine", engine, story(tmp_path, HOLDS))

    assert result.exit_code == 2
    assert f"--engine {engine}: no native engine is built in this installation" in result.stderr


def test_rewrite_writes_the_file_and_keeps_its_mode(tmp_path: Path) -> None:
    path = story(tmp_path, DIFFERS)
    path.chmod(0o640)
    result = exchange("--rewrite", path)

    assert result.exit_code == 0
    assert result.output.endswith(f"{path}: 1 differences written into the file\n")
    assert path.read_text() == HOLDS
    assert path.stat().st_mode & 0o777 == 0o640
    assert [found.name for found in tmp_path.iterdir()] == ["story.txt"]


def test_rewrite_leaves_a_malformed_file_alone(tmp_path: Path) -> None:
    text = DIFFERS + "> buy\n"
    path = story(tmp_path, text)

    assert exchange("--rewrite", path).exit_code == 2
    assert path.read_text() == text


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = story(tmp_path, "\ufeff" + HOLDS.replace("\n", "\r\n"))

    assert exchange(path).exit_code == 0


def test_a_broken_engine_is_not_a_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_engine: ReferenceEngine, _entry: bytes) -> bytes:
        raise InvariantViolation("book_not_crossed", instrument_id=1)

    monkeypatch.setattr(ReferenceEngine, "apply", broken)
    result = exchange(story(tmp_path, HOLDS))

    assert result.exit_code == 70
    assert "invariant book_not_crossed is broken" in result.stderr


def test_the_command_itself(tmp_path: Path) -> None:
    """Once as a process, as a person runs it."""
    command = [sys.executable, "-m", "cli.exchange", "scenario", "run"]
    files = [str(story(tmp_path, HOLDS)), "tests/scenarios/r4_3_fok_market_order.txt"]
    done = subprocess.run(
        [*command, *files], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("all hold") == 2
