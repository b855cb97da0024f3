"""R8.7, R8.11: how far an order without a price may execute, and what it is reserved at.

Room: one figure an order, settled when it comes in (new, replaced, released) and kept until then.
Accounts that have a type or a collar are *bounded*: their orders never execute beyond it, in
continuous trading and in an uncross alike, so nothing can cost more than was asked for.

| order            | starts from                                    | its reach                |
|------------------|------------------------------------------------|--------------------------|
| market, to-limit | far touch, else last, else reference price     | plus the collar          |
| stop to buy      | the same, or its stop price if that is higher  | plus the collar          |
| stop to sell     | the same                                       | less the collar          |
| peg              | the same                                       | plus the collar, its cap |

The collar is the account's, else the static band, else 5 %; for a sell it is less, not plus. A
released stop gets a reach anew, and a buy none beyond what it had reserved (as a stop with
protection of CME). A peg stays at its reach when the market runs away. An order with a price needs
none: its price is its reach.
"""

from __future__ import annotations

from typing import NamedTuple

from exchange.engine.reference.order import Order
from exchange.engine.reference.state import Listing, State
from exchange.engine.reference.valuation import mark_of
from exchange.model.command import NewOrder
from exchange.model.enums import OrdType, Phase, Side
from exchange.model.risk import BASIS_POINTS, AccountFlag, AccountLimits
from exchange.model.terms import NO_TERMS, OrderTerms
from exchange.model.units import PRICE_MAX

RETAIL_COLLAR_BP = 500
MARKET_COLLAR_BP = 500
"""Reach of a market order where neither a collar nor a static band says another (R8.7)."""

_BUY = Side.BUY.value
_PEGGED = OrdType.PEGGED.value
_CONTINUOUS = Phase.CONTINUOUS.value


class Reach(NamedTuple):
    """`worst`: the price that is reserved, 0 = nothing says one; `cap`: 0 = it is not bounded."""

    worst: int
    cap: int


def collar_bp(limits: AccountLimits) -> int:
    """The collar of an account, basis points; 0 = none."""
    return limits.collar_bp or (RETAIL_COLLAR_BP if limits.flags & AccountFlag.RETAIL else 0)


def reach_of(
    state: State, listing: Listing, order: NewOrder | Order, terms: OrderTerms = NO_TERMS
) -> Reach:
    """The reach of an order that comes in with these terms now (table in the module docstring)."""
    pegged = order.ord_type == _PEGGED
    if order.price and not pegged:
        return Reach(order.price, 0)
    buying = order.side == _BUY
    price = _start(listing, order.side)
    if buying:
        price = max(price, terms.stop_price)
    limits = state.risk.account_limits.get(order.account_id)
    is_bounded = limits is not None and bool(limits.account_type or collar_bp(limits))
    worst, cap = price or terms.stop_price, 0
    if limits is not None and is_bounded and price:
        reach = collar_bp(limits) or listing.instrument.static_band_bp or MARKET_COLLAR_BP
        if buying:
            worst = cap = min(price * (BASIS_POINTS + reach) // BASIS_POINTS, PRICE_MAX)
        else:
            cap = max(-(price * (reach - BASIS_POINTS) // BASIS_POINTS), 1)
    if pegged and terms.peg_limit:
        if buying:
            worst = min(cap, terms.peg_limit) if cap else terms.peg_limit
            cap = worst if is_bounded else 0
        else:
            worst = worst or terms.peg_limit
    return Reach(worst, cap)


def reach_at_release(state: State, listing: Listing, stop: Order) -> Reach:
    """The reach of a stop without a price that was triggered: now, and not beyond its former."""
    reach = reach_of(state, listing, stop)
    if stop.side == _BUY and reach.cap and stop.worst_price:
        bound = min(reach.cap, stop.worst_price)
        return Reach(bound, bound)
    return reach


def _start(listing: Listing, side: int) -> int:
    far = listing.book.opposite(side).best_price()
    anchor = mark_of(listing)
    if listing.phase != _CONTINUOUS and far and anchor:
        # In a call the book may be crossed: the far touch says little about the uncross price.
        return max(far, anchor) if side == _BUY else min(far, anchor)
    return far or anchor
