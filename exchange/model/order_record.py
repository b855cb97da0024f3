"""The bytes of an order as events show it: part of the format of the log.

Room: one layout, below `records` and `risk_records`, whose events both hold it.
"""

from __future__ import annotations

from exchange.model.layout import Layout
from exchange.model.order_state import OrderState

ORDER_STATE = Layout(
    OrderState,
    "order_id u64, member_id u32, account_id u32, instrument_id u32, session_id u32, side u8,"
    "ord_type u8, time_in_force u8, stp u8, ord_status u8, flags u16, order_qty i64, cum_qty i64,"
    "leaves_qty i64, price i64, expire_ts_ns u64, cum_notional u128, cl_ord_id id",
)
