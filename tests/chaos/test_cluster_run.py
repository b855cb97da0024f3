"""What a cluster run measures and judges, shown on made-up answers: it must be able to fail."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from chaos.checker import Violation
from chaos.cluster_run import ClusterRun, ClusterSummary, draw
from chaos.fault import NETWORK, SHIM
from chaos.faults import BAD_CLOCKS, BAD_DISKS, FAULTS, KILLS, PARTITIONS
from chaos.history import History
from chaos.probe import Answer, Probe
from chaos.report import cluster_table, content_of, failovers
from chaos.scenarios import SCENARIOS


def probe(*answers: tuple[float, int, str]) -> Probe:
    made = Probe("127.0.0.1:1", "p1", "ABC", History())
    made.answers = [Answer(*answer) for answer in answers]
    return made


def test_a_switch_is_from_the_last_old_answer_to_the_first_new_one() -> None:
    seen = probe((1.0, 3, "n1"), (1.1, 3, "n1"), (1.9, 4, "n2"), (1.3, 3, "n1"), (2.0, 4, "n2"))
    assert seen.switch_s(after=1.2) == pytest.approx(0.6)


def test_there_is_no_switch_before_a_new_leadership_answers() -> None:
    assert probe((1.0, 3, "n1"), (2.0, 3, "n1")).switch_s(after=1.5) is None
    assert probe().switch_s(after=1.0) is None


def test_two_who_acknowledge_in_one_epoch_are_found(tmp_path: Path) -> None:
    run = ClusterRun(tmp_path / "run", 1, lambda _: None)
    run.probe.answers = [Answer(1.0, 3, "n1"), Answer(1.1, 4, "n2"), Answer(1.2, 4, "n2")]
    run.check_leaders()
    assert run.violations == []
    run.probe.answers.append(Answer(1.3, 4, "n1"))
    run.check_leaders()
    assert [one.invariant for one in run.violations] == ["I4"]


def test_faults_are_drawn_from_the_seed_and_each_at_least_once() -> None:
    drawn = draw(7, 30, KILLS)
    assert drawn == draw(7, 30, KILLS) != draw(8, 30, KILLS)
    assert {fault.name for fault in drawn} == set(KILLS)
    assert len(draw(7, 2, KILLS)) == 2


def test_what_needs_more_than_processes_says_so_and_scenarios_need_nothing() -> None:
    assert {name for name in FAULTS if FAULTS[name].needs == NETWORK} == set(PARTITIONS)
    assert {name for name in FAULTS if FAULTS[name].needs == SHIM} == {*BAD_DISKS, *BAD_CLOCKS}
    for scenario in SCENARIOS.values():
        assert not any(fault.needs for fault in scenario.faults)


def test_failovers_are_told_by_what_caused_them() -> None:
    switches: defaultdict[str, list[float]] = defaultdict(list)
    switches["kill_primary"] = [0.2, 0.4, 0.3]
    switches["mute_primary"] = [1.0]
    switches["isolate_primary"] = [1.2]
    summary = ClusterSummary(
        5,
        faults=Counter(kill_primary=3, mute_primary=1, isolate_primary=1),
        switches_s=switches,
        violations=[Violation("I1", "p1-7 was acknowledged and is not in the log")],
        lost=1,
    )
    told = failovers(summary)
    assert told["kill -9"] == {"n": 3, "p50_ms": 300.0, "p99_ms": 400.0, "max_ms": 400.0}
    assert told["silent partition"]["n"] == 2
    assert "planned switch" not in told
    table = cluster_table(summary)
    assert "I1: p1-7 was acknowledged" in table
    assert "p50 300 ms" in table
    content = content_of(summary)
    assert content["violations"] == [
        {"invariant": "I1", "text": "p1-7 was acknowledged and is not in the log"}
    ]
    assert (content["lost"], content["failover"]) == (1, told)
