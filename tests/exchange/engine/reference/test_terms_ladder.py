"""R3.4: which types, instructions and terms go together; every reason of the terms ladder."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest

from exchange.engine.reference.terms_ladder import EXCLUDED, FEATURES
from exchange.model.command import NewOrder, NewOrderWithTerms
from exchange.model.enums import OrderFlag, OrdType, TimeInForce
from exchange.model.event import Rejected
from exchange.model.reject import RejectReason as R
from exchange.model.terms import NO_TERMS, OrderTerms
from exchange.model.units import PRICE_MAX, QTY_MAX
from tests.recorder import ABC, Recorder, buy, sell, with_terms

TYPES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "limit": ({}, {}),
    "market": ({"ord_type": OrdType.MARKET, "price": 0}, {}),
    "to-limit": ({"ord_type": OrdType.MARKET_TO_LIMIT, "price": 0}, {}),
    "stop": ({"ord_type": OrdType.STOP, "price": 0}, {"stop_price": 1100}),
    "stop-limit": ({"ord_type": OrdType.STOP_LIMIT}, {"stop_price": 1100}),
    "peg": ({"ord_type": OrdType.PEGGED, "price": 0}, {"peg": 1}),
    "midpoint": ({"ord_type": OrdType.PEGGED, "price": 0}, {"peg": 3}),
}
INSTRUCTIONS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "ioc": ({"time_in_force": TimeInForce.IOC}, {}),
    "fok": ({"time_in_force": TimeInForce.FOK}, {}),
    "post-only": ({"flags": OrderFlag.POST_ONLY}, {}),
    "reprice": ({"flags": OrderFlag.POST_ONLY_REPRICE}, {}),
    "hidden": ({"flags": OrderFlag.HIDDEN}, {}),
    "aon": ({"flags": OrderFlag.ALL_OR_NONE}, {}),
    "display": ({}, {"display_qty": 10}),
    "min-qty": ({"time_in_force": TimeInForce.IOC}, {"min_qty": 10}),
    "oco": ({}, {"oco_cl_ord_id": "other"}),
}
# Type by instruction, in the order of INSTRUCTIONS: y taken, - refused. The contract of R3.4.
TAKEN = {
    "limit": "yyyyyyyyy",
    "market": "yy-----y-",
    "to-limit": "------y-y",
    "stop": "--------y",
    "stop-limit": "--yyyyy-y",
    "peg": "----y-y-y",
    "midpoint": "----y---y",
}
# Pairs of instructions of a limit order that exclude each other.
NOT_TOGETHER = {
    *itertools.product(("ioc", "fok"), ("post-only", "reprice", "hidden", "aon", "display", "oco")),
    ("fok", "min-qty"),
    ("post-only", "aon"),
    ("reprice", "aon"),
    ("hidden", "aon"),
    ("hidden", "display"),
    ("aon", "display"),
    *itertools.product(("post-only", "reprice", "hidden", "aon", "display"), ("min-qty",)),
    ("min-qty", "oco"),
}


PAIRS = [pair for pair in itertools.combinations(INSTRUCTIONS, 2) if pair != ("ioc", "fok")]


@pytest.fixture
def venue() -> Recorder:
    recorder = Recorder()
    recorder.open_market()
    recorder.send(buy(1, "other", 10, 900))
    return recorder


def combined(*parts: tuple[dict[str, Any], dict[str, Any]]) -> NewOrderWithTerms:
    """An order with the fields and terms of all parts; flags add up."""
    fields: dict[str, Any] = {}
    terms: dict[str, Any] = {}
    for more_fields, more_terms in parts:
        flags = fields.get("flags", 0) | more_fields.get("flags", 0)
        fields |= more_fields | {"flags": flags}
        terms |= more_terms
    return with_terms(msgspec.structs.replace(buy(1, "a", 20, 990), **fields), **terms)


def reason_of(venue: Recorder, command: NewOrder | NewOrderWithTerms) -> str:
    first = venue.send(command)[0]
    return R(first.reason).name if isinstance(first, Rejected) else "taken"


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("place", range(len(INSTRUCTIONS)), ids=list(INSTRUCTIONS))
def test_each_type_takes_the_instructions_of_its_row(
    venue: Recorder, kind: str, place: int
) -> None:
    instruction = list(INSTRUCTIONS.values())[place]

    expected = "taken" if TAKEN[kind][place] == "y" else "INVALID_COMBINATION"
    assert reason_of(venue, combined(TYPES[kind], instruction)) == expected


@pytest.mark.parametrize("pair", PAIRS, ids="+".join)
def test_two_instructions_of_a_limit_order(venue: Recorder, pair: tuple[str, str]) -> None:
    parts = [INSTRUCTIONS[name] for name in pair]
    if pair == ("fok", "min-qty"):
        parts.reverse()  # the FOK is to stay

    expected = "INVALID_COMBINATION" if pair in NOT_TOGETHER else "taken"
    assert reason_of(venue, combined(*parts)) == expected


def test_the_table_names_only_features_that_there_are() -> None:
    named = {*EXCLUDED, *(name for names in EXCLUDED.values() for name in names)}
    assert named <= set(FEATURES)


STOP, TRAILING, PEGGED = OrdType.STOP, OrdType.TRAILING_STOP, OrdType.PEGGED
CASES: list[tuple[R, dict[str, Any], dict[str, Any]]] = [
    (R.TRAIL_REQUIRED, {"ord_type": TRAILING, "price": 0}, {"stop_price": 1100}),
    (R.TRAIL_REQUIRED, {"ord_type": TRAILING, "price": 0}, {"trail_unit": 1}),
    (R.TRAIL_NOT_ALLOWED, {}, {"trail": 10, "trail_unit": 1}),
    (R.TRAIL_NOT_ALLOWED, {}, {"trail_unit": 1}),
    (R.STOP_PRICE_REQUIRED, {"ord_type": STOP, "price": 0}, {"stp_group": 1}),
    (R.STOP_PRICE_REQUIRED, {"ord_type": STOP, "price": 0}, {}),
    (R.STOP_PRICE_NOT_ALLOWED, {}, {"stop_price": 1100}),
    *[
        (R.INVALID_STOP_PRICE, {"ord_type": STOP, "price": 0}, {"stop_price": price})
        for price in (-10, 1105, PRICE_MAX + 10)
    ],
    *[
        (R.INVALID_TRAIL, {"ord_type": TRAILING, "price": 0}, {"trail": trail, "trail_unit": unit})
        for trail, unit in (
            (10, 0),
            (10, 3),
            (-10, 1),
            (5, 1),
            (PRICE_MAX, 1),
            (10_000, 2),
            (-1, 2),
        )
    ],
    (R.PEG_REQUIRED, {"ord_type": PEGGED, "price": 0}, {"peg_offset": 10}),
    (R.PEG_NOT_ALLOWED, {}, {"peg": 1}),
    (R.PEG_NOT_ALLOWED, {}, {"peg_offset": -10}),
    (R.PEG_NOT_ALLOWED, {}, {"peg_limit": 900}),
    *[
        (R.INVALID_PEG, {"ord_type": PEGGED, "price": 0}, {"peg": 1} | terms)
        for terms in (
            {"peg": 4},
            {"peg_offset": 5},
            {"peg_limit": 905},
            {"peg_limit": -10},
            {"peg_offset": -PRICE_MAX - 10},
        )
    ],
    *[(R.INVALID_DISPLAY_QTY, {}, {"display_qty": qty}) for qty in (-5, 7, 25)],
    (R.INVALID_DISPLAY_QTY, {"order_qty": 9_000}, {"display_qty": 5}),
    *[
        (R.INVALID_MIN_QTY, {"time_in_force": TimeInForce.IOC}, {"min_qty": qty})
        for qty in (-5, 7, 25, QTY_MAX)
    ],
    (R.INVALID_MIN_QTY, {}, {"min_qty": 10}),
    (R.UNKNOWN_LINKED_ORDER, {}, {"oco_cl_ord_id": "nobody"}),
    (R.LINKED_ORDER_NOT_ALLOWED, {"instrument_id": 2}, {"oco_cl_ord_id": "other"}),
    (R.REDUCE_ONLY_WOULD_INCREASE, {"flags": OrderFlag.REDUCE_ONLY}, {}),
]


@pytest.mark.parametrize(("reason", "fields", "terms"), CASES)
def test_every_reason_of_the_terms_ladder(
    reason: R, fields: dict[str, Any], terms: dict[str, Any]
) -> None:
    venue = Recorder()
    xyz = msgspec.structs.replace(ABC, symbol="XYZ")
    venue.open_market(ABC, xyz)
    venue.send(buy(1, "other", 10, 900))
    plain = msgspec.structs.replace(buy(1, "a", 20, 990), **fields)
    before = venue.engine.positions(0)

    assert reason_of(venue, NewOrderWithTerms(plain, OrderTerms(**terms))) == reason.name
    assert len(venue.engine.orders(0, 0, 0, 10, live=False)) == 1
    assert venue.engine.positions(0) == before


def test_empty_terms_are_no_terms(venue: Recorder) -> None:
    """An order with empty terms is a plain order, and tells none."""
    told = venue.told(NewOrderWithTerms(buy(1, "a", 20, 990), NO_TERMS))

    assert told == ["accepted a 20 @ 990"]


def test_a_repeat_with_terms_is_recognised_and_other_terms_are_not(venue: Recorder) -> None:
    """R10.1."""
    order = with_terms(sell(1, "x", 20, 1100), display_qty=10)
    venue.send(order)

    assert venue.told(order) == ["repeated x ACCEPTED NEW"]
    other = with_terms(sell(1, "x", 20, 1100), display_qty=5)
    assert venue.told(other) == ["rejected x DUPLICATE_CL_ORD_ID"]
