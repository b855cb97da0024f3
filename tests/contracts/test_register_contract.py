"""The contract of the consensus register; every implementation of the port takes part."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replication.raft_register import RaftRegister
from replication.register import ConsensusRegister, RegisterValue, SingleRegister
from storage.data_directory import DataDirectory
from storage.memory import MemoryMeta
from tests.replication.register_trio import Trio

Reopen = Callable[[], ConsensusRegister]


@pytest.fixture(params=["memory", "lmdb", "raft"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Reopen]:
    """Make the register of the same voters again, as after a restart."""
    if request.param == "memory":
        meta = MemoryMeta()
        yield lambda: SingleRegister(meta, "n1", "c1")
        return
    if request.param == "raft":
        trio = Trio(tmp_path)
        yield lambda: restarted(trio)
        trio.close()
        return
    opened: list[DataDirectory] = []

    def restart() -> SingleRegister:
        while opened:
            opened.pop().close()
        opened.append(DataDirectory.open(tmp_path / "data", create=True, cluster_id="c1"))
        return SingleRegister(opened[0].meta, "n1", "c1")

    yield restart
    for data in opened:
        data.close()


def restarted(trio: Trio) -> RaftRegister:
    """Stop all voters, start them, and give one that knows what is committed."""
    trio.stop()
    trio.start()
    trio.registers["n1"].wait_ready(10.0)
    return trio.registers["n1"]


def value(version: int, **more: int) -> RegisterValue:
    return RegisterValue("c1", 1, version, more.get("epoch", version), "n1", {"n1": 1})


def test_a_new_register_has_no_primary(reopen: Reopen) -> None:
    register = reopen()
    assert register.read() == RegisterValue("c1")
    assert register.read().version == 0
    assert register.status().healthy


def test_a_change_on_the_current_version_is_read_back(reopen: Reopen) -> None:
    register = reopen()
    assert register.compare_and_set(0, value(1))
    assert register.read() == value(1)
    assert register.compare_and_set(1, value(2))
    assert register.read() == value(2)


@pytest.mark.parametrize("expected", [0, 2, -1])
def test_a_change_on_another_version_loses(reopen: Reopen, expected: int) -> None:
    register = reopen()
    assert register.compare_and_set(0, value(1))
    assert not register.compare_and_set(expected, value(expected + 1, epoch=9))
    assert register.read() == value(1)


@pytest.mark.parametrize("version", [0, 1, 3])
def test_a_change_must_raise_the_version_by_one(reopen: Reopen, version: int) -> None:
    register = reopen()
    assert register.compare_and_set(0, value(1))
    assert not register.compare_and_set(1, value(version, epoch=9))
    assert register.read() == value(1)


def test_of_two_who_read_the_same_version_one_wins(reopen: Reopen) -> None:
    register = reopen()
    seen = register.read().version
    takeover, shrink = value(seen + 1, epoch=7), value(seen + 1, epoch=8)
    assert [register.compare_and_set(seen, new) for new in (takeover, shrink)] == [True, False]
    assert register.read() == takeover


def test_a_change_is_durable(reopen: Reopen) -> None:
    assert reopen().compare_and_set(0, value(1))
    assert reopen().compare_and_set(1, value(2))
    assert reopen().read() == value(2)
    assert not reopen().compare_and_set(1, value(2, epoch=9))


def test_watchers_are_told_of_every_change_in_order_and_of_nothing_else(reopen: Reopen) -> None:
    register = reopen()
    seen: list[RegisterValue] = []
    register.watch(seen.append)
    for version in (1, 2):
        assert register.compare_and_set(version - 1, value(version))
    assert not register.compare_and_set(0, value(1))
    assert seen == [value(1), value(2)]


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 7), st.integers(0, 9)), max_size=30))
def test_any_sequence_of_attempts_is_that_of_a_plain_variable(
    attempts: list[tuple[int, int, int]],
) -> None:
    register = SingleRegister(MemoryMeta(), "n1", "c1")
    model = RegisterValue("c1")
    for expected, version, epoch in attempts:
        new = value(version, epoch=epoch)
        wins = expected == model.version and version == expected + 1
        assert register.compare_and_set(expected, new) is wins
        model = new if wins else model
        assert register.read() == model
