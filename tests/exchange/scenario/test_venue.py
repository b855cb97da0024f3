"""The end of every file finds engines that forget, differ or lose count."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from exchange.engine.build import build_engine
from exchange.engine.port import REFERENCE, DepthView, PositionView
from exchange.engine.reference.engine import ReferenceEngine
from exchange.engine.reference.timers import Timers
from exchange.scenario import MalformedScenario, parse, run, venue
from exchange.scenario.venue import RESTARTS_MAX

STORY = """\
instrument ABC tick=0.01 lot=1
> new m1 A1 ABC buy 10 @ 10.00 expire=+1h
> new m2 B1 ABC sell 4 @ 10.00
< accepted B1
< trade A1 B1 4 @ 10.00
digest equal
"""
EXPIRY = "time +1h\n< expired A1 leaves=6\n"

Build = Callable[[str], ReferenceEngine]


def install(monkeypatch: pytest.MonkeyPatch, build: Build) -> None:
    monkeypatch.setattr(venue, "build_engine", build)


def problems(text: str) -> list[str]:
    return [line for one in run(parse("story.txt", text)).differences for line in one.actual]


def test_a_sound_engine_passes() -> None:
    assert problems(STORY + EXPIRY) == []


def test_a_long_story_is_restarted_a_bounded_number_of_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    restores: list[int] = []

    class Counting(ReferenceEngine):
        def restore(self, snapshot: bytes) -> None:
            restores.append(len(snapshot))
            super().restore(snapshot)

    install(monkeypatch, lambda _: Counting())
    orders = "".join(f"> new m1 A{at} ABC buy 1 @ 1\n" for at in range(3 * RESTARTS_MAX))
    assert problems("instrument ABC tick=1 lot=1\n" + orders) == []
    assert RESTARTS_MAX // 2 < len(restores) <= 2 * RESTARTS_MAX


def test_an_engine_that_forgets_in_its_snapshot_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Forgetful(ReferenceEngine):
        def restore(self, snapshot: bytes) -> None:
            super().restore(snapshot)
            self._state.timers = Timers()

    install(monkeypatch, lambda _: Forgetful())
    found = problems(STORY + EXPIRY)

    assert any("replayed with restarts from snapshots, entry" in line for line in found)


def test_an_engine_that_is_not_deterministic_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []

    class Moody(ReferenceEngine):
        def apply(self, entry: bytes) -> bytes:
            return super().apply(entry if len(built) == 1 else entry[:-1])

    def build(name: str) -> ReferenceEngine:
        built.append(name)
        return Moody()

    install(monkeypatch, build)

    assert any("reference: replayed, entry 1 gives another" in line for line in problems(STORY))


def test_engines_that_differ_are_shown_at_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    class Deaf(ReferenceEngine):
        def apply(self, entry: bytes) -> bytes:
            batch = super().apply(entry)
            return batch if self.applied_index < 6 else super().apply(entry)

    install(monkeypatch, lambda name: Deaf() if name == "deaf" else ReferenceEngine())
    with pytest.raises(MalformedScenario, match=r"line 3: the engines differ: reference gives"):
        run(parse("story.txt", STORY), (REFERENCE, "deaf"))


def test_two_engines_that_agree_pass() -> None:
    assert run(parse("story.txt", STORY), (REFERENCE, REFERENCE)).differences == []


def test_positions_that_do_not_sum_to_zero_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Generous(ReferenceEngine):
        def positions(self, account_id: int) -> list[PositionView]:
            return super().positions(account_id)[:1]

    install(monkeypatch, lambda _: Generous())
    found = problems(STORY)

    assert any("R11.2: positions do not sum to zero" in line for line in found)
    assert any("are not what the trades moved" in line for line in found)


def test_a_book_that_is_not_what_was_published_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Empty(ReferenceEngine):
        def depth(self, instrument_id: int, levels: int) -> DepthView | None:
            return DepthView([], [])

    install(monkeypatch, lambda _: Empty())

    assert any("R11.3" in line for line in problems(STORY))


def test_a_crossed_book_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Crossed(ReferenceEngine):
        def depth(self, instrument_id: int, levels: int) -> DepthView | None:
            depth = super().depth(instrument_id, levels)
            return DepthView(depth.bids, depth.bids) if depth else None

    install(monkeypatch, lambda _: Crossed())

    assert any("R4.9: the book of ABC is crossed" in line for line in problems(STORY))


def test_the_engine_asked_for_is_the_one_built() -> None:
    assert build_engine(REFERENCE).name == REFERENCE
