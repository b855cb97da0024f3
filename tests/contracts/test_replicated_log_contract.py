"""The contract of the replicated log, held by the log of one node and by the replicator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from exchange.sequencer.ports import ReplicatedLog
from replication.local_log import LocalLog
from storage.memory import MemoryJournal
from tests.replication.log_cluster import LogCluster, until

Leading = tuple[ReplicatedLog, Callable[[], None]]


@pytest.fixture(params=["local", "replicator"])
def leading(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Leading]:
    """A log that leads, and what ends its leadership."""
    if request.param == "local":
        local = LocalLog(MemoryJournal(), epoch=3, node_name="n1")
        yield local, local.stop
        return
    with LogCluster(tmp_path) as cluster:
        cluster.start()
        cluster.until_in_sync("n1", "n2")
        primary = cluster.primary()
        other = "n2" if primary.name == "n1" else "n1"

        def hand_over() -> None:
            done, text = primary.log.ask("transfer", other, "contract").result(5)
            assert done, text

        yield primary.log, hand_over


def test_what_was_appended_is_durable_read_back_and_committed(leading: Leading) -> None:
    log, _ = leading
    changes: list[int] = []
    log.listen(lambda: changes.append(log.committed_index))
    assert log.append([(1, b"one")])
    assert log.last_index == 1
    assert log.append([(2, b"two"), (3, b"three")])
    until(lambda: log.committed_index == 3, "entries to be committed")
    assert (log.first_index, log.last_index) == (1, 3)
    assert log.read(2) == b"two"
    assert list(log.scan(2)) == [(2, b"two"), (3, b"three")]
    assert list(log.scan(1, 2)) == [(1, b"one")]
    assert changes == sorted(changes)
    log.applied(3, bytes(16))


def test_a_leader_says_so_and_has_the_lease(leading: Leading) -> None:
    log, _ = leading
    view = log.view
    assert view.role == "primary"
    assert view.since == view.epoch > 0
    log.append([(1, b"first of the epoch")])
    until(lambda: log.may_serve, "a lease")
    assert log.age_ns == 0
    assert not log.is_held


def test_a_deposed_leader_writes_nothing(leading: Leading) -> None:
    log, depose = leading
    log.append([(1, b"one")])
    until(lambda: log.committed_index == 1, "the entry to be committed")
    changes: list[str] = []
    log.listen(lambda: changes.append(log.view.role))
    depose()
    until(lambda: log.view.role != "primary", "another role")
    assert not log.append([(2, b"two")])
    assert log.last_index == log.committed_index == 1
    assert not log.may_serve
    assert changes[-1] != "primary"


def test_entries_that_do_not_follow_are_refused(leading: Leading) -> None:
    log, _ = leading
    with pytest.raises(ValueError, match="is next"):
        log.append([(2, b"two")])
    assert log.append([(1, b"one")])
