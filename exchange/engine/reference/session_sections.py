"""The snapshot's sections about calls, halts, schedules and protection (`session_state.py`).

Room: their rows, layouts and both directions. They stand after the listings they refer to. A change
here is a change of `canonical.SNAPSHOT_FORMAT`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from exchange.engine.reference.auction import Uncross
from exchange.engine.reference.section import Section
from exchange.engine.reference.state import State
from exchange.model.layout import Layout
from exchange.model.records import DAY_END, TRADING_RULES
from exchange.model.trading_rules import DayEnd, ScheduleStep, TradingRules


class SessionStateRow(msgspec.Struct, frozen=True, gc=False):
    """One instrument's `SessionState` without its lists."""

    rules: TradingRules
    call_length_ns: int
    call_end_ns: int
    uncross_ns: int
    is_extended: int
    next_phase: int
    indicated_price: int
    indicated_volume: int
    indicated_side: int
    indicated_qty: int
    halted_from: int
    reopen_ns: int
    is_barred: int
    levels_tripped: int
    auction_close: int
    has_traded: int
    dynamic_base: int


class TrailRow(msgspec.Struct, frozen=True, gc=False):
    """One trade that can still become the dynamic reference."""

    instrument_id: int
    ts_ns: int
    price: int


class ScheduleRow(msgspec.Struct, frozen=True, gc=False):
    """One step to come."""

    instrument_id: int
    ts_ns: int
    phase: int
    call_ns: int


SESSION_STATE_ROW = Layout(
    SessionStateRow,
    "rules record, call_length_ns u64, call_end_ns u64, uncross_ns u64, is_extended u8,"
    "next_phase u8, indicated_price i64, indicated_volume u128, indicated_side u8,"
    "indicated_qty u128, halted_from u8, reopen_ns u64, is_barred u8, levels_tripped u8,"
    "auction_close i64, has_traded u8, dynamic_base i64",
    TRADING_RULES,
)
TRAIL_ROW = Layout(TrailRow, "instrument_id u32, ts_ns u64, price i64")
SCHEDULE_ROW = Layout(ScheduleRow, "instrument_id u32, ts_ns u64, phase u8, call_ns u64")

_AS_THEY_ARE = (
    "rules",
    "call_length_ns",
    "call_end_ns",
    "uncross_ns",
    "next_phase",
    "halted_from",
    "reopen_ns",
    "levels_tripped",
    "auction_close",
    "dynamic_base",
)
_FLAGS = ("is_extended", "is_barred", "has_traded")


def _session_state_rows(state: State) -> Iterable[SessionStateRow]:
    for _, listing in sorted(state.listings.items()):
        session = listing.session
        price, volume, side, qty = session.indicated
        values: dict[str, Any] = {name: getattr(session, name) for name in _AS_THEY_ARE}
        values |= {name: int(getattr(session, name)) for name in _FLAGS}
        yield SessionStateRow(
            **values,
            indicated_price=price,
            indicated_volume=volume,
            indicated_side=side,
            indicated_qty=qty,
        )


def _load_session_state(state: State, row: SessionStateRow) -> None:
    session = state.listings[row.rules.instrument_id].session
    for name in _AS_THEY_ARE:
        setattr(session, name, getattr(row, name))
    for name in _FLAGS:
        setattr(session, name, getattr(row, name) != 0)
    indicated = (row.indicated_price, row.indicated_volume, row.indicated_side, row.indicated_qty)
    session.indicated = Uncross(*indicated)


def _trail_rows(state: State) -> Iterable[TrailRow]:
    for instrument_id, listing in sorted(state.listings.items()):
        for ts_ns, price in listing.session.trail:
            yield TrailRow(instrument_id, ts_ns, price)


def _load_trail(state: State, row: TrailRow) -> None:
    state.listings[row.instrument_id].session.trail.append((row.ts_ns, row.price))


def _schedule_rows(state: State) -> Iterable[ScheduleRow]:
    for instrument_id, listing in sorted(state.listings.items()):
        for step in listing.session.schedule:
            yield ScheduleRow(instrument_id, step.ts_ns, step.phase, step.call_ns)


def _load_schedule(state: State, row: ScheduleRow) -> None:
    step = ScheduleStep(row.ts_ns, row.phase, row.call_ns)
    state.listings[row.instrument_id].session.schedule.append(step)


def _day_end_rows(state: State) -> Iterable[DayEnd]:
    return state.day_ends


def _load_day_end(state: State, row: DayEnd) -> None:
    state.day_ends.append(row)


SESSION_SECTIONS: tuple[Section, ...] = (
    Section(SESSION_STATE_ROW, _session_state_rows, _load_session_state),
    Section(TRAIL_ROW, _trail_rows, _load_trail),
    Section(SCHEDULE_ROW, _schedule_rows, _load_schedule),
    Section(DAY_END, _day_end_rows, _load_day_end),
)
