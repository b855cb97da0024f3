"""The register's journal: term, vote and entries, durable before anybody is told of them.

Room: the `Journal` of pysyncobj on our own file. What stock journals lack (RELIABILITY section 1,
rows 1-5, 7, 8, 20, 21): fsync, checksums, an atomic truncate-and-append, a stop when the disk
fails, a stop when applied entries would be cut.

Everything since the last `sync` reaches the disk in one batch or not at all, so a truncation and
the entries that replace the cut ones are atomic. Whoever sends a message calls `sync` first; that
is group commit too. The commit index is not kept: Raft finds it again, and a kept one that is
ahead of the entries is a false acknowledgement (E6).

Growth: dead records (old terms, cut entries) are dropped by rewriting the file when it is
REWRITE_FACTOR times its live content. Live entries are never dropped while the register runs: at
ENTRIES_MAX new changes are refused (`is_full`), long after `is_filling_up` was told.
"""

from __future__ import annotations

import secrets
from typing import Any, Final, overload

from pysyncobj.journal import Journal

from replication.raft_file import JournalFile
from replication.raft_records import (
    ENTRY,
    HARD_STATE,
    IDENTITY,
    PEER,
    PROBATION,
    TRUNCATE,
    Fields,
    RecordError,
    batches,
    pack_batch,
    pack_entry,
    pack_hard_state,
    pack_identity,
    pack_peer,
    pack_probation,
    pack_truncate,
    records_of,
)
from replication.register import RegisterError

Entry = tuple[bytes, int, int]
"""Command, index, term: the order that pysyncobj wants."""

ENTRIES_MAX: Final = 200_000
"""About 100 MB of memory; a change a minute fills it in four months of uninterrupted trouble."""

WARN_SHARE: Final = 0.8
"""Of ENTRIES_MAX; from there on `is_filling_up`."""

FRESH: Final = 0
"""This store was never told that it replaces another one."""

ON_PROBATION: Final = 1
LEVEL: Final = 2
"""It replaced another one, and has held everything that was committed since."""

REWRITE_BYTES_MIN: Final = 1 << 20
REWRITE_FACTOR: Final = 4


class RaftHalted(RegisterError):
    """This node's voter stopped, and must not go on: the text says why."""


class JournalRefused(RegisterError):
    """The journal is damaged, or belongs to somebody else; the voter does not start."""


class RaftJournal(Journal):  # type: ignore[misc]  # pysyncobj is untyped
    """Entries in memory, all changes on disk after `sync`. One thread.

    Raises JournalRefused for a journal that is damaged or of another node or cluster, OSError.
    """

    def __init__(
        self, file: JournalFile, *, cluster: bytes, node: str, store_id: int | None = None
    ) -> None:
        self._file = file
        self._cluster = cluster
        self._node = node
        self._entries: list[Entry] = []
        self._term = 0
        self._voted_for: str | None = None
        self._peers: dict[str, int] = {}
        self._pending = bytearray()
        self._batch_number = 0
        self._file_bytes = 0
        self.store_id = 0
        self.standing = FRESH
        self.applied_index = 0
        self.halted = ""
        content = file.read()
        try:
            self._load(content)
        except RecordError as error:
            raise JournalRefused(
                f"{file.name}: {error}. A voter that forgot its vote could elect two leaders, so "
                "it does not start. Move the file away and start the node: it gets its vote back "
                "when it is level with the others"
            ) from error
        if not self.store_id:
            self.store_id = store_id or (secrets.randbits(63) | 1)
            self._rewrite()

    def add(self, command: bytes, idx: int, term: int) -> None:
        """Append an entry; its index must be the next."""
        if self._entries and idx != self._entries[-1][1] + 1:
            raise RaftHalted(f"entry {idx} after entry {self._entries[-1][1]}")
        self._entries.append((bytes(command), idx, term))
        self._pending += pack_entry(idx, term, bytes(command))

    def deleteEntriesFrom(self, entryFrom: int) -> None:  # noqa: N802, N803  # pysyncobj's name
        """Remove the entries from a position (not an index) on; they must not be applied."""
        if entryFrom >= len(self._entries):
            return
        first = self._entries[entryFrom][1]
        if first <= self.applied_index:
            raise self.halt(f"entries from {first} on differ, and {self.applied_index} are applied")
        del self._entries[entryFrom:]
        self._pending += pack_truncate(first)

    def deleteEntriesTo(self, entryTo: int) -> None:  # noqa: N802, N803  # pysyncobj's name
        """Refuse: there is no compaction (RELIABILITY section 1, rows 3 and 4)."""
        raise self.halt("compaction is off, and pysyncobj asks for it")

    def clear(self) -> None:
        """Refuse, as `deleteEntriesTo`."""
        self.deleteEntriesTo(0)

    @overload
    def __getitem__(self, item: int) -> Entry: ...
    @overload
    def __getitem__(self, item: slice) -> list[Entry]: ...
    def __getitem__(self, item: int | slice) -> Entry | list[Entry]:
        """Entry or entries by position."""
        return self._entries[item]

    def __len__(self) -> int:
        """Number of entries."""
        return len(self._entries)

    def getRaftCommitIndex(self) -> int:  # noqa: N802  # pysyncobj's name
        """The first index: nothing is known to be committed after a start."""
        return 1

    def setRaftCommitIndex(self, raftCommitIndex: int) -> None:  # noqa: N802, N803  # as above
        """Nothing; see the module."""

    def setCurrentTerm(self, term: int, votedForNodeId: str | None) -> None:  # noqa: N802, N803
        """Keep term and vote; durable before the next message."""
        self._term, self._voted_for = term, votedForNodeId
        self._pending += pack_hard_state(term, votedForNodeId or "")

    def getCurrentTerm(self) -> int:  # noqa: N802  # pysyncobj's name
        """The newest term seen."""
        return self._term

    def getVotedForNodeId(self) -> str | None:  # noqa: N802  # pysyncobj's name
        """Whom this node voted for in that term."""
        return self._voted_for

    def _destroy(self) -> None:
        self._file.close()

    def store_of(self, peer: str) -> int:
        """The store id that a peer showed before; 0 = none."""
        return self._peers.get(peer, 0)

    def remember_store(self, peer: str, store_id: int) -> None:
        """Keep the store id of a peer; 0 forgets it."""
        self._peers[peer] = store_id
        self._pending += pack_peer(store_id, peer)

    def set_standing(self, standing: int) -> None:
        """Keep whether this store may vote: FRESH, ON_PROBATION or LEVEL."""
        self.standing = standing
        self._pending += pack_probation(standing)

    @property
    def is_on_probation(self) -> bool:
        """Whether this store replaces another one and has no vote yet."""
        return self.standing == ON_PROBATION

    def term_at(self, index: int) -> int | None:
        """Term of the entry at `index`; None where there is none."""
        if not self._entries:
            return None
        position = index - self._entries[0][1]
        if not 0 <= position < len(self._entries):
            return None
        return self._entries[position][2]

    @property
    def last_index(self) -> int:
        """Index of the last entry; 0 = none."""
        return self._entries[-1][1] if self._entries else 0

    @property
    def is_full(self) -> bool:
        """Whether further changes are refused."""
        return len(self._entries) >= ENTRIES_MAX

    @property
    def is_filling_up(self) -> bool:
        """Whether an operator should be told."""
        return len(self._entries) >= ENTRIES_MAX * WARN_SHARE

    def sync(self) -> None:
        """Make everything so far durable. Raises RaftHalted, now and ever after, if it cannot."""
        if self.halted:
            raise RaftHalted(self.halted)
        if not self._pending:
            return
        batch = pack_batch(self._batch_number, bytes(self._pending))
        try:
            self._file.append(batch)
        except OSError as error:
            why = f"{self._file.name}: {error}; the voter stops, others go on"
            raise self.halt(why) from error
        self._pending.clear()
        self._batch_number += 1
        self._file_bytes += len(batch)
        if self._file_bytes > REWRITE_BYTES_MIN and (
            self._file_bytes > REWRITE_FACTOR * len(self._live())
        ):
            self._rewrite()

    def halt(self, why: str) -> RaftHalted:
        """Stop for good, nothing is written or sent after this; the error to raise."""
        self.halted = self.halted or why
        return RaftHalted(self.halted)

    def _rewrite(self) -> None:
        content = pack_batch(0, self._live())
        try:
            self._file.replace(content)
        except OSError as error:
            why = f"{self._file.name}: {error}; the voter stops, others go on"
            raise self.halt(why) from error
        self._pending.clear()
        self._batch_number = 1
        self._file_bytes = len(content)

    def _live(self) -> bytes:
        records = [pack_identity(self.store_id, self._cluster, self._node)]
        records += [pack_peer(store, peer) for peer, store in sorted(self._peers.items())]
        records += [pack_probation(self.standing)] if self.standing != FRESH else []
        records += [pack_hard_state(self._term, self._voted_for or "")]
        records += [pack_entry(index, term, command) for command, index, term in self._entries]
        return b"".join(records)

    def _load(self, content: bytes) -> None:
        found, end = batches(content)
        for body in found:
            for kind, fields in records_of(body):
                self._take(kind, fields)
        if content and not self.store_id:
            raise RecordError("there is no identity in it")
        self._batch_number, self._file_bytes = len(found), end
        dead = REWRITE_FACTOR * len(self._live())
        if found and (end < len(content) or end > max(dead, REWRITE_BYTES_MIN)):
            self._rewrite()

    def _take(self, kind: int, fields: Any) -> None:
        if (kind == IDENTITY) == bool(self.store_id):
            raise RecordError("the identity is not the first record, or is there twice")
        if kind == IDENTITY:
            self._check_identity(fields)
        elif kind == HARD_STATE:
            self._term, self._voted_for = fields[0], fields[1] or None
        elif kind == ENTRY:
            index, term, command = fields
            if self._entries and index != self._entries[-1][1] + 1:
                raise RecordError(f"entry {index} after entry {self._entries[-1][1]}")
            self._entries.append((command, index, term))
        elif kind == TRUNCATE:
            first = self._entries[0][1] if self._entries else 0
            if not first < fields[0] <= self.last_index:
                raise RecordError(f"entries are cut at {fields[0]}, there are {self.last_index}")
            del self._entries[fields[0] - first :]
        elif kind == PEER:
            self._peers[fields[1]] = fields[0]
        elif kind == PROBATION:
            self.standing = fields[0]

    def _check_identity(self, fields: Fields) -> None:
        store_id, cluster, node = fields
        if cluster != self._cluster or node != self._node:
            other = "" if cluster == self._cluster else " in another cluster or generation"
            raise JournalRefused(
                f"{self._file.name}: the register's journal of node {node!r}{other}, this is "
                f"{self._node!r}: its directory was copied or configured wrongly"
            )
        self.store_id = int(store_id)
