"""Which primary a node listens to: the check of every message that only a primary sends.

Room: one decision. Rule 4 of RELIABILITY 5.1: what comes from a lower epoch than was promised is
refused, and two primaries in one epoch are impossible; whoever sees them stops.
"""

from __future__ import annotations

from enum import IntEnum

from replication.messages import Envelope
from replication.node_state import NodeState


class Standing(IntEnum):
    """How a message of a primary stands to what this node promised and follows."""

    CURRENT = 1
    """From the primary that this node follows, in its epoch."""
    NEWER = 2
    """From a primary, or in an epoch, that this node is to follow from now on."""
    STALE = 3
    """From an epoch that this node has given up: refuse it."""
    CONFLICT = 4
    """From another primary in the same epoch: stop."""


def standing(state: NodeState, peer: str, envelope: Envelope) -> Standing:
    """Judge the epoch of a message that `peer` sent as primary."""
    if envelope.epoch < max(state.promised, state.epoch):
        return Standing.STALE
    if envelope.epoch > state.epoch:
        return Standing.NEWER
    if state.primary == peer:
        return Standing.CURRENT
    return Standing.CONFLICT if state.primary else Standing.NEWER
