"""The consensus register: one small value that says who leads (DESIGN section 2).

Room: the value, the port and the register of one node. The only command is
`compare_and_set(expected_version, new)`; a takeover and a shrink race on one version number and
exactly one wins. One-node mode is the same code with a register of one, kept in the node's own
durable meta store.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

REGISTER_KEY = "register"


class RegisterError(Exception):
    """The stored value is not a register value, or belongs to another cluster."""


class RegisterUnavailable(RegisterError):
    """No leader with a majority answered in time; nothing was asked of the register."""


class OutcomeUnknown(RegisterError):
    """The change may have been made, may still be made, or may never be: read again."""


class CasOutcome(enum.Enum):
    """What became of a compare-and-set. UNKNOWN: as `OutcomeUnknown`."""

    WON = "won"
    LOST = "lost"
    UNKNOWN = "unknown"


class RegisterValue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the cluster agrees on.

    Attributes:
        cluster_id: identity of the cluster, made once.
        generation: raised by `dr promote`; nodes of older generations refuse to serve.
        version: raised by one with every change.
        epoch: leadership; entries of the log carry it.
        primary: name of the node that leads, "" before the first.
        in_sync: node -> incarnation of those whose copy is complete.
        fenced: node -> why; kept out by an operator until unfenced.
        on_single_copy: what happens when one copy of the log is left: "continue", "pause" or
            "spare" (RELIABILITY 5.1 rule 8).
        single_copy_accepted: an operator accepted that one copy acknowledges, although
            `on_single_copy` would not; ends when a second copy is in sync again.
    """

    cluster_id: str
    generation: int = 1
    version: int = 0
    epoch: int = 0
    primary: str = ""
    in_sync: dict[str, int] = {}
    fenced: dict[str, str] = {}
    on_single_copy: str = "continue"
    single_copy_accepted: bool = False


class RegisterStatus(msgspec.Struct, frozen=True):
    """How the register itself is.

    Attributes:
        healthy: this node hears a leader that has a majority, or is one.
        voters: how many there are.
        leader: name of the voter that leads, "" = none known; not the primary of the exchange.
        term: of that leadership; 0 for a register of one.
        age_ns: since a leader with a majority was last heard.
        problem: what an operator should look at, in words; "" = nothing.
    """

    healthy: bool
    voters: int
    leader: str
    term: int = 0
    age_ns: int = 0
    problem: str = ""


class ConsensusRegister(Protocol):
    """The port that the node uses; every implementation is linearizable."""

    def read(self) -> RegisterValue:
        """The newest committed value this node knows."""

    def compare_and_set(self, expected_version: int, new: RegisterValue) -> bool:
        """Make `new` the value if the version still is `expected_version`; durable on True.

        Where voters are asked it may wait (not on a thread that calls watchers) and raise
        OutcomeUnknown, after which only a read tells, or RegisterUnavailable.
        """

    def watch(self, on_change: Callable[[RegisterValue], None]) -> None:
        """Call `on_change` after every committed change, in order, on the register's thread."""

    def status(self) -> RegisterStatus:
        """Health of the register."""

    def close(self) -> None:
        """Release what it holds."""


class MetaStore(Protocol):
    """Durable small values, as storage gives them."""

    def get(self, key: str) -> bytes | None:
        """The value, its CRC checked, or None."""

    def put_many(self, values: Mapping[str, bytes]) -> None:
        """Write values in one transaction; durable on return."""


class SingleRegister:
    """A register of one voter: this node's meta store. One thread."""

    def __init__(self, meta: MetaStore, node_name: str, cluster_id: str) -> None:
        self._meta = meta
        self._node_name = node_name
        self._watchers: list[Callable[[RegisterValue], None]] = []
        raw = meta.get(REGISTER_KEY)
        self._value = RegisterValue(cluster_id) if raw is None else _decode(raw)
        if self._value.cluster_id != cluster_id:
            raise RegisterError(
                f"the register is of cluster {self._value.cluster_id!r}, this node of "
                f"{cluster_id!r}: the data directory was put together from two clusters"
            )

    def read(self) -> RegisterValue:
        """The value."""
        return self._value

    def compare_and_set(self, expected_version: int, new: RegisterValue) -> bool:
        """Make `new` the value if the version still is `expected_version`; durable on True."""
        if self._value.version != expected_version or new.version != expected_version + 1:
            return False
        self._meta.put_many({REGISTER_KEY: msgspec.json.encode(new)})
        self._value = new
        for on_change in self._watchers:
            on_change(new)
        return True

    def watch(self, on_change: Callable[[RegisterValue], None]) -> None:
        """Call `on_change` after every change."""
        self._watchers.append(on_change)

    def status(self) -> RegisterStatus:
        """Always healthy: its only voter is this node."""
        return RegisterStatus(healthy=True, voters=1, leader=self._node_name)

    def close(self) -> None:
        """Nothing is held."""


def _decode(raw: bytes) -> RegisterValue:
    try:
        return msgspec.json.decode(raw, type=RegisterValue)
    except msgspec.DecodeError as error:
        raise RegisterError(f"the stored register cannot be read: {error}") from error
