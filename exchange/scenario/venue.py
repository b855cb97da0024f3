"""The engines of a run with their log: one entry a command, the way the sequencer would write it.

Room: bytes. Every command becomes a record in a real entry, every answer is decoded from the event
batch. With several engines each gets the same bytes and must give the same bytes. `verify` proves
what must hold of any log: replayed from its beginning it gives the same batches and the same
state, and so it does when the engine is restored from its own snapshot again and again on the way.
"""

from __future__ import annotations

from collections.abc import Sequence

from exchange.engine.build import build_engine
from exchange.engine.port import Engine
from exchange.errors import check
from exchange.model.codec import BatchStatus, decode_batch, encode_command, encode_entry
from exchange.model.command import Command
from exchange.model.event import Event
from exchange.model.instrument import Instrument
from exchange.model.layout import CodecError
from exchange.model.units import TIMESTAMP_MAX_NS
from exchange.scenario.faults import StatementFault

START_NS = 1_767_571_200_000_000_000
"""Log time at which every scenario begins: Monday 2026-01-05, 00:00:00 UTC."""

RESTARTS_MAX = 64
"""Restarts that `verify` puts into the replay of a log; after every entry of a short one."""


class Venue:
    """One or more engines at genesis.

    Args:
        engine_names: as `build_engine` knows them; the first one answers the queries.
    """

    def __init__(self, engine_names: Sequence[str]) -> None:
        self._names = tuple(engine_names)
        self._engines = [build_engine(name) for name in self._names]
        self._log: list[bytes] = []
        self._batches: list[bytes] = []
        self._seq = 0
        self.events: list[Event] = []
        self.now_ns = START_NS
        self.epoch = 1

    @property
    def engine(self) -> Engine:
        """The engine that is asked about orders, books and positions."""
        return self._engines[0]

    def advance(self, nanoseconds: int) -> None:
        """Move log time; what falls due happens with the next entry."""
        if nanoseconds < 0 or self.now_ns + nanoseconds > TIMESTAMP_MAX_NS:
            raise StatementFault("time only moves forward, and not past the year 2262")
        self.now_ns += nanoseconds

    def apply(self, command: Command | None, session_id: int = 0) -> list[Event]:
        """Log one command (None: an entry of timers only), apply it, return its events.

        Raises:
            StatementFault: a value of the command does not fit its field in the log, or the
                engines answer differently.
        """
        try:
            body = encode_command(command, session_id) if command is not None else b""
        except CodecError as error:
            raise StatementFault(f"this cannot be written in the log: {error}") from error
        index = len(self._log) + 1
        entry = encode_entry(index, self.epoch, self.now_ns, int(command is not None), body)
        batches = [engine.apply(entry) for engine in self._engines]
        self._log.append(entry)
        self._batches.append(batches[0])
        head, records = decode_batch(batches[0])
        check(head.status == BatchStatus.APPLIED, "entry_applied", status=head.status)
        check(head.first_seq == self._seq + 1, "events_without_gap", first_seq=head.first_seq)
        self._seq = head.last_seq
        events = [record.event for record in records]
        self.events += events
        for name, batch in zip(self._names[1:], batches[1:], strict=True):
            if batch != batches[0]:
                theirs = [record.event for record in decode_batch(batch)[1]]
                raise StatementFault(
                    f"the engines differ: {self._names[0]} gives {events}, {name} gives {theirs}"
                )
        return events

    def instrument(self, symbol: str) -> Instrument | None:
        """The instrument of that symbol as it is now."""
        found = (view.instrument for view in self.engine.instruments())
        return next((instrument for instrument in found if instrument.symbol == symbol), None)

    def phase(self, symbol: str) -> int:
        """The instrument's phase as a number; 0 if there is no such instrument."""
        found = (v.phase for v in self.engine.instruments() if v.instrument.symbol == symbol)
        return next(found, 0)

    def verify(self) -> list[str]:
        """What does not hold of the log and its engines; empty = all holds."""
        found = []
        digest = self.engine.digest()
        for name, engine in zip(self._names, self._engines, strict=True):
            if engine.digest() != digest:
                found.append(f"the digests of {self._names[0]} and {name} differ")
            restored = build_engine(name)
            restored.restore(engine.snapshot())
            if restored.digest() != engine.digest():
                found.append(f"{name}: restored from its snapshot, it has another digest")
            if restored.events_digest() != engine.events_digest():
                found.append(f"{name}: restored from its snapshot, it has another events digest")
            found += self._replay(name, digest, restarts=False)
            found += self._replay(name, digest, restarts=True)
        return found

    def _replay(self, name: str, digest: bytes, *, restarts: bool) -> list[str]:
        engine = build_engine(name)
        how = "replayed with restarts from snapshots" if restarts else "replayed"
        every = max(1, len(self._log) // RESTARTS_MAX)
        for index, (entry, batch) in enumerate(zip(self._log, self._batches, strict=True), 1):
            if engine.apply(entry) != batch:
                return [f"{name}: {how}, entry {index} gives another event batch"]
            if restarts and index % every == 0:
                snapshot = engine.snapshot()
                engine = build_engine(name)
                engine.restore(snapshot)
        return (
            [] if engine.digest() == digest else [f"{name}: {how}, the log ends in another state"]
        )
