"""Small durable facts of a node: identity, generation, promised epoch and their like.

Room: named byte values in the log environment, each sealed with a CRC32C that also covers its
name. It must not know what they mean. Threads: `put_many` belongs to the log's writer thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from storage.env import LmdbEnv
from storage.format import seal, unseal

DATABASE: Final = "meta"

KEY_BYTES_MAX: Final = 200
"""Longest name, UTF-8 bytes; LMDB's own bound is 511."""

VALUE_BYTES_MAX: Final = 64 * 1024
"""Longest value; facts are small, larger things are snapshots."""


class LmdbMeta:
    """Facts in LMDB; see the module docstring."""

    def __init__(self, env: LmdbEnv) -> None:
        """Use the log environment, opened with the database "meta"."""
        self._env = env
        self._db = env.database(DATABASE)

    def get(self, key: str) -> bytes | None:
        """Return the value, or None when it was never put. Raises CorruptionError."""
        encoded = encode_key(key)
        with self._env.read() as txn:
            record = txn.get(encoded, db=self._db)
        if record is None:
            return None
        return unseal(DATABASE, encoded, record, file=self._env.file, name=f"key {key!r}")

    def put_many(self, values: Mapping[str, bytes]) -> None:
        """Put all values in one transaction; all are durable on return, or none is there.

        Raises:
            ValueError: a name or value is out of bounds; nothing is written.
            DiskFaultError: the commit failed; the process must stop.
        """
        records = [(key, seal(DATABASE, key, body)) for key, body in encode_values(values)]
        if not records:
            return
        with self._env.write() as txn:
            for key, record in records:
                txn.put(key, record, db=self._db)


def encode_values(values: Mapping[str, bytes]) -> list[tuple[bytes, bytes]]:
    """Check names and values and return them as (key, body), in the order given."""
    checked: list[tuple[bytes, bytes]] = []
    for key, value in values.items():
        if len(value) > VALUE_BYTES_MAX:
            raise ValueError(f"meta {key!r}: {len(value)} bytes exceed {VALUE_BYTES_MAX}")
        checked.append((encode_key(key), bytes(value)))
    return checked


def encode_key(key: str) -> bytes:
    """Return the UTF-8 of a name of 1 to KEY_BYTES_MAX bytes. Raises ValueError."""
    encoded = key.encode()
    if not 0 < len(encoded) <= KEY_BYTES_MAX:
        raise ValueError(f"a meta key has 1 to {KEY_BYTES_MAX} bytes, not {len(encoded)}")
    return encoded
