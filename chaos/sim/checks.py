"""What must hold, looked at while it happens and at the end (RELIABILITY section 5.3).

Room: an observer's own book of what was committed, applied, acknowledged and removed. It asks the
code under test for nothing but what it did. The first violation ends the run.

    I1  acknowledged commands are in the final log, at their place, with their events
    I2  each (member, cl_ord_id) took effect once
    I3  same index, same entry, same events, on every node and in a cold replay
    I4  one node acknowledges in one epoch
    I5  log index and event sequence gapless, epochs never fall
    I6  committed = flushed on every member of the in-sync set that the primary acts on
    I7  nothing committed is ever removed
    I8  nothing is applied or shown that is not committed
    I11 a damaged disk is noticed before it is used
    I12 once the faults stop the cluster is whole and takes orders again
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from exchange.engine.port import Engine
from exchange.model.batch import EventBatch
from exchange.model.codec import BatchStatus, decode_entry_head
from exchange.model.event import Accepted, Rejected
from replication.register import RegisterValue
from storage.format import GENESIS_DIGEST, next_chain_digest


class Violation(Exception):
    """An invariant was broken; `invariant` is its number."""

    def __init__(self, invariant: str, text: str) -> None:
        super().__init__(f"{invariant}: {text}")
        self.invariant = invariant


class Copy(Protocol):
    """A node's directory, which may be replaced by another one."""

    @property
    def disk(self) -> Disk:
        """The present one."""


class Disk(Protocol):
    """What is flushed on a node."""

    incarnation: int
    base_index: int

    @property
    def last_index(self) -> int:
        """Newest entry."""

    def chain_digest(self, index: int) -> bytes:
        """Digest at an entry."""


class Acknowledged(NamedTuple):
    """What a client was told: the event of its order, and the entry it is in."""

    key: tuple[int, str]
    log_index: int
    told: bytes


class Checks:
    """The observer of one run."""

    def __init__(self) -> None:
        self.copies: dict[str, Copy] = {}
        self.register: list[RegisterValue] = []  # every value it had, by version
        self.kept: dict[bytes, bytes] = {}  # applied entries by chain digest
        self.log: list[bytes] = [GENESIS_DIGEST]  # chain digest at each committed index
        self.events: dict[int, bytes] = {}
        self.applied_to: dict[str, int] = {}
        self.leader_of: dict[int, str] = {}
        self.acknowledger: dict[int, str] = {}
        self.acknowledgements: list[Acknowledged] = []
        self.lost_disks: set[tuple[str, int]] = set()
        self.truncations = 0
        self.leaderships = 0

    @property
    def committed_index(self) -> int:
        """Newest entry that any primary committed."""
        return len(self.log) - 1

    def leads(self, node: str, epoch: int) -> None:
        """A node begins to lead."""
        self.leaderships += 1
        other = self.leader_of.setdefault(epoch, node)
        if other != node:
            raise Violation("I4", f"{node} and {other} both lead in epoch {epoch}")

    def acknowledges(self, node: str, epoch: int) -> None:
        """A node answers clients."""
        other = self.acknowledger.setdefault(epoch, node)
        if other != node:
            raise Violation("I4", f"{node} and {other} both acknowledge in epoch {epoch}")

    def committed(self, node: str, index: int, version: int) -> None:
        """A primary declares entries committed, acting on a version of the register."""
        disk = self.copies[node].disk
        for at in range(max(self.committed_index, disk.base_index) + 1, index + 1):
            self.log.append(disk.chain_digest(at))
        if index <= disk.base_index:
            return
        if disk.last_index < index or disk.chain_digest(index) != self.log[index]:
            raise Violation("I3", f"{node} commits entry {index}, another one is committed there")
        for name, incarnation in self.register[version].in_sync.items():
            copy = self.copies[name].disk
            if copy.incarnation != incarnation or (name, incarnation) in self.lost_disks:
                continue
            if copy.last_index < index:
                raise Violation(
                    "I6", f"{node} commits {index}, {name} in sync has {copy.last_index} flushed"
                )
            if copy.base_index <= index and copy.chain_digest(index) != self.log[index]:
                raise Violation("I6", f"{node} commits {index}, {name} in sync has another entry")

    def applied(self, node: str, index: int, chain: bytes, entry: bytes, events: bytes) -> None:
        """A node applied an entry."""
        if index > self.committed_index:
            raise Violation("I8", f"{node} applied {index}; committed is {self.committed_index}")
        if chain != self.log[index]:
            raise Violation("I3", f"{node} applied another entry {index} than was committed")
        known = self.events.setdefault(index, events)
        if known != events:
            raise Violation("I3", f"{node} got other events than the first node at entry {index}")
        self.kept.setdefault(chain, entry)
        self.applied_to[node] = index

    def installed(self, node: str, index: int, events: bytes) -> None:
        """A node took a snapshot."""
        if index > self.committed_index:
            raise Violation("I8", f"{node} took a snapshot at {index}, which is not committed")
        if self.events.setdefault(index, events) != events:
            raise Violation("I3", f"{node} got another state by snapshot at {index}")

    def truncated(self, node: str, first: int, removed: list[bytes]) -> None:
        """A node removed entries, given by their chain digests."""
        self.truncations += bool(removed)
        for index, digest in enumerate(removed, first):
            if index <= self.committed_index and self.log[index] == digest:
                raise Violation("I7", f"{node} removed entry {index}, which is committed")

    def halted(self, node: str, code: str, text: str) -> None:
        """A node stopped itself: no fault that is injected gives it a reason to."""
        raise Violation("I12", f"{node} halted: {code}: {text}")

    def ended(self, node: str) -> None:
        """A process ended; its next one applies from a snapshot or from the beginning."""
        self.applied_to.pop(node, None)

    def wiped(self, node: str) -> None:
        """A disk is gone."""
        self.applied_to.pop(node, None)

    def final(self, log: list[bytes], fresh: Engine) -> None:
        """Replay the final log and hold it against what was seen and told."""
        if len(log) < self.committed_index:
            raise Violation("I1", f"{len(log)} entries are left of {self.committed_index}")
        chain = GENESIS_DIGEST
        batches: list[EventBatch] = []
        epoch = seq = 0
        for index, entry in enumerate(log, 1):
            chain = next_chain_digest(chain, entry)
            if index <= self.committed_index and chain != self.log[index]:
                raise Violation("I3", f"the final log has another entry {index}")
            head = decode_entry_head(entry)
            if head.log_index != index or head.epoch < epoch:
                raise Violation("I5", f"entry {index} says {head.log_index}, epoch {head.epoch}")
            epoch = head.epoch
            batch = EventBatch(fresh.apply(entry))
            if batch.head.status != BatchStatus.APPLIED:
                raise Violation("I5", f"entry {index} does not apply")
            for record in batch.events:
                seq += 1
                if record.seq != seq:
                    raise Violation("I5", f"event {record.seq} where {seq} is next")
            if self.events.get(index, fresh.events_digest()) != fresh.events_digest():
                raise Violation("I3", f"a cold replay gives other events at entry {index}")
            batches.append(batch)
        self._once(batches)
        for told in self.acknowledgements:
            self._kept(told, batches)

    def _once(self, batches: list[EventBatch]) -> None:
        seen: set[tuple[int, str]] = set()
        for batch in batches:
            for record in batch.events:
                if isinstance(record.event, Accepted | Rejected):
                    order = record.event.order
                    key = (order.member_id, order.cl_ord_id)
                    if key in seen:
                        raise Violation("I2", f"{key} took effect twice")
                    seen.add(key)
        for told in self.acknowledgements:
            if told.key not in seen:
                raise Violation("I1", f"{told.key} was acknowledged and is not in the log")

    def _kept(self, told: Acknowledged, batches: list[EventBatch]) -> None:
        if told.log_index > len(batches):
            raise Violation("I1", f"{told.key} was acknowledged at {told.log_index}: gone")
        if told.told not in batches[told.log_index - 1].raw:
            raise Violation("I1", f"{told.key} was told something else than the log says")
