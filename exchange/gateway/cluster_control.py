"""The operator's half of ClusterService: who leads, who is kept out, what the dr node does.

Room: one method per RPC that steers the cluster; each needs an operator and says in the node's log
who asked for what and why. A node that runs alone refuses all of them (NOT_A_CLUSTER).
"""

from __future__ import annotations

import logging

from exchange.api.v1 import cluster_service_pb2 as pb
from exchange.errors import ClientFault
from exchange.gateway.call import Call
from exchange.gateway.cluster_ports import ClusterControl, RegisterView
from exchange.gateway.header import response_header
from exchange.gateway.ports import StatusCore
from exchange.gateway.principal import operator_of

log = logging.getLogger("lockstep.operator")

REASON_CHARS_MAX = 200
MODES = {
    pb.ON_SINGLE_COPY_SPARE: "spare",
    pb.ON_SINGLE_COPY_CONTINUE: "continue",
    pb.ON_SINGLE_COPY_PAUSE: "pause",
}
MODE_NUMBERS = {name: number for number, name in MODES.items()}


class ClusterControlServicer:
    """The steering methods of ClusterService.

    Args:
        core: for the response headers.
        cluster: what is steered; None for a node that runs alone.
    """

    def __init__(self, core: StatusCore, cluster: ClusterControl | None) -> None:
        self._core = core
        self._cluster = cluster

    async def TransferPrimary(
        self, request: pb.TransferPrimaryRequest, call: Call
    ) -> pb.TransferPrimaryResponse:
        """Hand leadership over."""
        cluster, reason = self._asked(call, "transfer", request.node, request.reason)
        view = await cluster.transfer(request.node, reason, validate_only=request.validate_only)
        return pb.TransferPrimaryResponse(
            header=response_header(self._core), register=register_of(view)
        )

    async def FenceNode(self, request: pb.FenceNodeRequest, call: Call) -> pb.FenceNodeResponse:
        """Keep a node out."""
        cluster, reason = self._asked(call, "fence", _named(request.node), request.reason)
        view = await cluster.fence(request.node, reason)
        return pb.FenceNodeResponse(header=response_header(self._core), register=register_of(view))

    async def UnfenceNode(
        self, request: pb.UnfenceNodeRequest, call: Call
    ) -> pb.UnfenceNodeResponse:
        """Let it in again."""
        cluster, reason = self._asked(call, "unfence", _named(request.node), request.reason)
        view = await cluster.unfence(request.node, reason)
        return pb.UnfenceNodeResponse(
            header=response_header(self._core), register=register_of(view)
        )

    async def Degrade(self, request: pb.DegradeRequest, call: Call) -> pb.DegradeResponse:
        """Acknowledge with one copy."""
        if not request.accept_single_copy:
            operator_of(call.principal)
            raise ClientFault(
                "INVALID_FIELD",
                "accept_single_copy must be true: from here on the loss of one disk loses "
                "acknowledged orders",
                field="accept_single_copy",
            )
        cluster, reason = self._asked(call, "degrade", "", request.reason)
        view = await cluster.degrade(reason)
        return pb.DegradeResponse(header=response_header(self._core), register=register_of(view))

    async def SetOnSingleCopy(
        self, request: pb.SetOnSingleCopyRequest, call: Call
    ) -> pb.SetOnSingleCopyResponse:
        """Say what happens when one copy is left."""
        mode = MODES.get(request.on_single_copy, "")
        cluster, reason = self._asked(call, "on_single_copy", mode, request.reason)
        if not mode:
            raise ClientFault(
                "INVALID_FIELD",
                "on_single_copy must be SPARE, CONTINUE or PAUSE",
                field="on_single_copy",
            )
        view = await cluster.set_on_single_copy(mode, reason)
        return pb.SetOnSingleCopyResponse(
            header=response_header(self._core), register=register_of(view)
        )

    async def GetDrStatus(
        self, request: pb.GetDrStatusRequest, call: Call
    ) -> pb.GetDrStatusResponse:
        """How far the dr node is."""
        operator_of(call.principal)
        found = await self._present().dr_status()
        return pb.GetDrStatusResponse(header=response_header(self._core), **found._asdict())

    async def TestDr(self, request: pb.TestDrRequest, call: Call) -> pb.TestDrResponse:
        """Whether it could be promoted now."""
        operator_of(call.principal)
        checks = await self._present().test_dr()
        return pb.TestDrResponse(
            header=response_header(self._core),
            checks=[pb.DrCheck(name=one.name, passed=one.passed, text=one.text) for one in checks],
        )

    async def PromoteDr(self, request: pb.PromoteDrRequest, call: Call) -> pb.PromoteDrResponse:
        """Begin a new generation on the dr node."""
        cluster, reason = self._asked(call, "promote dr", "", request.reason)
        if not request.accept_loss:
            raise ClientFault(
                "LOSS_NOT_ACCEPTED",
                "accept_loss must be true: what the old primary acknowledged after "
                "accepted_log_index is lost; GetDrStatus tells the bound",
                field="accept_loss",
            )
        view, log_index = await cluster.promote_dr(request.accepted_log_index, reason)
        return pb.PromoteDrResponse(
            header=response_header(self._core), register=register_of(view), log_index=log_index
        )

    def _present(self) -> ClusterControl:
        if self._cluster is None:
            raise ClientFault("NOT_A_CLUSTER", "this node runs alone: there is nothing to steer")
        return self._cluster

    def _asked(
        self, call: Call, what: str, subject: str, reason: str
    ) -> tuple[ClusterControl, str]:
        operator = operator_of(call.principal)
        cluster = self._present()
        reason = reason.strip()
        if not reason:
            raise ClientFault("REASON_REQUIRED", "say why, for the record", field="reason")
        if len(reason) > REASON_CHARS_MAX or not reason.isprintable():
            raise ClientFault(
                "INVALID_FIELD",
                f"a reason is printable and at most {REASON_CHARS_MAX} characters",
                field="reason",
            )
        log.warning("operator %s: %s %s: %s", operator, what, subject, reason)
        return cluster, reason


def register_of(view: RegisterView) -> pb.Register:
    """The register as the API tells it."""
    return pb.Register(
        version=view.version,
        epoch=view.epoch,
        generation=view.generation,
        primary=view.primary,
        in_sync=view.in_sync,
        fenced=view.fenced,
        on_single_copy=MODE_NUMBERS[view.on_single_copy],
        healthy=view.healthy,
        voters=view.voters,
        leader=view.leader,
    )


def _named(node: str) -> str:
    if not node:
        raise ClientFault("INVALID_FIELD", "name the node", field="node")
    return node
