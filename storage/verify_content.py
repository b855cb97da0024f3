"""The stages of an offline check: what is looked at, and how each fault is named.

Room: reads a data directory without changing it, also while a node runs, and reports faults; it
decides nothing and repairs nothing. Damage never raises here. `storage.verify` runs these stages
in a child process. Structure comes before content: a file whose pages do not fit each other is
not handed to LMDB.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import lmdb

from storage import events, meta, snapshots
from storage.commit_mark import MARK_FILE, read_mark
from storage.data_directory import INDEX_DATABASES, LOG_DATABASES, environment_paths
from storage.env import LmdbEnv, check_soundness, open_environment
from storage.errors import CorruptionError, EntryNotFoundError, StorageError
from storage.event_layout import decode_batch, decode_index
from storage.format import key_u64, unseal
from storage.lock import is_held
from storage.marker import MARKER_FILE, read_marker
from storage.pages import DATA_FILE, structure_faults
from storage.quarantine import SUFFIX, read_quarantine
from storage.snapshots import LmdbSnapshotStore, orphan_chunk_indexes
from storage.verify_log import check_log

STAGES: Final = (
    "directory",
    "log structure",
    "log content",
    "index structure",
    "snapshots",
    "events",
    "quarantine",
)
"""Names of the stages, in the order in which they run."""

NEEDS: Final = {
    "log content": "log structure",
    "snapshots": "index structure",
    "events": "index structure",
}
"""Stages that run only when the stage named found nothing."""

_RESTORE: Final = (
    "Restore the data directory from a copy, or empty it and let the node catch up from its peer."
)
_PROGRESS_EVERY: Final = 10_000
_BATCHES_PER_READ: Final = 512


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: where (file or environment, database, key), what differs, what to do."""

    file: str
    database: str
    key: str
    what: str
    action: str

    def __str__(self) -> str:
        where = " ".join(part for part in (self.database, self.key) if part)
        return f"{self.file}{f' [{where}]' if where else ''}: {self.what}. {self.action}"


class Findings:
    """Where the stages report to: faults, notes, facts and progress, as they come."""

    def __init__(self, emit: Callable[[dict[str, object]], None]) -> None:
        """Pass each report on to `emit`, one dictionary with a single key."""
        self._emit = emit

    def fault(self, error: StorageError | Fault) -> None:
        """Report damage."""
        if isinstance(error, CorruptionError):
            fault = Fault(error.file, error.database, error.key, error.what, error.action)
        elif isinstance(error, Fault):
            fault = error
        else:
            fault = Fault("", "", "", str(error), "")
        self._emit({"fault": asdict(fault)})

    def note(self, text: str) -> None:
        """Report something that is worth knowing and no damage."""
        self._emit({"note": text})

    def fact(self, name: str, value: int | str) -> None:
        """Report a number or text of the report, by its name there."""
        self._emit({"fact": [name, value]})

    def progress(self, done: int, total: int) -> None:
        """Report how much of the stage is done."""
        self._emit({"progress": [done, total]})


def run_stage(path: Path, stage: str, findings: Findings) -> None:
    """Run one of STAGES on the data directory `path`. Raises OSError when it cannot be read."""
    log, index, quarantine = environment_paths(path)
    try:
        match stage:
            case "directory":
                _check_directory(path, findings)
            case "log structure":
                _check_structure(path, log, findings)
            case "index structure":
                _check_structure(path, index, findings)
            case "log content":
                with _opened(log, LOG_DATABASES) as env:
                    check_log(env, findings.fault, findings.fact, findings.progress)
                    _check_meta(env, findings)
            case "snapshots":
                with _opened(index, INDEX_DATABASES) as env:
                    _check_snapshots(env, findings)
            case "events":
                with _opened(index, INDEX_DATABASES) as env:
                    _check_events(env, findings)
                    _check_index(env, findings)
            case "quarantine":
                _check_quarantine(quarantine, findings)
            case _:
                raise ValueError(f"there is no stage {stage!r}")
    except StorageError as error:
        findings.fault(error)


def _check_directory(path: Path, findings: Findings) -> None:
    if read_marker(path) is None:
        file = str(path / MARKER_FILE)
        what = "the marker file is missing"
        findings.fault(Fault(file, "", "", what, "Restore it from a copy of this directory."))
    for environment in environment_paths(path)[:2]:
        try:
            if read_mark(environment) is None:
                findings.note(f"{environment / MARK_FILE} is missing; the next start writes it")
        except CorruptionError as error:
            findings.fault(error)


def _check_structure(path: Path, environment: Path, findings: Findings) -> None:
    live = is_held(path)
    check_soundness(environment, live=live)
    if live:
        # A node writes meanwhile: a read transaction keeps the pages that are walked in place.
        names = LOG_DATABASES if environment.name == "log" else INDEX_DATABASES
        with _opened(environment, names) as env, env.read():
            faults = structure_faults(environment)
    else:
        faults = structure_faults(environment)
    for what in faults:
        findings.fault(Fault(str(environment / DATA_FILE), "", "LMDB pages", what, _RESTORE))


def _check_meta(env: LmdbEnv, findings: Findings) -> None:
    with env.read() as txn:
        for key, record in txn.cursor(env.database(meta.DATABASE)):
            name = f"key {key.decode(errors='backslashreplace')!r}"
            try:
                unseal(meta.DATABASE, key, record, file=env.file, name=name)
            except CorruptionError as error:
                findings.fault(error)


def _check_snapshots(env: LmdbEnv, findings: Findings) -> None:
    manifests = env.database(snapshots.DATABASE)
    with env.read() as txn:
        keys = list(txn.cursor(manifests).iternext(keys=True, values=False))
        orphans = orphan_chunk_indexes(txn, manifests, env.database(snapshots.CHUNK_DATABASE))
    store = LmdbSnapshotStore(env, sweep=False)
    for done, key in enumerate(keys):
        try:
            store.read(key_u64(key))
        except CorruptionError as error:
            findings.fault(error)
        except EntryNotFoundError:
            findings.note(f"snapshot at log index {key_u64(key)} was deleted during the check")
        findings.progress(done + 1, len(keys))
    for index in orphans:
        findings.note(f"snapshot at log index {index}: unfinished, the next start removes it")
    findings.fact("snapshots", len(keys))


def _check_events(env: LmdbEnv, findings: Findings) -> None:
    expected, batches, total = 0, 0, env.entries(events.DATABASE)
    for key, record, txn in _records(env, events.DATABASE):
        name = f"seq {key_u64(key)}"
        batches += 1
        if batches % _PROGRESS_EVERY == 0:
            findings.progress(batches, total)
        try:
            body = unseal(events.DATABASE, key, record, file=env.file, name=name)
            batch, names = decode_batch(body)
        except CorruptionError as error:
            findings.fault(error)
            expected = 0
            continue
        if expected and batch.first_seq != expected:
            what = f"the batches from seq {expected} on are missing before this one"
            findings.fault(Fault(env.file, events.DATABASE, name, what, _RESTORE))
        expected = batch.last_seq + 1
        index = env.database(events.INDEX_DATABASE)
        for listed in (one for one in names if txn.get(one, db=index) is None):
            key_name = f"key {listed.hex()}"
            what = f"the index record of the batch of seq {batch.first_seq} is missing"
            findings.fault(Fault(env.file, events.INDEX_DATABASE, key_name, what, _RESTORE))
    findings.fact("event_batches", batches)
    findings.fact("last_event_seq", max(expected - 1, 0))


def _check_index(env: LmdbEnv, findings: Findings) -> None:
    count = 0
    database = env.database(events.DATABASE)
    for key, record, txn in _records(env, events.INDEX_DATABASE):
        count += 1
        name = f"key {key.hex()}"
        try:
            body = unseal(events.INDEX_DATABASE, key, record, file=env.file, name=name)
        except CorruptionError as error:
            findings.fault(error)
            continue
        owner, _ = decode_index(body)
        if txn.get(owner.to_bytes(8, "big"), db=database) is None:
            what = f"the batch of seq {owner} that owns this record is missing"
            findings.fault(Fault(env.file, events.INDEX_DATABASE, name, what, _RESTORE))
    findings.fact("index_records", count)


def _check_quarantine(directory: Path, findings: Findings) -> None:
    files = sorted(directory.glob(f"*{SUFFIX}")) if directory.exists() else []
    for file in files:
        try:
            read_quarantine(file)
        except CorruptionError as error:
            findings.fault(error)
    findings.fact("quarantine_files", len(files))


def _records(env: LmdbEnv, database: str) -> Iterator[tuple[bytes, bytes, lmdb.Transaction[bytes]]]:
    """Yield all records of a database in key order, each also found again by its key.

    A read transaction lasts for some hundred records, so that a running node can reuse pages.
    """
    handle = env.database(database)
    after: bytes | None = None
    while True:
        with env.read() as txn:
            cursor = txn.cursor(handle)
            found = cursor.first() if after is None else cursor.set_range(after + b"\0")
            for _ in range(_BATCHES_PER_READ):
                if not found:
                    return
                after, record = cursor.item()
                if txn.get(after, db=handle) != record:
                    what = "the record is in the database but not found by its key"
                    raise CorruptionError(
                        env.file, database, f"key {after.hex()}", what=what, action=_RESTORE
                    )
                yield after, record, txn
                found = cursor.next()


@contextmanager
def _opened(environment: Path, databases: Sequence[str]) -> Iterator[LmdbEnv]:
    env = open_environment(environment, databases, readonly=True)
    try:
        yield env
    finally:
        env.close()
