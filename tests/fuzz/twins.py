"""Two engines that are fed the same steps, and the first thing in which they differ.

Room: applying and comparing. Every batch is compared byte by byte; at checks the snapshots,
digests, timers and all views are, and then an engine may go on as one restored from that snapshot.
It draws nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from exchange.engine.build import build_engine
from exchange.engine.port import NATIVE, REFERENCE, Engine, digest_of
from exchange.model.batch import EventBatch
from exchange.model.codec import encode_entry
from exchange.model.event import Trade
from exchange.model.event_scan import kinds_of
from exchange.model.layout import CodecError
from tests.fuzz.steps import Check, Entry, Step
from tests.fuzz.views import views_of

T = TypeVar("T")
_TRADE = kinds_of(Trade)
MakeEngine = Callable[[str], Engine]


class Difference(Exception):
    """The engines gave different bytes, or one of them failed; the message says what."""


class Twins:
    """A reference engine and a native one. `make` builds them by name."""

    def __init__(self, make: MakeEngine = build_engine) -> None:
        self._make = make
        self.reference, self.native = make(REFERENCE), make(NATIVE)
        self._trade_id = 0

    def take(self, step: Step) -> EventBatch | None:
        """Do a step with both; the batch of an entry. Raises Difference."""
        if isinstance(step, Check):
            self._check(step)
            return None
        return self._apply(step)

    def compare(self) -> bytes:
        """The snapshot of both. Raises Difference."""
        one, other = self.reference, self.native
        snapshot = _done(one.snapshot, "the reference engine's snapshot")
        given = _done(other.snapshot, "the native engine's snapshot")
        _equal("snapshots", snapshot, given)
        _equal("events digests", one.events_digest(), other.events_digest())
        _equal("digests", digest_of(snapshot), other.digest())
        _equal("next timers", one.next_timer_ns(), other.next_timer_ns())
        trade_id = self._trade_id
        _equal("views", views_of(one, trade_id), views_of(other, trade_id))
        return snapshot

    def _apply(self, entry: Entry) -> EventBatch:
        index = self.reference.applied_index + 1
        body = b"".join(entry.records)
        data = encode_entry(index, 1, entry.ts_ns, len(entry.records), body)
        batch = _done(lambda: self.reference.apply(data), "the reference engine")
        given = _done(lambda: self.native.apply(data), "the native engine")
        if given != batch:
            _equal("events", _events(batch), _events(given))
            _equal("batches", batch, given)
        found = EventBatch(batch)
        for record in found.of_kinds(_TRADE):
            if isinstance(record.event, Trade):
                self._trade_id = record.event.trade_id
        return found

    def _check(self, check: Check) -> None:
        snapshot = self.compare()
        if check is Check.NATIVE_RESTORED:
            self.native = self._make(NATIVE)
            _done(lambda: self.native.restore(snapshot), "the native engine's restore")
            _equal("snapshots after a restore", snapshot, self.native.snapshot())
        elif check is Check.REFERENCE_RESTORED:
            self.reference = self._make(REFERENCE)
            _done(lambda: self.reference.restore(snapshot), "the reference engine's restore")


def difference_of(steps: Iterable[Step], make: MakeEngine = build_engine) -> str:
    """What new twins differ in on their way through the steps, or at their end; "" if nothing."""
    twins = Twins(make)
    try:
        for step in steps:
            twins.take(step)
        twins.compare()
    except Difference as found:
        return str(found)
    return ""


def _done(work: Callable[[], T], who: str) -> T:
    try:
        return work()
    except Exception as error:  # outermost: whatever an engine raises is what is looked for
        raise Difference(f"{who} raised {type(error).__name__}: {error}") from error


def _equal(what: str, one: object, other: object) -> None:
    if one == other:
        return
    if isinstance(one, bytes) and isinstance(other, bytes):
        at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
        at = min(len(one), len(other)) if at is None else at
        one, other = (f"{len(x)} bytes, ..{x[at : at + 40].hex()}.." for x in (one, other))
        what = f"{what} from byte {at} on"
    elif isinstance(one, list) and isinstance(other, list):
        pairs = list(zip(one, other, strict=False))
        at = next((i for i, (a, b) in enumerate(pairs) if a != b), len(pairs))
        what = f"{what} from number {at} on"
        one, other = one[at : at + 2], other[at : at + 2]
    raise Difference(f"{what}: reference {one}, native {other}")


def _events(batch: bytes) -> list[object]:
    try:
        return list(EventBatch(batch).events)
    except CodecError:
        return []
