"""R4.4, R2: replace."""

from __future__ import annotations

import msgspec
import pytest

from exchange.model.command import (
    CloseSession,
    Halt,
    ReplaceOrder,
    SessionOpened,
    UpdateAccount,
    UpdateInstrument,
    UpdateMember,
)
from exchange.model.enums import OrderFlag, Standing, StpMode, TimeInForce
from exchange.model.event import CancelRejected, Replaced
from exchange.model.instrument import Instrument
from exchange.model.units import QTY_MAX
from tests.recorder import ABC, Recorder, buy, cancel, replace, sell


@pytest.fixture
def venue() -> Recorder:
    recorder = Recorder()
    recorder.open_market()
    return recorder


def test_less_quantity_keeps_the_place(venue: Recorder) -> None:
    """R4.4."""
    venue.send(sell(1, "a", 30, 1000), sell(2, "b", 30, 1000))

    assert venue.told(replace(1, "a", "a2", qty=20)) == ["replaced a by a2 20 @ 1000 kept"]
    assert venue.book() == ([], [(1000, 50, 2)])
    assert venue.told(buy(3, "c", 20, 1000))[1:] == ["trade c a2 20 @ 1000"]


def test_more_quantity_loses_the_place(venue: Recorder) -> None:
    """R4.4."""
    venue.send(sell(1, "a", 30, 1000), sell(2, "b", 30, 1000))

    assert venue.told(replace(1, "a", "a2", qty=40)) == ["replaced a by a2 40 @ 1000 lost"]
    assert venue.told(buy(3, "c", 20, 1000))[1:] == ["trade c b 20 @ 1000"]


def test_a_new_price_loses_the_place_even_with_less_quantity(venue: Recorder) -> None:
    """R4.4."""
    venue.send(sell(1, "a", 30, 1010), sell(2, "b", 30, 1000))

    told = venue.told(replace(1, "a", "a2", qty=20, price=1000))
    assert told == ["replaced a by a2 20 @ 1000 lost"]
    assert venue.book() == ([], [(1000, 50, 2)])
    assert venue.told(buy(3, "c", 30, 1000))[1:] == ["trade c b 30 @ 1000"]


def test_a_replace_that_crosses_matches_at_once(venue: Recorder) -> None:
    """R4.4."""
    venue.send(sell(1, "a", 30, 1000), buy(2, "b", 40, 990))

    assert venue.told(replace(2, "b", "b2", price=1010)) == [
        "replaced b by b2 40 @ 1010 lost",
        "trade b2 a 30 @ 1000",
    ]
    assert venue.book() == ([(1010, 10, 1)], [])


def test_a_replace_that_crosses_is_subject_to_stp(venue: Recorder) -> None:
    """R4.4, R5."""
    venue.send(sell(1, "a", 30, 1000), buy(1, "b", 40, 990, stp=StpMode.CANCEL_BOTH))

    assert venue.told(replace(1, "b", "b2", price=1000)) == [
        "replaced b by b2 40 @ 1000 lost",
        "canceled a 30 SELF_TRADE_PREVENTION",
        "canceled b2 40 SELF_TRADE_PREVENTION",
    ]
    assert venue.book() == ([], [])
    assert venue.engine.orders(0, 0, 0, 10, live=True) == []


def test_the_new_quantity_is_the_total(venue: Recorder) -> None:
    """R4.4: 30 ordered, 10 done; a total of 25 leaves 15."""
    venue.send(sell(1, "a", 30, 1000), buy(2, "b", 10, 1000))
    (event,) = venue.send(replace(1, "a", "a2", qty=25))

    assert isinstance(event, Replaced)
    assert (event.order.order_qty, event.order.cum_qty, event.order.leaves_qty) == (25, 10, 15)


@pytest.mark.parametrize("qty", [10, 5])
def test_a_total_that_is_already_done_cancels_the_rest(venue: Recorder, qty: int) -> None:
    """R4.4; the order takes no new terms, both ids are used up."""
    venue.send(sell(1, "a", 30, 1000), buy(2, "b", 10, 1000))

    assert venue.told(replace(1, "a", "a2", qty=qty, price=1100)) == [
        "canceled a 20 REPLACED_TO_CUM_QTY"
    ]
    assert venue.told(replace(1, "a", "a2", qty=qty, price=1100)) == [
        "repeated a2 CANCELED CANCELED"
    ]


def test_the_new_id_names_the_order_from_then_on(venue: Recorder) -> None:
    """R4.4, R10.1."""
    venue.send(sell(1, "a", 30, 1000), replace(1, "a", "a2", qty=20))

    assert venue.told(cancel(1, "a", "x1")) == ["cancel_rejected x1 UNKNOWN_ORDER"]
    assert venue.told(replace(1, "a", "x2", qty=10)) == ["replace_rejected x2 UNKNOWN_ORDER"]
    assert venue.told(ReplaceOrder(1, 1, 15, 0, "a3", "a")) == ["replaced a2 by a3 15 @ 1000 kept"]
    assert venue.told(cancel(1, "a3", "x3")) == ["canceled a3 15 REQUESTED"]


def test_a_gtd_order_keeps_its_expiry_through_a_replace(venue: Recorder) -> None:
    """R4.4, R3.2."""
    due = venue.ts_ns + 100
    venue.send(sell(1, "a", 30, 1000, time_in_force=TimeInForce.GTD, expire_ts_ns=due))
    venue.send(replace(1, "a", "a2", price=1010))

    assert venue.engine.next_timer_ns() == due
    assert venue.wait(100) == ["expired a2 30 GOOD_TILL_DATE"]


REFUSED = [
    ({"qty": 12}, "QUANTITY_NOT_A_LOT_MULTIPLE"),
    ({"qty": -5}, "INVALID_QUANTITY"),
    ({"qty": QTY_MAX + 1}, "INVALID_QUANTITY"),
    ({"qty": 5}, "BELOW_MIN_ORDER_QTY"),
    ({"qty": 10_005}, "ABOVE_MAX_ORDER_QTY"),
    ({"price": -10}, "INVALID_PRICE"),
    ({"price": 1005}, "PRICE_NOT_A_TICK_MULTIPLE"),
    ({"price": 1210}, "PRICE_OUT_OF_BAND"),
    ({}, "NOTHING_TO_REPLACE"),
    ({"qty": 30, "price": 1000}, "NOTHING_TO_REPLACE"),
]


@pytest.mark.parametrize(("terms", "reason"), REFUSED)
def test_a_refused_replace_leaves_the_order_as_it_was(
    venue: Recorder, terms: dict[str, int], reason: str
) -> None:
    """R4.4."""
    venue.send(sell(1, "a", 30, 1000))
    before = venue.engine.order(1)

    assert venue.told(replace(1, "a", "a2", **terms)) == [f"replace_rejected a2 {reason}"]
    assert venue.engine.order(1) == before


def test_a_reject_shows_the_order_it_is_about(venue: Recorder) -> None:
    venue.send(sell(1, "a", 30, 1000))
    (event,) = venue.send(replace(1, "a", "a2"))

    assert isinstance(event, CancelRejected)
    assert (event.order_id, event.ord_status, event.instrument_id) == (1, 1, 1)
    assert (event.is_replace, event.cl_ord_id, event.orig_cl_ord_id) == (1, "a2", "a")


def test_a_used_id_is_refused(venue: Recorder) -> None:
    """R10.1."""
    venue.send(sell(1, "a", 30, 1000), sell(1, "b", 30, 1000))

    assert venue.told(replace(1, "a", "b", qty=20)) == ["replace_rejected b DUPLICATE_CL_ORD_ID"]
    assert venue.told(replace(1, "a", "", qty=20)) == ["replace_rejected  INVALID_CL_ORD_ID"]


def test_an_unknown_or_done_order_is_refused(venue: Recorder) -> None:
    venue.send(sell(1, "a", 30, 1000), cancel(1, "a", "x"))

    assert venue.told(replace(1, "a", "b", qty=20)) == ["replace_rejected b TOO_LATE"]
    assert venue.told(replace(1, "z", "c", qty=20)) == ["replace_rejected c UNKNOWN_ORDER"]
    assert venue.told(replace(2, "a", "d", qty=20)) == ["replace_rejected d UNKNOWN_ORDER"]
    assert venue.told(ReplaceOrder(2, 1, 20, 0, "e", "")) == ["replace_rejected e UNKNOWN_ORDER"]
    assert venue.told(replace(9, "a", "f", qty=20)) == ["replace_rejected f UNKNOWN_MEMBER"]


def test_a_post_only_order_is_not_moved_where_it_would_take(venue: Recorder) -> None:
    """R3.3, R4.4."""
    venue.send(sell(1, "a", 30, 1000), buy(2, "b", 30, 990, flags=OrderFlag.POST_ONLY))

    told = venue.told(replace(2, "b", "b2", price=1000))
    assert told == ["replace_rejected b2 POST_ONLY_WOULD_TAKE"]
    assert venue.book() == ([(990, 30, 1)], [(1000, 30, 1)])


def test_a_post_only_order_may_always_end(venue: Recorder) -> None:
    """R4.4: a total that is done already takes nothing, whatever price comes with it."""
    venue.send(buy(1, "a", 30, 990, flags=OrderFlag.POST_ONLY))
    venue.send(sell(2, "b", 10, 990), sell(2, "c", 10, 1000))

    told = venue.told(replace(1, "a", "a2", qty=10, price=1000))
    assert told == ["canceled a 20 REPLACED_TO_CUM_QTY"]


def test_a_halt_allows_only_to_reduce(venue: Recorder) -> None:
    """R2."""
    venue.send(sell(1, "a", 30, 1000), Halt(0, 0, 0, "h", "op", "news"))

    assert venue.told(replace(1, "a", "b", qty=40)) == ["replace_rejected b INSTRUMENT_HALTED"]
    assert venue.told(replace(1, "a", "c", qty=20, price=1010)) == [
        "replace_rejected c INSTRUMENT_HALTED"
    ]
    assert venue.told(replace(1, "a", "d", qty=20)) == ["replaced a by d 20 @ 1000 kept"]


def test_a_closed_instrument_refuses(venue: Recorder) -> None:
    """R2."""
    venue.send(sell(1, "a", 30, 1000, time_in_force=TimeInForce.GTC))
    venue.send(CloseSession(0, "c", "op"))

    assert venue.told(replace(1, "a", "b", qty=20)) == ["replace_rejected b EXCHANGE_CLOSED"]


def test_who_may_not_enter_orders_may_not_replace(venue: Recorder) -> None:
    """R8.1."""
    venue.send(sell(1, "a", 30, 1000), sell(2, "b", 30, 1000), SessionOpened(2, 0, "s"))
    venue.send(UpdateMember(1, Standing.DISABLED, "x", "op"))
    venue.send(UpdateAccount(2, Standing.DISABLED, "y", "op"))

    assert venue.told(replace(1, "a", "a2", qty=20)) == ["replace_rejected a2 MEMBER_DISABLED"]
    assert venue.told(replace(2, "b", "b2", qty=20)) == ["replace_rejected b2 ACCOUNT_DISABLED"]
    told = venue.told(replace(3, "b", "b3", qty=20), session_id=1)
    assert told == ["replace_rejected b3 UNKNOWN_SESSION"]


def test_an_order_can_be_made_smaller_after_its_limits_became_narrower(venue: Recorder) -> None:
    """Module docstring, step 5: only what a replace changes for the worse is judged."""
    venue.send(sell(1, "a", 30, 1000))
    narrow: Instrument = msgspec.structs.replace(
        ABC, instrument_id=1, max_order_qty=15, max_order_notional=1, static_band_bp=1
    )
    venue.send(UpdateInstrument(narrow, "u", "op"))

    assert venue.told(replace(1, "a", "b", qty=20)) == ["replaced a by b 20 @ 1000 kept"]
    assert venue.told(replace(1, "b", "c", qty=25)) == ["replace_rejected c ABOVE_MAX_ORDER_QTY"]
    assert venue.told(replace(1, "b", "d", price=1010)) == [
        "replace_rejected d ABOVE_MAX_ORDER_NOTIONAL"
    ]
