"""What a voter says and believes, message by message (RELIABILITY section 5.2, Raft section 5)."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from replication.raft_core import RaftCore, VoterSettings
from replication.raft_journal import ON_PROBATION, RaftHalted, RaftJournal
from replication.raft_messages import (
    RAFT_PROTOCOL,
    AnyMessage,
    Append,
    Greeting,
    Progress,
    RequestVote,
    Submit,
    Vote,
    WireEntry,
    pack_message,
    unpack_message,
)
from tests.replication.raft_cluster import Clock, Disk, simulated

OWN_BOOT, PEER_BOOT = 7, 9
NO_OP = b"\1"


class Bench:
    """One voter, b, whose peers are played by the test."""

    def __init__(
        self,
        clock: Clock,
        disk: Disk | None = None,
        voters: str = "abc",
        greeted: str | None = None,
    ) -> None:
        self.clock = clock
        self.disk = disk or Disk()
        self.sent: list[tuple[str, AnyMessage]] = []
        self.applied: list[bytes] = []
        self.journal = RaftJournal(self.disk, cluster=bytes(16), node="b", store_id=5)
        settings = VoterSettings("b", tuple(voters), OWN_BOOT, election_s=(0.25, 0.5))
        self.core = RaftCore(
            settings,
            self.journal,
            send=self._send,
            apply=self.applied.append,
            is_command=lambda origin, command: origin in {"", command[:1].decode()},
        )
        for peer in voters.replace("b", "") if greeted is None else greeted:
            self.core.on_up(peer)
            self.hear(peer, Greeting(RAFT_PROTOCOL, PEER_BOOT, 1, 0, 0, 0, tuple(voters)))
        self.sent.clear()

    def _send(self, peer: str, frame: bytes) -> bool:
        assert not self.journal._pending, "told before it was durable"
        self.sent.append((peer, unpack_message(frame)))
        return True

    def hear(self, peer: str, message: AnyMessage) -> list[AnyMessage]:
        """What it says to a message."""
        self.sent.clear()
        self.core.on_frame(peer, pack_message(message))
        return [said for _, said in self.sent]

    def append(
        self,
        term: int,
        prev: tuple[int, int],
        terms: list[int],
        *,
        commit: int = 1,
        peer: str = "a",
    ) -> list[AnyMessage]:
        """Send an Append with an entry of each of `terms`."""
        entries = tuple(
            WireEntry(one, b"\0a%d.%d" % (prev[0] + number, one))
            for number, one in enumerate(terms, start=1)
        )
        return self.hear(peer, Append(OWN_BOOT, term, commit, *prev, entries))

    def terms(self) -> list[int]:
        """Terms of the entries from index 2 on."""
        return [term for _, _, term in self.journal[1:]]

    def tick(self, seconds: float = 0.01) -> list[AnyMessage]:
        """Let time pass."""
        self.sent.clear()
        self.clock.now += seconds
        self.core.tick()
        return [said for _, said in self.sent]


@pytest.fixture
def clock() -> Iterator[Clock]:
    with simulated(1) as clock:
        yield clock


@pytest.fixture
def bench(clock: Clock) -> Bench:
    return Bench(clock)


def answer(index: int, term: int, *, is_matched: bool = True) -> list[Progress]:
    return [Progress(PEER_BOOT, term, index, not is_matched, is_matched)]


def test_entries_are_held_and_answered_for(bench: Bench) -> None:
    assert bench.append(1, (1, 0), [1, 1, 1]) == answer(5, 1)
    assert bench.terms() == [1, 1, 1]


def test_a_repeated_prefix_cuts_nothing(bench: Bench) -> None:
    """Raft 5.3: entries are deleted on conflict only; row 6."""
    bench.append(1, (1, 0), [1, 1, 1])
    assert bench.append(1, (1, 0), [1]) == answer(3, 1)
    assert bench.append(1, (2, 1), []) == answer(3, 1)
    assert bench.terms() == [1, 1, 1]


def test_the_commit_index_never_passes_what_was_compared(bench: Bench) -> None:
    bench.append(1, (1, 0), [1, 1, 1])
    assert bench.append(2, (2, 1), [], commit=4) == answer(3, 2)
    bench.tick()
    assert bench.applied == [b"a2.1"]


def test_a_conflict_replaces_from_the_first_entry_that_differs(bench: Bench) -> None:
    bench.append(1, (1, 0), [1, 1, 1, 1])
    assert bench.append(3, (2, 1), [1, 3]) == answer(5, 3)
    assert bench.terms() == [1, 1, 3]


def test_applied_entries_that_differ_stop_the_voter(bench: Bench) -> None:
    """Row 7."""
    bench.append(1, (1, 0), [1, 1, 1], commit=4)
    bench.tick()
    with pytest.raises(RaftHalted, match="are applied"):
        bench.append(2, (2, 1), [2])
    with pytest.raises(RaftHalted):
        bench.tick()


def test_a_foreign_tail_is_gone_back_over_at_once(bench: Bench) -> None:
    """Row 16: the answer names the first entry of the term that does not fit."""
    bench.append(1, (1, 0), [1, 1])
    bench.append(2, (3, 1), [2] * 50)
    assert bench.append(4, (40, 3), [4]) == answer(4, 4, is_matched=False)
    assert bench.append(4, (90, 3), [4]) == answer(54, 4, is_matched=False)


def test_a_second_leader_in_a_term_stops_the_voter(bench: Bench) -> None:
    bench.append(1, (1, 0), [1])
    with pytest.raises(RaftHalted, match="a and c both lead term 1"):
        bench.append(1, (1, 0), [1], peer="c")


def test_a_vote_outlives_a_restart(bench: Bench, clock: Clock) -> None:
    """Raft 5.2: one vote a term; row 2."""
    asked = RequestVote(OWN_BOOT, 5, 1, 0)
    assert bench.hear("a", asked) == [Vote(PEER_BOOT, 5)]
    again = Bench(clock, bench.disk)
    assert again.hear("c", asked) == []
    assert again.hear("c", msgspec.structs.replace(asked, term=6)) == [Vote(PEER_BOOT, 6)]


def test_who_hears_a_leader_ignores_candidates(bench: Bench) -> None:
    """Raft thesis 4.2.3; row 11."""
    bench.append(1, (1, 0), [1])
    candidate = RequestVote(OWN_BOOT, 9, 100, 8)
    assert bench.hear("c", candidate) == []
    assert bench.core.term == 1
    assert bench.hear("a", candidate) == [Vote(PEER_BOOT, 9)]


def test_a_candidate_is_heard_again_when_the_leader_is_silent(bench: Bench, clock: Clock) -> None:
    bench.append(1, (1, 0), [1])
    clock.now += 0.22
    assert bench.hear("c", RequestVote(OWN_BOOT, 9, 100, 8)) == [Vote(PEER_BOOT, 9)]


def led(bench: Bench) -> int:
    """Make b the leader; its term."""
    stood = bench.tick(1.0)
    assert any(isinstance(said, RequestVote) for said in stood)
    bench.hear("a", Vote(OWN_BOOT, bench.core.term))
    assert bench.core.is_leader
    return bench.core.term


def test_a_leader_steps_down_for_a_newer_candidate(bench: Bench) -> None:
    term = led(bench)
    assert bench.hear("c", RequestVote(OWN_BOOT, term + 5, 100, term)) == [
        Vote(PEER_BOOT, term + 5)
    ]
    assert not bench.core.is_leader


def test_the_same_vote_counts_once(clock: Clock) -> None:
    """Row 12; five voters, so that one vote is not enough."""
    bench = Bench(clock, voters="abcde")
    bench.tick(1.0)
    term = bench.core.term
    for _ in range(3):
        bench.hear("a", Vote(OWN_BOOT, term))
    assert not bench.core.is_leader
    bench.hear("c", Vote(OWN_BOOT, term))
    assert bench.core.is_leader


def test_answers_of_old_terms_and_processes_do_not_count(bench: Bench) -> None:
    """Row 9."""
    term = led(bench)
    bench.core.submit(b"b-1")
    bench.tick()
    last = bench.journal.last_index
    for stale in (
        Progress(OWN_BOOT, term - 1, last + 1, is_reset=False, is_matched=True),
        Progress(OWN_BOOT + 1, term, last + 1, is_reset=False, is_matched=True),
        Progress(OWN_BOOT, term, last + 2, is_reset=False, is_matched=True),
    ):
        bench.hear("a", stale)
        bench.tick()
        assert bench.applied == []
    bench.hear("a", Progress(OWN_BOOT, term, last + 1, is_reset=False, is_matched=True))
    bench.tick()
    assert bench.applied == [b"b-1"]


def test_a_command_comes_from_who_it_says(bench: Bench) -> None:
    term = led(bench)
    bench.hear("a", Submit(OWN_BOOT, b"\0c-1"))
    bench.hear("a", Submit(OWN_BOOT, b"\2pickled"))
    bench.tick()
    assert bench.journal.last_index == 2  # its own first entry
    assert "submits what is no command" in bench.core.problems[0]
    bench.hear("a", Submit(OWN_BOOT, b"\0a-1"))
    bench.tick()
    assert bench.journal[-1] == (b"\0a-1", 3, term)


@pytest.mark.parametrize(
    "entries",
    [
        (WireEntry(9, b"\0a"),),  # of a term to come
        (WireEntry(2, b"\0a"), WireEntry(1, b"\0a")),  # back in term
        (WireEntry(1, b"\2membership"),),
        (WireEntry(1, b"\3version"),),
        (WireEntry(1, b"\1with a body"),),
    ],
)
def test_entries_that_cannot_be_are_refused(bench: Bench, entries: tuple[WireEntry, ...]) -> None:
    assert bench.hear("a", Append(OWN_BOOT, 2, 1, 1, 0, entries)) == []
    assert bench.terms() == []
    assert "a appends" in bench.core.problems[0]


def test_nobody_is_heard_before_its_greeting(bench: Bench) -> None:
    bench.core.on_down("a")
    assert bench.append(1, (1, 0), [1]) == []
    assert bench.terms() == []


def test_a_greeting_of_another_protocol_is_refused(bench: Bench) -> None:
    bench.core.on_down("a")
    bench.hear("a", Greeting(RAFT_PROTOCOL + 1, PEER_BOOT, 1, 0, 0, 0, ("a", "b", "c")))
    assert bench.append(1, (1, 0), [1]) == []
    assert "register protocol" in bench.core.problems[0]


def test_a_new_store_is_heard_only_when_it_knows_that_it_is_new(bench: Bench) -> None:
    """Else a crash before that is durable would let it vote, with nobody left to tell it."""
    bench.core.on_down("a")
    new = Greeting(RAFT_PROTOCOL, PEER_BOOT, 2, 0, 0, 0, ("a", "b", "c"))
    bench.hear("a", new)
    assert bench.append(1, (1, 0), [1]) == []
    assert bench.journal.store_of("a") == 1
    bench.hear("a", msgspec.structs.replace(new, standing=ON_PROBATION))
    assert bench.append(1, (1, 0), [1]) == answer(3, 1)
    assert bench.journal.store_of("a") == 2


def test_on_probation_it_follows_nobody_before_both_told_their_term(clock: Clock) -> None:
    """It may have promised term 9 to c, and with a of term 8 it would be a majority."""
    bench = Bench(clock, greeted="")
    voters = ("a", "b", "c")
    bench.hear("a", Greeting(RAFT_PROTOCOL, PEER_BOOT, 1, 0, 77, 8, voters))
    assert bench.append(8, (1, 0), [8], commit=2) == []
    bench.hear("c", Greeting(RAFT_PROTOCOL, PEER_BOOT, 1, 0, 77, 9, voters))
    assert bench.append(8, (1, 0), [8], commit=2) == []
    assert bench.terms() == []
    assert bench.append(9, (1, 0), [8, 9], peer="c") == answer(4, 9)


def test_on_probation_it_acknowledges_and_neither_votes_nor_stands(bench: Bench) -> None:
    bench.core.on_down("a")
    voters = ("a", "b", "c")
    again = bench.hear("a", Greeting(RAFT_PROTOCOL, PEER_BOOT, 1, 0, 77, 3, voters))
    assert again == [Greeting(RAFT_PROTOCOL, OWN_BOOT, 5, ON_PROBATION, 1, 0, voters)]
    assert bench.hear("a", RequestVote(OWN_BOOT, 4, 9, 3)) == []
    for _ in range(10):
        assert not any(isinstance(said, RequestVote) for said in bench.tick(0.3))
    assert bench.append(4, (1, 0), [1, 3]) == answer(4, 4)
    assert "it has no vote" in bench.core.problems[0]
    bench.append(4, (3, 3), [4], commit=4)  # the leader's own first entry is committed
    assert bench.core.problems == []
    assert bench.hear("c", RequestVote(OWN_BOOT, 4, 9, 4)) == []  # it may have voted in this term
    bench.clock.now += 0.3
    assert bench.hear("c", RequestVote(OWN_BOOT, 5, 9, 4)) == [Vote(PEER_BOOT, 5)]
