"""Do all nodes compute the same? Event digests, compared every 1,000 entries.

Room: this node's own digests, the reports of followers, and the verdict. A follower that differs
from the primary stops, and says between which entries it went wrong (RELIABILITY 5.1 rule 11).
Memory is bounded: digests of the last HISTORY multiples, one waiting report for each follower.
"""

from __future__ import annotations

from typing import Final

from replication.messages import DigestReport, DigestVerdict
from replication.node_state import NodeState

DIGEST_EVERY: Final = 1_000
"""Digests are compared at every multiple of this log index."""

HISTORY: Final = 256
"""Digests kept; a follower may be this many multiples behind and still be compared."""


class DigestWatch:
    """Compares running event digests."""

    def __init__(self, state: NodeState, every: int = DIGEST_EVERY) -> None:
        self._state = state
        self._every = every
        self._mine: dict[int, bytes] = {}
        self._waiting: dict[str, DigestReport] = {}
        self._equal: dict[str, int] = {}
        self.compared = 0

    def on_applied(self, index: int, digest: bytes) -> DigestReport | None:
        """This node applied an entry; the report to send, at a multiple."""
        if index % self._every:
            return None
        self._mine[index] = digest
        while len(self._mine) > HISTORY:
            del self._mine[next(iter(self._mine))]
        return DigestReport(index, digest)

    def newest(self) -> DigestReport | None:
        """The newest report, for a primary that was just met."""
        return DigestReport(*next(reversed(self._mine.items()))) if self._mine else None

    def rebuilt(self) -> None:
        """The state was replaced by a snapshot or a replay: earlier digests are void."""
        self._mine.clear()

    def on_report(self, peer: str, report: DigestReport) -> None:
        """Primary: compare a follower's report, now or when this node gets there."""
        self._waiting[peer] = report
        self.compare()

    def compare(self) -> None:
        """Primary: compare what waits and can be compared."""
        for peer, report in list(self._waiting.items()):
            mine = self._mine.get(report.index)
            if mine is None and report.index > self._state.applied_index:
                continue
            del self._waiting[peer]
            if mine is None:
                continue
            self.compared += 1
            if mine == report.digest:
                self._equal[peer] = max(report.index, self._equal.get(peer, 0))
                continue
            last_equal = self._equal.get(peer, 0)
            text = f"{peer} differs from this node at entry {report.index}"
            self._state.alarm(f"STATE_DIFFERS_{peer}", text)
            self._state.send(peer, DigestVerdict(report.index, mine, last_equal))

    def on_verdict(self, verdict: DigestVerdict) -> None:
        """Follower: the primary computed something else; stop."""
        mine = self._mine.get(verdict.index)
        if mine is None or mine == verdict.expected:
            return
        self._state.halt(
            "STATE_DIFFERS",
            f"after entry {verdict.index} the events digest here is {mine.hex()}, that of the "
            f"primary {verdict.expected.hex()}; the last that were equal were at "
            f"{verdict.last_equal} (0 = none compared). The first differing entry lies between: "
            "`exctl digest --diff` finds it",
        )
