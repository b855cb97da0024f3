"""Which voters are spoken to, and which journal each of them had.

Room: greetings. Every connection begins with one in both directions; only a voter whose greeting
was admitted is heard. Each voter remembers, durably, the store id of the others' journals. One that
comes back with another store has lost its disk and with it its votes: it is refused until an
operator readmits it. It learns from the others' greeting that it replaces a store, and until it
holds everything that is committed it neither votes nor stands for election (`is_on_probation`).
"""

from __future__ import annotations

from replication.raft_journal import RaftJournal
from replication.raft_messages import RAFT_PROTOCOL, Greeting


class RaftPeers:
    """One voter's acquaintance with the others. One thread.

    Attributes:
        own_boot: of this process.
        problems: peer -> what an operator should look at.
    """

    def __init__(
        self, journal: RaftJournal, *, node: str, voters: tuple[str, ...], boot: int
    ) -> None:
        self._journal = journal
        self._node = node
        self._voters = tuple(sorted(voters))
        self.own_boot = boot
        self.problems: dict[str, str] = {}
        self._boots: dict[str, int] = {}
        self._readmitted: set[str] = set()
        self._kept_out: dict[str, Greeting] = {}

    def greeting_for(self, peer: str) -> Greeting:
        """What to say first; the journal is durable then."""
        self._journal.sync()
        return Greeting(
            RAFT_PROTOCOL,
            self.own_boot,
            self._journal.store_id,
            self._journal.store_of(peer),
            self._voters,
        )

    def boot_of(self, peer: str) -> int | None:
        """The process that was admitted on the present connection; None = not (yet)."""
        return self._boots.get(peer)

    def forget(self, peer: str) -> bool:
        """The connection ended; whether its voter had been admitted."""
        self._kept_out.pop(peer, None)
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
        if not self._knows_store(peer, greeting):
            return False
        journal = self._journal
        if greeting.remembered not in {0, journal.store_id} and not journal.is_on_probation:
            journal.set_probation(on=True)
        journal.sync()
        self.problems.pop(peer, None)
        self._boots[peer] = greeting.boot
        return True

    def readmit(self, peer: str) -> Greeting | None:
        """Accept the next new store of a voter; the greeting that was refused, to judge again.

        What was remembered stays until the voter was greeted with it, else it would not learn that
        it may not vote. Not durable: to be said again after a restart of this voter.
        """
        self._readmitted.add(peer)
        self.problems.pop(peer, None)
        return self._kept_out.pop(peer, None)

    def _knows_store(self, peer: str, greeting: Greeting) -> bool:
        journal = self._journal
        known = journal.store_of(peer)
        if known not in {0, greeting.store_id} and peer not in self._readmitted:
            self._kept_out[peer] = greeting
            self.problems[peer] = (
                f"{peer} came back with an empty register journal (its disk was emptied or "
                f"replaced): if that is meant, `exctl cluster readmit {peer}` here"
            )
            return False
        if known != greeting.store_id:
            journal.remember_store(peer, greeting.store_id)
        self._readmitted.discard(peer)
        return True
