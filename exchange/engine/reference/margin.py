"""R8.11 after the trade: maintenance margin, margin calls, forced liquidation, variation margin.

Room: what happens by itself to margin accounts. Everything here begins with a timer or with the end
of the trading day; all of it is per account and currency.

- Sweep (`sweep.py` says when): an account whose equity is below the maintenance margin of its
  positions is called (MarginCall CALLED) and may only reduce; the deadline is its grace later. When
  equity is back, the call is met (MET).
- Deadline: if equity is still below, its open orders in that currency are canceled
  (FORCED_LIQUIDATION) and its positions closed by market orders of the venue, the largest value
  first, until equity covers maintenance or nothing is left: LIQUIDATED. What cannot be closed now
  (no other side, instrument not in CONTINUOUS) is tried again a minute later.
- Variation: at the end of the trading day each future is marked to the last (else reference) price
  and the difference to its cost is paid in cash (VariationSettled).

A forced order is an IOC market order for the account, with a cl_ord_id "LIQ-" and its order id; it
passes no ladder: to be refused is what it must never be.
"""

from __future__ import annotations

from exchange.engine.reference.departure import cancel, cancel_all
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.matching import match
from exchange.engine.reference.new_order import accept
from exchange.engine.reference.origin import Origin
from exchange.engine.reference.repeat import remember
from exchange.engine.reference.risk_books import Call
from exchange.engine.reference.state import State
from exchange.engine.reference.sweep import schedule_sweep
from exchange.engine.reference.timers import TimerKind
from exchange.engine.reference.valuation import Worth, appraise, mark_of, position_value, share
from exchange.model.command import CommandKind, NewOrder
from exchange.model.enums import (
    AssetClass,
    CancelReason,
    OrdType,
    Phase,
    Side,
    StpMode,
    TimeInForce,
)
from exchange.model.event import Accepted, EventKind
from exchange.model.risk import AccountType, MarginCallStatus
from exchange.model.risk_event import MarginCall, VariationSettled
from exchange.model.units import QTY_MAX

GRACE_NS = 3_600 * 1_000_000_000
RETRY_NS = 60 * 1_000_000_000


def sweep(state: State, out: Emitter, _target_id: int) -> None:
    """Timer MARGIN_SWEEP: judge every margin account, by account and currency."""
    risk = state.risk
    risk.sweep_ts_ns = 0
    for account_id in sorted({*risk.margin_accounts, *(key[0] for key in risk.calls)}):
        for currency in _currencies(state, account_id):
            worth = appraise(state, account_id, currency)
            required = maintenance(state, account_id, worth)
            call = risk.calls.get((account_id, currency))
            is_deficient = required > 0 and worth.equity < required
            if is_deficient and call is None:
                _call(state, out, account_id, currency, (worth.equity, required))
            elif not is_deficient and call is not None:
                _end_call(state, out, call, MarginCallStatus.MET)


def liquidate(state: State, out: Emitter, account_id: int) -> None:
    """Timer LIQUIDATION: the calls of an account whose deadline has come."""
    due = [
        call
        for key, call in sorted(state.risk.calls.items())
        if key[0] == account_id and call.deadline_ts_ns <= state.now_ns
    ]
    for call in due:
        if not _is_deficient(state, account_id, call.currency):
            _end_call(state, out, call, MarginCallStatus.MET)
            continue
        _cancel_orders(state, out, call)
        _close_positions(state, out, call)
        if _is_deficient(state, account_id, call.currency):
            _set_deadline(state, call, state.now_ns + RETRY_NS)
        else:
            _end_call(state, out, call, MarginCallStatus.LIQUIDATED)


def settle_variation(state: State, out: Emitter) -> None:
    """End of the trading day: mark every future and pay the difference, by account."""
    for account_id in sorted(state.positions):
        for instrument_id, qty in sorted(state.positions[account_id].items()):
            listing = state.listings[instrument_id]
            mark, instrument = mark_of(listing), listing.instrument
            if instrument.asset_class != AssetClass.FUTURE or not mark:
                continue
            held = state.risk.holding(account_id, instrument_id)
            amount = qty * mark * listing.scale - held.cost
            held.cost += amount
            held.realised += amount
            state.risk.add_cash(account_id, instrument.currency, amount)
            out.emit(
                VariationSettled(account_id, instrument_id, mark, qty, amount, instrument.currency)
            )
    schedule_sweep(state)


def maintenance(state: State, account_id: int, worth: Worth) -> int:
    """Maintenance margin of the positions, cash units; 0 for any but a margin account."""
    limits = state.risk.account_limits.get(account_id)
    if limits is None or limits.account_type != AccountType.MARGIN:
        return 0
    return share(worth.gross, limits.margins_bp()[1])


def _currencies(state: State, account_id: int) -> list[str]:
    risk = state.risk
    found = {key[1] for key in risk.calls if key[0] == account_id}
    for instrument_id in state.positions.get(account_id, {}):
        found.add(state.listings[instrument_id].instrument.currency)
    return sorted(found)


def _is_deficient(state: State, account_id: int, currency: str) -> bool:
    worth = appraise(state, account_id, currency)
    required = maintenance(state, account_id, worth)
    return required > 0 and worth.equity < required


def _call(
    state: State, out: Emitter, account_id: int, currency: str, figures: tuple[int, int]
) -> None:
    grace_ns = state.risk.account_limits[account_id].call_grace_ns or GRACE_NS
    call = Call(account_id, currency, state.now_ns + grace_ns)
    _set_deadline(state, call, call.deadline_ts_ns)
    status = MarginCallStatus.CALLED.value
    out.emit(MarginCall(account_id, status, call.deadline_ts_ns, *figures, currency))


def _set_deadline(state: State, call: Call, deadline_ts_ns: int) -> None:
    account_id = call.account_id
    state.risk.calls[account_id, call.currency] = call._replace(deadline_ts_ns=deadline_ts_ns)
    # Two currencies may share a deadline: one timer serves both.
    state.timers.discard(deadline_ts_ns, TimerKind.LIQUIDATION, account_id)
    state.timers.add(deadline_ts_ns, TimerKind.LIQUIDATION, account_id)


def _end_call(state: State, out: Emitter, call: Call, status: MarginCallStatus) -> None:
    account_id, currency, deadline_ts_ns = call
    del state.risk.calls[account_id, currency]
    others = (key[0] for key, other in state.risk.calls.items() if other[2] == deadline_ts_ns)
    if account_id not in others:
        state.timers.discard(deadline_ts_ns, TimerKind.LIQUIDATION, account_id)
    worth = appraise(state, account_id, currency)
    required = maintenance(state, account_id, worth)
    out.emit(MarginCall(account_id, status.value, 0, worth.equity, required, currency))


def _cancel_orders(state: State, out: Emitter, call: Call) -> None:
    orders = [
        order
        for order in state.open_orders.select(account_id=call.account_id)
        if state.listings[order.instrument_id].instrument.currency == call.currency
    ]
    cancel_all(state, out, orders, CancelReason.FORCED_LIQUIDATION)


def _close_positions(state: State, out: Emitter, call: Call) -> None:
    account_id = call.account_id
    sized = [
        (-abs(position_value(state, account_id, instrument_id)), instrument_id)
        for instrument_id in state.positions.get(account_id, {})
    ]
    for _, instrument_id in sorted(sized):
        listing = state.listings[instrument_id]
        if listing.instrument.currency != call.currency or listing.phase != Phase.CONTINUOUS:
            continue
        if not _is_deficient(state, account_id, call.currency):
            return
        _force(state, out, account_id, instrument_id)


def _force(state: State, out: Emitter, account_id: int, instrument_id: int) -> None:
    """Enter the venue's order that closes a position."""
    position = state.position(account_id, instrument_id)
    member_id = state.accounts[account_id].member_id
    cl_ord_id = f"LIQ-{state.last_order_id + 1}"
    while (member_id, cl_ord_id) in state.remembered_orders:
        cl_ord_id += "."  # the member used that id itself
    command = NewOrder(
        member_id=member_id,
        account_id=account_id,
        instrument_id=instrument_id,
        side=Side.SELL.value if position > 0 else Side.BUY.value,
        ord_type=OrdType.MARKET.value,
        time_in_force=TimeInForce.IOC.value,
        stp=StpMode.CANCEL_RESTING.value,
        flags=0,
        order_qty=min(abs(position), QTY_MAX),
        price=0,
        expire_ts_ns=0,
        cl_ord_id=cl_ord_id,
    )
    listing = state.listings[instrument_id]
    order = accept(state, listing, command, 0)
    order.cap_price = 0
    origin = Origin(CommandKind.NEW_ORDER, 0, 0)
    remember(state, (member_id, cl_ord_id), origin, (EventKind.ACCEPTED, 0), order=order)
    out.emit(Accepted(order.state()))
    match(state, out, listing, order)
    if order.leaves_qty:
        cancel(state, out, order, CancelReason.UNFILLED_REMAINDER)
