"""The register of three voters, on real threads: outcomes, watchers, failures, returns."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from replication import raft_journal
from replication.raft_file import DiskFile
from replication.raft_journal import JournalRefused, RaftJournal
from replication.raft_register import RaftRegister
from replication.register import (
    CasOutcome,
    OutcomeUnknown,
    RegisterError,
    RegisterUnavailable,
    RegisterValue,
)
from tests.replication.register_trio import ARBITER, NAMES, Trio, value


@pytest.fixture
def trio(tmp_path: Path) -> Iterator[Trio]:
    made = Trio(tmp_path)
    made.start()
    yield made
    made.close()


def test_a_change_is_seen_by_every_voter(trio: Trio) -> None:
    assert trio.registers["n1"].compare_and_set(0, value(1))
    trio.wait(lambda: all(one.read() == value(1) for one in trio.registers.values()))


@pytest.mark.parametrize("round_", range(3))
def test_of_all_who_race_on_a_version_one_wins(trio: Trio, round_: int) -> None:
    trio.registers["n1"].wait_ready(10.0)
    won: list[str] = []

    def race(name: str) -> None:
        register = trio.registers[name]
        for version in range(5):
            while register.read().version < version:
                time.sleep(0.001)
            if register.compare_and_set(version, value(version + 1, primary=name)):
                won.append(name)

    threads = [threading.Thread(target=race, args=(name,)) for name in NAMES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30.0)
    assert len(won) == 5
    trio.wait(lambda: {one.read().version for one in trio.registers.values()} == {5})
    assert len({one.read().primary for one in trio.registers.values()}) == 1


def test_watchers_hear_every_change_in_order(trio: Trio) -> None:
    heard: dict[str, list[int]] = {name: [] for name in NAMES}
    for name in NAMES:
        trio.registers[name].watch(lambda new, name=name: heard[name].append(new.version))  # type: ignore[misc]
    for version in range(10):
        assert trio.registers[NAMES[version % 3]].compare_and_set(version, value(version + 1)) or (
            pytest.fail("nobody else changes it")
        )
        trio.wait(lambda: all(len(one) == version + 1 for one in heard.values()))  # noqa: B023
    assert all(one == list(range(1, 11)) for one in heard.values())


def test_a_proposal_tells_its_outcome_once(trio: Trio) -> None:
    register = trio.registers["n2"]
    told: list[CasOutcome] = []
    register.propose(0, value(1), told.append)
    register.propose(0, value(1, epoch=9), told.append)
    register.propose(1, value(2), told.append)
    trio.wait(lambda: len(told) == 3)
    assert told == [CasOutcome.WON, CasOutcome.LOST, CasOutcome.WON]


def test_without_a_majority_the_outcome_is_unknown(tmp_path: Path) -> None:
    trio = Trio(tmp_path, outcome_s=0.5)
    trio.start()
    trio.registers["n1"].wait_ready(10.0)
    trio.stop("n2", ARBITER)
    began = time.monotonic()
    with pytest.raises(OutcomeUnknown, match="majority"):
        trio.registers["n1"].compare_and_set(0, value(1))
    assert time.monotonic() - began < 3.0
    with pytest.raises(RegisterUnavailable):
        trio.registers["n1"].read_barrier(0.2)
    trio.wait(lambda: not trio.registers["n1"].status().healthy)
    trio.start("n2")
    held = trio.registers["n2"].wait_ready(10.0)
    assert held in (RegisterValue("c1"), value(1))  # not hashable
    trio.close()


def test_a_cut_off_voter_cannot_change_anything_and_catches_up(tmp_path: Path) -> None:
    trio = Trio(tmp_path, outcome_s=0.7)
    trio.start()
    trio.registers["n1"].wait_ready(10.0)
    for other in ("n2", ARBITER):
        trio.network.cut("n1", other)
    with pytest.raises(OutcomeUnknown):
        trio.registers["n1"].compare_and_set(0, value(1, primary="cut off", epoch=7))
    trio.registers["n2"].wait_ready(10.0)
    assert trio.registers["n2"].compare_and_set(0, value(1, primary="n2"))
    trio.network.heal()
    trio.wait(lambda: trio.registers["n1"].read() == value(1, primary="n2"))
    assert trio.registers["n1"].read_barrier(10.0) == value(1, primary="n2")
    trio.close()


def test_a_committed_value_survives_a_restart_of_all(trio: Trio) -> None:
    for version in range(3):
        assert trio.registers["n1"].compare_and_set(version, value(version + 1))
    trio.stop()
    trio.start()
    assert trio.registers["n2"].wait_ready(10.0) == value(3)
    assert not trio.registers["n2"].compare_and_set(0, value(1))
    assert trio.registers["n2"].compare_and_set(3, value(4))


def test_a_restarted_voter_tells_of_old_changes_by_their_newest(trio: Trio) -> None:
    for version in range(30):
        assert trio.registers["n1"].compare_and_set(version, value(version + 1))
    trio.wait(lambda: trio.registers["n2"].read() == value(30))
    trio.stop("n2")
    heard: list[RegisterValue] = []
    trio.start("n2", watch=heard.append)
    trio.wait(lambda: value(30) in heard)
    assert len(heard) <= 2
    assert trio.registers["n1"].compare_and_set(30, value(31))
    assert trio.registers["n2"].compare_and_set(31, value(32))
    assert heard[-2:] == [value(31), value(32)]


def test_the_arbiter_gets_the_leadership(trio: Trio) -> None:
    trio.registers["n1"].wait_ready(10.0)
    trio.stop(ARBITER)
    trio.wait(lambda: trio.leader() in {"n1", "n2"})
    trio.start(ARBITER)
    trio.wait(lambda: trio.leader() == ARBITER, 20.0)
    assert trio.registers["n1"].compare_and_set(0, value(1))


def test_losing_a_data_node_needs_no_election(trio: Trio) -> None:
    trio.wait(lambda: trio.leader() == ARBITER, 20.0)
    term = trio.registers["n2"].status().term
    trio.stop("n1")
    assert trio.registers["n2"].compare_and_set(0, value(1, primary="n2"))
    assert trio.registers["n2"].status().term == term


def test_health_follows_the_majority(trio: Trio) -> None:
    trio.wait(lambda: all(one.status().healthy for one in trio.registers.values()))
    status = trio.registers["n1"].status()
    assert (status.voters, status.problem) == (3, "")
    assert status.leader in NAMES
    assert status.term > 0
    trio.stop("n2")
    time.sleep(1.0)  # longer than a lease: two of three are a majority
    assert trio.registers["n1"].status().healthy
    trio.stop(ARBITER)
    trio.wait(lambda: not trio.registers["n1"].status().healthy)


def test_a_voter_with_an_emptied_disk_catches_up_and_votes_again(trio: Trio) -> None:
    for version in range(3):
        assert trio.registers["n1"].compare_and_set(version, value(version + 1))
    trio.wait(lambda: trio.leader() == ARBITER, 20.0)
    trio.stop("n2")
    (trio.folder / "n2.log").unlink()
    trio.start("n2")
    trio.wait(lambda: trio.registers["n2"].read() == value(3))
    trio.wait(lambda: not trio.registers["n2"].status().problem)
    trio.stop(ARBITER)
    assert trio.registers["n2"].compare_and_set(3, value(4))


def test_a_voter_with_an_emptied_disk_elects_nobody(trio: Trio) -> None:
    assert trio.registers["n1"].compare_and_set(0, value(1))
    trio.wait(lambda: trio.leader() == ARBITER, 20.0)
    trio.stop("n2", ARBITER)
    (trio.folder / "n2.log").unlink()
    trio.start("n2")
    trio.wait(lambda: "it has no vote" in trio.registers["n2"].status().problem)
    time.sleep(1.5)  # longer than any election
    assert not trio.registers["n1"].status().healthy  # it stood, and n2 gave it no vote
    trio.start(ARBITER)
    trio.wait(lambda: trio.registers["n2"].read() == value(1))
    trio.wait(lambda: not trio.registers["n2"].status().problem)


def test_a_voter_of_another_configuration_is_refused(trio: Trio) -> None:
    trio.registers["n1"].wait_ready(10.0)
    transport = trio.registers["n2"]._core._transport
    transport.peers._voters = ("a1", "n1", "n2", "n3")
    trio.network.break_link("n1", "n2")
    trio.wait(lambda: "a1, n1, n2, n3" in trio.registers["n1"].status().problem)


def test_what_is_no_message_is_dropped(trio: Trio) -> None:
    trio.registers["n1"].wait_ready(10.0)
    for frame in (b"", b"garbage", b"\x93\x02\x01", bytes(1000)):
        trio.registers["n1"].on_frame("n2", 1, frame)
    trio.wait(lambda: "no message" in trio.registers["n1"].status().problem)
    assert trio.registers["n1"].compare_and_set(0, value(1))


def test_a_watcher_that_fails_stops_its_voter_only(trio: Trio) -> None:
    def fails(_: RegisterValue) -> None:
        raise ValueError("a bug in the node")

    trio.registers["n2"].watch(fails)
    assert trio.registers["n1"].compare_and_set(0, value(1))
    trio.wait(lambda: bool(trio.halts))
    assert "a bug in the node" in trio.halts[0]
    status = trio.registers["n2"].status()
    assert not status.healthy
    assert "a bug in the node" in status.problem
    with pytest.raises(OutcomeUnknown):
        trio.registers["n2"].compare_and_set(1, value(2))
    assert trio.registers["n1"].compare_and_set(1, value(2))


def test_waiting_on_the_registers_thread_is_refused(trio: Trio) -> None:
    raised: list[RegisterError] = []

    def asks(new: RegisterValue) -> None:
        try:
            trio.registers["n1"].compare_and_set(new.version, value(new.version + 1))
        except RegisterError as error:
            raised.append(error)

    trio.registers["n1"].watch(asks)
    assert trio.registers["n1"].compare_and_set(0, value(1))
    trio.wait(lambda: bool(raised))


def test_a_damaged_journal_does_not_start(trio: Trio, tmp_path: Path) -> None:
    assert trio.registers["n1"].compare_and_set(0, value(1))
    trio.stop("n1")
    path = tmp_path / "n1.log"
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(bytes(raw))
    with pytest.raises(JournalRefused):
        trio.start("n1")
    assert trio.registers["n2"].compare_and_set(1, value(2))


def test_a_journal_of_another_generation_does_not_start(tmp_path: Path) -> None:
    RaftJournal(DiskFile(tmp_path / "n1.log"), cluster=bytes(16), node="n1")._destroy()
    trio = Trio(tmp_path)
    with pytest.raises(JournalRefused, match="another cluster or generation"):
        trio.start("n1")
    trio.close()


def test_a_full_register_refuses_changes_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raft_journal, "ENTRIES_MAX", 8)
    trio = Trio(tmp_path, outcome_s=0.5)
    trio.start()
    held = trio.registers["n1"].wait_ready(10.0)
    for _ in range(4):
        assert trio.registers["n1"].compare_and_set(held.version, value(held.version + 1))
        held = trio.registers["n1"].read()
    trio.wait(lambda: "nearly full" in trio.registers["n1"].status().problem)
    while "is full" not in trio.registers["n1"].status().problem:
        with contextlib.suppress(OutcomeUnknown):
            trio.registers["n1"].compare_and_set(held.version, value(held.version + 1))
        held = trio.registers["n1"].read()
    with pytest.raises(OutcomeUnknown, match="no change is possible"):
        trio.registers["n1"].compare_and_set(held.version, value(held.version + 1))
    trio.wait(lambda: trio.registers["n2"].read() == held)
    trio.close()


def test_close_is_idempotent_and_ends_what_waits(tmp_path: Path) -> None:
    trio = Trio(tmp_path)
    trio.start("n1")
    register: RaftRegister = trio.registers["n1"]
    told: list[CasOutcome] = []
    register.propose(0, value(1), told.append)
    register.close()
    assert told == [CasOutcome.UNKNOWN]
    register.propose(0, value(1), told.append)
    assert len(told) == 2
    trio.close()
