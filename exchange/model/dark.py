"""The dark midpoint book of an instrument: its rules, its one command, its events (values only).

Room: the records of the dark book and the one validity check of its rules. Orders of the dark book
are plain orders with `OrderFlag.DARK_BOOK`; what they may be is `engine/reference/dark_ladder.py`.
Nothing here names a member or an open quantity: these events are public.
"""

from __future__ import annotations

import msgspec

from exchange.model.enums import OrderFlag
from exchange.model.units import QTY_MAX

MIN_BLOCK_QTY = 10_000
"""Smallest dark order where an operator sets no other size, base units."""

_DARK_BOOK = OrderFlag.DARK_BOOK.value
CROSS_INTERVAL_MIN_NS = 1_000_000_000
CROSS_INTERVAL_MAX_NS = 86_400_000_000_000


def is_dark(flags: int) -> bool:
    """Whether an order with these flags is in the dark book; both orders of a dark trade are."""
    return flags & _DARK_BOOK != 0


class DarkRules(msgspec.Struct, frozen=True, gc=False):
    """How the dark book of one instrument works.

    An instrument whose rules were never set has `default_dark_rules`: its dark book is closed.

    Attributes:
        instrument_id: whose rules these are.
        is_open: 1 = dark orders are taken.
        is_continuous: 1 = dark orders trade at the midpoint whenever they meet.
        shows_side: 1 = indications tell on which side the interest is.
        min_block_qty: smallest order quantity, and the quantity that an indication stands for,
            base units, 1 .. QTY_MAX.
        cross_interval_ns: time between two crossing sessions, 1 s .. 1 day; 0 = there are none.
    """

    instrument_id: int
    is_open: int
    is_continuous: int
    shows_side: int
    min_block_qty: int
    cross_interval_ns: int

    def fault(self) -> str:
        """Name of the first field that is out of range, or "".

        An open book must have a way to trade: continuously, in crossing sessions, or both.
        """
        interval = self.cross_interval_ns
        trades = self.is_continuous or interval
        checks = (
            ("is_open", self.is_open in (0, 1)),
            ("is_continuous", self.is_continuous in (0, 1)),
            ("shows_side", self.shows_side in (0, 1)),
            ("min_block_qty", 1 <= self.min_block_qty <= QTY_MAX),
            (
                "cross_interval_ns",
                not interval or CROSS_INTERVAL_MIN_NS <= interval <= CROSS_INTERVAL_MAX_NS,
            ),
            ("is_continuous", bool(trades) or not self.is_open),
        )
        return next((name for name, valid in checks if not valid), "")


def default_dark_rules(instrument_id: int) -> DarkRules:
    """The rules of an instrument that was given none: closed, blocks of MIN_BLOCK_QTY."""
    return DarkRules(
        instrument_id=instrument_id,
        is_open=0,
        is_continuous=1,
        shows_side=0,
        min_block_qty=MIN_BLOCK_QTY,
        cross_interval_ns=0,
    )


class SetDarkRules(msgspec.Struct, frozen=True, gc=False):
    """Replaces the dark rules of one instrument; closing the book cancels what rests in it."""

    rules: DarkRules
    request_id: str
    operator: str


class DarkRulesChanged(msgspec.Struct, frozen=True, gc=False):
    """The dark rules of an instrument as they are now."""

    rules: DarkRules


class DarkIndication(msgspec.Struct, frozen=True, gc=False):
    """An indication of interest: open dark orders of one side add up to a block, or no longer do.

    Attributes:
        instrument_id: where.
        side: Side, or 0 where the rules do not tell it: then of either side.
        qty: `min_block_qty`, whatever is open beyond it; 0 = the interest is gone.
    """

    instrument_id: int
    side: int
    qty: int


class DarkCrossed(msgspec.Struct, frozen=True, gc=False):
    """A crossing session was held; its trades stand before. Price 0 = there was no midpoint."""

    instrument_id: int
    price: int
    volume: int


DarkEvent = DarkRulesChanged | DarkIndication | DarkCrossed
