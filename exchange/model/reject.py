"""Why a command was refused: numbers in blocks per layer, and a text that says what to do.

Room: the numbers, their texts and nothing else. Append only: a number is never changed or reused.
The *order* in which the reasons are checked is the engine's (`engine/reference/ladder.py`).

| block | layer                                   |
|-------|-----------------------------------------|
| 1xx   | session, member, account, kill switches |
| 2xx   | instrument                              |
| 3xx   | order fields and identity               |
| 4xx   | pre-trade risk (RULEBOOK R8)            |
| 5xx   | trading phase                           |
| 6xx   | administration                          |
"""

from __future__ import annotations

from enum import IntEnum


class RejectReason(IntEnum):
    """FIX 103 and 102 with our own finer numbers; the API gives both."""

    UNKNOWN_MEMBER = 101
    MEMBER_DISABLED = 102
    UNKNOWN_ACCOUNT = 103
    ACCOUNT_DISABLED = 104
    UNKNOWN_SESSION = 105
    KILL_SWITCH_ENGAGED = 106

    UNKNOWN_SYMBOL = 201
    INSTRUMENT_RETIRED = 202

    INVALID_CL_ORD_ID = 301
    INVALID_SIDE = 302
    ORD_TYPE_NOT_SUPPORTED = 303
    TIME_IN_FORCE_NOT_SUPPORTED = 304
    INSTRUCTION_NOT_SUPPORTED = 305
    INVALID_STP_MODE = 306
    INVALID_QUANTITY = 307
    QUANTITY_NOT_A_LOT_MULTIPLE = 308
    PRICE_REQUIRED = 309
    PRICE_NOT_ALLOWED = 310
    INVALID_PRICE = 311
    PRICE_NOT_A_TICK_MULTIPLE = 312
    INVALID_EXPIRE_TIME = 313
    INVALID_COMBINATION = 314
    POST_ONLY_WOULD_TAKE = 315
    DUPLICATE_CL_ORD_ID = 316
    UNKNOWN_ORDER = 317
    TOO_LATE = 318
    NOTHING_TO_REPLACE = 319

    BELOW_MIN_ORDER_QTY = 401
    ABOVE_MAX_ORDER_QTY = 402
    ABOVE_MAX_ORDER_NOTIONAL = 403
    PRICE_OUT_OF_BAND = 404

    EXCHANGE_CLOSED = 501
    INSTRUMENT_HALTED = 502
    PHASE_NOT_SUPPORTED = 503
    WRONG_PHASE = 504

    DUPLICATE_REQUEST_ID = 601
    INVALID_REQUEST_ID = 602
    INVALID_SYMBOL = 603
    SYMBOL_EXISTS = 604
    INVALID_NAME = 605
    NAME_EXISTS = 606
    INVALID_FIELD = 607
    OPEN_ORDERS_EXIST = 608
    ALREADY_ENGAGED = 609
    NOT_ENGAGED = 610
    UNKNOWN_TARGET = 611
    NO_CHANGE = 612
    REASON_REQUIRED = 613
    LIMIT_REACHED = 614


TEXT: dict[RejectReason, str] = {
    RejectReason.UNKNOWN_MEMBER: "no such member; an operator adds one with `exctl member add`",
    RejectReason.MEMBER_DISABLED: "the member is disabled; an operator can enable it",
    RejectReason.UNKNOWN_ACCOUNT: "the member has no such account",
    RejectReason.ACCOUNT_DISABLED: "the account is disabled; an operator can enable it",
    RejectReason.UNKNOWN_SESSION: "the session is not open; log on again",
    RejectReason.KILL_SWITCH_ENGAGED: "a kill switch covers this order until it is released",
    RejectReason.UNKNOWN_SYMBOL: "no such instrument; `exctl instrument list` names them",
    RejectReason.INSTRUMENT_RETIRED: "the instrument is retired and takes no orders",
    RejectReason.INVALID_CL_ORD_ID: "cl_ord_id must be 1 to 36 printable ASCII characters",
    RejectReason.INVALID_SIDE: "side must be BUY or SELL",
    RejectReason.ORD_TYPE_NOT_SUPPORTED: "this engine version does not support the order type",
    RejectReason.TIME_IN_FORCE_NOT_SUPPORTED: "this engine version does not support the TIF",
    RejectReason.INSTRUCTION_NOT_SUPPORTED: "this engine version does not support a flag set",
    RejectReason.INVALID_STP_MODE: "unknown self-trade prevention mode",
    RejectReason.INVALID_QUANTITY: "order_qty must be between 1 and 2**40 base units",
    RejectReason.QUANTITY_NOT_A_LOT_MULTIPLE: "order_qty must be a multiple of the lot size",
    RejectReason.PRICE_REQUIRED: "a limit order needs a price",
    RejectReason.PRICE_NOT_ALLOWED: "a market order has no price",
    RejectReason.INVALID_PRICE: "price must be between 1 and 9e18 units of 1e-9",
    RejectReason.PRICE_NOT_A_TICK_MULTIPLE: "price must be a multiple of the tick size",
    RejectReason.INVALID_EXPIRE_TIME: "GTD, and only GTD, needs an expire time in the future",
    RejectReason.INVALID_COMBINATION: "these instructions do not go together",
    RejectReason.POST_ONLY_WOULD_TAKE: "the post-only order would trade on entry",
    RejectReason.DUPLICATE_CL_ORD_ID: "this cl_ord_id was used today with other content",
    RejectReason.UNKNOWN_ORDER: "the member has no such order",
    RejectReason.TOO_LATE: "the order is already filled, canceled, expired or rejected",
    RejectReason.NOTHING_TO_REPLACE: "the replace changes neither quantity nor price",
    RejectReason.BELOW_MIN_ORDER_QTY: "order_qty is below the instrument's minimum",
    RejectReason.ABOVE_MAX_ORDER_QTY: "order_qty is above the instrument's maximum",
    RejectReason.ABOVE_MAX_ORDER_NOTIONAL: "the order's value is above the instrument's maximum",
    RejectReason.PRICE_OUT_OF_BAND: "the price is outside the static band",
    RejectReason.EXCHANGE_CLOSED: "the instrument is closed",
    RejectReason.INSTRUMENT_HALTED: "the instrument is halted: cancel, or replace to reduce",
    RejectReason.PHASE_NOT_SUPPORTED: "this engine version does not support the phase",
    RejectReason.WRONG_PHASE: "the instrument is not in a phase that allows this step",
    RejectReason.DUPLICATE_REQUEST_ID: "this request_id was used today with other content",
    RejectReason.INVALID_REQUEST_ID: "request_id must be 1 to 36 printable ASCII characters",
    RejectReason.INVALID_SYMBOL: "a symbol is 1 to 16 characters of A-Z 0-9 . _ -",
    RejectReason.SYMBOL_EXISTS: "an instrument with this symbol exists",
    RejectReason.INVALID_NAME: "a name is 1 to 32 characters of A-Z a-z 0-9 . _ -",
    RejectReason.NAME_EXISTS: "the name is taken",
    RejectReason.INVALID_FIELD: "a field is out of range; the detail names it",
    RejectReason.OPEN_ORDERS_EXIST: "open orders exist; cancel them first",
    RejectReason.ALREADY_ENGAGED: "the kill switch is already engaged",
    RejectReason.NOT_ENGAGED: "the kill switch is not engaged",
    RejectReason.UNKNOWN_TARGET: "no such session, account, member or instrument",
    RejectReason.NO_CHANGE: "the command changes nothing",
    RejectReason.REASON_REQUIRED: "an operator must give a reason",
    RejectReason.LIMIT_REACHED: "a configured limit of the engine is reached; the detail names it",
}
"""One sentence a reason, complete (a test compares it with the enum)."""
