"""The DR node: how far its copy is behind, and its promotion by an operator.

Room: lag in entries, bytes and time, measured at the primary; the bound of what a promotion would
lose, measured at the DR node. A promotion is never automatic (RELIABILITY 5.1 rule 9): it begins a
new generation, and nodes of older generations refuse to serve.
"""

from __future__ import annotations

from collections import deque
from typing import Final, NamedTuple

import msgspec

from replication.effects import NewGeneration
from replication.identity import DR
from replication.node_state import NodeState
from replication.primary import Primary
from replication.progress import Progress

PROMOTION_EPOCHS: Final = 1_000
"""A promotion jumps the epoch by this: above anything the old generation can reach meanwhile."""

SAMPLES_MAX: Final = 4_096


class Lag(NamedTuple):
    """How far a copy is behind what is committed. `size` in bytes, -1 = more than is known."""

    entries: int
    size: int
    ns: int


class LossBound(NamedTuple):
    """What a promotion here and now loses at most, as far as this node can know.

    Attributes:
        entries: committed at the primary when it was last heard, and not here.
        silent_ns: since when the primary is not heard; what it committed since is not known.
        heard: the primary was heard at all since this node started.
    """

    entries: int
    silent_ns: int
    heard: bool


class LagMeter:
    """Primary: when was which entry committed?"""

    def __init__(self, state: NodeState) -> None:
        self._state = state
        self._samples: deque[tuple[int, int]] = deque(maxlen=SAMPLES_MAX)  # (time, committed)

    def on_tick(self, primary: Primary) -> None:
        """Note the commit index; raise or end the alarm of each DR node."""
        committed = self._state.committed
        if not self._samples or self._samples[-1][1] != committed:
            self._samples.append((self._state.now_ns, committed))
        for plan in self._state.plan.nodes:
            if plan.kind == DR and plan.name != self._state.me.name:
                text = self._trouble(primary.peers.get(plan.name))
                self._state.alarm(f"DR_LAG_{plan.name}", text and f"DR node {plan.name} {text}")

    def lag(self, peer: Progress) -> Lag:
        """Of one follower."""
        state = self._state
        entries = max(state.committed - peer.match, 0)
        if not entries:
            return Lag(0, 0, 0)
        there = state.tail.total_at(peer.match)
        here = state.tail.total_at(state.committed)
        size = -1 if there is None or here is None else here - there
        since = state.now_ns
        for ns, index in reversed(self._samples):  # a follower is near the end
            if index <= peer.match:
                break
            since = ns
        return Lag(entries, size, state.now_ns - since)

    def _trouble(self, peer: Progress | None) -> str:
        if peer is None:
            return "is not connected: a promotion would lose what is committed meanwhile"
        bound = self._state.timing.dr_lag_alarm
        is_late = self.lag(peer).ns > bound
        return f"is more than {bound // 1_000_000} ms behind" if is_late else ""


def loss_bound(state: NodeState, committed_there: int, heard_ns: int | None) -> LossBound:
    """What a promotion would lose; `committed_there` is what the primary said last."""
    entries = max(committed_there - state.tail.durable_index, 0)
    if heard_ns is None:
        return LossBound(entries, state.now_ns, heard=False)
    return LossBound(entries, state.now_ns - heard_ns, heard=True)


def promote(state: NodeState) -> None:
    """Begin a new generation with this node alone; its register is its own from now on."""
    generation = state.me.generation + 1
    epoch = max(state.promised, state.register.epoch, state.epoch) + PROMOTION_EPOCHS
    state.me = state.me.of_generation(generation)
    state.change.pending = None
    value = msgspec.structs.replace(
        state.register,
        generation=generation,
        version=state.register.version + 1,
        epoch=epoch,
        primary=state.me.name,
        in_sync={state.me.name: state.me.incarnation},
        on_single_copy="continue",
        single_copy_accepted=True,
    )
    state.promise(epoch)
    state.out.append(NewGeneration(value))
    state.register = value
    state.register_known = state.register_healthy = True
    state.epoch, state.primary = epoch, state.me.name
