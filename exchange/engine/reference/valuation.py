"""What an account is worth and what it could come to: marks, equity, worst case, requirements.

Room: figures, computed from the books when they are needed; nothing is kept. All amounts are cash
units of one currency, exact; a requirement is rounded up. Cost: the instruments in which the
account has a position or an open order.

- mark: last price, else reference price; without either a position counts at cost.
- worst case in one instrument: the larger of (position + open buys) and (open sells - position),
  positions at the mark, orders at their price; never negative. R8.9, R8.11.
- equity: cash, plus positions at the mark; of a future, what it gained since it was last settled.
"""

from __future__ import annotations

from typing import NamedTuple

from exchange.engine.reference.fees import schedule_of, worst_fee
from exchange.engine.reference.state import Listing, State
from exchange.model.enums import AssetClass, Side
from exchange.model.risk import BASIS_POINTS

_BUY = Side.BUY.value
_FUTURE = AssetClass.FUTURE.value
_NO_POSITIONS: dict[int, int] = {}


class Change(NamedTuple):
    """What an order, or a replace, would add to the open orders of its side."""

    instrument_id: int
    side: int
    qty: int
    value: int


NO_CHANGE = Change(0, 0, 0, 0)


class Worth(NamedTuple):
    """An account in one currency.

    Attributes:
        cash: balance.
        equity: cash and positions.
        gross: positions at the mark, long and short added up.
        worst: sum of the worst cases.
        worst_of_one: worst case in the instrument of the change.
        buys: open buys at their price.
        fees: the most that open orders can cost in fees.
        buy_fees: those of the buys; the fee of a sale comes out of what it brings.
    """

    cash: int
    equity: int
    gross: int
    worst: int
    worst_of_one: int
    buys: int
    fees: int
    buy_fees: int

    @property
    def reserved(self) -> int:
        """Cash that open buys may need, fees included (R8.11 for cash accounts)."""
        return self.buys + self.buy_fees


def mark_of(listing: Listing) -> int:
    """The price that positions are valued at, 1e-9 quote units; 0 = there is none."""
    return listing.last_price or listing.instrument.reference_price


def position_value(state: State, account_id: int, instrument_id: int) -> int:
    """A position at the mark, signed."""
    listing = state.listings[instrument_id]
    mark = mark_of(listing)
    if not mark:
        return state.risk.cost(account_id, instrument_id)
    return state.position(account_id, instrument_id) * mark * listing.scale


def unrealised_of(state: State, account_id: int, instrument_id: int) -> int:
    """Gain or loss of a position at the mark against its cost."""
    cost = state.risk.cost(account_id, instrument_id)
    return position_value(state, account_id, instrument_id) - cost


def appraise(state: State, account_id: int, currency: str, change: Change = NO_CHANGE) -> Worth:
    """The worth of an account in a currency, as it would be with a change to its open orders."""
    risk = state.risk
    positions = state.positions.get(account_id, _NO_POSITIONS)
    exposures = risk.exposures.of_account(account_id)
    member_id = state.accounts[account_id].member_id
    involved = {*positions, *exposures}
    if change.instrument_id:
        involved.add(change.instrument_id)
    cash = risk.balance(account_id, currency)
    equity, gross, worst, worst_of_one, buys, fees, buy_fees = cash, 0, 0, 0, 0, 0, 0
    for instrument_id in sorted(involved):
        instrument = state.listings[instrument_id].instrument
        if instrument.currency != currency:
            continue
        value = (
            position_value(state, account_id, instrument_id) if instrument_id in positions else 0
        )
        is_future = instrument.asset_class == _FUTURE
        equity += unrealised_of(state, account_id, instrument_id) if is_future and value else value
        exposure = risk.exposures.of(account_id, instrument_id)
        buy_value, sell_value = exposure.buy_value, exposure.sell_value
        if instrument_id == change.instrument_id:
            if change.side == _BUY:
                buy_value += change.value
            else:
                sell_value += change.value
        case = max(value + buy_value, sell_value - value, 0)
        if instrument_id == change.instrument_id:
            worst_of_one = case
        gross += abs(value)
        worst += case
        buys += 0 if is_future else buy_value
        schedule = schedule_of(risk, instrument_id, member_id)
        if schedule is not None:
            buy_fee = worst_fee(schedule, buy_value)
            buy_fees += buy_fee
            fees += buy_fee + worst_fee(schedule, sell_value)
    return Worth(cash, equity, gross, worst, worst_of_one, buys, fees, buy_fees)


def share(value: int, bp: int) -> int:
    """`bp` basis points of an amount, rounded up: requirements are against the account."""
    return -(-value * bp // BASIS_POINTS)
