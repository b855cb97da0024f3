"""Enum members of the model as numbers of the API: they are the same (RULEBOOK, `model/enums.py`).

Room: one conversion. The stubs type each enum of the API as a type of its own, so the number is
handed over untyped.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any


def number(member: IntEnum | None) -> Any:
    """The number of a member; 0, not given, for None."""
    return 0 if member is None else member.value
