"""Timers: what will happen by itself when log time reaches a moment.

Room: the agenda, in the order in which timers fire: time, then kind, then id. A timer fires at the
first entry whose time is at or past it, before the entry's commands. Each chapter has kinds of its
own; who acts on which stands in `due.py`.
"""

from __future__ import annotations

from enum import IntEnum

from sortedcontainers import SortedList


class TimerKind(IntEnum):
    """Kinds of timers; the number is the second key of the firing order and stands in snapshots."""

    GOOD_TILL_DATE = 1
    CALL_END = 2
    CALL_UNCROSS = 3
    SCHEDULE_STEP = 4
    REOPENING = 5
    DAY_END = 6
    MARGIN_SWEEP = 20
    LIQUIDATION = 21
    DARK_CROSS = 30


TIMER_MAX_NS = (1 << 64) - 1


def later(now_ns: int, length_ns: int) -> int:
    """`length_ns` after now, at most the last time that the log can hold."""
    return min(now_ns + length_ns, TIMER_MAX_NS)


Timer = tuple[int, int, int]
"""(ts_ns, kind, id of what it is about)."""


class Timers:
    """The agenda; insertion and removal O(log n), the next timer O(1) (a sorted list)."""

    __slots__ = ("_agenda",)

    def __init__(self) -> None:
        self._agenda: SortedList = SortedList()

    def add(self, ts_ns: int, kind: TimerKind, target_id: int) -> None:
        """Schedule a timer."""
        self._agenda.add((ts_ns, kind.value, target_id))

    def discard(self, ts_ns: int, kind: TimerKind, target_id: int) -> None:
        """Drop a timer; one that is not scheduled (it never was, or it just fired) is fine."""
        self._agenda.discard((ts_ns, kind.value, target_id))

    def pop_due(self, now_ns: int) -> Timer | None:
        """Take the next timer that is due at `now_ns` (inclusive)."""
        if not self._agenda or self._agenda[0][0] > now_ns:
            return None
        timer: Timer = self._agenda.pop(0)
        return timer

    def next_ns(self) -> int | None:
        """When the next timer falls due."""
        return self._agenda[0][0] if self._agenda else None

    def in_order(self) -> list[Timer]:
        """All timers, in firing order."""
        return list(self._agenda)
