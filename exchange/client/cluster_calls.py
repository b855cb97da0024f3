"""The nodes: state, digest, snapshot.

Room: ClusterService.
"""

from __future__ import annotations

from exchange.api.v1 import cluster_service_pb2 as pb
from exchange.client.caller import Caller


class ClusterCalls(Caller):
    """ClusterService."""

    async def status(self) -> pb.GetStatusResponse:
        """The state of the node that answers and of those it knows. Needs no credentials."""
        return await self._call(self._cluster.GetStatus, pb.GetStatusRequest())

    async def digest(self) -> pb.GetDigestResponse:
        """Digests of the state and of all events after the newest entry; takes time to compute."""
        return await self._call(
            self._cluster.GetDigest, pb.GetDigestRequest(), attempt_s=self.timeout_s
        )

    async def create_snapshot(self) -> pb.CreateSnapshotResponse:
        """Take and store a snapshot now. Asking again takes another one, which changes nothing."""
        return await self._call(
            self._cluster.CreateSnapshot, pb.CreateSnapshotRequest(), attempt_s=self.timeout_s
        )
