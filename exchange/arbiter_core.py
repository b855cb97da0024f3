"""What the gateway finds behind it on a node without a market.

Room: the gateway's `StatusCore` where there is nothing to trade and nothing to read: identity and
status rows are told, everything else is refused by name (NODE_HAS_NO_MARKET).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeVar

from exchange.engine.capture import Captured
from exchange.engine.port import Engine
from exchange.errors import NotServing
from exchange.gateway.ports import DigestResult, EventRange, NodeStatus, SnapshotResult

T = TypeVar("T")


class ArbiterCore:
    """Fulfils `exchange.gateway.ports.StatusCore`.

    Args:
        cluster_id: identity of the cluster.
        node_name: of this node.
        rows: its status, itself first.
        fail: stops the node.
    """

    def __init__(
        self,
        cluster_id: str,
        node_name: str,
        rows: Callable[[], list[NodeStatus]],
        fail: Callable[[BaseException], None],
    ) -> None:
        self._identity = (cluster_id, node_name)
        self._rows = rows
        self._fail = fail

    @property
    def cluster_id(self) -> str:
        """Identity of the cluster."""
        return self._identity[0]

    @property
    def node_name(self) -> str:
        """Name of this node."""
        return self._identity[1]

    @property
    def applied_index(self) -> int:
        """0: nothing is applied here."""
        return 0

    @property
    def last_seq(self) -> int:
        """0: there are no events here."""
        return 0

    @property
    def first_seq(self) -> int:
        """0: there are no events here."""
        return 0

    @property
    def age_ns(self) -> int:
        """0: nothing is read here that could be old."""
        return 0

    @property
    def epoch(self) -> int:
        """Newest leadership that the register knows here."""
        rows = self._rows()
        return rows[0].epoch if rows else 0

    def status(self) -> list[NodeStatus]:
        """This node."""
        return self._rows()

    def fail(self, error: BaseException) -> None:
        """Stop the node."""
        self._fail(error)

    def refuse_reads(self) -> None:
        """There is nothing to read."""
        _refuse()

    async def query(self, read: Callable[[Engine], T]) -> T:
        """Refused."""
        _refuse()

    async def digest(self) -> DigestResult:
        """Refused."""
        _refuse()

    async def state(self) -> Captured:
        """Refused."""
        _refuse()

    async def events_range(self, start_seq: int, end_seq: int) -> EventRange:
        """Refused."""
        _refuse()

    async def create_snapshot(self) -> SnapshotResult:
        """Refused."""
        _refuse()


def _refuse() -> NoReturn:
    raise NotServing(
        "NODE_HAS_NO_MARKET", "this node is an arbiter: it keeps no order log; ask another node"
    )
