"""kill -9 at any moment: what was acknowledged is there, once, in order, and nothing half.

A killed process loses no page cache, so this proves the order of writes and the atomicity of a
commit, not the flush itself; the flush is LMDB's `sync=True` (storage.env).
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from storage.data_directory import DataDirectory
from storage.event_layout import EventBatchRecord
from storage.verify import verify

ROOT = Path(__file__).resolve().parents[2]

APPEND = """
import sys
from pathlib import Path
from storage.data_directory import DataDirectory
from storage.event_layout import EventBatchRecord
directory = DataDirectory.open(Path(sys.argv[1]), create=True)
journal, events = directory.journal, directory.events
while True:
    first = journal.last_index + 1
    indexes = range(first, first + first % 5 + 1)
    batch = [(index, b"%d;" % index * (index % 40)) for index in indexes]
    journal.append(batch)
    print("log", journal.last_index, flush=True)
    events.append([EventBatchRecord(index, index, index, entry, [(b"k%d" % index, entry)])
                   for index, entry in batch])
    print("events", events.last_seq, flush=True)
    if first % 7 == 0:
        journal.delete_prefix(max(1, first - 50))
        events.delete_before(first - 50)
        print("first", journal.first_index, flush=True)
    if first % 11 == 0:
        directory.meta.put_many({"epoch": b"%d" % first})
        print("epoch", first, flush=True)
"""

SNAPSHOT = """
import sys
from pathlib import Path
from storage.data_directory import DataDirectory
directory = DataDirectory.open(Path(sys.argv[1]), create=True)
for index in range(len(directory.snapshots.list()) + 1, 10000):
    directory.snapshots.write(
        log_index=index, chain_digest=bytes(16), state_digest=b"", next_event_seq=index,
        payload=index.to_bytes(4, "big") * (1 << 20), engine="reference")
    print("snapshot", index, flush=True)
"""


def run_and_kill(script: str, path: Path, lines: int, extra_s: float) -> dict[str, int]:
    """Run a script until it printed some lines, then kill it a moment later; what it last said."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    said: dict[str, int] = {}
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        for _ in range(lines):
            noun, number = child.stdout.readline().split()
            said[noun] = int(number)
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(extra_s)
        child.kill()
        for line in child.stdout:
            if line.endswith("\n"):
                noun, number = line.split()
                said[noun] = int(number)
    return said


def test_every_acknowledged_entry_survives_a_kill(tmp_path: Path, seed: int) -> None:
    """DESIGN I1, I8: acknowledged is in every later log; recovery is a prefix, nothing half."""
    chance = random.Random(seed)
    path = tmp_path / "data"
    for _ in range(8):
        said = run_and_kill(APPEND, path, chance.randint(1, 400), chance.uniform(0.001, 0.01))
        report = verify(path)
        assert report.faults == ()
        with DataDirectory.open(path, create=False) as directory:
            journal, events = directory.journal, directory.events
            assert journal.last_index >= said.get("log", 0)
            assert journal.first_index >= said.get("first", 1)
            for index, entry in journal.scan(journal.first_index):
                assert entry == b"%d;" % index * (index % 40)
            assert said.get("events", 0) <= events.last_seq <= journal.last_index
            assert int(directory.meta.get("epoch") or b"0") >= said.get("epoch", 0)
            directory.events.append(  # the replay of a restart: compared, and brought up
                [
                    EventBatchRecord(index, index, index, entry, [(b"k%d" % index, entry)])
                    for index, entry in journal.scan(journal.first_index)
                ]
            )
            assert events.last_seq == journal.last_index


def test_a_snapshot_cut_off_by_a_kill_does_not_exist(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    path = tmp_path / "data"
    for _ in range(4):
        said = run_and_kill(SNAPSHOT, path, chance.randint(1, 4), chance.uniform(0.001, 0.02))
        assert verify(path).faults == ()
        with DataDirectory.open(path, create=False) as directory:
            kept = directory.snapshots.list()
            assert [info.log_index for info in kept] == list(range(len(kept), 0, -1))
            assert len(kept) >= said["snapshot"]
            found, refused = directory.snapshots.newest_verified()
            assert found is not None
            assert refused == []
            assert found[1] == found[0].log_index.to_bytes(4, "big") * (1 << 20)
        assert verify(path).notes == ()  # opening swept what the kill left
