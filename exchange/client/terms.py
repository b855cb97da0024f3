"""Terms of special orders, as people and programs have them at hand.

Room: one value, and the two messages that it becomes. Prices and quantities are given as everywhere
in the client: int = units, str or Decimal = as people read them; never a float. Which terms go
together is the exchange's to judge.
"""

from __future__ import annotations

from dataclasses import dataclass

from exchange.api.v1.common_pb2 import ChangedTerms, OrderTerms
from exchange.client.api_number import number
from exchange.client.decimals import Number, price_units, quantity_units
from exchange.model.enums import OrdType, PegType, TrailUnit

BASIS_POINTS = "bp"


@dataclass(frozen=True)
class Terms:
    """What an order says beyond price and quantity (RULEBOOK R3.1, R3.3); None = not given.

    Attributes:
        stop: stop price.
        trail: distance of a trailing stop: a price, or basis points as "50bp".
        peg: what a PEGGED order follows: "primary", "market", "midpoint".
        offset: signed, added to what the peg follows.
        cap: worst price of the peg.
        display: tranche of an iceberg.
        min_qty: an IOC order executes at least this much at once, or nothing.
        stp_group: narrows self-trade prevention to the orders of the same group; 0 = none.
        oco: cl_ord_id of the live order that this one is linked to.
    """

    stop: Number | None = None
    trail: Number | None = None
    peg: PegType | str | None = None
    offset: Number | None = None
    cap: Number | None = None
    display: Number | None = None
    min_qty: Number | None = None
    stp_group: int = 0
    oco: str = ""

    def needs_scale(self) -> bool:
        """Whether a quantity is decimal, so that the instrument's decimals must be known."""
        return any(not isinstance(qty, int) for qty in (self.display, self.min_qty) if qty)

    def order_terms(self, qty_decimals: int = 0) -> OrderTerms:
        """For a new order. Raises TypeError for a float, ValueError for what is no number."""
        trail, unit = _trail(self.trail)
        return OrderTerms(
            stop_price=_price(self.stop),
            trail=trail,
            trail_unit=number(unit),
            peg=number(None if self.peg is None else peg_of(self.peg)),
            peg_offset=_price(self.offset),
            peg_limit=_price(self.cap),
            display_qty=_qty(self.display, qty_decimals),
            min_qty=_qty(self.min_qty, qty_decimals),
            stp_group=self.stp_group,
            oco_cl_ord_id=self.oco,
        )

    def changed_terms(self, qty_decimals: int = 0) -> ChangedTerms:
        """For a replace: stop, trail (in the unit that the order has), offset, cap and display.

        Raises:
            TypeError, ValueError: as `order_terms`; also for terms that no replace changes.
        """
        if self.peg is not None or self.min_qty is not None or self.stp_group or self.oco:
            raise ValueError("a replace changes only stop, trail, offset, cap and display")
        return ChangedTerms(
            stop_price=_price(self.stop),
            trail=_trail(self.trail)[0],
            peg_offset=None if self.offset is None else _price(self.offset),
            peg_limit=_price(self.cap),
            display_qty=_qty(self.display, qty_decimals),
        )


def ord_type_of(ord_type: OrdType | str) -> OrdType:
    """An order type by its name, any case, - or _. Raises ValueError naming those there are."""
    if isinstance(ord_type, OrdType):
        return ord_type
    try:
        return OrdType[ord_type.upper().replace("-", "_")]
    except KeyError:
        names = ", ".join(kind.name for kind in OrdType)
        raise ValueError(f"order type {ord_type!r} must be one of {names}") from None


def peg_of(peg: PegType | str) -> PegType:
    """A peg by its name, any case. Raises ValueError naming those there are."""
    if isinstance(peg, PegType):
        return peg
    try:
        return PegType[peg.upper()]
    except KeyError:
        names = ", ".join(kind.name for kind in PegType)
        raise ValueError(f"peg {peg!r} must be one of {names}") from None


def _price(value: Number | None) -> int:
    return 0 if value is None else price_units(value)


def _qty(value: Number | None, qty_decimals: int) -> int:
    return 0 if value is None else quantity_units(value, qty_decimals)


def _trail(value: Number | None) -> tuple[int, TrailUnit | None]:
    if value is None:
        return 0, None
    if isinstance(value, str) and value.endswith(BASIS_POINTS):
        return quantity_units(value.removesuffix(BASIS_POINTS), 0), TrailUnit.BASIS_POINTS
    return price_units(value), TrailUnit.PRICE
