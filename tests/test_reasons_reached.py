"""Every reason to refuse or cancel is reached: by a scenario, else by a case of the table here.

A reason that a `<` line names counts as reached: `test_scenarios.py` runs each file, and proves
that each of its lines is compared. What no story can say (the grammar has no word for a wrong
number) is a case below, carried out on an engine, or has a unit test of its chapter.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from exchange.engine.reference.canonical import decode_state, encode_state
from exchange.model import command as c
from exchange.model.enums import CancelReason
from exchange.model.event import AdminRejected, CancelRejected, Event, Rejected
from exchange.model.reject import RejectReason as R
from tests.recorder import ABC, Recorder, buy, order

FOLDER = Path(__file__).parent / "scenarios"
ENGINE = Path(__file__).parents[1] / "exchange" / "engine"
NAMED = re.compile(r"\breason=([A-Z][A-Z_]+)")

UNUSED = {R.PHASE_NOT_SUPPORTED}
"""Numbers of former versions, which no engine gives any more."""

UNKNOWN_MEMBER = buy(9, "a", 10, 1_000)
OTHER_SCALE = msgspec.structs.replace(ABC, instrument_id=1, contract_multiplier=2)


def _without_ids_left(venue: Recorder) -> list[Event]:
    """An exchange that gave the last member id but one."""
    state = decode_state(venue.engine.snapshot())
    state.last_member_id = c.UNKNOWN_ID - 1
    venue.engine.restore(encode_state(state))
    return venue.send(c.CreateMember("m9", venue.request_id(), "op"))


def _rescaled(venue: Recorder) -> list[Event]:
    venue.send(buy(1, "a", 10, 1_000))
    venue.send(msgspec.structs.replace(buy(2, "b", 10, 1_000), side=2))
    return venue.send(c.UpdateInstrument(OTHER_SCALE, venue.request_id(), "op"))


UNIT_TESTS = {
    R.DARK_BOOK_NOT_OPEN: "test_dark_rules.py",
    R.BELOW_MIN_BLOCK_QTY: "test_dark_rules.py",
    R.DARK_BOOK_NOT_CONTINUOUS: "test_dark_rules.py",
    CancelReason.DARK_BOOK_CLOSED: "test_dark_rules.py",
}
"""Reasons that a unit test of the chapter reaches, and its file."""

CASES: dict[R, Callable[[Recorder], list[Event]]] = {
    R.UNKNOWN_MEMBER: lambda v: v.send(UNKNOWN_MEMBER),
    R.UNKNOWN_SESSION: lambda v: v.send(buy(1, "a", 10, 1_000), session_id=77),
    R.INVALID_CL_ORD_ID: lambda v: v.send(buy(1, "", 10, 1_000)),
    R.INVALID_SIDE: lambda v: v.send(order(1, "a", 3, 10, 1_000)),
    R.ORD_TYPE_NOT_SUPPORTED: lambda v: v.send(buy(1, "a", 10, 1_000, ord_type=99)),
    R.TIME_IN_FORCE_NOT_SUPPORTED: lambda v: v.send(buy(1, "a", 10, 1_000, time_in_force=99)),
    R.INSTRUCTION_NOT_SUPPORTED: lambda v: v.send(buy(1, "a", 10, 1_000, flags=1 << 15)),
    R.INVALID_STP_MODE: lambda v: v.send(buy(1, "a", 10, 1_000, stp=99)),
    R.INVALID_NAME: lambda v: v.send(c.CreateMember("no name", v.request_id(), "op")),
    R.NAME_EXISTS: lambda v: v.send(c.CreateMember("m1", v.request_id(), "op")),
    R.LIMIT_REACHED: _without_ids_left,
    R.POSITIONS_EXIST: _rescaled,
}


def _named_in_scenarios() -> set[str]:
    lines = [
        line
        for path in FOLDER.glob("*.txt")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("<")
    ]
    return {name for line in lines for name in NAMED.findall(line)}


@pytest.mark.parametrize("reason", CASES, ids=lambda reason: reason.name)
def test_the_case_is_refused_for_its_reason(reason: R) -> None:
    venue = Recorder()
    venue.open_market()
    refusals = [
        event.reason
        for event in CASES[reason](venue)
        if isinstance(event, Rejected | CancelRejected | AdminRejected)
    ]
    assert refusals == [reason.value]


def test_every_reject_reason_is_reached() -> None:
    reached = _named_in_scenarios() | {reason.name for reason in (*CASES, *UNIT_TESTS)}
    assert {reason.name for reason in R if reason not in UNUSED} - reached == set()


def test_every_cancel_reason_is_reached() -> None:
    reached = _named_in_scenarios() | {reason.name for reason in UNIT_TESTS}
    assert {reason.name for reason in CancelReason} - reached == set()


@pytest.mark.parametrize("reason", UNIT_TESTS, ids=lambda reason: reason.name)
def test_the_unit_test_expects_the_reason(reason: R | CancelReason) -> None:
    folder = Path(__file__).parent / "exchange" / "engine" / "reference"
    source = (folder / UNIT_TESTS[reason]).read_text(encoding="utf-8")
    assert re.search(rf"\b{reason.name}\b", source)


def test_unused_reasons_stand_nowhere_in_the_engine() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in ENGINE.rglob("*.py"))
    assert [reason.name for reason in UNUSED if re.search(rf"\b{reason.name}\b", source)] == []
