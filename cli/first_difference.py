"""Where two copies of the exchange part: the first entry whose events differ, the first object.

Room: the search, on any two copies; where they are (a running node, a data directory) is
`copies.py`. Events are compared by digests of ranges, halved until one entry is left; if all events
both have are equal, the states are compared row by row.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any, NamedTuple, Protocol

from exchange.engine.reference.snapshot_rows import SnapshotRow, snapshot_rows
from exchange.model.codec import decode_batch
from exchange.model.layout import CodecError

RANGE_SEQS = 50_000


class EventSpan(NamedTuple):
    """Of the entries whose first event is in a range: digest, count, log index of the first."""

    digest: str
    entry_count: int
    first_log_index: int


class State(NamedTuple):
    """The canonical state after an entry."""

    log_index: int
    payload: bytes


class Copy(Protocol):
    """One copy of the exchange."""

    name: str

    def bounds(self) -> tuple[int, int]:
        """Oldest and newest event sequence number that it keeps; (0, 0) = none."""

    def span(self, start_seq: int, end_seq: int) -> EventSpan:
        """Its events of a range of at most RANGE_SEQS sequence numbers."""

    def events(self, first_seq: int, end_seq: int) -> bytes:
        """Raw events of the one entry that begins in the range."""

    def chain_digest(self, log_index: int) -> bytes | None:
        """Digest chained over the log up to an entry; None = cannot be had."""

    def state_at(self, log_index: int | None) -> State | None:
        """Its state: after that entry, or the newest it has; None = cannot be had."""


class Difference(NamedTuple):
    """What was found.

    Attributes:
        kind: "none", "log", "events", "state", "nothing in common".
        log_index: of the first entry that differs; 0 = not known.
        seq: first event sequence number of it; 0 = not known.
        subject: which object differs first, for a person.
        left, right: that object in either copy; "" = it is not there.
        compared: what was compared, for a person.
    """

    kind: str
    log_index: int
    seq: int
    subject: str
    left: str
    right: str
    compared: str


def first_difference(left: Copy, right: Copy) -> Difference:
    """Compare two copies over what both have. Raises what the copies raise."""
    bounds = (left.bounds(), right.bounds())
    start, end = max(low for low, _ in bounds), min(high for _, high in bounds)
    if not start or start > end:
        compared = ", ".join(
            f"{copy.name} has events {low}-{high}"
            for copy, (low, high) in zip((left, right), bounds, strict=True)
        )
        return Difference("nothing in common", 0, 0, "", "", "", compared)
    at = _first_different_seq(left, right, start, end)
    compared = f"events {start}-{end}"
    if at is not None:
        return _tell_events(left, right, at, compared)
    return _compare_states(left, right, compared)


# The entry of the newest common event may begin before `end` in one copy and go on after it; it
# begins in the range all the same, and its bytes are compared whole.
def _first_different_seq(left: Copy, right: Copy, start: int, end: int) -> int | None:
    def differ(low: int, high: int) -> bool:
        return left.span(low, high) != right.span(low, high)

    low = high = start
    while low <= end:
        high = min(low + RANGE_SEQS - 1, end)
        if differ(low, high):
            break
        low = high + 1
    else:
        return None
    equal, different = low - 1, high  # low..equal is the same, low..different is not
    while different - equal > 1:
        middle = (equal + different) // 2
        if differ(low, middle):
            different = middle
        else:
            equal = middle
    return different


def _tell_events(left: Copy, right: Copy, seq: int, compared: str) -> Difference:
    spans = [copy.span(seq, seq) for copy in (left, right)]
    log_index = min(span.first_log_index for span in spans if span.entry_count)
    chains = (left.chain_digest(log_index), right.chain_digest(log_index))
    kind = "log" if None not in chains and chains[0] != chains[1] else "events"
    events = [
        list(_events(copy.events(seq, seq))) if span.entry_count else []
        for copy, span in zip((left, right), spans, strict=True)
    ]
    for place, (one, two) in enumerate(zip_longest(*events)):
        if one != two:
            subject = f"event {place + 1} of the entry"
            return Difference(kind, log_index, seq, subject, _text(one), _text(two), compared)
    subject = "log index or time of the entry"
    texts = [f"log index {span.first_log_index}" for span in spans]
    return Difference(kind, log_index, seq, subject, texts[0], texts[1], compared)


def _events(raw: bytes) -> Iterator[Any]:
    try:
        yield from decode_batch(raw)[1]
    except CodecError as error:
        yield f"does not decode: {error}"


def _compare_states(left: Copy, right: Copy, compared: str) -> Difference:
    one, two = left.state_at(None), right.state_at(None)
    if one and two and one.log_index > two.log_index:
        one = left.state_at(two.log_index)
    elif one and two and one.log_index < two.log_index:
        two = right.state_at(one.log_index)
    if one is None or two is None or one.log_index != two.log_index:
        told = f"{compared}; the states could not be had at one common entry"
        return Difference("none", 0, 0, "", "", "", told)
    compared = f"{compared} and the states after entry {one.log_index}"
    if one.payload == two.payload:
        return Difference("none", 0, 0, "", "", "", compared)
    first, second = _first_row(one.payload, two.payload)
    named = first or second
    subject = f"row {named.row_no + 1} of {named.section}" if named else "bytes after the last row"
    texts = [_text(row.value) if row else "" for row in (first, second)]
    return Difference("state", one.log_index, 0, subject, texts[0], texts[1], compared)


# Where a section has one row more, the other copy is already in the next section: the row that
# stands in the earlier section is the one that the other has not.
def _first_row(one: bytes, two: bytes) -> tuple[SnapshotRow | None, SnapshotRow | None]:
    for first, second in zip_longest(snapshot_rows(one), snapshot_rows(two)):
        if first is None or second is None:
            return first, second
        if first.section_no != second.section_no:
            return (first, None) if first.section_no < second.section_no else (None, second)
        if first.raw != second.raw:
            return first, second
    return None, None


def _text(value: object) -> str:
    return "" if value is None else str(value)
