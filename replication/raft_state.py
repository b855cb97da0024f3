"""The register as a state machine: what one committed command does to the value.

Room: the command's bytes and their effect, pure and the same on every voter. A command that cannot
be read is refused where it arrives and never gets into the log, so `apply` is total.

A proposer sends its command again until it sees it applied, so one command may be in the log more
than once: the first counts, later ones of the same `(origin, boot, number)` change nothing.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from replication.register import CasOutcome, RegisterValue

COMMAND_BYTES_MAX: Final = 64 * 1024
"""Far above a register value; an entry always fits one message (RELIABILITY section 1, row 15)."""

Number = Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True):
    """The only command.

    Attributes:
        origin: the voter that proposes.
        boot: its process.
        number: of the command in that process, rising.
        expected_version: the version it was made for.
        value: the new one; None changes nothing, and its being applied confirms a read.
    """

    origin: str
    boot: Number
    number: Number
    expected_version: int
    value: RegisterValue | None


class Applied(msgspec.Struct, frozen=True):
    """What a command did. `is_changed`: watchers are to be told."""

    origin: str
    boot: int
    number: int
    outcome: CasOutcome
    is_changed: bool


def pack_change(change: Change) -> bytes:
    """Build the bytes of a command."""
    return msgspec.msgpack.encode(change)


def unpack_change(command: bytes) -> Change:
    """Read a command. Raises msgspec.DecodeError."""
    if len(command) > COMMAND_BYTES_MAX:
        raise msgspec.DecodeError(f"command of {len(command)} bytes, at most {COMMAND_BYTES_MAX}")
    return msgspec.msgpack.decode(command, type=Change)


class RegisterState:
    """The value, and which commands it has seen. One thread."""

    def __init__(self, initial: RegisterValue) -> None:
        self.value = initial
        self._seen: dict[str, tuple[int, int]] = {}

    def apply(self, command: bytes) -> Applied | None:
        """Apply a committed command; None for one that was applied before."""
        change = unpack_change(command)
        boot, number = self._seen.get(change.origin, (0, -1))
        if boot == change.boot and change.number <= number:
            return None
        self._seen[change.origin] = (change.boot, change.number)
        new = change.value
        if new is None:
            return self._applied(change, CasOutcome.WON, is_changed=False)
        held = self.value
        if (
            held.version != change.expected_version
            or new.version != held.version + 1
            or new.cluster_id != held.cluster_id
        ):
            return self._applied(change, CasOutcome.LOST, is_changed=False)
        self.value = new
        return self._applied(change, CasOutcome.WON, is_changed=True)

    def _applied(self, change: Change, outcome: CasOutcome, *, is_changed: bool) -> Applied:
        return Applied(change.origin, change.boot, change.number, outcome, is_changed)
