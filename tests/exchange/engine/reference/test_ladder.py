"""R8, R3.4: the ordered reject ladder of new orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from exchange.engine.reference import ladder
from exchange.model.command import (
    EngageKillSwitch,
    Halt,
    SessionOpened,
    SetPhase,
    UpdateAccount,
    UpdateInstrument,
    UpdateMember,
)
from exchange.model.enums import KillScope, OrderFlag, OrdType, Phase, Standing, TimeInForce
from exchange.model.event import Rejected
from exchange.model.reject import RejectReason as R
from exchange.model.units import PRICE_MAX, QTY_MAX, TIMESTAMP_MAX_NS
from tests.recorder import ABC, START_NS, Recorder, buy, order, sell

GTD = TimeInForce.GTD
POST_ONLY = OrderFlag.POST_ONLY


@pytest.fixture
def venue() -> Recorder:
    recorder = Recorder()
    recorder.open_market()
    return recorder


FIELD_CASES: list[tuple[R, dict[str, Any]]] = [
    (R.UNKNOWN_MEMBER, {"member_id": 0}),
    (R.UNKNOWN_MEMBER, {"member_id": 9}),
    (R.UNKNOWN_ACCOUNT, {"account_id": 0}),
    (R.UNKNOWN_ACCOUNT, {"account_id": 2}),
    (R.UNKNOWN_SYMBOL, {"instrument_id": 0}),
    (R.UNKNOWN_SYMBOL, {"instrument_id": 2}),
    (R.INVALID_CL_ORD_ID, {"cl_ord_id": ""}),
    (R.INVALID_SIDE, {"side": 0}),
    (R.INVALID_SIDE, {"side": 3}),
    *[(R.ORD_TYPE_NOT_SUPPORTED, {"ord_type": number}) for number in (0, 9, 255)],
    *[(R.TIME_IN_FORCE_NOT_SUPPORTED, {"time_in_force": number}) for number in (0, 8)],
    *[(R.INSTRUCTION_NOT_SUPPORTED, {"flags": bits}) for bits in (64, 65, 0x8000)],
    (R.INVALID_STP_MODE, {"stp": 6}),
    *[(R.INVALID_QUANTITY, {"order_qty": qty}) for qty in (0, -5, QTY_MAX + 1, -(1 << 63))],
    (R.QUANTITY_NOT_A_LOT_MULTIPLE, {"order_qty": 12}),
    (R.PRICE_REQUIRED, {"price": 0}),
    *[(R.PRICE_NOT_ALLOWED, {"ord_type": number}) for number in (1, 3, 5, 6, 7)],
    *[(R.PRICE_REQUIRED, {"ord_type": number, "price": 0}) for number in (4, 8)],
    (R.INVALID_PRICE, {"price": -10}),
    (R.INVALID_PRICE, {"price": PRICE_MAX + 1}),
    (R.PRICE_NOT_A_TICK_MULTIPLE, {"price": 1005}),
    (R.INVALID_EXPIRE_TIME, {"expire_ts_ns": START_NS + 1}),
    (R.INVALID_EXPIRE_TIME, {"time_in_force": GTD}),
    (R.INVALID_EXPIRE_TIME, {"time_in_force": GTD, "expire_ts_ns": START_NS}),
    (R.INVALID_EXPIRE_TIME, {"time_in_force": GTD, "expire_ts_ns": TIMESTAMP_MAX_NS + 1}),
    (R.INVALID_COMBINATION, {"flags": POST_ONLY, "time_in_force": TimeInForce.IOC}),
    (R.INVALID_COMBINATION, {"flags": POST_ONLY, "time_in_force": TimeInForce.FOK}),
    (R.INVALID_COMBINATION, {"flags": POST_ONLY, "ord_type": OrdType.MARKET, "price": 0}),
    (R.BELOW_MIN_ORDER_QTY, {"order_qty": 5}),
    (R.ABOVE_MAX_ORDER_QTY, {"order_qty": 10_005}),
    (R.PRICE_OUT_OF_BAND, {"price": 790}),
    (R.PRICE_OUT_OF_BAND, {"price": 1210}),
]


@pytest.mark.parametrize(("reason", "more"), FIELD_CASES)
def test_a_field_out_of_range_is_refused(venue: Recorder, reason: R, more: dict[str, Any]) -> None:
    command = msgspec.structs.replace(buy(1, "a", 10, 1000), **more)

    assert venue.told(command) == [f"rejected {command.cl_ord_id} {reason.name}"]
    assert venue.engine.orders(0, 0, 0, 10, live=False) == []


@pytest.mark.parametrize("price", [800, 1200])
def test_the_ends_of_the_static_band_are_inside(venue: Recorder, price: int) -> None:
    """R7.1."""
    assert venue.told(buy(1, "a", 10, price)) == [f"accepted a 10 @ {price}"]


@pytest.mark.parametrize("qty", [10, 10_000])
def test_the_ends_of_the_quantity_range_are_inside(venue: Recorder, qty: int) -> None:
    assert venue.told(buy(1, "a", qty, 1000)) == [f"accepted a {qty} @ 1000"]


def test_a_rejected_order_is_shown_as_it_was_sent(venue: Recorder) -> None:
    (event,) = venue.send(buy(1, "a", 12, 1000))

    assert isinstance(event, Rejected)
    assert (event.order.order_id, event.order.order_qty, event.order.leaves_qty) == (0, 12, 0)
    assert event.order.ord_status == 5


def test_an_order_id_is_consumed_only_on_acceptance(venue: Recorder) -> None:
    """R1.4."""
    venue.send(buy(1, "a", 12, 1000), buy(1, "b", 10, 1000))

    view = venue.engine.order_by_cl_ord_id(1, "b")
    assert view is not None
    assert view.order.order_id == 1


def _disable_member(venue: Recorder) -> None:
    venue.send(UpdateMember(1, Standing.DISABLED, "x", "op"))


def _disable_account(venue: Recorder) -> None:
    venue.send(UpdateAccount(1, Standing.DISABLED, "x", "op"))


def _retire(venue: Recorder) -> None:
    retired = msgspec.structs.replace(ABC, instrument_id=1, status=2)
    venue.send(UpdateInstrument(retired, "x", "op"))


def _close(venue: Recorder) -> None:
    venue.send(SetPhase(1, Phase.CLOSED, "x", "op"))


def _halt(venue: Recorder) -> None:
    venue.send(Halt(1, 0, 0, "x", "op", "news"))


STATE_CASES: list[tuple[Callable[[Recorder], None], R]] = [
    (_disable_member, R.MEMBER_DISABLED),
    (_disable_account, R.ACCOUNT_DISABLED),
    (_retire, R.INSTRUMENT_RETIRED),
    (_close, R.EXCHANGE_CLOSED),
    (_halt, R.INSTRUMENT_HALTED),
]


@pytest.mark.parametrize(("prepare", "reason"), STATE_CASES)
def test_state_refuses(venue: Recorder, prepare: Callable[[Recorder], None], reason: R) -> None:
    """R8.1, R8.2, R2."""
    prepare(venue)

    assert venue.told(buy(1, "a", 10, 1000)) == [f"rejected a {reason.name}"]


@pytest.mark.parametrize(
    ("scope", "target_id"),
    [
        (KillScope.MARKET, 0),
        (KillScope.INSTRUMENT, 1),
        (KillScope.MEMBER, 1),
        (KillScope.ACCOUNT, 1),
        (KillScope.SESSION, 1),
    ],
)
def test_every_kill_scope_refuses(venue: Recorder, scope: KillScope, target_id: int) -> None:
    """R9.1; others go on trading unless the scope is the instrument or the market."""
    venue.send(SessionOpened(1, 0, "s"), SessionOpened(2, 0, "s"))
    venue.send(EngageKillSwitch(scope, target_id, "x", "op", "runaway"))
    refused = venue.told(buy(1, "a", 10, 1000), session_id=1)
    other = venue.told(buy(2, "b", 10, 1000), session_id=2)

    assert refused == ["rejected a KILL_SWITCH_ENGAGED"]
    everyone = scope in {KillScope.MARKET, KillScope.INSTRUMENT}
    assert other == ["rejected b KILL_SWITCH_ENGAGED" if everyone else "accepted b 10 @ 1000"]


def test_a_session_must_be_open_and_the_members_own(venue: Recorder) -> None:
    """R8.1."""
    venue.send(SessionOpened(2, 0, "s"))

    assert venue.told(buy(1, "a", 10, 1000), session_id=1) == ["rejected a UNKNOWN_SESSION"]
    assert venue.told(buy(1, "b", 10, 1000), session_id=7) == ["rejected b UNKNOWN_SESSION"]
    assert venue.told(buy(2, "c", 10, 1000), session_id=1) == ["accepted c 10 @ 1000"]


def test_post_only_that_would_take_is_refused(venue: Recorder) -> None:
    """R3.3."""
    venue.send(sell(2, "a", 10, 1000))

    assert venue.told(
        buy(1, "b", 10, 1000, flags=POST_ONLY), buy(1, "c", 10, 990, flags=POST_ONLY)
    ) == ["rejected b POST_ONLY_WOULD_TAKE", "accepted c 10 @ 990"]


def test_notional_is_judged_with_the_multiplier() -> None:
    """R8.6: 10 * 1000 * 3 is inside, one lot more is not."""
    venue = Recorder()
    venue.open_market(
        msgspec.structs.replace(ABC, max_order_notional=30_000, contract_multiplier=3)
    )

    assert venue.told(buy(1, "a", 10, 1000), buy(1, "b", 15, 1000)) == [
        "accepted a 10 @ 1000",
        "rejected b ABOVE_MAX_ORDER_NOTIONAL",
    ]


def test_notional_of_a_market_order_takes_last_then_reference_price() -> None:
    """R8.6: at the reference price 1000 an order of 20 is too large, after a trade at 800 not."""
    venue = Recorder()
    venue.open_market(msgspec.structs.replace(ABC, max_order_notional=16_000))

    def market(cl_ord_id: str) -> list[str]:
        return venue.told(buy(1, cl_ord_id, 20, 0, ord_type=OrdType.MARKET))

    assert market("a") == ["rejected a ABOVE_MAX_ORDER_NOTIONAL"]
    venue.send(sell(2, "b", 10, 800), buy(3, "c", 10, 800))
    assert market("d") == ["accepted d 20 @ 0", "canceled d 20 UNFILLED_REMAINDER"]


def test_notional_of_a_market_order_without_any_price_passes() -> None:
    """R8.6."""
    venue = Recorder()
    venue.open_market(msgspec.structs.replace(ABC, max_order_notional=1, reference_price=0))

    assert venue.told(buy(1, "a", 20, 0, ord_type=OrdType.MARKET))[0] == "accepted a 20 @ 0"


def test_a_level_never_exceeds_what_the_log_format_holds(
    venue: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ladder, "LEVEL_QTY_MAX", 50)
    told = venue.told(buy(1, "a", 30, 1000), buy(1, "b", 25, 1000), buy(1, "c", 20, 1000))

    assert told == ["accepted a 30 @ 1000", "rejected b LIMIT_REACHED", "accepted c 20 @ 1000"]


def test_the_order_of_the_ladder_is_fixed(venue: Recorder) -> None:
    """R3.4: everything is wrong at first; each repair uncovers the next reason."""
    venue.send(sell(2, "rest", 10, 1000), buy(1, "used", 10, 900))
    command = order(9, "", 0, 0, 0, account_id=9, instrument_id=9, ord_type=0, time_in_force=0)
    command = msgspec.structs.replace(command, flags=65, stp=9, expire_ts_ns=1)
    repairs: list[tuple[R, dict[str, Any]]] = [
        (R.UNKNOWN_MEMBER, {"member_id": 1}),
        (R.UNKNOWN_ACCOUNT, {"account_id": 1}),
        (R.UNKNOWN_SYMBOL, {"instrument_id": 1}),
        (R.INVALID_CL_ORD_ID, {"cl_ord_id": "used"}),
        (R.INVALID_SIDE, {"side": 1}),
        (R.ORD_TYPE_NOT_SUPPORTED, {"ord_type": 2}),
        (R.TIME_IN_FORCE_NOT_SUPPORTED, {"time_in_force": 4}),
        (R.INSTRUCTION_NOT_SUPPORTED, {"flags": 9}),
        (R.INVALID_STP_MODE, {"stp": 0}),
        (R.INVALID_QUANTITY, {"order_qty": 4}),
        (R.QUANTITY_NOT_A_LOT_MULTIPLE, {"order_qty": 5}),
        (R.PRICE_REQUIRED, {"price": -1}),
        (R.INVALID_PRICE, {"price": 2001}),
        (R.PRICE_NOT_A_TICK_MULTIPLE, {"price": 2000}),
        (R.INVALID_EXPIRE_TIME, {"expire_ts_ns": 0}),
        (R.INVALID_COMBINATION, {"time_in_force": 1}),
        (R.REDUCE_ONLY_WOULD_INCREASE, {"flags": 1}),
        (R.BELOW_MIN_ORDER_QTY, {"order_qty": 10}),
        (R.PRICE_OUT_OF_BAND, {"price": 1000}),
        (R.DUPLICATE_CL_ORD_ID, {"cl_ord_id": "fresh"}),
        (R.POST_ONLY_WOULD_TAKE, {"price": 990, "cl_ord_id": "fresher"}),
    ]
    for reason, repair in repairs:
        assert venue.told(command) == [f"rejected {command.cl_ord_id} {reason.name}"]
        command = msgspec.structs.replace(command, **repair)
    assert venue.told(command) == ["accepted fresher 10 @ 990"]
