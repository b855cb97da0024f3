"""A few steps that show the same as many: what is left out and still differs was not needed.

Room: the search, by halves and then ever smaller parts, first over steps, then over the records of
each entry. It knows no market.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from tests.fuzz.steps import Entry, Step

T = TypeVar("T")

TIME_S = 120.0
"""After so long the search ends with what it has."""


def shorten(
    steps: Sequence[Step], differs: Callable[[list[Step]], bool], time_s: float = TIME_S
) -> list[Step]:
    """A part of `steps`, in their order, that still `differs`.

    Args:
        steps: they differ.
        differs: whether steps do; the same answer for the same steps.
        time_s: how long it may take.
    """
    deadline = time.monotonic() + time_s
    left = _without(list(steps), differs, deadline)
    single = [part for step in left for part in _singly(step)]
    if differs(single):
        return _without(single, differs, deadline)
    return left


def _singly(step: Step) -> list[Step]:
    if not isinstance(step, Entry) or len(step.records) < 2:
        return [step]
    return [Entry(step.ts_ns, (record,)) for record in step.records]


def _without(parts: list[T], differs: Callable[[list[T]], bool], deadline: float) -> list[T]:
    size = len(parts) // 2
    while size:
        at = 0
        while at < len(parts):
            if time.monotonic() > deadline:
                return parts
            rest = parts[:at] + parts[at + size :]
            if rest and differs(rest):
                parts = rest
            else:
                at += size
        size //= 2
    return parts
