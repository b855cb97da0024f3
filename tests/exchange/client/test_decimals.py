"""Decimals at the edge are exact or refused (RULEBOOK R1.1)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.client import decimal_of, decimal_price, price_units, quantity_units
from exchange.client.decimals import INT64_MAX


@pytest.mark.parametrize(
    ("written", "units"),
    [
        (5, 5),
        ("101.25", 101_250_000_000),
        ("0.000000001", 1),
        ("-1.5", -1_500_000_000),
        ("1e3", 10**12),
        (Decimal("1E-9"), 1),
        ("1.0000000000000", 10**9),
        (" 7 ", 7 * 10**9),
        ("0", 0),
    ],
)
def test_a_price_becomes_units(written: int | str | Decimal, units: int) -> None:
    assert price_units(written) == units


@pytest.mark.parametrize("written", [1.5, 0.0, True, None, b"1", [1]])
def test_what_is_no_exact_number_is_a_type_error(written: object) -> None:
    with pytest.raises(TypeError, match="price"):
        price_units(written)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "written",
    [
        "",
        "1,5",
        "ten",
        "NaN",
        "Infinity",
        "0.0000000001",
        "1e40",
        "1e999999999",
        "9223372037",
        2**63,
    ],
)
def test_what_does_not_fit_is_a_value_error(written: str | int) -> None:
    with pytest.raises(ValueError, match="price"):
        price_units(written)


@given(st.integers(-INT64_MAX, INT64_MAX), st.integers(0, 9))
def test_decimals_round_trip(units: int, decimals: int) -> None:
    shown = decimal_of(units, decimals)

    assert quantity_units(shown, decimals) == units
    assert quantity_units(f"{shown:f}", decimals) == units
    assert not f"{shown:f}".endswith(".")


def test_a_price_is_shown_without_trailing_zeros() -> None:
    assert str(decimal_price(100_250_000_000)) == "100.25"
    assert f"{decimal_price(60_000 * 10**9):f}" == "60000"
