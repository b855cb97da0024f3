"""Where two logs part: a binary search over chain digests.

Room: pure. A chain digest stands for all entries up to it, so equality at an index means equal
logs up to there, and the search is for the highest equal index. Nothing is assumed of epochs or
of commit indexes: content decides what is common.
"""

from __future__ import annotations


class PrefixSearch:
    """Finds the highest index at which two logs are equal, between two bounds.

    Args:
        low: an index that may be asked about, the lowest one: both logs still have it.
        high: the highest index that both have.
        first: where to ask first, if it lies between: a good guess saves round trips.
    """

    def __init__(self, low: int, high: int, first: int) -> None:
        self._equal = low - 1  # highest index known as equal; low - 1 = none yet
        self._high = high  # lowest index known as different, minus one
        self.low = low
        self.asked = min(max(first, low), high)

    @property
    def done(self) -> bool:
        """Nothing is left to ask."""
        return self._equal >= self._high

    @property
    def common(self) -> int | None:
        """The highest equal index once `done`; None if the logs differ even at `low`."""
        return self._equal if self._equal >= self.low else None

    def answer(self, index: int, *, equal: bool) -> None:
        """Take in what was found at `index`; choose the next one to ask about."""
        if equal:
            self._equal = max(self._equal, index)
        else:
            self._high = min(self._high, index - 1)
        self.asked = min(max((self._equal + self._high + 1) // 2, self.low), self._high)
