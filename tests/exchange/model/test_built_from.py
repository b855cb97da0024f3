"""An extension that is older than its sources is found out and does not run."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange.engine import build
from exchange.engine.build import BUILT_ENGINES, NATIVE_SOURCES, build_engine
from exchange.engine.port import NATIVE
from exchange.errors import OperatorFault
from exchange.model import built_from
from exchange.model.built_from import is_stale, sources_id, why_absent


def test_any_change_of_the_sources_makes_an_extension_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(built_from, "ROOT", tmp_path)
    assert not sources_id(["a"])
    (tmp_path / "a").mkdir()
    source = tmp_path / "a" / "one.hpp"
    source.write_text("1")
    identity = sources_id(["a"])

    assert not is_stale(identity, ["a"])
    source.write_text("2")
    assert is_stale(identity, ["a"])
    assert not is_stale("", ["a"])  # not built by setup.py: nothing is known
    assert not is_stale(identity, ["gone"])  # an installed wheel


def test_the_native_engine_here_was_built_from_these_sources() -> None:
    if NATIVE not in BUILT_ENGINES:
        pytest.skip("the native engine is not built: no C++20 compiler")
    assert build_engine(NATIVE).name == NATIVE
    assert sources_id(NATIVE_SOURCES)


def test_a_stale_engine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    if NATIVE not in BUILT_ENGINES:
        pytest.skip("the native engine is not built: no C++20 compiler")
    monkeypatch.setattr(build, "is_stale", lambda *_: True)
    with pytest.raises(OperatorFault, match="make setup"):
        build_engine(NATIVE)


def test_what_is_not_built_says_so_and_for_which_python() -> None:
    assert why_absent("exchange.engine.build") == ""
    assert "cpython" in why_absent("exchange.engine.native._nobody")
