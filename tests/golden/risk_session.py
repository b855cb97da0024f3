"""The part of the golden session about money: limits, fees, margin, corrections, emergency close.

Room: a script, played at the end of `session.Session`; every risk command is in it and brings about
every risk event.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from exchange.model import command as c
from exchange.model import corporate_action as ca
from exchange.model import risk_command as rc
from exchange.model.enums import AssetClass, KillScope
from exchange.model.risk import (
    AccountFlag,
    AccountLimits,
    AccountType,
    CashDirection,
    FeeSchedule,
    MemberLimits,
    Restriction,
    RiskReference,
)
from exchange.model.units import CASH_SCALE
from tests.recorder import ABC, buy, sell

SECOND_NS = 1_000_000_000
FUTURE = msgspec.structs.replace(ABC, symbol="FUT", asset_class=AssetClass.FUTURE, stp_default=1)


def risk_steps(
    future_id: int, trade_id: int, tail: Iterator[tuple[str, str]]
) -> Iterator[tuple[int, tuple[c.Command, ...]]]:
    """Yield (time to pass, commands of one entry).

    Args:
        future_id: id that the next instrument gets.
        trade_id: id that the next trade gets.
        tail: request_id and operator, fresh with each.
    """

    def told() -> tuple[str, str, str]:
        return *next(tail), "golden session"

    def limits(account_id: int, **fields: int) -> rc.SetAccountLimits:
        return rc.SetAccountLimits(AccountLimits(account_id, **fields), *next(tail))

    deposit, withdrawal = CashDirection.DEPOSIT.value, CashDirection.WITHDRAWAL.value
    yield (
        1,
        (
            c.OperatorCancel(0, 0, 0, 0, *told()),
            c.CreateInstrument(FUTURE, *next(tail)),
            c.OpenSession(0, *next(tail)),
            rc.SetFeeSchedule(FeeSchedule(0, 0, -10, 30, 20), *next(tail)),
            rc.SetMemberLimits(MemberLimits(2, 0, 100, 100, 50, 0), *next(tail)),
            rc.SetRiskReference(RiskReference(future_id, 1_000_000), *next(tail)),
            rc.Restrict(Restriction(3, 0, 1), *told()),
        ),
    )
    yield 1, (buy(3, "restricted", 10, 1000), rc.Unrestrict(Restriction(3, 0, 1), *told()))
    yield (
        1,
        (
            rc.AdjustCash(1, deposit, 10 * CASH_SCALE, *next(tail), "USD", "golden session"),
            rc.AdjustCash(1, withdrawal, 9 * CASH_SCALE, *next(tail), "USD", "golden session"),
            rc.AdjustPosition(2, 1, deposit, 50, 1_000, *told()),
            limits(1, account_type=AccountType.MARGIN, flags=AccountFlag.RETAIL, adv_bp=500),
            limits(2, max_position=100_000),
        ),
    )
    yield 1, (sell(2, "f1", 1_000, 1_000, instrument_id=future_id),)
    yield 1, (buy(1, "f2", 1_000, 1_000, instrument_id=future_id),)
    yield 1, (rc.BustTrade(trade_id, *told()), rc.BustTrade(trade_id, *told()))
    yield 1, (sell(2, "f3", 1_000, 1_000, instrument_id=future_id),)
    yield 1, (buy(1, "f4", 1_000, 1_000, instrument_id=future_id),)
    yield 1, (rc.CorrectTrade(trade_id + 1, 990, 900, *told()),)
    yield 1, (sell(1, "f5", 100, 1_000, instrument_id=future_id),)
    yield 1, (buy(2, "f6", 100, 1_000, instrument_id=future_id),)
    yield 1, (limits(1, account_type=AccountType.MARGIN, maintenance_margin_bp=5_000),)
    yield 1, (rc.AdjustCash(3, deposit, CASH_SCALE, *next(tail), "EUR", "golden session"),)
    dear = msgspec.structs.replace(FUTURE, symbol="DEAR", tick_size=10**9, reference_price=10**11)
    dear_id = future_id + 1
    yield 1, (c.CreateInstrument(dear, *next(tail)), c.OpenSession(dear_id, *next(tail)))
    yield 1, (limits(1, credit_limit=0, collar_bp=9_000),)
    yield 1, (sell(2, "g1", 100, 10**11, instrument_id=dear_id),)
    yield 1, (buy(1, "g2", 100, 10**11, instrument_id=dear_id),)
    yield 1, (limits(1, account_type=AccountType.MARGIN, call_grace_ns=SECOND_NS),)
    yield 1, (buy(3, "g3", 40, 95 * 10**9, instrument_id=dear_id),)
    yield 2 * SECOND_NS, ()
    yield 2 * SECOND_NS, ()
    yield 1, (c.CloseSession(0, *next(tail)),)
    yield 1, (ca.SplitInstrument(1, 0, 1, *told()), ca.SplitInstrument(1, 3, 2, *told()))
    yield 1, (c.OpenSession(0, *next(tail)), c.SessionOpened(2, 1, "logon-3"))
    yield 1, (sell(2, "e1", 10, 1_100),)
    yield 1, (rc.EmergencyClose(*told()),)
    yield 1, (c.ReleaseKillSwitch(KillScope.MARKET, 0, *told()), c.OpenSession(0, *next(tail)))
