"""Decimals at the edge: what people write, as the integers of the API, and back.

Room: prices and quantities of requests. An `int` is taken as it is: units of 1e-9 of the quote
currency, or base units of the instrument. A `str` or `Decimal` is a decimal number of the quote
currency, or of what the instrument's `qty_decimals` shows. A float is refused: 0.1 is not one tenth
in binary, and an order that is off by a rounding is a wrong order (RULEBOOK R1.1).
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from exchange.model.units import PRICE_DECIMALS

Number = int | str | Decimal
"""A price or a quantity; see the module docstring."""

INT64_MAX = (1 << 63) - 1
EXPONENT_MAX = 40  # 10**40 is far beyond int64; more digits would only cost memory


def price_units(price: Number) -> int:
    """A price in units of 1e-9.

    Raises:
        TypeError: it is a float, bool or something else.
        ValueError: it is no number, has more than 9 decimals or does not fit int64.
    """
    return _units(price, PRICE_DECIMALS, "price")


def quantity_units(quantity: Number, qty_decimals: int) -> int:
    """A quantity in base units of an instrument that shows `qty_decimals` decimals.

    Raises:
        TypeError, ValueError: as `price_units`.
    """
    return _units(quantity, qty_decimals, "quantity")


def decimal_price(units: int) -> Decimal:
    """A price of the API as the decimal number that people read, without trailing zeros."""
    return decimal_of(units, PRICE_DECIMALS)


def decimal_of(units: int, decimals: int) -> Decimal:
    """`units` of 10**-decimals as a plain decimal number, without trailing zeros."""
    value = Decimal(units).scaleb(-decimals)
    whole = value.to_integral_value()
    return whole if value == whole else value.normalize()


def check_number(value: object, what: str) -> None:
    """Raise TypeError unless `value` is an int, str or Decimal."""
    if isinstance(value, float):
        raise TypeError(
            f"{what} {value!r} is a float, which cannot hold most decimal numbers exactly; give a "
            f"str ({str(value)!r}), a Decimal, or an int of the smallest units"
        )
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise TypeError(f"{what} must be an int, a str or a Decimal, not {type(value).__name__}")


def _units(value: Number, decimals: int, what: str) -> int:
    check_number(value, what)
    if isinstance(value, int):
        units = value
    else:
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise ValueError(f"{what} {value!r} is not a decimal number") from None
        if not number.is_finite() or abs(number.adjusted()) > EXPONENT_MAX:
            raise ValueError(f"{what} {value!r} is out of range")
        sign, digits, exponent = number.as_tuple()
        shift = int(exponent) + decimals
        whole = int("".join(map(str, digits)))
        units, rest = (whole * 10**shift, 0) if shift >= 0 else divmod(whole, 10**-shift)
        if rest:
            raise ValueError(f"{what} {value} has more than {decimals} decimals")
        units = -units if sign else units
    if abs(units) > INT64_MAX:
        raise ValueError(f"{what} {value!r} is out of range")
    return units
