"""The engine port: what every engine promises, and the views that queries get.

Room: the `Engine` protocol, its views and the choice of an implementation by name. An engine is a
pure value machine: equal entries give equal batches, snapshots and digests on every node, for ever
(DESIGN section 3). It is total: no input makes it raise.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import xxhash

from exchange.engine.capture import Capture, SnapshotBytes
from exchange.engine.dark_views import DarkView
from exchange.engine.risk_views import PortfolioView, RiskView, TradeView
from exchange.model.event import OrderState
from exchange.model.instrument import Account, Instrument, Member
from exchange.model.terms import NO_TERMS, OrderTerms
from exchange.model.trading_rules import ScheduleStep, TradingRules

REFERENCE = "reference"
NATIVE = "native"
ENGINE_NAMES = (REFERENCE, NATIVE)
"""All there are; which of them are built here says `exchange.engine.build`."""


def digest_of(snapshot: SnapshotBytes) -> bytes:
    """The state digest of a snapshot: xxh3_128, 16 bytes, big-endian as xxhash gives it."""
    return xxhash.xxh3_128_digest(snapshot)


class LevelView(NamedTuple):
    """One price level as displayed: price in 1e-9 quote units, quantity in base units."""

    price: int
    qty: int
    order_count: int


class DepthView(NamedTuple):
    """The displayed book of one instrument, best level first on both sides."""

    bids: list[LevelView]
    asks: list[LevelView]


class InstrumentView(NamedTuple):
    """An instrument with what moves: its phase and its last trade (0 = none yet)."""

    instrument: Instrument
    phase: int
    last_price: int
    last_qty: int


class AuctionView(NamedTuple):
    """An instrument's call: phase, timed end (0 = none), and what it would uncross to now.

    `price` 0 = nothing executes, or no call runs. `end_ts_ns` is the end before its random
    extension; 0 too while that passes. `reopen_ts_ns`: when a breaker's halt ends.
    """

    phase: int
    end_ts_ns: int
    reopen_ts_ns: int
    price: int
    volume: int
    imbalance_side: int
    imbalance_qty: int
    is_extended: bool
    is_barred: bool


class OrderView(NamedTuple):
    """An order with its place in time; `reject_reason` is 0 unless it was refused.

    `is_waiting`: it is a stop that was not triggered yet (R4.7).
    """

    order: OrderState
    reject_reason: int
    entry_ts_ns: int
    last_ts_ns: int
    terms: OrderTerms = NO_TERMS
    is_waiting: bool = False


class PositionView(NamedTuple):
    """Signed quantity of one instrument on one account, base units, buys positive."""

    account_id: int
    instrument_id: int
    qty: int


class KillSwitchView(NamedTuple):
    """An engaged kill switch."""

    scope: int
    target_id: int
    operator: str
    reason: str
    ts_ns: int


class Engine(Protocol):
    """One deterministic matching engine. Not thread-safe: one thread applies and queries."""

    @property
    def name(self) -> str:
        """The implementation, as `exctl version` shows it."""

    @property
    def applied_index(self) -> int:
        """Log index of the last entry applied; 0 at genesis."""

    @property
    def next_event_seq(self) -> int:
        """Sequence number that the next event gets; 1 at genesis."""

    @property
    def now_ns(self) -> int:
        """Time of the last entry applied; 0 at genesis."""

    @property
    def trading_day(self) -> int:
        """Number of the current trading day, from 1."""

    @property
    def open_order_count(self) -> int:
        """How many orders are open, as `orders(0, 0, ..., live=True)` would list them."""

    def apply(self, entry: bytes) -> bytes:
        """Apply one entry (`exchange.model.codec`), return its event batch.

        Timers that are due at the entry's time fire first, then the commands, in order. An entry
        that is unreadable or whose log_index is not `applied_index + 1` changes nothing and gives
        an empty batch with that `BatchStatus`; an undecodable record gives `CommandIgnored`.
        """

    def snapshot(self) -> bytes:
        """The whole state, canonically encoded: equal states give equal bytes."""

    def begin_snapshot(self) -> Capture:
        """Begin `snapshot()` of this entry and return, at best, before its bytes are made.

        The thread of `apply` calls it, or one that is let in between two entries. The reference
        engine has its bytes when it returns; the native one of a big state has forked a child that
        makes them.
        """

    def restore(self, snapshot: bytes) -> None:
        """Replace the whole state. Raises CodecError if the bytes are not a snapshot."""

    def digest(self) -> bytes:
        """16 bytes: `digest_of(snapshot())`."""

    def events_digest(self) -> bytes:
        """16 bytes: running xxh3_128 over all event batches so far; cheap, O(1)."""

    def next_timer_ns(self) -> int | None:
        """When the next timer falls due; the sequencer then logs an entry, if need be empty."""

    def instruments(self) -> list[InstrumentView]:
        """All instruments, by id."""

    def members(self) -> list[Member]:
        """All members, by id."""

    def accounts(self) -> list[Account]:
        """All accounts, by id."""

    def trading_rules(self, instrument_id: int) -> TradingRules | None:
        """Trading rules of an instrument (RULEBOOK R6, R7); None for an unknown one."""

    def auction(self, instrument_id: int) -> AuctionView | None:
        """How an instrument's call stands; None for an unknown instrument."""

    def dark(self, instrument_id: int) -> DarkView | None:
        """Rules, agenda and indications of a dark book; None for an unknown instrument."""

    def schedule(self, instrument_id: int) -> list[ScheduleStep]:
        """Steps of an instrument's schedule that are to come, in order."""

    def day_ends(self) -> list[int]:
        """Times at which the trading day of the market is to end, in order."""

    def kill_switches(self) -> list[KillSwitchView]:
        """All engaged kill switches, by scope and target."""

    def open_sessions(self) -> list[tuple[int, int]]:
        """(session_id, member_id) of every open client session, by id."""

    def order(self, order_id: int) -> OrderView | None:
        """An order of this trading day, live or done."""

    def order_by_cl_ord_id(self, member_id: int, cl_ord_id: str) -> OrderView | None:
        """The order that any cl_ord_id used today names; also a refused one (order_id 0)."""

    def orders(
        self, member_id: int, instrument_id: int, after_order_id: int, limit: int, *, live: bool
    ) -> list[OrderView]:
        """Orders by order_id, of a member and an instrument (0 = any), at most `limit`."""

    def depth(self, instrument_id: int, levels: int) -> DepthView | None:
        """Displayed book, at most `levels` a side (0 = all); None for an unknown instrument."""

    def positions(self, account_id: int) -> list[PositionView]:
        """Positions other than zero of one account (0 = of all), by account and instrument."""

    def portfolio(self, account_id: int) -> PortfolioView | None:
        """Money, holdings, results, reservations and limits of an account; None if unknown."""

    def trade(self, trade_id: int) -> TradeView | None:
        """A trade of this trading day as it stands after corrections; None if unknown."""

    def risk_settings(self) -> RiskView:
        """All limits, fees, figures and the restricted list."""

    def venue_cash(self) -> list[tuple[str, int]]:
        """What the venue got in fees, by currency, cash units."""
