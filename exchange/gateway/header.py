"""The response header: where and as of when.

Room: one function; every response of every service carries what it gives.
"""

from __future__ import annotations

from exchange.api.v1.common_pb2 import ResponseHeader
from exchange.gateway.ports import StatusCore

NS_PER_MS = 1_000_000


def response_header(core: StatusCore, log_index: int = 0) -> ResponseHeader:
    """The header of an answer made now, or (`log_index`) of the answer to the command there."""
    return ResponseHeader(
        cluster_id=core.cluster_id,
        node=core.node_name,
        log_index=log_index or core.applied_index,
        epoch=core.epoch,
        age_ms=core.age_ns // NS_PER_MS,
    )
