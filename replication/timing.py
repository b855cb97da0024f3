"""The times of the protocol, in nanoseconds of a monotonic clock.

Room: one value and its checks. No acknowledged entry depends on a clock (RELIABILITY 5.1): these
times decide how soon something is tried and how long reads are served, never what is lost.
"""

from __future__ import annotations

from typing import Final

import msgspec

MS: Final = 1_000_000
"""One millisecond, ns."""


class Timing(msgspec.Struct, frozen=True):
    """Times of the protocol; all in ns.

    Attributes:
        heartbeat: from the primary to every follower.
        suspect: a primary that was silent for so long is suspected.
        link_down: a primary whose link went down and did not come back is suspected after this.
        lease: acknowledgements of heartbeats sent within this time let the primary serve reads.
        grace: a standby takes over so long after it last granted a lease, but where the link
            went down.
        shrink: a member that was silent for so long is taken out of the in-sync set.
        stall: a primary whose log was not flushed for so long steps aside.
        stagger: what each place in the order of nodes waits more than the one before.
        retry: an unanswered step (hello, probe, change of unknown outcome) is tried again.
        boot_grace: a node that just started leaves the others so much time.
        transfer: a planned switch that was not done within this is given up.
        request: an operator's request that could not be carried out within this is refused.
        dr_lag_alarm: lag of a DR node above this raises an alarm.
    """

    heartbeat: int = 50 * MS
    suspect: int = 400 * MS
    link_down: int = 100 * MS
    lease: int = 600 * MS
    grace: int = 900 * MS
    shrink: int = 1_000 * MS
    stall: int = 1_000 * MS
    stagger: int = 50 * MS
    retry: int = 250 * MS
    boot_grace: int = 1_000 * MS
    transfer: int = 1_000 * MS
    request: int = 5_000 * MS
    dr_lag_alarm: int = 100 * MS

    def __post_init__(self) -> None:
        """Raise ValueError for times that contradict each other."""
        if any(getattr(self, field) <= 0 for field in self.__struct_fields__):
            raise ValueError("every time of the protocol is above 0")
        if not self.heartbeat * 3 <= self.suspect:
            raise ValueError("suspect must be at least three heartbeats")
        if not self.lease < self.grace:
            raise ValueError("grace must be longer than lease: a lease ends before a takeover")
