"""The reference engine: the engine port over the chapters of this package.

Room: dispatch. `apply` checks the entry, moves time, fires due timers and hands each command to
its chapter; it judges nothing itself. Rules fixed here:

- An entry is taken only if its head is sound (CRC, format, length), its log_index is the next one
  and its records add up, checked in this order: UNREADABLE, OUT_OF_ORDER, UNREADABLE. Otherwise
  nothing changes and the batch is empty; it shows log_index 0 where the head is unreadable.
- Time is max(previous, entry.ts_ns) (R1.3); the batch shows that time.
- Timers due at that time (<=) fire first, in (time, id) order, each finished like a command.
- The after-effects of a command (R4.6-R4.8, `aftermath.py`) are part of it.
- The indicative uncross of calls is published last (R6.1, `calls.py`), under the last command's
  number.
- A record that does not decode gives CommandIgnored and nothing else.
- events_digest becomes xxh3_128(events_digest || batch); 16 zero bytes at genesis. It is state.
- exec_id = event seq: the place of an event in its batch, counted from the batch's first_seq.

`apply` never raises for any bytes. InvariantViolation is the one exception: our own bug, on which
the node stops (DESIGN section 7).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import xxhash

from exchange.engine.capture import Capture, HeldCapture
from exchange.engine.dark_views import DarkView
from exchange.engine.port import (
    REFERENCE,
    AuctionView,
    DepthView,
    InstrumentView,
    KillSwitchView,
    OrderView,
    PositionView,
)
from exchange.engine.reference import portfolio, queries
from exchange.engine.reference.admin import OPERATORS, AdminRule, carry_out
from exchange.engine.reference.aftermath import follow
from exchange.engine.reference.bust import BUST_RULES
from exchange.engine.reference.calls import publish_indicative
from exchange.engine.reference.cancel import cancel_order, mass_cancel
from exchange.engine.reference.canonical import decode_state, encode_state
from exchange.engine.reference.cash import CASH_RULES
from exchange.engine.reference.dark_rules import DARK_RULES
from exchange.engine.reference.due import fire
from exchange.engine.reference.emergency import EMERGENCY_RULES
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.halts import HALT_RULES
from exchange.engine.reference.idempotency import fingerprint
from exchange.engine.reference.killswitch import KILL_SWITCH_RULES
from exchange.engine.reference.limits import LIMIT_RULES
from exchange.engine.reference.new_order import new_order, new_order_with_terms
from exchange.engine.reference.origin import Origin
from exchange.engine.reference.phase import PHASE_RULES
from exchange.engine.reference.refdata import REFDATA_RULES
from exchange.engine.reference.replace import replace_order, replace_order_with_terms
from exchange.engine.reference.restrict import RESTRICT_RULES
from exchange.engine.reference.risk_books import VENUE
from exchange.engine.reference.rules import RULES_RULES
from exchange.engine.reference.schedule import SCHEDULE_RULES
from exchange.engine.reference.sessions import (
    epoch_started,
    membership_recorded,
    session_closed,
    session_opened,
)
from exchange.engine.reference.split import SPLIT_RULES
from exchange.engine.reference.state import State
from exchange.engine.risk_views import PortfolioView, RiskView, TradeView
from exchange.model.codec import (
    COMMAND_NO_TIMER,
    BatchStatus,
    CommandRecord,
    command_records,
    decode_command,
    decode_entry_head,
    encode_batch,
)
from exchange.model.command import (
    CancelOrder,
    EpochStarted,
    MassCancel,
    NewOrder,
    NewOrderWithTerms,
    RecordMembership,
    ReplaceOrder,
    ReplaceOrderWithTerms,
    SessionClosed,
    SessionOpened,
)
from exchange.model.event import CommandIgnored
from exchange.model.instrument import Account, Member
from exchange.model.layout import CodecError
from exchange.model.trading_rules import ScheduleStep, TradingRules
from exchange.model.units import TEXT_MAX

_COURSES: dict[type, Callable[[State, Emitter, Any, Origin], None]] = {
    NewOrder: new_order,
    CancelOrder: cancel_order,
    ReplaceOrder: replace_order,
    MassCancel: mass_cancel,
    NewOrderWithTerms: new_order_with_terms,
    ReplaceOrderWithTerms: replace_order_with_terms,
    SessionOpened: session_opened,
    SessionClosed: session_closed,
    EpochStarted: epoch_started,
    RecordMembership: membership_recorded,
}
_ADMIN_RULES: dict[type, AdminRule] = {
    **REFDATA_RULES,
    **PHASE_RULES,
    **HALT_RULES,
    **RULES_RULES,
    **SCHEDULE_RULES,
    **KILL_SWITCH_RULES,
    **LIMIT_RULES,
    **RESTRICT_RULES,
    **CASH_RULES,
    **BUST_RULES,
    **EMERGENCY_RULES,
    **SPLIT_RULES,
    **DARK_RULES,
}


class ReferenceEngine:
    """The engine port (`exchange.engine.port.Engine`), begun at genesis."""

    def __init__(self) -> None:
        self._state = State()

    @property
    def name(self) -> str:
        """REFERENCE."""
        return REFERENCE

    @property
    def applied_index(self) -> int:
        """Log index of the last entry applied; 0 at genesis."""
        return self._state.applied_index

    @property
    def next_event_seq(self) -> int:
        """Sequence number that the next event gets; 1 at genesis."""
        return self._state.next_event_seq

    @property
    def now_ns(self) -> int:
        """Time of the last entry applied; 0 at genesis."""
        return self._state.now_ns

    @property
    def trading_day(self) -> int:
        """Number of the current trading day, from 1."""
        return self._state.trading_day

    @property
    def open_order_count(self) -> int:
        """How many orders are open."""
        return len(self._state.open_orders.by_id)

    def apply(self, entry: bytes) -> bytes:
        """Apply one entry and return its event batch (port; rules in the module docstring)."""
        state = self._state
        try:
            head = decode_entry_head(entry)
        except CodecError:
            return self._refuse(0, BatchStatus.UNREADABLE)
        if head.log_index != state.applied_index + 1:
            return self._refuse(head.log_index, BatchStatus.OUT_OF_ORDER)
        try:
            records = command_records(entry)
        except CodecError:
            return self._refuse(head.log_index, BatchStatus.UNREADABLE)
        out = Emitter(state)
        state.now_ns = max(state.now_ns, head.ts_ns)
        state.entry_hash = xxhash.xxh3_64_intdigest(entry)
        self._fire_timers(out)
        for command_no, record in enumerate(records):
            out.command_no = command_no
            self._run(out, record)
            follow(state, out)
            out.finish()
        publish_indicative(state, out)
        state.applied_index = head.log_index
        batch = encode_batch(head.log_index, state.now_ns, state.next_event_seq, out.records)
        state.next_event_seq += len(out.records)
        state.events_digest = xxhash.xxh3_128_digest(state.events_digest + batch)
        return batch

    def _refuse(self, log_index: int, status: BatchStatus) -> bytes:
        state = self._state
        return encode_batch(log_index, state.now_ns, state.next_event_seq, [], status)

    def _fire_timers(self, out: Emitter) -> None:
        state = self._state
        out.command_no = COMMAND_NO_TIMER
        while (timer := state.timers.pop_due(state.now_ns)) is not None:
            fire(state, out, timer)
            follow(state, out)
            out.finish()

    def _run(self, out: Emitter, record: CommandRecord) -> None:
        try:
            command = decode_command(record)
        except CodecError as error:
            detail = str(error).encode()[:TEXT_MAX].decode(errors="ignore")
            out.emit(CommandIgnored(record.kind, detail))
            return
        kind = type(command)
        origin = Origin(record.kind, record.session_id, fingerprint(record.kind, record.content))
        course = _COURSES.get(kind)
        if course is not None:
            course(self._state, out, command, origin)
        else:
            carry_out(self._state, out, command, origin, _ADMIN_RULES[kind], owner=OPERATORS)

    def snapshot(self) -> bytes:
        """The whole state, canonically encoded (`canonical.py`)."""
        return encode_state(self._state)

    def begin_snapshot(self) -> Capture:
        """The snapshot, made before it returns: this engine is the specification, not the quick."""
        return HeldCapture(self.applied_index, self.next_event_seq, self.snapshot())

    def restore(self, snapshot: bytes) -> None:
        """Replace the whole state; raises CodecError, and keeps the state, if it is not one."""
        self._state = decode_state(snapshot)

    def digest(self) -> bytes:
        """16 bytes: xxh3_128 over `snapshot()`."""
        return xxhash.xxh3_128_digest(self.snapshot())

    def events_digest(self) -> bytes:
        """16 bytes: running digest over all batches applied."""
        return self._state.events_digest

    def next_timer_ns(self) -> int | None:
        """When the next timer falls due."""
        return self._state.timers.next_ns()

    def instruments(self) -> list[InstrumentView]:
        """All instruments, by id."""
        return queries.instruments(self._state)

    def members(self) -> list[Member]:
        """All members, by id."""
        return list(self._state.members.values())

    def accounts(self) -> list[Account]:
        """All accounts, by id."""
        return list(self._state.accounts.values())

    def trading_rules(self, instrument_id: int) -> TradingRules | None:
        """Trading rules of an instrument (R6, R7)."""
        listing = self._state.listings.get(instrument_id)
        return listing.session.rules if listing else None

    def auction(self, instrument_id: int) -> AuctionView | None:
        """How an instrument's call stands (R6.1)."""
        return queries.auction(self._state, instrument_id)

    def dark(self, instrument_id: int) -> DarkView | None:
        """Rules, agenda and indications of a dark book."""
        return queries.dark(self._state, instrument_id)

    def schedule(self, instrument_id: int) -> list[ScheduleStep]:
        """Steps of an instrument's schedule that are to come (R2)."""
        listing = self._state.listings.get(instrument_id)
        return list(listing.session.schedule) if listing else []

    def day_ends(self) -> list[int]:
        """Times at which the trading day is to end (R2)."""
        return [end.ts_ns for end in self._state.day_ends]

    def kill_switches(self) -> list[KillSwitchView]:
        """All engaged kill switches, by scope and target."""
        return [switch for _, switch in sorted(self._state.kill_switches.items())]

    def open_sessions(self) -> list[tuple[int, int]]:
        """(session_id, member_id) of every open client session, by id."""
        return [(s.session_id, s.member_id) for s in self._state.sessions.values()]

    def order(self, order_id: int) -> OrderView | None:
        """An order of this trading day, live or done."""
        return queries.order(self._state, order_id)

    def order_by_cl_ord_id(self, member_id: int, cl_ord_id: str) -> OrderView | None:
        """The order that any cl_ord_id used today names; also a refused one (order_id 0)."""
        return queries.order_by_cl_ord_id(self._state, member_id, cl_ord_id)

    def orders(
        self, member_id: int, instrument_id: int, after_order_id: int, limit: int, *, live: bool
    ) -> list[OrderView]:
        """Orders by order_id, of a member and an instrument (0 = any), at most `limit`."""
        scope = (member_id, instrument_id)
        return queries.orders(self._state, scope, after_order_id, limit, live=live)

    def depth(self, instrument_id: int, levels: int) -> DepthView | None:
        """Displayed book, at most `levels` a side (0 = all); None for an unknown instrument."""
        return queries.depth(self._state, instrument_id, levels)

    def positions(self, account_id: int) -> list[PositionView]:
        """Positions other than zero of one account (0 = of all), by account and instrument."""
        return queries.positions(self._state, account_id)

    def portfolio(self, account_id: int) -> PortfolioView | None:
        """Money, holdings, results, reservations and limits of an account; None if unknown."""
        return portfolio.portfolio(self._state, account_id)

    def trade(self, trade_id: int) -> TradeView | None:
        """A trade of this trading day as it stands after corrections."""
        return portfolio.trade(self._state, trade_id)

    def risk_settings(self) -> RiskView:
        """All limits, fees, figures and the restricted list."""
        return portfolio.risk_settings(self._state)

    def venue_cash(self) -> list[tuple[str, int]]:
        """What the venue got in fees, by currency, cash units."""
        return sorted(self._state.risk.cash.get(VENUE, {}).items())
