"""Decimals are exact both ways, or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.scenario.decimals import decimals_of, normal, to_integer, to_text
from exchange.scenario.faults import StatementFault


@pytest.mark.parametrize(
    ("text", "decimals", "value"),
    [
        ("10.00", 9, 10_000_000_000),
        ("0.000000001", 9, 1),
        ("-0.5", 1, -5),
        ("7", 0, 7),
        ("1.500", 1, 15),
        ("0", 3, 0),
    ],
)
def test_text_becomes_an_integer_of_its_unit(text: str, decimals: int, value: int) -> None:
    assert to_integer(text, decimals) == value


@pytest.mark.parametrize(
    "text", ["", "ten", "1.", ".5", "1e3", "+1", "1_000", "٣", "--1", "0x1", "1" * 41, "NaN"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(StatementFault, match="is not a number"):
        to_integer(text, 9)


def test_a_number_finer_than_its_unit_is_refused() -> None:
    with pytest.raises(StatementFault, match=r"0\.5 is finer than 0 decimals"):
        to_integer("0.5", 0)


@pytest.mark.parametrize(
    ("value", "decimals", "shown", "text"),
    [
        (10_000_000_000, 9, 2, "10.00"),
        (10_005_000_000, 9, 2, "10.005"),
        (-1, 8, 0, "-0.00000001"),
        (5, 0, 0, "5"),
        (0, 9, 2, "0.00"),
    ],
)
def test_an_integer_becomes_text(value: int, decimals: int, shown: int, text: str) -> None:
    assert to_text(value, decimals, shown) == text


@given(st.integers(-(10**30), 10**30), st.integers(0, 18), st.integers(0, 9))
def test_text_and_integer_are_inverse(value: int, decimals: int, shown: int) -> None:
    text = to_text(value, decimals, min(shown, decimals))

    assert to_integer(text, decimals) == value
    assert decimals_of(text) <= decimals


@pytest.mark.parametrize(
    ("one", "other"),
    [("10.00", "10"), ("010", "10"), ("-0", "0"), ("0.50", "0.5"), ("-1.0", "-1")],
)
def test_equal_numbers_have_one_normal_form(one: str, other: str) -> None:
    assert normal(one) == normal(other)


@pytest.mark.parametrize(("one", "other"), [("1", "-1"), ("0.5", "5"), ("A1", "A01"), ("1.", "1")])
def test_other_words_stay_apart(one: str, other: str) -> None:
    assert normal(one) != normal(other)
