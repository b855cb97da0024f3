"""What an order says beyond price and quantity: its terms (RULEBOOK R3.1, R3.3).

Room: two values, as entered and as changed by a replace. Plain orders have `NO_TERMS` and travel
without them. What goes together is the ladder's to judge (`engine/reference/terms_ladder.py`).
"""

from __future__ import annotations

import msgspec


class OrderTerms(msgspec.Struct, frozen=True, gc=False):
    """Terms of an order; 0 and "" = not given.

    Attributes:
        stop_price: trades at or beyond it trigger a stop (R4.7), 1e-9 quote units. A trailing stop
            that gives none begins `trail` away from the last trade, else the reference price.
        trail: distance of a trailing stop from the best price since entry, >= 1.
        trail_unit: `TrailUnit` of `trail`: 1e-9 quote units, or basis points of that price.
        peg: `PegType` of a PEGGED order.
        peg_offset: signed, 1e-9 quote units, added to the reference.
        peg_limit: worst price a peg may take, 1e-9 quote units (the cap of R3.1).
        display_qty: iceberg tranche, base units (R4.5).
        min_qty: an IOC order executes at least this much, or nothing (R3.3), base units.
        stp_group: narrows self-trade prevention to the member's orders of the same group (R5).
        oco_cl_ord_id: the member's live order that this one is linked to (R3.3).
    """

    stop_price: int = 0
    trail: int = 0
    trail_unit: int = 0
    peg: int = 0
    peg_offset: int = 0
    peg_limit: int = 0
    display_qty: int = 0
    min_qty: int = 0
    stp_group: int = 0
    oco_cl_ord_id: str = ""


NO_TERMS = OrderTerms()


class ChangedTerms(msgspec.Struct, frozen=True, gc=False):
    """Terms that a replace changes; 0 keeps.

    A peg offset may become 0, so `peg_offset_given` says whether `peg_offset` counts.
    """

    stop_price: int = 0
    trail: int = 0
    peg_offset_given: int = 0
    peg_offset: int = 0
    peg_limit: int = 0
    display_qty: int = 0


NOTHING_CHANGED = ChangedTerms()
