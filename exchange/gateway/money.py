"""Money at the edge: cash units as decimal numbers of currency units, exactly.

Room: two functions. A cash unit is 1e-18 of the currency; the text has up to 18 decimal places and
no exponent.
"""

from __future__ import annotations

import re

from exchange.gateway.field_checks import fault
from exchange.model.units import CASH_SCALE, NOTIONAL_MAX

_NUMBER = re.compile(r"(-?)(\d{1,24})(?:\.(\d{1,18}))?")
PLACES = 18


def cash_text(amount: int) -> str:
    """Cash units as a decimal number without trailing zeros."""
    whole, part = divmod(abs(amount), CASH_SCALE)
    sign = "-" if amount < 0 else ""
    places = f"{part:0{PLACES}d}".rstrip("0")
    return f"{sign}{whole}.{places}" if places else f"{sign}{whole}"


def cash_amount(text: str, field: str) -> int:
    """Signed cash units of a decimal number; "" = 0; ClientFault INVALID_FIELD names the field."""
    if not text:
        return 0
    found = _NUMBER.fullmatch(text) if text.isascii() else None
    if found is None:
        raise fault(field, f"{text[:50]!r} is not a decimal number of at most 18 places")
    sign, whole, part = found.groups()
    amount = int(whole) * CASH_SCALE + int((part or "").ljust(PLACES, "0"))
    if amount > NOTIONAL_MAX:
        raise fault(field, f"{text} is more than the log holds")
    return -amount if sign else amount


def cash_bound(text: str, field: str) -> int:
    """As `cash_amount`, not negative."""
    amount = cash_amount(text, field)
    if amount < 0:
        raise fault(field, f"{text} is negative")
    return amount
