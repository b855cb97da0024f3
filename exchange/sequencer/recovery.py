"""Recovery: newest verified snapshot, then the log after it (DESIGN section 5).

Room: bringing an engine to the end of the journal, and the checks on the way. After any crash a
node recovers to the committed log with a valid digest, or refuses to start, saying why
(invariant I8).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

from exchange.engine.port import Engine
from exchange.errors import InvariantViolation, check
from exchange.model.batch import EventBatch
from exchange.model.codec import BatchStatus, decode_entry_head
from exchange.model.layout import CodecError
from exchange.sequencer.ports import Journal


class SnapshotInfo(Protocol):
    """What recovery needs to know of a stored snapshot."""

    @property
    def log_index(self) -> int:
        """The entry after which it was taken."""

    @property
    def chain_digest(self) -> bytes:
        """Digest chained over the log up to that entry."""

    @property
    def state_digest(self) -> bytes:
        """`Engine.digest()` at that entry."""

    @property
    def next_event_seq(self) -> int:
        """Sequence number of the first event after it."""


class RecoveryReport(NamedTuple):
    """What recovery did. `snapshot_index` 0 = replayed from genesis."""

    snapshot_index: int
    last_index: int
    replayed_entries: int
    replayed_commands: int
    seconds: float


def recover(
    engine: Engine,
    journal: Journal,
    snapshot: tuple[SnapshotInfo, bytes] | None,
    chain_digest: Callable[[int], bytes],
    on_batch: Callable[[EventBatch], None],
    *,
    last_index: int | None = None,
) -> RecoveryReport:
    """Bring a fresh `engine` to the end of the journal, or to `last_index`.

    Args:
        snapshot: the newest snapshot whose bytes were verified, or None.
        chain_digest: of the journal, at an index (not called for an index that was deleted).
        on_batch: gets the events of every replayed entry, in order; raises if they differ from
            what was stored when the entry was first applied.
        last_index: the newest entry known to be committed; what follows it in the journal may be
            cut off yet. None = all are.

    Raises:
        InvariantViolation: a digest, index or entry does not fit; the message says which.
    """
    began = time.perf_counter()
    start = 1
    if snapshot is not None:
        info, payload = snapshot
        _restore(engine, info, payload)
        if info.log_index >= journal.first_index and journal.last_index >= info.log_index:
            check(
                chain_digest(info.log_index) == info.chain_digest,
                "SNAPSHOT_IS_OF_ANOTHER_LOG",
                log_index=info.log_index,
            )
        start = info.log_index + 1
    check(
        journal.first_index <= start <= journal.last_index + 1,
        "LOG_DOES_NOT_REACH_THE_SNAPSHOT",
        wanted=start,
        first_index=journal.first_index,
        last_index=journal.last_index,
    )
    entries = commands = 0
    stop = None if last_index is None else max(last_index + 1, start)
    for index, entry in journal.scan(start, stop):
        batch = EventBatch(engine.apply(entry))
        if batch.head.status != BatchStatus.APPLIED:
            raise InvariantViolation(
                "LOG_ENTRY_NOT_APPLICABLE", log_index=index, status=batch.head.status
            )
        on_batch(batch)
        entries += 1
        commands += decode_entry_head(entry).command_count
    return RecoveryReport(
        snapshot_index=start - 1,
        last_index=engine.applied_index,
        replayed_entries=entries,
        replayed_commands=commands,
        seconds=time.perf_counter() - began,
    )


def _restore(engine: Engine, info: SnapshotInfo, payload: bytes) -> None:
    try:
        engine.restore(payload)
    except CodecError as error:
        raise InvariantViolation(
            "SNAPSHOT_NOT_READABLE", log_index=info.log_index, why=str(error)
        ) from error
    restored = engine.digest()  # once: it encodes the whole state
    check(
        restored == info.state_digest
        and engine.applied_index == info.log_index
        and engine.next_event_seq == info.next_event_seq,
        "SNAPSHOT_DIGEST_DIFFERS",
        log_index=info.log_index,
        recorded=info.state_digest.hex(),
        restored=restored.hex(),
    )
