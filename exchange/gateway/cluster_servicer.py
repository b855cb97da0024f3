"""ClusterService: state of the nodes, digests, snapshots.

Room: one method per RPC. GetStatus needs no principal, the others need an operator.
"""

from __future__ import annotations

from exchange.api.v1 import cluster_service_pb2 as pb
from exchange.gateway.call import Call
from exchange.gateway.header import response_header
from exchange.gateway.ports import Core, NodeStatus
from exchange.gateway.principal import operator_of


class ClusterServicer:
    """Answers ClusterService.

    Args:
        core: the market.
        auth_mode: how callers are authenticated.
    """

    def __init__(self, core: Core, auth_mode: str) -> None:
        self._core = core
        self._auth_mode = auth_mode

    async def GetStatus(self, request: pb.GetStatusRequest, call: Call) -> pb.GetStatusResponse:
        """The nodes, this one first."""
        return pb.GetStatusResponse(
            header=response_header(self._core),
            nodes=[_node(status) for status in self._core.status()],
            last_seq=self._core.last_seq,
            auth_mode=self._auth_mode,
        )

    async def GetDigest(self, request: pb.GetDigestRequest, call: Call) -> pb.GetDigestResponse:
        """Digests after the newest applied entry."""
        operator_of(call.principal)
        result = await self._core.digest()
        return pb.GetDigestResponse(
            header=response_header(self._core),
            log_index=result.log_index,
            state_digest=result.state_digest.hex(),
            events_digest=result.events_digest.hex(),
        )

    async def CreateSnapshot(
        self, request: pb.CreateSnapshotRequest, call: Call
    ) -> pb.CreateSnapshotResponse:
        """Take and store a snapshot."""
        operator_of(call.principal)
        result = await self._core.create_snapshot()
        return pb.CreateSnapshotResponse(
            header=response_header(self._core),
            log_index=result.log_index,
            size_bytes=result.size_bytes,
            state_digest=result.state_digest.hex(),
        )


def _node(status: NodeStatus) -> pb.NodeStatus:
    node = pb.NodeStatus(
        name=status.name,
        role=status.role,
        endpoint=status.endpoint,
        pid=status.pid,
        healthy=status.healthy,
        epoch=status.epoch,
        durable_seq=status.durable_seq,
        applied_seq=status.applied_seq,
        digest=status.digest,
        lag_ms=status.lag_ms,
        trading_day=status.trading_day,
        open_orders=status.open_orders,
        pending_commands=status.pending_commands,
        subscribers=status.subscribers,
        disk_free_bytes=status.disk_free_bytes,
        alarms=status.alarms,
        version=status.version,
        engine=status.engine,
        codec=status.codec,
        durability=status.durability,
    )
    node.start_time.FromNanoseconds(status.started_at_ns)
    return node
