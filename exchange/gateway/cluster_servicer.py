"""ClusterService: state of the nodes, digests, snapshots.

Room: one method per RPC that looks; those that steer are in `cluster_control.py`. GetStatus needs
no principal, the others need an operator.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from exchange.api.v1 import cluster_service_pb2 as pb
from exchange.errors import ClientFault
from exchange.gateway.call import Call
from exchange.gateway.cluster_control import ClusterControlServicer, register_of
from exchange.gateway.cluster_ports import ClusterControl
from exchange.gateway.header import response_header
from exchange.gateway.ports import NodeStatus, StatusCore
from exchange.gateway.principal import operator_of

RANGE_SEQS_MAX = 100_000
PART_BYTES = 1 << 20


class ClusterServicer(ClusterControlServicer):
    """Answers ClusterService.

    Args:
        core: the market.
        auth_mode: how callers are authenticated.
        cluster: the cluster; None for a node that runs alone.
    """

    def __init__(
        self, core: StatusCore, auth_mode: str, cluster: ClusterControl | None = None
    ) -> None:
        super().__init__(core, cluster)
        self._auth_mode = auth_mode

    async def GetStatus(self, request: pb.GetStatusRequest, call: Call) -> pb.GetStatusResponse:
        """The nodes, this one first."""
        return pb.GetStatusResponse(
            header=response_header(self._core),
            nodes=[_node(status) for status in self._core.status()],
            last_seq=self._core.last_seq,
            first_seq=self._core.first_seq,
            auth_mode=self._auth_mode,
            register=register_of(self._cluster.register()) if self._cluster else None,
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

    async def StreamSnapshot(
        self, request: pb.StreamSnapshotRequest, call: Call
    ) -> AsyncIterator[pb.StreamSnapshotResponse]:
        """The canonical state, in parts."""
        operator_of(call.principal)
        found = await self._core.state()
        try:
            size = len(found.payload)
            for offset in range(0, size, PART_BYTES):
                yield pb.StreamSnapshotResponse(
                    header=response_header(self._core),
                    log_index=found.log_index,
                    size_bytes=size,
                    part=bytes(found.payload[offset : offset + PART_BYTES]),
                )
        finally:
            await asyncio.to_thread(found.release)

    async def CompareDigests(
        self, request: pb.CompareDigestsRequest, call: Call
    ) -> pb.CompareDigestsResponse:
        """Digest of a range of the event history."""
        operator_of(call.principal)
        start, end = request.start_seq, request.end_seq
        if not 1 <= start <= end < start + RANGE_SEQS_MAX:
            raise ClientFault(
                "INVALID_FIELD",
                f"a range has 1 to {RANGE_SEQS_MAX} sequence numbers, from 1 on",
                field="end_seq",
            )
        found = await self._core.events_range(start, end)
        if request.with_events and found.entry_count > 1:
            raise ClientFault(
                "INVALID_FIELD",
                f"the range holds the events of {found.entry_count} entries; ask for one",
                field="with_events",
            )
        return pb.CompareDigestsResponse(
            header=response_header(self._core),
            oldest_seq=found.oldest_seq,
            newest_seq=found.newest_seq,
            digest=found.digest.hex(),
            entry_count=found.entry_count,
            first_log_index=found.first_log_index,
            last_log_index=found.last_log_index,
            events=found.events if request.with_events else b"",
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
        kind=status.kind,
        in_sync=status.in_sync,
        committed_seq=status.committed_seq,
        lag_entries=status.lag_entries,
        lag_bytes=status.lag_bytes,
        memory_bytes=status.memory_bytes,
        generation=status.generation,
        may_serve=status.may_serve,
        connected=status.connected,
        queued_bytes=status.queued_bytes,
    )
    node.start_time.FromNanoseconds(status.started_at_ns)
    return node
