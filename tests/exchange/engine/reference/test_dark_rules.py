"""The dark book: rules, refusals, indications, what ends its orders, and the snapshot."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from exchange.engine.build import build_engine
from exchange.model import command as c
from exchange.model.dark import (
    MIN_BLOCK_QTY,
    DarkIndication,
    SetDarkRules,
    default_dark_rules,
)
from exchange.model.enums import InstrumentStatus, KillScope, OrderFlag, OrdType, Phase, TimeInForce
from exchange.model.reject import RejectReason as R
from exchange.model.risk_command import EmergencyClose
from exchange.model.terms import ChangedTerms
from exchange.model.units import QTY_MAX
from tests.dark_desk import DARK, SECOND_NS, dark_buy, dark_market, dark_sell, rules, set_rules
from tests.recorder import ABC, Recorder, buy, cancel, replace, sell, with_terms


@pytest.fixture
def venue() -> Recorder:
    """Lit 990 / 1010 by member 3; blocks of 100; sides told."""
    return dark_market(shows_side=1)


def test_an_instrument_has_no_dark_book_until_an_operator_opens_it() -> None:
    venue = Recorder()
    venue.open_market()
    assert venue.told(dark_buy(1, "a", 500)) == ["rejected a DARK_BOOK_NOT_OPEN"]

    default = default_dark_rules(1)
    assert default.min_block_qty == MIN_BLOCK_QTY == 10_000
    opened = msgspec.structs.replace(default, is_open=1)
    assert venue.told(SetDarkRules(opened, "r", "op"))[0] == "admin_accepted 1"
    assert venue.told(dark_buy(1, "b", 9_995)) == ["rejected b BELOW_MIN_BLOCK_QTY"]
    assert venue.told(dark_buy(1, "c", 10_000))[0] == "accepted c 10000 @ 0"


@pytest.mark.parametrize(
    ("fault", "fields"),
    [
        ("is_open", {"is_open": 2}),
        ("is_continuous", {"is_continuous": 2}),
        ("is_continuous", {"is_continuous": 0}),
        ("shows_side", {"shows_side": 9}),
        ("min_block_qty", {"min_block_qty": 0}),
        ("min_block_qty", {"min_block_qty": QTY_MAX + 1}),
        ("cross_interval_ns", {"cross_interval_ns": SECOND_NS - 1}),
        ("cross_interval_ns", {"cross_interval_ns": 86_400 * SECOND_NS + 1}),
    ],
)
def test_rules_without_sense_are_refused_by_name(
    venue: Recorder, fault: str, fields: dict[str, Any]
) -> None:
    assert set_rules(venue, **fields) == [f"admin_rejected INVALID_FIELD {fault}"]


def test_rules_of_nothing_and_rules_that_change_nothing(venue: Recorder) -> None:
    assert set_rules(venue, instrument_id=9) == ["admin_rejected UNKNOWN_SYMBOL "]
    assert set_rules(venue, shows_side=1) == ["admin_rejected NO_CHANGE "]
    again = SetDarkRules(rules(), "same", "op")
    assert venue.told(again, again)[2:] == ["admin_accepted 1 repeated"]


def test_a_closed_book_may_have_no_way_to_trade(venue: Recorder) -> None:
    assert set_rules(venue, is_open=0, is_continuous=0)[0] == "admin_accepted 1"


REFUSED: list[tuple[R, dict[str, Any], dict[str, Any]]] = [
    (R.INVALID_COMBINATION, {"ord_type": OrdType.MARKET_TO_LIMIT}, {}),
    (R.INVALID_COMBINATION, {"ord_type": OrdType.STOP}, {"stop_price": 1100}),
    (R.INVALID_COMBINATION, {"ord_type": OrdType.STOP_LIMIT, "price": 990}, {"stop_price": 1100}),
    (R.INVALID_COMBINATION, {"ord_type": OrdType.PEGGED}, {"peg": 3}),
    (R.INVALID_COMBINATION, {"time_in_force": TimeInForce.AT_THE_CLOSE}, {}),
    *[
        (R.INVALID_COMBINATION, {"ord_type": OrdType.LIMIT, "price": 990, "flags": DARK | flag}, {})
        for flag in OrderFlag
        if flag != DARK
    ],
    (R.INVALID_COMBINATION, {"ord_type": OrdType.LIMIT, "price": 990}, {"display_qty": 50}),
    (R.INVALID_COMBINATION, {"ord_type": OrdType.LIMIT, "price": 990}, {"oco_cl_ord_id": "bid"}),
    (R.INVALID_MIN_QTY, {}, {"min_qty": 205}),
    (R.INVALID_MIN_QTY, {}, {"min_qty": 13}),
    (R.INVALID_COMBINATION, {"time_in_force": TimeInForce.FOK}, {"min_qty": 100}),
    (R.BELOW_MIN_BLOCK_QTY, {"order_qty": 95}, {}),
    (R.ABOVE_MAX_ORDER_QTY, {"order_qty": 10_005}, {}),
    (R.PRICE_NOT_A_TICK_MULTIPLE, {"ord_type": OrdType.LIMIT, "price": 995}, {}),
    (R.PRICE_OUT_OF_BAND, {"ord_type": OrdType.LIMIT, "price": 1210}, {}),
]


@pytest.mark.parametrize(("reason", "fields", "terms"), REFUSED)
def test_what_the_dark_book_does_not_take(
    venue: Recorder, reason: R, fields: dict[str, Any], terms: dict[str, Any]
) -> None:
    """R3.4: the reason of the first rung that fails; nothing else happens."""
    order = msgspec.structs.replace(dark_buy(1, "a", 200), **fields)

    assert venue.told(with_terms(order, **terms)) == [f"rejected a {reason.name}"]


def test_a_book_that_only_crosses_takes_no_immediate_orders(venue: Recorder) -> None:
    set_rules(venue, is_continuous=0, cross_interval_ns=SECOND_NS)
    for tif in (TimeInForce.IOC, TimeInForce.FOK):
        told = venue.told(dark_buy(1, f"a{tif}", 200, time_in_force=tif))
        assert told == [f"rejected a{tif} DARK_BOOK_NOT_CONTINUOUS"]


def test_the_dark_rungs_come_after_the_combinations_and_before_the_rate(venue: Recorder) -> None:
    set_rules(venue, is_open=0)
    order = dark_buy(1, "a", 5, time_in_force=TimeInForce.IOC)

    assert venue.told(order) == ["rejected a DARK_BOOK_NOT_OPEN"]
    set_rules(venue, is_continuous=0, cross_interval_ns=SECOND_NS)
    order = msgspec.structs.replace(order, cl_ord_id="b")
    assert venue.told(order) == ["rejected b BELOW_MIN_BLOCK_QTY"]
    order = msgspec.structs.replace(order, cl_ord_id="c", order_qty=100)
    assert venue.told(order) == ["rejected c DARK_BOOK_NOT_CONTINUOUS"]


def test_no_lit_order_is_linked_to_a_dark_one(venue: Recorder) -> None:
    venue.send(dark_buy(1, "d", 100))
    linked = with_terms(buy(1, "l", 10, 900), oco_cl_ord_id="d")

    assert venue.told(linked) == ["rejected l LINKED_ORDER_NOT_ALLOWED"]


def test_a_replace_keeps_to_the_block_where_it_changes_the_quantity(venue: Recorder) -> None:
    venue.send(dark_buy(1, "d", 300, 980))
    assert venue.told(replace(1, "d", "e", qty=95)) == ["replace_rejected e BELOW_MIN_BLOCK_QTY"]
    set_rules(venue, min_block_qty=500)

    assert venue.told(replace(1, "d", "f", qty=350)) == ["replace_rejected f BELOW_MIN_BLOCK_QTY"]
    assert venue.told(replace(1, "d", "g", price=970)) == ["replaced d by g 300 @ 970 lost"]


def test_terms_that_a_dark_order_cannot_take_by_replace(venue: Recorder) -> None:
    venue.send(dark_buy(1, "d", 300, 980), dark_buy(1, "m", 300))
    iceberg = c.ReplaceOrderWithTerms(replace(1, "d", "e"), ChangedTerms(display_qty=50))
    assert venue.told(iceberg) == ["replace_rejected e INVALID_COMBINATION"]
    assert venue.told(replace(1, "m", "n", price=990)) == ["replace_rejected n PRICE_NOT_ALLOWED"]


def test_indications_tell_a_block_and_nothing_more(venue: Recorder) -> None:
    """One block however much is open, told when it comes and when it goes, without a member."""
    assert venue.told(dark_buy(1, "b", 300))[1:] == ["indication BUY 100"]
    assert venue.told(dark_buy(2, "b2", 900))[1:] == []
    assert venue.told(cancel(2, "b2", "x"))[1:] == []
    assert venue.told(dark_sell(4, "s", 250))[1:] == ["trade b s 250 @ 1000", "indication BUY 0"]
    assert venue.told(dark_buy(2, "b3", 100))[1:] == ["indication BUY 100"]
    fields = {field.name for field in msgspec.structs.fields(DarkIndication)}
    assert fields == {"instrument_id", "side", "qty"}


def test_without_the_side_an_indication_stands_for_either(venue: Recorder) -> None:
    venue.send(dark_buy(1, "b", 300, 900))
    told = set_rules(venue, min_block_qty=200)
    assert told[2:] == ["indication - 200", "indication BUY 0"]

    assert venue.told(dark_sell(2, "s", 300, 1100))[1:] == []
    assert venue.told(cancel(1, "b", "x"))[1:] == []
    assert venue.told(cancel(2, "s", "y"))[1:] == ["indication - 0"]
    view = venue.engine.dark(1)
    assert view is not None
    assert view.indications == []
    assert venue.engine.dark(9) is None


def test_a_new_block_size_is_told(venue: Recorder) -> None:
    venue.send(dark_buy(1, "b", 300))
    assert set_rules(venue, shows_side=1, min_block_qty=200)[2:] == ["indication BUY 200"]
    assert set_rules(venue, shows_side=1, min_block_qty=400)[2:] == ["indication BUY 0"]
    view = venue.engine.dark(1)
    assert view is not None
    assert view.rules.min_block_qty == 400


def test_closing_the_book_cancels_its_orders(venue: Recorder) -> None:
    venue.send(dark_buy(1, "b", 300, 900), dark_sell(2, "s", 200, 1100), buy(1, "lit", 10, 900))

    assert set_rules(venue, is_open=0)[2:] == [
        "canceled b 300 DARK_BOOK_CLOSED",
        "canceled s 200 DARK_BOOK_CLOSED",
        "indication BUY 0",
        "indication SELL 0",
    ]
    assert venue.book()[0][-1] == (900, 10, 1)


TAIL = ("req", "op")
WHY = (*TAIL, "drill")
ENDINGS: dict[str, tuple[tuple[c.Command, ...], str]] = {
    "cancel": ((cancel(1, "d", "x"),), "canceled d 100 REQUESTED"),
    "mass cancel": ((c.MassCancel(1, 0, 1, 1, "x"),), "canceled d 100 MASS_CANCEL"),
    "halt": ((c.Halt(1, 0, 1, *WHY),), "canceled d 100 CANCEL_ON_TRADING_HALT"),
    "kill member": (
        (c.EngageKillSwitch(KillScope.MEMBER, 1, *WHY),),
        "canceled d 100 KILL_SWITCH",
    ),
    "kill session": (
        (c.EngageKillSwitch(KillScope.SESSION, 1, *WHY),),
        "canceled d 100 KILL_SWITCH",
    ),
    "disconnect": ((c.SessionClosed(1, "lost"),), "canceled d 100 CANCEL_ON_DISCONNECT"),
    "operator": ((c.OperatorCancel(0, 0, 1, 0, *WHY),), "canceled d 100 CANCELED_BY_OPERATOR"),
    "day end": ((c.CloseSession(0, *TAIL),), "expired d 100 END_OF_DAY"),
    "emergency": ((EmergencyClose(*WHY),), "canceled d 100 EMERGENCY_CLOSE"),
    "retired": (
        (
            c.UpdateInstrument(
                msgspec.structs.replace(ABC, instrument_id=1, status=InstrumentStatus.RETIRED),
                *TAIL,
            ),
        ),
        "canceled d 100 INSTRUMENT_RETIRED",
    ),
}


@pytest.mark.parametrize("how", ENDINGS)
def test_what_ends_a_dark_order(venue: Recorder, how: str) -> None:
    commands, expected = ENDINGS[how]
    venue.send(c.SessionOpened(1, 1, "logon"))
    venue.send(dark_buy(1, "d", 100, 900), session_id=1)

    told = venue.told(*commands)
    assert expected in told
    assert "indication BUY 0" in told
    assert told.index(expected) < told.index("indication BUY 0")


def test_gtc_and_gtd_orders_of_the_dark_book(venue: Recorder) -> None:
    due = venue.ts_ns + SECOND_NS
    venue.send(dark_buy(1, "gtc", 100, 900, time_in_force=TimeInForce.GTC))
    venue.send(dark_buy(2, "gtd", 100, time_in_force=TimeInForce.GTD, expire_ts_ns=due))

    assert venue.wait(SECOND_NS) == ["expired gtd 100 GOOD_TILL_DATE"]
    venue.send(c.CloseSession(0, "close", "op"), c.OpenSession(0, "open", "op"))
    venue.send(buy(3, "bid2", 50, 890), sell(3, "offer2", 50, 910))
    assert venue.told(dark_sell(2, "s", 100))[1] == "trade gtc s 100 @ 900"


def test_a_repeated_dark_order_has_no_effect(venue: Recorder) -> None:
    """R10.1."""
    order = dark_buy(1, "d", 100)
    venue.send(order)
    before = venue.engine.positions(0)

    assert venue.told(order) == ["repeated d ACCEPTED NEW"]
    lit = msgspec.structs.replace(order, flags=0, ord_type=OrdType.LIMIT, price=900)
    assert venue.told(lit) == ["rejected d DUPLICATE_CL_ORD_ID"]
    assert venue.engine.positions(0) == before


def test_a_restored_engine_goes_on_equally(venue: Recorder) -> None:
    """R11.4: places, limits, collars, agenda and indications survive."""
    set_rules(venue, shows_side=1, cross_interval_ns=SECOND_NS)
    venue.send(dark_buy(1, "b1", 300, 990), dark_buy(2, "b2", 100), dark_buy(1, "b3", 100))
    venue.send(with_terms(dark_sell(4, "s", 600), min_qty=400), replace(1, "b1", "b4", price=1000))
    other = build_engine("reference")
    other.restore(venue.engine.snapshot())
    assert other.snapshot() == venue.engine.snapshot()
    assert other.dark(1) == venue.engine.dark(1)

    steps: list[c.Command] = [
        dark_sell(4, "t", 100),
        cancel(3, "bid", "x"),
        buy(3, "bid2", 10, 970),
        c.SetPhase(1, Phase.VOLATILITY_AUCTION, "v", "op"),
        c.SetPhase(1, Phase.CONTINUOUS, "go", "op"),
        c.CloseSession(0, "close", "op"),
    ]
    for command in steps:
        venue.ts_ns += SECOND_NS // 2
        entry = venue.entry((command,))
        assert other.apply(entry) == venue.engine.apply(entry)
        assert other.digest() == venue.engine.digest()


def test_each_part_of_the_dark_book_is_part_of_the_digest() -> None:
    digests = set()
    variants: list[dict[str, Any]] = [{}, {"min_block_qty": 105}, {"shows_side": 1}]
    for fields in variants:
        market = dark_market(**fields)
        digests.add(market.engine.digest())
        market.send(dark_buy(1, "b", 200))
        digests.add(market.engine.digest())
    assert len(digests) == 2 * len(variants)
