"""A simulated disk: what is written may be lost until it is flushed, and bytes may rot.

Room: one node's directory: log records in the layout of `storage.format`, small facts, snapshots.
One writer performs operations in order, each takes time. A crash loses what was not flushed; what
was under way may be there in part, its last record torn. Records are believed only if their CRC and
the chain hold, by the code of production.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from chaos.sim.world import MS, US, World
from storage.format import (
    GENESIS_DIGEST,
    corruption,
    decode_log_record,
    encode_log_record,
    next_chain_digest,
)


class StoredSnapshot(NamedTuple):
    """A snapshot as it lies on the disk."""

    log_index: int
    chain_digest: bytes
    payload: bytes


class Facts(NamedTuple):
    """Small durable facts."""

    promised: int = 0
    committed: int = 0


class Operation(NamedTuple):
    """One thing for the writer: `perform` when it is flushed, then `done`."""

    perform: Callable[[int], None]
    parts: int
    done: Callable[[], None]


class SimDisk:
    """One directory. Also the `LogView` of the replica: it shows what is flushed.

    Attributes:
        syncs: False = the mutant that reports as flushed what only the page cache has.
    """

    def __init__(self, world: World, name: str, incarnation: int) -> None:
        self._world = world
        self.name = name
        self.incarnation = incarnation
        self.base_index = 0
        self.base_digest = GENESIS_DIGEST
        self.records: list[bytes] = []
        self.digests: list[bytes] = []
        self.facts = Facts()
        self.snapshot: StoredSnapshot | None = None
        self.syncs = True
        self.slow_ns = 0
        self.stalled_until = 0
        self.fails = False
        self.on_failure: Callable[[], None] = lambda: None
        self._unsynced = 0  # records at the end that a power loss takes, if `syncs` is off
        self._waiting: deque[Operation] = deque()
        self._run = 0  # rises with every crash: what was scheduled before is void

    @property
    def first_index(self) -> int:
        """Oldest record."""
        return self.base_index + 1

    @property
    def last_index(self) -> int:
        """Newest record."""
        return self.base_index + len(self.records)

    def chain_digest(self, index: int) -> bytes:
        """Digest at a record, or at the base."""
        if index == self.base_index:
            return self.base_digest
        return self.digests[index - self.base_index - 1]

    def read(self, index: int) -> bytes:
        """One entry, its record checked. Raises CorruptionError."""
        return decode_log_record(self.records[index - self.base_index - 1], index, self.name)[1]

    def append(
        self, entries: list[tuple[int, bytes]], committed: int, done: Callable[[], None]
    ) -> None:
        """Write entries, and with them what is known as committed."""

        def perform(parts: int) -> None:
            for index, entry in entries[:parts]:
                digest = next_chain_digest(self.chain_digest(index - 1), entry)
                self.records.append(encode_log_record(index, digest, entry))
                self.digests.append(digest)
                if not self.syncs:
                    self._unsynced += 1
            if parts == len(entries):
                self.store(committed=max(committed, self.facts.committed))

        self._submit(Operation(perform, len(entries), done))

    def change(self, perform: Callable[[], None], done: Callable[[], None]) -> None:
        """Any other change, all or nothing."""
        self._submit(Operation(lambda parts: perform() if parts else None, 1, done))

    def store(self, **facts: int) -> None:
        """Change small facts; inside of an operation."""
        self.facts = self.facts._replace(**facts)

    def cut(self, first_removed: int) -> list[bytes]:
        """Remove records; inside of an operation. Returns their chain digests."""
        kept = first_removed - self.base_index - 1
        removed = self.digests[kept:]
        del self.records[kept:], self.digests[kept:]
        self._unsynced = min(self._unsynced, len(self.records))
        return removed

    def drop_prefix(self, before: int) -> None:
        """Drop the records below `before`; inside of an operation."""
        kept = before - self.base_index - 1
        if kept > 0:
            self.base_digest = self.chain_digest(before - 1)
            self.base_index = before - 1
            del self.records[:kept], self.digests[:kept]

    def restart_after(self, snapshot: StoredSnapshot) -> None:
        """The log begins anew after a snapshot; inside of an operation."""
        self.records.clear()
        self.digests.clear()
        self._unsynced = 0
        self.base_index, self.base_digest = snapshot.log_index, snapshot.chain_digest
        self.snapshot = snapshot
        self.store(committed=snapshot.log_index)

    def crash(self, *, power: bool) -> None:
        """The process is gone; with `power`, the page cache too. What was under way is in part."""
        self._run += 1
        world = self._world
        if self._waiting and self.syncs:
            under_way = self._waiting[0]
            under_way.perform(world.between(0, under_way.parts))
        elif not power:
            for operation in self._waiting:
                operation.perform(operation.parts)
        self._waiting.clear()
        if power and self._unsynced:
            lost = world.between(0, self._unsynced)
            if lost:
                self.cut(self.last_index - lost + 1)
        if power:
            self._unsynced = 0

    def flip(self) -> bool:
        """One bit of one record rots; False if there is none."""
        if not self.records:
            return False
        at = self._world.between(0, len(self.records) - 1)
        record = bytearray(self.records[at])
        bit = self._world.between(0, len(record) * 8 - 1)
        record[bit // 8] ^= 1 << (bit % 8)
        self.records[at] = bytes(record)
        return True

    def verify(self) -> None:
        """Read everything as recovery does. Raises CorruptionError."""
        chain = self.base_digest
        for offset, record in enumerate(self.records):
            index = self.first_index + offset
            digest, entry = decode_log_record(record, index, self.name)
            chain = next_chain_digest(chain, entry)
            if chain != digest:
                raise corruption(self.name, "log", f"index {index}", "its chain digest breaks")

    def wake(self) -> None:
        """A stall is over or a fault was set: look at the queue again."""
        if self._waiting:
            self._start()

    def _submit(self, operation: Operation) -> None:
        self._waiting.append(operation)
        if len(self._waiting) == 1:
            self._start()

    def _start(self) -> None:
        world = self._world
        delay = world.between(100 * US, 600 * US) + self.slow_ns
        delay = max(delay, self.stalled_until - world.now)
        run, operation = self._run, self._waiting[0]

        def complete() -> None:
            if run != self._run or not self._waiting or self._waiting[0] is not operation:
                return
            if world.now < self.stalled_until:
                self._start()
                return
            if self.fails:
                self.fails = False
                self.on_failure()
                return
            self._waiting.popleft()
            operation.perform(operation.parts)
            world.note(f"{self.name} flushed {self.last_index}")
            if self._waiting:
                self._start()
            operation.done()

        world.after(delay if self.syncs else 10 * US, complete)

    @property
    def backlog(self) -> int:
        """Operations that wait."""
        return len(self._waiting)


SLOW_NS_MAX = 400 * MS
