"""Maker and taker fees and rebates, per instrument and member tier.

Room: which schedule applies and what it comes to. The schedule of (instrument, tier) counts, else
that of (all instruments, tier), else there is no fee. A fee is rate times notional, in cash units,
rounded towards zero: so the fees of an order's parts never exceed the fee of the whole, which is
what R8.11 reserves. The resting order pays the maker rate, the incoming one the taker rate, both
sides of an uncross, and of two dark orders that rested, the auction rate. The venue (account 0)
gets exactly what the sides pay.
"""

from __future__ import annotations

from exchange.engine.reference.risk_books import RiskBooks
from exchange.model.enums import Side
from exchange.model.risk import FEE_SCALE, FeeSchedule

_BUY = Side.BUY.value


def schedule_of(risk: RiskBooks, instrument_id: int, member_id: int) -> FeeSchedule | None:
    """The fees that a member pays in an instrument; None = nothing."""
    if not risk.fees:
        return None
    limits = risk.member_limits.get(member_id)
    tier = limits.fee_tier if limits else 0
    return risk.fees.get((instrument_id, tier)) or risk.fees.get((0, tier))


def fee_of(value: int, ppm: int) -> int:
    """`ppm` millionths of a notional in cash units, towards zero; negative = a rebate."""
    return value * ppm // FEE_SCALE if ppm >= 0 else -(value * -ppm // FEE_SCALE)


def trade_fee(schedule: FeeSchedule | None, value: int, side: int, aggressor: int) -> int:
    """What one side of a trade pays; `aggressor` 0 = of an uncross, or between resting orders."""
    if schedule is None:
        return 0
    if not aggressor:
        return fee_of(value, schedule.auction_ppm)
    return fee_of(value, schedule.taker_ppm if side == aggressor else schedule.maker_ppm)


def worst_fee(schedule: FeeSchedule | None, value: int) -> int:
    """The highest fee that an order of this notional can come to; never negative."""
    if schedule is None:
        return 0
    return fee_of(value, max(schedule.maker_ppm, schedule.taker_ppm, schedule.auction_ppm, 0))
