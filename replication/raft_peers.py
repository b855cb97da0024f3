"""Which voters are spoken to, and which journal each of them had.

Room: greetings. Every connection begins with one in both directions; only a voter whose greeting
was admitted is heard. Each voter remembers, durably, the store id of the others' journals. One that
comes back with another store has lost its disk and with it its votes. It learns that from the
others' greeting, and is on probation until it holds everything that is committed: it takes entries
and acknowledges them, but neither votes nor stands for election. And not even that before both
others greeted it and it took over the newest of their terms: it may have promised that term to
one of them, and must not make a majority with a leader of an older one. The others take its new
store id for the known one only when it greets as one that knows: before that a crash could make it
forget again. So however many disks are
emptied, nobody is elected by a voter that forgot what it held; where too many are, nobody is.
"""

from __future__ import annotations

from replication.raft_journal import FRESH, ON_PROBATION, RaftJournal
from replication.raft_messages import RAFT_PROTOCOL, Greeting


class RaftPeers:
    """One voter's acquaintance with the others. One thread.

    Attributes:
        own_boot: of this process.
        problems: peer -> what an operator should look at.
    """

    def __init__(self, journal: RaftJournal, *, voters: tuple[str, ...], boot: int) -> None:
        self._journal = journal
        self._voters = tuple(sorted(voters))
        self.own_boot = boot
        self.problems: dict[str, str] = {}
        self._boots: dict[str, int] = {}
        self._terms: dict[str, int] = {}

    def greeting_for(self, peer: str) -> Greeting:
        """What to say first; the journal is durable then."""
        self._journal.sync()
        return Greeting(
            RAFT_PROTOCOL,
            self.own_boot,
            self._journal.store_id,
            self._journal.standing,
            self._journal.store_of(peer),
            self._journal.getCurrentTerm(),
            self._voters,
        )

    def is_stranger_to(self, greeting: Greeting) -> bool:
        """Whether the sender of a greeting remembers another store of this voter."""
        return greeting.remembered not in {0, self._journal.store_id}

    def newest_term(self) -> int | None:
        """The newest term among all others, once each of them greeted this process; else None."""
        if len(self._terms) < len(self._voters) - 1:
            return None
        return max(self._terms.values())

    def boot_of(self, peer: str) -> int | None:
        """The process that was admitted on the present connection; None = not (yet)."""
        return self._boots.get(peer)

    def forget(self, peer: str) -> bool:
        """The connection ended; whether its voter had been admitted."""
        return self._boots.pop(peer, None) is not None

    def admit(self, peer: str, greeting: Greeting) -> bool:
        """Judge a greeting; durable on True."""
        if greeting.protocol != RAFT_PROTOCOL:
            self.problems[peer] = f"{peer} speaks register protocol {greeting.protocol}"
            return False
        if greeting.voters != self._voters:
            told = ", ".join(greeting.voters)
            self.problems[peer] = f"{peer} counts {told} as voters: make the configurations equal"
            return False
        journal = self._journal
        known = journal.store_of(peer)
        if known not in {0, greeting.store_id} and greeting.standing == FRESH:
            return False  # it is told by our greeting, and greets again once that is durable
        if known != greeting.store_id:
            journal.remember_store(peer, greeting.store_id)
        if self.is_stranger_to(greeting) and journal.standing == FRESH:
            journal.set_standing(ON_PROBATION)
        journal.sync()
        self.problems.pop(peer, None)
        self._boots[peer] = greeting.boot
        self._terms[peer] = greeting.term
        return True
