"""How each instrument trades now: phase, auction call, halt. A fold of events alone.

Room: one `TradingState` an instrument, which anyone may see (RULEBOOK R6.1, R7). It tells nothing
of orders or members. Invariant: after each batch it equals what the engine's `auction` view says.

A breaker trip (R7.3) is one event; whom it halts follows in the PhaseChanged events of the same
command, or is whoever it had halted before. Its last level bars the whole scope until the day ends.
"""

from __future__ import annotations

from typing import NamedTuple

from exchange.engine.port import Engine
from exchange.model.auction_event import AuctionExtended, BreakerTripped, Indicative
from exchange.model.batch import EventBatch
from exchange.model.enums import BreakerScope, InstrumentStatus, Phase
from exchange.model.event import Event, InstrumentChanged, PhaseChanged, TradingDayChanged
from exchange.model.event_scan import kinds_of

LAST_LEVEL = 3

_TELLING = kinds_of(
    PhaseChanged,
    Indicative,
    AuctionExtended,
    BreakerTripped,
    TradingDayChanged,
    InstrumentChanged,
)
"""Events that can change a state; all others are passed over."""


class TradingState(NamedTuple):
    """One instrument, as of event sequence number `seq`.

    Attributes:
        price, volume: what the call would uncross to now, 1e-9 quote units and base units; 0 =
            nothing executes, or no call runs.
        imbalance_side, imbalance_qty: what would be left at that price; 0 = nothing.
        is_extended: the call was extended once (R6.4).
        reopen_ts_ns: when the breaker's halt ends; 0 = no such halt.
        is_barred: the breaker's last level: no trading before the next trading day.
    """

    instrument_id: int
    seq: int
    ts_ns: int
    phase: int
    price: int = 0
    volume: int = 0
    imbalance_side: int = 0
    imbalance_qty: int = 0
    is_extended: bool = False
    reopen_ts_ns: int = 0
    is_barred: bool = False


class TradingStates:
    """The states of all instruments. Event loop thread only."""

    def __init__(self) -> None:
        self._states: dict[int, TradingState] = {}
        self._retired: set[int] = set()
        self._halting: dict[int, int] = {}
        self._command_no = -1

    def load(self, engine: Engine) -> None:
        """Take over the states of the engine; used once, at start."""
        seq, ts_ns = engine.next_event_seq - 1, engine.now_ns
        for listed in engine.instruments():
            instrument_id = listed.instrument.instrument_id
            state = TradingState(instrument_id, seq, ts_ns, listed.phase)
            view = engine.auction(instrument_id)
            if view is not None:
                state = state._replace(
                    price=view.price,
                    volume=view.volume,
                    imbalance_side=view.imbalance_side,
                    imbalance_qty=view.imbalance_qty,
                    is_extended=view.is_extended,
                    reopen_ts_ns=view.reopen_ts_ns,
                    is_barred=view.is_barred,
                )
            self._states[instrument_id] = state
            if listed.instrument.status == InstrumentStatus.RETIRED:
                self._retired.add(instrument_id)

    def on_batch(self, batch: EventBatch) -> list[TradingState]:
        """Fold one batch; the states that it changed, by instrument."""
        changed: set[int] = set()
        self._command_no = -1
        for seq, command_no, event in batch.of_kinds(_TELLING):
            if command_no != self._command_no:
                self._command_no = command_no
                self._halting.clear()
            for state in self._after(event):
                if state != self._states.get(state.instrument_id):
                    stamped = state._replace(seq=seq, ts_ns=batch.head.ts_ns)
                    self._states[state.instrument_id] = stamped
                    changed.add(state.instrument_id)
        return [self._states[instrument_id] for instrument_id in sorted(changed)]

    def of(self, instrument_id: int) -> TradingState:
        """The state of an instrument; CLOSED for one that was never heard of."""
        known = self._states.get(instrument_id)
        return known or TradingState(instrument_id, 0, 0, Phase.CLOSED.value)

    def every(self) -> list[TradingState]:
        """All states, by instrument."""
        return [self._states[instrument_id] for instrument_id in sorted(self._states)]

    def _after(self, event: Event) -> list[TradingState]:
        """The states that an event changes, as they are after it."""
        match event:
            case PhaseChanged(instrument_id=instrument_id, phase=phase):
                return [self._in_phase(self.of(instrument_id), phase)]
            case Indicative(instrument_id=instrument_id):
                return [
                    self.of(instrument_id)._replace(
                        price=event.price,
                        volume=event.volume,
                        imbalance_side=event.imbalance_side,
                        imbalance_qty=event.imbalance_qty,
                    )
                ]
            case AuctionExtended(instrument_id=instrument_id):
                return [self.of(instrument_id)._replace(is_extended=True)]
            case BreakerTripped():
                return self._tripped(event)
            case TradingDayChanged():
                return [state._replace(is_barred=False) for state in self._states.values()]
            case InstrumentChanged(instrument=instrument):
                if instrument.status == InstrumentStatus.RETIRED:
                    self._retired.add(instrument.instrument_id)
                return [self.of(instrument.instrument_id)]
            case _:
                return []

    def _in_phase(self, state: TradingState, phase: int) -> TradingState:
        reopen_ts_ns = 0
        if phase == Phase.HALTED:
            reopen_ts_ns = self._halting.pop(state.instrument_id, 0)
        return TradingState(
            state.instrument_id,
            state.seq,
            state.ts_ns,
            phase,
            reopen_ts_ns=reopen_ts_ns,
            is_barred=state.is_barred,
        )

    def _tripped(self, event: BreakerTripped) -> list[TradingState]:
        scope = [event.instrument_id]
        if event.scope == BreakerScope.MARKET:
            scope = [number for number in sorted(self._states) if number not in self._retired]
        self._halting = dict.fromkeys(scope, event.reopen_ts_ns)
        is_last = event.level == LAST_LEVEL
        return [
            state._replace(reopen_ts_ns=event.reopen_ts_ns, is_barred=state.is_barred or is_last)
            for state in map(self.of, scope)
            if state.reopen_ts_ns or is_last
        ]
