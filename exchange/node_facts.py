"""What a node of a cluster knows of itself for good: incarnation, promised epoch, generation.

Room: names and encoding of these facts in the meta store; what they mean is `replication`. An
incarnation belongs to a data directory: a new or wiped one gets another, so that nobody takes it
for the copy that was there before (RELIABILITY 5.1 rule 3).
"""

from __future__ import annotations

import secrets
from typing import Final

from exchange.errors import OperatorFault
from storage.meta import LmdbMeta

INCARNATION_KEY: Final = "incarnation"
PROMISED_KEY: Final = "promised_epoch"
GENERATION_KEY: Final = "generation"

_U64_BYTES: Final = 8


class NodeFacts:
    """The facts of one data directory.

    Args:
        meta: of the directory.
        generation: as configured.

    Raises:
        OperatorFault: the directory belongs to an older generation than the configuration says.
    """

    def __init__(self, meta: LmdbMeta, generation: int) -> None:
        self._meta = meta
        stored = self._number(GENERATION_KEY)
        if stored and stored < generation:
            raise OperatorFault(
                f"this data directory is of generation {stored}, the configuration says "
                f"cluster.generation = {generation}: the DR node was promoted meanwhile. Move the "
                "directory away and start the node with an empty one; it catches up"
            )
        incarnation = self._number(INCARNATION_KEY)
        if not incarnation:
            incarnation = secrets.randbits(62) | 1
            meta.put_many(
                {INCARNATION_KEY: _encode(incarnation), GENERATION_KEY: _encode(generation)}
            )
        self.incarnation = incarnation
        self.generation = max(stored, generation)
        self.is_promoted = stored > generation
        """A DR node that an operator promoted; its own register says so."""

    @property
    def promised(self) -> int:
        """Lowest epoch that the node listens to; 0 = it promised nothing."""
        return self._number(PROMISED_KEY)

    def promise(self, epoch: int) -> None:
        """Store the promised epoch; durable on return."""
        self._meta.put_many({PROMISED_KEY: _encode(epoch)})

    def begin_generation(self, generation: int, register: bytes, register_key: str) -> None:
        """Store a generation with its register, in one transaction; durable on return."""
        self._meta.put_many({GENERATION_KEY: _encode(generation), register_key: register})
        self.generation = generation
        self.is_promoted = True

    def _number(self, key: str) -> int:
        raw = self._meta.get(key)
        return 0 if raw is None else int.from_bytes(raw, "little")


def is_of_cluster(meta: LmdbMeta) -> bool:
    """Whether a directory was ever used by a node of a cluster."""
    return meta.get(INCARNATION_KEY) is not None


def _encode(number: int) -> bytes:
    return number.to_bytes(_U64_BYTES, "little")
