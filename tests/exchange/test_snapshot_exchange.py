"""Snapshots between nodes: what is given away, what is installed, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange.snapshot_exchange import SnapshotExchange
from storage.data_directory import DataDirectory
from storage.quarantine import read_quarantine
from storage.snapshot_layout import CHUNK_BYTES, encode_manifest

PAYLOAD = b"the whole state " * (CHUNK_BYTES // 10)


@pytest.fixture
def giver(tmp_path: Path) -> Iterator[DataDirectory]:
    with DataDirectory.open(tmp_path / "giver", create=True) as data:
        data.journal.append([(index, b"entry %d" % index) for index in range(1, 51)], committed=50)
        yield data


@pytest.fixture
def taker(tmp_path: Path) -> Iterator[DataDirectory]:
    with DataDirectory.open(tmp_path / "taker", create=True) as data:
        data.journal.append([(index, b"entry %d" % index) for index in range(1, 6)], committed=5)
        data.journal.append([(6, b"of another"), (7, b"leadership")])
        yield data


def take_snapshot(data: DataDirectory, at: int) -> None:
    """Store a snapshot as a node does."""
    data.snapshots.write(
        log_index=at,
        chain_digest=data.journal.chain_digest(at),
        state_digest=b"s" * 16,
        next_event_seq=at * 3,
        payload=PAYLOAD,
        engine="reference",
    )


def carry(giver: DataDirectory, taker: DataDirectory) -> tuple[SnapshotExchange, int, bytes, bytes]:
    """Give the newest snapshot away chunk by chunk; what `install` needs."""
    source, target = SnapshotExchange(giver), SnapshotExchange(taker)
    facts = source.newest()
    assert facts is not None
    for chunk in range(facts.chunk_count):
        target.store_chunk(facts.log_index, chunk, source.read_chunk(facts.log_index, chunk))
    return target, facts.log_index, facts.chain_digest, facts.manifest


def test_a_node_without_snapshots_has_none_to_give(giver: DataDirectory) -> None:
    assert SnapshotExchange(giver).newest() is None
    assert SnapshotExchange(giver).read_chunk(40, 0) == b""


def test_the_log_begins_after_what_was_installed_and_a_foreign_tail_is_kept_apart(
    giver: DataDirectory, taker: DataDirectory
) -> None:
    take_snapshot(giver, 30)
    take_snapshot(giver, 40)
    target, index, digest, manifest = carry(giver, taker)
    assert index == 40
    assert target.install(index, digest, manifest, 5) == ""
    assert (taker.journal.first_index, taker.journal.last_index) == (41, 40)
    assert taker.journal.committed_index == 40
    assert taker.journal.last_chain_digest == giver.journal.chain_digest(40)
    assert taker.snapshots.read(40)[1] == PAYLOAD
    (file,) = taker.quarantine_path.iterdir()
    assert read_quarantine(file).entries == ((6, b"of another"), (7, b"leadership"))
    for entry in range(41, 51):
        taker.journal.append([(entry, giver.journal.read(entry))])
    assert taker.journal.last_chain_digest == giver.journal.last_chain_digest


def test_what_does_not_fit_changes_nothing(giver: DataDirectory, taker: DataDirectory) -> None:
    take_snapshot(giver, 40)
    target, index, digest, manifest = carry(giver, taker)
    assert "offered was 41" in target.install(index + 1, digest, manifest, 5)
    assert "manifest" in target.install(index, digest, b"?", 5)
    target.store_chunk(index, 0, b"damaged on the way")
    assert target.install(index, digest, manifest, 5) != ""
    assert (taker.journal.first_index, taker.journal.last_index) == (1, 7)
    assert taker.snapshots.newest_index == 0
    assert not list(taker.quarantine_path.iterdir())


def test_a_crash_between_snapshot_and_log_leaves_the_node_as_it_was(
    giver: DataDirectory, taker: DataDirectory
) -> None:
    take_snapshot(giver, 40)
    _, _, _, manifest = carry(giver, taker)
    taker.snapshots.adopt(manifest)
    info = giver.snapshots.list()[0]
    assert encode_manifest(info) == manifest
    found, refused = taker.snapshots.newest_verified(at_most=taker.journal.last_index)
    assert (found, refused) == (None, [])  # recovery takes the log, and asks again
