"""The machine as a whole: what a cluster of replicas does, told by its rules (RELIABILITY 5.1)."""

from __future__ import annotations

import pytest

from replication import effects as e
from replication.primary import LAZY_BYTES
from replication.replica import NotPrimaryError
from tests.replication.lab import Lab


def settled(*names: str) -> Lab:
    """A cluster that has a primary and everyone in sync."""
    return Lab(*(names or ("a", "b"))).settle()


def write(lab: Lab, count: int) -> list[bytes]:
    """Entries proposed one after another at the primary."""
    return lab.write(count)


def test_the_first_primary_takes_the_other_into_the_in_sync_set() -> None:
    lab = settled()
    assert lab.primary().name == "a"
    assert lab.register.in_sync == {"a": 1, "b": 2}
    assert lab["b"].replica.role.role == "standby"
    assert lab["a"].roles()[-1] == "primary"


def test_what_is_proposed_is_committed_and_reaches_the_standby() -> None:
    lab = settled()
    entries = write(lab, 20)
    assert lab["a"].replica.committed_index == 20
    lab.run(100)
    assert lab["b"].entries() == entries
    assert lab["b"].replica.committed_index == 20


def test_nothing_is_committed_before_the_standby_has_flushed_it() -> None:
    """Rule 1: the ack rule."""
    lab = settled()
    write(lab, 3)
    lab["b"].disk_stuck = True
    write(lab, 2)
    lab.run(100)
    assert lab["a"].journal.last_index == 5
    assert lab["a"].replica.committed_index == 3
    lab["b"].disk_stuck = False
    lab["b"].flush()
    lab.deliver()
    assert lab["a"].replica.committed_index == 5


def test_a_dr_node_is_sent_to_at_ticks_unless_much_waits_for_it() -> None:
    lab = Lab("a", "b", dr=("d",)).settle()
    write(lab, 5)
    lab.run(200)
    behind = lab["d"].journal.last_index
    write(lab, 5)
    assert lab["a"].replica.committed_index == 10
    assert lab["d"].journal.last_index == behind
    lab.run(10)
    assert lab["d"].journal.last_index == 10
    lab["a"].propose(bytes(LAZY_BYTES))
    lab.deliver()
    assert lab["d"].journal.last_index == 11


def test_only_the_primary_of_the_epoch_may_propose() -> None:
    lab = settled()
    with pytest.raises(NotPrimaryError):
        lab["b"].replica.propose(lab.now, 1, 1, b"x")
    with pytest.raises(NotPrimaryError):
        lab["a"].replica.propose(lab.now, 7, 1, b"x")


def test_a_standby_takes_over_when_the_primary_dies() -> None:
    """Rules 3 to 5: a higher epoch, itself alone in sync, and every entry it has."""
    lab = settled()
    entries = write(lab, 5)
    lab.kill("a")
    lab.run(500)
    assert lab.primary().name == "b"
    assert lab.register.in_sync == {"b": 2}
    assert lab["b"].replica.role.epoch > 1
    assert lab["b"].promised == lab.register.epoch
    assert lab["b"].entries() == entries
    assert lab["b"].replica.committed_index == 5


def test_a_deposed_primary_quarantines_its_tail_and_joins_again() -> None:
    """Rule 6."""
    lab = settled()
    write(lab, 3)
    lab.cut("a", "b")
    lab["a"].propose(b"never committed 1")
    lab["a"].propose(b"never committed 2")
    lab.register_up = False
    lab.tell_register(lab["a"])
    lab.register_up = True
    lab.run(600)
    assert lab.register.primary == "b"
    lab.link_all()
    lab.run(200)
    write(lab, 2)
    lab.run(200)
    assert lab["a"].entries() == lab["b"].entries()
    assert b"never committed 1" not in lab["a"].entries()
    assert lab.register.in_sync == {"a": 1, "b": 2}
    cuts = [effect for effect in lab["a"].told if isinstance(effect, e.Truncate)]
    assert [cut.first_removed for cut in cuts] == [4]


def test_a_silent_standby_is_dropped_only_by_the_register() -> None:
    """Rule 2: shrink."""
    lab = settled()
    write(lab, 3)
    lab.kill("b")
    lab["a"].propose(b"waits")
    lab.run(500)
    assert lab["a"].replica.committed_index == 3
    lab.run(1_000)
    assert lab.register.in_sync == {"a": 1}
    assert lab["a"].replica.committed_index == 4


def test_no_member_is_dropped_while_the_outcome_is_unknown() -> None:
    """Rule 2: an unknown outcome means to keep waiting."""
    lab = settled()
    lab.register_up = False
    lab.cut("a", "b", seen=False)
    lab["a"].propose(b"waits")
    lab.run(5_000)
    assert lab["a"].replica.committed_index == 0
    assert lab["b"].replica.role.role == "standby"
    lab.register_up = True
    for node in lab.nodes.values():
        lab.tell_register(node)
    lab.run(2_000)
    assert len([n for n in lab.nodes.values() if n.replica.committed_index]) <= 1


@pytest.mark.parametrize("lag", [1, 300])
def test_a_restarted_standby_catches_up(lag: int) -> None:
    lab = settled()
    write(lab, 5)
    lab.kill("b")
    lab.run(1_500)
    entries = write(lab, lag)
    lab.restart("b")
    lab.run(300)
    assert lab["b"].entries()[5:] == entries
    assert lab.register.in_sync == {"a": 1, "b": 2}


def test_a_wiped_standby_joins_under_its_new_incarnation() -> None:
    lab = settled()
    entries = write(lab, 30)
    lab.kill("b")
    lab.restart("b", wiped=True)
    lab.run(1_500)
    assert lab["b"].entries() == entries
    assert lab.register.in_sync == {"a": 1, "b": 102}


def test_a_wiped_primary_is_not_a_primary_any_more() -> None:
    lab = settled()
    entries = write(lab, 30)
    lab.kill("a")
    lab.restart("a", wiped=True)
    lab.run(1_500)
    assert lab.primary().name == "b"
    assert lab["a"].entries() == entries


def test_a_restarted_cluster_comes_back() -> None:
    lab = settled()
    entries = write(lab, 10)
    lab.kill("a")
    lab.kill("b")
    lab.restart("a")
    lab.restart("b")
    lab.run(1_000)
    assert lab.primary().name == "a"
    assert lab["a"].replica.committed_index == 10
    assert lab["b"].entries() == entries
    assert lab.register.in_sync == {"a": 1, "b": 2}
