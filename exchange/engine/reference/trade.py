"""One execution: what a trade changes, in continuous matching and in an auction alike (R4.2, R6.3).

Room: the course of a trade that is decided: fills, queues, last price, the event, settlement. Who
trades with whom, and at what price, is decided in `matching.py` and `uncross.py`.

What follows from an execution happens right after its Trade, before the next: the other order of an
OCO is canceled (R3.3), the incoming order's first (in an auction the buyer's); then reduce-only
orders of the two accounts are brought into line (`reduce_only.py`), buyer first.
"""

from __future__ import annotations

from typing import NamedTuple

from exchange.engine.reference.departure import cancel
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.order import Order
from exchange.engine.reference.reduce_only import trim
from exchange.engine.reference.settlement import Execution, settle
from exchange.engine.reference.state import Listing, State
from exchange.model.dark import is_dark
from exchange.model.enums import CancelReason, OrdStatus
from exchange.model.event import Trade

NO_AGGRESSOR = 0
"""`Trade.aggressor` where nobody comes in and all orders are there: in an auction, and between
dark orders that rest."""

_FILLED = OrdStatus.FILLED.value


class Print(NamedTuple):
    """A trade that is to happen; `aggressor` is the side of the incoming order, or NO_AGGRESSOR."""

    buy: Order
    sell: Order
    price: int
    qty: int
    aggressor: int


def execute(state: State, out: Emitter, trade: Print) -> None:
    """Carry out a trade. Filled orders are done and leave queues and indexes.

    A trade of the dark book settles like any other, but is no print: last price, stops, dynamic
    band and closing price do not see it.
    """
    buy, sell, price, qty, aggressor = trade
    listing = state.listings[buy.instrument_id]
    incoming, resting = (sell, buy) if sell.side == aggressor else (buy, sell)
    linked_ids = (incoming.linked_id, resting.linked_id)
    for order in (resting, incoming):
        if order.is_resting and is_dark(order.flags):
            listing.dark.lower(order, qty)
        elif order.is_resting:
            listing.book.execute(order, qty)
        order.fill(price, qty, state.now_ns)
    for order in (resting, incoming):
        if not order.leaves_qty:
            state.leave(order, _FILLED)
    if not is_dark(buy.flags):
        listing.record_print(price, qty)
        _trail(state, listing, price)
    state.last_trade_id += 1
    trade_id, instrument_id = state.last_trade_id, buy.instrument_id
    out.emit(Trade(trade_id, instrument_id, price, qty, aggressor, buy.state(), sell.state()))
    settle(state, out, listing, Execution(trade_id, price, qty, aggressor, buy, sell))
    for linked_id in linked_ids:
        if linked_id and state.orders[linked_id].leaves_qty:
            cancel(state, out, state.orders[linked_id], CancelReason.LINKED_ORDER_EXECUTED)
    if state.reduce_only:
        trim(state, out, buy.account_id, instrument_id)
        trim(state, out, sell.account_id, instrument_id)


def _trail(state: State, listing: Listing, price: int) -> None:
    """R7.2: note the trade for the dynamic reference.

    Equal prices in a row are one step of it; trades that can never be the reference again go.
    """
    session = listing.session
    session.has_traded = True
    if not session.rules.dynamic_band_bp:
        return
    trail = session.trail
    if trail and trail[-1][0] == state.now_ns:
        trail.pop()
    if not trail or trail[-1][1] != price:
        trail.append((state.now_ns, price))
    old = state.now_ns - session.rules.dynamic_window_ns
    while len(trail) > 1 and trail[1][0] <= old:
        trail.popleft()
