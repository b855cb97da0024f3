"""Portfolio queries: what an account has, owes, could buy and has gained (R8).

Room: reading; nothing here changes anything. Buying power is what further buys may cost: for a cash
account the cash that nothing reserves; for a margin account the equity beyond the initial margin of
the worst case, divided by the initial rate; for any other there is no bound and it is shown as 0.
"""

from __future__ import annotations

from exchange.engine.reference.margin import maintenance
from exchange.engine.reference.risk_books import Holding
from exchange.engine.reference.risk_sections import (
    account_limits,
    fee_schedules,
    member_limits,
    references,
    restrictions,
)
from exchange.engine.reference.state import State
from exchange.engine.reference.valuation import appraise, mark_of, share, unrealised_of
from exchange.engine.risk_views import (
    BalanceView,
    HoldingView,
    PortfolioView,
    RiskView,
    TradeView,
)
from exchange.model.risk import BASIS_POINTS, AccountLimits, AccountType

_NO_HOLDING = Holding()


def portfolio(state: State, account_id: int) -> PortfolioView | None:
    """Everything about one account; None for an unknown one."""
    if account_id not in state.accounts:
        return None
    limits = state.risk.account_limits.get(account_id, AccountLimits(account_id))
    holdings = _holdings(state, account_id)
    currencies = {
        *state.risk.cash.get(account_id, {}),
        *(state.listings[held.instrument_id].instrument.currency for held in holdings),
        *(currency for owner, currency in state.risk.calls if owner == account_id),
    }
    return PortfolioView(
        account_id,
        limits,
        [_balance(state, limits, currency) for currency in sorted(currencies)],
        holdings,
        state.risk.day_trade_count(account_id),
    )


def trade(state: State, trade_id: int) -> TradeView | None:
    """A trade of this trading day as it stands after corrections."""
    record = state.risk.trades.get(trade_id)
    if record is None:
        return None
    return TradeView(
        record.trade_id,
        record.instrument_id,
        record.price,
        record.qty,
        record.buy_account_id,
        record.sell_account_id,
        record.buy_fee,
        record.sell_fee,
        record.is_busted,
        record.currency,
    )


def risk_settings(state: State) -> RiskView:
    """Everything that operators have set for R8."""
    return RiskView(
        account_limits(state),
        member_limits(state),
        fee_schedules(state),
        references(state),
        restrictions(state),
    )


def _balance(state: State, limits: AccountLimits, currency: str) -> BalanceView:
    account_id = limits.account_id
    worth = appraise(state, account_id, currency)
    initial_bp, _ = limits.margins_bp()
    call = state.risk.calls.get((account_id, currency))
    reserved, initial, power = worth.reserved, 0, 0
    if limits.account_type == AccountType.CASH:
        power = max(worth.cash - reserved, 0)
    elif limits.account_type == AccountType.MARGIN:
        initial = share(worth.worst, initial_bp)
        power = max(worth.equity - worth.fees - initial, 0) * BASIS_POINTS // initial_bp
    return BalanceView(
        currency,
        worth.cash,
        reserved,
        power,
        worth.equity,
        worth.gross,
        initial,
        maintenance(state, account_id, worth),
        call.deadline_ts_ns if call else 0,
    )


def _holdings(state: State, account_id: int) -> list[HoldingView]:
    positions = state.positions.get(account_id, {})
    exposures = state.risk.exposures.of_account(account_id)
    kept = state.risk.holdings.get(account_id, {})
    views = []
    for instrument_id in sorted({*positions, *exposures, *kept}):
        held = kept.get(instrument_id, _NO_HOLDING)
        exposure = state.risk.exposures.of(account_id, instrument_id)
        views.append(
            HoldingView(
                instrument_id,
                positions.get(instrument_id, 0),
                held.cost,
                held.realised,
                unrealised_of(state, account_id, instrument_id),
                mark_of(state.listings[instrument_id]),
                exposure.buy_qty,
                exposure.sell_qty,
            )
        )
    return views
