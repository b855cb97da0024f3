"""The snapshot's sections about dark books (`dark_book.py`).

Room: rows, layouts and both directions. They stand last: a place in the queue needs the order's
limit, and with it what `risk_sections.py` puts back. A book whose rules were never set has no row:
it is empty. Places are numbered anew; only their order counts.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from exchange.engine.reference.dark_book import EITHER_SIDE
from exchange.engine.reference.section import Section
from exchange.engine.reference.state import State
from exchange.model.dark import DarkRules, default_dark_rules
from exchange.model.enums import Side
from exchange.model.layout import Layout
from exchange.model.records import DARK_RULES

_SIDES = (EITHER_SIDE, Side.BUY.value, Side.SELL.value)


class DarkBookRow(msgspec.Struct, frozen=True, gc=False):
    """One dark book without its orders."""

    rules: DarkRules
    tried_price: int
    cross_ns: int
    indicated_qty: int
    indicated_buy_qty: int
    indicated_sell_qty: int


class DarkPlaceRow(msgspec.Struct, frozen=True, gc=False):
    """One place in a dark queue, both sides in one order."""

    order_id: int


DARK_BOOK_ROW = Layout(
    DarkBookRow,
    "rules record, tried_price i64, cross_ns u64, indicated_qty i64, indicated_buy_qty i64,"
    "indicated_sell_qty i64",
    DARK_RULES,
)
DARK_PLACE_ROW = Layout(DarkPlaceRow, "order_id u64")


def _book_rows(state: State) -> Iterable[DarkBookRow]:
    for instrument_id, listing in sorted(state.listings.items()):
        dark = listing.dark
        if dark.rules != default_dark_rules(instrument_id):
            indicated = [dark.indicated.get(side, 0) for side in _SIDES]
            yield DarkBookRow(dark.rules, dark.tried_price, dark.cross_ns, *indicated)


def _load_book(state: State, row: DarkBookRow) -> None:
    dark = state.listings[row.rules.instrument_id].dark
    dark.rules, dark.cross_ns, dark.tried_price = row.rules, row.cross_ns, row.tried_price
    quantities = (row.indicated_qty, row.indicated_buy_qty, row.indicated_sell_qty)
    dark.indicated = {side: qty for side, qty in zip(_SIDES, quantities, strict=True) if qty}


def _place_rows(state: State) -> Iterable[DarkPlaceRow]:
    for _, listing in sorted(state.listings.items()):
        for order in listing.dark.by_place():
            yield DarkPlaceRow(order.order_id)


def _load_place(state: State, row: DarkPlaceRow) -> None:
    order = state.orders[row.order_id]
    state.listings[order.instrument_id].dark.add(order)


DARK_SECTIONS: tuple[Section, ...] = (
    Section(DARK_PLACE_ROW, _place_rows, _load_place),
    Section(DARK_BOOK_ROW, _book_rows, _load_book),
)
