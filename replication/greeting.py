"""Hello: what a node says of itself, and whom it will not work with.

Room: making a Hello and judging one. Each refusal has a code and says what to do; a refused peer
does not stop this node (RELIABILITY section 5.1, issue "bad input").
"""

from __future__ import annotations

from typing import NamedTuple

from replication.identity import SCHEMA_VERSION, compatible
from replication.messages import Envelope, Hello
from replication.node_state import NodeState

CODES = (
    "WRONG_CLUSTER",
    "SCHEMA_VERSION",
    "SOFTWARE_VERSION",
    "NAME_MISMATCH",
    "SAME_NAME",
    "UNKNOWN_NODE",
    "KIND_MISMATCH",
    "GENERATION_OLD",
    "FENCED",
)
"""Every code of a refusal; an alarm of that name ends when the peer is accepted again."""


class Refusal(NamedTuple):
    """Why a peer is not worked with."""

    code: str
    text: str


def hello_of(state: NodeState, *, wants_reply: bool, leads: bool, why: str) -> Hello:
    """Where this node stands."""
    me, tail = state.me, state.tail
    return Hello(
        schema=SCHEMA_VERSION,
        software=me.software,
        name=me.name,
        kind=me.kind,
        incarnation=me.incarnation,
        boot_id=me.boot_id,
        promised=state.promised,
        is_primary=leads,
        base_index=tail.base_index,
        last_index=tail.last_index,
        last_digest=tail.last_digest,
        committed=state.committed,
        wants_reply=wants_reply,
        why=why,
    )


def judge(state: NodeState, peer: str, envelope: Envelope, hello: Hello) -> Refusal | None:
    """Why a peer that says `hello` is refused, or None."""
    me = state.me
    if envelope.cluster != me.cluster_hash:
        return Refusal(
            "WRONG_CLUSTER",
            f"{peer} is of another cluster than {me.cluster_id!r}: check cluster_id and the data "
            "directory of both",
        )
    if hello.schema != SCHEMA_VERSION:
        return Refusal(
            "SCHEMA_VERSION",
            f"{peer} speaks schema {hello.schema}, this node {SCHEMA_VERSION}: run the same "
            "release on both",
        )
    if not compatible(me.software, hello.software):
        return Refusal(
            "SOFTWARE_VERSION",
            f"{peer} runs {hello.software}, this node {me.software}: different major versions do "
            "not replicate; upgrade the older node",
        )
    if hello.name != peer:
        return Refusal(
            "NAME_MISMATCH",
            f"the certificate says {peer!r}, the node calls itself {hello.name!r}: use the "
            "identity that was made for this node",
        )
    if peer == me.name:
        return Refusal("SAME_NAME", f"another node calls itself {peer!r} like this one")
    kind = state.plan.kind(peer)
    if kind != hello.kind:
        return Refusal(
            "UNKNOWN_NODE" if not kind else "KIND_MISMATCH",
            f"{peer} calls itself a {hello.kind} node; [[cluster.nodes]] here says {kind!r}",
        )
    if envelope.generation < me.generation:
        return Refusal(
            "GENERATION_OLD",
            f"{peer} is of generation {envelope.generation}, the cluster of {me.generation}: DR "
            "was promoted meanwhile. Move its data away and let it catch up as a new node",
        )
    if peer in state.register.fenced:
        why = state.register.fenced[peer]
        what_to_do = f"`exctl cluster unfence {peer}` admits it"
        return Refusal("FENCED", f"{peer} is fenced ({why}); {what_to_do}")
    return None
