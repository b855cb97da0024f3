"""Read-only views of the state (the query half of the engine port).

Room: reading. Nothing here changes anything; lists are in the order that the port promises.
"""

from __future__ import annotations

from bisect import bisect_right

from exchange.engine.dark_views import DarkView
from exchange.engine.port import AuctionView, DepthView, InstrumentView, OrderView, PositionView
from exchange.engine.reference.order import Order
from exchange.engine.reference.state import State
from exchange.model.dark import DarkIndication


def instruments(state: State) -> list[InstrumentView]:
    """All instruments, by id."""
    return [
        InstrumentView(listing.instrument, listing.phase, listing.last_price, listing.last_qty)
        for listing in state.listings.values()
    ]


def order(state: State, order_id: int) -> OrderView | None:
    """An order of this trading day, live or done."""
    found = state.orders.get(order_id)
    return _view(found) if found else None


def order_by_cl_ord_id(state: State, member_id: int, cl_ord_id: str) -> OrderView | None:
    """The order that a cl_ord_id used today is about.

    Any of its ids will do, and that of a cancel or replace request too. A refused new order is
    shown with its reason and the time of the refusal.
    """
    known = state.remembered_orders.get((member_id, cl_ord_id))
    if known is None:
        return None
    if known.order_id:
        return _view(state.orders[known.order_id])
    if known.refused is not None:
        return OrderView(known.refused, known.reason, known.ts_ns, known.ts_ns)
    return None


def orders(
    state: State, scope: tuple[int, int], after_order_id: int, limit: int, *, live: bool
) -> list[OrderView]:
    """Orders by order_id, after `after_order_id`, at most `limit` (0 or less gives none).

    `scope` is (member_id, instrument_id), 0 = any. Done orders are searched in the day's ids of
    the member, live ones in the open orders only.
    """
    member_id, instrument_id = scope
    if live:
        selected = state.open_orders.select(member_id=member_id, instrument_id=instrument_id)
        ids = [found.order_id for found in selected]
    elif member_id:
        ids = state.order_ids_by_member.get(member_id, [])
    else:
        ids = state.order_ids
    views: list[OrderView] = []
    for position in range(bisect_right(ids, after_order_id), len(ids)):
        if len(views) >= limit:
            break
        found = state.orders[ids[position]]
        if instrument_id in (0, found.instrument_id):
            views.append(_view(found))
    return views


def depth(state: State, instrument_id: int, levels: int) -> DepthView | None:
    """Displayed book, at most `levels` a side (0 = all)."""
    listing = state.listings.get(instrument_id)
    if listing is None:
        return None
    return DepthView(listing.book.bids.views(levels), listing.book.asks.views(levels))


def auction(state: State, instrument_id: int) -> AuctionView | None:
    """How an instrument's call stands."""
    listing = state.listings.get(instrument_id)
    if listing is None:
        return None
    session = listing.session
    return AuctionView(
        listing.phase,
        session.call_end_ns,
        session.reopen_ns,
        *session.indicated,
        is_extended=session.is_extended,
        is_barred=session.is_barred,
    )


def dark(state: State, instrument_id: int) -> DarkView | None:
    """The dark book of an instrument as anyone may see it."""
    listing = state.listings.get(instrument_id)
    if listing is None:
        return None
    book = listing.dark
    indications = [
        DarkIndication(instrument_id, side, qty) for side, qty in sorted(book.indicated.items())
    ]
    return DarkView(book.rules, book.cross_ns, indications)


def positions(state: State, account_id: int) -> list[PositionView]:
    """Positions other than zero of one account (0 = of all), by account and instrument."""
    accounts = [account_id] if account_id else sorted(state.positions)
    none: dict[int, int] = {}
    return [
        PositionView(account, instrument_id, qty)
        for account in accounts
        for instrument_id, qty in sorted(state.positions.get(account, none).items())
    ]


def _view(found: Order) -> OrderView:
    return OrderView(
        found.state(), 0, found.entry_ts_ns, found.last_ts_ns, found.terms, found.is_waiting
    )
