"""Money and securities that come to an account or leave it, other than by trading.

Room: the two admin commands. Nothing leaves that the account needs: a withdrawal is bounded by
`free_cash`, and securities by the position that is not offered. Futures are not securities: they
are neither delivered nor withdrawn.
"""

from __future__ import annotations

from exchange.engine.reference.admin import AdminRule, Verdict, refuse
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.settlement import close_out
from exchange.engine.reference.state import State
from exchange.engine.reference.sweep import schedule_sweep
from exchange.engine.reference.valuation import appraise, share
from exchange.model.enums import AssetClass, is_number_of
from exchange.model.instrument import CURRENCY_PATTERN
from exchange.model.reject import RejectReason as R
from exchange.model.risk import AccountType, CashDirection
from exchange.model.risk_command import AdjustCash, AdjustPosition
from exchange.model.risk_event import CashAdjusted, PositionAdjusted
from exchange.model.units import NOTIONAL_MAX, PRICE_MAX, QTY_MAX


def free_cash(state: State, account_id: int, currency: str) -> int:
    """What may be withdrawn, cash units, never negative.

    A cash account: what open buys and fees do not reserve. A margin account: equity beyond the
    initial margin of the worst case, and no more than the balance. Any other: the balance.
    """
    limits = state.risk.account_limits.get(account_id)
    account_type = limits.account_type if limits else 0
    worth = appraise(state, account_id, currency)
    free = worth.cash
    if account_type == AccountType.CASH:
        free = worth.cash - worth.reserved
    elif account_type == AccountType.MARGIN and limits is not None:
        required = share(worth.worst, limits.margins_bp()[0])
        free = min(worth.cash, worth.equity - worth.fees - required)
    return max(free, 0)


def _judge_cash(state: State, command: AdjustCash) -> Verdict:
    if not command.reason:
        return refuse(R.REASON_REQUIRED)
    if command.account_id not in state.accounts:
        return refuse(R.UNKNOWN_ACCOUNT)
    if not is_number_of(CashDirection, command.direction):
        return refuse(R.INVALID_FIELD, "direction")
    if not 1 <= command.amount <= NOTIONAL_MAX:
        return refuse(R.INVALID_FIELD, "amount")
    if not CURRENCY_PATTERN.fullmatch(command.currency):
        return refuse(R.INVALID_FIELD, "currency")
    if command.direction == CashDirection.WITHDRAWAL:
        free = free_cash(state, command.account_id, command.currency)
        if command.amount > free:
            return refuse(R.INSUFFICIENT_BALANCE, command.currency)
    return Verdict(target_id=command.account_id)


def _adjust_cash(state: State, out: Emitter, command: AdjustCash) -> None:
    account_id, currency = command.account_id, command.currency
    deposit = command.direction == CashDirection.DEPOSIT
    amount = command.amount if deposit else -command.amount
    state.risk.add_cash(account_id, currency, amount)
    balance = state.risk.balance(account_id, currency)
    out.emit(CashAdjusted(account_id, amount, balance, currency, command.operator, command.reason))
    schedule_sweep(state)


def _judge_position(state: State, command: AdjustPosition) -> Verdict:
    if not command.reason:
        return refuse(R.REASON_REQUIRED)
    if command.account_id not in state.accounts:
        return refuse(R.UNKNOWN_ACCOUNT)
    listing = state.listings.get(command.instrument_id)
    if listing is None:
        return refuse(R.UNKNOWN_SYMBOL)
    if listing.instrument.asset_class == AssetClass.FUTURE:
        return refuse(R.INVALID_FIELD, "instrument")
    if not is_number_of(CashDirection, command.direction):
        return refuse(R.INVALID_FIELD, "direction")
    if not 1 <= command.qty <= QTY_MAX:
        return refuse(R.INVALID_FIELD, "qty")
    if not 0 <= command.price <= PRICE_MAX:
        return refuse(R.INVALID_FIELD, "price")
    if command.direction == CashDirection.WITHDRAWAL:
        exposure = state.risk.exposures.of(command.account_id, command.instrument_id)
        held = state.position(command.account_id, command.instrument_id)
        if command.qty > held - exposure.sell_qty:
            return refuse(R.INSUFFICIENT_BALANCE, listing.instrument.symbol)
    return Verdict(target_id=command.account_id)


def _adjust_position(state: State, out: Emitter, command: AdjustPosition) -> None:
    """A delivery costs `price`; a withdrawal leaves at average cost, without a result."""
    account_id, instrument_id = command.account_id, command.instrument_id
    held = state.risk.holding(account_id, instrument_id)
    position = state.position(account_id, instrument_id)
    if command.direction == CashDirection.DEPOSIT:
        qty = command.qty
        value = command.price * qty * state.listings[instrument_id].scale
        close_out(held, position, qty, value)
    else:
        qty = -command.qty
        held.cost -= held.cost * command.qty // position
    state.move_position(account_id, instrument_id, qty)
    out.emit(
        PositionAdjusted(
            account_id,
            instrument_id,
            qty,
            command.price,
            position + qty,
            command.operator,
            command.reason,
        )
    )
    schedule_sweep(state)


CASH_RULES: dict[type, AdminRule] = {
    AdjustCash: AdminRule(_judge_cash, _adjust_cash),
    AdjustPosition: AdminRule(_judge_position, _adjust_position),
}
