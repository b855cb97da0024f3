"""Both engines give the same bytes: random commands over the whole command space.

What is drawn and compared is in `tests/fuzz`. `LOCKSTEP_FUZZ_COMMANDS` sets how many commands all
runs together draw (a million unless it is set).
"""

from __future__ import annotations

import os
import random

import pytest

from exchange.engine.build import BUILT_ENGINES
from exchange.engine.port import NATIVE
from exchange.model.codec import encode_command, encode_entry
from exchange.model.command import OpenSession
from tests.fuzz.course import COMMANDS_A_COURSE, Course, run_course
from tests.fuzz.twins import Twins
from tests.recorder import START_NS

pytestmark = pytest.mark.skipif(
    NATIVE not in BUILT_ENGINES, reason="the native engine is not built: no C++20 compiler"
)
RUNS = 40
DAMAGED = 150
COMMANDS = int(os.environ.get("LOCKSTEP_FUZZ_COMMANDS", "1000000"))


@pytest.mark.parametrize("run", range(RUNS))
def test_engines_agree_on_random_commands(run: int, seed: int) -> None:
    """I3, R11.4: equal entries, equal bytes."""
    for number in range(-(-COMMANDS // (RUNS * COMMANDS_A_COURSE))):
        one = (seed + run * RUNS + number) % (1 << 63)
        found = run_course(one, min(COMMANDS, COMMANDS_A_COURSE))
        assert not found.difference, f"{found.difference}; make fuzz SEED={one} makes it short"


def opened(seed: int) -> tuple[Twins, Course]:
    """Twins whose market is open."""
    twins = Twins()
    course = Course(seed, twins)
    for step in course.opening():
        twins.take(step)
    return twins, course


def test_entries_that_are_none_change_nothing() -> None:
    """An entry with any byte changed, cut or out of order is refused alike, and leaves no trace."""
    twins, _ = opened(1)
    index = twins.reference.applied_index + 1
    good = encode_entry(index, 1, START_NS, 1, encode_command(OpenSession(0, "again", "op")))
    bad = [good[:size] for size in range(0, len(good), 3)]
    bad += [good[:at] + bytes((good[at] ^ 1,)) + good[at + 1 :] for at in range(len(good))]
    bad += [encode_entry(index, 1, 5, 0, b"") for index in (0, 3, 1 << 60)]
    bad += [encode_entry(index, 1, 5, 2, good[40:])]
    before = twins.compare()
    for entry in bad:
        assert twins.native.apply(entry) == twins.reference.apply(entry)
    assert twins.compare() == before


def test_a_snapshot_that_is_none_is_refused(seed: int) -> None:
    """Any changed byte of a snapshot is refused by both, and the engine keeps its state."""
    chance = random.Random(seed)
    twins, course = opened(seed)
    for _ in range(30):
        twins.take(course.entry())
    good = twins.compare()
    accepted = 0
    for _ in range(DAMAGED):
        at = chance.randrange(len(good))
        bad = good[:at] + bytes((good[at] ^ (1 << chance.randrange(8)),)) + good[at + 1 :]
        verdicts = []
        for engine in (twins.reference, twins.native):
            try:
                engine.restore(bad)
            except ValueError:
                verdicts.append(False)
            else:
                verdicts.append(True)
                assert engine.snapshot() == bad
                engine.restore(good)
        accepted += verdicts[0]
        assert engine.snapshot() == good
    assert accepted < DAMAGED
