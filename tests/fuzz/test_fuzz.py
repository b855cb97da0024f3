"""The comparison itself: it repeats, it finds what differs, and what it finds is short."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange.engine.build import BUILT_ENGINES, build_engine
from exchange.engine.native.engine import NativeEngine
from exchange.engine.port import NATIVE, Engine
from exchange.model.batch import EventBatch
from exchange.model.event import Trade
from exchange.model.event_scan import kinds_of
from tests.fuzz import __main__ as fuzz
from tests.fuzz.course import run_course
from tests.fuzz.shorten import shorten
from tests.fuzz.steps import Check, Entry, Step, read_steps, told, write_steps
from tests.fuzz.twins import difference_of

pytestmark = pytest.mark.skipif(
    NATIVE not in BUILT_ENGINES, reason="the native engine is not built: no C++20 compiler"
)
FEW = 1_500
_TRADE = kinds_of(Trade)


class Mistaken(NativeEngine):
    """A native engine that says something else of every trade."""

    def apply(self, entry: bytes) -> bytes:
        batch = super().apply(entry)
        if not EventBatch(batch).of_kinds(_TRADE):
            return batch
        return batch[:-1] + bytes((batch[-1] ^ 1,))


class Forgetful(NativeEngine):
    """A native engine that comes back from a snapshot with another digest of its events."""

    def restore(self, snapshot: bytes) -> None:
        super().restore(snapshot)
        self.apply(b"")
        self.was_restored = True

    def events_digest(self) -> bytes:
        was_restored = getattr(self, "was_restored", False)
        return bytes(16) if was_restored else super().events_digest()


def mistaken(name: str) -> Engine:
    return Mistaken() if name == NATIVE else build_engine(name)


def forgetful(name: str) -> Engine:
    return Forgetful() if name == NATIVE else build_engine(name)


def test_equal_seeds_draw_equal_steps(seed: int) -> None:
    one, other = run_course(seed, FEW), run_course(seed, FEW)
    assert one == other
    assert one.difference == ""
    assert one.commands >= FEW
    assert run_course(seed + 1, FEW).steps != one.steps


def test_a_difference_is_found_and_made_short() -> None:
    run = run_course(1, FEW, mistaken)
    assert run.difference.startswith(("events", "batches"))
    assert run.commands < FEW
    steps = shorten(run.steps, lambda some: bool(difference_of(some, mistaken)))
    assert difference_of(steps, mistaken)
    assert difference_of(steps) == ""
    # Two members, an instrument, an open market, and two orders that meet.
    assert len(steps) <= 8, "\n".join(told(steps))
    assert sum("NewOrder" in line for line in told(steps)) == 2


def test_a_restored_engine_is_compared_too() -> None:
    found = difference_of([Check.NATIVE_RESTORED, Entry(1, ())], forgetful)
    assert found.startswith("events digests")


def test_an_engine_that_raises_differs() -> None:
    class Raising(NativeEngine):
        def apply(self, entry: bytes) -> bytes:
            raise LookupError(f"{len(entry)} bytes")

    def make(name: str) -> Engine:
        return Raising() if name == NATIVE else build_engine(name)

    assert difference_of([Entry(1, ())], make) == "the native engine raised LookupError: 40 bytes"


def test_steps_are_kept_in_files(tmp_path: Path) -> None:
    steps: list[Step] = [*run_course(3, 50).steps, Entry(9, ()), *Check]
    write_steps(tmp_path / "some" / "steps.txt", steps)
    assert read_steps(tmp_path / "some" / "steps.txt") == steps
    (tmp_path / "no").write_text("sometimes\n")
    with pytest.raises(ValueError, match="sometimes"):
        read_steps(tmp_path / "no")


def test_the_command_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz.main(["--commands", "5000", "--first", "7"]) == 0
    assert "seeds 7 to 7" in capsys.readouterr().out
    write_steps(tmp_path / "steps", run_course(3, 50).steps)
    assert fuzz.main(["--replay", str(tmp_path / "steps")]) == 0
    assert fuzz.main(["--seed", "7"]) == 0


def test_what_differs_is_told_and_replayed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "tests.fuzz.__main__.run_course", lambda seed: run_course(seed, FEW, mistaken)
    )
    monkeypatch.setattr(
        "tests.fuzz.__main__.difference_of", lambda steps: difference_of(steps, mistaken)
    )
    assert fuzz.main(["--commands", "1", "--first", "1"]) == 1
    path = Path("var/fuzz/engines-1.txt")
    said = capsys.readouterr().out
    assert f"again: make fuzz REPLAY={path}" in said
    assert fuzz.main(["--replay", str(path)]) == 1
    assert fuzz.main(["--seed", "1"]) == 1
