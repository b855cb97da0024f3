"""The whole mutable state of the engine, and the mutations that keep its indexes in step.

Room: data. Nothing that outlives a command is kept anywhere else, so `canonical.py` needs only
this. Rules live in the chapter files; here stands what must never come apart: an order in its
queue, in the open-order indexes and in the timers.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from sortedcontainers import SortedList

from exchange.engine.port import KillSwitchView
from exchange.engine.reference.book import Book
from exchange.engine.reference.dark_book import DarkBook
from exchange.engine.reference.idempotency import RememberedOrder, RememberedRequest
from exchange.engine.reference.open_orders import OpenOrders
from exchange.engine.reference.order import Order
from exchange.engine.reference.risk_books import RiskBooks
from exchange.engine.reference.session_state import SessionState
from exchange.engine.reference.stop_index import StopIndex
from exchange.engine.reference.timers import TimerKind, Timers
from exchange.model.dark import is_dark
from exchange.model.enums import OrderFlag, OrdType, Phase, Side, TimeInForce
from exchange.model.instrument import Account, Instrument, Member
from exchange.model.trading_rules import DayEnd
from exchange.model.units import cash_scale

_GTD = TimeInForce.GTD.value
_AT_THE_CLOSE = TimeInForce.AT_THE_CLOSE.value
_CLOSING_AUCTION = Phase.CLOSING_AUCTION.value
_BUY = Side.BUY.value
_PEGGED = OrdType.PEGGED.value
_ALL_OR_NONE = OrderFlag.ALL_OR_NONE.value
_REDUCE_ONLY = OrderFlag.REDUCE_ONLY.value


class Session(NamedTuple):
    """An open client session (R9.2)."""

    session_id: int
    member_id: int
    cancel_on_disconnect: int


class Listing:
    """An instrument with what moves: phase, last trade (0 = none yet), book and special orders.

    Attributes:
        dark: the dark midpoint book beside the lit one.
        session: calls, halts, schedule and protection.
        stops: waiting stops (R4.7).
        prints: prices of trades that the stops have not seen; empty between commands.
        pegs: live PEGGED orders (R4.6), also those that have no price now.
        peg_reference: best bid and ask without pegs when the pegs were last priced; (0, 0) = the
            next settlement prices them.
        whole_bids, whole_asks: (price, order_id) of resting all-or-none orders (R4.8).
    """

    __slots__ = (
        "book",
        "dark",
        "instrument",
        "last_price",
        "last_qty",
        "peg_reference",
        "pegs",
        "phase",
        "prints",
        "session",
        "stops",
        "whole_asks",
        "whole_bids",
    )

    def __init__(self, instrument: Instrument, book: Book, dark: DarkBook) -> None:
        self.instrument = instrument
        self.book = book
        self.dark = dark
        self.phase: int = Phase.CLOSED.value
        self.last_price = 0
        self.last_qty = 0
        self.session = SessionState(instrument.instrument_id)
        self.stops = StopIndex()
        self.prints: list[int] = []
        self.pegs: dict[int, Order] = {}
        self.peg_reference = (0, 0)
        self.whole_bids: SortedList = SortedList()
        self.whole_asks: SortedList = SortedList()

    @property
    def scale(self) -> int:
        """Cash units per price unit and base unit."""
        return cash_scale(self.instrument.qty_decimals, self.instrument.contract_multiplier)

    def record_print(self, price: int, qty: int) -> None:
        """Take note of a trade: the last price, and for the stops of this command."""
        self.last_price, self.last_qty = price, qty
        self.prints.append(price)

    def whole(self, side: int) -> SortedList:
        """The all-or-none orders of a side."""
        return self.whole_bids if side == _BUY else self.whole_asks


def is_parked(listing: Listing, order: Order) -> bool:
    """Whether an open order stands beside the book: AT_THE_CLOSE before the closing call."""
    return order.time_in_force == _AT_THE_CLOSE and listing.phase != _CLOSING_AUCTION


class State:
    """Everything needed to accept the next order (DESIGN section 3).

    Counters hold the last id given (R1.4); `next_event_seq` the next one. `dirty`, `dark_touched`
    and `moved` (positions that have reduce-only orders) are empty between commands;
    `calls_touched` and `entry_hash` belong to the entry that is being applied. Dicts keyed by a
    counter are in rising order of their keys.
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
        self.reduce_only: dict[tuple[int, int], dict[int, Order]] = {}
        self.moved: set[tuple[int, int]] = set()
        self.day_ends: deque[DayEnd] = deque()
        self.dirty: dict[int, Book] = {}
        self.dark_touched: dict[int, DarkBook] = {}
        self.calls_touched: set[int] = set()
        self.entry_hash = 0

    def add_listing(self, instrument: Instrument) -> Listing:
        """List an instrument, CLOSED and with an empty book."""
        instrument_id = instrument.instrument_id
        book, dark = Book(instrument_id, self.dirty), DarkBook(instrument_id, self.dark_touched)
        listing = Listing(instrument, book, dark)
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
        """Put a live order into its book at the back of its queue, and into all indexes.

        An AT_THE_CLOSE order waits beside the book until the closing call.
        """
        listing = self.listings[order.instrument_id]
        if is_dark(order.flags):
            listing.dark.add(order)
        elif is_parked(listing, order):
            listing.book.park(order)
        else:
            listing.book.add(order)
        if order.flags & _ALL_OR_NONE:
            listing.whole(order.side).add((order.price, order.order_id))
        self.keep(order)

    def keep(self, order: Order) -> None:
        """Index a live order that is now in the market, whether or not it stands in a queue."""
        self.open_orders.add(order)
        self.watch(order)
        self.reserve(order)
        if order.time_in_force == _GTD:
            timer = (order.expire_ts_ns, TimerKind.GOOD_TILL_DATE, order.order_id)
            self.timers.discard(*timer)
            self.timers.add(*timer)

    def watch(self, order: Order) -> None:
        """Index a live order by what moves it besides the market: its peg, its position."""
        if order.ord_type == _PEGGED:
            self.listings[order.instrument_id].pegs[order.order_id] = order
        if order.flags & _REDUCE_ONLY:
            key = (order.account_id, order.instrument_id)
            self.reduce_only.setdefault(key, {})[order.order_id] = order

    def withdraw(self, order: Order) -> None:
        """Take a live order out of its queue or from the waiting stops; it stays indexed as open.

        The caller puts it back, lets it act as an incoming order, or ends it.
        """
        listing = self.listings[order.instrument_id]
        if order.is_resting and is_dark(order.flags):
            listing.dark.remove(order)
        elif order.is_resting:
            listing.book.remove(order)
            if order.flags & _ALL_OR_NONE:
                listing.whole(order.side).remove((order.price, order.order_id))
        elif order.is_waiting:
            listing.stops.discard(order)

    def lower(self, order: Order, qty: int) -> None:
        """Make a live order smaller by `qty` (less than its leaves); it keeps its place."""
        listing = self.listings[order.instrument_id]
        if order.is_resting and is_dark(order.flags):
            listing.dark.lower(order, qty)
        elif order.is_resting:
            listing.book.reduce(order, qty)
        order.order_qty -= qty
        order.leaves_qty -= qty
        order.last_ts_ns = self.now_ns
        self.reserve(order)

    def link(self, order: Order, other: Order) -> None:
        """Make two live orders an OCO (R3.3)."""
        order.linked_id, other.linked_id = other.order_id, order.order_id

    def leave(self, order: Order, ord_status: int) -> int:
        """End an order's life with a terminal status; returns the quantity that was open."""
        self.withdraw(order)
        if order.linked_id:
            self.orders[order.linked_id].linked_id = 0
            order.linked_id = 0
        if order.ord_type == _PEGGED:
            self.listings[order.instrument_id].pegs.pop(order.order_id, None)
        if order.flags & _REDUCE_ONLY:
            self._forget_reduce_only(order)
        order.is_waiting = False
        order.shown_qty = 0
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

    def _forget_reduce_only(self, order: Order) -> None:
        key = (order.account_id, order.instrument_id)
        same = self.reduce_only.get(key, {})
        same.pop(order.order_id, None)
        if not same:
            self.reduce_only.pop(key, None)

    def move_position(self, account_id: int, instrument_id: int, qty: int) -> None:
        """Add a signed quantity to a position; a position of zero is not kept."""
        if (account_id, instrument_id) in self.reduce_only:
            self.moved.add((account_id, instrument_id))
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
