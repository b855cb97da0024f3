"""One applied entry as its consumers see it: the raw event batch, decoded once, on demand.

Room: a read-only view. Replies, feeds and the event index all read the same batch; the decoding is
shared because it is the dearest step of the Python path (about 4 us an event).
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from exchange.model import event_scan
from exchange.model.codec import BatchHead, EventRecord, decode_batch, decode_batch_head


class EventBatch:
    """The events of one log entry, in emission order.

    Args:
        raw: bytes as `Engine.apply` returned them. Decoding raises CodecError lazily.
    """

    __slots__ = ("_by_command", "_events", "_head", "_kinds", "raw")

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self._head: BatchHead | None = None
        self._events: list[EventRecord] | None = None
        self._kinds = -1
        self._by_command: dict[int, list[EventRecord]] | None = None

    @property
    def head(self) -> BatchHead:
        """Log index, time and sequence numbers."""
        if self._head is None:
            self._head = decode_batch_head(self.raw)
        return self._head

    @property
    def events(self) -> list[EventRecord]:
        """All events, by seq."""
        if self._events is None:
            self._events = decode_batch(self.raw)[1]
        return self._events

    @property
    def kinds(self) -> int:
        """The kinds of event that are in it, one bit a kind."""
        if self._kinds < 0:
            self._kinds = event_scan.kinds_in(self)
        return self._kinds

    def of_kinds(self, wanted: event_scan.Kinds) -> list[EventRecord]:
        """The events of the kinds that `event_scan.kinds_of` gave; the others cost nothing."""
        return event_scan.select(self, wanted) if self.kinds & wanted.mask else []

    @property
    def by_command(self) -> dict[int, list[EventRecord]]:
        """Events by the command of the entry that caused them; commands always cause some."""
        if self._by_command is None:
            groups: defaultdict[int, list[EventRecord]] = defaultdict(list)
            for record in self.events:
                groups[record.command_no].append(record)
            self._by_command = dict(groups)
        return self._by_command


class Outcome(NamedTuple):
    """What became of one submission: `command_count` commands from `first_command_no` on."""

    batch: EventBatch
    first_command_no: int
    command_count: int

    def of(self, position: int) -> list[EventRecord]:
        """Events that the command at `position` (below `command_count`) caused, in order."""
        return self.batch.by_command.get(self.first_command_no + position, [])

    def all(self) -> list[EventRecord]:
        """Events of all commands of the submission, in order."""
        return [record for position in range(self.command_count) for record in self.of(position)]
