"""The events of one entry, encoded in emission order.

Room: collecting and ordering (R11.1). A chapter emits its events as they happen; phase changes are
held back, and `finish` closes each command with LevelChanged, BboChanged and then PhaseChanged.
"""

from __future__ import annotations

from exchange.engine.reference.phase_table import CALL_PHASES
from exchange.engine.reference.state import State
from exchange.errors import InvariantViolation
from exchange.model.codec import encode_event
from exchange.model.enums import Phase
from exchange.model.event import BboChanged, Event, PhaseChanged
from exchange.model.risk_event import EmergencyClosed

_CONTINUOUS = Phase.CONTINUOUS.value


class Emitter:
    """Collects event records; the position in `records` fixes the event's sequence number."""

    __slots__ = ("_phases", "_state", "command_no", "records")

    def __init__(self, state: State) -> None:
        self.records: list[bytes] = []
        self.command_no = 0
        self._state = state
        self._phases: list[PhaseChanged | EmergencyClosed] = []

    def emit(self, event: Event) -> None:
        """Append an event of the running command."""
        self.records.append(encode_event(event, self.command_no))

    def emit_last(self, event: PhaseChanged | EmergencyClosed) -> None:
        """Append a phase change or an emergency close after the book events (R11.1)."""
        self._phases.append(event)

    def moved_instruments(self) -> set[int]:
        """Ids of the instruments whose phase the running command has changed."""
        return {x.instrument_id for x in self._phases if isinstance(x, PhaseChanged)}

    def finish(self) -> None:
        """Close the running command: book, BBO and phase changes, and the cheap invariants."""
        dirty = self._state.dirty
        if dirty:
            bbos: list[BboChanged] = []
            for instrument_id in sorted(dirty):
                book = dirty[instrument_id]
                levels, bbo = book.changes()
                for level in levels:
                    self.emit(level)
                if bbo is not None:
                    bbos.append(bbo)
                phase = self._state.listings[instrument_id].phase
                if phase in CALL_PHASES:
                    self._state.calls_touched.add(instrument_id)
                if phase == _CONTINUOUS and (book.is_crossed() or book.has_market_orders()):
                    raise InvariantViolation("book_not_crossed", instrument_id=instrument_id)
            for bbo in bbos:
                self.emit(bbo)
            dirty.clear()
        if self._phases:
            for change in self._phases:
                self.emit(change)
            self._phases.clear()
