"""R9.4: trade bust and trade correction by an operator.

Room: the two admin commands. A bust takes back what the trade did to positions, cost, cash and fees
(`settlement.unbook_trade`); a correction takes it back and books the new price and quantity with
the fees in force now. Both are events beside the Trade, which stands: nothing is ever edited. The
orders stay as they are, the last price too, and no money is asked for first: an account that cannot
pay is then called or can only reduce. Trades and their orders are known until their day ends;
once its instrument was split a trade is final.
"""

from __future__ import annotations

from exchange.engine.reference.admin import AdminRule, Verdict, refuse
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.fees import schedule_of, trade_fee
from exchange.engine.reference.risk_books import BUSTED, TradeRecord
from exchange.engine.reference.settlement import book_trade, unbook_trade
from exchange.engine.reference.state import State
from exchange.engine.reference.sweep import schedule_sweep
from exchange.model.enums import Side
from exchange.model.reject import RejectReason as R
from exchange.model.risk_command import BustTrade, CorrectTrade
from exchange.model.risk_event import TradeBusted, TradeCorrected
from exchange.model.units import PRICE_MAX


def _judge_bust(state: State, command: BustTrade | CorrectTrade) -> Verdict:
    if not command.reason:
        return refuse(R.REASON_REQUIRED)
    record = state.risk.trades.get(command.trade_id)
    if record is None:
        return refuse(R.UNKNOWN_TRADE, str(command.trade_id))
    if record.is_busted:
        reason = R.TRADE_BUSTED if record.is_busted == BUSTED else R.TRADE_FINAL
        return refuse(reason, str(command.trade_id))
    return Verdict()


def _bust(state: State, out: Emitter, command: BustTrade) -> None:
    record = state.risk.trades[command.trade_id]
    record.is_busted = BUSTED
    unbook_trade(state, out, record)
    out.emit(
        TradeBusted(
            record.trade_id,
            record.instrument_id,
            record.price,
            record.qty,
            record.buy_fee,
            record.sell_fee,
            state.orders[record.buy_order_id].state(),
            state.orders[record.sell_order_id].state(),
            record.currency,
            command.operator,
            command.reason,
        )
    )
    schedule_sweep(state)


def _judge_correct(state: State, command: CorrectTrade) -> Verdict:
    verdict = _judge_bust(state, command)
    if verdict.reason:
        return verdict
    record = state.risk.trades[command.trade_id]
    instrument = state.listings[record.instrument_id].instrument
    price, qty = command.price or record.price, command.qty or record.qty
    if not 1 <= price <= PRICE_MAX or price % instrument.tick_size:
        return refuse(R.INVALID_FIELD, "price")
    if not 1 <= qty <= record.qty or qty % instrument.lot_size:
        return refuse(R.INVALID_FIELD, "qty")
    return refuse(R.NO_CHANGE) if (price, qty) == (record.price, record.qty) else verdict


def _correct(state: State, out: Emitter, command: CorrectTrade) -> None:
    record = state.risk.trades[command.trade_id]
    former = (record.price, record.qty)
    former_fees = (record.buy_fee, record.sell_fee)
    unbook_trade(state, out, record)
    record.price, record.qty = command.price or record.price, command.qty or record.qty
    record.buy_fee = _fee(state, record, record.buy_account_id, Side.BUY)
    record.sell_fee = _fee(state, record, record.sell_account_id, Side.SELL)
    book_trade(state, out, record)
    out.emit(
        TradeCorrected(
            record.trade_id,
            record.instrument_id,
            *former,
            record.price,
            record.qty,
            *former_fees,
            record.buy_fee,
            record.sell_fee,
            state.orders[record.buy_order_id].state(),
            state.orders[record.sell_order_id].state(),
            record.currency,
            command.operator,
            command.reason,
        )
    )
    schedule_sweep(state)


def _fee(state: State, record: TradeRecord, account_id: int, side: Side) -> int:
    member_id = state.accounts[account_id].member_id
    schedule = schedule_of(state.risk, record.instrument_id, member_id)
    value = record.price * record.qty * record.scale
    return trade_fee(schedule, value, side.value, record.aggressor)


BUST_RULES: dict[type, AdminRule] = {
    BustTrade: AdminRule(_judge_bust, _bust),
    CorrectTrade: AdminRule(_judge_correct, _correct),
}
