"""An order as events show it.

Room: one frozen value, below `event` and `risk_event`, which both carry it.
"""

from __future__ import annotations

import msgspec


class OrderState(msgspec.Struct, frozen=True, gc=False):
    """An order as it is after the event (R11.2: order_qty = cum_qty + leaves_qty while live).

    `cum_notional` is the sum of last_px * last_qty: avg_px = cum_notional / cum_qty, exactly.
    `order_id` 0 = the order was refused and never got one.
    """

    order_id: int
    member_id: int
    account_id: int
    instrument_id: int
    session_id: int
    side: int
    ord_type: int
    time_in_force: int
    stp: int
    ord_status: int
    flags: int
    order_qty: int
    cum_qty: int
    leaves_qty: int
    price: int
    expire_ts_ns: int
    cum_notional: int
    cl_ord_id: str
