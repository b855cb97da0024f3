"""The process of a node: exit statuses, and fail-stop (DESIGN 7). Each test starts a process."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

from exchange.fail_stop import EXIT_FAULT
from exchange.node import EXIT_OK, EXIT_REFUSED
from storage.data_directory import DataDirectory

START = """
import sys
from pathlib import Path
from exchange import node
from exchange.config import NodeConfig
from exchange.model.codec import encode_command
from exchange.model.command import CreateMember

def on_started(running):
    print("serves", flush=True)
{after}

sys.exit(node.serve(NodeConfig(
    data_dir=sys.argv[1], listen="127.0.0.1:0", engine="reference"
), on_started))
"""

SUBMIT_ON_A_FULL_DISK = """
    from storage.errors import DiskFaultError
    from storage.journal import LmdbJournal
    def append(self, entries):
        raise DiskFaultError(Path("data.mdb"), "No space left on device")
    LmdbJournal.append = append
    import asyncio
    asyncio.ensure_future(running.core.submit(encode_command(CreateMember("m1", "r", "op")), 1))
"""

BREAK_AN_INVARIANT = """
    from exchange.engine.reference.engine import ReferenceEngine
    from exchange.errors import InvariantViolation
    def apply(self, entry):
        raise InvariantViolation("BOOK_CROSSED", instrument_id=7)
    ReferenceEngine.apply = apply
    import asyncio
    asyncio.ensure_future(running.core.submit(encode_command(CreateMember("m1", "r", "op")), 1))
"""


def start(data: Path, after: str = "") -> subprocess.Popen[str]:
    code = START.format(after=after or textwrap.indent("pass", "    "))
    return subprocess.Popen(
        [sys.executable, "-c", code, str(data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_it_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    process = start(tmp_path / "data")
    assert process.stdout is not None
    assert process.stdout.readline() == "serves\n"
    process.send_signal(signal.SIGTERM)
    assert finish(process)[0] == EXIT_OK
    assert not list((tmp_path / "data").glob("fault-*"))


def test_a_refused_start_says_why_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    status, out, err = finish(start(tmp_path))
    assert (status, out) == (EXIT_REFUSED, "")
    assert err.startswith(f"exchange: {tmp_path}")
    assert "Traceback" not in err


def test_a_log_that_cannot_be_applied_is_refused_as_a_fault(tmp_path: Path) -> None:
    with DataDirectory.open(tmp_path / "data", create=True, cluster_id="c") as data:
        data.journal.append([(1, b"not an entry")])
    status, out, err = finish(start(tmp_path / "data"))
    assert (status, out) == (EXIT_FAULT, "")
    assert "LOG_ENTRY_NOT_APPLICABLE" in err
    assert "Traceback" not in err


def test_a_disk_fault_stops_the_process_and_is_written_down(tmp_path: Path) -> None:
    status, out, err = finish(start(tmp_path / "data", SUBMIT_ON_A_FULL_DISK))
    assert (status, out) == (EXIT_FAULT, "serves\n")
    (note,) = (tmp_path / "data").glob("fault-*.txt")
    text = note.read_text()
    assert text in err
    assert "node n1 stopped itself" in text
    assert "epoch 1, applied 1" in text
    assert "No space left on device" in text


def test_a_broken_invariant_stops_the_process_and_the_log_keeps_the_entry(tmp_path: Path) -> None:
    status, _, err = finish(start(tmp_path / "data", BREAK_AN_INVARIANT))
    assert status == EXIT_FAULT
    assert "BOOK_CROSSED" in err
    with DataDirectory.open(tmp_path / "data", create=False) as data:
        assert data.journal.last_index == 2  # durable before it was applied
    process = start(tmp_path / "data")  # and with the invariant whole again it is applied
    assert process.stdout is not None
    assert process.stdout.readline() == "serves\n"
    process.send_signal(signal.SIGINT)
    assert finish(process)[0] == EXIT_OK
