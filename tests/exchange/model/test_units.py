"""The bounds that every layer shares leave the room that they promise (RULEBOOK R1.1)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from exchange.model import units
from exchange.model.instrument import MULTIPLIER_MAX

I64_MAX = (1 << 63) - 1


def test_prices_leave_room_for_the_sum_of_two_ticks() -> None:
    assert units.PRICE_MAX == 9 * 10**18
    assert units.PRICE_SCALE == 10**units.PRICE_DECIMALS
    assert units.PRICE_MAX + units.PRICE_SCALE < I64_MAX


def test_the_largest_orders_of_a_level_still_sum_below_the_bound() -> None:
    assert (2**23 - 1) * units.QTY_MAX < I64_MAX


def test_the_largest_notional_fits_its_field() -> None:
    largest = units.notional(units.PRICE_MAX, units.QTY_MAX, MULTIPLIER_MAX)
    assert largest < units.NOTIONAL_MAX < 1 << 128


@given(st.integers(1, units.PRICE_MAX), st.integers(1, units.QTY_MAX), st.integers(1, 10**6))
def test_a_notional_is_exact(price: int, qty: int, multiplier: int) -> None:
    value = units.notional(price, qty, multiplier)
    assert divmod(value, price) == (qty * multiplier, 0)
    assert value // multiplier // qty == price


def test_a_timestamp_of_the_last_second_fits_a_signed_field() -> None:
    assert units.TIMESTAMP_MAX_NS == I64_MAX
