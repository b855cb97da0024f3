"""What operators ask: planned switch, fencing, one copy, modes, DR (RELIABILITY 5.1)."""

from __future__ import annotations

import pytest

from replication import effects as e
from replication.timing import MS
from tests.replication.lab import Lab


def pair(mode: str = "continue", dr: tuple[str, ...] = ()) -> Lab:
    return Lab("a", "b", mode=mode, dr=dr).settle()


def test_a_planned_switch_loses_nothing_and_keeps_two_copies() -> None:
    lab = pair()
    entries = lab.write(5)
    began = lab.now
    lab.ask("a", "transfer", "b")
    assert [told.on for told in lab["a"].told if isinstance(told, e.Hold)] == [True, False]
    assert lab.now == began, "nothing waits for a tick"
    assert lab.primary().name == "b"
    assert lab.register.in_sync == {"a": 1, "b": 2}
    lab.run(100)
    assert lab["a"].answers()[-1].ok
    assert lab["a"].drafting
    assert lab["a"].replica.role.role == "standby"
    entries += lab.write(3)
    lab.run(100)
    assert lab["a"].entries() == lab["b"].entries() == entries


def test_a_switch_waits_for_what_is_under_way_and_then_for_no_tick() -> None:
    lab = pair()
    lab.write(1)
    lab["b"].disk_stuck = True
    lab.write(1)
    lab.ask("a", "transfer", "b")
    assert lab["a"].is_holding()
    assert not lab["a"].replica.is_offered
    lab["b"].disk_stuck = False
    lab["b"].flush()
    lab.deliver()
    assert lab.primary().name == "b"
    assert lab["b"].entries() == lab["a"].entries()


def test_the_successor_is_heard_before_the_register_and_commits_without_a_second_question() -> None:
    lab = pair()
    lab.write(3)
    lab.deaf = {"a"}
    lab.ask("a", "transfer", "b")
    assert lab.primary().name == "b"
    assert lab["a"].replica.role.primary == "b"
    index = lab["b"].propose(b"first of the epoch")
    lab.deliver()
    assert lab["b"].replica.committed_index == index


@pytest.mark.parametrize(
    ("target", "why"),
    [("a", "not another member"), ("x", "not another member"), ("d", "not another member")],
)
def test_a_switch_to_no_standby_is_refused(target: str, why: str) -> None:
    lab = pair(dr=("d",))
    lab.ask("a", "transfer", target)
    (answer,) = lab["a"].answers()
    assert not answer.ok
    assert why in answer.text
    assert lab["a"].drafting


def test_a_switch_that_does_not_happen_is_given_up_and_the_primary_goes_on() -> None:
    lab = pair()
    lab.write(2)
    lab["b"].disk_stuck = True
    lab.write(1)
    lab.ask("a", "transfer", "b")
    lab.run(1_100)
    assert not lab["a"].answers()[-1].ok
    assert lab["a"].drafting
    assert lab.primary().name == "a"


def test_no_reads_are_served_while_a_switch_is_under_way() -> None:
    lab = pair()
    lab.write(1)
    assert lab["a"].replica.may_serve(lab.now)
    lab["b"].disk_stuck = True
    lab.write(1)
    lab.ask("a", "transfer", "b")
    assert not lab["a"].replica.may_serve(lab.now)


def test_a_fenced_standby_stays_out_until_it_is_unfenced() -> None:
    lab = pair()
    lab.ask("a", "fence", "b")
    lab.run(200)
    assert lab.register.in_sync == {"a": 1}
    assert lab["b"].replica.role.role == "fenced"
    lab.kill("a")
    lab.run(3_000)
    assert lab.register.primary == "a"
    lab.restart("a")
    lab.run(500)
    lab.ask("a", "unfence", "b")
    lab.link_all()
    lab.run(1_000)
    assert lab.register.in_sync == {"a": 1, "b": 2}


def test_a_primary_does_not_fence_itself() -> None:
    lab = pair()
    lab.ask("a", "fence", "a")
    assert not lab["a"].answers()[-1].ok
    assert lab.register.fenced == {}


def test_a_node_that_led_before_its_restart_does_not_fence_itself() -> None:
    """Simulator seed 36."""
    lab = pair()
    lab.kill("b")
    lab.run(1_500)
    lab.kill("a")
    lab.restart("a")
    lab.ask("a", "fence", "a")
    lab.run(500)
    assert lab.register.fenced == {}
    assert lab.register.primary == "a"


def test_a_standby_takes_over_and_fences_a_primary_in_one_change() -> None:
    lab = pair()
    lab.write(3)
    lab.ask("b", "fence", "a")
    lab.run(200)
    assert lab.register.primary == "b"
    assert lab.register.fenced == {"a": "by hand"}
    assert lab["b"].answers()[-1].ok
    assert lab["a"].replica.role.role == "fenced"


def test_with_pause_one_copy_acknowledges_only_when_an_operator_accepts_it() -> None:
    """Rule 8."""
    lab = pair(mode="pause")
    lab.write(2)
    lab.kill("b")
    lab["a"].propose(b"waits")
    lab.run(3_000)
    assert lab["a"].replica.committed_index == 2
    assert lab.register.in_sync == {"a": 1, "b": 2}
    lab.ask("a", "degrade")
    lab.run(100)
    assert lab["a"].replica.committed_index == 3
    assert lab.register.single_copy_accepted
    lab.restart("b")
    lab.run(500)
    assert lab.register.in_sync == {"a": 1, "b": 2}
    assert not lab.register.single_copy_accepted


def test_with_pause_a_standby_that_took_over_waits_for_a_second_copy() -> None:
    lab = pair(mode="pause")
    lab.write(2)
    lab.kill("a")
    lab.run(500)
    assert lab.primary().name == "b"
    lab["b"].propose(b"waits")
    lab.run(2_000)
    assert lab["b"].replica.committed_index < 3
    lab.restart("a")
    lab.run(500)
    assert lab["b"].replica.committed_index == 3


def test_with_spare_the_dr_node_takes_the_place_before_acknowledgements_go_on() -> None:
    """Rule 8."""
    lab = pair(mode="spare", dr=("d",))
    lab.write(2)
    lab.kill("b")
    lab["a"].propose(b"waits")
    lab.run(2_000)
    assert lab.register.in_sync == {"a": 1, "d": 3}
    assert lab["a"].replica.committed_index == 3
    assert lab["d"].entries()[-1] == b"waits"
    lab.restart("b")
    lab.run(500)
    assert lab.register.in_sync == {"a": 1, "b": 2}


def test_a_mode_is_set_by_the_register() -> None:
    lab = pair()
    lab.ask("a", "set_mode", "pause")
    lab.ask("a", "set_mode", "whatever")
    lab.run(50)
    assert lab.register.on_single_copy == "pause"
    assert [answer.ok for answer in lab["a"].answers()] == [True, False]
    changes = [x for x in lab["a"].told if isinstance(x, e.Membership)]
    assert changes[-1].what == "operator: set_mode pause"


def test_a_request_to_a_node_that_does_not_lead_is_refused() -> None:
    lab = pair()
    lab.ask("b", "degrade")
    assert [answer.ok for answer in lab["b"].answers()] == [False]


def test_dr_follows_with_committed_entries_only() -> None:
    """Rule 7."""
    lab = pair(dr=("d",))
    lab.write(3)
    lab["b"].disk_stuck = True
    lab["a"].propose(b"not committed")
    lab.run(200)
    assert lab["d"].journal.last_index == 3
    assert lab["d"].replica.role.role == "dr"
    lag = lab["a"].replica.status(lab.now).peers[1].lag
    assert lag == (0, 0, 0)


def test_the_lag_of_dr_is_measured() -> None:
    lab = pair(dr=("d",))
    lab.write(2)
    lab.run(50)
    lab["d"].disk_stuck = True
    lab.write(4)
    lab.run(300)
    lag = lab["a"].replica.status(lab.now).peers[1].lag
    assert lag is not None
    assert lag.entries == 4
    assert lag.size == 4 * len(b"entry 3 of a")
    assert 280 * MS <= lag.ns <= 320 * MS
    assert "DR_LAG_d" in lab["a"].replica.status(lab.now).alarms


def test_dr_is_promoted_into_a_new_generation_that_older_nodes_refuse() -> None:
    """Rule 9."""
    lab = pair(dr=("d",))
    lab.write(4)
    lab.run(100)
    d = lab["d"]
    d.perform(d.replica.promote_dr(lab.now, 1, force=False))
    assert not d.answers()[-1].ok
    lab.kill("a")
    lab.kill("b")
    lab.run(3_500)
    bound = d.replica.loss_bound(lab.now)
    assert bound.entries == 0
    assert bound.heard
    assert bound.silent_ns >= 3_000 * MS
    d.perform(d.replica.promote_dr(lab.now, 2, force=False))
    assert d.answers()[-1].ok
    assert d.replica.role.role == "primary"
    assert d.replica.role.epoch > 1_000
    lab.generation = 1
    lab.restart("a")
    lab.run(100)
    assert lab["a"].halted == "GENERATION_OLD"


def test_a_node_comes_back_into_the_new_generation_as_a_new_copy() -> None:
    """Fail-back: its old data moved away, it catches up like any newcomer."""
    lab = pair(dr=("d",))
    entries = lab.write(4)
    lab.run(100)
    lab.kill("a")
    lab.kill("b")
    lab.run(3_500)
    d = lab["d"]
    d.perform(d.replica.promote_dr(lab.now, 1, force=False))
    lab.register = d.replica.register
    lab.restart("b", wiped=True)
    d.perform(d.replica.on_register_health(lab.now, healthy=True))
    lab.run(500)
    assert lab.register.in_sync == {"d": 3, "b": 102}
    assert lab.register.generation == 2
    assert lab["b"].entries() == entries
