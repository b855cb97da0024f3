"""The one change of the register that a node has under way, until its outcome is certain.

Room: at most one compare-and-set at a time, and what became of it. An outcome is certain only when
the register is seen at a version above the one expected: an unknown answer is asked again with the
same value, which is harmless, since at most one change of that version can win. Until then the
change may yet win, and whoever proposed it must act as if it might (RELIABILITY 5.1 rule 2).
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from replication.effects import CompareAndSet
from replication.register import RegisterValue


class Pending(NamedTuple):
    """A change under way: what is wanted, why, and when it was last asked for."""

    token: int
    new: RegisterValue
    what: str
    asked_ns: int
    is_unknown: bool


class RegisterChange:
    """Proposes changes one after another."""

    def __init__(self) -> None:
        self._tokens = 0
        self.pending: Pending | None = None

    def propose(
        self, old: RegisterValue, now_ns: int, what: str, **fields: object
    ) -> CompareAndSet:
        """Ask for `old` with `fields` changed, as the next version. Nothing may be pending."""
        if self.pending is not None:
            raise ValueError(f"{what}: {self.pending.what} is still under way")
        new = msgspec.structs.replace(old, version=old.version + 1, **fields)
        self._tokens += 1
        self.pending = Pending(self._tokens, new, what, now_ns, is_unknown=False)
        return CompareAndSet(self._tokens, old.version, new)

    def outcome(self, token: int, *, is_unknown: bool) -> None:
        """An answer that is not certain: LOST waits for the value, UNKNOWN is asked again."""
        if self.pending is not None and self.pending.token == token and is_unknown:
            self.pending = self.pending._replace(is_unknown=True)

    def again(self, now_ns: int, retry_ns: int) -> CompareAndSet | None:
        """The same change once more, if its outcome is unknown or its answer is long overdue."""
        pending = self.pending
        if pending is None:
            return None
        waited = now_ns - pending.asked_ns
        if waited < retry_ns or (not pending.is_unknown and waited < 4 * retry_ns):
            return None
        self._tokens += 1
        self.pending = pending._replace(token=self._tokens, asked_ns=now_ns, is_unknown=False)
        return CompareAndSet(self._tokens, pending.new.version - 1, pending.new)

    def is_mine(self, token: int) -> bool:
        """Whether `token` is that of the change under way."""
        return self.pending is not None and self.pending.token == token

    def settle(self, value: RegisterValue) -> tuple[Pending, bool] | None:
        """The register is at `value`: the change this settles, and whether it won."""
        pending = self.pending
        if pending is None or value.version < pending.new.version:
            return None
        self.pending = None
        return pending, value == pending.new
