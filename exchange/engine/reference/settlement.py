"""What a trade does to those who traded: position, cost, result, cash, fees, reservations (R8).

Room: booking one trade, and taking it back (R9.4). Settlement is at once: the buyer pays the
notional to the seller. Futures move no notional: their cost stands in the books only, and what a
trade closes is paid in cash as variation (VariationSettled). Average cost: an execution against the
position takes out cost in proportion, rounded down; the whole position takes all of it.
"""

from __future__ import annotations

from typing import NamedTuple

from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.fees import schedule_of, trade_fee
from exchange.engine.reference.order import Order
from exchange.engine.reference.risk_books import VENUE, Holding, TradeRecord
from exchange.engine.reference.state import Listing, State
from exchange.engine.reference.sweep import schedule_sweep
from exchange.model.enums import AssetClass, Side
from exchange.model.risk_event import TradeFees, VariationSettled

_BUY = Side.BUY.value
_SELL = Side.SELL.value
_FUTURE = AssetClass.FUTURE.value


class Execution(NamedTuple):
    """A trade as matching made it; `aggressor` 0 = in an uncross."""

    trade_id: int
    price: int
    qty: int
    aggressor: int
    buy: Order
    sell: Order


def settle(state: State, out: Emitter, listing: Listing, execution: Execution) -> None:
    """Book a trade, right after its Trade event; both orders are as they are after it.

    Emits VariationSettled where a future is closed, and TradeFees where there are any.
    """
    trade_id, price, qty, aggressor, buy, sell = execution
    instrument, risk = listing.instrument, state.risk
    scale = listing.scale
    value = price * qty * scale
    record = TradeRecord(
        trade_id=trade_id,
        instrument_id=instrument.instrument_id,
        price=price,
        qty=qty,
        aggressor=aggressor,
        is_busted=0,
        is_future=int(instrument.asset_class == _FUTURE),
        scale=scale,
        buy_order_id=buy.order_id,
        sell_order_id=sell.order_id,
        buy_account_id=buy.account_id,
        sell_account_id=sell.account_id,
        buy_realised=0,
        sell_realised=0,
        buy_fee=0,
        sell_fee=0,
        currency=instrument.currency,
    )
    if risk.fees:
        buyer = schedule_of(risk, instrument.instrument_id, buy.member_id)
        seller = schedule_of(risk, instrument.instrument_id, sell.member_id)
        record.buy_fee = trade_fee(buyer, value, _BUY, aggressor)
        record.sell_fee = trade_fee(seller, value, _SELL, aggressor)
    risk.trades[trade_id] = record
    _count_day_trade(state, record)
    book_trade(state, out, record)
    if record.buy_fee or record.sell_fee:
        out.emit(
            TradeFees(
                trade_id,
                buy.account_id,
                sell.account_id,
                record.buy_fee,
                record.sell_fee,
                instrument.currency,
            )
        )
    risk.exposures.hold(buy, scale)
    risk.exposures.hold(sell, scale)
    schedule_sweep(state)


def book_trade(state: State, out: Emitter, record: TradeRecord) -> None:
    """Move positions, cost and cash as `record` says, and note the results in it."""
    value = record.price * record.qty * record.scale
    record.buy_realised = _take(state, record, record.buy_account_id, record.qty, value)
    record.sell_realised = _take(state, record, record.sell_account_id, -record.qty, -value)
    risk, currency = state.risk, record.currency
    if record.is_future:
        pay_variation(state, out, record, record.buy_account_id, record.buy_realised)
        pay_variation(state, out, record, record.sell_account_id, record.sell_realised)
    else:
        risk.add_cash(record.buy_account_id, currency, -value)
        risk.add_cash(record.sell_account_id, currency, value)
    pay_fees(state, record, 1)


def unbook_trade(state: State, out: Emitter, record: TradeRecord) -> None:
    """Take back exactly what `book_trade` did, whatever was traded since.

    Quantity, cost, result and cash move by what the trade moved them. A position that is then flat
    keeps no cost: what is left of it becomes result.
    """
    value = record.price * record.qty * record.scale
    realised = (record.buy_realised, record.sell_realised)
    _give_back(state, out, record, record.buy_account_id, (-record.qty, -value, realised[0]))
    _give_back(state, out, record, record.sell_account_id, (record.qty, value, realised[1]))
    if not record.is_future:
        state.risk.add_cash(record.buy_account_id, record.currency, value)
        state.risk.add_cash(record.sell_account_id, record.currency, -value)
    pay_fees(state, record, -1)


def pay_fees(state: State, record: TradeRecord, sign: int) -> None:
    """Charge (1) or give back (-1) the fees of a trade; the venue is the other side."""
    risk, currency = state.risk, record.currency
    risk.add_cash(record.buy_account_id, currency, -sign * record.buy_fee)
    risk.add_cash(record.sell_account_id, currency, -sign * record.sell_fee)
    risk.add_cash(VENUE, currency, sign * (record.buy_fee + record.sell_fee))


def pay_variation(
    state: State, out: Emitter, record: TradeRecord, account_id: int, amount: int
) -> None:
    """Pay what closing a future brought or cost."""
    if not amount:
        return
    state.risk.add_cash(account_id, record.currency, amount)
    out.emit(
        VariationSettled(account_id, record.instrument_id, record.price, 0, amount, record.currency)
    )


def close_out(held: Holding, position: int, qty: int, value: int) -> int:
    """Move the cost of a holding by a signed quantity and notional; returns what was realised.

    `position` is the quantity before. Keeps `cost_after == cost_before + value + realised`.
    """
    if not position or (position > 0) == (qty > 0):
        held.cost += value
        return 0
    closing = min(abs(qty), abs(position))
    cost_out = held.cost if closing == abs(position) else held.cost * closing // abs(position)
    # price * scale divides value, so the part that closes is a whole number.
    realised = -(value // abs(qty) * closing) - cost_out
    held.cost += value + realised
    held.realised += realised
    return realised


def _take(state: State, record: TradeRecord, account_id: int, qty: int, value: int) -> int:
    held = state.risk.holding(account_id, record.instrument_id)
    position = state.position(account_id, record.instrument_id)
    realised = close_out(held, position, qty, value)
    state.move_position(account_id, record.instrument_id, qty)
    return realised


def _give_back(
    state: State,
    out: Emitter,
    record: TradeRecord,
    account_id: int,
    back: tuple[int, int, int],
) -> None:
    qty, value, realised = back
    held = state.risk.holding(account_id, record.instrument_id)
    state.move_position(account_id, record.instrument_id, qty)
    held.cost += value - realised
    held.realised -= realised
    paid = -realised
    if not state.position(account_id, record.instrument_id) and held.cost:
        held.realised -= held.cost
        paid -= held.cost
        held.cost = 0
    if record.is_future:
        pay_variation(state, out, record, account_id, paid)


def _count_day_trade(state: State, record: TradeRecord) -> None:
    """R8.13: who closes on a day what was opened on it has made a day trade, one an order."""
    sides = (
        (record.buy_account_id, record.qty, record.buy_order_id),
        (record.sell_account_id, -record.qty, record.sell_order_id),
    )
    for account_id, qty, order_id in sides:
        held = state.risk.holding(account_id, record.instrument_id)
        position = state.position(account_id, record.instrument_id)
        opening = qty
        if position and (position > 0) != (qty > 0):
            closing = min(abs(qty), abs(position))
            opening = qty + closing if qty < 0 else qty - closing
            if held.opened_qty and (held.opened_qty > 0) == (position > 0):
                if held.closing_order_id != order_id:
                    held.closing_order_id = order_id
                    days = state.risk.day_trades.setdefault(account_id, {})
                    days[state.trading_day] = days.get(state.trading_day, 0) + 1
                left = max(abs(held.opened_qty) - closing, 0)
                held.opened_qty = left if position > 0 else -left
        held.opened_qty += opening
