"""The experiments of RELIABILITY section 0, each on the bare library and on ours.

The first half of each test shows that it can fail: the bare library does what the report says.
E4 is in `test_raft_journal.py`, the random search in `test_raft_search.py`.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pysyncobj import FAIL_REASON, SyncObj, SyncObjConf
from pysyncobj.config import SERIALIZER_STATE
from pysyncobj.journal import FileJournal, MetaStorer
from pysyncobj.transport import Transport

from replication.raft_journal import RaftHalted
from replication.raft_state import COMMAND_BYTES_MAX
from replication.raft_transport import VoterNode
from tests.replication.raft_cluster import NAMES, BareVoter, Clock, Cluster, OurVoter, simulated


@pytest.fixture
def clock() -> Iterator[Clock]:
    with simulated(1) as clock:
        yield clock


class Alone(SyncObj):  # type: ignore[misc]
    """The bare library with its files and nobody else; keeps the commands that it applied."""

    def __init__(self, folder: Path, *, dump: bool) -> None:
        self.applied: list[bytes] = []
        self.dumped = False
        files: dict[str, Any] = {"journalFile": str(folder / "journal")}
        if dump:
            files |= {
                "fullDumpFile": str(folder / "dump"),
                "serializer": self._dump,
                "deserializer": self._load,
                "serializeChecker": self._state,
            }
        off = 10**9
        conf = SyncObjConf(
            autoTick=False,
            useFork=False,
            logCompactionMinEntries=off,
            logCompactionMinTime=off,
            **files,
        )
        self._path = folder / "dump"
        super().__init__(VoterNode("a"), [], conf=conf, transport=Transport(None, None, []))

    # As the forked child does: the file is in place, the parent has not heard of it yet.
    def _dump(self, name: str, data: tuple[Any, ...]) -> None:
        Path(name).write_bytes(pickle.dumps((self.applied, data[:2])))
        self.dumped = True

    def _load(self, name: str) -> tuple[Any, ...]:
        self.applied, ends = pickle.loads(Path(name).read_bytes())
        return (None, *ends, set())

    def _state(self) -> int:
        state = SERIALIZER_STATE
        return int(state.SERIALIZING if self.dumped else state.NOT_SERIALIZING)

    def _SyncObj__doApplyCommand(self, command: bytes) -> None:
        if command[0] == 0:
            self.applied.append(command[1:])

    def ask(self, clock: Clock, count: int) -> int:
        """Have commands acknowledged; how many were."""
        reasons: list[int] = []
        for number in range(count):
            self._applyCommand(b"\0%d" % number, lambda _, reason: reasons.append(reason))
        self.run(clock)
        return reasons.count(FAIL_REASON.SUCCESS)

    def run(self, clock: Clock) -> None:
        for _ in range(5):
            clock.now += 2.0
            self.doTick()


def test_e1_a_kill_during_a_snapshot_loses_what_came_after_it(clock: Clock, tmp_path: Path) -> None:
    bare = Alone(tmp_path, dump=True)
    acknowledged = bare.ask(clock, 100)
    bare.forceLogCompaction()
    bare.run(clock)
    acknowledged += bare.ask(clock, 189)
    assert acknowledged == 289
    again = Alone(tmp_path, dump=True)  # the process was killed before it cut its journal
    again.run(clock)
    assert len(again.applied) == 100

    ours = three_of_ours(clock)
    leader = ours.elect()
    ask(ours, leader, 100)
    voter = ours.voters[leader]
    assert isinstance(voter, OurVoter)
    voter.core._raft.forceLogCompaction()
    ask(ours, leader, 189)
    restarted(ours)
    assert len(ours.voters[leader].applied) == 290
    assert ours.lost() == []


def test_e2_a_journal_without_a_dump_file_is_lost_by_compaction(
    clock: Clock, tmp_path: Path
) -> None:
    bare = Alone(tmp_path, dump=False)
    assert bare.ask(clock, 50) == 50
    bare.forceLogCompaction()
    bare.run(clock)
    again = Alone(tmp_path, dump=False)
    again.run(clock)
    assert again.applied == []
    again.ask(clock, 1)
    assert again.applied == []  # it leads, and never applies again

    ours = three_of_ours(clock)
    leader = ours.elect()
    ask(ours, leader, 50)
    restarted(ours)
    assert {len(voter.applied) for voter in ours.voters.values()} == {51}


def three_of_ours(clock: Clock, **more: Any) -> Cluster:
    cluster = Cluster(clock, is_ours=True, **more)
    cluster.start()
    return cluster


def ask(cluster: Cluster, name: str, count: int) -> None:
    """Have commands acknowledged by a voter."""
    before = len(cluster.acknowledged)
    for number in range(count):
        cluster.submit(name, b"%d-%d" % (before, number))
    assert cluster.run(5.0, lambda: len(cluster.acknowledged) == before + count)


def restarted(cluster: Cluster) -> None:
    """Kill all, start all, and have one more command acknowledged and applied by everybody."""
    for name in NAMES:
        cluster.crash(name)
    cluster.start()
    ask(cluster, cluster.elect(), 1)
    voters = list(cluster.voters.values())
    assert cluster.run(5.0, lambda: all(v.applied == voters[0].applied for v in voters))


def test_e3b_a_reconnect_with_heartbeats_under_way_loses_acknowledged_commands() -> None:
    """No storage fault, and links in order.

    A second answer makes the leader send again in parts, and the bare follower cuts what it had
    acknowledged when the first part comes; then the leader dies.
    """
    lost = {
        is_ours: [reconnected(seed, is_ours=is_ours) for seed in range(30)] for is_ours in (0, 1)
    }
    assert sum(lost[0]) > 0
    assert sum(lost[1]) == 0


def reconnected(seed: int, *, is_ours: int) -> int:
    """The schedule of E3b; how many acknowledged commands were lost."""
    with simulated(seed) as clock:
        ours, delay_ms = bool(is_ours), (40, 140)
        cluster = Cluster(clock, is_ours=ours, seed=seed, delay_ms=delay_ms, batch_bytes=150)
        cluster.start()
        leader = cluster.elect()
        follower, third = (name for name in NAMES if name != leader)
        ask(cluster, leader, 1)
        cluster.run(1.0)
        cluster.crash(third)
        cluster.network.cut_way(leader, follower)
        commands = {b"order %d" % number + b"x" * 60 for number in range(6)}
        for command in sorted(commands):
            cluster.submit(leader, command)
        cluster.run(0.1)
        cluster.network.break_link(leader, follower)  # what was under way is lost
        cluster.network.heal()
        longest = 0

        def is_cut() -> bool:
            nonlocal longest
            length = cluster.voters[follower].log_length()
            longest = max(longest, length)
            return commands <= set(cluster.acknowledged) and length < longest

        cluster.run(2.0, is_cut)
        assert commands <= set(cluster.acknowledged)
        cluster.network.cut(leader, follower)
        cluster.crash(leader)
        cluster.network.heal()
        cluster.start(third)
        ask(cluster, cluster.elect(), 1)
        return len(commands & set(cluster.lost()))


def test_e5_an_exception_in_a_callback_applies_the_command_again(clock: Clock) -> None:
    bare = Cluster(clock, is_ours=False)
    bare.start()
    leader = bare.voters[bare.elect()]
    assert isinstance(leader, BareVoter)
    raised = []

    def fails(*_: object) -> None:
        raised.append(True)
        raise ValueError("a bug of the caller")

    leader.raft._applyCommand(b"\0o1", fails)
    with pytest.raises(ValueError, match="a bug"):
        bare.run(2.0)
    bare.run(2.0)
    assert leader.applied == [b"o1", b"o1"]

    ours = three_of_ours(clock)
    name = ours.elect()
    voter = ours.voters[name]
    assert isinstance(voter, OurVoter)
    calls = []

    def breaks(command: bytes) -> None:
        calls.append(command)
        raise ValueError("a bug of the state machine")

    voter.core._raft.apply_bytes = breaks
    ours.submit(name, b"o1")
    ours.run(3.0)
    assert calls == [b"o1"]
    assert "cannot be applied" in ours.halts[0]
    with pytest.raises(RaftHalted):
        voter.tick()
    assert calls == [b"o1"]


def test_e6_a_commit_index_ahead_of_the_journal_acknowledges_what_nobody_has(
    clock: Clock, tmp_path: Path
) -> None:
    """The meta file survived a power loss, the journal's last pages did not."""
    path = tmp_path / "journal"
    journal = FileJournal(str(path))
    journal.add(b"\1", 1, 0)
    journal._destroy()
    MetaStorer(f"{path}.meta").storeMeta({"raftCommitIndex": 50, "currentTerm": 1})
    assert FileJournal(str(path)).getRaftCommitIndex() == 50
    bare = Cluster(clock, is_ours=False)
    bare.bare_journals["a"] = FileJournal(str(path))
    bare.start()
    assert bare.run(10.0, lambda: bare.voters["a"].is_leader() or only(bare, "a"))
    for other in ("b", "c"):
        bare.network.cut_way("a", other)  # nothing it sends arrives
    bare.submit("a", b"order")
    bare.run(0.5)
    assert bare.acknowledged == [b"order"]
    assert not any(
        command == b"\0order"
        for other in ("b", "c")
        for command, _, _ in bare.bare_journals[other][:]
    )

    ours = three_of_ours(clock)
    leader = ours.elect()
    ask(ours, leader, 3)
    voter = ours.voters[leader]
    assert isinstance(voter, OurVoter)
    voter.journal.setRaftCommitIndex(50)
    ours.crash(leader)
    ours.start(leader)
    again = ours.voters[leader]
    assert isinstance(again, OurVoter)
    assert again.core._raft.raftCommitIndex == 1


def only(cluster: Cluster, name: str) -> bool:
    """Push the leadership to a voter: hand it over as an operator would."""
    for leader in cluster.voters.values():
        if isinstance(leader, BareVoter) and leader.is_leader():
            leader.raft.transferLeadership(VoterNode(name))
    return False


def test_e7_an_entry_near_the_message_size_breaks_the_bare_sender(clock: Clock) -> None:
    """Its test for the last part compares the command's size, not the size of what it cuts."""
    batch = 1 << 16
    failures = 0
    for size in range(2 * batch - 20, 2 * batch):
        bare = Cluster(clock, is_ours=False, batch_bytes=batch)
        bare.start()
        bare.submit(bare.elect(), b"x" * (size - 1))
        try:
            bare.run(0.3)
        except (pickle.UnpicklingError, EOFError, TypeError, ValueError):
            failures += 1
    assert failures > 10

    ours = three_of_ours(clock)
    leader = ours.elect()
    for size in (1, batch - 1, batch, COMMAND_BYTES_MAX - 1, COMMAND_BYTES_MAX):
        ours.submit(leader, b"%d " % size + b"x" * (size - len(b"%d " % size)))
    assert ours.run(2.0, lambda: len(ours.acknowledged) == 5)
    assert ours.halts == []


@pytest.mark.parametrize("length", [10, 300])
def test_e9_a_divergent_tail_is_replaced_at_once(clock: Clock, length: int) -> None:
    """The bare library goes back one entry a heartbeat: 36 s for 300 (RELIABILITY, row 16)."""
    took = {}
    for is_ours in (False, True):
        cluster = Cluster(clock, is_ours=is_ours)
        cluster.start()
        old = cluster.elect()
        ask(cluster, old, 1)
        cluster.run(0.5)
        others = [name for name in NAMES if name != old]
        for other in others:
            cluster.network.cut(old, other)
        for number in range(length):
            cluster.submit(old, b"never %d" % number)
        cluster.run(0.02)
        assert cluster.voters[old].log_length() >= length
        cluster.crash(old)
        cluster.network.heal()
        cluster.run(2.0)
        for number in range(length):
            cluster.submit(cluster.elect(), b"kept %d" % number)
        cluster.run(2.0)
        led = cluster.leader()
        cluster.crash(led)  # the next leader begins at the end of its log
        cluster.run(0.1)
        cluster.start(led)
        cluster.elect()
        cluster.run(2.0)
        began = clock.now
        cluster.start(old)
        level = lambda: cluster.voters[old].applied == cluster.voters[others[0]].applied  # noqa: B023, E731
        assert cluster.run(100.0, level)
        took[is_ours] = clock.now - began
        assert cluster.divergences() == []
    assert took[True] < 1.5
    assert length < 100 or took[False] > 10 * took[True], took
