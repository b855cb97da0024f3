"""The whole mutable state of the engine, and the mutations that keep its indexes in step.

Room: data. Nothing that outlives a command is kept anywhere else, so `canonical.py` needs only
this. Rules live in the chapter files; here stands what must never come apart: an order in its
queue, in the open-order indexes and in the timers.
"""

from __future__ import annotations

from typing import NamedTuple

from exchange.engine.port import KillSwitchView
from exchange.engine.reference.book import Book
from exchange.engine.reference.idempotency import RememberedOrder, RememberedRequest
from exchange.engine.reference.open_orders import OpenOrders
from exchange.engine.reference.order import Order
from exchange.engine.reference.risk_books import RiskBooks
from exchange.engine.reference.timers import TimerKind, Timers
from exchange.model.enums import Phase, TimeInForce
from exchange.model.instrument import Account, Instrument, Member
from exchange.model.units import cash_scale

_GTD = TimeInForce.GTD.value


class Session(NamedTuple):
    """An open client session (R9.2)."""

    session_id: int
    member_id: int
    cancel_on_disconnect: int


class Listing:
    """An instrument with what moves: phase, last trade (0 = none yet) and book."""

    __slots__ = ("book", "instrument", "last_price", "last_qty", "phase")

    def __init__(self, instrument: Instrument, book: Book) -> None:
        self.instrument = instrument
        self.book = book
        self.phase: int = Phase.CLOSED.value
        self.last_price = 0
        self.last_qty = 0

    @property
    def scale(self) -> int:
        """Cash units per price unit and base unit."""
        return cash_scale(self.instrument.qty_decimals, self.instrument.contract_multiplier)


class State:
    """Everything needed to accept the next order (DESIGN section 3).

    Counters hold the last id given (R1.4); `next_event_seq` the next one. `dirty` is empty between
    commands. Dicts keyed by a counter are in rising order of their keys.
    """

    def __init__(self) -> None:
        self.applied_index = 0
        self.next_event_seq = 1
        self.now_ns = 0
        self.events_digest = bytes(16)
        self.trading_day = 1
        self.epoch = 0
        self.node = ""
        self.last_instrument_id = 0
        self.last_member_id = 0
        self.last_account_id = 0
        self.last_session_id = 0
        self.last_order_id = 0
        self.last_trade_id = 0
        self.listings: dict[int, Listing] = {}
        self.instrument_ids: dict[str, int] = {}
        self.members: dict[int, Member] = {}
        self.member_ids: dict[str, int] = {}
        self.accounts: dict[int, Account] = {}
        self.account_ids: dict[tuple[int, str], int] = {}
        self.sessions: dict[int, Session] = {}
        self.kill_switches: dict[tuple[int, int], KillSwitchView] = {}
        self.orders: dict[int, Order] = {}
        self.order_ids: list[int] = []
        self.order_ids_by_member: dict[int, list[int]] = {}
        self.open_orders = OpenOrders()
        self.remembered_orders: dict[tuple[int, str], RememberedOrder] = {}
        self.remembered_requests: dict[tuple[int, str], RememberedRequest] = {}
        self.timers = Timers()
        self.positions: dict[int, dict[int, int]] = {}
        self.risk = RiskBooks()
        self.dirty: dict[int, Book] = {}

    def add_listing(self, instrument: Instrument) -> Listing:
        """List an instrument, CLOSED and with an empty book."""
        instrument_id = instrument.instrument_id
        listing = Listing(instrument, Book(instrument_id, self.dirty))
        self.listings[instrument_id] = listing
        self.instrument_ids[instrument.symbol] = instrument_id
        return listing

    def put_member(self, member: Member) -> None:
        """Add a member or its new standing."""
        self.members[member.member_id] = member
        self.member_ids[member.name] = member.member_id

    def put_account(self, account: Account) -> None:
        """Add an account or its new standing."""
        self.accounts[account.account_id] = account
        self.account_ids[account.member_id, account.name] = account.account_id

    def add_order(self, order: Order) -> None:
        """Take in an accepted order; it does not rest yet."""
        self.orders[order.order_id] = order
        self.order_ids.append(order.order_id)
        self.order_ids_by_member.setdefault(order.member_id, []).append(order.order_id)

    def rest(self, order: Order) -> None:
        """Put a live order into the book at the back of its level, and into all indexes."""
        self.listings[order.instrument_id].book.add(order)
        self.open_orders.add(order)
        self.reserve(order)
        if order.time_in_force == _GTD:
            timer = (order.expire_ts_ns, TimerKind.GOOD_TILL_DATE, order.order_id)
            self.timers.discard(*timer)
            self.timers.add(*timer)

    def leave(self, order: Order, ord_status: int) -> int:
        """End an order's life with a terminal status; returns the quantity that was open."""
        if order.is_resting:
            self.listings[order.instrument_id].book.remove(order)
        open_qty = order.leaves_qty
        order.leaves_qty = 0
        order.ord_status = ord_status
        order.last_ts_ns = self.now_ns
        self.reserve(order)
        self.open_orders.discard(order)
        if order.time_in_force == _GTD:
            self.timers.discard(order.expire_ts_ns, TimerKind.GOOD_TILL_DATE, order.order_id)
        return open_qty

    def reserve(self, order: Order) -> None:
        """Reserve what the order has open now, at its price now (R8); nothing if it is done."""
        self.risk.exposures.hold(order, self.listings[order.instrument_id].scale)

    def end_session(self, session_id: int) -> None:
        """Forget an open session and its order rate."""
        del self.sessions[session_id]
        self.risk.session_buckets.pop(session_id, None)

    def position(self, account_id: int, instrument_id: int) -> int:
        """Signed quantity of an account in an instrument."""
        return self.positions.get(account_id, {}).get(instrument_id, 0)

    def move_position(self, account_id: int, instrument_id: int, qty: int) -> None:
        """Add a signed quantity to a position; a position of zero is not kept."""
        held = self.positions.setdefault(account_id, {})
        now = held.get(instrument_id, 0) + qty
        if now:
            held[instrument_id] = now
            return
        held.pop(instrument_id, None)
        if not held:
            del self.positions[account_id]

    def begin_trading_day(self) -> None:
        """Forget what belonged to the day that ends (R10.1).

        Done orders, used cl_ord_ids and request_ids go; a live order stays, and so does the
        memory of the cl_ord_id that names it now.
        """
        self.trading_day += 1
        self.risk.begin_trading_day(self.trading_day)
        live = [self.orders[order_id] for order_id in sorted(self.open_orders.by_id)]
        remembered = self.remembered_orders
        self.orders, self.order_ids, self.order_ids_by_member = {}, [], {}
        self.remembered_orders, self.remembered_requests = {}, {}
        for order in live:
            self.add_order(order)
            key = (order.member_id, order.cl_ord_id)
            self.remembered_orders[key] = remembered[key]
