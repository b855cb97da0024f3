"""The C++ sources are clean under the compiler's strictest warnings."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from exchange.engine.native import generate

STRICT = ("-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror")
ROOT = Path(generate.__file__).parents[3]
ENGINE = ROOT / "exchange/engine/native/src"


@pytest.mark.skipif(shutil.which("g++") is None, reason="no g++ is installed")
@pytest.mark.parametrize("room", ["engine", "gateway", "model"])
def test_no_warning_of_the_strictest_kind(room: str) -> None:
    sources = ROOT / "exchange" / room / "native/src"
    done = subprocess.run(
        [
            "g++",
            "-std=c++20",
            "-fsyntax-only",
            *STRICT,
            "-isystem",
            sysconfig.get_paths()["include"],
            f"-I{sources}",
            f"-I{ENGINE}",
            sources / "module.cpp",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[:4000]
