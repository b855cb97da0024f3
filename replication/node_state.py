"""What one node knows, shared by the machines of its roles.

Room: facts and the list of effects under construction; no rule of the protocol. The machines read
and change it; `Replica` owns it and hands the effects out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from replication.effects import Alarm, Effect, Halt, Promise, Send
from replication.identity import DATA, ClusterPlan, Identity
from replication.messages import Body, Envelope, Hello
from replication.register import RegisterValue
from replication.register_change import RegisterChange
from replication.tail import LogView, Tail
from replication.timing import Timing

PRIMARY_ALARMS = (
    "COPIES",
    "DISK_STALLED",
    "DR_LAG_",
    "LOG_DIFFERS_",
    "NO_SNAPSHOT_FOR_",
    "REGISTER",
    "STATE_DIFFERS_",
)
"""Beginnings of the names of alarms that only a primary raises."""

Chance = Callable[[str], bool]
"""Fault injection: True = do the rarer of two things that are both allowed. Simulator only."""


def never(_point: str) -> bool:
    """The chance of production: always the ordinary course."""
    return False


class StoredFacts(NamedTuple):
    """What the node's meta store and journal held at the start.

    Attributes:
        promised: the lowest epoch it listens to, 0 = none promised.
        committed: newest entry that was stored as committed.
    """

    promised: int = 0
    committed: int = 0


class Link(NamedTuple):
    """The live link to a peer.

    Attributes:
        generation: of the link, given by the transport; rises with every reconnect.
        up_ns: since when.
        hello: what the peer said, once it did.
        hello_sent_ns: when ours was sent last.
        refused: why the peer is not worked with; the link is closed a little later, so that the
            peer learns of it.
    """

    generation: int
    up_ns: int
    hello: Hello | None
    hello_sent_ns: int
    refused: str = ""


class NodeState:
    """Facts of one node. `now_ns` is the time of the input that is being handled."""

    def __init__(
        self,
        identity: Identity,
        plan: ClusterPlan,
        log: LogView,
        stored: StoredFacts,
        *,
        timing: Timing,
        now_ns: int,
        chance: Chance,
    ) -> None:
        self.me = identity
        self.plan = plan
        self.tail = Tail(log)
        self.timing = timing
        self.chance = chance
        self.now_ns = now_ns
        self.register = RegisterValue(identity.cluster_id, generation=identity.generation)
        self.register_known = False
        self.register_healthy = False
        self.change = RegisterChange()
        self.promised = stored.promised
        self.committed = min(stored.committed, self.tail.last_index)
        self.applied_index = 0
        self.links: dict[str, Link] = {}
        self.last_heard: dict[str, int] = {}
        self.alarms: dict[str, str] = {}
        self.out: list[Effect] = []
        self.is_halted = False
        # Whom this node takes for primary, in which epoch.
        self.primary = ""
        self.epoch = 0

    @property
    def may_lead(self) -> bool:
        """A data node that is not fenced."""
        return self.me.kind == DATA and self.me.name not in self.register.fenced

    @property
    def is_in_sync(self) -> bool:
        """The register lists this very copy of the log."""
        return self.register.in_sync.get(self.me.name) == self.me.incarnation

    def send(self, peer: str, body: Body) -> None:
        """Send a message under what this node takes for the truth; nothing without a link."""
        if peer in self.links:
            me = self.me
            self.out.append(
                Send(
                    peer,
                    Envelope(me.cluster_hash, me.generation, self.epoch, self.primary, body),
                )
            )

    def promise(self, epoch: int) -> None:
        """Listen to no epoch below this one; durable before whatever follows."""
        if epoch > self.promised:
            self.promised = epoch
            self.out.append(Promise(epoch))

    def propose(self, what: str, **fields: object) -> None:
        """Ask for a change of the register as it is known."""
        self.out.append(self.change.propose(self.register, self.now_ns, what, **fields))

    def alarm(self, name: str, text: str) -> None:
        """Raise an alarm, change its text, or end it with ""; each only once."""
        if self.alarms.get(name, "") != text:
            self.out.append(Alarm(name, text))
            if text:
                self.alarms[name] = text
            else:
                del self.alarms[name]

    def end_alarms_of_a_primary(self) -> None:
        """This node leads no more: what it saw as a primary is no longer its to tell."""
        for name in list(self.alarms):
            if name.startswith(PRIMARY_ALARMS):
                self.alarm(name, "")

    def halt(self, code: str, text: str) -> None:
        """Fail-stop; the first reason counts."""
        if not self.is_halted:
            self.is_halted = True
            self.out.append(Halt(code, text))
