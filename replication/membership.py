"""Who is in sync: the changes of the register that a primary proposes.

Room: the next change, one at a time, and the operator's requests among them. Rules (RELIABILITY
5.1):

- Rule 2: a member leaves only when the register has committed it; one that joins has everything
  that is committed and counts from the proposal on.
- A follower that listens only to a higher epoch is met by a higher epoch of the same leadership.
- Rule 8: whether the last but one copy may leave is `on_single_copy`; with "spare" the DR node is
  brought level and takes the place in the same change.
"""

from __future__ import annotations

from collections.abc import Mapping

from replication.effects import Membership as MembershipChanged
from replication.identity import DATA, DR
from replication.node_state import NodeState
from replication.primary import Primary
from replication.progress import Progress, Stage
from replication.register import RegisterValue

SINGLE_COPY_MODES = ("continue", "pause", "spare")
DEGRADE = "`exctl cluster degrade --accept-single-copy`"


class Membership:
    """Proposes who is in sync."""

    def __init__(self, state: NodeState, primary: Primary) -> None:
        self._state = state
        self._primary = primary

    def on_tick(self) -> None:
        """Propose the next change, if one is due and none is under way."""
        state = self._state
        if state.change.pending is None and state.register_healthy:
            self._next()
        self._alarms()

    def changed(self, old: RegisterValue, what: str) -> None:
        """The register has a new value under this leadership."""
        state = self._state
        new = state.register
        state.out.append(MembershipChanged(new, what))
        if new.epoch != old.epoch:
            state.promise(new.epoch)
            state.epoch = new.epoch
            for name in state.links:
                peer = self._primary.peers.get(name)
                if peer is None or peer.stage is Stage.WAITING:
                    self._primary.ask_hello(name, "a higher epoch of the same leadership")
        for peer in self._primary.peers.values():
            if peer.kind == DR and peer.name not in new.in_sync:
                peer.takes_all = False
        self._primary.advance()

    def _next(self) -> None:
        state, primary = self._state, self._primary
        if primary.bump_to > state.epoch:
            state.propose("a higher epoch", epoch=primary.bump_to)
            return
        in_sync = dict(state.register.in_sync)
        joiner = next((p for p in primary.peers.values() if self._may_join(p)), None)
        if joiner is not None:
            self._expand(in_sync, joiner)
            return
        silent = [name for name in in_sync if name != state.me.name and primary.is_silent(name)]
        left = {name: inc for name, inc in in_sync.items() if name not in silent}
        if silent and (len(left) > 1 or self._one_is_enough()):
            self._propose(f"{', '.join(silent)} left", left)
        elif len(left) == 1 and not self._one_is_enough():
            self._bring_spare(left)

    # Data nodes that hold everything that may be committed; never a fenced one.
    def _may_join(self, peer: Progress) -> bool:
        state = self._state
        return (
            peer.kind == DATA
            and peer.stage is Stage.STREAMING
            and peer.match >= self._primary.must_hold
            and peer.name not in state.register.fenced
            and state.register.in_sync.get(peer.name) != peer.hello.incarnation
            and not self._primary.is_answerless(peer)
        )

    def _expand(self, in_sync: Mapping[str, int], joiner: Progress) -> None:
        kinds = self._state.plan.kind
        me = self._state.me.name  # a DR node itself, where it was promoted
        kept = {n: inc for n, inc in in_sync.items() if kinds(n) != DR or n == me}
        kept[joiner.name] = joiner.hello.incarnation
        self._propose(f"{joiner.name} joined", kept)

    def _one_is_enough(self) -> bool:
        register = self._state.register
        return (
            register.on_single_copy == "continue"
            or register.single_copy_accepted
            or len(self._state.plan.data_nodes()) == 1
        )

    def _bring_spare(self, left: dict[str, int]) -> None:
        state = self._state
        if state.register.on_single_copy != "spare":
            return
        for peer in self._primary.peers.values():
            if peer.kind != DR or peer.name in state.register.fenced:
                continue
            if peer.name in left or peer.stage is not Stage.STREAMING:
                continue
            peer.takes_all = True
            if peer.match >= self._primary.must_hold and not self._primary.is_answerless(peer):
                incarnation = peer.hello.incarnation
                self._propose(f"spare {peer.name} joined", {**left, peer.name: incarnation})
                return

    def _propose(self, what: str, in_sync: dict[str, int]) -> None:
        accepted = self._state.register.single_copy_accepted and len(in_sync) == 1
        self._state.propose(what, in_sync=in_sync, single_copy_accepted=accepted)

    def _alarms(self) -> None:
        state = self._state
        text = ""
        copies = len(state.register.in_sync)
        if copies == 1 and len(state.plan.data_nodes()) > 1:
            if self._primary.may_commit:
                text = "one copy of the log is left: the next loss of a disk loses orders"
            else:
                mode = state.register.on_single_copy
                text = (
                    f"one copy of the log is left and on_single_copy is {mode!r}: nothing is "
                    f"acknowledged until another node is level, or {DEGRADE}"
                )
        elif any(self._primary.is_silent(name) for name in self._primary.counted()):
            text = "a member of the in-sync set is silent; acknowledgements wait for it"
            if state.register.on_single_copy == "pause" and not self._one_is_enough():
                text += f", or for {DEGRADE}"
        state.alarm("COPIES", text)
