"""The nodes of the exchange: status, digests, snapshots, and steering who leads.

Room: ClusterService. Steering has no idempotency key: it is sent on to the primary when a node says
who that is, and never repeated once its fate is not known; `status` shows what came of it.
"""

from __future__ import annotations

import asyncio
from typing import TypeVar

import grpc

from exchange.api.v1 import cluster_service_pb2 as pb
from exchange.client.caller import Caller
from exchange.client.errors import Fault, OutcomeUnknownError, read_fault
from exchange.client.retry import Attempts, is_ambiguous

Question = TypeVar("Question")
Answer = TypeVar("Answer")

ON_SINGLE_COPY = {
    "spare": pb.ON_SINGLE_COPY_SPARE,
    "continue": pb.ON_SINGLE_COPY_CONTINUE,
    "pause": pb.ON_SINGLE_COPY_PAUSE,
}


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

    async def compare_digests(
        self, start_seq: int, end_seq: int, *, with_events: bool = False
    ) -> pb.CompareDigestsResponse:
        """Digest of the events of every entry that begins in start_seq..end_seq.

        At most 100,000 sequence numbers; `with_events` only where that is one entry.
        """
        request = pb.CompareDigestsRequest(
            start_seq=start_seq, end_seq=end_seq, with_events=with_events
        )
        return await self._call(self._cluster.CompareDigests, request, attempt_s=self.timeout_s)

    async def snapshot(self) -> tuple[int, bytes]:
        """The canonical state of the node that answers, and the entry after which it was taken.

        Raises ClientError; also when the stream ends before the whole state came.
        """
        loop = asyncio.get_running_loop()
        attempts = Attempts("", loop.time() + self.timeout_s)
        while True:
            await self.connected(attempts)
            line, parts, index, size = self.line, bytearray(), 0, -1
            call = self._cluster.StreamSnapshot(
                pb.StreamSnapshotRequest(), metadata=self._metadata, timeout=self.timeout_s
            )
            try:
                async for part in call:
                    index, size = part.log_index, part.size_bytes
                    parts += part.part
                if len(parts) == size:
                    return index, bytes(parts)
                fault = Fault("UNAVAILABLE", "STREAM_ENDED", "the snapshot ended too early")
            except grpc.aio.AioRpcError as error:
                fault = read_fault(error)
            self.failed(fault, line)
            await asyncio.sleep(attempts.wait_s(fault, loop.time()))

    async def transfer_primary(
        self, node: str = "", *, reason: str, validate_only: bool = False
    ) -> pb.Register:
        """Hand leadership to `node`, or to the first other member in sync; the new register."""
        request = pb.TransferPrimaryRequest(node=node, reason=reason, validate_only=validate_only)
        return (await self._steer(self._cluster.TransferPrimary, request, "transfer")).register

    async def fence_node(self, node: str, *, reason: str) -> pb.Register:
        """Keep a node out of leadership and of the in-sync set."""
        request = pb.FenceNodeRequest(node=node, reason=reason)
        return (await self._steer(self._cluster.FenceNode, request, f"fence {node}")).register

    async def unfence_node(self, node: str, *, reason: str) -> pb.Register:
        """Take back `fence_node`."""
        request = pb.UnfenceNodeRequest(node=node, reason=reason)
        return (await self._steer(self._cluster.UnfenceNode, request, f"unfence {node}")).register

    async def degrade(self, *, reason: str) -> pb.Register:
        """Acknowledge with one copy of the log, after a pause."""
        request = pb.DegradeRequest(accept_single_copy=True, reason=reason)
        return (await self._steer(self._cluster.Degrade, request, "degrade")).register

    async def set_on_single_copy(self, mode: str, *, reason: str) -> pb.Register:
        """Say what happens when one copy is left: spare, continue or pause (else ValueError)."""
        if mode not in ON_SINGLE_COPY:
            raise ValueError(f"mode {mode!r} must be one of {', '.join(ON_SINGLE_COPY)}")
        request = pb.SetOnSingleCopyRequest(on_single_copy=ON_SINGLE_COPY[mode], reason=reason)
        return (await self._steer(self._cluster.SetOnSingleCopy, request, mode)).register

    async def dr_status(self) -> pb.GetDrStatusResponse:
        """How far the dr node is, as the node that answers knows it."""
        return await self._call(self._cluster.GetDrStatus, pb.GetDrStatusRequest())

    async def test_dr(self) -> pb.TestDrResponse:
        """Whether the dr node could be promoted now; changes nothing."""
        return await self._call(self._cluster.TestDr, pb.TestDrRequest(), attempt_s=self.timeout_s)

    async def promote_dr(self, *, accepted_log_index: int, reason: str) -> pb.PromoteDrResponse:
        """Begin a new generation on the dr node that answers.

        Everything that the old primary acknowledged after `accepted_log_index` is lost.
        """
        request = pb.PromoteDrRequest(
            accept_loss=True, accepted_log_index=accepted_log_index, reason=reason
        )
        return await self._steer(self._cluster.PromoteDr, request, "promote dr")

    async def _steer(
        self,
        method: grpc.aio.UnaryUnaryMultiCallable[Question, Answer],
        request: Question,
        key: str,
    ) -> Answer:
        loop = asyncio.get_running_loop()
        attempts = Attempts(key, loop.time() + self.timeout_s)
        while True:
            await self.connected(attempts)
            attempts.sent += 1
            line = self.line
            left_s = max(attempts.deadline - loop.time(), 0.001)
            try:
                return await method(request, timeout=left_s, metadata=self._metadata)
            except grpc.aio.AioRpcError as error:
                fault = read_fault(error)
            self.failed(fault, line)
            if is_ambiguous(fault):
                raise OutcomeUnknownError(fault, key, attempts.sent)
            await asyncio.sleep(attempts.wait_s(fault, loop.time()))
