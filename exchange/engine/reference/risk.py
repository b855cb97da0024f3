"""R8: the pre-trade checks on money, positions and rates; the rungs that `ladder.py` puts in order.

Room: the checks. An account without limits passes all of them. What an order would add to the open
orders of its account is an `Ask`; one that adds nothing (a replace that only reduces) is refused by
none of the rungs 9 to 13. Rungs:

| R8 | check                                                                                    |
|----|------------------------------------------------------------------------------------------|
| 3  | restricted list (`restrict.py`)                                                          |
| 5  | order rate (`rate.py`)                                                                   |
| 6  | the account's own max order quantity and notional                                        |
| 7  | collar: a price that reaches further beyond the last (else reference) price than allowed; |
|    | only towards the other side, a limit that waits far away is no danger. A market order is |
|    | judged by the far touch, and executes no further than the far touch plus the collar      |
| 9  | position limit on the worst case                                                         |
| 10 | market impact: part of the average daily volume                                          |
| 11 | account type, margin call, credit, cash or securities, initial margin                    |
| 12 | concentration of the worst case in one instrument, of the equity                         |
| 13 | pattern day trader below the minimum equity (FINRA rule 4210(f)(8)(B))                   |

Rungs 11 to 13 let pass whatever does not raise the worst case: an account can always reduce.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from exchange.engine.reference.order import Order
from exchange.engine.reference.rate import is_rate_exceeded, take_token
from exchange.engine.reference.reach import collar_bp, reach_of
from exchange.engine.reference.restrict import is_restricted
from exchange.engine.reference.state import Listing, State
from exchange.engine.reference.valuation import Change, Worth, appraise, mark_of, share
from exchange.model.command import NewOrder
from exchange.model.enums import AssetClass, OrdType, Side
from exchange.model.reject import RejectReason as R
from exchange.model.risk import BASIS_POINTS, AccountFlag, AccountLimits, AccountType
from exchange.model.terms import OrderTerms
from exchange.model.units import CASH_SCALE

DAY_TRADES_ALLOWED = 3
DAY_TRADER_EQUITY_MIN = 25_000 * CASH_SCALE

_BUY = Side.BUY.value
_PEGGED = OrdType.PEGGED.value
_CASH = AccountType.CASH.value
_MARGIN = AccountType.MARGIN.value
_FUTURE = AssetClass.FUTURE.value


class Ask(NamedTuple):
    """What an order or replace would add to the open orders of its account.

    `order_qty` is the whole order's, `worst` the price that it is reserved at (0 = none is known);
    `change` is zero or negative where it asks for less.
    """

    member_id: int
    account_id: int
    listing: Listing
    order_qty: int
    worst: int
    change: Change

    @property
    def is_less(self) -> bool:
        """Whether it adds nothing."""
        return self.change.qty <= 0 and self.change.value <= 0


class Asked(NamedTuple):
    """What a replace would make of a live order."""

    order_qty: int
    price: int
    terms: OrderTerms


def is_order_restricted(state: State, _listing: Listing, order: NewOrder) -> bool:
    """R8.3."""
    return is_restricted(state, order.member_id, order.account_id, order.instrument_id)


def is_over_account_qty(state: State, _listing: Listing, order: NewOrder) -> bool:
    """R8.6: the account's own max order quantity."""
    limits = state.risk.account_limits.get(order.account_id)
    return limits is not None and 0 < limits.max_order_qty < order.order_qty


def is_over_account_notional(state: State, listing: Listing, order: NewOrder) -> bool:
    """R8.6: the account's own max order notional, at the worst price."""
    limits = state.risk.account_limits.get(order.account_id)
    if limits is None or not limits.max_order_notional:
        return False
    price, _ = reach_of(state, listing, order)
    return price * order.order_qty * listing.scale > limits.max_order_notional


def is_outside_collar(state: State, listing: Listing, order: NewOrder) -> bool:
    """R8.7."""
    limits = state.risk.account_limits.get(order.account_id)
    if limits is None:
        return False
    price = order.price or listing.book.opposite(order.side).best_price()
    return _reaches_too_far(limits, listing, order.side, price)


def refuse_exposure(state: State, ask: Ask) -> int:
    """R8.9 to R8.13: the reason why an ask is refused, or 0."""
    limits = state.risk.account_limits.get(ask.account_id)
    if limits is None or ask.is_less:
        return 0
    for fails, refusal in _POSITION_LADDER:
        if fails(state, limits, ask):
            return refusal
    currency = ask.listing.instrument.currency
    now = appraise(state, ask.account_id, currency)
    then = appraise(state, ask.account_id, currency, ask.change)
    case = Case(state, limits, ask, then, raises=then.worst > now.worst)
    for is_refused, refusal in _MONEY_LADDER:
        if is_refused(case):
            return refusal
    return 0


def refuse_new(state: State, listing: Listing, order: NewOrder, terms: OrderTerms) -> int:
    """R8.9 to R8.13 for a new order, a trailing stop with its first stop price: reason or 0."""
    if order.account_id not in state.risk.account_limits:
        return 0
    worst, qty = reach_of(state, listing, order, terms).worst, order.order_qty
    change = Change(order.instrument_id, order.side, qty, worst * qty * listing.scale)
    return refuse_exposure(
        state, Ask(order.member_id, order.account_id, listing, qty, worst, change)
    )


def refuse_replace(state: State, order: Order, asked: Asked, session_id: int) -> int:
    """R8.3, 5, 6, 7 and 9 to 13 for what a replace makes of a live order: the reason or 0.

    What only reduces (less quantity at the same price and terms) passes.
    """
    order_qty, price, terms = asked
    listing = state.listings[order.instrument_id]
    keeps = price == order.price and terms == order.terms
    if keeps and order_qty <= order.order_qty:
        return 0
    if is_restricted(state, order.member_id, order.account_id, order.instrument_id):
        return R.RESTRICTED
    if is_rate_exceeded(state, order.member_id, session_id):
        return R.ORDER_RATE_EXCEEDED
    limits = state.risk.account_limits.get(order.account_id)
    if limits is None:
        return 0
    if order_qty > order.order_qty and 0 < limits.max_order_qty < order_qty:
        return R.ABOVE_MAX_ORDER_QTY
    is_priced = price and order.ord_type != _PEGGED
    worst = price if is_priced else reach_of(state, listing, order, terms).worst
    if 0 < limits.max_order_notional < worst * order_qty * listing.scale and (
        worst * order_qty > order.reserved_price() * order.order_qty
    ):
        return R.ABOVE_MAX_ORDER_NOTIONAL
    if price != order.price and _reaches_too_far(limits, listing, order.side, price):
        return R.PRICE_OUTSIDE_COLLAR
    qty = max(order_qty - order.cum_qty, 0)
    value = (qty * worst - order.held_qty * order.held_price) * listing.scale
    change = Change(order.instrument_id, order.side, qty - order.held_qty, value)
    return refuse_exposure(
        state, Ask(order.member_id, order.account_id, listing, order_qty, worst, change)
    )


def admit(state: State, listing: Listing, order: Order, command: NewOrder) -> None:
    """Reserve for an accepted order and count it in the order rates (R8.5, R8.11)."""
    if not order.price:
        order.worst_price, order.cap_price = reach_of(state, listing, command)
    state.reserve(order)
    take_token(state, order.member_id, order.session_id)


class Case(NamedTuple):
    """What the money rungs look at: the account as it would be with the ask."""

    state: State
    limits: AccountLimits
    ask: Ask
    then: Worth
    raises: bool


def _reaches_too_far(limits: AccountLimits, listing: Listing, side: int, price: int) -> bool:
    collar, anchor = collar_bp(limits), mark_of(listing)
    if not collar or not anchor or not price:
        return False
    if side == _BUY:
        return price * BASIS_POINTS > anchor * (BASIS_POINTS + collar)
    return price * BASIS_POINTS < anchor * (BASIS_POINTS - collar)


def _is_position_too_large(state: State, limits: AccountLimits, ask: Ask) -> bool:
    if not limits.max_position or ask.change.qty <= 0:
        return False
    account_id, instrument_id = ask.account_id, ask.change.instrument_id
    position = state.position(account_id, instrument_id)
    exposure = state.risk.exposures.of(account_id, instrument_id)
    if ask.change.side == _BUY:
        return position + exposure.buy_qty + ask.change.qty > limits.max_position
    return exposure.sell_qty + ask.change.qty - position > limits.max_position


def _is_impact_too_large(state: State, limits: AccountLimits, ask: Ask) -> bool:
    adv_qty = state.risk.adv_qty.get(ask.change.instrument_id, 0)
    if not adv_qty or not limits.adv_bp or ask.change.qty <= 0:
        return False
    return ask.order_qty * BASIS_POINTS > adv_qty * limits.adv_bp


def _is_type_not_allowed(_state: State, limits: AccountLimits, ask: Ask) -> bool:
    return limits.account_type == _CASH and ask.listing.instrument.asset_class == _FUTURE


_POSITION_LADDER: tuple[tuple[Callable[[State, AccountLimits, Ask], bool], R], ...] = (
    (_is_position_too_large, R.POSITION_LIMIT_EXCEEDED),
    (_is_impact_too_large, R.MARKET_IMPACT_TOO_LARGE),
    (_is_type_not_allowed, R.ACCOUNT_TYPE_NOT_ALLOWED),
)


def _is_in_margin_call(case: Case) -> bool:
    key = (case.ask.account_id, case.ask.listing.instrument.currency)
    return case.raises and key in case.state.risk.calls


def _is_over_credit(case: Case) -> bool:
    return case.raises and 0 < case.limits.credit_limit < case.then.worst


def _is_cash_short(case: Case) -> bool:
    if case.limits.account_type != _CASH or case.ask.change.side != _BUY:
        return False
    if not case.ask.worst:
        return case.ask.change.qty > 0  # nothing says what it may cost
    return case.ask.change.value > 0 and case.then.reserved > case.then.cash


def _is_position_short(case: Case) -> bool:
    ask = case.ask
    if case.limits.account_type != _CASH or ask.change.side == _BUY or ask.change.qty <= 0:
        return False
    instrument_id = ask.change.instrument_id
    offered = case.state.risk.exposures.of(ask.account_id, instrument_id).sell_qty
    return offered + ask.change.qty > case.state.position(ask.account_id, instrument_id)


def _is_margin_short(case: Case) -> bool:
    if case.limits.account_type != _MARGIN or not case.raises:
        return False
    required = share(case.then.worst, case.limits.margins_bp()[0])
    return case.then.equity - case.then.fees < required


def _is_concentrated(case: Case) -> bool:
    if not case.limits.concentration_bp or not case.raises:
        return False
    allowed = case.then.equity * case.limits.concentration_bp
    return case.then.worst_of_one * BASIS_POINTS > allowed


def _is_day_trader_short(case: Case) -> bool:
    if not case.limits.flags & AccountFlag.PATTERN_DAY_TRADER or not case.raises:
        return False
    count = case.state.risk.day_trade_count(case.ask.account_id)
    return count >= DAY_TRADES_ALLOWED and case.then.equity < DAY_TRADER_EQUITY_MIN


_MONEY_LADDER: tuple[tuple[Callable[[Case], bool], R], ...] = (
    (_is_in_margin_call, R.ACCOUNT_IN_MARGIN_CALL),
    (_is_over_credit, R.CREDIT_LIMIT_EXCEEDED),
    (_is_cash_short, R.INSUFFICIENT_CASH),
    (_is_position_short, R.INSUFFICIENT_POSITION),
    (_is_margin_short, R.INSUFFICIENT_MARGIN),
    (_is_concentrated, R.CONCENTRATION_EXCEEDED),
    (_is_day_trader_short, R.DAY_TRADE_LIMIT_REACHED),
)
