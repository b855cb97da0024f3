"""What an operator asks of the node that leads: switch, fence, unfence, accept one copy, set modes.

Room: one request at a time waits until the register is free; each gets exactly one Answer, also
when time runs out. A request is a change of the register like any other: it races with takeovers
on the version, and loses then.
"""

from __future__ import annotations

from collections import deque
from typing import Final, NamedTuple

from replication.effects import Answer, Hold
from replication.membership import SINGLE_COPY_MODES
from replication.messages import TransferOffer
from replication.node_state import NodeState
from replication.primary import Primary
from replication.progress import Stage

REQUESTS_MAX: Final = 16


class Request(NamedTuple):
    """One request; `verb` is transfer, fence, unfence, degrade or set_mode."""

    number: int
    verb: str
    subject: str
    text: str
    since_ns: int


class OperatorRequests:
    """Carries out requests on the node that leads."""

    def __init__(self, state: NodeState) -> None:
        self._state = state
        self._waiting: deque[Request] = deque()
        self._version = 0  # of the register that the request under way wants to make
        self.is_offered = False
        self.transfer_to = ""

    def ask(self, request: Request) -> None:
        """Queue a request."""
        if len(self._waiting) >= REQUESTS_MAX:
            self.answer(request.number, ok=False, text="too many requests wait")
        else:
            self._waiting.append(request)

    def on_tick(self, primary: Primary | None) -> None:
        """Carry out the first request, or refuse it when its time is over."""
        if not self._waiting:
            return
        state = self._state
        request = self._waiting[0]
        waited = state.now_ns - request.since_ns
        if request.verb == "transfer":
            self._transfer(request, primary)
        elif request.verb == "fence" and request.subject in state.register.fenced:
            self._done(ok=True, text=f"{request.subject} is fenced")
        elif request.verb == "fence" and request.subject == state.register.primary != state.me.name:
            # A node in sync takes over and fences the one that led, in one change.
            if waited > state.timing.request:
                self._done(ok=False, text="this node could not take over in time")
        elif primary is None:
            self._done(ok=False, text="this node does not lead")
        elif waited > state.timing.request:
            self._done(ok=False, text="the register did not answer in time; the outcome is open")
        elif not self._version and state.change.pending is None and state.register_healthy:
            self._propose(request, primary)

    def progressed(self, primary: Primary | None) -> None:
        """More of the log is committed: a switch may wait for just that."""
        if self.transfer_to and primary is not None:
            self._offer(primary)

    def settled(self, version: int, *, won: bool) -> None:
        """A change of the register is certain."""
        if self._waiting and version == self._version:
            self._version = 0
            if won:
                self._done(ok=True, text=f"register version {version}")

    def refused(self, peer: str, text: str) -> None:
        """The target of a planned switch does not take over."""
        if self._waiting and peer == self.transfer_to:
            self._done(ok=False, text=f"{peer}: {text}")

    def deposed(self, primary: str) -> None:
        """Another node leads: the end of a planned switch, well or not."""
        if self._waiting and self._waiting[0].verb == "transfer" and self.transfer_to:
            ok = primary == self.transfer_to
            self._done(ok=ok, text=f"{primary or 'another node'} leads")

    def _propose(self, request: Request, primary: Primary) -> None:
        state = self._state
        register = state.register
        what = f"operator: {request.verb} {request.subject}".rstrip()
        if request.verb == "fence":
            if request.subject == state.me.name:
                self._done(ok=False, text="this node leads: transfer to another one first")
                return
            fenced = {**register.fenced, request.subject: request.text}
            in_sync = {n: inc for n, inc in register.in_sync.items() if n != request.subject}
            state.propose(what, fenced=fenced, in_sync=in_sync)
        elif request.verb == "unfence":
            fenced = {n: why for n, why in register.fenced.items() if n != request.subject}
            state.propose(what, fenced=fenced)
        elif request.verb == "degrade":
            state.propose(what, in_sync=self._answering(primary), single_copy_accepted=True)
        elif request.subject in SINGLE_COPY_MODES:
            state.propose(what, on_single_copy=request.subject)
        else:
            self._done(ok=False, text=f"on_single_copy is one of {', '.join(SINGLE_COPY_MODES)}")
            return
        self._version = register.version + 1

    def _answering(self, primary: Primary) -> dict[str, int]:
        state = self._state
        in_sync = state.register.in_sync
        return {n: i for n, i in in_sync.items() if n == state.me.name or not primary.is_silent(n)}

    def _transfer(self, request: Request, primary: Primary | None) -> None:
        state = self._state
        target = request.subject
        if primary is None:
            self._done(ok=False, text="this node does not lead")
        elif not self.transfer_to:
            peer = primary.peers.get(target)
            if target not in state.register.in_sync or target == state.me.name:
                self._done(ok=False, text=f"{target} is not another member of the in-sync set")
            elif state.plan.kind(target) != "data" or peer is None:
                self._done(ok=False, text=f"{target} is not a linked data node")
            else:
                self.transfer_to = target
                state.out.append(Hold(on=True))
                self._offer(primary)
        elif state.now_ns - request.since_ns > state.timing.transfer:
            self._done(ok=False, text=f"{target} did not take over in time; this node goes on")
        else:
            self._offer(primary)

    # Once the target has everything and all of it is committed; what is drafted after the offer
    # would be on this node alone.
    def _offer(self, primary: Primary) -> None:
        state = self._state
        tail = state.tail
        target = self.transfer_to
        peer = primary.peers.get(target)
        if self.is_offered or state.change.pending is not None:
            return
        if peer is None or peer.stage is not Stage.STREAMING:
            return
        if primary.match_of(target) == tail.last_index == state.committed:
            self.is_offered = True
            offer = TransferOffer(tail.last_index, tail.last_digest, keeps_me=True)
            state.send(target, offer)

    def _done(self, *, ok: bool, text: str) -> None:
        request = self._waiting.popleft()
        if self.transfer_to:
            self.transfer_to = ""
            self._state.out.append(Hold(on=False))
        self.is_offered = False
        self._version = 0
        self.answer(request.number, ok=ok, text=text)

    def answer(self, number: int, *, ok: bool, text: str) -> None:
        """Answer a request."""
        self._state.out.append(Answer(number, ok, text))
