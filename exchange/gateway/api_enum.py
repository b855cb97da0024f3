"""Enum numbers across the border between model and generated stubs.

Room: one cast. The numbers of both sides are equal (a test compares them), but the stubs give each
API enum a type of its own that plain integers do not have.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

api_enum: Callable[[int], Any] = int
"""A number of the model (or an IntEnum member) as the stubs want it: a plain integer, typed Any."""
