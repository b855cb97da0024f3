"""What the journal adds to a bare LMDB commit, side by side, and how fast it is read and checked.

A small size of the measurement runs always.

Regime: closed loop, one thread, 200-byte entries, same disk, commits alternate between the two.
Machine: any; compare only figures of one run. Unit: microseconds a commit.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import lmdb
import pytest

from storage.data_directory import DataDirectory
from storage.verify import verify

ENTRY = bytes(200)


def percentiles(samples: list[float]) -> tuple[int, int]:
    """p50 and p99 in whole microseconds."""
    ordered = sorted(samples)
    return round(ordered[len(ordered) // 2] * 1e6), round(ordered[len(ordered) * 99 // 100] * 1e6)


def alternate(rounds: int, *bodies: Callable[[], None]) -> list[list[float]]:
    """Run the bodies in turn, `rounds` times, and return the seconds of each."""
    samples: list[list[float]] = [[] for _ in bodies]
    for _ in range(rounds):
        for body, taken in zip(bodies, samples, strict=True):
            start = time.perf_counter()
            body()
            taken.append(time.perf_counter() - start)
    return samples


def measure(path: Path, rounds: int, entries: int) -> tuple[list[float], list[float], int]:
    """Time bare commits and appends; return both, and the last index of the journal."""
    (path / "bare").mkdir()
    bare = lmdb.open(str(path / "bare"), map_size=1 << 32, max_dbs=1)
    db = bare.open_db(b"log")
    written = 0
    with DataDirectory.open(path / "ours", create=True) as directory:
        journal = directory.journal

        def commit() -> None:
            nonlocal written
            with bare.begin(write=True) as txn:
                for _ in range(entries):
                    written += 1
                    txn.put(written.to_bytes(8, "big"), ENTRY, append=True, db=db)

        def append() -> None:
            first = journal.last_index + 1
            journal.append([(index, ENTRY) for index in range(first, first + entries)])

        commits, appends = alternate(rounds, commit, append)
        last_index = journal.last_index
    bare.close()
    return commits, appends, last_index


@pytest.mark.parametrize("entries", [1, 100])
def test_the_measurement_runs_and_writes_every_entry(tmp_path: Path, entries: int) -> None:
    commits, appends, last_index = measure(tmp_path, 20, entries)
    assert last_index == 20 * entries
    assert len(commits) == len(appends) == 20


@pytest.mark.bench
@pytest.mark.parametrize("entries", [1, 100])
def test_an_append_costs_little_more_than_its_commit(
    tmp_path: Path, entries: int, capsys: pytest.CaptureFixture[str]
) -> None:
    commits, appends, _ = measure(tmp_path, 1500, entries)
    (bare_p50, bare_p99), (ours_p50, ours_p99) = percentiles(commits), percentiles(appends)
    with capsys.disabled():
        line = f"bare {bare_p50}/{bare_p99} us, append {ours_p50}/{ours_p99} us (p50/p99)"
        print(f"\n{entries} x {len(ENTRY)} bytes: {line}")  # noqa: T201 - the table
    assert ours_p50 < 2 * bare_p50


@pytest.mark.bench
def test_a_log_is_opened_scanned_and_verified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, entries = tmp_path / "data", 300_000
    with DataDirectory.open(path, create=True) as directory:
        for first in range(1, entries, 1000):
            directory.journal.append([(first + at, ENTRY) for at in range(1000)])
        directory.snapshots.write(
            log_index=entries,
            chain_digest=directory.journal.last_chain_digest,
            state_digest=b"",
            next_event_seq=1,
            payload=bytes(100 << 20),
            engine="none",
        )
    times = [time.perf_counter()]
    directory = DataDirectory.open(path, create=False)
    times.append(time.perf_counter())
    scanned = sum(1 for _ in directory.journal.scan(1))
    times.append(time.perf_counter())
    directory.close()
    report = verify(path)
    times.append(time.perf_counter())
    with capsys.disabled():
        opening, scan, check = (end - begin for begin, end in pairwise(times))
        line = f"open {opening * 1e3:.1f} ms, scan {entries / scan:,.0f}/s, verify {check:.2f} s"
        print(f"\n{entries} entries, 100 MiB snapshot: {line}")  # noqa: T201 - the table
    assert scanned == report.facts["log_entries"] == entries
    assert report.ok
