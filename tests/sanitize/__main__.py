"""`python -m tests.sanitize` (`make sanitize`): the native tests on extensions watching themselves.

    python -m tests.sanitize                  all native tests, golden sessions, some fuzz
    python -m tests.sanitize PYTEST-ARGUMENT  something else, `-k capture` for one

Room: the sources are copied to `build/sanitize`, the extensions built there with AddressSanitizer,
UBSan and the assertions of libstdc++ (`setup.py`, SANITIZED), and pytest run there with the
sanitizers' libraries loaded before Python. What one of them finds ends the run with its report.
Leaks are not looked for: CPython leaves at its end what it no longer needs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

TREE = Path("build/sanitize")
COPIED = ("chaos", "cli", "exchange", "replication", "storage", "tests")
SINGLE = ("pyproject.toml", "setup.py", "README.md", "LICENSE")
TESTS = (
    "tests/exchange/engine/native",
    "tests/exchange/gateway/native",
    "tests/exchange/model/test_event_scan.py",
    "tests/golden/test_golden_session.py",
)
LEFT_OUT = (
    "tests/exchange/engine/native/test_layouts.py",
    "tests/exchange/engine/native/test_warnings.py",
)
"""About sources, not about what they do."""

LIBRARIES = ("libasan.so", "libubsan.so", "libstdc++.so")
COMMANDS = "50000"


def main(arguments: list[str]) -> int:
    """Build, run; the exit status."""
    compiler = shutil.which("g++")
    if compiler is None:
        print("make sanitize needs g++ with its sanitizers: apt install g++")
        return 2
    began = time.monotonic()
    copy_tree()
    build()
    print(f"built in {TREE}: {time.monotonic() - began:.0f} s", flush=True)
    began = time.monotonic()
    chosen = arguments or [*TESTS, *(f"--deselect={name}" for name in LEFT_OUT)]
    status = run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *chosen], compiler
    )
    what = "nothing was found" if status == 0 else f"pytest ended with {status}"
    print(f"AddressSanitizer, UBSan, libstdc++: {what}; {time.monotonic() - began:.0f} s")
    return status


def copy_tree() -> None:
    """The sources as they are, without extensions that were built before."""
    for name in COPIED:
        shutil.copytree(
            name,
            TREE / name,
            ignore=shutil.ignore_patterns("*.so", "__pycache__"),
            dirs_exist_ok=True,
        )
    for name in SINGLE:
        shutil.copy2(name, TREE / name)


def build() -> None:
    """Build the extensions in the copy; only what changed."""
    subprocess.run(
        [sys.executable, "setup.py", "-q", "build_ext", "--inplace"],
        cwd=TREE,
        env=os.environ | {"LOCKSTEP_SANITIZE": "1"},
        check=True,
    )


def run(command: list[str], compiler: str) -> int:
    """Run a command in the copy with the sanitizers' libraries; its exit status."""
    found = [
        subprocess.run(
            [compiler, f"-print-file-name={name}"], capture_output=True, text=True, check=True
        ).stdout.strip()
        for name in LIBRARIES
    ]
    settings = {
        "LD_PRELOAD": " ".join(found),
        "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1:handle_abort=1",
        "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
        "PYTHONPATH": ".",
        "LOCKSTEP_FUZZ_COMMANDS": os.environ.get("LOCKSTEP_FUZZ_COMMANDS", COMMANDS),
    }
    return subprocess.run(command, cwd=TREE, env=os.environ | settings, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
