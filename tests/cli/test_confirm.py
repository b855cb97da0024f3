"""What destroys asks a person on a terminal, and Ctrl-C ends a command with 130."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time

import pytest

from tests.cli.conftest import Exctl, Up
from tests.tidy_source import ROOT

HALT = ("halt", "XYZ", "--reason", "drill")


def on_terminal(endpoint: str, typed: bytes, *arguments: str) -> tuple[int, str]:
    """Run `exctl` with a terminal as stdin and type; its exit status and stderr."""
    ours, theirs = pty.openpty()
    try:
        with subprocess.Popen(
            [sys.executable, "-m", "cli.exctl", "--endpoints", endpoint, *arguments],
            cwd=ROOT,
            stdin=theirs,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            text=True,
        ) as child:
            os.write(ours, typed)
            _, said = child.communicate(timeout=30)
    finally:
        os.close(ours)
        os.close(theirs)
    return child.returncode, said


@pytest.mark.parametrize("typed", [b"yes\n", b"\n", b"abc\n"])
def test_anything_but_the_name_is_no(up: Up, exctl: Exctl, typed: bytes) -> None:
    code, said = on_terminal(up.endpoint, typed, *HALT)

    assert code == 6
    assert "type 'XYZ' to go on" in said
    assert exctl.json("instrument", "show", "XYZ")["phase"] == "PHASE_CONTINUOUS"


def test_the_name_is_leave(up: Up, exctl: Exctl) -> None:
    code, _ = on_terminal(up.endpoint, b"XYZ\n", *HALT)

    assert code == 0
    assert exctl.json("instrument", "show", "XYZ")["phase"] == "PHASE_HALTED"
    exctl("resume", "XYZ", "--direct", "--reason", "over", "--yes")


def test_the_end_of_input_is_no_leave(up: Up, exctl: Exctl) -> None:
    code, _ = on_terminal(up.endpoint, b"\x04", *HALT)

    assert code == 130
    assert exctl.json("instrument", "show", "XYZ")["phase"] == "PHASE_CONTINUOUS"


HEEDS_CTRL_C = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from cli.exctl import main
main()
"""
"""exctl as from a terminal: what a shell starts in the background inherits SIGINT ignored."""


def test_ctrl_c_ends_a_watch_with_130(up: Up) -> None:
    command = [sys.executable, "-c", HEEDS_CTRL_C, "--endpoints", up.endpoint]
    with subprocess.Popen(
        [*command, "watch", "book", "ABC"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert "ABC" in child.stdout.readline()
        time.sleep(0.1)
        child.send_signal(signal.SIGINT)

        assert child.wait(timeout=30) == 130
