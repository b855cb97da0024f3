"""Known bugs, put back on purpose: the checkers must find each (invariant I14).

Room: one switch, held by the simulator alone. A mutant replaces methods of the code under test for
the time of a run, or damages the simulated shell; nothing in production knows of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

from msgspec import structs

from chaos.sim.world import World
from exchange.engine.build import AUTO, build_engine
from exchange.engine.port import Engine
from exchange.engine.reference import cancel, new_order, replace
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.engine import ReferenceEngine
from exchange.model.codec import CommandRecord
from replication import roles
from replication.effects import Committed
from replication.fencing import Standing
from replication.log_stream import LogStream
from replication.membership import Membership
from replication.messages import Envelope, Hello
from replication.node_state import NodeState
from replication.primary import Primary
from replication.progress import Progress

if TYPE_CHECKING:
    from chaos.sim.node import SimNode

Patch = tuple[object, str, Any]


class Mutant(NamedTuple):
    """One bug.

    Attributes:
        name: as the command line has it.
        what: in words.
        patches: (where, attribute, replacement), in force during a run.
        prepare: damages a simulated node.
        make_engine: another engine.
        provoked_by: the fault that brings it out; injected more often.
    """

    name: str
    what: str
    patches: tuple[Patch, ...] = ()
    damage: Callable[[SimNode], None] | None = None
    make_engine: Callable[[World], Engine] | None = None
    provoked_by: str = ""

    @contextmanager
    def installed(self) -> Iterator[None]:
        """The bug is there, inside."""
        with ExitStack() as stack:
            for where, attribute, replacement in self.patches:
                stack.enter_context(patch.object(where, attribute, replacement))
            yield

    def prepare(self, node: SimNode) -> None:
        """Damage a node before it starts."""
        if self.damage is not None:
            self.damage(node)

    def engine(self, world: World, node: str) -> Engine:
        """A new engine for a node.

        One node has the reference engine, the others the one that is built here: they give the same
        bytes, so that a seed is the same everywhere, and every digest compares the two. Patches are
        of the reference engine's code.
        """
        if self.make_engine is not None:
            return self.make_engine(world)
        return ReferenceEngine() if self.patches or node == REFERENCE_NODE else _built_here()()


REFERENCE_NODE = "b"


@cache
def _built_here() -> type[Engine]:
    return type(build_engine(AUTO))


NO_MUTANT = Mutant("none", "the code as it is")


def _no_fsync(node: SimNode) -> None:
    node.syncs = False
    node.disk.syncs = False


def _promise_in_memory(node: SimNode) -> None:
    node.promise_is_durable = False


def _truncating_start(node: SimNode) -> None:
    node.truncates_at_start = True


def _commit_when_flushed_here(self: Primary) -> None:
    state = self._state
    if state.tail.durable_index > state.committed:
        state.committed = state.tail.durable_index
        state.out.append(Committed(state.committed))


def _every_epoch_is_welcome(state: NodeState, peer: str, _envelope: Envelope) -> Standing:
    return Standing.CURRENT if state.primary == peer else Standing.NEWER


_on_hello = Primary.on_hello


def _no_higher_epoch(self: Primary, name: str, hello: Hello) -> None:
    _on_hello(self, name, structs.replace(hello, promised=0))


def _agree_on_what_is_committed(self: LogStream, peer: Progress, hello: Hello) -> None:
    peer.hello = hello
    peer.match = 0
    self._agree(peer, min(hello.committed, self._state.tail.last_index))


_propose = Membership._propose  # noqa: SLF001 - the bug lives inside


def _shrink_at_once(self: Membership, what: str, in_sync: dict[str, int]) -> None:
    state = self._state
    shrinks = len(in_sync) < len(state.register.in_sync)
    _propose(self, what, in_sync)
    if shrinks and state.change.pending is not None:
        state.register = structs.replace(state.register, in_sync=in_sync)
        self._primary.advance()


class _StutteringEngine(ReferenceEngine):
    """Carries out a command a second time, now and then, on this node only."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def _run(self, out: Emitter, record: CommandRecord) -> None:
        super()._run(out, record)
        if self._world.odds(1):
            super()._run(out, record)


def _never_a_repeat(*_arguments: object) -> bool:
    return False


_NO_MEMORY = tuple(
    (module, "answer_repeat", _never_a_repeat) for module in (new_order, cancel, replace)
)

MUTANTS: dict[str, Mutant] = {
    mutant.name: mutant
    for mutant in (
        Mutant(
            "no-fsync",
            "what is not flushed is reported as flushed",
            damage=_no_fsync,
            provoked_by="power loss of all",
        ),
        Mutant(
            "early-ack",
            "acknowledged when flushed on the primary alone",
            ((Primary, "advance", _commit_when_flushed_here),),
        ),
        Mutant(
            "truncate-by-commit",
            "a node that starts drops what it does not know as committed",
            damage=_truncating_start,
        ),
        Mutant(
            "no-epoch-check",
            "messages of any epoch are obeyed",
            (
                (roles, "standing", _every_epoch_is_welcome),
                (Primary, "on_hello", _no_higher_epoch),
            ),
            provoked_by="deposed in the dark",
        ),
        Mutant("no-dedup", "a repeated cl_ord_id is a new order", _NO_MEMORY),
        Mutant(
            "double-apply",
            "one node carries out a command twice",
            make_engine=_StutteringEngine,
        ),
        Mutant(
            "truncate-matching",
            "a follower's tail is dropped although it matches, and sent again (E3)",
            ((LogStream, "begin", _agree_on_what_is_committed),),
        ),
        Mutant(
            "promise-in-memory",
            "the promise to refuse older epochs is not stored",
            damage=_promise_in_memory,
            provoked_by="deposed in the dark",
        ),
        Mutant(
            "shrink-at-once",
            "a member is left out before the register has committed it",
            ((Membership, "_propose", _shrink_at_once),),
            provoked_by="split pair",
        ),
    )
}
