"""R1.2: instruments, members, accounts."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from exchange.engine.reference.canonical import decode_state, encode_state
from exchange.model.command import (
    UNKNOWN_ID,
    Command,
    CreateAccount,
    CreateInstrument,
    CreateMember,
    SessionOpened,
    UpdateAccount,
    UpdateInstrument,
    UpdateMember,
)
from exchange.model.enums import Phase, Standing
from exchange.model.event import AccountChanged, InstrumentChanged, MemberChanged
from exchange.model.instrument import Account, Instrument, Member
from tests.recorder import ABC, Recorder, buy


@pytest.fixture
def venue() -> Recorder:
    recorder = Recorder()
    recorder.open_market()
    return recorder


def listed(**more: Any) -> Instrument:
    """ABC as instrument 1 with some fields changed."""
    return msgspec.structs.replace(ABC, instrument_id=1, **more)


def test_an_instrument_gets_its_id_from_the_counter(venue: Recorder) -> None:
    wanted = msgspec.structs.replace(ABC, symbol="XYZ", instrument_id=77)
    _, event = venue.send(CreateInstrument(wanted, "x", "op"))

    assert event == InstrumentChanged(1, msgspec.structs.replace(wanted, instrument_id=2))


def test_a_member_gets_an_account_of_the_same_name(venue: Recorder) -> None:
    events = venue.send(CreateMember("m4", "x", "op"))

    assert events[1:] == [
        MemberChanged(1, Member(4, "m4")),
        AccountChanged(1, Account(4, 4, "m4")),
    ]


def test_an_account_name_is_unique_within_its_member(venue: Recorder) -> None:
    assert venue.send(CreateAccount(1, "x", "r1", "op"))[1] == AccountChanged(1, Account(4, 1, "x"))
    assert venue.told(CreateAccount(1, "x", "r2", "op")) == ["admin_rejected NAME_EXISTS x"]
    assert venue.told(CreateAccount(2, "x", "r3", "op"))[0] == "admin_accepted 5"


def test_standing_changes(venue: Recorder) -> None:
    disabled = Standing.DISABLED
    assert venue.send(UpdateMember(1, disabled, "x", "op"))[1] == MemberChanged(
        0, Member(1, "m1", disabled)
    )
    assert venue.send(UpdateAccount(2, disabled, "y", "op"))[1] == AccountChanged(
        0, Account(2, 2, "m2", disabled)
    )
    assert venue.told(UpdateMember(1, disabled, "z", "op")) == ["admin_rejected NO_CHANGE "]


REFUSED: list[tuple[Command, str]] = [
    (
        CreateInstrument(msgspec.structs.replace(ABC, symbol="abc"), "x", "op"),
        "INVALID_SYMBOL symbol",
    ),
    (CreateInstrument(ABC, "x", "op"), "SYMBOL_EXISTS ABC"),
    (
        CreateInstrument(msgspec.structs.replace(ABC, tick_size=0), "x", "op"),
        "INVALID_FIELD tick_size",
    ),
    (
        CreateInstrument(msgspec.structs.replace(ABC, symbol="N", status=2), "x", "op"),
        "INVALID_FIELD status",
    ),
    (UpdateInstrument(ABC, "x", "op"), "UNKNOWN_SYMBOL ABC"),
    (UpdateInstrument(listed(symbol="ABD"), "x", "op"), "INVALID_FIELD symbol"),
    (UpdateInstrument(listed(max_order_qty=0), "x", "op"), "INVALID_FIELD max_order_qty"),
    (UpdateInstrument(listed(), "x", "op"), "NO_CHANGE "),
    (CreateMember("", "x", "op"), "INVALID_NAME name"),
    (CreateMember("a b", "x", "op"), "INVALID_NAME name"),
    (CreateMember("m1", "x", "op"), "NAME_EXISTS m1"),
    (UpdateMember(9, 2, "x", "op"), "UNKNOWN_MEMBER "),
    (UpdateMember(1, 3, "x", "op"), "INVALID_FIELD standing"),
    (UpdateMember(1, 1, "x", "op"), "NO_CHANGE "),
    (CreateAccount(9, "a", "x", "op"), "UNKNOWN_MEMBER "),
    (CreateAccount(1, "a b", "x", "op"), "INVALID_NAME name"),
    (CreateAccount(1, "m1", "x", "op"), "NAME_EXISTS m1"),
    (UpdateAccount(9, 2, "x", "op"), "UNKNOWN_ACCOUNT "),
    (UpdateAccount(1, 0, "x", "op"), "INVALID_FIELD standing"),
]


@pytest.mark.parametrize(("command", "told"), REFUSED)
def test_a_refusal_names_what_is_at_fault(venue: Recorder, command: Command, told: str) -> None:
    engine = venue.engine
    before = engine.instruments(), engine.members(), engine.accounts()

    assert venue.told(command) == [f"admin_rejected {told}"]
    assert (engine.instruments(), engine.members(), engine.accounts()) == before


@pytest.mark.parametrize("field", ["tick_size", "lot_size", "qty_decimals", "contract_multiplier"])
def test_steps_change_only_without_open_orders(venue: Recorder, field: str) -> None:
    """R1.2: else resting orders would be off their tick or lot."""
    changed = listed(**{field: 2})
    venue.send(buy(1, "a", 10, 900))

    told = venue.told(UpdateInstrument(changed, "x", "op"))
    assert told == [f"admin_rejected OPEN_ORDERS_EXIST {field}"]
    venue.send(buy(2, "b", 10, 900), UpdateInstrument(listed(static_band_bp=0), "y", "op"))
    assert venue.engine.instruments()[0].instrument.static_band_bp == 0


def test_steps_change_when_nothing_is_open(venue: Recorder) -> None:
    venue.send(UpdateInstrument(listed(tick_size=1), "x", "op"))

    assert venue.told(buy(1, "a", 10, 901)) == ["accepted a 10 @ 901"]


def test_retiring_cancels_closes_and_is_final(venue: Recorder) -> None:
    venue.send(buy(1, "a", 10, 900))

    assert venue.told(UpdateInstrument(listed(status=2), "x", "op")) == [
        "admin_accepted 1",
        "InstrumentChanged",
        "canceled a 10 INSTRUMENT_RETIRED",
        "phase 1 CLOSED",
    ]
    told = venue.told(UpdateInstrument(listed(), "y", "op"))
    assert told == ["admin_rejected INSTRUMENT_RETIRED ABC"]
    told = venue.told(CreateInstrument(ABC, "z", "op"))
    assert told == ["admin_rejected SYMBOL_EXISTS ABC"]
    assert venue.engine.instruments()[0].phase == Phase.CLOSED


@pytest.mark.parametrize(
    ("counter", "command", "told"),
    [
        ("last_instrument_id", CreateInstrument(ABC, "x", "op"), "instruments"),
        ("last_member_id", CreateMember("n", "x", "op"), "members"),
        ("last_account_id", CreateMember("n", "x", "op"), "accounts"),
        ("last_account_id", CreateAccount(1, "n", "x", "op"), "accounts"),
        ("last_session_id", SessionOpened(1, 0, "x"), "sessions"),
    ],
)
def test_an_id_that_would_mean_unknown_is_never_given(
    counter: str, command: Command, told: str
) -> None:
    venue = Recorder()
    venue.send(CreateMember("m1", "r", "op"))
    state = decode_state(venue.engine.snapshot())
    setattr(state, counter, UNKNOWN_ID - 1)
    venue.engine.restore(encode_state(state))

    assert venue.told(command) == [f"admin_rejected LIMIT_REACHED {told}"]
