"""The whole command space as a Hypothesis state machine, and in long seeded runs (I3, I5-I7, R11).

`WholeTrader` draws, `WholeJudge` compares. The machine shrinks what fails; the long runs reach what
only a long life brings about, and print the seed when they fail.
"""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from exchange.model import command as c
from exchange.model.codec import EventRecord
from exchange.model.command import CommandKind
from exchange.model.records import COMMANDS
from tests.properties.whole_judge import WholeJudge
from tests.properties.whole_trader import SECOND, WholeTrader
from tests.recorder import buy

RUNS = 4
ENTRIES = 700
EVERY = 23
CHANCES = st.randoms(use_true_random=False)
TIMES = [0, 0, 1, 20, SECOND, 3 * SECOND, 70 * SECOND]


class WholeMachine(RuleBasedStateMachine):
    """Any command at any time; every entry is judged."""

    def __init__(self) -> None:
        super().__init__()
        self.judge = WholeJudge()
        self.trader = WholeTrader(random.Random(0), self.judge.desk, self.judge.audit.trades)

    @rule(chance=CHANCES)
    def send(self, chance: random.Random) -> None:
        self.judge.apply(self.trader.entry(chance))

    @rule(chance=CHANCES, member_id=st.integers(1, 3))
    def send_over_a_session(self, chance: random.Random, member_id: int) -> None:
        self.judge.apply(*over_a_session(self.judge, self.trader.entry(chance), member_id))

    @rule(ns=st.sampled_from(TIMES))
    def let_time_pass(self, ns: int) -> None:
        self.judge.desk.ts_ns += ns
        self.judge.apply([])
        due = self.judge.desk.engine.next_timer_ns()
        assert due is None or due > self.judge.desk.ts_ns

    @rule()
    def restore(self) -> None:
        self.judge.restore()

    def teardown(self) -> None:
        self.judge.assert_same_state()
        self.judge.assert_log_replays()


def over_a_session(
    judge: WholeJudge, commands: list[c.Command], member_id: int
) -> tuple[list[c.Command], int]:
    """The commands of one member's entry with its session, if it has one open and only it acts."""
    members = {getattr(getattr(x, "order", x), "member_id", 0) for x in commands}
    sessions = {owner: number for number, owner in judge.desk.engine.open_sessions()}
    session_id = sessions.get(member_id, 0) if members == {member_id} else 0
    return commands, session_id


TestWholeMachine = WholeMachine.TestCase
TestWholeMachine.settings = settings(max_examples=30, stateful_step_count=40)


class Run:
    """One long seeded run; `told` counts the kinds of its events."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.judge = WholeJudge()
        self.trader = WholeTrader(self.chance, self.judge.desk, self.judge.audit.trades)
        self.told: Counter[str] = Counter()

    def step(self) -> list[EventRecord]:
        """One entry, some time later."""
        judge = self.judge
        judge.desk.ts_ns += self.chance.choice(TIMES)
        commands, session_id = over_a_session(judge, self.trader.entry(), self.chance.randint(1, 3))
        records = judge.apply(commands, session_id)
        self.told.update(type(record.event).__name__ for record in records)
        return records


@pytest.mark.parametrize("number", range(RUNS))
def test_a_long_run_restored_at_every_kth_entry(number: int, seed: int) -> None:
    """R11.4, I8: restored engines agree in every later event and digest, whatever is sent."""
    run = Run(seed + number)
    for step in range(ENTRIES):
        run.step()
        if step % EVERY == 0:
            run.judge.assert_same_state()
            run.judge.restore()
    run.judge.assert_same_state()
    run.judge.assert_log_replays()

    assert {"Trade", "Triggered", "TermsChanged", "Uncrossed"} <= set(run.told)
    assert run.judge.uncrosses.count


def test_every_kind_of_command_is_drawn() -> None:
    judge = WholeJudge()
    trader = WholeTrader(random.Random(0), judge.desk, judge.audit.trades)
    judge.desk.send(buy(3, "there-is-one", 10, 950))
    drawn = {type(command) for _ in range(6_000) for command in trader.entry()}

    assert drawn == {layout.record for layout in COMMANDS.values()}
    assert set(COMMANDS) == set(CommandKind)
