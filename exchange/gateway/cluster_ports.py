"""What the gateway needs from the cluster behind it: the register, and what operators may do to it.

Room: the `ClusterControl` protocol and its values. A node that runs alone has none. Everything here
is used on the event loop thread; what takes time is awaited.

Refusals are `ClientFault`s, and `NotServing` where another node or a later moment could do it, with
the reasons of `status.py`: UNKNOWN_NODE, NOT_A_DATA_NODE, NODE_NOT_IN_SYNC, ALREADY_PRIMARY,
ALREADY_FENCED, NOT_FENCED, NOT_PAUSED, NOT_A_DR_NODE, PRIMARY_IS_ALIVE, LOSS_NOT_ACCEPTED,
REGISTER_CHANGED; NOT_LEADER (as `NotLeader`), REGISTER_UNAVAILABLE.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol


class RegisterView(NamedTuple):
    """The register as this node knows it.

    Attributes:
        on_single_copy: "spare", "continue" or "pause".
        healthy: a majority of the voters answers this node.
        leader: of the register's own consensus; "" = none known.
    """

    version: int
    epoch: int
    generation: int
    primary: str
    in_sync: Mapping[str, int]
    fenced: Mapping[str, str]
    on_single_copy: str
    healthy: bool
    voters: int
    leader: str


class DrStatus(NamedTuple):
    """How far the dr node is; indexes of the log, `silent_ms` since it heard from the primary."""

    node: str
    endpoint: str
    connected: bool
    durable_seq: int
    applied_seq: int
    committed_seq: int
    lag_entries: int
    lag_bytes: int
    lag_ms: float
    silent_ms: int
    loss_bound: str
    generation: int


class DrCheck(NamedTuple):
    """One check of readiness."""

    name: str
    passed: bool
    text: str


class ClusterControl(Protocol):
    """The cluster as operators see it."""

    def register(self) -> RegisterView:
        """The newest committed value this node knows."""

    async def transfer(self, node: str, reason: str, *, validate_only: bool) -> RegisterView:
        """Hand leadership to `node` ("" = the first other member in sync); the new register."""

    async def fence(self, node: str, reason: str) -> RegisterView:
        """Keep a node out until it is unfenced."""

    async def unfence(self, node: str, reason: str) -> RegisterView:
        """Take back `fence`."""

    async def degrade(self, reason: str) -> RegisterView:
        """End the pause that `on_single_copy = pause` made; one copy acknowledges from now on."""

    async def set_on_single_copy(self, mode: str, reason: str) -> RegisterView:
        """Say what happens when one copy is left: "spare", "continue" or "pause"."""

    async def dr_status(self) -> DrStatus:
        """As this node knows it; UNKNOWN_NODE if the cluster has no dr node."""

    async def test_dr(self) -> tuple[DrCheck, ...]:
        """Whether the dr node could be promoted now; changes nothing."""

    async def promote_dr(self, accepted_log_index: int, reason: str) -> tuple[RegisterView, int]:
        """Begin a new generation here; its register, and the newest log index kept."""
