"""What queries show of a dark book (port: `exchange.engine.port`).

Room: one view. Never a quantity that is open, and nobody's name.
"""

from __future__ import annotations

from typing import NamedTuple

from exchange.model.dark import DarkIndication, DarkRules


class DarkView(NamedTuple):
    """The dark book of one instrument as anyone may see it.

    `next_cross_ts_ns`: when the next crossing session is held, 0 = none is on the agenda.
    `indications`: those that stand now.
    """

    rules: DarkRules
    next_cross_ts_ns: int
    indications: list[DarkIndication]
