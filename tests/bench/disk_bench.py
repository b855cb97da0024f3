"""The disk alone: a bare flush, a bare LMDB commit, and what our journal adds to it.

All three write the same bytes to the same file system, in turns, so that what else the machine does
falls on all of them.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable
from pathlib import Path

import lmdb

from storage.data_directory import DataDirectory
from tests.bench.figures import Report

ENTRY_BYTES = 200
MAP_BYTES = 1 << 30


def bench_disk(report: Report, directory: Path, *, quick: bool) -> None:
    """`disk.*`: fdatasync, LMDB commit, `journal.append`, of 1 and of 100 entries of 200 bytes."""
    rounds = 200 if quick else 1_000
    for count in (1, 100):
        writers = _writers(directory / f"disk-{count}", count)
        samples: dict[str, list[int]] = {name: [] for name in writers}
        for _ in range(rounds):
            for name, write in writers.items():
                began = time.perf_counter_ns()
                write()
                samples[name].append(time.perf_counter_ns() - began)
        for name, values in samples.items():
            report.latency(f"disk.{name}.n{count}", values, f"{count} x {ENTRY_BYTES} bytes")
        own, bare = (
            report.of(f"disk.{name}.n{count}.p50_us") for name in ("journal_append", "lmdb_commit")
        )
        if own and bare:
            report.value(f"disk.journal_append.n{count}.over_lmdb", [own / bare], "ratio")


def _writers(directory: Path, count: int) -> dict[str, Callable[[], None]]:
    directory.mkdir(parents=True)
    entry = os.urandom(ENTRY_BYTES)
    descriptor = os.open(directory / "bare", os.O_CREAT | os.O_WRONLY)
    data = DataDirectory.open(
        directory / "data", create=True, cluster_id="bench", log_map_bytes=MAP_BYTES
    )

    def flush() -> None:
        os.write(descriptor, entry * count)
        os.fdatasync(descriptor)

    def append() -> None:
        last = data.journal.last_index
        data.journal.append([(last + 1 + n, entry) for n in range(count)])

    commit = bare_commit(directory / "lmdb", count)
    return {"fdatasync": flush, "lmdb_commit": commit, "journal_append": append}


def bare_commit(directory: Path, count: int) -> Callable[[], None]:
    """Commits `count` entries to an LMDB environment of its own, flushed, each time it is called.

    Args:
        directory: made for it.
        count: records of ENTRY_BYTES in one transaction.
    """
    directory.mkdir(parents=True)
    env = lmdb.Environment(str(directory), map_size=MAP_BYTES, max_dbs=1)
    db = env.open_db(b"log")
    keys = itertools.count(1)
    entry = os.urandom(ENTRY_BYTES)

    def commit() -> None:
        with env.begin(write=True) as txn:
            for _ in range(count):
                txn.put(next(keys).to_bytes(8, "big"), entry, append=True, db=db)

    return commit
