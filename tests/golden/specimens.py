"""One record of each kind whose every byte tells where it came from.

Room: values only, derived from the tables of `exchange.model.records`: numbers have a different
byte in every place, strings hold the name of their field. So a field that moves, changes its width
or its byte order changes the golden bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from exchange.model.layout import Layout
from exchange.model.records import COMMANDS, EVENTS

WIDTHS = {"u8": 1, "u16": 2, "u32": 4, "u64": 8, "i64": 8, "u128": 16, "i256": 32}


def specimen(layout: Layout[Any], bytes_from: Iterator[int] | None = None) -> Any:
    """The specimen of a layout: 1, 2, 3 ... as bytes through all its numbers."""
    following = bytes_from if bytes_from is not None else count(1)
    nested = iter(layout.nested)
    values: list[Any] = []
    for name, kind in layout.pairs:
        if kind == "record":
            values.append(specimen(next(nested), following))
        elif kind == "list":
            row = next(nested)
            values.append((specimen(row, following), specimen(row, following)))
        elif kind in WIDTHS:
            raw = bytes(next(following) % 251 for _ in range(WIDTHS[kind]))
            values.append(int.from_bytes(raw, "little", signed=kind in {"i64", "i256"}))
        elif kind == "text":
            values.append(f"{name}: ünïcode €")
        else:
            values.append(f"a {name}")
    return layout.record(*values)


COMMAND_SPECIMENS = {layout.record.__name__: specimen(layout) for layout in COMMANDS.values()}
EVENT_SPECIMENS = {layout.record.__name__: specimen(layout) for layout in EVENTS.values()}
