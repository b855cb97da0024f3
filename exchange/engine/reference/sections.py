"""The sections of the snapshot: how the state becomes sorted rows, and rows the state again.

Room: one pair of functions a section and the table `SECTIONS`, whose order is part of the format
(orders stand before what refers to them). Every part of `State` is in exactly one section.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from exchange.engine.port import KillSwitchView
from exchange.engine.reference import rows as r
from exchange.engine.reference.dark_sections import DARK_SECTIONS
from exchange.engine.reference.idempotency import RememberedOrder, RememberedRequest
from exchange.engine.reference.order import Order
from exchange.engine.reference.risk_sections import RISK_SECTIONS
from exchange.engine.reference.section import Section
from exchange.engine.reference.session_sections import SESSION_SECTIONS
from exchange.engine.reference.state import Session, State, is_parked
from exchange.engine.reference.stop_index import Triggered
from exchange.engine.reference.timers import TimerKind
from exchange.model.enums import OrderFlag, OrdType
from exchange.model.event import OrderState
from exchange.model.instrument import Account, Member
from exchange.model.layout import CodecError
from exchange.model.records import ACCOUNT, MEMBER
from exchange.model.terms import NO_TERMS


def _head_rows(state: State) -> list[r.HeadRow]:
    fields = [field.name for field in msgspec.structs.fields(r.HeadRow)]
    values = {name: getattr(state, name) for name in fields}
    values["events_digest"] = int.from_bytes(state.events_digest, "little")
    return [r.HeadRow(**values)]


def _load_head(state: State, row: r.HeadRow) -> None:
    for field in msgspec.structs.fields(r.HeadRow):
        setattr(state, field.name, getattr(row, field.name))
    state.events_digest = row.events_digest.to_bytes(16, "little")


def _listing_rows(state: State) -> list[r.ListingRow]:
    return [
        r.ListingRow(listing.instrument, listing.phase, listing.last_price, listing.last_qty)
        for _, listing in sorted(state.listings.items())
    ]


def _load_listing(state: State, row: r.ListingRow) -> None:
    listing = state.add_listing(row.instrument)
    listing.phase = row.phase
    listing.last_price, listing.last_qty = row.last_price, row.last_qty


def _member_rows(state: State) -> list[Member]:
    return [member for _, member in sorted(state.members.items())]


def _account_rows(state: State) -> list[Account]:
    return [account for _, account in sorted(state.accounts.items())]


def _session_rows(state: State) -> list[r.SessionRow]:
    return [r.SessionRow(*session) for _, session in sorted(state.sessions.items())]


def _load_session(state: State, row: r.SessionRow) -> None:
    state.sessions[row.session_id] = Session(*msgspec.structs.astuple(row))


def _kill_switch_rows(state: State) -> list[r.KillSwitchRow]:
    return [r.KillSwitchRow(*switch) for _, switch in sorted(state.kill_switches.items())]


def _load_kill_switch(state: State, row: r.KillSwitchRow) -> None:
    switch = KillSwitchView(*msgspec.structs.astuple(row))
    state.kill_switches[row.scope, row.target_id] = switch


def _order_rows(state: State) -> list[r.OrderRow]:
    return [
        r.OrderRow(order.state(), order.entry_ts_ns, order.last_ts_ns)
        for _, order in sorted(state.orders.items())
    ]


def _load_order(state: State, row: r.OrderRow) -> None:
    values = msgspec.structs.astuple(row.order)
    state.add_order(Order(*(*values, row.entry_ts_ns, row.last_ts_ns)))


def _terms_rows(state: State) -> Iterable[r.TermsRow]:
    for order_id, order in sorted(state.orders.items()):
        if order.terms is not NO_TERMS or order.linked_id:
            waiting = int(order.is_waiting)
            yield r.TermsRow(order_id, order.shown_qty, order.linked_id, waiting, order.terms)


def _load_terms(state: State, row: r.TermsRow) -> None:
    order = state.orders[row.order_id]
    order.terms = row.terms if row.terms != NO_TERMS else NO_TERMS
    order.shown_qty, order.linked_id = row.shown_qty, row.linked_id
    order.is_waiting = row.is_waiting == 1


def _triggered_rows(state: State) -> Iterable[r.TriggeredRow]:
    for _, listing in sorted(state.listings.items()):
        for passed, order_id, trigger_price in listing.stops.triggered:
            yield r.TriggeredRow(order_id, passed, trigger_price)


def _load_triggered(state: State, row: r.TriggeredRow) -> None:
    order = state.orders[row.order_id]
    triggered = Triggered(row.passed, row.order_id, row.trigger_price)
    state.listings[order.instrument_id].stops.add_triggered(order, triggered)


def _peg_reference_rows(state: State) -> Iterable[r.PegReferenceRow]:
    for instrument_id, listing in sorted(state.listings.items()):
        if any(listing.peg_reference):
            yield r.PegReferenceRow(instrument_id, *listing.peg_reference)


def _load_peg_reference(state: State, row: r.PegReferenceRow) -> None:
    state.listings[row.instrument_id].peg_reference = (row.bid, row.ask)


def _queue_rows(state: State) -> Iterable[r.QueueRow]:
    for _, listing in sorted(state.listings.items()):
        for side in (listing.book.bids, listing.book.asks):
            for order_id in side.market:
                yield r.QueueRow(order_id)
            for price in side.prices:
                level = side.levels[price]
                for order_id in (*level.queue, *level.dark):
                    yield r.QueueRow(order_id)
        for order_id in listing.book.parked:
            yield r.QueueRow(order_id)


def _load_queue(state: State, row: r.QueueRow) -> None:
    order = state.orders[row.order_id]
    listing = state.listings[order.instrument_id]
    if is_parked(listing, order):
        listing.book.park(order)
    else:
        listing.book.put(order)
    if order.flags & OrderFlag.ALL_OR_NONE:
        listing.whole(order.side).add((order.price, order.order_id))


def index_open_orders(state: State) -> None:
    """Rebuild the indexes of live orders, by id, and prove that each has one place.

    That is a queue, the waiting stops, or none for a peg without a price.
    """
    for order_id, order in sorted(state.orders.items()):
        listing = state.listings[order.instrument_id]
        parked = order.ord_type == OrdType.PEGGED and order.leaves_qty > 0 and not order.price
        if order.is_resting + order.is_waiting + parked != (order.leaves_qty > 0):
            raise CodecError(f"order {order_id} and the queues disagree")
        if order.is_waiting and order_id not in listing.stops.orders:
            listing.stops.add(order, listing.instrument.tick_size)
        if order.leaves_qty:
            state.open_orders.add(order)
            state.watch(order)
            state.reserve(order)


def _remembered_order_rows(state: State) -> Iterable[r.RememberedOrderRow]:
    for (member_id, cl_ord_id), known in sorted(state.remembered_orders.items()):
        yield r.RememberedOrderRow(
            member_id,
            known.fingerprint,
            known.outcome,
            known.reason,
            known.order_id,
            known.ts_ns,
            int(known.refused is not None),
            known.refused or _NO_ORDER,
            cl_ord_id,
            known.orig_cl_ord_id,
        )


def _load_remembered_order(state: State, row: r.RememberedOrderRow) -> None:
    if row.order_id and row.order_id not in state.orders:
        raise CodecError(f"cl_ord_id {row.cl_ord_id} names unknown order {row.order_id}")
    state.remembered_orders[row.member_id, row.cl_ord_id] = RememberedOrder(
        row.fingerprint,
        row.outcome,
        row.reason,
        row.order_id,
        row.orig_cl_ord_id,
        row.ts_ns,
        row.refused if row.is_refused else None,
    )


def _remembered_request_rows(state: State) -> list[r.RememberedRequestRow]:
    return [
        r.RememberedRequestRow(
            owner, known.fingerprint, known.target_id, known.reason, request_id, known.detail
        )
        for (owner, request_id), known in sorted(state.remembered_requests.items())
    ]


def _load_remembered_request(state: State, row: r.RememberedRequestRow) -> None:
    known = RememberedRequest(row.fingerprint, row.target_id, row.reason, row.detail)
    state.remembered_requests[row.owner, row.request_id] = known


def _timer_rows(state: State) -> list[r.TimerRow]:
    return [r.TimerRow(*timer) for timer in state.timers.in_order()]


def _load_timer(state: State, row: r.TimerRow) -> None:
    if row.kind == TimerKind.GOOD_TILL_DATE and row.target_id not in state.orders:
        raise CodecError(f"timer is about unknown order {row.target_id}")
    state.timers.add(row.ts_ns, TimerKind(row.kind), row.target_id)


def _position_rows(state: State) -> Iterable[r.PositionRow]:
    for account_id, held in sorted(state.positions.items()):
        for instrument_id, qty in sorted(held.items()):
            yield r.PositionRow(account_id, instrument_id, int(qty < 0), abs(qty))


def _load_position(state: State, row: r.PositionRow) -> None:
    qty = -row.qty if row.is_short else row.qty
    state.move_position(row.account_id, row.instrument_id, qty)


_NO_ORDER = OrderState(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, "")

SECTIONS: tuple[Section, ...] = (
    Section(r.HEAD_ROW, _head_rows, _load_head),
    Section(r.LISTING_ROW, _listing_rows, _load_listing),
    Section(MEMBER, _member_rows, State.put_member),
    Section(ACCOUNT, _account_rows, State.put_account),
    Section(r.SESSION_ROW, _session_rows, _load_session),
    Section(r.KILL_SWITCH_ROW, _kill_switch_rows, _load_kill_switch),
    Section(r.ORDER_ROW, _order_rows, _load_order),
    Section(r.TERMS_ROW, _terms_rows, _load_terms),
    Section(r.TRIGGERED_ROW, _triggered_rows, _load_triggered),
    Section(r.PEG_REFERENCE_ROW, _peg_reference_rows, _load_peg_reference),
    Section(r.QUEUE_ROW, _queue_rows, _load_queue),
    Section(r.REMEMBERED_ORDER_ROW, _remembered_order_rows, _load_remembered_order),
    Section(r.REMEMBERED_REQUEST_ROW, _remembered_request_rows, _load_remembered_request),
    Section(r.TIMER_ROW, _timer_rows, _load_timer),
    Section(r.POSITION_ROW, _position_rows, _load_position),
    *RISK_SECTIONS,
    *SESSION_SECTIONS,
    *DARK_SECTIONS,
)
