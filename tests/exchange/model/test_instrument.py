"""Reference data is judged field by field, and the static band is inclusive (R1.2, R7.1)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from exchange.model.instrument import BAND_MAX_BP, MULTIPLIER_MAX, Instrument
from exchange.model.units import NOTIONAL_MAX, PRICE_MAX, QTY_DECIMALS_MAX, QTY_MAX
from tests.recorder import ABC

WRONG: list[tuple[str, tuple[Any, ...]]] = [
    ("symbol", ("", "abc", "A B", "A" * 17, "AB\n", "Ä")),
    ("asset_class", (0, 6)),
    ("currency", ("", "US", "usd", "TOOLONGCU", "US\n")),
    ("mic", ("", "XLC", "xlck", "XLCKX", "XLC\n")),
    ("tick_size", (0, -1, PRICE_MAX + 1)),
    ("lot_size", (0, -1, QTY_MAX + 1)),
    ("qty_decimals", (-1, QTY_DECIMALS_MAX + 1)),
    ("max_order_qty", (0, -1, QTY_MAX + 1)),
    ("min_order_qty", (0, -1, ABC.max_order_qty + 1)),
    ("max_order_notional", (-1, NOTIONAL_MAX + 1)),
    ("reference_price", (-10, PRICE_MAX + 10, ABC.tick_size + 1)),
    ("static_band_bp", (-1, BAND_MAX_BP + 1)),
    ("contract_multiplier", (0, -1, MULTIPLIER_MAX + 1)),
    ("stp_default", (0, 6)),
    ("status", (0, 3)),
]
RIGHT: list[tuple[str, tuple[Any, ...]]] = [
    ("symbol", ("A", "A" * 16, "BRK.B", "BTC-USD", "ES_1")),
    ("asset_class", (1, 5)),
    ("currency", ("USD", "USDT", "BTC", "LONGCURR")),
    ("tick_size", (1, 2, 5)),
    ("lot_size", (1, QTY_MAX)),
    ("qty_decimals", (0, QTY_DECIMALS_MAX)),
    ("max_order_qty", (ABC.min_order_qty, QTY_MAX)),
    ("min_order_qty", (1, ABC.max_order_qty)),
    ("max_order_notional", (0, NOTIONAL_MAX)),
    ("reference_price", (0, ABC.tick_size)),
    ("static_band_bp", (0, BAND_MAX_BP)),
    ("contract_multiplier", (1, MULTIPLIER_MAX)),
    ("stp_default", (1, 5)),
    ("status", (1, 2)),
]


def changed(**fields: Any) -> Instrument:
    return msgspec.structs.replace(ABC, **fields)


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in WRONG for value in values]
)
def test_the_field_that_is_out_of_range_is_named(field: str, value: Any) -> None:
    assert changed(**{field: value}).fault() == field


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in RIGHT for value in values]
)
def test_the_ends_of_each_range_are_allowed(field: str, value: Any) -> None:
    assert changed(**{field: value}).fault() == ""


def test_of_several_faults_the_first_field_is_named() -> None:
    assert changed(status=9, mic="?", tick_size=0).fault() == "mic"
    assert changed(status=9, tick_size=0, reference_price=1).fault() == "tick_size"


def test_every_field_but_the_id_is_judged() -> None:
    judged = {field for field, _ in WRONG}
    assert judged == {field.name for field in msgspec.structs.fields(Instrument)} - {
        "instrument_id"
    }


@given(
    st.integers(1, PRICE_MAX), st.integers(1, BAND_MAX_BP), st.integers(1, PRICE_MAX), st.booleans()
)
def test_a_price_is_inside_the_band_exactly_when_it_deviates_by_no_more(
    reference: int, band_bp: int, price: int, near: bool
) -> None:
    if near:  # look where the band ends
        price = reference * (10_000 + band_bp) // 10_000 + price % 3 - 1
        assume(price >= 1)
    band = changed(reference_price=reference, static_band_bp=band_bp).band()
    assert band is not None
    low, high = band
    deviation = abs(Fraction(price - reference, reference))
    assert (low <= price <= high) == (deviation <= Fraction(band_bp, 10_000))


@given(st.integers(1, PRICE_MAX), st.integers(1, BAND_MAX_BP))
def test_the_lower_end_of_the_band_is_exact_and_never_below_one(reference: int, bp: int) -> None:
    band = changed(reference_price=reference, static_band_bp=bp).band()
    assert band is not None
    low, _ = band
    assert low >= 1
    assert Fraction(reference - low, reference) <= Fraction(bp, 10_000)
    if low > 1:
        assert Fraction(reference - (low - 1), reference) > Fraction(bp, 10_000)


@pytest.mark.parametrize(("reference", "bp"), [(0, 100), (1000, 0), (0, 0)])
def test_there_is_no_band_without_reference_price_or_width(reference: int, bp: int) -> None:
    assert changed(reference_price=reference, static_band_bp=bp).band() is None
