"""The state of a node's replication at a glance, for status pages, metrics and tests.

Room: values and their making; it changes nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from replication.effects import Role
from replication.node_state import NodeState
from replication.primary import Primary
from replication.register import RegisterValue
from replication.remote_copy import Lag, LagMeter


class PeerStatus(NamedTuple):
    """One other node as this one sees it.

    Attributes:
        name: of the node.
        kind: data, dr or arbiter.
        linked: a link is up.
        stage: of its stream in lower case, "" unless this node leads and knows it.
        durable_index: flushed there and equal to this log; -1 = unknown.
        applied_index: fed to its engine; -1 = unknown.
        lag: behind what is committed; None unless this node leads and knows it.
        heard_ns_ago: since its last message; -1 = never heard.
        in_sync: the register lists it.
    """

    name: str
    kind: str
    linked: bool
    stage: str
    durable_index: int
    applied_index: int
    lag: Lag | None
    heard_ns_ago: int
    in_sync: bool


class ReplicaStatus(NamedTuple):
    """This node.

    Attributes:
        role: as announced; `role.epoch` is that of the leadership.
        epoch: newest epoch this node promised or follows.
        register: newest value known.
        register_healthy: a quorum was heard lately.
        may_serve: the lease holds.
        last_index: newest entry, flushed or not.
        durable_index: newest entry flushed.
        committed_index: newest entry committed.
        applied_index: newest entry fed to the engine.
        alarms: sentences by name.
        peers: all other nodes, in the order of the plan.
    """

    role: Role
    epoch: int
    register: RegisterValue
    register_healthy: bool
    may_serve: bool
    last_index: int
    durable_index: int
    committed_index: int
    applied_index: int
    alarms: dict[str, str]
    peers: list[PeerStatus]


def status_of(
    state: NodeState, role: Role, primary: Primary | None, lag: LagMeter, *, may_serve: bool
) -> ReplicaStatus:
    """Put together what is known."""
    peers = []
    for plan in state.plan.nodes:
        if plan.name == state.me.name:
            continue
        progress = primary.peers.get(plan.name) if primary is not None else None
        heard = state.last_heard.get(plan.name)
        peers.append(
            PeerStatus(
                name=plan.name,
                kind=plan.kind,
                linked=plan.name in state.links,
                stage="" if progress is None else progress.stage.name.lower(),
                durable_index=-1 if progress is None else progress.match,
                applied_index=-1 if progress is None else progress.applied_index,
                lag=None if progress is None else lag.lag(progress),
                heard_ns_ago=-1 if heard is None else state.now_ns - heard,
                in_sync=plan.name in state.register.in_sync,
            )
        )
    return ReplicaStatus(
        role=role,
        epoch=state.epoch,
        register=state.register,
        register_healthy=state.register_healthy,
        may_serve=may_serve,
        last_index=state.tail.last_index,
        durable_index=state.tail.durable_index,
        committed_index=state.committed,
        applied_index=state.applied_index,
        alarms=dict(state.alarms),
        peers=peers,
    )
