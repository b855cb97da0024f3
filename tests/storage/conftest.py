"""A data directory with some of everything in it, and copies of it to damage."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from storage.data_directory import DataDirectory
from storage.event_layout import EventBatchRecord
from storage.snapshot_layout import CHUNK_BYTES


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with some of everything, closed."""
    path = tmp_path_factory.mktemp("sound") / "data"
    with DataDirectory.open(path, create=True, cluster_id="alpha") as directory:
        journal = directory.journal
        for first in range(1, 300, 20):
            journal.append([(index, b"<entry %d>" % index) for index in range(first, first + 20)])
        journal.append([(300 + 1, b"<long>" + bytes(20_000) + b"<tail>")])
        journal.append([(300 + 2, b"to be removed")])
        journal.truncate_suffix(300 + 2, directory.quarantine_path, "replaced")
        journal.delete_prefix(10)
        directory.meta.put_many({"epoch": b"<epoch value>", "node": b"<node value>"})
        filler = bytes(CHUNK_BYTES - len(b"<first chunk>"))
        for index in (100, 200):
            directory.snapshots.write(
                log_index=index,
                chain_digest=journal.chain_digest(index),
                state_digest=b"<state %d>" % index,
                next_event_seq=index,
                payload=b"<first chunk>" + filler + b"<second chunk>" + b"%d" % index,
                engine=f"<engine {index}>",
            )
        for seq in range(1, 60):
            index_records = [(b"<key %d>" % seq, b"<value %d>" % seq)]
            batch = EventBatchRecord(seq, seq, seq, b"<batch %d>" % seq, index_records)
            directory.events.append([batch])
    return path


@pytest.fixture
def damaged(sound: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "data"
    shutil.copytree(sound, copy)
    return copy
