"""Splits (R1.2): positions, cost, prices and volume in exact integers, and masked updates."""

from __future__ import annotations

import random

import msgspec
import pytest

from exchange.model.command import CloseSession, OpenSession, UpdateInstrument
from exchange.model.corporate_action import SplitInstrument
from exchange.model.event import InstrumentChanged
from exchange.model.instrument import mask_of
from exchange.model.risk import AccountType
from tests.recorder import ABC, buy, sell
from tests.risk_desk import UNIT, RiskDesk, risk_desk

WIDE = msgspec.structs.replace(ABC, lot_size=1, min_order_qty=1, tick_size=1, static_band_bp=0)


def split(desk: RiskDesk, num: int, den: int) -> list[str]:
    """Close the instrument and split it."""
    desk.send(CloseSession(1, *desk.tail()))
    return desk.told(SplitInstrument(1, num, den, *desk.tail(), "drill"))


def test_the_cost_of_a_position_survives_a_split() -> None:
    desk = risk_desk(WIDE)
    desk.send(sell(2, "s", 30, 1_000), buy(1, "b", 30, 1_000))
    split(desk, 2, 1)
    held = desk.holding(1)

    assert (held.qty, held.cost, held.unrealised) == (60, 30_000 * UNIT, 0)
    assert desk.holding(2).qty == -60


def test_a_fraction_is_paid_from_outside_and_takes_its_cost_along() -> None:
    desk = risk_desk(WIDE)
    desk.deliver(1, 7, 900)
    split(desk, 1, 2)  # 3 and a half; the half is one old unit, worth 1000, which cost 900
    held = desk.holding(1)

    assert held.qty == 3
    assert held.cost == 6 * 900 * UNIT
    assert held.realised == 100 * UNIT
    assert desk.cash(1) == 1_000


def test_a_short_position_pays_for_its_fraction() -> None:
    desk = risk_desk(WIDE)
    desk.send(sell(2, "s", 7, 1_000), buy(1, "b", 7, 1_000))
    before = desk.cash(1), desk.cash(2)
    split(desk, 1, 2)

    assert (desk.holding(1).qty, desk.holding(2).qty) == (3, -3)
    assert (desk.cash(1) - before[0], desk.cash(2) - before[1]) == (1_000, -1_000)
    assert desk.holding(1).cost == -desk.holding(2).cost == 6_000 * UNIT


@pytest.mark.parametrize("run", range(20))
def test_worth_is_kept_but_for_what_prices_are_rounded(run: int, seed: int) -> None:
    """What the price loses by its rounding, times the position, and less than a unit besides."""
    chance = random.Random(seed + run)
    desk = risk_desk(WIDE)
    num, den = chance.choice([(2, 1), (3, 2), (1, 10), (7, 3), (1, 9999), (10_000, 1)])
    desk.deliver(1, chance.randint(1, 100_000), chance.randint(1, 2_000))
    desk.limit(1, account_type=AccountType.CASH)
    before = desk.balance(1).equity
    told = split(desk, num, den)
    assert told[0].startswith("admin_accepted") == (1_000 * den // num >= 1)
    if 1_000 * den // num < 1:
        assert desk.balance(1).equity == before
        return
    lost = before - desk.balance(1).equity
    per_unit = UNIT * 1_000 * den // num - UNIT * (1_000 * den // num)
    assert 0 <= lost <= (per_unit + 1) * desk.holding(1).qty + 1


def test_day_trades_are_counted_in_new_units() -> None:
    desk = risk_desk(WIDE)
    desk.send(sell(2, "s", 10, 1_000), buy(1, "b", 10, 1_000))
    split(desk, 2, 1)
    desk.send(OpenSession(1, *desk.tail()))
    desk.send(buy(2, "c", 20, 500), sell(1, "d", 20, 500))
    view = desk.engine.portfolio(1)

    assert view is not None
    assert view.day_trades == 1
    assert desk.holding(1).qty == 0


def test_two_operators_who_change_different_fields_do_not_undo_each_other() -> None:
    """Both read the instrument, then both write: each writes only what it means."""
    desk = risk_desk(WIDE)
    known = msgspec.structs.replace(WIDE, instrument_id=1)
    one = msgspec.structs.replace(known, max_order_qty=500)
    other = msgspec.structs.replace(known, static_band_bp=300)
    desk.send(UpdateInstrument(one, *desk.tail(), mask_of(["max_order_qty"])))
    (changed,) = [
        event
        for event in desk.send(UpdateInstrument(other, *desk.tail(), mask_of(["static_band_bp"])))
        if isinstance(event, InstrumentChanged)
    ]

    assert changed.instrument.max_order_qty == 500
    assert changed.instrument.static_band_bp == 300


@pytest.mark.parametrize("mask", [0, 1 << 16, (1 << 32) - 1])
def test_a_mask_that_names_nothing_known_is_refused(mask: int) -> None:
    desk = risk_desk(WIDE)
    known = msgspec.structs.replace(WIDE, instrument_id=1, max_order_qty=500)

    told = desk.told(UpdateInstrument(known, *desk.tail(), mask))
    assert told == ["admin_rejected INVALID_FIELD mask"]
