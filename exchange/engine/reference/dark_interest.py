"""Indications of interest: what the market is told of a dark book.

Room: one comparison at the end of a command. There is an indication where the open quantity of a
side (of either side, where the rules do not tell which) is a block or more; it always stands for
exactly one block, `min_block_qty`, and names nobody. Orders count whatever their limit and minimum
quantity, so that an indication betrays neither; it is an invitation, not a quote.
"""

from __future__ import annotations

from exchange.engine.reference.dark_book import EITHER_SIDE, DarkBook
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.state import State
from exchange.model.dark import DarkIndication
from exchange.model.enums import Side

_SIDES = (EITHER_SIDE, Side.BUY.value, Side.SELL.value)


def publish_interest(state: State, out: Emitter) -> None:
    """Tell what has changed in the dark books that the command touched; they are then settled."""
    for instrument_id, dark in sorted(state.dark_touched.items()):
        indicated = _interest(dark)
        for side in _SIDES:
            qty = indicated.get(side, 0)
            if qty != dark.indicated.get(side, 0):
                out.emit(DarkIndication(instrument_id, side, qty))
        dark.indicated = indicated
    state.dark_touched.clear()


def _interest(dark: DarkBook) -> dict[int, int]:
    block = dark.rules.min_block_qty
    sides = [side.side for side in (dark.bids, dark.offers) if side.open_qty >= block]
    if sides and not dark.rules.shows_side:
        sides = [EITHER_SIDE]
    return dict.fromkeys(sides, block)
