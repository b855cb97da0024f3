"""Between pysyncobj and the links: what a voter may say, and what it may be made to believe.

Room: the rules of RELIABILITY section 5.2 that pysyncobj does not keep itself. pysyncobj hands
over dictionaries and is handed dictionaries; on the links there are only the messages of
`raft_messages.py`.

| rule                                                                      | rows of section 1 |
|---------------------------------------------------------------------------|-------------------|
| the journal is synced before anything is sent                             | 1, 2              |
| entries are cut only where they differ; what matches is kept and answered | 6, 7              |
| the commit index handed over never passes what was compared               | 8                 |
| answers count for the term and the process they were given to             | 9, 10             |
| a voter that hears a leader ignores other candidates; the leader does not | 11                |
| a vote counts once for each (term, voter)                                 | 12                |
| an answer to what does not fit names the first entry of the foreign term, | 16                |
| and only answers that go further back count until one fits                |                   |
| only this schema, only from greeted voters; no utility commands           | 23, 24            |
| a second leader in one term stops the voter: some vote was forgotten      | 2                 |
| a journal that is new under an old name has no vote before it is level    | 2                 |

The last rule is `raft_peers.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from pysyncobj.node import Node
from pysyncobj.transport import Transport

from replication.raft_journal import LEVEL, RaftJournal
from replication.raft_messages import (
    AnyMessage,
    Append,
    Greeting,
    Progress,
    RequestVote,
    Submit,
    TimeoutNow,
    Vote,
    WireEntry,
    pack_message,
    unpack_message,
)
from replication.raft_peers import RaftPeers

REGULAR: Final = 0
NO_OP: Final = 1
"""First byte of a command, as pysyncobj has it; other kinds never enter the log."""

FIRST_SENT: Final = 2
"""Index 1 is an empty entry that every voter makes for itself."""

STICKY_S: Final = 0.2
"""A voter that heard the leader within this time ignores candidates (Raft thesis 4.2.3)."""

Dictionary = dict[str, Any]


class VoterNode(Node):  # type: ignore[misc]  # pysyncobj is untyped
    """A voter by name; its hash is the same in every process, so sets have one order."""

    def __hash__(self) -> int:
        return int.from_bytes(self.id.encode()[-7:], "big")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VoterNode) and bool(self.id == other.id)


class RaftTransport(Transport):  # type: ignore[misc]  # pysyncobj is untyped
    """One voter's side of the conversation. One thread."""

    def __init__(
        self,
        journal: RaftJournal,
        send: Callable[[str, bytes], bool],
        is_command: Callable[[str, bytes], bool],
        *,
        voters: tuple[str, ...],
        boot: int,
        now: Callable[[], float],
    ) -> None:
        super().__init__(None, None, [])
        self._journal = journal
        self._send = send
        self._is_command = is_command
        self.peers = RaftPeers(journal, voters=voters, boot=boot)
        self._now = now
        self._raft: Any = None
        self.nodes = {name: VoterNode(name) for name in voters}
        self._votes: dict[str, int] = {}
        self._went_back: dict[str, tuple[int, int]] = {}
        self._answer_index: int | None = None
        self.leader_heard_s = float("-inf")
        self.answered_s: dict[str, float] = {}
        self.matched: dict[str, int] = {}
        self.up_since_s: dict[str, float] = {}
        self.dropped = 0

    def bind(self, raft: object) -> None:
        """Give it the pysyncobj object, once that is built."""
        self._raft = raft

    def on_up(self, peer: str) -> None:
        """A connection: greet. pysyncobj hears of it when the other side greeted too."""
        self._send(peer, pack_message(self.peers.greeting_for(peer)))

    def on_down(self, peer: str) -> None:
        """The connection ended."""
        if self.peers.forget(peer):
            self._onNodeDisconnected(self.nodes[peer])

    def on_frame(self, peer: str, frame: bytes) -> None:
        """Take a message in. Raises RaftHalted."""
        try:
            message = unpack_message(frame)
        except msgspec.DecodeError as error:
            self._refuse(peer, f"{peer} sends what is no message: {error}")
            return
        if isinstance(message, Greeting):
            self._on_greeting(peer, message)
        elif self.peers.boot_of(peer) is None or message.to_boot != self.peers.own_boot:
            self.dropped += 1
        else:
            self._on_message(peer, self.nodes[peer], message)

    # pysyncobj's side

    def send(self, node: Node, message: Dictionary) -> bool:
        """Send what pysyncobj wants to say, after the journal is durable. Raises RaftHalted."""
        boot = self.peers.boot_of(node.id)
        if boot is None:
            return False
        wire = self._outgoing(node.id, boot, message)
        if wire is None:
            return False
        self._journal.sync()
        return self._send(node.id, pack_message(wire))

    def _outgoing(self, peer: str, boot: int, message: Dictionary) -> AnyMessage | None:
        match message["type"]:
            case "append_entries" if message.get("prevLogIdx") is not None:
                entries = tuple(WireEntry(term, command) for command, _, term in message["entries"])
                previous = (message["prevLogIdx"], message["prevLogTerm"])
                return Append(boot, message["term"], message["commit_index"], *previous, entries)
            case "next_node_idx":
                answer = self._answer_index
                index = message["next_node_idx"] if answer is None else answer
                is_reset, is_matched = message["reset"], message["success"]
                return Progress(boot, self._raft.raftCurrentTerm, index, is_reset, is_matched)
            case "request_vote" if not self._journal.is_on_probation:
                last = (message["last_log_index"], message["last_log_term"])
                return RequestVote(boot, message["term"], *last)
            case "response_vote" if not self._journal.is_on_probation:
                return Vote(boot, message["term"])
            case "request_vote" | "response_vote":
                return None
            case "apply_command":
                return Submit(boot, message["command"])
            case "timeout_now":
                return TimeoutNow(boot, message["term"])
            case other:
                raise self._journal.halt(f"pysyncobj wants to send {other!r} to {peer}")

    # what comes in

    def _on_greeting(self, peer: str, greeting: Greeting) -> None:
        self.on_down(peer)
        if self.peers.admit(peer, greeting):
            if self.peers.is_stranger_to(greeting):
                self.on_up(peer)  # our first greeting may have been that of one who did not know
            newest = self.peers.newest_term()
            if self._journal.is_on_probation and newest is not None:
                self._take_over_term(newest)
            self._votes.pop(peer, None)
            self._went_back.pop(peer, None)
            self.up_since_s[peer] = self._now()
            self._onNodeConnected(self.nodes[peer])

    def _take_over_term(self, newest: int) -> None:
        if newest > self._raft.raftCurrentTerm:
            self._raft._SyncObj__setCurrentTerm(newest, None)  # noqa: SLF001  # no other way
            self._raft._SyncObj__raftLeader = None  # noqa: SLF001  # the one of an older term

    def _on_message(self, peer: str, node: Node, message: AnyMessage) -> None:
        if self._journal.is_on_probation and self.peers.newest_term() is None:
            self.dropped += 1
            return
        term, is_leader = self._raft.raftCurrentTerm, self._raft._isLeader()  # noqa: SLF001
        match message:
            case RequestVote():
                if is_leader or not self._hears_another_leader(peer):
                    self._onMessageReceived(node, _request_vote(message))
            case Vote():
                if message.term == term and self._votes.get(peer, -1) < term:
                    self._votes[peer] = term
                    self._onMessageReceived(node, {"type": "response_vote", "term": term})
            case Append():
                if message.term >= term:
                    self._on_append(peer, node, message)
            case Progress():
                if is_leader and message.term == term:
                    self._on_progress(peer, node, message)
            case Submit():
                self._on_submit(peer, node, message, is_leader=is_leader)
            case TimeoutNow():
                if message.term == term and not self._journal.is_on_probation:
                    self._onMessageReceived(node, {"type": "timeout_now", "term": term})
            case Greeting():
                raise AssertionError("greetings are taken before")

    def _hears_another_leader(self, peer: str) -> bool:
        leader = self._raft._getLeader()  # noqa: SLF001  # its name for a public getter
        if leader is None or leader.id == peer:
            return False
        return self._now() - self.leader_heard_s < STICKY_S

    def _on_submit(self, peer: str, node: Node, message: Submit, *, is_leader: bool) -> None:
        if not is_leader:
            self.dropped += 1  # the proposer sends it again
        elif message.command[0] != REGULAR or not self._is_command(peer, message.command[1:]):
            self._refuse(peer, f"{peer} submits what is no command")
        elif not self._journal.is_full:
            self._onMessageReceived(node, {"type": "apply_command", "command": message.command})

    def _on_progress(self, peer: str, node: Node, message: Progress) -> None:
        if not FIRST_SENT <= message.next_index <= self._journal.last_index + 1:
            self._refuse(peer, f"{peer} answers with index {message.next_index}")
            return
        self.answered_s[peer] = self._now()
        is_reset = message.is_reset
        if message.is_matched:
            self.matched[peer] = message.next_index - 1
            self._went_back.pop(peer, None)
        elif is_reset:
            # Several messages were under way when the first did not fit; the answers to the later
            # ones would undo how far back it sent us, for ever. Down only, until one fits.
            term, lowest = self._went_back.get(peer, (0, 0))
            is_reset = term != message.term or message.next_index <= lowest
            if is_reset:
                self._went_back[peer] = (message.term, message.next_index)
        told = {
            "type": "next_node_idx",
            "next_node_idx": message.next_index,
            "reset": is_reset,
            "success": message.is_matched,
        }
        self._onMessageReceived(node, told)

    def _on_append(self, peer: str, node: Node, message: Append) -> None:
        wrong = self._wrong_entries(message)
        if wrong:
            self._refuse(peer, f"{peer} appends {wrong}")
            return
        leader = self._raft._getLeader()  # noqa: SLF001  # its name for a public getter
        if message.term == self._raft.raftCurrentTerm and leader not in {None, node}:
            raise self._journal.halt(
                f"{leader.id} and {peer} both lead term {message.term}: some voter forgot its vote"
            )
        told = self._compared(message)
        self.leader_heard_s = self._now()
        self._onMessageReceived(node, told)
        self._answer_index = None
        if self._journal.is_on_probation:
            self._end_probation(peer, message)

    def _wrong_entries(self, message: Append) -> str:
        term = message.prev_term
        for entry in message.entries:
            if not term <= entry.term <= message.term:
                return f"an entry of term {entry.term} after term {term} in term {message.term}"
            term = entry.term
            kind, body = entry.command[0], entry.command[1:]
            if not (kind == NO_OP and not body) and not (
                kind == REGULAR and self._is_command("", body)
            ):
                return f"an entry of kind {kind} that cannot be read"
        return ""

    # Keep what matches, hand on what is new or differs. Sets `_answer_index` where pysyncobj would
    # answer for entries that were not compared, or too timidly.
    def _compared(self, message: Append) -> Dictionary:
        journal = self._journal
        index, term = message.prev_index, message.prev_term
        entries = list(message.entries)
        held = journal.term_at(index)
        if held == term:
            matched = 0
            while matched < len(entries):
                if journal.term_at(index + matched + 1) != entries[matched].term:
                    break
                matched += 1
            if matched:
                index, term = index + matched, entries[matched - 1].term
                del entries[:matched]
            if not entries and journal.last_index > index:
                self._answer_index = index + 1
                return self._append_dictionary(message, index, journal.last_index, [])
        elif held is not None:
            while index > FIRST_SENT and journal.term_at(index - 1) == held:
                index -= 1
            self._answer_index = max(index, FIRST_SENT)
            index = message.prev_index
        return self._append_dictionary(message, index + len(entries), index, entries, term=term)

    def _append_dictionary(
        self,
        message: Append,
        compared_index: int,
        prev_index: int,
        entries: list[WireEntry],
        *,
        term: int | None = None,
    ) -> Dictionary:
        return {
            "type": "append_entries",
            "term": message.term,
            "commit_index": min(message.commit_index, compared_index),
            "prevLogIdx": prev_index,
            "prevLogTerm": self._journal.term_at(prev_index) if term is None else term,
            "entries": [
                (entry.command, prev_index + number, entry.term)
                for number, entry in enumerate(entries, start=1)
            ],
        }

    # All that the leader had committed is here, its own first entry among it: this store may vote
    # again, but in this term for nobody else, since it cannot know whom it voted for before.
    def _end_probation(self, peer: str, message: Append) -> None:
        journal = self._journal
        committed = message.commit_index
        if journal.term_at(committed) == message.term and journal.last_index >= committed:
            self._raft._SyncObj__setCurrentTerm(message.term, peer)  # noqa: SLF001  # no other way
            journal.set_standing(LEVEL)
            journal.sync()

    def _refuse(self, peer: str, why: str) -> None:
        self.peers.problems[peer] = why
        self.dropped += 1


def _request_vote(message: RequestVote) -> Mapping[str, object]:
    return {
        "type": "request_vote",
        "term": message.term,
        "last_log_index": message.last_index,
        "last_log_term": message.last_term,
    }
