"""What can be wrong with a calendar, a time or a schedule file.

Room: the exceptions; all are an operator's to mend and say how.
"""

from __future__ import annotations

from exchange.errors import OperatorFault


class ScheduleFault(OperatorFault):
    """A calendar, range, template or file that makes no schedule.

    Args:
        reason: UPPER_SNAKE word; that of the engine (`SCHEDULE_OVERLAPS`) where it would refuse.
        message: what is wrong and how to mend it.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason


class TimeFault(ScheduleFault):
    """A text that is no moment or no length of time."""

    def __init__(self, message: str) -> None:
        super().__init__("TIME_INVALID", message)
