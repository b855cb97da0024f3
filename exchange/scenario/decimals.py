"""Decimals as people write them, to and from the integers of the model; always exact.

Room: text <-> integer at a given number of decimals. No float and no rounding anywhere: a number
that does not fit its unit is refused.
"""

from __future__ import annotations

import re

from exchange.scenario.faults import StatementFault

_NUMBER = re.compile(r"(-?)([0-9]{1,40})(?:\.([0-9]{1,40}))?")


def to_integer(text: str, decimals: int) -> int:
    """The number in units of 10**-decimals.

    Raises:
        StatementFault: it is not a number, or is finer than the unit.
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise StatementFault(f"{text!r} is not a number; expected one like 100 or 10.25")
    sign, whole, fraction = match[1], match[2], (match[3] or "").rstrip("0")
    if len(fraction) > decimals:
        raise StatementFault(f"{text} is finer than {decimals} decimals, the finest step there is")
    value = int(whole + fraction.ljust(decimals, "0"))
    return -value if sign else value


def to_text(value: int, decimals: int, shown: int = 0) -> str:
    """`value` units of 10**-decimals, with at least `shown` decimals and no further zeros."""
    digits = str(abs(value)).rjust(decimals + 1, "0")
    cut = len(digits) - decimals
    fraction = digits[cut:].rstrip("0").ljust(shown, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:cut]}.{fraction}" if fraction else f"{sign}{digits[:cut]}"


def decimals_of(text: str) -> int:
    """How many decimals a number needs: 2 for 0.050, 0 for 1.0."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise StatementFault(f"{text!r} is not a number; expected one like 1 or 0.01")
    return len((match[3] or "").rstrip("0"))


def normal(text: str) -> str:
    """A number in its shortest form, any other word as it is: 10.00 and 10 are the same number."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        return text
    whole, fraction = match[2].lstrip("0") or "0", (match[3] or "").rstrip("0")
    number = f"{whole}.{fraction}" if fraction else whole
    return number if number == "0" else match[1] + number
