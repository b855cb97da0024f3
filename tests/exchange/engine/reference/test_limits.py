"""R8: admin commands of risk that make no sense are refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from exchange.model.risk import (
    BASIS_POINTS,
    AccountLimits,
    FeeSchedule,
    MemberLimits,
    Restriction,
    RiskReference,
)
from exchange.model.risk_command import AdjustCash, AdjustPosition, Restrict
from tests.risk_desk import DEPOSIT, RiskDesk, risk_desk


@pytest.fixture
def desk() -> RiskDesk:
    return risk_desk()


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"account_type": 3}, "account_type"),
        ({"flags": 4}, "flags"),
        ({"credit_limit": 1 << 127}, "credit_limit"),
        ({"max_position": -1}, "max_position"),
        ({"max_order_qty": -1}, "max_order_qty"),
        ({"max_order_notional": 1 << 127}, "max_order_notional"),
        ({"collar_bp": BASIS_POINTS + 1}, "collar_bp"),
        ({"concentration_bp": 1_000_001}, "concentration_bp"),
        ({"adv_bp": 1_000_001}, "adv_bp"),
        ({"initial_margin_bp": 1_000_001}, "initial_margin_bp"),
        ({"initial_margin_bp": 2_000}, "maintenance_margin_bp"),
        ({"maintenance_margin_bp": 6_000}, "maintenance_margin_bp"),
        ({"call_grace_ns": 1 << 60}, "call_grace_ns"),
    ],
)
def test_account_limits_out_of_range(desk: RiskDesk, fields: dict[str, Any], fault: str) -> None:
    assert desk.limit(1, **fields) == [f"admin_rejected INVALID_FIELD {fault}"]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"fee_tier": 256}, "fee_tier"),
        ({"order_rate": 1_000_001}, "order_rate"),
        ({"order_burst": 1}, "order_burst"),
        ({"session_rate": 1_000_001}, "session_rate"),
        ({"session_burst": 1}, "session_burst"),
    ],
)
def test_member_limits_out_of_range(desk: RiskDesk, fields: dict[str, Any], fault: str) -> None:
    assert desk.limit_member(1, **fields) == [f"admin_rejected INVALID_FIELD {fault}"]


@pytest.mark.parametrize(
    ("maker", "taker", "more", "refusal"),
    [
        (0, 0, {"tier": 256}, "INVALID_FIELD tier"),
        (100_001, 0, {}, "INVALID_FIELD maker_ppm"),
        (0, -100_001, {}, "INVALID_FIELD taker_ppm"),
        (-11, 10, {}, "INVALID_FIELD taker_ppm"),
        (0, 0, {"auction": -1}, "INVALID_FIELD auction_ppm"),
        (0, 0, {"instrument": 9}, "UNKNOWN_SYMBOL "),
    ],
)
def test_fees_out_of_range(
    desk: RiskDesk, maker: int, taker: int, more: dict[str, int], refusal: str
) -> None:
    assert desk.fees(maker, taker, **more) == [f"admin_rejected {refusal}"]


def test_unknown_targets_and_no_change(desk: RiskDesk) -> None:
    assert desk.limit(9) == ["admin_rejected UNKNOWN_ACCOUNT "]
    assert desk.limit(1) == ["admin_rejected NO_CHANGE "]
    assert desk.limit_member(9) == ["admin_rejected UNKNOWN_MEMBER "]
    assert desk.limit_member(1) == ["admin_rejected NO_CHANGE "]
    assert desk.volume(10, 9) == ["admin_rejected UNKNOWN_SYMBOL "]
    assert desk.volume(-1) == ["admin_rejected INVALID_FIELD adv_qty"]
    assert desk.volume(0) == ["admin_rejected NO_CHANGE "]
    desk.fees(1, 1)
    assert desk.fees(1, 1) == ["admin_rejected NO_CHANGE "]


@pytest.mark.parametrize(
    ("row", "refusal"),
    [
        ((1, 1, 0), "INVALID_FIELD account"),
        ((0, 0, 0), "INVALID_FIELD member"),
        ((9, 0, 0), "UNKNOWN_TARGET member"),
        ((0, 9, 0), "UNKNOWN_TARGET account"),
        ((0, 0, 9), "UNKNOWN_TARGET instrument"),
    ],
)
def test_restrictions_that_make_no_sense(
    desk: RiskDesk, row: tuple[int, int, int], refusal: str
) -> None:
    assert desk.restrict(*row) == [f"admin_rejected {refusal}"]


def test_a_row_is_listed_once(desk: RiskDesk) -> None:
    assert desk.unrestrict(1) == ["admin_rejected NOT_RESTRICTED "]
    desk.restrict(1)
    assert desk.restrict(1) == ["admin_rejected ALREADY_RESTRICTED "]
    command = Restrict(Restriction(2, 0, 0), *desk.tail(), "")
    assert desk.told(command) == ["admin_rejected REASON_REQUIRED "]


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"reason": ""}, "REASON_REQUIRED "),
        ({"account_id": 9}, "UNKNOWN_ACCOUNT "),
        ({"direction": 3}, "INVALID_FIELD direction"),
        ({"amount": 0}, "INVALID_FIELD amount"),
        ({"amount": 1 << 127}, "INVALID_FIELD amount"),
        ({"currency": "usd"}, "INVALID_FIELD currency"),
        ({"direction": 2}, "INSUFFICIENT_BALANCE USD"),
    ],
)
def test_money_that_cannot_move(desk: RiskDesk, fields: dict[str, Any], refusal: str) -> None:
    plain: dict[str, Any] = {
        "account_id": 1,
        "direction": DEPOSIT,
        "amount": 1,
        "request_id": "x",
        "operator": "op",
        "currency": "USD",
        "reason": "wire",
    }
    assert desk.told(AdjustCash(**{**plain, **fields})) == [f"admin_rejected {refusal}"]


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"reason": ""}, "REASON_REQUIRED "),
        ({"account_id": 9}, "UNKNOWN_ACCOUNT "),
        ({"instrument_id": 9}, "UNKNOWN_SYMBOL "),
        ({"direction": 3}, "INVALID_FIELD direction"),
        ({"qty": 0}, "INVALID_FIELD qty"),
        ({"price": -1}, "INVALID_FIELD price"),
        ({"direction": 2}, "INSUFFICIENT_BALANCE ABC"),
    ],
)
def test_securities_that_cannot_move(desk: RiskDesk, fields: dict[str, Any], refusal: str) -> None:
    plain: dict[str, Any] = {
        "account_id": 1,
        "instrument_id": 1,
        "direction": DEPOSIT,
        "qty": 10,
        "price": 1_000,
        "request_id": "x",
        "operator": "op",
        "reason": "transfer",
    }
    assert desk.told(AdjustPosition(**{**plain, **fields})) == [f"admin_rejected {refusal}"]


def test_what_is_set_is_shown(desk: RiskDesk) -> None:
    desk.limit(1, max_position=50)
    desk.limit_member(2, order_rate=5)
    desk.fees(1, 2, tier=3)
    desk.volume(1_000)
    desk.restrict(0, 3)
    shown = desk.engine.risk_settings()

    assert shown.account_limits == [AccountLimits(1, max_position=50)]
    assert shown.member_limits == [MemberLimits(2, order_rate=5)]
    assert shown.fee_schedules == [FeeSchedule(0, 3, 1, 2, 0)]
    assert shown.references == [RiskReference(1, 1_000)]
    assert shown.restrictions == [Restriction(0, 3, 0)]
