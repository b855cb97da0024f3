"""The newest value of each price level that changed, noted batch by batch.

Room: one table between two looks at it. Noting costs little and makes no Python object of a level;
whoever looks takes every level once, however often it changed. The native extension notes where it
is built; `PlainLevelNotes` is the specification, and what notes where it is not built.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from exchange.model.codec import decode_batch, decode_batch_head
from exchange.model.event import LevelChanged
from exchange.model.event_scan import NATIVE_SCAN, Events
from exchange.model.layout import CodecError


class ChangedLevel(NamedTuple):
    """A price level as the newest batch left it; `repeated`: it had other values in between.

    `ts_ns` and `seq` are those of the event with that value.
    """

    ts_ns: int
    seq: int
    instrument_id: int
    side: int
    price: int
    qty: int
    order_count: int
    repeated: bool


class LevelNotes(Protocol):
    """The table; one thread."""

    def __len__(self) -> int:
        """How many levels have changed."""

    def note(self, batch: Events) -> None:
        """Note the levels of the next batch. Raises CodecError, and is of no use then."""

    def take(self) -> list[ChangedLevel]:
        """The levels that changed since the last call, by seq; nothing is noted any more."""


class PlainLevelNotes:
    """As LevelNotes, on a dictionary."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, int, int], ChangedLevel] = {}

    def __len__(self) -> int:
        """As LevelNotes."""
        return len(self._found)

    def note(self, batch: Events) -> None:
        """As LevelNotes."""
        ts_ns = decode_batch_head(batch.raw).ts_ns
        for seq, _, event in batch.events:
            if type(event) is LevelChanged:
                key = (event.instrument_id, event.side, event.price)
                repeated = self._found.pop(key, None) is not None  # popped: the newest stands last
                values = (event.qty, event.order_count, repeated)
                self._found[key] = ChangedLevel(ts_ns, seq, *key, *values)

    def take(self) -> list[ChangedLevel]:
        """As LevelNotes."""
        found, self._found = self._found, {}
        return list(found.values())


class NativeLevelNotes:
    """As LevelNotes, in native code."""

    def __init__(self) -> None:
        from exchange.model.native import _scan  # noqa: PLC0415 - built on some machines only

        self._notes = _scan.Levels()

    def __len__(self) -> int:
        """As LevelNotes."""
        return self._notes.count()

    def note(self, batch: Events) -> None:
        """As LevelNotes."""
        if not self._notes.note(batch.raw):
            decode_batch(batch.raw)  # says what is wrong
            raise CodecError("an event batch that the native scan does not take")

    def take(self) -> list[ChangedLevel]:
        """As LevelNotes."""
        return [ChangedLevel(*row) for row in self._notes.take()]


def level_notes() -> LevelNotes:
    """An empty table of the faster kind."""
    return NativeLevelNotes() if NATIVE_SCAN else PlainLevelNotes()
