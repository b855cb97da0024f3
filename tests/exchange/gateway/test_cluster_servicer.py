"""What ClusterService shows and what operators may steer, over a real channel."""

from __future__ import annotations

import struct
from typing import Any

import grpc
import pytest
import xxhash

from exchange.api.v1 import cluster_service_pb2 as pb
from exchange.engine.build import build_engine
from exchange.errors import ClientFault, NotLeader
from exchange.gateway.cluster_control import REASON_CHARS_MAX
from exchange.gateway.cluster_ports import DrCheck, DrStatus, RegisterView
from exchange.model.batch import EventBatch
from tests.exchange.gateway.venue import OPERATOR, Venue, refused


class TwinCluster:
    """A cluster of three names in memory; it does what it is told."""

    def __init__(self) -> None:
        self.view = RegisterView(7, 3, 1, "n1", {"n1": 1, "n2": 4}, {}, "continue", True, 3, "a")
        self.reasons: list[str] = []

    def register(self) -> RegisterView:
        return self.view

    def _changed(self, reason: str, **fields: Any) -> RegisterView:
        self.reasons.append(reason)
        self.view = self.view._replace(version=self.view.version + 1, **fields)
        return self.view

    async def transfer(self, node: str, reason: str, *, validate_only: bool) -> RegisterView:
        if self.view.primary != "n1":
            raise NotLeader(self.view.primary, "127.0.0.1:2", self.view.epoch)
        if node not in {"", "n2"}:
            raise ClientFault("UNKNOWN_NODE", f"there is no node {node!r}", field="node")
        if validate_only:
            return self.view
        return self._changed(reason, primary="n2", epoch=4)

    async def fence(self, node: str, reason: str) -> RegisterView:
        return self._changed(reason, fenced={node: reason})

    async def unfence(self, node: str, reason: str) -> RegisterView:
        if node not in self.view.fenced:
            raise ClientFault("NOT_FENCED", f"{node} is not fenced", field="node")
        return self._changed(reason, fenced={})

    async def degrade(self, reason: str) -> RegisterView:
        return self._changed(reason, in_sync={"n1": 1})

    async def set_on_single_copy(self, mode: str, reason: str) -> RegisterView:
        return self._changed(reason, on_single_copy=mode)

    async def dr_status(self) -> DrStatus:
        return DrStatus("dr", "127.0.0.1:4", True, 90, 89, 95, 5, 700, 12.5, 40, "5 entries", 1)

    async def test_dr(self) -> tuple[DrCheck, ...]:
        return DrCheck("log", True, "complete"), DrCheck("lag", False, "5 entries behind")

    async def promote_dr(self, accepted_log_index: int, reason: str) -> tuple[RegisterView, int]:
        if accepted_log_index > 90:
            raise ClientFault("LOSS_NOT_ACCEPTED", "the dr node stands at 90")
        return self._changed(reason, generation=2, primary="dr"), 90


async def test_operators_steer_and_the_register_tells() -> None:
    twin = TwinCluster()
    async with Venue(cluster=twin, stock=False) as venue:
        cluster = venue.cluster
        told = (await cluster.GetStatus(pb.GetStatusRequest())).register
        assert (told.primary, told.version, dict(told.in_sync)) == ("n1", 7, {"n1": 1, "n2": 4})
        assert (told.healthy, told.voters, told.leader) == (True, 3, "a")

        ask: dict[str, Any] = {"metadata": OPERATOR}
        fenced = await cluster.FenceNode(pb.FenceNodeRequest(node="n2", reason="disk"), **ask)
        assert dict(fenced.register.fenced) == {"n2": "disk"}
        await cluster.UnfenceNode(pb.UnfenceNodeRequest(node="n2", reason="new disk"), **ask)
        mode = pb.SetOnSingleCopyRequest(on_single_copy=pb.ON_SINGLE_COPY_PAUSE, reason="drill")
        paused = await cluster.SetOnSingleCopy(mode, **ask)
        assert paused.register.on_single_copy == pb.ON_SINGLE_COPY_PAUSE
        degrade = pb.DegradeRequest(accept_single_copy=True, reason="go on")
        assert dict((await cluster.Degrade(degrade, **ask)).register.in_sync) == {"n1": 1}
        only = pb.TransferPrimaryRequest(reason="look", validate_only=True)
        assert (await cluster.TransferPrimary(only, **ask)).register.primary == "n1"
        transfer = pb.TransferPrimaryRequest(node="n2", reason="maintenance")
        assert (await cluster.TransferPrimary(transfer, **ask)).register.primary == "n2"
        why = await refused(cluster.TransferPrimary(transfer, **ask))
        assert (why.reason, why.metadata["leader_endpoint"]) == ("NOT_LEADER", "127.0.0.1:2")
    assert twin.reasons == ["disk", "new disk", "drill", "go on", "maintenance"]


async def test_the_dr_node_tells_its_loss_before_it_is_promoted() -> None:
    async with Venue(cluster=TwinCluster(), stock=False) as venue:
        ask: dict[str, Any] = {"metadata": OPERATOR}
        told = await venue.cluster.GetDrStatus(pb.GetDrStatusRequest(), **ask)
        assert (told.durable_seq, told.lag_entries, told.loss_bound) == (90, 5, "5 entries")
        checks = (await venue.cluster.TestDr(pb.TestDrRequest(), **ask)).checks
        assert [(one.name, one.passed) for one in checks] == [("log", True), ("lag", False)]
        promote = pb.PromoteDrRequest(accepted_log_index=90, reason="fire")
        assert (await refused(venue.cluster.PromoteDr(promote, **ask))).reason == (
            "LOSS_NOT_ACCEPTED"
        )
        promote.accept_loss = True
        done = await venue.cluster.PromoteDr(promote, **ask)
        assert (done.register.generation, done.log_index) == (2, 90)


@pytest.mark.parametrize(
    ("method", "request_", "reason"),
    [
        ("FenceNode", pb.FenceNodeRequest(reason="x"), "INVALID_FIELD"),
        ("FenceNode", pb.FenceNodeRequest(node="n2", reason=" "), "REASON_REQUIRED"),
        ("FenceNode", pb.FenceNodeRequest(node="n2", reason="a\nb"), "INVALID_FIELD"),
        (
            "FenceNode",
            pb.FenceNodeRequest(node="n2", reason="x" * (REASON_CHARS_MAX + 1)),
            "INVALID_FIELD",
        ),
        ("UnfenceNode", pb.UnfenceNodeRequest(node="n2", reason="x"), "NOT_FENCED"),
        ("Degrade", pb.DegradeRequest(reason="x"), "INVALID_FIELD"),
        ("SetOnSingleCopy", pb.SetOnSingleCopyRequest(reason="x"), "INVALID_FIELD"),
        ("TransferPrimary", pb.TransferPrimaryRequest(node="n9", reason="x"), "UNKNOWN_NODE"),
    ],
)
async def test_a_wrong_request_is_refused_by_name(method: str, request_: Any, reason: str) -> None:
    twin = TwinCluster()
    async with Venue(cluster=twin, stock=False) as venue:
        call = getattr(venue.cluster, method)
        assert (await refused(call(request_, metadata=OPERATOR))).reason == reason
    assert twin.reasons == []


async def test_a_node_that_runs_alone_has_nothing_to_steer(venue: Venue) -> None:
    fence = pb.FenceNodeRequest(node="n2", reason="x")
    why = await refused(venue.cluster.FenceNode(fence, metadata=OPERATOR))
    assert (why.code, why.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "NOT_A_CLUSTER")
    assert not (await venue.cluster.GetStatus(pb.GetStatusRequest())).HasField("register")


async def test_a_streamed_snapshot_restores_to_the_same_state(venue: Venue) -> None:
    await venue.submit("a1", "buy", 5, 10)
    parts = [
        part
        async for part in venue.cluster.StreamSnapshot(
            pb.StreamSnapshotRequest(), metadata=OPERATOR
        )
    ]
    state = b"".join(part.part for part in parts)
    digest = await venue.cluster.GetDigest(pb.GetDigestRequest(), metadata=OPERATOR)
    engine = build_engine("reference")
    engine.restore(state)
    assert {part.size_bytes for part in parts} == {len(state)}
    assert parts[0].log_index == digest.log_index
    assert engine.digest().hex() == digest.state_digest


async def test_ranges_of_events_are_digested_by_entry(venue: Venue) -> None:
    for number in range(5):
        await venue.submit(f"a{number}", "buy", 5, 10 + number)
    last = (await venue.cluster.GetStatus(pb.GetStatusRequest())).last_seq

    async def ask(start: int, end: int, **more: Any) -> pb.CompareDigestsResponse:
        request = pb.CompareDigestsRequest(start_seq=start, end_seq=end, **more)
        answer: pb.CompareDigestsResponse = await venue.cluster.CompareDigests(
            request, metadata=OPERATOR
        )
        return answer

    whole = await ask(1, last)
    assert (whole.oldest_seq, whole.newest_seq) == (1, last)
    start = last
    while not (await ask(start, last)).entry_count:
        start -= 1  # the entry began with an earlier event
    one = await ask(start, last, with_events=True)
    batch = EventBatch(one.events)
    assert (one.entry_count, batch.head.first_seq, batch.head.last_seq) == (1, start, last)
    assert batch.head.log_index == one.last_log_index == whole.last_log_index
    hasher = xxhash.xxh3_128(struct.pack("<Q", one.last_log_index) + one.events)
    assert one.digest == hasher.hexdigest()
    assert (await ask(1, start - 1)).digest != whole.digest
    assert (await ask(last + 1, last + 9)).entry_count == 0


@pytest.mark.parametrize(("start", "end"), [(0, 5), (5, 4), (1, 100_001)])
async def test_a_range_out_of_bounds_is_refused(venue: Venue, start: int, end: int) -> None:
    request = pb.CompareDigestsRequest(start_seq=start, end_seq=end)
    why = await refused(venue.cluster.CompareDigests(request, metadata=OPERATOR))
    assert why.reason == "INVALID_FIELD"


async def test_events_are_sent_for_one_entry_only(venue: Venue) -> None:
    request = pb.CompareDigestsRequest(start_seq=1, end_seq=100, with_events=True)
    why = await refused(venue.cluster.CompareDigests(request, metadata=OPERATOR))
    assert (why.reason, why.metadata["field"]) == ("INVALID_FIELD", "with_events")
