"""The replicator: what it writes, acknowledges and hands over, with real threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from replication import replicator
from storage.quarantine import read_quarantine
from tests.replication.log_cluster import WAIT_S, LogCluster, until


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[LogCluster]:
    with LogCluster(tmp_path) as made:
        yield made
    faults = {name: node.faults for name, node in made.nodes.items() if node.faults}
    assert not faults, faults


def test_an_entry_is_committed_once_the_standby_has_it_and_dr_follows(cluster: LogCluster) -> None:
    cluster.start()
    primary = cluster.primary()
    cluster.until_in_sync("n1", "n2")
    assert primary.append(b"first")
    assert primary.append(b"second", b"third")
    cluster.until_level(3, "n1", "n2", "dr1")
    for node in cluster.nodes.values():
        until(lambda node=node: node.journal.last_index == 3, "3 entries")  # type: ignore[misc]
        assert [entry for _, entry in node.journal.scan(1)] == [b"first", b"second", b"third"]
    until(lambda: primary.log.may_serve, "a lease")
    other = cluster.nodes["n2" if primary.name == "n1" else "n1"]
    assert not other.append(b"not the primary")
    assert (other.role, other.log.view.primary) == ("standby", primary.name)
    assert primary.log.age_ns == 0
    until(lambda: other.log.age_ns < 200_000_000, "a standby that knows it is up to date")
    assert primary.log.status().register.primary == primary.name


def test_a_primary_that_dies_is_replaced_and_comes_back_with_what_it_acknowledged(
    cluster: LogCluster,
) -> None:
    cluster.start()
    first = cluster.primary()
    cluster.until_in_sync("n1", "n2")
    first.append(b"kept")
    cluster.until_level(1, "n1", "n2")
    cluster.stop(first.name)
    began = time.monotonic()
    second = cluster.primary(other_than=first.name)
    assert time.monotonic() - began < 3
    assert second.append(b"of the second")
    cluster.until_level(2, second.name, "dr1")
    cluster.start(first.name)
    cluster.until_in_sync("n1", "n2")
    second.append(b"of both")
    cluster.until_level(3, "n1", "n2", "dr1")
    assert list(first.journal.scan(1)) == list(second.journal.scan(1))
    assert any("took over" in what for what in second.memberships)


def test_a_deposed_primary_tells_no_alarms_of_a_primary(cluster: LogCluster) -> None:
    cluster.start()
    first = cluster.primary()
    cluster.until_in_sync("n1", "n2")
    other = "n2" if first.name == "n1" else "n1"
    cluster.register.cut_off.add(first.name)
    cluster.network.cut(first.name, other)
    cluster.network.cut(first.name, "dr1")
    until(lambda: bool(first.alarms), "alarms of a primary that hears nobody")
    cluster.primary(other_than=first.name)
    cluster.register.cut_off.clear()
    cluster.network.heal()
    cluster.until_in_sync("n1", "n2")
    until(lambda: first.role == "standby" and not first.alarms, "a quiet standby")


def test_a_tail_that_was_never_acknowledged_is_in_quarantine(cluster: LogCluster) -> None:
    cluster.start()
    first = cluster.primary()
    cluster.until_in_sync("n1", "n2")
    first.append(b"kept")
    cluster.until_level(1, "n1", "n2")
    other = "n2" if first.name == "n1" else "n1"
    cluster.register.cut_off.add(first.name)
    cluster.network.cut(first.name, other)
    cluster.network.cut(first.name, "dr1")
    first.append(b"alone")
    second = cluster.primary(other_than=first.name)
    assert first.log.committed_index == 1  # it could not acknowledge: the other had promised
    second.append(b"other")
    cluster.until_level(2, second.name)
    until(lambda: not first.log.may_serve, "the lease of the old primary to end")
    cluster.register.cut_off.clear()
    cluster.network.heal()
    cluster.until_in_sync("n1", "n2")
    cluster.until_level(2, "n1", "n2")
    assert [entry for _, entry in first.journal.scan(1)] == [b"kept", b"other"]
    (file,) = (cluster.quarantine / first.name).iterdir()
    assert read_quarantine(file).entries == ((2, b"alone"),)


def test_a_planned_switch_moves_the_lead_and_keeps_both_in_sync(cluster: LogCluster) -> None:
    cluster.start()
    first = cluster.primary()
    cluster.until_in_sync("n1", "n2")
    first.append(b"before")
    cluster.until_level(1, "n1", "n2")
    other = "n2" if first.name == "n1" else "n1"
    done, text = first.log.ask("transfer", other, "drill").result(5)
    assert done, text
    second = cluster.primary(other_than=first.name)
    assert second.name == other
    assert not first.append(b"late")
    assert second.append(b"after")
    cluster.until_level(2, "n1", "n2")
    refused, why = first.log.ask("fence", "n3", "no such node").result(6)
    assert not refused
    assert "does not lead" in why


def test_the_lease_ends_with_the_hold_of_a_switch_and_not_with_a_later_tick(
    cluster: LogCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.start("n1", "n2")
    first = cluster.primary()
    cluster.until_in_sync("n1", "n2")
    other = "n2" if first.name == "n1" else "n1"
    journal = cluster.nodes[other].journal
    append, gate = journal.append, threading.Event()

    def wait_and_append(entries: list[tuple[int, bytes]], *, committed: int = 0) -> None:
        assert gate.wait(WAIT_S)
        append(entries, committed=committed)

    assert first.append(b"before")
    cluster.until_level(1, "n1", "n2")
    until(lambda: first.log.may_serve, "a lease")
    monkeypatch.setattr(journal, "append", wait_and_append)
    monkeypatch.setattr(replicator, "TICK_S", WAIT_S)
    time.sleep(0.05)  # the tickers are in their long wait
    assert first.append(b"under way")
    served = first.log.may_serve
    answer = first.log.ask("transfer", other, "drill")
    assert (served, first.log.may_serve) == (True, False)
    assert first.log.is_held
    gate.set()
    done, text = answer.result(5)
    assert done, text
    until(lambda: cluster.nodes[other].role == "primary", "the other one leads")


def test_many_entries_are_caught_up_from_the_journal(cluster: LogCluster) -> None:
    cluster.start("n1", "n2")
    primary = cluster.primary()
    for _ in range(20):
        primary.append(*(b"x" * 100_000 for _ in range(10)))
    cluster.until_level(200, primary.name)
    cluster.start("dr1")
    cluster.until_level(200, "dr1")
    dr1 = cluster.nodes["dr1"]
    assert dr1.journal.last_chain_digest == primary.journal.last_chain_digest
    assert dr1.role == "dr"


def test_dr_is_promoted_by_hand_only_and_begins_a_generation(cluster: LogCluster) -> None:
    cluster.start()
    primary = cluster.primary()
    primary.append(b"one")
    cluster.until_level(1, "dr1")
    dr1 = cluster.nodes["dr1"]
    done, text = dr1.log.promote_dr(force=False).result(5)
    assert not done
    assert "alive" in text
    cluster.stop("n1")
    cluster.stop("n2")
    done, text = dr1.log.promote_dr(force=True).result(5)
    assert done, text
    until(lambda: dr1.role == "primary", "a promoted DR node to lead")
    assert dr1.append(b"of the next generation")
    cluster.until_level(2, "dr1")
    assert dr1.log.register.read().generation == 2
