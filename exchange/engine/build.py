"""The choice of an engine by name.

Room: the one place that knows which implementations there are.
"""

from __future__ import annotations

from exchange.engine.port import ENGINE_NAMES, NATIVE, REFERENCE, Engine
from exchange.engine.reference.engine import ReferenceEngine
from exchange.errors import OperatorFault


def build_engine(name: str) -> Engine:
    """A new engine at genesis.

    Raises:
        OperatorFault: there is no engine of that name.
    """
    if name == REFERENCE:
        return ReferenceEngine()
    if name == NATIVE:
        from exchange.engine.native.engine import NativeEngine

        return NativeEngine()
    raise OperatorFault(f"no engine is named {name!r}; there are: {', '.join(ENGINE_NAMES)}")
