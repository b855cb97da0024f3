"""The native engine behind the engine port: bytes go to C++, views come back as rows.

Room: translation. `_core` is the C++ module; nothing of the market is decided here. Importing this
module raises ImportError where the extension was not built (`exchange.engine.build` falls back).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from exchange.engine.capture import Capture, HeldCapture
from exchange.engine.dark_views import DarkView
from exchange.engine.native import _core
from exchange.engine.native import view_rows as v
from exchange.engine.native.forked_capture import ForkedCapture
from exchange.engine.port import (
    NATIVE,
    AuctionView,
    DepthView,
    InstrumentView,
    KillSwitchView,
    LevelView,
    OrderView,
    PositionView,
)
from exchange.engine.reference import rows as r
from exchange.engine.reference.dark_sections import DARK_BOOK_ROW
from exchange.engine.risk_views import (
    BalanceView,
    HoldingView,
    PortfolioView,
    RiskView,
    TradeView,
)
from exchange.errors import InvariantViolation
from exchange.model.dark import DarkIndication
from exchange.model.instrument import Account, Member
from exchange.model.layout import CodecError, Layout
from exchange.model.records import ACCOUNT, DAY_END, MEMBER, SCHEDULE_STEP, TRADING_RULES
from exchange.model.risk_records import (
    ACCOUNT_LIMITS,
    FEE_SCHEDULE,
    MEMBER_LIMITS,
    RESTRICTION,
    RISK_REFERENCE,
)
from exchange.model.terms import NO_TERMS
from exchange.model.trading_rules import ScheduleStep, TradingRules

R = TypeVar("R", bound=msgspec.Struct)

FORK_FROM_ORDERS = 10_000
"""Ids of orders of the day; with fewer a snapshot is written sooner than a process is forked."""


class NativeEngine:
    """The engine port (`exchange.engine.port.Engine`), begun at genesis.

    Args:
        fork_from_orders: used cl_ord_ids from which on a snapshot is written by a child process.
    """

    def __init__(self, fork_from_orders: int = FORK_FROM_ORDERS) -> None:
        self._core = _core.Core()
        self._fork_from_orders = fork_from_orders

    @property
    def name(self) -> str:
        """NATIVE."""
        return NATIVE

    @property
    def applied_index(self) -> int:
        """Log index of the last entry applied; 0 at genesis."""
        return self._core.counters()[0]

    @property
    def next_event_seq(self) -> int:
        """Sequence number that the next event gets; 1 at genesis."""
        return self._core.counters()[1]

    @property
    def now_ns(self) -> int:
        """Time of the last entry applied; 0 at genesis."""
        return self._core.counters()[2]

    @property
    def trading_day(self) -> int:
        """Number of the current trading day, from 1."""
        return self._core.counters()[3]

    @property
    def open_order_count(self) -> int:
        """How many orders are open."""
        return self._core.counters()[4]

    def apply(self, entry: bytes) -> bytes:
        """Apply one entry and return its event batch; InvariantViolation is our own bug."""
        try:
            return self._core.apply(entry)
        except _core.InvariantError as error:
            raise InvariantViolation("NATIVE_ENGINE", what=str(error)) from error

    def snapshot(self) -> bytes:
        """The whole state, canonically encoded."""
        return self._core.snapshot()

    def begin_snapshot(self) -> Capture:
        """Capture the state by a fork; where there is none to be had, hold the engine."""
        index, next_event_seq, *_ = self._core.counters()
        why = ""
        try:
            forked = self._core.begin_snapshot(self._fork_from_orders)
        except _core.CaptureError as error:
            why = str(error)
        else:
            if forked is not None:
                return ForkedCapture(forked, index, next_event_seq)
        return HeldCapture(index, next_event_seq, self._core.snapshot(), why)

    def restore(self, snapshot: bytes) -> None:
        """Replace the whole state; raises CodecError, and keeps the state, if it is not one."""
        try:
            self._core.restore(snapshot)
        except _core.SnapshotError as error:
            raise CodecError(str(error)) from error

    def digest(self) -> bytes:
        """16 bytes: xxh3_128 over `snapshot()`."""
        return self._core.digest()

    def events_digest(self) -> bytes:
        """16 bytes: running digest over all batches applied."""
        return self._core.events_digest()

    def next_timer_ns(self) -> int | None:
        """When the next timer falls due."""
        return self._core.next_timer_ns()

    def instruments(self) -> list[InstrumentView]:
        """All instruments, by id."""
        return [
            InstrumentView(*_values(row)) for row in self._rows(v.INSTRUMENT_VIEW, "instruments")
        ]

    def members(self) -> list[Member]:
        """All members, by id."""
        return list(self._rows(MEMBER, "members"))

    def accounts(self) -> list[Account]:
        """All accounts, by id."""
        return list(self._rows(ACCOUNT, "accounts"))

    def trading_rules(self, instrument_id: int) -> TradingRules | None:
        """Trading rules of an instrument (R6, R7)."""
        return next(self._rows(TRADING_RULES, "trading_rules", instrument_id), None)

    def auction(self, instrument_id: int) -> AuctionView | None:
        """How an instrument's call stands (R6.1)."""
        row = next(self._rows(v.AUCTION_VIEW, "auction", instrument_id), None)
        if row is None:
            return None
        return AuctionView(
            row.phase,
            row.end_ts_ns,
            row.reopen_ts_ns,
            row.price,
            row.volume,
            row.imbalance_side,
            row.imbalance_qty,
            is_extended=row.is_extended != 0,
            is_barred=row.is_barred != 0,
        )

    def dark(self, instrument_id: int) -> DarkView | None:
        """The dark book as anyone may see it; None for an unknown instrument."""
        row = next(self._rows(DARK_BOOK_ROW, "dark", instrument_id), None)
        if row is None:
            return None
        quantities = (row.indicated_qty, row.indicated_buy_qty, row.indicated_sell_qty)
        indications = [
            DarkIndication(instrument_id, side, qty) for side, qty in enumerate(quantities) if qty
        ]
        return DarkView(row.rules, row.cross_ns, indications)

    def schedule(self, instrument_id: int) -> list[ScheduleStep]:
        """Steps of an instrument's schedule that are to come (R2)."""
        return list(self._rows(SCHEDULE_STEP, "schedule", instrument_id))

    def day_ends(self) -> list[int]:
        """Times at which the trading day is to end (R2)."""
        return [end.ts_ns for end in self._rows(DAY_END, "day_ends")]

    def kill_switches(self) -> list[KillSwitchView]:
        """All engaged kill switches, by scope and target."""
        return [
            KillSwitchView(*_values(row)) for row in self._rows(r.KILL_SWITCH_ROW, "kill_switches")
        ]

    def open_sessions(self) -> list[tuple[int, int]]:
        """(session_id, member_id) of every open client session, by id."""
        return [(row.session_id, row.member_id) for row in self._rows(r.SESSION_ROW, "sessions")]

    def order(self, order_id: int) -> OrderView | None:
        """An order of this trading day, live or done."""
        return next(map(_order_view, self._rows(v.ORDER_VIEW, "order", order_id)), None)

    def order_by_cl_ord_id(self, member_id: int, cl_ord_id: str) -> OrderView | None:
        """The order that any cl_ord_id used today names; also a refused one (order_id 0)."""
        found = _decode(v.ORDER_VIEW, self._core.order_by_name(member_id, cl_ord_id))
        return next(map(_order_view, found), None)

    def orders(
        self, member_id: int, instrument_id: int, after_order_id: int, limit: int, *, live: bool
    ) -> list[OrderView]:
        """Orders by order_id, of a member and an instrument (0 = any), at most `limit`."""
        scope = (member_id, instrument_id, after_order_id, limit, live)
        return [
            _order_view(row) for row in _decode(v.ORDER_VIEW, self._core.query("orders", *scope))
        ]

    def depth(self, instrument_id: int, levels: int) -> DepthView | None:
        """Displayed book, at most `levels` a side (0 = all); None for an unknown instrument."""
        if self.trading_rules(instrument_id) is None:
            return None
        sides: tuple[list[LevelView], list[LevelView]] = ([], [])
        for row in self._rows(v.LEVEL_VIEW, "depth", instrument_id, levels):
            sides[row.side - 1].append(LevelView(row.price, row.qty, row.order_count))
        return DepthView(*sides)

    def positions(self, account_id: int) -> list[PositionView]:
        """Positions other than zero of one account (0 = of all), by account and instrument."""
        rows = self._rows(v.POSITION_VIEW, "positions", account_id)
        return [PositionView(*_values(row)) for row in rows]

    def portfolio(self, account_id: int) -> PortfolioView | None:
        """Money, holdings, results, reservations and limits of an account; None if unknown."""
        limits = next(self._rows(ACCOUNT_LIMITS, "limits", account_id), None)
        if limits is None:
            return None
        balances = [
            BalanceView(row.currency, *_values(row)[:-1])
            for row in self._rows(v.BALANCE_VIEW, "balances", account_id)
        ]
        holdings = [
            HoldingView(*_values(row)) for row in self._rows(v.HOLDING_VIEW, "holdings", account_id)
        ]
        day_trades = self._core.day_trades(account_id)
        return PortfolioView(account_id, limits, balances, holdings, day_trades)

    def trade(self, trade_id: int) -> TradeView | None:
        """A trade of this trading day as it stands after corrections."""
        row = next(self._rows(v.TRADE_VIEW, "trade", trade_id), None)
        return TradeView(*_values(row)) if row is not None else None

    def risk_settings(self) -> RiskView:
        """All limits, fees, figures and the restricted list."""
        return RiskView(
            list(self._rows(ACCOUNT_LIMITS, "account_limits")),
            list(self._rows(MEMBER_LIMITS, "member_limits")),
            list(self._rows(FEE_SCHEDULE, "fees")),
            list(self._rows(RISK_REFERENCE, "references")),
            list(self._rows(RESTRICTION, "restrictions")),
        )

    def venue_cash(self) -> list[tuple[str, int]]:
        """What the venue got in fees, by currency, cash units."""
        return [(row.currency, row.amount) for row in self._rows(v.VENUE_CASH, "venue_cash")]

    def _rows(self, layout: Layout[R], what: str, scope: int = 0, limit: int = 0) -> Iterator[R]:
        return _decode(layout, self._core.query(what, scope, 0, 0, limit))


def _decode(layout: Layout[R], data: bytes) -> Iterator[R]:
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "little")
        yield layout.decode(data, at + 2, end)
        at = end


def _values(row: msgspec.Struct) -> tuple[Any, ...]:
    return msgspec.structs.astuple(row)


def _order_view(row: v.OrderViewRow) -> OrderView:
    terms = row.terms if row.terms != NO_TERMS else NO_TERMS
    return OrderView(
        row.order, row.reject_reason, row.entry_ts_ns, row.last_ts_ns, terms, bool(row.is_waiting)
    )
