"""Takeover: when a node in sync stops waiting for the primary, and how it asks for its place.

Room: suspicion, the promise and the compare-and-set. Rules (RELIABILITY 5.1):

- Rule 3: only a data node that the register lists with this very copy of the log may try; the
  change sets a higher epoch, itself as primary and, but in a planned switch, itself alone in sync.
- Rule 4: before it asks, it promises, durably, to listen to no lower epoch.
- The first primary of a new register is the node with the longest log, once all data nodes are
  heard, so that an empty node never leads one that has a history.

Times decide only when it tries. A node that came back waits for the others; the last primary goes
first; the order of nodes staggers the rest, so that no chance is needed.
"""

from __future__ import annotations

from replication.follower import Follower
from replication.messages import TransferOffer, TransferRefused
from replication.node_state import NodeState


class Takeover:
    """Watches the primary; tries to take its place."""

    def __init__(self, state: NodeState, follower: Follower) -> None:
        self._state = state
        self._follower = follower
        self._started_ns = state.now_ns
        self._link_down_ns: int | None = None
        self._stale_since_ns: int | None = None
        self._has_heard = False
        self._is_forced = False
        self._fence: dict[str, str] = {}

    def heard(self) -> None:
        """The primary was heard in an epoch that this node listens to."""
        self._follower.heard_ns = self._state.now_ns
        self._has_heard = True
        self._link_down_ns = None
        self._stale_since_ns = None

    def heard_stale(self) -> None:
        """A primary was heard in an epoch that this node gave up: it may ask for a higher one."""
        if self._stale_since_ns is None:
            self._stale_since_ns = self._state.now_ns

    def on_link_down(self, peer: str) -> None:
        """Both ends see the loss of a link; the primary has no lease from now on."""
        if peer == self._state.primary:
            self._link_down_ns = self._state.now_ns

    def on_resume(self) -> None:
        """This process stood still: what it did not hear says nothing of the primary."""
        state = self._state
        self._follower.heard_ns = state.now_ns
        self._follower.granted_ns = state.now_ns
        self._link_down_ns = None if self._link_down_ns is None else state.now_ns

    def force(self, fence: dict[str, str]) -> None:
        """An operator wants this node to take over now, and others fenced."""
        self._is_forced = True
        self._fence = fence

    def on_tick(self) -> None:
        """Try, if it is time."""
        state = self._state
        if not state.register_known or not state.register_healthy or not state.may_lead:
            return
        if state.change.pending is not None:
            return
        if state.primary and state.register.epoch < state.epoch:
            return  # someone leads whom the register, as it is known here, does not show yet
        if state.register.version == 0:
            self._begin_register()
        elif state.is_in_sync and (
            self._is_forced or state.now_ns >= self._due_ns() or state.chance("hasty takeover")
        ):
            fence, self._fence, self._is_forced = self._fence, {}, False
            self._try({state.me.name: state.me.incarnation}, fence)

    def on_offer(self, offer: TransferOffer) -> None:
        """A primary wants to hand over: take over if nothing is missing."""
        state = self._state
        tail = state.tail
        level = (offer.last_index, offer.last_digest) == (tail.last_index, tail.last_digest)
        flushed = not offer.keeps_me or tail.durable_index == tail.last_index
        if not state.register_healthy or state.change.pending is not None:
            why = "the register does not answer here"
        elif not state.is_in_sync or not state.may_lead:
            why = "this node is not in sync, or fenced"
        elif not level or not flushed:
            why = f"the log here is flushed to {tail.durable_index}, not {offer.last_index}"
        else:
            in_sync = {state.me.name: state.me.incarnation}
            if offer.keeps_me:
                in_sync = dict(state.register.in_sync)
            self._try(in_sync, {})
            return
        state.send(state.primary, TransferRefused(why))

    def _try(self, in_sync: dict[str, int], fence: dict[str, str]) -> None:
        state = self._state
        epoch = max(state.register.epoch, state.promised) + 1
        in_sync = {name: inc for name, inc in in_sync.items() if name not in fence}
        state.promise(epoch)
        self._follower.leave()
        state.primary, state.epoch = "", epoch
        fields: dict[str, object] = {"epoch": epoch, "primary": state.me.name, "in_sync": in_sync}
        if state.register.version == 0:
            fields["on_single_copy"] = state.plan.on_single_copy
        if fence:
            fields["fenced"] = {**state.register.fenced, **fence}
        state.propose("takeover", **fields)

    # When this node may try, ns; the primary is not heard, or is known to be gone, since long.
    def _due_ns(self) -> int:
        state = self._state
        timing = state.timing
        if state.register.primary == state.me.name:
            return self._started_ns  # it led before it was restarted, and no one took its place
        rank = 1 + state.plan.rank(state.me.name)
        due = self._follower.heard_ns + timing.suspect
        due = max(due, self._follower.granted_ns + timing.grace)
        if self._link_down_ns is not None:
            due = min(due, self._link_down_ns + timing.link_down)
        if self._stale_since_ns is not None:
            due = max(due, self._stale_since_ns + 4 * timing.retry)
        if not self._has_heard:
            due = max(due, self._started_ns + timing.boot_grace)
        return due + rank * timing.stagger

    def _begin_register(self) -> None:
        state = self._state
        mine = (state.tail.last_index, -state.plan.rank(state.me.name))
        for name in state.plan.data_nodes():
            if name == state.me.name:
                continue
            link = state.links.get(name)
            if link is None or link.hello is None:
                return
            if (link.hello.last_index, -state.plan.rank(name)) > mine:
                return
        self._try({state.me.name: state.me.incarnation}, {})
