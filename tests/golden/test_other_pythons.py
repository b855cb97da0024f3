"""R11.4: the golden digests come out under every Python and every hash seed, not only this one.

Interpreters are those that `LOCKSTEP_PYTHONS` names (paths, joined as in PATH), and `python3.12`,
`python3.13`, ... where they are found. One without the engine's four libraries is skipped, and the
reason says which.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.golden.test_golden_session import NAMES, SESSIONS, Expected

ROOT = Path(__file__).parents[2]
NEEDED = "google_crc32c, msgspec, sortedcontainers, xxhash"
COMMANDS = ("python3.11", "python3.12", "python3.13", "python3.14")
REPLAY = """
import sys
from pathlib import Path
from exchange.engine.reference.engine import ReferenceEngine
from tests.golden.golden_file import read_log
engine = ReferenceEngine()
for entry in read_log(Path(sys.argv[1])):
    engine.apply(entry)
print(engine.applied_index, engine.events_digest().hex(), engine.digest().hex())
"""


def interpreters() -> list[str]:
    """This Python, and others that this machine has."""
    named = [path for path in os.environ.get("LOCKSTEP_PYTHONS", "").split(os.pathsep) if path]
    found = [path for name in COMMANDS if (path := shutil.which(name)) and "shims" not in path]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    versions = sorted(str(path) for path in pyenv.glob("3.1[1-9]*/bin/python"))
    every = [sys.executable, *named, *found, *versions]
    return list(dict.fromkeys(every))


@pytest.mark.parametrize("python", interpreters())
def test_the_golden_session_has_its_digest_under(python: str) -> None:
    probe = subprocess.run(
        [python, "-c", f"import {NEEDED}"], capture_output=True, text=True, check=False
    )
    if probe.returncode:
        pytest.skip(f"{python}: {probe.stderr.strip().splitlines()[-1]}")
    for name in NAMES:
        raw = (SESSIONS / f"{name}.json").read_bytes()
        last = msgspec.json.decode(raw, type=Expected).checkpoints[-1]
        expected = f"{last.log_index} {last.events_digest} {last.state_digest}\n"
        told = {_replayed(python, name, hash_seed) for hash_seed in ("0", "1", "4242")}
        assert told == {expected}


def _replayed(python: str, name: str, hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    command = [python, "-c", REPLAY, str(SESSIONS / f"{name}.log")]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout
