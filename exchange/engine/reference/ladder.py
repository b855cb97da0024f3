"""The ordered reject ladder (R8, R3.4): tables of checks, the first that fails gives the reason.

Room: what refuses a new order, in which order, and the checks that a replace shares. The order of
the rows is part of the contract; a new rule is a new row. Idempotency stands before the ladder
(`new_order.py`). Step 1 is one table (who sends), step 2 finds the instrument and asks its phase
(`phase_table.py`); then come the table of steps 3 and 4, the terms (`terms_ladder.py`), the rate
(5), the table of 6 to 8, and 9 to 13 as in `risk.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from exchange.engine.reference.incoming import POST_ONLY, price_beside, price_taken
from exchange.engine.reference.phase_table import NOT_REFUSED, refuse_new_in
from exchange.engine.reference.rate import is_rate_exceeded
from exchange.engine.reference.risk import (
    is_order_restricted,
    is_outside_collar,
    is_over_account_notional,
    is_over_account_qty,
    refuse_new,
)
from exchange.engine.reference.state import Listing, State
from exchange.engine.reference.stops import first_terms
from exchange.engine.reference.terms_ladder import (
    is_excluded,
    needs_terms_ladder,
    refuse_terms,
)
from exchange.model.command import NewOrder
from exchange.model.dark import is_dark
from exchange.model.enums import (
    InstrumentStatus,
    KillScope,
    OrderFlag,
    OrdType,
    Side,
    Standing,
    StpMode,
    TimeInForce,
    is_number_of,
)
from exchange.model.instrument import Instrument
from exchange.model.reject import RejectReason as R
from exchange.model.terms import NO_TERMS, OrderTerms
from exchange.model.units import PRICE_MAX, QTY_MAX, TIMESTAMP_MAX_NS, notional

LEVEL_QTY_MAX = (1 << 63) - 1
"""Displayed quantity of one level at most: what an i64 of the log format holds."""

_SIDES = frozenset(side.value for side in Side)
_ORD_TYPES = frozenset(ord_type.value for ord_type in OrdType)
PRICED = frozenset(
    {
        OrdType.LIMIT.value,
        OrdType.STOP_LIMIT.value,
        OrdType.TRAILING_STOP_LIMIT.value,
    }
)
"""Order types that need a price; all others must have none."""

_FLAGS = sum(flag.value for flag in OrderFlag)
_TIFS = frozenset(
    {
        TimeInForce.DAY.value,
        TimeInForce.GTC.value,
        TimeInForce.IOC.value,
        TimeInForce.FOK.value,
        TimeInForce.GTD.value,
        TimeInForce.AT_THE_OPENING.value,
        TimeInForce.AT_THE_CLOSE.value,
    }
)
_REPRICE = OrderFlag.POST_ONLY_REPRICE.value
_GTD = TimeInForce.GTD.value
_LIMIT = OrdType.LIMIT.value
_ACTIVE = Standing.ACTIVE.value
_RETIRED = InstrumentStatus.RETIRED.value


class Sender(NamedTuple):
    """Who sends an order: step 1 of R8."""

    member_id: int
    account_id: int
    session_id: int
    instrument_id: int


def refuse_new_order(
    state: State, order: NewOrder, session_id: int, terms: OrderTerms = NO_TERMS
) -> int:
    """The reason why a new order is refused, or NOT_REFUSED."""
    sender = Sender(order.member_id, order.account_id, session_id, order.instrument_id)
    reason = refuse_sender(state, sender)
    if reason:
        return reason
    listing = state.listings.get(order.instrument_id)
    if listing is None:
        return R.UNKNOWN_SYMBOL
    if listing.instrument.status == _RETIRED:
        return R.INSTRUMENT_RETIRED
    reason = refuse_new_in(listing.phase, order.time_in_force, order.flags)
    if reason:
        return reason
    for fails, refusal in _FIELD_LADDER:
        if fails(state, listing, order):
            return refusal
    if needs_terms_ladder(order, terms):
        reason = refuse_terms(state, listing, order, terms)
        if reason:
            return reason
    elif order.flags and is_excluded(order, terms):
        # Without flags a plain order has its type and its TIF only, and no two of those exclude
        # each other; most orders are such.
        return R.INVALID_COMBINATION
    if is_rate_exceeded(state, order.member_id, session_id):
        return R.ORDER_RATE_EXCEEDED
    for fails, refusal in _RISK_LADDER:
        if fails(state, listing, order):
            return refusal
    return refuse_new(
        state, listing, order, first_terms(listing, order.ord_type, order.side, terms)
    )


def refuse_sender(state: State, sender: Sender) -> int:
    """R8.1: member, account and session known and active, no kill switch; or NOT_REFUSED."""
    for fails, refusal in _SENDER_LADDER:
        if fails(state, sender):
            return refusal
    return NOT_REFUSED


def is_killed(state: State, scopes: tuple[tuple[int, int], ...]) -> bool:
    """Whether a kill switch is engaged for any (scope, target_id)."""
    switches = state.kill_switches
    return bool(switches) and any(scope in switches for scope in scopes)


def is_notional_too_large(listing: Listing, price: int, qty: int) -> bool:
    """R8.6 fat finger: price * qty * multiplier against max_order_notional (0 = none).

    Where an order has no price (0: market, stop, peg) the last trade's stands for it, else the
    reference price; where there is neither it cannot be judged and passes.
    """
    instrument = listing.instrument
    if not instrument.max_order_notional:
        return False
    if not price:
        price = listing.last_price or instrument.reference_price
    value = notional(price, qty, instrument.contract_multiplier)
    return value > instrument.max_order_notional


def is_out_of_band(instrument: Instrument, price: int) -> bool:
    """R7.1: whether a limit price lies outside the static band (its ends are inside)."""
    band = instrument.band()
    return band is not None and not band[0] <= price <= band[1]


def is_level_full(listing: Listing, side: int, price: int, qty: int) -> bool:
    """Whether `qty` more at a price would not fit the displayed quantity."""
    level = listing.book.side(side).levels.get(price)
    return level is not None and level.qty + qty > LEVEL_QTY_MAX


def _member_is_unknown(state: State, sender: Sender) -> bool:
    return sender.member_id not in state.members


def _member_is_disabled(state: State, sender: Sender) -> bool:
    return state.members[sender.member_id].standing != _ACTIVE


def _account_is_unknown(state: State, sender: Sender) -> bool:
    account = state.accounts.get(sender.account_id)
    return account is None or account.member_id != sender.member_id


def _account_is_disabled(state: State, sender: Sender) -> bool:
    return state.accounts[sender.account_id].standing != _ACTIVE


def _session_is_unknown(state: State, sender: Sender) -> bool:
    if not sender.session_id:
        return False
    session = state.sessions.get(sender.session_id)
    return session is None or session.member_id != sender.member_id


def _kill_switch_is_engaged(state: State, sender: Sender) -> bool:
    return bool(state.kill_switches) and is_killed(
        state,
        (
            (KillScope.MARKET, 0),
            (KillScope.INSTRUMENT, sender.instrument_id),
            (KillScope.MEMBER, sender.member_id),
            (KillScope.ACCOUNT, sender.account_id),
            (KillScope.SESSION, sender.session_id),
        ),
    )


_SENDER_LADDER: tuple[tuple[Callable[[State, Sender], bool], R], ...] = (
    (_member_is_unknown, R.UNKNOWN_MEMBER),
    (_member_is_disabled, R.MEMBER_DISABLED),
    (_account_is_unknown, R.UNKNOWN_ACCOUNT),
    (_account_is_disabled, R.ACCOUNT_DISABLED),
    (_session_is_unknown, R.UNKNOWN_SESSION),
    (_kill_switch_is_engaged, R.KILL_SWITCH_ENGAGED),
)


def _expire_time_is_invalid(state: State, _: Listing, order: NewOrder) -> bool:
    if order.time_in_force != _GTD:
        return order.expire_ts_ns != 0
    return not state.now_ns < order.expire_ts_ns <= TIMESTAMP_MAX_NS


def _is_out_of_band(_state: State, listing: Listing, order: NewOrder) -> bool:
    return order.price != 0 and is_out_of_band(listing.instrument, order.price)


def _is_duplicate(state: State, _: Listing, order: NewOrder) -> bool:
    return (order.member_id, order.cl_ord_id) in state.remembered_orders


def _would_take(_state: State, listing: Listing, order: NewOrder) -> bool:
    if not order.flags & POST_ONLY or order.ord_type != _LIMIT:
        return False
    taken = price_taken(listing, order.side, order.price, order.order_qty)
    if not taken:
        return False
    return not (order.flags & _REPRICE and price_beside(listing, order.side, taken))


_FIELD_LADDER: tuple[tuple[Callable[[State, Listing, NewOrder], bool], R], ...] = (
    # R8.3
    (is_order_restricted, R.RESTRICTED),
    # R8.4 order fields
    (lambda _s, _i, o: not o.cl_ord_id, R.INVALID_CL_ORD_ID),
    (lambda _s, _i, o: o.side not in _SIDES, R.INVALID_SIDE),
    (lambda _s, _i, o: o.ord_type not in _ORD_TYPES, R.ORD_TYPE_NOT_SUPPORTED),
    (lambda _s, _i, o: o.time_in_force not in _TIFS, R.TIME_IN_FORCE_NOT_SUPPORTED),
    (lambda _s, _i, o: bool(o.flags & ~_FLAGS), R.INSTRUCTION_NOT_SUPPORTED),
    (lambda _s, _i, o: bool(o.stp) and not is_number_of(StpMode, o.stp), R.INVALID_STP_MODE),
    (lambda _s, _i, o: not 1 <= o.order_qty <= QTY_MAX, R.INVALID_QUANTITY),
    (lambda _s, i, o: o.order_qty % i.instrument.lot_size != 0, R.QUANTITY_NOT_A_LOT_MULTIPLE),
    (lambda _s, _i, o: o.ord_type in PRICED and not o.price, R.PRICE_REQUIRED),
    (lambda _s, _i, o: o.ord_type not in PRICED and o.price != 0, R.PRICE_NOT_ALLOWED),
    (lambda _s, _i, o: not 0 <= o.price <= PRICE_MAX, R.INVALID_PRICE),
    (lambda _s, i, o: o.price % i.instrument.tick_size != 0, R.PRICE_NOT_A_TICK_MULTIPLE),
    (_expire_time_is_invalid, R.INVALID_EXPIRE_TIME),
)

_RISK_LADDER: tuple[tuple[Callable[[State, Listing, NewOrder], bool], R], ...] = (
    # R8.6 fat finger
    (lambda _s, i, o: o.order_qty < i.instrument.min_order_qty, R.BELOW_MIN_ORDER_QTY),
    (lambda _s, i, o: o.order_qty > i.instrument.max_order_qty, R.ABOVE_MAX_ORDER_QTY),
    (
        lambda _s, i, o: is_notional_too_large(i, o.price, o.order_qty),
        R.ABOVE_MAX_ORDER_NOTIONAL,
    ),
    (is_over_account_qty, R.ABOVE_MAX_ORDER_QTY),
    (is_over_account_notional, R.ABOVE_MAX_ORDER_NOTIONAL),
    (
        lambda _s, i, o: not is_dark(o.flags) and is_level_full(i, o.side, o.price, o.order_qty),
        R.LIMIT_REACHED,
    ),
    # R8.7 and R7.1 static band
    (_is_out_of_band, R.PRICE_OUT_OF_BAND),
    (is_outside_collar, R.PRICE_OUTSIDE_COLLAR),
    # R8.8, R10.1
    (_is_duplicate, R.DUPLICATE_CL_ORD_ID),
    # R3.3
    (_would_take, R.POST_ONLY_WOULD_TAKE),
)
