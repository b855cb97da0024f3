"""The choice of the order codec by name.

Room: the one place that knows which implementations there are, and which of them are built here:
the native one is an optional extension. `AUTO` is the native codec where it is built, else the
Python codec; both give the same bytes, so the choice is one of speed alone.
"""

from __future__ import annotations

import importlib.util
import logging

from exchange.errors import OperatorFault
from exchange.gateway.order_codec import PYTHON, OrderCodec, PythonOrderCodec
from exchange.model.built_from import OLD, is_stale

log = logging.getLogger("lockstep.gateway")

AUTO = "auto"
NATIVE = "native"
_EXTENSION = "exchange.gateway.native._codec"
NATIVE_SOURCES = ("gateway/native/src", "engine/native/src")
BUILT_CODECS: tuple[str, ...] = (
    (PYTHON,) if importlib.util.find_spec(_EXTENSION) is None else (PYTHON, NATIVE)
)
"""Names of the codecs that this installation can run, the Python codec first."""


def build_codec(name: str) -> OrderCodec:
    """A codec by its name, which is logged.

    Raises:
        OperatorFault: there is no codec of that name, or it is not built here.
    """
    chosen = BUILT_CODECS[-1] if name == AUTO else name
    if chosen not in {PYTHON, NATIVE}:
        raise OperatorFault(f"no codec is named {name!r}; there are: {AUTO}, {PYTHON}, {NATIVE}")
    if chosen not in BUILT_CODECS:
        raise OperatorFault(
            f"the {name} codec is not built in this installation: install a C++20 compiler and "
            f"run `make setup` again, or choose codec = {PYTHON!r}"
        )
    log.info("order codec: %s", chosen)
    if chosen == PYTHON:
        return PythonOrderCodec()
    return _native_codec()


def _native_codec() -> OrderCodec:
    from exchange.gateway.native import _codec  # noqa: PLC0415 - built on some machines only
    from exchange.gateway.native.codec import NativeOrderCodec  # noqa: PLC0415

    if is_stale(getattr(_codec, "SOURCES_ID", OLD), NATIVE_SOURCES):
        raise OperatorFault(
            "the native codec was built from other sources than those here: run `make setup`"
        )
    return NativeOrderCodec()
