"""One section of the snapshot: a layout, the rows of a state in order, and how a row is put back.

Room: the value that `sections.py` and the chapters' own section files fill in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from exchange.engine.reference.state import State
from exchange.model.layout import Layout


class Section(NamedTuple):
    """One section; `rows` come sorted, `load` takes them in that order."""

    layout: Layout[Any]
    rows: Callable[[State], Iterable[Any]]
    load: Callable[[State, Any], None]
