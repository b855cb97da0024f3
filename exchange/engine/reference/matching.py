"""R4.1-R4.3 and R5: continuous matching, self-trade prevention, and the fill-or-kill test.

Room: everything that makes an incoming order trade. Price, then time; executions happen at the
resting order's price, best level first, until the incoming order is done or no longer crosses.

STP (R5, scope: same member; the incoming order's mode rules) acts at the moment the incoming order
meets an own resting order at the head of the queue:

| mode                 | what happens                                                           |
|----------------------|------------------------------------------------------------------------|
| ALLOW                | they trade                                                             |
| CANCEL_INCOMING      | the rest of the incoming order is canceled; matching ends              |
| CANCEL_RESTING       | the resting order is canceled; matching goes on                        |
| CANCEL_BOTH          | the resting order, then the rest of the incoming one are canceled      |
| DECREMENT_AND_CANCEL | the smaller is canceled, then the larger is restated: order_qty and    |
|                      | leaves less by as much, place kept; equal: both canceled, resting first |
"""

from __future__ import annotations

from exchange.engine.reference.departure import cancel
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.order import Order
from exchange.engine.reference.settlement import Execution, settle
from exchange.engine.reference.state import Listing, State
from exchange.model.enums import CancelReason, OrdStatus, OrdType, Side, StpMode
from exchange.model.event import Restated, Trade

_BUY = Side.BUY.value
_MARKET = OrdType.MARKET.value
_ALLOW = StpMode.ALLOW.value
_CANCEL_RESTING = StpMode.CANCEL_RESTING.value
_FILLED = OrdStatus.FILLED.value
_STP = CancelReason.SELF_TRADE_PREVENTION


def match(state: State, out: Emitter, listing: Listing, incoming: Order) -> None:
    """Trade a live incoming order that is not in the book until it is done or does not cross.

    Emits Trade, and Canceled and Restated of STP, in the order in which they happen. What is left
    of the incoming order (leaves_qty > 0) is the caller's to rest or cancel.
    """
    book = listing.book
    side, (ord_type, price) = incoming.side, incoming.reach()
    opposite = book.opposite(side)
    while incoming.leaves_qty and book.crosses(side, ord_type, price):
        resting = opposite.levels[opposite.best_price()].head()
        if resting.member_id == incoming.member_id and incoming.stp != _ALLOW:
            _prevent_self_trade(state, out, incoming, resting)
        else:
            _execute(state, out, listing, incoming, resting)


def is_fillable(listing: Listing, incoming: Order) -> bool:
    """R4.3: whether a FOK order would execute whole now, judged after STP.

    With CANCEL_RESTING own orders do not count and are passed over (they are canceled only if the
    order then executes). With CANCEL_INCOMING, CANCEL_BOTH and DECREMENT_AND_CANCEL it is not
    fillable if an own order is met before it is full. ALLOW counts own orders. Walks no further
    than the orders needed to fill it.
    """
    need = incoming.leaves_qty
    buying = incoming.side == _BUY
    ord_type, price = incoming.reach()
    for level in listing.book.opposite(incoming.side).best_first():
        if ord_type != _MARKET and (level.price > price if buying else level.price < price):
            return False
        for resting in level.queue.values():
            if resting.member_id != incoming.member_id or incoming.stp == _ALLOW:
                need -= resting.leaves_qty
            elif incoming.stp != _CANCEL_RESTING:
                return False
            if need <= 0:
                return True
    return False


def _execute(state: State, out: Emitter, listing: Listing, incoming: Order, resting: Order) -> None:
    price = resting.price
    qty = min(incoming.leaves_qty, resting.leaves_qty)
    now_ns = state.now_ns
    listing.book.reduce(resting, qty)
    resting.fill(price, qty, now_ns)
    incoming.fill(price, qty, now_ns)
    if not resting.leaves_qty:
        state.leave(resting, _FILLED)
    if not incoming.leaves_qty:
        state.leave(incoming, _FILLED)
    listing.last_price, listing.last_qty = price, qty
    state.last_trade_id += 1
    buy, sell = (incoming, resting) if incoming.side == _BUY else (resting, incoming)
    out.emit(
        Trade(
            state.last_trade_id,
            incoming.instrument_id,
            price,
            qty,
            incoming.side,
            buy.state(),
            sell.state(),
        )
    )
    execution = Execution(state.last_trade_id, price, qty, incoming.side, buy, sell)
    settle(state, out, listing, execution)


def _prevent_self_trade(state: State, out: Emitter, incoming: Order, resting: Order) -> None:
    match incoming.stp:
        case StpMode.CANCEL_INCOMING:
            cancel(state, out, incoming, _STP)
        case StpMode.CANCEL_RESTING:
            cancel(state, out, resting, _STP)
        case StpMode.CANCEL_BOTH:
            cancel(state, out, resting, _STP)
            cancel(state, out, incoming, _STP)
        case _:
            _decrement(state, out, incoming, resting)


def _decrement(state: State, out: Emitter, incoming: Order, resting: Order) -> None:
    surplus = incoming.leaves_qty - resting.leaves_qty
    if not surplus:
        cancel(state, out, resting, _STP)
        cancel(state, out, incoming, _STP)
        return
    smaller, larger = (resting, incoming) if surplus > 0 else (incoming, resting)
    qty = smaller.leaves_qty
    cancel(state, out, smaller, _STP)
    if larger.is_resting:
        state.listings[larger.instrument_id].book.reduce(larger, qty)
    larger.order_qty -= qty
    larger.leaves_qty -= qty
    larger.last_ts_ns = state.now_ns
    state.reserve(larger)
    out.emit(Restated(_STP.value, larger.state()))
