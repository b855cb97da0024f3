"""The check of every entry of the log: bytes, place, chain, and that its key finds it.

Room: one pass over the database `log` for `storage.verify_content`; goes on after a fault, so that
all damaged entries are named. Works beside a running node: read transactions are short, and what
the node drops from either end meanwhile is not a fault.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import lmdb

from storage.env import LmdbEnv
from storage.errors import CorruptionError, StorageError
from storage.format import corruption, decode_log_record, key_u64, next_chain_digest, u64_key
from storage.journal import DATABASE, read_base

_SLICE_ENTRIES: Final = 4096


@dataclass(slots=True)
class _Walk:
    """How far the walk is: next index, and chain digest before it (None after damage)."""

    next_index: int
    digest: bytes | None
    checked: int = 0


def check_log(
    env: LmdbEnv,
    fault: Callable[[StorageError], None],
    fact: Callable[[str, int | str], None],
    progress: Callable[[int, int], None],
) -> None:
    """Check the log; report the facts log_first, log_last, log_entries and last_chain_digest.

    Raises:
        CorruptionError: the base record is damaged, so nothing can be checked against it.
    """
    db = env.database(DATABASE)
    with env.read() as txn:
        base, digest = read_base(env, txn)
        last = _last(txn, db, base)
        stored = txn.stat(db)["entries"] - (1 if base else 0)
    if stored != last - base:
        what = f"{stored} entries are stored for indexes {base + 1}..{last}"
        fault(corruption(env.file, DATABASE, "", what))
    walk = _Walk(base + 1, digest)
    while walk.next_index <= last:
        with env.read() as txn:
            base, digest = read_base(env, txn)
            if base >= walk.next_index:  # the node dropped a prefix meanwhile
                walk.next_index, walk.digest = base + 1, digest
            end = min(last, _last(txn, db, base), walk.next_index + _SLICE_ENTRIES - 1)
            if walk.next_index > end:
                break  # the node removed the tail meanwhile
            _check_slice(env, txn, walk, end, fault)
        progress(walk.checked, stored)
    fact("log_first", base + 1)
    fact("log_last", last)
    fact("log_entries", walk.checked)
    fact("last_chain_digest", (walk.digest or b"").hex())


def _check_slice(
    env: LmdbEnv,
    txn: lmdb.Transaction[bytes],
    walk: _Walk,
    end: int,
    fault: Callable[[StorageError], None],
) -> None:
    db = env.database(DATABASE)
    cursor = txn.cursor(db)
    found = cursor.set_range(u64_key(walk.next_index))
    while walk.next_index <= end:
        index = walk.next_index
        there = key_u64(cursor.key()) if found else end + 1
        if there > index:
            what = f"entries {index}..{min(there, end + 1) - 1} are missing"
            fault(corruption(env.file, DATABASE, f"index {index}", what))
            walk.next_index, walk.digest = there, None
            continue
        record = cursor.value()
        if txn.get(u64_key(index), db=db) != record:
            what = "the entry is in the database but not found by its key"
            fault(corruption(env.file, DATABASE, f"index {index}", what))
        walk.digest = _check_record(env, walk.digest, index, record, fault)
        walk.checked += 1
        walk.next_index += 1
        found = cursor.next()


def _check_record(
    env: LmdbEnv,
    digest: bytes | None,
    index: int,
    record: bytes,
    fault: Callable[[StorageError], None],
) -> bytes | None:
    """Check one record and return the chain digest after it; None when it is damaged."""
    try:
        stored, entry = decode_log_record(record, index, env.file)
    except CorruptionError as error:
        fault(error)
        return None
    expected = stored if digest is None else next_chain_digest(digest, entry)
    if stored != expected:
        what = f"chain digest is {stored.hex()}, the entries give {expected.hex()}"
        fault(corruption(env.file, DATABASE, f"index {index}", what))
    return stored


def _last(txn: lmdb.Transaction[bytes], db: lmdb._Database, base: int) -> int:
    cursor = txn.cursor(db)
    return max(key_u64(cursor.key()), base) if cursor.last() else base
