"""The choice of an engine by name.

Room: the one place that knows which implementations there are, and which of them are built here:
the native one is an optional extension. `AUTO` is the native engine where it is built, else the
reference engine; both give the same bytes, so the choice is one of speed alone.
"""

from __future__ import annotations

import importlib.util

from exchange.engine.port import ENGINE_NAMES, REFERENCE, Engine
from exchange.engine.reference.engine import ReferenceEngine
from exchange.errors import OperatorFault
from exchange.model.built_from import OLD, is_stale

AUTO = "auto"
EXTENSION = "exchange.engine.native._core"
NATIVE_SOURCES = ("engine/native/src",)
BUILT_ENGINES: tuple[str, ...] = tuple(
    name
    for name in ENGINE_NAMES
    if name == REFERENCE or importlib.util.find_spec(EXTENSION) is not None
)
"""Names of the engines that this installation can run, the reference engine first."""


def build_engine(name: str) -> Engine:
    """A new engine at genesis.

    Raises:
        OperatorFault: there is no engine of that name, or it is not built here.
    """
    if name == AUTO:
        name = BUILT_ENGINES[-1]
    if name not in ENGINE_NAMES:
        names = ", ".join((AUTO, *ENGINE_NAMES))
        raise OperatorFault(f"no engine is named {name!r}; there are: {names}")
    if name not in BUILT_ENGINES:
        raise OperatorFault(
            f"the {name} engine is not built in this installation: install a C++20 compiler and "
            f"run `make setup` again, or choose engine = {REFERENCE!r}"
        )
    if name == REFERENCE:
        return ReferenceEngine()
    return _native_engine()


def _native_engine() -> Engine:
    from exchange.engine.native import _core  # noqa: PLC0415 - built on some machines only
    from exchange.engine.native.engine import NativeEngine  # noqa: PLC0415

    if is_stale(getattr(_core, "SOURCES_ID", OLD), NATIVE_SOURCES):
        raise OperatorFault(
            "the native engine was built from other sources than those here, and would give other "
            "bytes than the reference engine: run `make setup`"
        )
    return NativeEngine()
